/* The key store on disk: what is there, who may have written it, and writers that are killed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/keys/store.h"
#include "tests/unit/unit.h"

#define NOBODY 65534
#define MAX_BYTES (4 * 1024 * 1024)
#define DOMAIN "example.org"

static char dir[64];
static struct mv_arena *arena;
static struct mv_key_store *store;
static struct mv_error error;

static const char *path_of(const char *name)
{
    static char path[4][300];
    static unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static void begin(void)
{
    strcpy(dir, "/tmp/mv-keys-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    arena = mv_arena_new(MAX_BYTES);
    ck_assert_int_eq(mv_key_store_open(path_of("keys"), &store), MV_OK);
    mv_error_clear(&error);
}

static void end(void)
{
    char command[200];

    mv_key_store_close(&store);
    mv_arena_free(&arena);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static struct mv_key_entry entry_of(const char *selector)
{
    return (struct mv_key_entry){
        .domain = MV_BYTES(DOMAIN),
        .selector = mv_bytes_str(selector),
        .host = MV_BYTES("mx1"),
        .type = MV_KEY_ED25519,
        .bits = 256,
        .state = MV_KEY_CREATED,
        .created_secs = 1000,
    };
}

static void lock(void)
{
    ck_assert_msg(mv_key_store_lock(store, MV_BYTES(DOMAIN), 0, &error) == MV_OK, "%s", error.text);
}

static enum mv_code add(const char *selector)
{
    struct mv_key_entry entry = entry_of(selector);
    struct mv_private_key *key;
    enum mv_code code;

    ck_assert_int_eq(mv_private_key_generate(MV_KEY_ED25519, 0, &key), MV_OK);
    code = mv_key_store_add(store, &entry, key, &error);
    mv_private_key_free(&key);
    return code;
}

/* With one key, and the lock given back. */
static void begin_with_key(const char *selector)
{
    begin();
    lock();
    ck_assert_msg(add(selector) == MV_OK, "%s", error.text);
    mv_key_store_unlock(store);
}

static struct mv_key_entries list(void)
{
    struct mv_key_entries entries;

    ck_assert_msg(mv_key_store_list(store, arena, MV_BYTES(DOMAIN), &entries, &error) == MV_OK, "%s", error.text);
    return entries;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(path_of(name), "w");

    ck_assert_msg(file != NULL, "%s: %s", path_of(name), strerror(errno));
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path_of(name), mode), 0);
}

static mode_t mode_of(const char *name)
{
    struct stat st;

    ck_assert_msg(lstat(path_of(name), &st) == 0, "%s: %s", name, strerror(errno));
    return st.st_mode & 07777;
}

START_TEST(test_nothing_there)
{
    const struct mv_bytes *domains;
    size_t count;

    begin();
    ck_assert_int_eq(list().count, 0);
    ck_assert_int_eq(mv_key_store_domains(store, arena, &domains, &count, &error), MV_OK);
    ck_assert_int_eq(count, 0);
    end();
}
END_TEST

