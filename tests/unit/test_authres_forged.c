/* RFC 8601 5: which fields a border must take away, and which it must leave alone. */
#include <string.h>

#include "core/auth/authres.h"
#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (8 * 1024 * 1024)
#define AR "Authentication-Results:"
#define REST "; spf=pass smtp.mailfrom=bank.example; dmarc=pass header.from=bank.example\r\n"

/* What is ours: as configured, and as somebody else may spell it. */
static const struct mv_bytes ids[] = {
    MV_BYTES("mx.example.org"),
    MV_BYTES("mail.xn--bcher-kva.example"),
    MV_BYTES("border!gate"),
    MV_BYTES(".cluster.example.net"),
};

struct row {
    const char *name;
    const char *text;
    size_t len; /* 0: up to the NUL */
};

#define WITH_NUL(literal) literal, sizeof(literal) - 1

static const struct row forged[] = {
    {"plain", AR " mx.example.org" REST, 0},
    {"upper case", AR " MX.EXAMPLE.ORG" REST, 0},
    {"mixed case", AR " mX.eXample.oRg" REST, 0},
    {"field name in lower case", "authentication-results: mx.example.org" REST, 0},
    {"field name in upper case", "AUTHENTICATION-RESULTS: mx.example.org" REST, 0},
    {"space before the colon", "Authentication-Results : mx.example.org" REST, 0},
    {"tabs before the colon", "Authentication-Results\t\t: mx.example.org" REST, 0},
    {"fold before the colon", "Authentication-Results\r\n : mx.example.org" REST, 0},
    {"NUL before the colon", WITH_NUL("Authentication-Results\0: mx.example.org" REST)},
    {"no space behind the colon", AR "mx.example.org" REST, 0},
    {"final dot", AR " mx.example.org." REST, 0},
    {"version 1", AR " mx.example.org 1" REST, 0},
    {"version 2, which nobody knows", AR " mx.example.org 2" REST, 0},
    {"version of many digits", AR " mx.example.org 00000000001" REST, 0},
    {"version that is too large", AR " mx.example.org 99999999999999999999" REST, 0},
    {"version with a fraction", AR " mx.example.org 1.0" REST, 0},
    {"version behind a comment", AR " mx.example.org(x)1(y)" REST, 0},
    {"quoted", AR " \"mx.example.org\"" REST, 0},
    {"quoted, with escapes", AR " \"m\\x.ex\\ample.\\o\\r\\g\"" REST, 0},
    {"quoted, with spaces", AR " \" mx.example.org \"" REST, 0},
    {"quoted, with a fold", AR " \"\r\n mx.example.org\"" REST, 0},
    {"quoted, upper case, final dot, version", AR " \"MX.example.org.\" 1" REST, 0},
    {"comment before", AR " (spam filter) mx.example.org" REST, 0},
    {"comments before", AR "(a)(b) (c)mx.example.org" REST, 0},
    {"nested comment before", AR " (a (b (c))) mx.example.org" REST, 0},
    {"comment with escapes before", AR " (a \\) b \\( c) mx.example.org" REST, 0},
    {"comment with another id before", AR " (other.example; spf=fail) mx.example.org" REST, 0},
    {"comment behind", AR " mx.example.org (ours)" REST, 0},
    {"comment behind, no space", AR " mx.example.org(ours)" REST, 0},
    {"comment of all", AR "\r\n\t(ours)\r\n\tmx.example.org\r\n\t(x)" REST, 0},
    {"fold before", AR "\r\n mx.example.org" REST, 0},
    {"folds before", AR " \r\n \r\n\t\r\n mx.example.org" REST, 0},
    {"fold behind", AR " mx.example.org\r\n\t" REST, 0},
    {"bare LF fold", AR "\n mx.example.org" REST, 0},
    {"bare CR", AR "\r mx.example.org" REST, 0},
    {"no results", AR " mx.example.org\r\n", 0},
    {"none", AR " mx.example.org; none\r\n", 0},
    {"final semicolon", AR " mx.example.org;\r\n", 0},
    {"rest that cannot be read", AR " mx.example.org; spf spf spf\r\n", 0},
    {"text behind the id", AR " mx.example.org is ours" REST, 0},
    {"number of a job", AR " mx.example.org/4F2A" REST, 0},
    {"number of a job, quoted", AR " \"MX.example.org/4F2A\"" REST, 0},
    {"final dot and number of a job", AR " \"mx.example.org./4F2A\"" REST, 0},
    {"A-labels", AR " mail.xn--bcher-kva.example" REST, 0},
    {"A-labels in upper case", AR " MAIL.XN--BCHER-KVA.EXAMPLE" REST, 0},
    {"U-labels", AR " mail.b\xc3\xbc" "cher.example" REST, 0},
    {"U-labels in upper case", AR " MAIL.B\xc3\x9c" "CHER.example" REST, 0},
    {"U-labels, not composed", AR " mail.bu\xcc\x88" "cher.example" REST, 0},
    {"U-labels, quoted", AR " \"mail.b\xc3\xbc" "cher.example.\"" REST, 0},
    {"wide letters", AR " \xef\xbd\x8d\xef\xbd\x98.example.org" REST, 0},
    {"ideographic dot", AR " mx\xe3\x80\x82" "example.org" REST, 0},
    {"id that is a word", AR " border!gate" REST, 0},
    {"id that is a word, in capitals", AR " BORDER!Gate" REST, 0},
    {"below a domain of ours", AR " node7.cluster.example.net" REST, 0},
    {"a domain of ours itself", AR " Cluster.Example.Net." REST, 0},
    {"far below a domain of ours", AR " \"a.b.c.CLUSTER.example.net\"" REST, 0},
    {"no id, ours later", AR " spf=pass smtp.mailfrom=bank.example; mx.example.org; dkim=pass\r\n", 0},
    {"no id, ours in a property", AR " spf=pass smtp.mailfrom=mx.example.org\r\n", 0},
    {"another id that is not closed", AR " \"other.example; mx.example.org" REST, 0},
    {"comment that is not closed", AR " (other.example; mx.example.org" REST, 0},
    {"comment that is too deep", AR " (((((((((((((((((((((((x))))))))))))))))))))))) mx.example.org" REST, 0},
    {"closing parenthesis", AR " ) mx.example.org" REST, 0},
    {"semicolon first", AR " ; mx.example.org" REST, 0},
    {"comment within the id", AR " mx.(x)example.org" REST, 0},
    {"comments within the id", AR " mx(.x).exa(y)mple.(z(z))org" REST, 0},
    {"comment with a quoted parenthesis", AR " \"(\" mx.(x)example.org" REST, 0},
    {"quotes within the id", AR " mx.\"example\".org" REST, 0},
    {"backslashes within the id", AR " mx\\.example\\.org" REST, 0},
    {"fold within the id", AR " mx.exa\r\n mple.org" REST, 0},
    {"space within the id", AR " mx . example . org" REST, 0},
    {"NUL within the id", WITH_NUL(AR " mx.example\0.org" REST)},
    {"control within the id", AR " mx.\x01" "example.org" REST, 0},
    {"two ids", AR " other.example mx.example.org" REST, 0},
    {"ids with a comma", AR " other.example, mx.example.org" REST, 0},
    {"encoded word", AR " =?us-ascii?q?mx.example.org?=" REST, 0},
    {"angle brackets", AR " <mx.example.org>" REST, 0},
    {"U-labels in what cannot be read", AR " other.example, mail.b\xc3\xbc" "cher.example" REST, 0},
    {"U-labels with a comment within", AR " other, mail.(x)b\xc3\xbc" "cher.example" REST, 0},
    {"our id behind a word in UTF-8", AR " \xc3\xbc, mx.example.org" REST, 0},
    {"NUL behind", WITH_NUL(AR " mx.example.org\0" REST)},
    {"unknown version of another", AR " other.example 2" REST, 0},
    {"version 0 of another", AR " other.example 0" REST, 0},
    {"version of another that is too large", AR " other.example 99999999999999999999" REST, 0},
    {"unknown version of another, none", AR " \"other.example\" (x) 2 (y); none\r\n", 0},
};

