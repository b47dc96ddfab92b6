#include "core/text/address.h"

#include <string.h>

#include "tests/unit/unit.h"

#define ARENA_BYTES (8 * 1024 * 1024)
#define MANY_BYTES (128 * 1024)

struct row {
    const char *name;
    struct mv_bytes value;
    enum mv_from_code code;
    const char *boxes; /* "local@domain" joined by "|", for MV_FROM_OK */
};

#define OK(name, value, boxes) {name, MV_BYTES(value), MV_FROM_OK, boxes}
#define SYNTAX(name, value) {name, MV_BYTES(value), MV_FROM_SYNTAX, NULL}
#define NO_DOMAIN(name, value) {name, MV_BYTES(value), MV_FROM_NO_DOMAIN, NULL}
#define BAD_DOMAIN(name, value) {name, MV_BYTES(value), MV_FROM_BAD_DOMAIN, NULL}

/* RFC 5322 3.4, 4.4; RFC 6532 3.2; RFC 6854 2.1 */
static const struct row rows[] = {
    OK("addr-spec", " a@example.com", "a@example.com"),
    OK("angle-addr", "<a@example.com>", "a@example.com"),
    OK("display name", "Ann Example <a@example.com>", "a@example.com"),
    OK("quoted display name", "\"Example, Ann\" <a@example.com>", "a@example.com"),
    OK("display name without a space", "\"Ann\"<a@example.com>", "a@example.com"),
    OK("upper case", "A@Example.COM", "A@example.com"),
    OK("RFC 5322 4.1: dot in a display name", "Ann X. Example <a@example.com>", "a@example.com"),
    OK("display name ends in a dot", "Example Inc. <a@example.com>", "a@example.com"),
    OK("RFC 2047 word in a display name",
       "=?utf-8?q?Ann_=3Cx=40victim=2Eexample=3E?= <a@example.com>", "a@example.com"),
    OK("all of atext", "!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
    OK("dot-atom", "a.b.c@mail.example.com", "a.b.c@mail.example.com"),
    OK("single label", "root@localhost", "root@localhost"),
    OK("underscore", "a@mail_1.example.com", "a@mail_1.example.com"),
    OK("folded", "Ann\r\n Example\r\n\t<a@example.com>", "a@example.com"),
    OK("fold first", "\r\n a@example.com", "a@example.com"),
    OK("white space last", "a@example.com \t", "a@example.com"),
    OK("quoted local part", "\"a b\"@example.com", "a b@example.com"),
    OK("quoted pair in the local part", "\"a\\\"\\\\b\"@example.com", "a\"\\b@example.com"),
    OK("empty quoted local part", "\"\"@example.com", "@example.com"),
    OK("RFC 5322 4.4: obs-local-part", "a . \"b.c\" .d@example.com", "a.b.c.d@example.com"),
    OK("RFC 5322 4.4: obs-domain", "a@example . com", "a@example.com"),
    OK("white space around the at sign", "a @ example.com", "a@example.com"),
    OK("white space in the angle brackets", "< a@example.com >", "a@example.com"),
    OK("comments everywhere", "(1)a(2)@(3)example(4).(5)com(6)", "a@example.com"),
    OK("comments around brackets", "(1)Ann(2)<(3)a@example.com(4)>(5)", "a@example.com"),
    OK("comment as a name", "a@example.com (Ann (of) Example)", "a@example.com"),
    OK("20 comments deep", "((((((((((((((((((((x)))))))))))))))))))) a@example.com", "a@example.com"),
    OK("two mailboxes", "a@example.com, Bob <b@example.org>", "a@example.com|b@example.org"),
    OK("RFC 5322 4.4: empty elements", ",, a@example.com, ,b@example.com,", "a@example.com|b@example.com"),
    OK("empty element with a comment", "a@example.com,(nobody)", "a@example.com"),
    OK("RFC 6854: group", "Team: a@example.com, b@example.com;", "a@example.com|b@example.com"),
    OK("group with empty elements", "Team:, a@example.com,;", "a@example.com"),
    OK("group and mailbox", "Team:a@example.com; , b@example.org", "a@example.com|b@example.org"),
    OK("empty group beside a mailbox", "Undisclosed:;, a@example.com", "a@example.com"),
    OK("two groups", "A:a@example.com;,B:b@example.com;(end)", "a@example.com|b@example.com"),
    OK("RFC 5322 4.4: route", "<@relay.example,@hop.example:a@example.com>", "a@example.com"),
    OK("route with white space and empty elements",
       "Ann <, @relay.example , ,@hop.example : a@example.com>", "a@example.com"),
    OK("route through a literal", "<@[192.0.2.1]:a@example.com>", "a@example.com"),
    OK("RFC 6532: UTF-8 local part", "J\xc3\xb6rg@example.com", "J\xc3\xb6rg@example.com"),
    OK("UTF-8 quoted local part", "\"J \xc3\xb6\"@example.com", "J \xc3\xb6@example.com"),
    OK("UTF-8 display name", "J\xc3\xb6rg <j@example.com>", "j@example.com"),
    OK("RFC 5890 2.3: U-label", "a@B\xc3\xbc""cher.example", "a@xn--bcher-kva.example"),
    OK("A-label", "a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),

    /* Attacks whose answer is the domain that RFC 5322 says */
    OK("attack: address in a quoted display name", "\"a@victim.example\" <b@evil.example>", "b@evil.example"),
    OK("attack: angle-addr in a quoted display name", "\"<a@victim.example>\" <b@evil.example>", "b@evil.example"),
    OK("attack: quoted local part holds an address",
       "\"a@victim.example\"@evil.example", "a@victim.example@evil.example"),
    OK("attack: quoted local part holds an angle-addr",
       "\"<a@victim.example>,\"@evil.example", "<a@victim.example>,@evil.example"),
    OK("attack: address in a comment", "(a@victim.example) b@evil.example", "b@evil.example"),
    OK("attack: address in a comment behind", "b@evil.example (<a@victim.example>)", "b@evil.example"),
    OK("attack: comment inside the domain", "a@victim(.evil).example", "a@victim.example"),
    OK("attack: comment before the at sign", "a(@victim.example)@evil.example", "a@evil.example"),
    OK("attack: quote in a comment",
       "a@evil.example (\") , <b@victim.example> (\")", "a@evil.example|b@victim.example"),
    OK("attack: parenthesis in quotes", "\"(\" <a@evil.example> (\" <b@victim.example>)", "a@evil.example"),
    OK("attack: espoofer route", "<@evil.example,@any.example:a@victim.example>", "a@victim.example"),
    OK("attack: encoded word holds an address", "=?utf-8?q?a=40victim.example?= <b@evil.example>", "b@evil.example"),
    OK("attack: encoded angle-addr", "=?utf-8?b?PGFAdmljdGltLmV4YW1wbGU+?=<b@evil.example>", "b@evil.example"),
    OK("attack: encoded word for a local part", "=?utf-8?q?a=40victim.example=3E?=@evil.example",
       "=?utf-8?q?a=40victim.example=3E?=@evil.example"),
    OK("attack: several angle-addrs", "<a@evil.example>, <b@victim.example>", "a@evil.example|b@victim.example"),
    OK("attack: quoted comma", "\"a@victim.example,\"<b@evil.example>", "b@evil.example"),
    OK("attack: escaped quote", "\"x\\\" <a@victim.example>\" <b@evil.example>", "b@evil.example"),

    NO_DOMAIN("empty", ""),
    NO_DOMAIN("blank", " \r\n "),
    NO_DOMAIN("comment only", "(a@example.com)"),
    NO_DOMAIN("commas only", " , ,"),
    NO_DOMAIN("empty group", "Undisclosed recipients:;"),
    NO_DOMAIN("empty group with comment", "Nobody:(none);"),
    NO_DOMAIN("no at sign", "root"),
    NO_DOMAIN("no at sign, in brackets", "Charlie <root>"),
    NO_DOMAIN("no at sign beside an address", "a@example.com, root"),
    NO_DOMAIN("unquoted comma in a display name", "Example, Ann X <a@example.com>"),
    NO_DOMAIN("IPv4 literal", "a@[192.0.2.1]"),
    NO_DOMAIN("IPv6 literal", "<a@[IPv6:2001:db8::1]>"),
    NO_DOMAIN("literal with white space", "a@[ 192.0.2.1 ] (x)"),
    NO_DOMAIN("literal beside an address", "a@example.com, b@[192.0.2.1]"),
    NO_DOMAIN("quoted pair in a literal", "a@[\\]x]"),
    NO_DOMAIN("encoded address only", "=?utf-8?b?PGFAdmljdGltLmV4YW1wbGU+?="),

    BAD_DOMAIN("atext that is no host name", "a@exa!mple.com"),
    BAD_DOMAIN("encoded word around an address", "=?us-ascii?q?a@victim.example?="),
    BAD_DOMAIN("label of 64", "a@a234567890123456789012345678901234567890123456789012345678901234.example"),
    BAD_DOMAIN("RFC 5892: forbidden code point", "a@\xe2\x80\xae""elpmaxe.example"),
    BAD_DOMAIN("full-width at sign", "a@evil.example\xef\xbc\xa0victim.example"),
    BAD_DOMAIN("no-break space", "a@victim.example\xc2\xa0.evil.example"),
    BAD_DOMAIN("one of two is bad", "a@example.com, b@exa/mple.com"),
    BAD_DOMAIN("soft hyphen alone", "a@\xc2\xad"),

    SYNTAX("two at signs", "a@evil.example@victim.example"),
    SYNTAX("two at signs in brackets", "<a@evil.example@victim.example>"),
    SYNTAX("address as a display name", "a@victim.example <b@evil.example>"),
    SYNTAX("address as a display name, at sign only", "Ann @ Example <b@evil.example>"),
    SYNTAX("two angle-addrs without a comma", "<a@evil.example> <b@victim.example>"),
    SYNTAX("two angle-addrs together", "<a@evil.example><b@victim.example>"),
    SYNTAX("two addresses without a comma", "a@evil.example b@victim.example"),
    SYNTAX("trailing garbage", "<a@evil.example> victim"),
    SYNTAX("address behind the angle-addr", "<a@evil.example>b@victim.example"),
    SYNTAX("trailing quote", "a@example.com \""),
    SYNTAX("trailing quoted string", "a@example.com \"Ann\""),
    SYNTAX("nested angle brackets", "<<a@example.com>>"),
    SYNTAX("open bracket", "<a@example.com"),
    SYNTAX("open bracket, then another", "<a@evil.example, <b@victim.example>"),
    SYNTAX("closing bracket only", "a@example.com>"),
    SYNTAX("empty brackets", "<>"),
    SYNTAX("name with empty brackets", "Ann <>"),
    SYNTAX("no local part", "@example.com"),
    SYNTAX("no local part in brackets", "<@example.com>"),
    SYNTAX("no domain", "a@"),
    SYNTAX("no domain in brackets", "<a@>"),
    SYNTAX("leading dot", ".a@example.com"),
    SYNTAX("trailing dot", "a.@example.com"),
    SYNTAX("two dots", "a..b@example.com"),
    SYNTAX("domain with a leading dot", "a@.example.com"),
    SYNTAX("domain with a trailing dot", "a@example.com."),
    SYNTAX("domain with two dots", "a@example..com"),
    SYNTAX("words for a local part", "a b@example.com"),
    SYNTAX("quoted word beside a word", "\"a\"b@example.com"),
    SYNTAX("words for a domain", "a@victim.example evil.example"),
    SYNTAX("quoted domain", "a@\"example.com\""),
    SYNTAX("quoted label", "a@\"example\".com"),
    SYNTAX("port", "a@example.com:25"),
    SYNTAX("semicolon", "a@evil.example;b@victim.example"),
    SYNTAX("semicolon last", "a@example.com;"),
    SYNTAX("several words without an address", "Ann Example"),
    SYNTAX("parenthesis in a display name", "Ann) <a@example.com>"),
    SYNTAX("colon twice", "Ann: Bob: <a@example.com>"),
    SYNTAX("brackets in a display name", "[list] <a@example.com>"),
    SYNTAX("display name begins with a dot", ". Ann <a@example.com>"),
    SYNTAX("backslash outside quotes", "a\\@b@example.com"),
    SYNTAX("backslash in a display name", "Ann \\< <a@example.com>"),
    SYNTAX("comment not closed", "a@evil.example (, b@victim.example"),
    SYNTAX("comment not closed before the domain", "a@(victim.example"),
    SYNTAX("comment closed twice", "a@example.com (x))"),
    SYNTAX("comment closed inside a quote", "\"(\" <a@evil.example> (\")\" <b@victim.example>)"),
    SYNTAX("21 comments deep", "(((((((((((((((((((((x))))))))))))))))))))) a@example.com"),
    SYNTAX("quote not closed", "\"Ann <a@example.com>"),
    SYNTAX("quote not closed behind", "a@victim.example, \"<b@evil.example>"),
    SYNTAX("quote ends in a backslash", "\"Ann\\\" <a@example.com>"),
    SYNTAX("group not closed", "Team: a@example.com"),
    SYNTAX("group without a name", ": a@example.com;"),
    SYNTAX("group in a group", "A: B: a@example.com;;"),
    SYNTAX("group closed twice", "A: a@example.com;;"),
    SYNTAX("group, then no comma", "A: a@evil.example; b@victim.example"),
    SYNTAX("group in brackets", "<A: a@example.com;>"),
    SYNTAX("route without an address", "<@relay.example:>"),
    SYNTAX("route without a colon", "<@relay.example a@example.com>"),
    SYNTAX("route of commas", "<,:a@example.com>"),
    SYNTAX("route with no comma", "<@relay.example@hop.example:a@example.com>"),
    SYNTAX("route twice", "<@relay.example:@hop.example:a@example.com>"),
    SYNTAX("route outside brackets", "@relay.example:a@example.com"),
    SYNTAX("route with a quoted domain", "<@\"relay\":a@example.com>"),
    SYNTAX("literal not closed", "a@[192.0.2.1"),
    SYNTAX("literal in a literal", "a@[[192.0.2.1]]"),
    SYNTAX("literal and more", "a@[192.0.2.1]example.com"),
    SYNTAX("literal behind a label", "a@example.[192.0.2.1]"),
    SYNTAX("control in a literal", "a@[192.0.2.1\x01]"),
    SYNTAX("NUL behind", "a@victim.example\0"),
    SYNTAX("NUL inside the domain", "a@victim.example\0.evil.example"),
    SYNTAX("NUL before an angle-addr", "<a@victim.example>\0<b@evil.example>"),
    SYNTAX("NUL in quotes", "\"x\0\" <a@example.com>"),
    SYNTAX("NUL in a comment", "(\0) a@example.com"),
    SYNTAX("bare CR", "a@victim.example\r, b@evil.example"),
    SYNTAX("bare LF", "a@victim.example\n, b@evil.example"),
    SYNTAX("bare LF in a display name", "Ann\nExample <a@example.com>"),
    SYNTAX("CRLF that is no fold", "a@victim.example\r\nFrom: b@evil.example"),
    SYNTAX("CRLF last", "a@example.com\r\n"),
    SYNTAX("vertical tab", "a@example.com\v"),
    SYNTAX("backspace in the local part", "ab\x08@example.com"),
    SYNTAX("DEL in the domain", "a@example\x7f.com"),
    SYNTAX("Latin-1 display name", "J\xf6rg <a@example.com>"),
    SYNTAX("Latin-1 in a comment", "a@example.com (J\xf6rg)"),
    SYNTAX("cut UTF-8 in the domain", "a@example\xc3"),
    SYNTAX("overlong at sign", "a\xc1\x80victim.example@evil.example"),
    SYNTAX("surrogate in the local part", "\xed\xa0\x80@example.com"),
};

static void print_boxes(const struct mv_mailbox *boxes, size_t count, struct mv_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            mv_buf_putc(out, '|');
        mv_buf_put(out, boxes[i].local_part);
        mv_buf_putc(out, '@');
        mv_buf_put(out, boxes[i].domain);
    }
}

START_TEST(parses_what_is_grammatical_and_nothing_else)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
        struct mv_mailbox *boxes;
        size_t count;
        struct mv_buf out;
        enum mv_from_code code = mv_address_parse_list(arena, row->value, &boxes, &count);

        ck_assert_msg(code == row->code, "%s: %s", row->name, mv_from_code_text(code));
        ck_assert_msg((code == MV_FROM_OK) == (count > 0), "%s: %zu mailboxes", row->name, count);
        mv_buf_init(&out, 1000);
        print_boxes(boxes, count, &out);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(row->boxes)), "%s: got %s", row->name,
                      mv_buf_cstr(&out));
        mv_buf_free(&out);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(refusals_outnumber_the_rest)
{
    size_t good = 0, all = sizeof rows / sizeof rows[0];

    for (size_t i = 0; i < all; i++)
        good += rows[i].code == MV_FROM_OK;
    ck_assert_uint_gt(all - good, good);
}
END_TEST

