/* The file for Exim's own dkim_* options: which keys it names, and that it is replaced only when it changes. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/ops/exim_file.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (16 * 1024 * 1024)
#define DOMAIN "example.org"

static char dir[64];
static struct mv_arena *arena;
static struct mv_key_store *store;
static struct mv_config *config;

static const char *path_of(const char *name)
{
    static char path[4][200];
    static unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static void begin(void)
{
    struct mv_error error = {MV_OK, ""};
    char text[500];

    strcpy(dir, "/tmp/mv-exim-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    arena = mv_arena_new(MAX_BYTES);
    snprintf(text, sizeof text, "[sign]\nhost = mx1\nkeys_directory = %s/keys\nexim_keys = %s/state/exim-dkim\n"
             "domains = " DOMAIN ", other.example\n", dir, dir);
    ck_assert_msg(mv_config_read_text(mv_bytes_str(text), "t", &config, &error) == MV_OK, "%s", error.text);
    ck_assert_int_eq(mv_key_store_open(path_of("keys"), &store), MV_OK);
}

static void end(void)
{
    char command[200];

    mv_config_free(&config);
    mv_key_store_close(&store);
    mv_arena_free(&arena);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void add(const char *selector, const char *host, enum mv_key_type type, enum mv_key_state state,
                enum mv_key_sight sight, int64_t active_secs)
{
    struct mv_key_entry entry = {
        .domain = MV_BYTES(DOMAIN), .selector = mv_bytes_str(selector), .host = mv_bytes_str(host), .type = type,
        .state = state, .created_secs = 1, .published_secs = 1, .usable_secs = 1, .active_secs = active_secs,
        .retiring_secs = 1, .revoked_secs = 1, .sight = sight, .sight_secs = 1,
    };
    struct mv_error error = {MV_OK, ""};
    struct mv_private_key *key;

    ck_assert_int_eq(mv_private_key_generate(type, 1024, &key), MV_OK);
    entry.bits = mv_private_key_bits(key);
    ck_assert_int_eq(mv_key_store_lock(store, entry.domain, 0, &error), MV_OK);
    ck_assert_msg(mv_key_store_add(store, &entry, key, &error) == MV_OK, "%s", error.text);
    mv_key_store_unlock(store);
    mv_private_key_free(&key);
}

static void refresh(void)
{
    struct mv_error error = {MV_OK, ""};

    ck_assert_msg(mv_exim_file_refresh(arena, mv_config_settings(config), store, &error) == MV_OK, "%s", error.text);
}

static void assert_file(const char *domain_line, const char *other_line)
{
    char text[2000] = "", expected[2000];
    FILE *file = fopen(path_of("state/exim-dkim"), "r");

    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    snprintf(expected, sizeof expected,
             "# Written by \"mailvouch key auto\", and replaced whole; see mailvouch-key(1).\n%s directory=%s/keys/" DOMAIN
             "\n%s directory=%s/keys/other.example\n", domain_line, dir, other_line, dir);
    ck_assert_str_eq(text, expected);
}

#define NO_OTHER "other.example: domain=other.example selectors=none"

START_TEST(test_keys)
{
    struct stat st;

    begin();
    refresh();
    assert_file(DOMAIN ": domain=" DOMAIN " selectors=none", NO_OTHER);
    add("b-old", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 100);
    add("a-e", "mx1", MV_KEY_ED25519, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 100);
    refresh();
    assert_file(DOMAIN ": domain=" DOMAIN " selectors=b-old:a-e", NO_OTHER);
    add("a-new", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 200);
    add("c-gone", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_MISSING, 300);
    add("d-other", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_OTHER, 300);
    add("e-unseen", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_UNKNOWN, 300);
    add("f-host", "mx2", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 300);
    add("g-created", "mx1", MV_KEY_RSA, MV_KEY_CREATED, MV_SIGHT_SHOWN, 0);
    add("h-published", "mx1", MV_KEY_RSA, MV_KEY_PUBLISHED, MV_SIGHT_SHOWN, 0);
    add("i-retiring", "mx1", MV_KEY_RSA, MV_KEY_RETIRING, MV_SIGHT_SHOWN, 400);
    add("j-revoked", "mx1", MV_KEY_RSA, MV_KEY_REVOKED, MV_SIGHT_SHOWN, 400);
    refresh();
    assert_file(DOMAIN ": domain=" DOMAIN " selectors=a-new:a-e", NO_OTHER);
    ck_assert(stat(path_of("state/exim-dkim"), &st) == 0 && (st.st_mode & 07777) == MV_EXIM_FILE_MODE);
    end();
}
END_TEST

START_TEST(test_replaced_only_when_it_changes)
{
    struct stat before, after;

    begin();
    refresh();
    ck_assert_int_eq(stat(path_of("state/exim-dkim"), &before), 0);
    refresh();
    ck_assert_int_eq(stat(path_of("state/exim-dkim"), &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    add("s1", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 100);
    refresh();
    assert_file(DOMAIN ": domain=" DOMAIN " selectors=s1", NO_OTHER);
    end();
}
END_TEST

/* A domain whose keys cannot be read gets no keys, and stops no other. */
START_TEST(test_broken_domain)
{
    FILE *file;

    begin();
    add("s1", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 100);
    file = fopen(path_of("keys/" DOMAIN "/s2.state"), "w");
    ck_assert(file != NULL && fputs("junk\n", file) >= 0 && fclose(file) == 0);
    refresh();
    assert_file(DOMAIN ": domain=" DOMAIN " selectors=none", NO_OTHER);
    end();
}
END_TEST

START_TEST(test_cannot_be_written)
{
    struct mv_error error = {MV_OK, ""};

    begin();
    ck_assert(mkdir(path_of("state"), 0777) == 0 && chmod(path_of("state"), 0777) == 0);
    ck_assert_int_eq(mv_exim_file_refresh(arena, mv_config_settings(config), store, &error), MV_ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.text, "chmod go-w"));
    end();
}
END_TEST

START_TEST(test_no_file)
{
    struct mv_settings settings;
    struct mv_error error = {MV_OK, ""};

    begin();
    settings = *mv_config_settings(config);
    settings.exim_keys = (struct mv_bytes){NULL, 0};
    ck_assert_int_eq(mv_exim_file_refresh(arena, &settings, store, &error), MV_OK);
    ck_assert_int_ne(access(path_of("state"), F_OK), 0);
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_keys, test_replaced_only_when_it_changes, test_broken_domain,
                                  test_cannot_be_written, test_no_file};

    return unit_run("exim_file", tests, sizeof tests / sizeof *tests);
}
