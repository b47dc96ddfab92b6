/* Who may send as whom: patterns read, refused and compared. */
#include "core/config/senders.h"

#include <string.h>

#include "tests/unit/unit.h"

#define MEMORY_BYTES (64 * 1024)
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *written;
    const char *author; /* as it is kept */
} good_authors[] = {
    {"self", "self"},
    {"SELF", "self"},
    {"*", "*"},
    {"Example.ORG", "example.org"},
    {"example.org.", "example.org"},
    {"@example.org", "example.org"},
    {"*@example.org", "example.org"},
    {".Example.org", ".example.org"},
    {"@.example.org", ".example.org"},
    {"*@.example.org", ".example.org"},
    {"Sales@Example.org", "Sales@example.org"},
    {"b\xc3\xbc" "cher.example", "xn--bcher-kva.example"},
    {"j\xc3\xbcrg@b\xc3\xbc" "cher.example", "j\xc3\xbcrg@xn--bcher-kva.example"},
    {"sales-*@example.org", "sales-*@example.org"},
    {"%n@example.org", "%n@example.org"},
    {"%N+*@%D", "%N+*@%d"},
    {"%d", "%d"},
    {"self@example.org", "self@example.org"},
    {"two@signs@example.org", "two@signs@example.org"},
};

START_TEST(test_good_authors)
{
    for (size_t i = 0; i < sizeof good_authors / sizeof good_authors[0]; i++) {
        struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
        struct mv_bytes author, again;
        const char *reason;

        ck_assert_msg(mv_sender_author_parse(arena, mv_bytes_str(good_authors[i].written), &author, &reason) == MV_OK,
                      "%s: %s", good_authors[i].written, reason);
        ck_assert_msg(mv_bytes_equal(author, mv_bytes_str(good_authors[i].author)), "%s: '%.*s'",
                      good_authors[i].written, (int)author.len, (const char *)author.data);
        ck_assert_msg(mv_sender_author_parse(arena, author, &again, &reason) == MV_OK &&
                      mv_bytes_equal(author, again), "%s: read again", good_authors[i].written);
        mv_arena_free(&arena);
    }
}
END_TEST

static const struct {
    const char *written;
    const char *says;
} bad_authors[] = {
    {"", "neither an address, a domain"},
    {"@", "neither an address, a domain"},
    {".", "neither an address, a domain"},
    {"alice@", "neither an address, a domain"},
    {"alice@.", "neither an address, a domain"},
    {"a..b", "neither an address, a domain"},
    {"*.example.org", "neither an address, a domain"},
    {"alice@*.example.org", "neither an address, a domain"},
    {"alice@exam ple.org", "neither an address, a domain"},
    {"alice@[192.0.2.1]", "neither an address, a domain"},
    {"<alice@example.org>", "has without quotes"},
    {"%n", "neither an address, a domain"},
    {"%d.example.org", "neither an address, a domain"},
    {"alice@%n", "neither an address, a domain"},
    {"alice@.%d", "neither an address, a domain"},
    {"%u@example.org", "holds a % that is not %n"},
    {"100%@example.org", "holds a % that is not %n"},
    {"\"alice\"@example.org", "has without quotes"},
    {"al\x01ice@example.org", "has without quotes"},
    {"ali:ce@example.org", "has without quotes"},
    {"ali,ce@example.org", "has without quotes"},
    {"ali ce@example.org", "has without quotes"},
    {"(x)alice@example.org", "has without quotes"},
    {"\xff\xfe.example", "neither an address, a domain"},
    {A64 A64 A64 A64 A64 "@example.org", "longer than 320"},
    {A64 ".example.org", "neither an address, a domain"},
};

START_TEST(test_bad_authors)
{
    for (size_t i = 0; i < sizeof bad_authors / sizeof bad_authors[0]; i++) {
        struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
        struct mv_bytes author;
        const char *reason = "";

        ck_assert_msg(mv_sender_author_parse(arena, mv_bytes_str(bad_authors[i].written), &author, &reason) ==
                      MV_ERR_SYNTAX, "%s", bad_authors[i].written);
        ck_assert_msg(strstr(reason, bad_authors[i].says) != NULL, "%s: %s", bad_authors[i].written, reason);
        mv_arena_free(&arena);
    }
}
END_TEST

static const struct {
    const char *written;
    const char *says; /* NULL: no fault */
} users[] = {
    {"alice", NULL},
    {"alice@example.org", NULL},
    {"*", NULL},
    {"*@example.org", NULL},
    {"a b", NULL},
    {"", "a user is missing"},
    {"@example.org", "write *@ for all logins"},
    {"%n", "has a meaning in addresses only"},
    {A64 A64 A64 A64 A64 "a", "longer than 320"},
};

START_TEST(test_user_faults)
{
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        const char *fault = mv_sender_user_fault(mv_bytes_str(users[i].written));

        ck_assert_msg((fault == NULL) == (users[i].says == NULL), "%s: %s", users[i].written, fault);
        if (fault != NULL)
            ck_assert_msg(strstr(fault, users[i].says) != NULL, "%s: %s", users[i].written, fault);
    }
}
END_TEST