START_TEST(test_add_list_load)
{
    struct mv_private_key *key;
    struct mv_key_entries entries;
    const struct mv_bytes *domains;
    size_t count;
    mode_t before = umask(0);

    begin();
    lock();
    ck_assert_msg(add("mx1-20261123-r") == MV_OK, "%s", error.text);
    ck_assert_int_eq(add("mx1-20261123-e"), MV_OK);
    ck_assert_int_eq(mkdir(path_of("keys/Not_normal"), 0750), 0);
    ck_assert_int_eq(mkdir(path_of("keys/other.example"), 0750), 0);
    write_file("keys/a.file", "", 0644);
    write_file("keys/" DOMAIN "/README", "", 0644);
    write_file("keys/" DOMAIN "/mx1-20261123-r.state~", "junk", 0644);
    write_file("keys/" DOMAIN "/.new-mx1-20261123-r.state", "junk", 0644);
    entries = list();
    ck_assert_int_eq(entries.count, 2);
    ck_assert(mv_bytes_equal(entries.items[0].selector, MV_BYTES("mx1-20261123-e")));
    ck_assert(mv_bytes_equal(entries.items[1].selector, MV_BYTES("mx1-20261123-r")));
    ck_assert(!entries.items[0].interrupted && entries.items[0].has_key && entries.items[0].created_secs == 1000);
    ck_assert_msg(mv_key_store_load(store, &entries.items[0], &key, &error) == MV_OK, "%s", error.text);
    ck_assert_int_eq(mv_private_key_type(key), MV_KEY_ED25519);
    mv_private_key_free(&key);
    ck_assert_int_eq(mv_key_store_domains(store, arena, &domains, &count, &error), MV_OK);
    ck_assert_int_eq(count, 2);
    ck_assert(mv_bytes_equal(domains[0], MV_BYTES(DOMAIN)) && mv_bytes_equal(domains[1], MV_BYTES("other.example")));
    ck_assert_int_eq(mode_of("keys"), 0750);
    ck_assert_int_eq(mode_of("keys/" DOMAIN), 0750);
    ck_assert_int_eq(mode_of("keys/" DOMAIN "/mx1-20261123-r.pem"), 0640);
    ck_assert_int_eq(mode_of("keys/" DOMAIN "/mx1-20261123-r.state"), 0640);
    umask(before);
    end();
}
END_TEST

START_TEST(test_selector_is_never_used_again)
{
    struct mv_key_entry revoked = entry_of("s1");
    struct mv_private_key *key;

    begin_with_key("s1");
    lock();
    ck_assert_int_eq(add("s1"), MV_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "never used again"));
    ck_assert_int_eq(mv_key_store_destroy_key(store, &revoked, &error), MV_ERR_USAGE);
    revoked.state = MV_KEY_REVOKED;
    revoked.revoked_secs = 2000;
    ck_assert_int_eq(mv_key_store_update(store, &revoked, &error), MV_OK);
    ck_assert_int_eq(mv_key_store_destroy_key(store, &revoked, &error), MV_OK);
    ck_assert_int_eq(mv_key_store_destroy_key(store, &revoked, &error), MV_OK);
    ck_assert_int_ne(access(path_of("keys/" DOMAIN "/s1.pem"), F_OK), 0);
    ck_assert_int_eq(add("s1"), MV_ERR_USAGE);
    ck_assert(list().items[0].state == MV_KEY_REVOKED && !list().items[0].has_key);
    ck_assert_int_eq(mv_key_store_load(store, &revoked, &key, &error), MV_ERR_IO);
    ck_assert_ptr_null(key);
    end();
}
END_TEST

START_TEST(test_update)
{
    struct mv_key_entry entry = entry_of("s1"), other = entry_of("s2");

    begin_with_key("s1");
    entry.state = MV_KEY_ACTIVE;
    entry.active_secs = 3000;
    entry.sight = MV_SIGHT_SHOWN;
    ck_assert_int_eq(mv_key_store_update(store, &entry, &error), MV_ERR_USAGE); /* without the lock */
    lock();
    ck_assert_int_eq(mv_key_store_update(store, &other, &error), MV_ERR_USAGE);
    ck_assert_int_eq(mv_key_store_update(store, &entry, &error), MV_OK);
    ck_assert(list().items[0].state == MV_KEY_ACTIVE && list().items[0].active_secs == 3000);
    entry.active_secs = 0;
    ck_assert_int_eq(mv_key_store_update(store, &entry, &error), MV_ERR_USAGE);
    ck_assert_int_eq(list().items[0].active_secs, 3000);
    end();
}
END_TEST

START_TEST(test_names_that_are_refused)
{
    static const char *const selectors[] = {"", "..", "../x", "a/b", "A", "a..b", "a b", "-\n"};
    static const char *const domains[] = {"", ".", "..", "../etc", "a/b", "Example.org", "example.org."};

    begin();
    lock();
    for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++)
        ck_assert_msg(add(selectors[i]) == MV_ERR_USAGE, "selector '%s' was taken", selectors[i]);
    mv_key_store_unlock(store);
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
        struct mv_key_entries entries;

        ck_assert_msg(mv_key_store_lock(store, mv_bytes_str(domains[i]), 0, &error) == MV_ERR_USAGE,
                      "domain '%s' was taken", domains[i]);
        ck_assert_int_eq(mv_key_store_list(store, arena, mv_bytes_str(domains[i]), &entries, &error), MV_ERR_USAGE);
    }
    end();
}
END_TEST