START_TEST(keeps_names_as_written)
{
    struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
    struct mv_mailbox *boxes;
    size_t count;

    mv_address_parse_list(arena, MV_BYTES(" \"Ann\" (x) B\r\n <a@B\xc3\xbc""cher(y) . Example> , c@d.example"), &boxes,
                          &count);
    ck_assert_uint_eq(count, 2);
    ck_assert(mv_bytes_equal(boxes[0].display_name, MV_BYTES("\"Ann\" (x) B")));
    ck_assert(mv_bytes_equal(boxes[0].domain_as_written, MV_BYTES("B\xc3\xbc""cher.Example")));
    ck_assert_uint_eq(boxes[1].display_name.len, 0);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(limits_the_mailboxes)
{
    struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
    struct mv_mailbox *boxes;
    size_t count;
    struct mv_buf value;

    mv_buf_init(&value, 10000);
    for (size_t i = 0; i < MV_MAX_FROM_MAILBOXES; i++)
        mv_buf_puts(&value, "a@example.com,");
    ck_assert_int_eq(mv_address_parse_list(arena, mv_buf_bytes(&value), &boxes, &count), MV_FROM_OK);
    ck_assert_uint_eq(count, MV_MAX_FROM_MAILBOXES);
    mv_buf_puts(&value, "a@example.com");
    ck_assert_int_eq(mv_address_parse_list(arena, mv_buf_bytes(&value), &boxes, &count), MV_FROM_LIMIT);
    ck_assert_uint_eq(count, 0);
    mv_buf_free(&value);
    mv_arena_free(&arena);
}
END_TEST

/* Plenty of whatever could make a careless parser go back. */
START_TEST(takes_linear_time)
{
    static const char *const pieces[] = {"(", "()", "a ", "a.", "\"", "\"\"", "\"\".", ",", "<", "@", "a@", "<@a,",
                                         "A:", "\\", "[", "\r\n ", "(\\", "a,", ";", "=?", "\xc3\xbc", "@b.example ", "a@b.example(x)"};

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
        struct mv_mailbox *boxes, box;
        size_t count;
        struct mv_buf value;

        mv_buf_init(&value, MANY_BYTES + 100);
        while (mv_buf_bytes(&value).len < MANY_BYTES)
            mv_buf_puts(&value, pieces[i]);
        ck_assert_msg(mv_address_parse_list(arena, mv_buf_bytes(&value), &boxes, &count) != MV_FROM_OK, "%s",
                      pieces[i]);
        mv_buf_puts(&value, " <a@b.example>");
        mv_address_parse_loose(arena, mv_buf_bytes(&value), &box);
        mv_buf_free(&value);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(reports_missing_memory)
{
    static const char value[] = "\"A\" <\"a\".b@example.com>, c(x)@d(y).example, e@B\xc3\xbc""cher.example, "
                                "f@g.example, h@i.example";
    bool worked = false;

    for (size_t limit = 0; limit < 100000 && !worked; limit += 1000) {
        struct mv_arena *arena = mv_arena_new(limit);
        struct mv_mailbox *boxes;
        size_t count;
        enum mv_from_code code = mv_address_parse_list(arena, mv_bytes_str(value), &boxes, &count);

        ck_assert_msg(code == MV_FROM_OK || code == MV_FROM_MEMORY, "%zu: %s", limit, mv_from_code_text(code));
        worked = code == MV_FROM_OK;
        mv_arena_free(&arena);
    }
    ck_assert(worked);
}
END_TEST

struct loose_row {
    const char *name;
    struct mv_bytes value;
    const char *address; /* NULL: refused */
};

static const struct loose_row loose_rows[] = {
    {"unquoted comma", MV_BYTES("Example, Inc. <a@example.com>"), "a@example.com"},
    {"unquoted colon", MV_BYTES("Example: a centre <a@Example.com>"), "a@example.com"},
    {"unquoted semicolon", MV_BYTES("A; B <a@example.com>"), "a@example.com"},
    {"square brackets", MV_BYTES("[list] Ann <a@example.com>"), "a@example.com"},
    {"unquoted address of the same domain", MV_BYTES("A@EXAMPLE.com <a@example.com>"), "a@example.com"},
    {"the address in apostrophes", MV_BYTES("'a@example.com' <a@example.com>"), "a@example.com"},
    {"escaped quotes", MV_BYTES("\\\"Ann\\\" <a@example.com>"), "a@example.com"},
    {"closing parenthesis", MV_BYTES("Ann :) <a@example.com>"), "a@example.com"},
    {"Latin-1", MV_BYTES("J\xf6rg <a@example.com>"), "a@example.com"},
    {"Latin-1 in quotes", MV_BYTES("\"M\xfcller, J\xf6rg\" <a@example.com>"), "a@example.com"},
    {"Latin-1 in a comment", MV_BYTES("Ann (J\xf6rg) <a@example.com>"), "a@example.com"},
    {"folded", MV_BYTES("Example, Inc.\r\n <a@example.com>"), "a@example.com"},
    {"white space in the brackets", MV_BYTES("Example, Inc. < a@example.com >"), "a@example.com"},
    {"dot at the end of the local part", MV_BYTES("a.@example.com"), "a.@example.com"},
    {"two dots", MV_BYTES("Ann <a..b@example.com>"), "a..b@example.com"},
    {"dot at the end of the domain", MV_BYTES("<a@example.com.>"), "a@example.com"},
    {"U-label", MV_BYTES("A, B <a@b\xc3\xbc""cher.example>"), "a@xn--bcher-kva.example"},
    {"U-label and A-label",
     MV_BYTES("a@xn--bcher-kva.example <a@b\xc3\xbc""cher.example>"), "a@xn--bcher-kva.example"},

    {"nothing", MV_BYTES(""), NULL},
    {"a name", MV_BYTES("Ann"), NULL},
    {"address of another domain as the name", MV_BYTES("a@victim.example <b@evil.example>"), NULL},
    {"address of a subdomain as the name", MV_BYTES("a@www.example.com <a@example.com>"), NULL},
    {"address of a domain that begins the same", MV_BYTES("a@example.com.evil <a@example.com>"), NULL},
    {"another domain in quotes", MV_BYTES("[x] \"a@victim.example\" <b@evil.example>"), NULL},
    {"another domain in a comment", MV_BYTES("[x] (a@victim.example) <b@evil.example>"), NULL},
    {"another domain behind a backslash", MV_BYTES("a\\@victim.example <b@evil.example>"), NULL},
    {"a domain that goes on behind a space", MV_BYTES("[x] a@evil .victim.example <b@evil>"), NULL},
    {"a domain that goes on behind a comment", MV_BYTES("[x] a@evil(y).victim.example <b@evil>"), NULL},
    {"at sign without a domain", MV_BYTES("Ann @ home <a@example.com>"), NULL},
    {"at sign before a comment", MV_BYTES("a@(x)victim.example, <b@evil.example>"), NULL},
    {"at sign before a literal", MV_BYTES("a@[192.0.2.1] <b@evil.example>"), NULL},
    {"two angle-addrs", MV_BYTES("<a@victim.example>\\,<b@evil.example>"), NULL},
    {"two angle-addrs of one domain", MV_BYTES("<a@example.com> <b@example.com>"), NULL},
    {"an angle-addr in quotes", MV_BYTES("[x] \"<a@example.com>\" <b@example.com>"), NULL},
    {"text behind the brackets", MV_BYTES("[x] <a@evil.example> victim"), NULL},
    {"an address behind the brackets", MV_BYTES("<a@evil.example>b@victim.example"), NULL},
    {"a comment behind the brackets", MV_BYTES("[x] <a@example.com> (Ann)"), NULL},
    {"brackets the wrong way round", MV_BYTES("> a@example.com <"), NULL},
    {"open bracket", MV_BYTES("A, B <a@example.com"), NULL},
    {"closing bracket", MV_BYTES("A, B a@example.com>"), NULL},
    {"empty brackets", MV_BYTES("A, B <>"), NULL},
    {"brackets without a domain", MV_BYTES("A, B <root>"), NULL},
    {"no brackets, but a name", MV_BYTES("[x] a@example.com"), NULL},
    {"two addresses", MV_BYTES("a@evil.example;b@victim.example"), NULL},
    {"two at signs", MV_BYTES("A, B <a@evil.example@victim.example>"), NULL},
    {"two at signs of one domain", MV_BYTES("<a@example.com@example.com>"), NULL},
    {"route", MV_BYTES("A, B <@evil.example:a@victim.example>"), NULL},
    {"address literal", MV_BYTES("A, B <a@[192.0.2.1]>"), NULL},
    {"bad label", MV_BYTES("A, B <a@b..example>"), NULL},
    {"encoded word", MV_BYTES("=?utf-8?b?PGFAdmljdGltLmV4YW1wbGU+?=, <b@evil.example>"), NULL},
    {"encoded word in quotes", MV_BYTES("[x] \"=?utf-8?b?PGFAdmljdGltLmV4YW1wbGU+?=\" <b@evil.example>"), NULL},
    {"quote not closed", MV_BYTES("\"Ann <a@example.com>"), NULL},
    {"quote not closed behind another", MV_BYTES("\"Ann\"\"x <a@example.com>"), NULL},
    {"comment not closed", MV_BYTES("Ann (x <a@example.com>"), NULL},
    {"NUL", MV_BYTES("A, B\0 <a@example.com>"), NULL},
    {"bare LF", MV_BYTES("A, B\nFrom: <a@example.com>"), NULL},
    {"bare CR", MV_BYTES("A, B\r <a@example.com>"), NULL},
    {"escape sequences of ISO-2022-JP", MV_BYTES("\x1b$B$3$s\x1b(B <a@example.com>"), NULL},
    {"bad UTF-8 in the domain", MV_BYTES("A, B <a@\xff.example>"), NULL},
    {"at sign in fullwidth", MV_BYTES("A, B <a\xef\xbc\xa0""example.com>"), NULL},
};

START_TEST(reads_loosely_what_names_one_domain)
{
    for (size_t i = 0; i < sizeof loose_rows / sizeof loose_rows[0]; i++) {
        const struct loose_row *row = &loose_rows[i];
        struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
        struct mv_mailbox box = {.domain = MV_BYTES("untouched")};
        enum mv_code code = mv_address_parse_loose(arena, row->value, &box);
        struct mv_buf out;

        ck_assert_msg(code == (row->address == NULL ? MV_ERR_SYNTAX : MV_OK), "%s: %s", row->name, mv_code_text(code));
        ck_assert_msg(box.is_loose == (code == MV_OK), "%s", row->name);
        mv_buf_init(&out, 1000);
        if (code == MV_OK)
            print_boxes(&box, 1, &out);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(row->address)), "%s: got %s", row->name,
                      mv_buf_cstr(&out));
        ck_assert_msg(code == MV_OK || box.domain.len == 0, "%s: domain", row->name);
        mv_buf_free(&out);
        mv_arena_free(&arena);
    }
}
END_TEST

