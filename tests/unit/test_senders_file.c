/* The file of who may send as whom: asked, and checked. */
#include "core/config/senders_file.h"

#include <string.h>

#include "core/base/buf.h"
#include "tests/unit/unit.h"

#define MEMORY_BYTES (1024 * 1024)
#define TEXT_MAX_BYTES (1024 * 1024)

static const struct {
    const char *name;
    const char *text;
    const char *login;
    const char *local; /* at example.org */
    bool known, may;
    unsigned bad_line;
} asked[] = {
    {"empty", "", "alice", "alice", false, false, 0},
    {"only comments", "# alice: *\n\n  \n", "alice", "alice", false, false, 0},
    {"one address", "alice: a@example.org\n", "alice", "a", true, true, 0},
    {"no line end", "alice: a@example.org", "alice", "a", true, true, 0},
    {"CRLF", "alice: a@example.org\r\nbob: b@example.org\r\n", "alice", "a", true, true, 0},
    {"white space for the colon", "alice a@example.org\n", "alice", "a", true, true, 0},
    {"white space before the colon", "alice : a@example.org\n", "alice", "a", true, true, 0},
    {"no white space", "alice:a@example.org,b@example.org\n", "alice", "b", true, true, 0},
    {"several lines", "bob: x\nalice: a@example.org,\n  b@example.org,\n# no\n\n\tc@example.org\n", "alice", "c", true,
     true, 0},
    {"nothing in the first line", "alice:\n  a@example.org\n", "alice", "a", true, true, 0},
    {"quoted login", "\"our alice: she\": a@example.org\n", "our alice: she", "a", true, true, 0},
    {"login with a hash", "alice#1: a@example.org\n", "alice#1", "a", true, true, 0},
    {"wildcard", "*: self\n", "a@example.org", "a", true, true, 0},
    {"two entries", "alice: a@example.org\nalice: b@example.org\n", "alice", "b", true, true, 0},
    {"entry and wildcard", "a@example.org: b@example.org\n*: self\n", "a@example.org", "a", true, true, 0},
    {"fault of another one", "bob: %u@example.org\nalice: a@example.org\n", "alice", "a", true, true, 0},
    {"other address", "alice: a@example.org\n", "alice", "b", true, false, 0},
    {"other login", "alice: a@example.org\n", "bob", "a", false, false, 0},
    {"login begins alike", "alice: a@example.org\n", "alic", "a", false, false, 0},
    {"address of the next one", "alice: a@example.org\nbob: b@example.org\n", "alice", "b", true, false, 0},
    {"goes on with nothing", "  a@example.org\nalice: b@example.org\n", "alice", "a", true, false, 0},
    {"quote not closed", "\"alice: a@example.org\n", "alice", "a", false, false, 0},
    {"no login", ": a@example.org\n", "", "a", false, false, 0},
    {"comment behind", "alice: a@example.org # hers\n", "alice", "b", true, false, 1},
    {"fault of hers", "bob: x\nalice: %u@example.org\n", "alice", "a", true, false, 2},
    {"fault in a further line", "alice: a@example.org,\n\n  a..b\n", "alice", "b", true, false, 3},
    {"fault behind what holds", "alice: a@example.org,\n  a..b\n", "alice", "a", true, true, 2},
    {"no address", "alice:\nbob: a@example.org\n", "alice", "a", true, false, 1},
    {"commas only", "alice: , ,\n  ,\n", "alice", "a", true, false, 1},
    {"fault of the wildcard", "*: a..b\n", "alice", "a", true, false, 1},
};

START_TEST(test_asked)
{
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
        struct mv_senders_answer answer;
        struct mv_sender sender;

        ck_assert_int_eq(mv_sender_split(arena, mv_bytes_str(asked[i].login), &sender), MV_OK);
        ck_assert_int_eq(mv_senders_file_ask(arena, mv_bytes_str(asked[i].text), &sender, mv_bytes_str(asked[i].local),
                                             MV_BYTES("example.org"), &answer), MV_OK);
        ck_assert_msg(answer.known == asked[i].known, "%s: known", asked[i].name);
        ck_assert_msg(answer.may == asked[i].may, "%s: may", asked[i].name);
        ck_assert_msg(answer.bad_line == asked[i].bad_line, "%s: line %u: %s", asked[i].name, answer.bad_line,
                      answer.reason);
        ck_assert_msg((answer.reason == NULL) == (answer.bad_line == 0), "%s: reason", asked[i].name);
        mv_arena_free(&arena);
    }
}
END_TEST