START_TEST(test_lock)
{
    struct mv_key_store *second;
    int status = 0;

    begin();
    lock();
    ck_assert_int_eq(mv_key_store_lock(store, MV_BYTES(DOMAIN), 0, &error), MV_ERR_USAGE);
    ck_assert_int_eq(mv_key_store_open(mv_key_store_directory(store), &second), MV_OK);
    ck_assert_int_eq(mv_key_store_lock(second, MV_BYTES(DOMAIN), 120, &error), MV_ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(error.text, "another process"));
    ck_assert_int_eq(mv_key_store_lock(second, MV_BYTES("other.example"), 0, &error), MV_OK);
    mv_key_store_unlock(second);
    mv_key_store_unlock(store);
    if (fork() == 0) /* ends without giving it back */
        _exit(mv_key_store_lock(second, MV_BYTES(DOMAIN), 0, &error));
    ck_assert(wait(&status) > 0 && status == 0);
    ck_assert_int_eq(mv_key_store_lock(second, MV_BYTES(DOMAIN), 0, &error), MV_OK);
    mv_key_store_close(&second);
    mv_key_store_close(&second);
    end();
}
END_TEST

START_TEST(test_interrupted)
{
    struct mv_key_entries entries;

    begin_with_key("s1");
    ck_assert_int_eq(unlink(path_of("keys/" DOMAIN "/s1.state")), 0);
    entries = list();
    ck_assert_int_eq(entries.count, 1);
    ck_assert(entries.items[0].interrupted && entries.items[0].state == MV_KEY_CREATED);
    ck_assert(mv_bytes_equal(entries.items[0].selector, MV_BYTES("s1")));
    ck_assert(mv_bytes_equal(entries.items[0].domain, MV_BYTES(DOMAIN)));
    lock();
    ck_assert_int_eq(add("s1"), MV_ERR_USAGE);
    ck_assert_int_eq(mv_key_store_destroy_key(store, &entries.items[0], &error), MV_OK);
    ck_assert_int_eq(list().count, 0);
    end();
}
END_TEST

/* What the administrator does to the files, and what is then said of it. */
enum deed { MODE, OWNER, LINK, DIRECTORY, FIFO, REPLACE, REMOVE };

struct tampering {
    const char *name;
    const char *path;
    enum deed deed;
    mode_t mode;
    const char *text;
    enum mv_code code;
    const char *says;
};

#define PEM "keys/" DOMAIN "/s1.pem"
#define STATE "keys/" DOMAIN "/s1.state"

static const struct tampering loads[] = {
    {"as made", PEM, MODE, 0640, NULL, MV_OK, NULL},
    {"for the owner alone", PEM, MODE, 0600, NULL, MV_OK, NULL},
    {"everybody may read it", PEM, MODE, 0644, NULL, MV_ERR_CONFIG, "everybody may read this private key"},
    {"everybody may search it", PEM, MODE, 0641, NULL, MV_ERR_CONFIG, "everybody may read this private key"},
    {"the group may write it", PEM, MODE, 0660, NULL, MV_ERR_CONFIG, "chmod go-w"},
    {"everybody may write it", PEM, MODE, 0642, NULL, MV_ERR_CONFIG, "chmod go-w"},
    {"a stranger's file", PEM, OWNER, 0, NULL, MV_ERR_CONFIG, "belongs to user number 65534"},
    {"a symbolic link", PEM, LINK, 0, NULL, MV_ERR_CONFIG, "is a symbolic link"},
    {"a directory", PEM, DIRECTORY, 0, NULL, MV_ERR_CONFIG, "is not a plain file"},
    {"a FIFO", PEM, FIFO, 0, NULL, MV_ERR_CONFIG, "is not a plain file"},
    {"no file", PEM, REMOVE, 0, NULL, MV_ERR_IO, "No such file"},
    {"an empty file", PEM, REPLACE, 0, "", MV_ERR_CONFIG, "bring it back from a backup"},
    {"junk", PEM, REPLACE, 0, "junk\n", MV_ERR_CONFIG, "is no private key that can be used"},
    {"a directory that the group may write", "keys/" DOMAIN, MODE, 0770, NULL, MV_ERR_CONFIG, "chmod go-w"},
    {"a directory that all may write", "keys/" DOMAIN, MODE, 0757, NULL, MV_ERR_CONFIG, "chmod go-w"},
    {"a directory above that all may write", "keys", MODE, 01777, NULL, MV_ERR_CONFIG, "chmod go-w"},
    {"a directory that all may read", "keys/" DOMAIN, MODE, 0755, NULL, MV_OK, NULL},
};