/* Two that cannot disagree: whatever the grammar reads as several domains, or as another one, is not read loosely. */
START_TEST(loose_reading_agrees_with_the_grammar)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
        struct mv_mailbox *boxes, box;
        size_t count;

        if (mv_address_parse_loose(arena, rows[i].value, &box) == MV_OK) {
            enum mv_from_code code = mv_address_parse_list(arena, rows[i].value, &boxes, &count);

            ck_assert_msg(code != MV_FROM_BAD_DOMAIN && code != MV_FROM_LIMIT, "%s", rows[i].name);
            for (size_t k = 0; k < count; k++)
                ck_assert_msg(mv_bytes_equal(boxes[k].domain, box.domain), "%s", rows[i].name);
        }
        mv_arena_free(&arena);
    }
}
END_TEST

struct author_row {
    const char *name;
    const char *header; /* fields, each up to its CRLF that no fold follows */
    enum mv_from_code code;
    const char *domain;
};

/* RFC 9989 4.2, 5.3.1, 11.5 */
static const struct author_row author_rows[] = {
    {"one From", "To: b@example.org\r\nFrom: a@example.com\r\nSubject: x\r\n", MV_FROM_OK, "example.com"},
    {"the name in another case", "FROM: a@example.com\r\n", MV_FROM_OK, "example.com"},
    {"RFC 5322 4.5.8: space before the colon", "From : a@example.com\r\n", MV_FROM_OK, "example.com"},
    {"several mailboxes of one domain", "From: a@example.com, B <b@EXAMPLE.com>\r\n", MV_FROM_OK, "example.com"},
    {"U-label and A-label are one domain", "From: a@b\xc3\xbc""cher.example, b@xn--bcher-kva.example\r\n", MV_FROM_OK,
     "xn--bcher-kva.example"},
    {"Sender and Resent-From are not asked",
     "Sender: s@evil.example\r\nResent-From: r@evil.example\r\nFrom: a@example.com\r\n",
     MV_FROM_OK, "example.com"},
    {"names that From begins or ends",
     "From-X: a@evil.example\r\nX-From: b@evil.example\r\nFrom: a@example.com\r\n", MV_FROM_OK,
     "example.com"},
    {"no field at all", "", MV_FROM_MISSING, ""},
    {"no From", "To: b@example.org\r\nSender: a@example.com\r\n", MV_FROM_MISSING, ""},
    {"space before the name", "X: y\r\n From: a@example.com\r\n", MV_FROM_MISSING, ""},
    {"fold before the colon", "From\r\n : a@example.com\r\n", MV_FROM_MISSING, ""},
    {"mbox line", "From a@example.com Thu Jan  1 00:00:00 1970\r\n", MV_FROM_MISSING, ""},
    {"two From fields", "From: a@evil.example\r\nFrom: b@victim.example\r\n", MV_FROM_SEVERAL_FIELDS, ""},
    {"two equal From fields",
     "From: a@example.com\r\nTo: x@example.com\r\nfrom: a@example.com\r\n", MV_FROM_SEVERAL_FIELDS, ""},
    {"the second with a space", "From: a@evil.example\r\nFrom : b@victim.example\r\n", MV_FROM_SEVERAL_FIELDS, ""},
    {"the first is empty", "From:\r\nFrom: b@victim.example\r\n", MV_FROM_SEVERAL_FIELDS, ""},
    {"empty From", "From: \r\n", MV_FROM_NO_DOMAIN, ""},
    {"empty group", "From: Nobody:;\r\n", MV_FROM_NO_DOMAIN, ""},
    {"two domains", "From: a@evil.example, b@victim.example\r\n", MV_FROM_SEVERAL_DOMAINS, ""},
    {"the last of many differs",
     "From: a@a.example, b@a.example, c@a.example, d@b.example\r\n", MV_FROM_SEVERAL_DOMAINS, ""},
    {"domain and its subdomain", "From: a@example.com, b@mail.example.com\r\n", MV_FROM_SEVERAL_DOMAINS, ""},
    {"two domains by a group", "From: A: a@evil.example;, b@victim.example\r\n", MV_FROM_SEVERAL_DOMAINS, ""},
    {"one without a domain", "From: a@example.com, root\r\n", MV_FROM_NO_DOMAIN, ""},
    {"bad domain", "From: a@example.com, b@ex!ample.com\r\n", MV_FROM_BAD_DOMAIN, ""},
    {"no address", "From: Ann Example\r\n", MV_FROM_SYNTAX, ""},
    {"read loosely", "From: Example, Inc. <a@example.com>\r\n", MV_FROM_OK, "example.com"},
    {"read loosely, folded", "From: Example: x\r\n <a@example.com>\r\n", MV_FROM_OK, "example.com"},
    {"not read loosely: two fields", "From: A, B <a@example.com>\r\nFrom: A, B <a@example.com>\r\n",
     MV_FROM_SEVERAL_FIELDS, ""},
    {"not read loosely: two domains", "From: [x] a@b.example <a@example.com>\r\n", MV_FROM_SYNTAX, ""},
};