static const struct row foreign[] = {
    {"another host", AR " other.example" REST, 0},
    {"another host, none", AR " other.example; none\r\n", 0},
    {"another host, quoted", AR " \"other.example\" 1" REST, 0},
    {"another host, version 1 with zeros", AR " other.example 001" REST, 0},
    {"a name that ends alike", AR " amx.example.org" REST, 0},
    {"a name that begins alike", AR " mx.example.org.evil.example" REST, 0},
    {"a name below ours", AR " x.mx.example.org" REST, 0},
    {"a name above ours", AR " example.org" REST, 0},
    {"a name beside a domain of ours", AR " badcluster.example.net" REST, 0},
    {"ours in a comment behind the id", AR " other.example (mx.example.org)" REST, 0},
    {"ours in a comment before the id", AR " (mx.example.org) other.example" REST, 0},
    {"ours in a nested comment", AR " other.example (a (mx.example.org) b)" REST, 0},
    {"ours in a comment of a result",
     AR " other.example; spf=pass (mx.example.org: domain of a) smtp.mailfrom=a.example\r\n", 0},
    {"ours in a reason", AR " other.example; dkim=fail reason=\"not as mx.example.org says\" header.d=a.example\r\n",
     0},
    {"ours in a property", AR " other.example; spf=pass smtp.mailfrom=mx.example.org\r\n", 0},
    {"ours in an address", AR " other.example; spf=pass smtp.mailfrom=a@mx.example.org; dkim=none\r\n", 0},
    {"ours in a recipient, final semicolon", AR " other.example; rrvs=pass smtp.rcptto=a@mx.example.org;\r\n", 0},
    {"ours in a property without quotes",
     AR " other.example; dkim=pass header.b=a/b=mx.example.org header.i=@mx.example.org\r\n", 0},
    {"ours in a quoted string with semicolons",
     AR " other.example; spf=pass smtp.mailfrom=\"a; mx.example.org; dmarc=pass\"\r\n", 0},
    {"ours in a comment with quoted parentheses", AR " other.example (\\) mx.example.org \\(); none\r\n", 0},
    {"no id",
     AR " spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=pass header.d=a.example;dmarc=pass "
              "action=none header.from=a.example;compauth=pass reason=100\r\n", 0},
    {"cannot be read, not ours", AR " other.example spf pass\r\n", 0},
    {"not closed, not ours", AR " (other.example; spf=pass\r\n", 0},
    {"empty", AR "\r\n", 0},
    {"white space only", AR " \r\n \r\n", 0},
    {"semicolon only", AR " ;\r\n", 0},
    {"another field", "Received: from mx.example.org by mx.example.org; today\r\n", 0},
    {"a field that begins alike", "Authentication-Results-Original: mx.example.org" REST, 0},
    {"a field that ends alike", "X-Authentication-Results: mx.example.org" REST, 0},
    {"ARC", "ARC-Authentication-Results: i=1; mx.example.org" REST, 0},
    {"not a field", "Authentication-Results mx.example.org\r\n", 0},
    {"another name with U-labels", AR " mail.b\xc3\xb6" "cher.example" REST, 0},
    {"a word of another", AR " border!gates" REST, 0},
    {"letters of another script", AR " m\xd1\x85.example.org" REST, 0},
    {"number of a job of another", AR " \"other.example/mx.example.org\"" REST, 0},
    {"real, Google", AR " mx.google.com;\r\n       dkim=pass header.i=@a.example header.s=s1 header.b=AbC/x+9=;\r\n"
                     "       spf=pass (google.com: domain of b@a.example designates 192.0.2.1 as permitted sender) "
                     "smtp.mailfrom=b@a.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=a.example\r\n", 0},
    {"real, rspamd",
     AR " other.example;\r\n\tdkim=pass header.d=a.example header.s=x header.b=\"Q/x=\";\r\n\tspf=pass "
                     "(other.example: domain of b@a.example designates 2001:db8::1 as permitted sender) "
                     "smtp.mailfrom=b@a.example;\r\n\tdmarc=pass (policy=none) header.from=a.example\r\n", 0},
};