static const struct tampering lists[] = {
    {"as made", STATE, MODE, 0640, NULL, MV_OK, NULL},
    {"everybody may read it", STATE, MODE, 0644, NULL, MV_OK, NULL},
    {"the group may write it", STATE, MODE, 0660, NULL, MV_ERR_CONFIG, "chmod go-w"},
    {"everybody may write it", STATE, MODE, 0666, NULL, MV_ERR_CONFIG, "chmod go-w"},
    {"a symbolic link", STATE, LINK, 0, NULL, MV_ERR_CONFIG, "is a symbolic link"},
    {"a directory", STATE, DIRECTORY, 0, NULL, MV_ERR_CONFIG, "is not a plain file"},
    {"a FIFO", STATE, FIFO, 0, NULL, MV_ERR_CONFIG, "is not a plain file"},
    {"an empty file", STATE, REPLACE, 0, "", MV_ERR_CONFIG, "has no line for domain"},
    {"junk", STATE, REPLACE, 0, "junk\n", MV_ERR_CONFIG, "line 1: is none that belongs there"},
    {"a key of another name", STATE, REPLACE, 0,
     "domain = example.org\nselector = s2\nhost = mx1\ntype = ed25519\nbits = 256\nstate = created\ncreated = 1\n"
     "published = 0\nusable = 0\nactive = 0\nretiring = 0\nrevoked = 0\ncache = 0\nsight = shown\nsight_at = 0\n",
     MV_ERR_CONFIG, "speaks of another key"},
    {"a key of another domain", STATE, REPLACE, 0,
     "domain = example.net\nselector = s1\nhost = mx1\ntype = ed25519\nbits = 256\nstate = created\ncreated = 1\n"
     "published = 0\nusable = 0\nactive = 0\nretiring = 0\nrevoked = 0\ncache = 0\nsight = shown\nsight_at = 0\n",
     MV_ERR_CONFIG, "speaks of another key"},
    {"a directory that is a link", "keys/" DOMAIN, LINK, 0, NULL, MV_ERR_CONFIG, "a symbolic link is not followed"},
};

static void tamper(const struct tampering *row)
{
    const char *path = path_of(row->path);
    bool done = false;

    switch (row->deed) {
    case MODE:
        done = chmod(path, row->mode) == 0;
        break;
    case OWNER:
        done = chown(path, NOBODY, (gid_t)-1) == 0;
        break;
    case LINK:
        done = rename(path, path_of("elsewhere")) == 0 && symlink(path_of("elsewhere"), path) == 0;
        break;
    case DIRECTORY:
        done = unlink(path) == 0 && mkdir(path, 0750) == 0;
        break;
    case FIFO:
        done = unlink(path) == 0 && mkfifo(path, 0600) == 0;
        break;
    case REPLACE:
        write_file(row->path, row->text, 0640);
        done = true;
        break;
    case REMOVE:
        done = unlink(path) == 0;
        break;
    }
    ck_assert_msg(done, "%s: %s", row->name, strerror(errno));
}

static void assert_outcome(const struct tampering *row, enum mv_code code)
{
    ck_assert_msg(code == row->code, "%s: %s '%s'", row->name, mv_code_text(code), error.text);
    ck_assert_msg(row->says == NULL || strstr(error.text, row->says) != NULL, "%s: '%s' does not say '%s'", row->name,
                  error.text, row->says);
}