static size_t split_header(struct mv_bytes header, struct mv_field *fields)
{
    size_t count = 0, start = 0;

    for (size_t i = 1; i < header.len; i++) {
        bool folds = i + 1 < header.len && header.data[i + 1] == ' ';

        if (header.data[i] != '\n' || folds)
            continue;
        fields[count++] = mv_field_split(mv_bytes_slice(header, start, i + 1));
        start = i + 1;
    }
    return count;
}

START_TEST(finds_the_author_domain)
{
    for (size_t i = 0; i < sizeof author_rows / sizeof author_rows[0]; i++) {
        const struct author_row *row = &author_rows[i];
        struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
        struct mv_field fields[10];
        struct mv_mailbox box = {.domain = MV_BYTES("untouched")};
        size_t count = split_header(mv_bytes_str(row->header), fields);
        enum mv_from_code code = mv_author_domain(arena, fields, count, &box);

        ck_assert_msg(code == row->code, "%s: %s", row->name, mv_from_code_text(code));
        ck_assert_msg(mv_bytes_equal(box.domain, mv_bytes_str(row->domain)), "%s: domain", row->name);
        mv_arena_free(&arena);
    }
}
END_TEST

struct path_row {
    const char *name;
    struct mv_bytes path;
    bool ok;
    const char *local_part;
    const char *domain;
};