static const struct {
    const char *name;
    const char *text;
    size_t entries;
    const char *says; /* NULL: no fault */
} checked[] = {
    {"empty", "", 0, NULL},
    {"three", "# we\nalice: self\n*@b.example:\n  self,\n  %n@c.example\n\n\"a b\" *\n", 3, NULL},
    {"last line", "alice: self\nbob: self", 2, NULL},
    {"goes on with nothing", "# we\n  self\n", 0, "2: goes on with no entry"},
    {"no login", "alice: self\n: self\n", 0, "2: a user is missing"},
    {"login that is no pattern", "@example.org: self\n", 0, "1: is no login"},
    {"quote not closed", "\"alice: self\n", 0, "1: the login's closing quote"},
    {"no address", "alice: self\nbob:\ncarol: self\n", 0, "2: has no address behind"},
    {"bad address", "alice: self,\n  a..b\n", 0, "2: is neither an address"},
    {"comment behind", "alice: self # her\n", 0, "1: is neither an address"},
    {"unknown variable", "alice: %u@example.org\n", 0, "1: holds a % that is not %n"},
};

START_TEST(test_checked)
{
    for (size_t i = 0; i < sizeof checked / sizeof checked[0]; i++) {
        struct mv_error error = {0};
        size_t entries;
        enum mv_code code = mv_senders_file_check(mv_bytes_str(checked[i].text), &entries, &error);

        if (checked[i].says == NULL) {
            ck_assert_msg(code == MV_OK, "%s: %s", checked[i].name, error.text);
            ck_assert_msg(entries == checked[i].entries, "%s: %zu", checked[i].name, entries);
            continue;
        }
        ck_assert_msg(code == MV_ERR_CONFIG, "%s", checked[i].name);
        ck_assert_msg(strstr(error.text, checked[i].says) == error.text, "%s: %s", checked[i].name, error.text);
    }
}
END_TEST

/* An entry beyond the limit is a fault, also for the one it is about. */
START_TEST(test_limit)
{
    struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
    struct mv_senders_answer answer;
    struct mv_sender sender;
    struct mv_error error = {0};
    struct mv_buf text;
    size_t entries;

    mv_buf_init(&text, TEXT_MAX_BYTES);
    mv_buf_puts(&text, "alice:");
    for (unsigned i = 0; i < MV_SENDERS_MAX_AUTHORS; i++)
        mv_buf_printf(&text, "\n a%u@example.org", i);
    ck_assert_int_eq(mv_sender_split(arena, MV_BYTES("alice"), &sender), MV_OK);
    ck_assert_int_eq(mv_senders_file_check(mv_buf_bytes(&text), &entries, &error), MV_OK);
    mv_buf_puts(&text, "\n last@example.org");
    ck_assert_int_eq(mv_senders_file_check(mv_buf_bytes(&text), &entries, &error), MV_ERR_CONFIG);
    ck_assert_msg(strstr(error.text, "1002: has more than 1000 addresses") == error.text, "%s", error.text);
    ck_assert_int_eq(mv_senders_file_ask(arena, mv_buf_bytes(&text), &sender, MV_BYTES("last"),
                                         MV_BYTES("example.org"), &answer), MV_OK);
    ck_assert(answer.known && !answer.may && answer.bad_line == 1002);
    mv_buf_free(&text);
    mv_arena_free(&arena);
}
END_TEST

/* What is parsed of others takes no memory of the message that asks. */
START_TEST(test_many)
{
    struct mv_arena *arena = mv_arena_new(16 * 1024);
    struct mv_senders_answer answer;
    struct mv_sender sender;
    struct mv_buf text;

    mv_buf_init(&text, TEXT_MAX_BYTES);
    for (unsigned i = 0; i < 20000; i++)
        mv_buf_printf(&text, "u%u@example.org: self\n", i);
    ck_assert(!mv_buf_failed(&text));
    ck_assert_int_eq(mv_sender_split(arena, MV_BYTES("u19999@example.org"), &sender), MV_OK);
    ck_assert_int_eq(mv_senders_file_ask(arena, mv_buf_bytes(&text), &sender, MV_BYTES("u19999"),
                                         MV_BYTES("example.org"), &answer), MV_OK);
    ck_assert(answer.known && answer.may && answer.bad_line == 0);
    mv_buf_free(&text);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_asked, test_checked, test_limit, test_many};

    return unit_run("senders file", tests, sizeof tests / sizeof tests[0]);
}