START_TEST(test_loads)
{
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        struct mv_key_entry entry = entry_of("s1");
        struct mv_private_key *key;

        if (loads[i].deed == OWNER && geteuid() != 0) /* only root gives files away */
            continue;
        begin_with_key("s1");
        tamper(&loads[i]);
        assert_outcome(&loads[i], mv_key_store_load(store, &entry, &key, &error));
        ck_assert((key != NULL) == (loads[i].code == MV_OK));
        mv_private_key_free(&key);
        end();
    }
}
END_TEST

START_TEST(test_lists)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct mv_key_entries entries;

        begin_with_key("s1");
        tamper(&lists[i]);
        assert_outcome(&lists[i], mv_key_store_list(store, arena, MV_BYTES(DOMAIN), &entries, &error));
        ck_assert_int_eq(entries.count, lists[i].code == MV_OK);
        end();
    }
}
END_TEST

START_TEST(test_large_files)
{
    struct mv_key_entry entry = entry_of("s1");
    struct mv_key_entries entries;
    struct mv_private_key *key;

    begin_with_key("s1");
    ck_assert_int_eq(truncate(path_of(PEM), MV_PRIVATE_KEY_MAX_PEM_BYTES + 1), 0);
    ck_assert_int_eq(mv_key_store_load(store, &entry, &key, &error), MV_ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.text, "too large"));
    ck_assert_int_eq(truncate(path_of(STATE), MV_KEYS_MAX_STATE_BYTES + 1), 0);
    ck_assert_int_eq(mv_key_store_list(store, arena, MV_BYTES(DOMAIN), &entries, &error), MV_ERR_CONFIG);
    end();
}
END_TEST

START_TEST(test_another_key_than_the_state_says)
{
    struct mv_key_entry entry = entry_of("s1");
    struct mv_private_key *key;

    begin_with_key("s1");
    entry.type = MV_KEY_RSA;
    entry.bits = 2048;
    ck_assert_int_eq(mv_key_store_load(store, &entry, &key, &error), MV_ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.text, "is another key"));
    end();
}
END_TEST

START_TEST(test_unreadable)
{
    struct mv_key_entry entry = entry_of("s1");
    struct mv_private_key *key = NULL;
    int status = 0;

    begin_with_key("s1");
    if (fork() == 0) {
        bool lowered = geteuid() != 0 || (chmod(dir, 0755) == 0 && chmod(path_of("keys"), 0755) == 0 &&
                                          chmod(path_of("keys/" DOMAIN), 0755) == 0 && chmod(path_of(PEM), 0600) == 0 &&
                                          setuid(NOBODY) == 0);
        enum mv_code code;

        if (geteuid() != NOBODY && chmod(path_of(PEM), 0) != 0)
            _exit(2);
        code = mv_key_store_load(store, &entry, &key, &error);
        _exit(lowered && code == MV_ERR_IO && strstr(error.text, "may not read it") != NULL ? 0 : 1);
    }
    ck_assert(wait(&status) > 0);
    ck_assert_int_eq(status, 0);
    end();
}
END_TEST

/* Readers need no lock: beside a writer they see the old state or the new one. */
START_TEST(test_reader_beside_writer)
{
    struct mv_key_entry entry = entry_of("s1");
    int status = 0;
    pid_t child;

    begin_with_key("s1");
    child = fork();
    if (child == 0) {
        lock();
        for (int i = 0; i < 200; i++) {
            entry.sight_secs = i;
            if (mv_key_store_update(store, &entry, &error) != MV_OK)
                _exit(1);
        }
        _exit(0);
    }
    while (waitpid(child, &status, WNOHANG) == 0) {
        struct mv_key_entries entries = list();

        ck_assert(entries.count == 1 && !entries.items[0].interrupted);
        mv_arena_free(&arena);
        arena = mv_arena_new(MAX_BYTES);
    }
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(list().items[0].sight_secs, 199);
    end();
}
END_TEST