/* RFC 5321 4.1.2 */
static const struct path_row path_rows[] = {
    {"plain", MV_BYTES("a@Example.com"), true, "a", "Example.com"},
    {"in brackets", MV_BYTES("<a@example.com>"), true, "a", "example.com"},
    {"null sender", MV_BYTES("<>"), true, "", ""},
    {"nothing", MV_BYTES(""), true, "", ""},
    {"quoted", MV_BYTES("<\"a b@c\\\"\"@example.com>"), true, "a b@c\"", "example.com"},
    {"quoted closing bracket", MV_BYTES("<\"a>\"@example.com>"), true, "a>", "example.com"},
    {"route", MV_BYTES("<@a.example,@b.example:c@example.com>"), true, "c", "example.com"},
    {"literal", MV_BYTES("a@[IPv6:2001:db8::1]"), true, "a", "[IPv6:2001:db8::1]"},
    {"VERP", MV_BYTES("list+b=example.org@example.com"), true, "list+b=example.org", "example.com"},
    {"dots anywhere in the local part", MV_BYTES("a..b.@example.com"), true, "a..b.", "example.com"},
    {"final dot of the domain", MV_BYTES("a@example.com."), true, "a", "example.com."},
    {"RFC 6531: UTF-8", MV_BYTES("j\xc3\xb6@b\xc3\xbc""cher.example"), true, "j\xc3\xb6", "b\xc3\xbc""cher.example"},

    {"no at sign", MV_BYTES("postmaster"), false, "", ""},
    {"no at sign in brackets", MV_BYTES("<postmaster>"), false, "", ""},
    {"no local part", MV_BYTES("@example.com"), false, "", ""},
    {"no domain", MV_BYTES("a@"), false, "", ""},
    {"two at signs", MV_BYTES("a@b@example.com"), false, "", ""},
    {"open bracket", MV_BYTES("<a@example.com"), false, "", ""},
    {"closing bracket", MV_BYTES("a@example.com>"), false, "", ""},
    {"brackets twice", MV_BYTES("<<a@example.com>>"), false, "", ""},
    {"a bracket only", MV_BYTES("<"), false, "", ""},
    {"leading space", MV_BYTES(" a@example.com"), false, "", ""},
    {"trailing space", MV_BYTES("<a@example.com >"), false, "", ""},
    {"comment", MV_BYTES("a(x)@example.com"), false, "", ""},
    {"parameters", MV_BYTES("<a@example.com> SIZE=1"), false, "", ""},
    {"display name", MV_BYTES("Ann <a@example.com>"), false, "", ""},
    {"two addresses", MV_BYTES("a@example.com,b@example.com"), false, "", ""},
    {"quote not closed", MV_BYTES("\"a@example.com"), false, "", ""},
    {"quoted and not quoted", MV_BYTES("\"a\".b@example.com"), false, "", ""},
    {"quoted domain", MV_BYTES("a@\"example.com\""), false, "", ""},
    {"fold in quotes", MV_BYTES("\"a\r\n b\"@example.com"), false, "", ""},
    {"literal not closed", MV_BYTES("a@[192.0.2.1"), false, "", ""},
    {"literal and more", MV_BYTES("a@[192.0.2.1].example"), false, "", ""},
    {"route without colon", MV_BYTES("<@a.example a@example.com>"), false, "", ""},
    {"route without address", MV_BYTES("<@a.example:>"), false, "", ""},
    {"route with an empty element", MV_BYTES("<@a.example,:a@example.com>"), false, "", ""},
    {"NUL", MV_BYTES("a@example.com\0"), false, "", ""},
    {"CRLF", MV_BYTES("a@example.com\r\n"), false, "", ""},
    {"tab in quotes", MV_BYTES("\"a\tb\"@example.com"), false, "", ""},
    {"Latin-1", MV_BYTES("j\xf6@example.com"), false, "", ""},
};

