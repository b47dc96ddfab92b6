/* The state file of a key: what is read, what is refused, and that what is printed is read again. */
#include <stdio.h>
#include <string.h>

#include "core/keys/state_file.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (64 * 1024)

#define HEAD "domain = example.org\nselector = mx1-20261123-r\nhost = mx1\n"
#define KEY "type = rsa\nbits = 2048\n"
#define TIMES "created = 100\npublished = 200\nusable = 300\nactive = 400\nretiring = 0\nrevoked = 0\ncache = 3600\n"
#define SIGHT "sight = shown\nsight_at = 450\n"
#define WHOLE HEAD KEY "state = active\n" TIMES SIGHT

struct row {
    const char *name;
    const char *text;
    const char *says; /* NULL: it is read */
};

static const struct row rows[] = {
    {"as printed", WHOLE, NULL},
    {"comments and empty lines", "# a\n\n" WHOLE "#\n", NULL},
    {"another order", SIGHT TIMES "state = active\n" KEY HEAD, NULL},
    {"white space around", "  domain=example.org\nselector =\tmx1-20261123-r \nhost = mx1\n" KEY "state = active\n"
     TIMES SIGHT, NULL},
    {"nothing", "", "has no line for domain"},
    {"a comment only", "# nothing\n", "has no line for domain"},
    {"a name is missing", HEAD KEY TIMES SIGHT, "has no line for state"},
    {"the last line is missing", HEAD KEY "state = active\n" TIMES "sight = shown\n", "has no line for sight_at"},
    {"cut in the middle", HEAD KEY "state = active\n" TIMES "sight = shown\nsight_at = 4", "line 15: does not end"},
    {"two states", WHOLE "state = revoked\n", "line 16: a second state"},
    {"the same state twice", WHOLE "state = active\n", "line 16: a second state"},
    {"an unknown name", WHOLE "colour = red\n", "line 16: is none that belongs there"},
    {"a name in another case", WHOLE "State = active\n", "line 16: is none that belongs there"},
    {"a line without an equals sign", WHOLE "active\n", "line 16: is none that belongs there"},
    {"no name", WHOLE "= active\n", "line 16: is none that belongs there"},
    {"an unknown state", HEAD KEY "state = ready\n" TIMES SIGHT, "line 6: state has a value"},
    {"a state in another case", HEAD KEY "state = Active\n" TIMES SIGHT, "line 6: state has a value"},
    {"no state", HEAD KEY "state =\n" TIMES SIGHT, "line 6: state has a value"},
    {"two words", HEAD KEY "state = active active\n" TIMES SIGHT, "line 6: state has a value"},
    {"an unknown sight", HEAD KEY "state = active\n" TIMES "sight = yes\nsight_at = 0\n", "line 14: sight has a value"},
    {"an unknown type", HEAD "type = dsa\nbits = 2048\nstate = active\n" TIMES SIGHT, "line 4: type has a value"},
    {"too many bits", HEAD "type = rsa\nbits = 8193\nstate = active\n" TIMES SIGHT, "line 5: bits has a value"},
    {"an RSA key of no bits", HEAD "type = rsa\nbits = 0\nstate = active\n" TIMES SIGHT, "an RSA key of no bits"},
    {"a negative time", WHOLE "\n# \n" "created = -1\n", "a second created"},
    {"a time with a sign", HEAD KEY "state = created\ncreated = +1\n", "line 7: created has a value"},
    {"a time with a leading zero", HEAD KEY "state = created\ncreated = 0100\n", "line 7: created has a value"},
    {"a time with a unit", HEAD KEY "state = created\ncreated = 100s\n", "line 7: created has a value"},
    {"a time after the year 9999", HEAD KEY "state = created\ncreated = 253402300800\n", "line 7: created has a value"},
    {"a time past all numbers", HEAD KEY "state = created\ncreated = 99999999999999999999999\n",
     "line 7: created has a value"},
    {"a domain with capitals", "domain = Example.org\n", "line 1: domain has a value"},
    {"a domain with a final dot", "domain = example.org.\n", "line 1: domain has a value"},
    {"a domain that leads elsewhere", "domain = ../etc\n", "line 1: domain has a value"},
    {"a domain with a slash", "domain = a/b\n", "line 1: domain has a value"},
    {"a domain in UTF-8", "domain = b\xc3\xbc""cher.example\n", "line 1: domain has a value"},
    {"no domain", "domain = \n", "line 1: domain has a value"},
    {"a selector with an empty label", "selector = a..b\n", "line 1: selector has a value"},
    {"a selector of one dot", "selector = .\n", "line 1: selector has a value"},
    {"a selector with an escape", "selector = a\x1b[31m\n", "line 1: selector has a value"},
    {"a carriage return within", "selector = a\rb\n", "line 1: selector has a value"},
    {"a long selector",
     "selector = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaa\n", "line 1: selector has a value"},
    {"created without a time", HEAD KEY "state = created\ncreated = 0\npublished = 0\nusable = 0\nactive = 0\n"
     "retiring = 0\nrevoked = 0\ncache = 0\n" SIGHT, "no time of creation"},
    {"active without a time", HEAD KEY "state = active\ncreated = 1\npublished = 2\nusable = 3\nactive = 0\n"
     "retiring = 0\nrevoked = 0\ncache = 0\n" SIGHT, "active, but no time since when"},
    {"published without a time", HEAD KEY "state = published\ncreated = 1\npublished = 2\nusable = 0\nactive = 0\n"
     "retiring = 0\nrevoked = 0\ncache = 0\n" SIGHT, "published, but no time when"},
    {"retiring without a time", HEAD KEY "state = retiring\n" TIMES SIGHT, "retiring, but no time since when"},
    {"revoked without a time", HEAD KEY "state = revoked\n" TIMES SIGHT, "revoked, but no time when"},
};

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_arena *arena = mv_arena_new(MAX_BYTES);
        struct mv_error error = {MV_OK, ""};
        struct mv_key_entry entry;
        enum mv_code code = mv_state_file_parse(arena, mv_bytes_str(rows[i].text), &entry, &error);

        ck_assert_msg(code == (rows[i].says == NULL ? MV_OK : MV_ERR_SYNTAX), "%s: code %d, '%s'", rows[i].name, code,
                      error.text);
        ck_assert_msg(rows[i].says == NULL || strstr(error.text, rows[i].says) != NULL, "%s: '%s' does not say '%s'",
                      rows[i].name, error.text, rows[i].says);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(test_nul_within)
{
    static const char text[] = "domain = a\0b\n";
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_error error;
    struct mv_key_entry entry;

    ck_assert_int_eq(mv_state_file_parse(arena, mv_bytes_of(text, sizeof text - 1), &entry, &error), MV_ERR_SYNTAX);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_too_long)
{
    char text[MV_KEYS_MAX_STATE_BYTES + 1];
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_error error = {MV_OK, ""};
    struct mv_key_entry entry;

    memset(text, '#', sizeof text);
    text[sizeof text - sizeof WHOLE] = '\n';
    memcpy(text + sizeof text - (sizeof WHOLE - 1), WHOLE, sizeof WHOLE - 1);
    ck_assert_int_eq(mv_state_file_parse(arena, mv_bytes_of(text, sizeof text), &entry, &error), MV_ERR_SYNTAX);
    ck_assert_ptr_nonnull(strstr(error.text, "longer than 4096 bytes"));
    ck_assert_int_eq(mv_state_file_parse(arena, mv_bytes_of(text + 1, sizeof text - 1), &entry, &error), MV_OK);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_arena *arena = mv_arena_new(0);
    struct mv_error error;
    struct mv_key_entry entry;

    ck_assert_int_eq(mv_state_file_parse(arena, mv_bytes_str(WHOLE), &entry, &error), MV_ERR_MEMORY);
    mv_arena_free(&arena);
}
END_TEST