/* Root and a service with a user of its own work on the same keys. */
START_TEST(test_owner_of_the_directory)
{
    static const char *const paths[] = {"keys/" DOMAIN, PEM, STATE, "keys/" DOMAIN "/.lock"};
    struct mv_key_entry entry = entry_of("s1");
    int status = 0;

    if (geteuid() != 0) /* only root gives files away */
        return;
    begin();
    ck_assert(chmod(dir, 0755) == 0 && mkdir(path_of("keys"), 0750) == 0 &&
              chown(path_of("keys"), NOBODY, NOBODY) == 0);
    lock();
    ck_assert_msg(add("s1") == MV_OK, "%s", error.text);
    mv_key_store_unlock(store);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct stat st;

        ck_assert_msg(stat(path_of(paths[i]), &st) == 0 && st.st_uid == NOBODY, "%s belongs to %lu", paths[i],
                      (unsigned long)st.st_uid);
    }
    if (fork() == 0) {
        struct mv_private_key *key;

        if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
            _exit(2);
        entry.sight_secs = 77;
        _exit(mv_key_store_lock(store, MV_BYTES(DOMAIN), 0, &error) == MV_OK &&
                      mv_key_store_load(store, &entry, &key, &error) == MV_OK &&
                      mv_key_store_update(store, &entry, &error) == MV_OK
                  ? 0
                  : 1);
    }
    ck_assert(wait(&status) > 0);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(list().items[0].sight_secs, 77);
    end();
}
END_TEST

/* Who owns the directory must not be given a file of root's by linking it there. */
START_TEST(test_lock_that_is_a_link)
{
    struct stat st;
    int fd;

    if (geteuid() != 0)
        return;
    begin();
    ck_assert(chmod(dir, 0755) == 0 && mkdir(path_of("keys"), 0750) == 0 && mkdir(path_of("keys/" DOMAIN), 0750) == 0 &&
              chown(path_of("keys/" DOMAIN), NOBODY, NOBODY) == 0);
    fd = open(path_of("secret"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert(fd >= 0 && close(fd) == 0 && link(path_of("secret"), path_of("keys/" DOMAIN "/.lock")) == 0);
    lock();
    ck_assert(stat(path_of("secret"), &st) == 0 && st.st_uid == 0);
    mv_key_store_unlock(store);
    end();
}
END_TEST

static int try_as_nobody(void)
{
    bool says_how;

    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
        return 2;
    if (mv_key_store_lock(store, MV_BYTES(DOMAIN), 0, &error) != MV_ERR_IO)
        return 3;
    says_how = strstr(error.text, "chown -R nobody ") != NULL && strstr(error.text, dir) != NULL;
    return says_how ? 0 : 4;
}

/* A service that may not write what root has made by another way. */
START_TEST(test_directory_of_another)
{
    for (int made = 0; made < 2; made++) { /* the directory of the domain is there, or not */
        int status = 0;

        if (geteuid() != 0)
            return;
        begin();
        ck_assert(chmod(dir, 0755) == 0 && mkdir(path_of("keys"), 0755) == 0 &&
                  (made == 0 || mkdir(path_of("keys/" DOMAIN), 0755) == 0));
        if (fork() == 0)
            _exit(try_as_nobody());
        ck_assert(wait(&status) > 0);
        ck_assert_int_eq(WEXITSTATUS(status), 0);
        end();
    }
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_arena *none = mv_arena_new(0);
    struct mv_key_entries entries;

    begin_with_key("s1");
    ck_assert_int_eq(mv_key_store_list(store, none, MV_BYTES(DOMAIN), &entries, &error), MV_ERR_MEMORY);
    mv_arena_free(&none);
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_nothing_there, test_add_list_load, test_selector_is_never_used_again, test_update,
        test_names_that_are_refused, test_lock, test_interrupted, test_loads, test_lists, test_large_files,
        test_another_key_than_the_state_says, test_unreadable, test_reader_beside_writer, test_owner_of_the_directory,
        test_lock_that_is_a_link, test_directory_of_another, test_no_memory};

    return unit_run("key_store", tests, sizeof tests / sizeof *tests);
}