START_TEST(reads_smtp_paths)
{
    for (size_t i = 0; i < sizeof path_rows / sizeof path_rows[0]; i++) {
        const struct path_row *row = &path_rows[i];
        struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
        struct mv_bytes local_part = MV_BYTES("untouched"), domain = MV_BYTES("untouched");
        bool ok = mv_address_parse_path(arena, row->path, &local_part, &domain);

        ck_assert_msg(ok == row->ok, "%s: %s", row->name, ok ? "accepted" : "refused");
        ck_assert_msg(mv_bytes_equal(local_part, mv_bytes_str(row->local_part)), "%s: local part", row->name);
        ck_assert_msg(mv_bytes_equal(domain, mv_bytes_str(row->domain)), "%s: domain", row->name);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(has_a_sentence_for_every_code)
{
    for (enum mv_from_code code = MV_FROM_OK; code <= MV_FROM_MEMORY; code++)
        ck_assert_str_ne(mv_from_code_text(code), "unknown");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {parses_what_is_grammatical_and_nothing_else, refusals_outnumber_the_rest,
                                  keeps_names_as_written, limits_the_mailboxes, takes_linear_time,
                                  reports_missing_memory, finds_the_author_domain, reads_smtp_paths,
                                  reads_loosely_what_names_one_domain, loose_reading_agrees_with_the_grammar,
                                  has_a_sentence_for_every_code};

    return unit_run("address", tests, sizeof tests / sizeof tests[0]);
}