static const struct {
    const char *pattern;
    const char *login;
    bool is;
} logins[] = {
    {"alice@example.org", "alice@example.org", true},
    {"Alice@Example.org", "aLICE@eXAMPLE.ORG", true},
    {"*", "alice", true},
    {"*", "alice@example.org", true},
    {"*@example.org", "alice@example.org", true},
    {"*@example.org", "@example.org", true},
    {"a*e@*", "alice@example.org", true},
    {"*a*a*", "banana", true},
    {"ali**ce", "alice", true},
    {"alice", "alice@example.org", false},
    {"alice@example.org", "alice", false},
    {"alice@example.org", "malice@example.org", false},
    {"alice@example.org", "alice@example.org.evil.example", false},
    {"*@example.org", "alice@notexample.org", false},
    {"*@example.org", "alice@a.example.org", false},
    {"*@example.org", "alice", false},
    {"a*", "banana", false},
    {"*x", "banana", false},
    {"alice", "ali*", false},
    {"alice", "*", false},
};

START_TEST(test_logins)
{
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
        struct mv_sender sender;

        ck_assert_int_eq(mv_sender_split(arena, mv_bytes_str(logins[i].login), &sender), MV_OK);
        ck_assert_msg(mv_sender_is(mv_bytes_str(logins[i].pattern), &sender) == logins[i].is, "%s for %s",
                      logins[i].pattern, logins[i].login);
        mv_arena_free(&arena);
    }
}
END_TEST

static const struct {
    const char *author; /* pattern */
    const char *login;
    const char *local;
    const char *domain;
    bool may;
} authors[] = {
    {"self", "alice@example.org", "alice", "example.org", true},
    {"self", "Alice@EXAMPLE.org", "aLICE", "example.org", true},
    {"self", "alice@b\xc3\xbc" "cher.example", "alice", "xn--bcher-kva.example", true},
    {"self", "alice@example.org", "bob", "example.org", false},
    {"self", "alice@example.org", "alice", "example.net", false},
    {"self", "alice@example.org", "alice", "a.example.org", false},
    {"self", "alice@example.org", "alice+tag", "example.org", false},
    {"self", "alice", "alice", "example.org", false},
    {"self", "@", "", "", false},
    {"self", "", "", "", false},
    {"*", "alice", "bob", "example.net", true},
    {"example.org", "alice", "bob", "example.org", true},
    {"example.org", "alice", "bob", "a.example.org", false},
    {"example.org", "alice", "bob", "notexample.org", false},
    {".example.org", "alice", "bob", "example.org", true},
    {".example.org", "alice", "bob", "a.b.example.org", true},
    {".example.org", "alice", "bob", "notexample.org", false},
    {"sales@example.org", "alice", "Sales", "example.org", true},
    {"sales@example.org", "alice", "sales", "example.net", false},
    {"sales@example.org", "alice", "sale", "example.org", false},
    {"sales@example.org", "alice", "saless", "example.org", false},
    {"sales@.example.org", "alice", "sales", "a.example.org", true},
    {"sales-*@example.org", "alice", "sales-eu", "example.org", true},
    {"sales-*@example.org", "alice", "sales", "example.org", false},
    {"%n@example.net", "alice@example.org", "alice", "example.net", true},
    {"%n@example.net", "alice", "alice", "example.net", true},
    {"%n@example.net", "alice@example.org", "bob", "example.net", false},
    {"%n@example.net", "alice@example.org", "%n", "example.net", false},
    {"%n+*@%d", "alice@example.org", "alice+lists", "example.org", true},
    {"%n+*@%d", "alice@example.org", "alice", "example.org", false},
    {"%n+*@%d", "alice@example.org", "alice+lists", "example.net", false},
    {"%n+*@%d", "alice", "alice+lists", "example.org", false},
    {"%n-%n@%d", "a@example.org", "a-a", "example.org", true},
    {"%d", "alice@example.org", "bob", "example.org", true},
    {"%d", "alice", "bob", "", false},
    {"%n@example.org", "*", "bob", "example.org", false}, /* a login is no pattern */
    {"%n@example.org", "*", "*", "example.org", true},
    {"%n@example.org", "%n", "%n", "example.org", true},
    {"%n@example.org", "%n", "alice", "example.org", false},
    {"%n@example.org", "@example.org", "", "example.org", true},
    {"two@signs@example.org", "alice", "two@signs", "example.org", true},
    {"a*@example.org", "alice", A64 A64 A64 A64 "a", "example.org", false},
    {"example.org", "alice", A64 A64 A64 A64 "a", "example.org", true},
};

START_TEST(test_authors)
{
    for (size_t i = 0; i < sizeof authors / sizeof authors[0]; i++) {
        struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
        struct mv_sender sender;

        ck_assert_int_eq(mv_sender_split(arena, mv_bytes_str(authors[i].login), &sender), MV_OK);
        ck_assert_msg(mv_sender_may(mv_bytes_str(authors[i].author), &sender, mv_bytes_str(authors[i].local),
                                    mv_bytes_str(authors[i].domain)) == authors[i].may,
                      "%s for %s as %s@%s", authors[i].author, authors[i].login, authors[i].local, authors[i].domain);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(test_login_limits)
{
    struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
    struct mv_sender sender;
    char login[MV_SENDERS_MAX_LOGIN_BYTES + 1];

    memset(login, 'a', sizeof login);
    ck_assert_int_eq(mv_sender_split(arena, mv_bytes_of(login, sizeof login - 1), &sender), MV_OK);
    ck_assert_int_eq(mv_sender_split(arena, mv_bytes_of(login, sizeof login), &sender), MV_ERR_LIMIT);
    ck_assert_int_eq(mv_sender_split(arena, mv_bytes_of("ali\0ce", 6), &sender), MV_ERR_LIMIT);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_good_authors, test_bad_authors, test_user_faults,
                                  test_logins,       test_authors,     test_login_limits};

    return unit_run("senders", tests, sizeof tests / sizeof tests[0]);
}