static struct mv_bytes bytes_of(const struct row *row)
{
    return row->len == 0 ? mv_bytes_str(row->text) : mv_bytes_of(row->text, row->len);
}

static bool is_forged(struct mv_bytes raw, const struct mv_bytes *own, size_t count)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_field field = mv_field_split(raw);
    bool result = mv_authres_is_forged(arena, &field, own, count);

    mv_arena_free(&arena);
    return result;
}

START_TEST(test_forged)
{
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++)
        ck_assert_msg(is_forged(bytes_of(&forged[i]), ids, sizeof ids / sizeof ids[0]), "%s", forged[i].name);
}
END_TEST

START_TEST(test_foreign)
{
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        ck_assert_msg(!is_forged(bytes_of(&foreign[i]), ids, sizeof ids / sizeof ids[0]), "%s", foreign[i].name);
}
END_TEST

/* Ids of front ends come as they were configured there. */
START_TEST(test_ids_in_any_spelling)
{
    const struct mv_bytes spellings[] = {MV_BYTES("MX.Example.org."), MV_BYTES("m\xc3\xbc.example"),
                                         MV_BYTES(".Example.NET."), MV_BYTES("Border!Gate")};

    ck_assert(is_forged(MV_BYTES(AR " mx.example.org" REST), spellings, 1));
    ck_assert(is_forged(MV_BYTES(AR " xn--m-eha.example" REST), spellings, 2));
    ck_assert(is_forged(MV_BYTES(AR " a.example.net" REST), spellings, 3));
    ck_assert(is_forged(MV_BYTES(AR " border!gate" REST), spellings, 4));
    ck_assert(!is_forged(MV_BYTES(AR " other.example" REST), spellings, 4));
}
END_TEST