static struct mv_key_entry entry_in(enum mv_key_state state)
{
    return (struct mv_key_entry){
        .domain = MV_BYTES("xn--bcher-kva.example"),
        .selector = MV_BYTES("mx1.site_a-20261123-e"),
        .host = MV_BYTES("mx1"),
        .type = MV_KEY_ED25519,
        .bits = 256,
        .state = state,
        .created_secs = 1,
        .published_secs = 2,
        .usable_secs = 3,
        .active_secs = 4,
        .retiring_secs = 5,
        .revoked_secs = MV_KEYS_MAX_TIME_SECS,
        .cache_secs = 86400,
        .sight = MV_SIGHT_OTHER,
        .sight_secs = 6,
    };
}

static void assert_equal(const struct mv_key_entry *a, const struct mv_key_entry *b)
{
    ck_assert(mv_bytes_equal(a->domain, b->domain) && mv_bytes_equal(a->selector, b->selector) &&
              mv_bytes_equal(a->host, b->host));
    ck_assert(a->type == b->type && a->bits == b->bits && a->state == b->state && a->sight == b->sight);
    ck_assert(a->created_secs == b->created_secs && a->published_secs == b->published_secs &&
              a->usable_secs == b->usable_secs && a->active_secs == b->active_secs &&
              a->retiring_secs == b->retiring_secs && a->revoked_secs == b->revoked_secs &&
              a->cache_secs == b->cache_secs && a->sight_secs == b->sight_secs);
    ck_assert(!a->interrupted && !b->interrupted);
}

START_TEST(test_print_and_read)
{
    for (int state = MV_KEY_CREATED; state <= MV_KEY_REVOKED; state++) {
        struct mv_arena *arena = mv_arena_new(MAX_BYTES);
        struct mv_key_entry entry = entry_in((enum mv_key_state)state), again;
        struct mv_error error = {MV_OK, ""};
        struct mv_buf text;

        mv_buf_init(&text, MV_KEYS_MAX_STATE_BYTES);
        ck_assert_int_eq(mv_state_file_print(&entry, &text, &error), MV_OK);
        ck_assert_msg(mv_state_file_parse(arena, mv_buf_bytes(&text), &again, &error) == MV_OK, "%s", error.text);
        assert_equal(&entry, &again);
        mv_buf_free(&text);
        mv_arena_free(&arena);
    }
}
END_TEST

/* What would be refused when read is not written. */
START_TEST(test_not_printed)
{
    struct mv_key_entry wrong[] = {entry_in(MV_KEY_ACTIVE), entry_in(MV_KEY_ACTIVE), entry_in(MV_KEY_ACTIVE),
                                   entry_in(MV_KEY_ACTIVE), entry_in(MV_KEY_ACTIVE), entry_in(MV_KEY_ACTIVE),
                                   entry_in(MV_KEY_ACTIVE), entry_in((enum mv_key_state)7)};

    wrong[0].domain = MV_BYTES("a/b");
    wrong[1].selector = MV_BYTES("a\nstate");
    wrong[2].host = MV_BYTES("");
    wrong[3].active_secs = 0;
    wrong[4].created_secs = -1;
    wrong[5].sight = (enum mv_key_sight)9;
    wrong[6].retiring_secs = MV_KEYS_MAX_TIME_SECS + 1;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mv_error error = {MV_OK, ""};
        struct mv_buf text;

        mv_buf_init(&text, MV_KEYS_MAX_STATE_BYTES);
        ck_assert_msg(mv_state_file_print(&wrong[i], &text, &error) == MV_ERR_USAGE, "row %zu was printed", i);
        ck_assert_int_ne(error.text[0], '\0');
        mv_buf_free(&text);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows,      test_nul_within,     test_too_long,
                                         test_no_memory, test_print_and_read, test_not_printed};

    return unit_run("key_state_file", tests, sizeof tests / sizeof *tests);
}