START_TEST(test_no_ids)
{
    const struct mv_bytes empty[] = {MV_BYTES(""), MV_BYTES(".")};

    ck_assert(!is_forged(MV_BYTES(AR " mx.example.org" REST), NULL, 0));
    ck_assert(!is_forged(MV_BYTES(AR "\r\n"), empty, 2));
    ck_assert(!is_forged(MV_BYTES(AR " spf=pass\r\n"), empty, 2));
}
END_TEST

/* A field that is beyond all reason goes, and so does one that there is no memory to read. */
START_TEST(test_limits)
{
    struct mv_buf raw;
    struct mv_field field;
    struct mv_arena *arena = mv_arena_new(100);

    mv_buf_init(&raw, MAX_MEMORY_BYTES);
    mv_buf_puts(&raw, AR " other.example");
    while (raw.len < MV_AUTHRES_MAX_FIELD_BYTES + sizeof AR)
        mv_buf_puts(&raw, "; spf=pass");
    mv_buf_puts(&raw, "\r\n");
    ck_assert(is_forged(mv_buf_bytes(&raw), ids, 1));
    mv_buf_reset(&raw);
    mv_buf_puts(&raw, AR);
    for (int i = 0; i < 1000; i++)
        mv_buf_puts(&raw, " \xc3\xbc");
    ck_assert(is_forged(mv_buf_bytes(&raw), ids, 1));
    mv_buf_reset(&raw);
    mv_buf_puts(&raw, AR " other.example" REST);
    field = mv_field_split(mv_buf_bytes(&raw));
    ck_assert(mv_authres_is_forged(arena, &field, ids, 1));
    mv_arena_free(&arena);
    mv_buf_free(&raw);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_forged, test_foreign, test_ids_in_any_spelling, test_no_ids, test_limits};

    return unit_run("authres forged", tests, sizeof tests / sizeof tests[0]);
}
