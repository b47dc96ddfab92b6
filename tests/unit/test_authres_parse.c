/* RFC 8601 2.2: fields are read, or refused. */
#include <string.h>

#include "core/auth/authres.h"
#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (4 * 1024 * 1024)
#define SHOWN_MAX_BYTES 65536

/* What was read, in one line: id/version; method[/version]=result "reason" type.name=<value>... */
static void show(const struct mv_authres *authres, struct mv_buf *out)
{
    mv_buf_put(out, authres->id);
    mv_buf_printf(out, "/%u", (unsigned)authres->version);
    for (size_t i = 0; i < authres->result_count; i++) {
        const struct mv_authres_result *r = &authres->results[i];

        mv_buf_puts(out, "; ");
        mv_buf_put(out, r->method);
        if (r->version != 1)
            mv_buf_printf(out, "/%u", (unsigned)r->version);
        mv_buf_puts(out, "=");
        mv_buf_put(out, r->result);
        if (r->reason.len > 0) {
            mv_buf_puts(out, " \"");
            mv_buf_put_escaped(out, r->reason);
            mv_buf_puts(out, "\"");
        }
        for (size_t k = 0; k < r->prop_count; k++) {
            mv_buf_puts(out, " ");
            mv_buf_put(out, r->props[k].type);
            mv_buf_puts(out, ".");
            mv_buf_put(out, r->props[k].name);
            mv_buf_puts(out, "=<");
            mv_buf_put_escaped(out, r->props[k].value);
            mv_buf_puts(out, ">");
        }
    }
}

static const struct {
    const char *name;
    const char *value;
    const char *shown;
} good[] = {
    /* RFC 8601 appendix B */
    {"B.1 nothing done", " example.org 1; none", "example.org/1"},
    {"B.2 SPF", " example.com;\r\n          spf=pass smtp.mailfrom=example.net",
     "example.com/1; spf=pass smtp.mailfrom=<example.net>"},
    {"B.3 several methods", " example.com;\r\n  auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n  spf=pass "
                            "smtp.mailfrom=example.net",
     "example.com/1; auth=pass smtp.auth=<sender@example.net>; spf=pass smtp.mailfrom=<example.net>"},
    {"B.5 DKIM with a reason", " example.com;\r\n dkim=pass reason=\"good signature\"\r\n header.i=@mail-router.example.net;"
                               "\r\n dkim=fail reason=\"bad signature\"\r\n header.i=@newyork.example.com",
     "example.com/1; dkim=pass \"good signature\" header.i=<@mail-router.example.net>; dkim=fail \"bad signature\" "
     "header.i=<@newyork.example.com>"},
    {"B.6 comments everywhere", " foo.example.net (foobar) 1 (baz);\r\n    dkim (Because I like it) / 1 (One yay) = (wait "
                                "for it) fail\r\n      policy (A dot can go here) . (like that) expired\r\n      (this surprised "
                                "me) = (as I wasn't expecting it) 1362471462",
     "foo.example.net/1; dkim=fail policy.expired=<1362471462>"},
    {"B.7 with a quoted value", " example.com; dkim=pass header.i=@example.com; smime=fail (certificate is revoked by CRL) "
                                "body.smime-identifier=aliceDss@example.com body.smime-part=2",
     "example.com/1; dkim=pass header.i=<@example.com>; smime=fail body.smime-identifier=<aliceDss@example.com> "
     "body.smime-part=<2>"},
    {"case of words", " Example.ORG.; SPF=Pass SMTP.MailFrom=Example.NET REASON=x",
     "example.org/1; spf=pass \"x\" smtp.mailfrom=<Example.NET>"},
    {"U-labels", " b\xc3\xbc" "cher.example; none", "xn--bcher-kva.example/1"},
    {"id that is a word", " Border!Gate; none", "border!gate/1"},
    {"id that is no domain", " \"a b\"; none", "a b/1"},
    {"version", " a.example 7; none", "a.example/7"},
    {"method version", " a.example; spf/2=pass", "a.example/1; spf/2=pass"},
    {"id alone", " a.example", "a.example/1"},
    {"final semicolon", " a.example; spf=pass; ", "a.example/1; spf=pass"},
    {"none in capitals, with comments", " a.example (x) ; (y) NONE (z)", "a.example/1"},
    {"quoted property", " a.example; dkim=pass header.b=\"a/b=\" header.s=\"x \\\" \\\\ y\"",
     "a.example/1; dkim=pass header.b=<a/b=> header.s=<x \" \\\\ y>"},
    {"quoted local part", " a.example; auth=pass smtp.auth=\"a b\"@c.example", "a.example/1; auth=pass smtp.auth=<a b@c.example>"},
    {"property without quotes: base64", " a.example; dkim=pass header.b=a/b+c==", "a.example/1; dkim=pass header.b=<a/b+c==>"},
    {"property without quotes: IPv6", " a.example; iprev=pass policy.iprev=2001:db8::1", "a.example/1; iprev=pass policy.iprev=<2001:db8::1>"},
    {"property without quotes: VERP", " a.example; spf=pass smtp.mailfrom=b+c=d.example@e.example",
     "a.example/1; spf=pass smtp.mailfrom=<b+c=d.example@e.example>"},
    {"null reverse-path", " a.example; spf=none smtp.mailfrom=\"\"", "a.example/1; spf=none smtp.mailfrom=<>"},
    {"reason behind a property", " a.example; spf=fail smtp.mailfrom=b.example reason=late", "a.example/1; spf=fail \"late\" smtp.mailfrom=<b.example>"},
    {"fold in a quoted string", " a.example; spf=fail reason=\"a\r\n b\"", "a.example/1; spf=fail \"a b\""},
    {"semicolons in quotes and comments", " a.example (; x=y); spf=pass reason=\"; dkim=pass\" (;)", "a.example/1; spf=pass \"; dkim=pass\""},
    {"no space before a property", " a.example;dkim=pass(c)header.d=b.example(c)header.s=\"x\"header.a=y",
     "a.example/1; dkim=pass header.d=<b.example> header.s=<x> header.a=<y>"},
    {"methods nobody knows", " a.example; x-tls=pass x-y.z-1=2; b_c=weird", "a.example/1; x-tls=pass x-y.z-1=<2>; b_c=weird"},
};

static const struct {
    const char *name;
    const char *value;
} bad[] = {
    {"empty", ""},
    {"white space only", " \r\n "},
    {"semicolon first", " ; spf=pass"},
    {"no id", " spf=pass smtp.mailfrom=a.example"},
    {"id with a slash", " a.example/1; none"},
    {"id with a colon", " a.example:25; none"},
    {"id with an at sign", " a@b.example; none"},
    {"id in angle brackets", " <a.example>; none"},
    {"two ids", " a.example b.example; none"},
    {"empty quoted id", " \"\"; none"},
    {"quotes not closed", " \"a.example; none"},
    {"comment not closed", " a.example (x; none"},
    {"comment not opened", " a.example ) x; none"},
    {"comment too deep", " (((((((((((((((((((((x))))))))))))))))))))) a.example; none"},
    {"version with a letter", " a.example 1x; none"},
    {"version too large", " a.example 4294967296; none"},
    {"bare CR", " a.example;\r none"},
    {"bare LF", " a.example;\n none"},
    {"fold without white space", " a.example;\r\nnone"},
    {"control", " a.example; spf=pass\x01"},
    {"control in quotes", " a.example; spf=fail reason=\"a\x01\""},
    {"escaped line end", " a.example; spf=fail reason=\"a\\\r\n b\""},
    {"DEL in a comment", " a.example (\x7f); none"},
    {"none and more", " a.example; none; spf=pass"},
    {"more and none", " a.example; spf=pass; none"},
    {"none twice", " a.example; none; none"},
    {"none with a property", " a.example; none smtp.mailfrom=b.example"},
    {"two semicolons", " a.example; spf=pass;; dkim=pass"},
    {"method alone", " a.example; spf"},
    {"method without result", " a.example; spf="},
    {"method without name", " a.example; =pass"},
    {"quoted method", " a.example; \"spf\"=pass"},
    {"quoted result", " a.example; spf=\"pass\""},
    {"method version without digits", " a.example; spf/=pass"},
    {"method version with letters", " a.example; spf/x=pass"},
    {"property without value", " a.example; spf=pass smtp.mailfrom="},
    {"property without name", " a.example; spf=pass smtp.=a"},
    {"property without type", " a.example; spf=pass .mailfrom=a"},
    {"property without dot", " a.example; spf=pass mailfrom=a"},
    {"property with two dots", " a.example; spf=pass smtp.mail.from=a"},
    {"property in quotes", " a.example; spf=pass \"smtp\".mailfrom=a"},
    {"words behind a result", " a.example; spf=pass good"},
    {"reason without value", " a.example; spf=pass reason="},
    {"reason without sign", " a.example; spf=pass reason x"},
    {"comma", " a.example; spf=pass, dkim=pass"},
    {"value in angle brackets", " a.example; spf=pass smtp.mailfrom=<a@b.example>"},
};

START_TEST(test_good)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
        struct mv_authres authres;
        struct mv_buf text;
        enum mv_code code = mv_authres_parse(arena, mv_bytes_str(good[i].value), &authres);

        ck_assert_msg(code == MV_OK, "%s: %s", good[i].name, mv_code_text(code));
        mv_buf_init(&text, SHOWN_MAX_BYTES);
        show(&authres, &text);
        ck_assert_msg(strcmp(mv_buf_cstr(&text), good[i].shown) == 0, "%s: %s", good[i].name, mv_buf_cstr(&text));
        mv_buf_free(&text);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(test_bad)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
        struct mv_authres authres;
        enum mv_code code = mv_authres_parse(arena, mv_bytes_str(bad[i].value), &authres);

        ck_assert_msg(code == MV_ERR_SYNTAX, "%s: %s", bad[i].name, mv_code_text(code));
        mv_arena_free(&arena);
    }
}
END_TEST

static enum mv_code parse_repeated(const char *head, const char *part, size_t times)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_authres authres;
    struct mv_buf value;
    enum mv_code code;

    mv_buf_init(&value, MAX_MEMORY_BYTES);
    mv_buf_puts(&value, head);
    for (size_t i = 0; i < times; i++)
        mv_buf_puts(&value, part);
    code = mv_authres_parse(arena, mv_buf_bytes(&value), &authres);
    mv_buf_free(&value);
    mv_arena_free(&arena);
    return code;
}

START_TEST(test_limits)
{
    ck_assert_int_eq(parse_repeated(" a.example", "; spf=pass", MV_AUTHRES_MAX_RESULTS), MV_OK);
    ck_assert_int_eq(parse_repeated(" a.example", "; spf=pass", MV_AUTHRES_MAX_RESULTS + 1), MV_ERR_LIMIT);
    ck_assert_int_eq(parse_repeated(" a.example; spf=pass", " x.y=z", MV_AUTHRES_MAX_PROPS), MV_OK);
    ck_assert_int_eq(parse_repeated(" a.example; spf=pass", " x.y=z", MV_AUTHRES_MAX_PROPS + 1), MV_ERR_LIMIT);
    ck_assert_int_eq(parse_repeated(" a.example; spf=pass (", " ", MV_AUTHRES_MAX_FIELD_BYTES), MV_ERR_LIMIT);
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_arena *arena = mv_arena_new(1);
    struct mv_authres authres;

    ck_assert_int_eq(mv_authres_parse(arena, MV_BYTES(" a.example; spf=pass"), &authres), MV_ERR_MEMORY);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_prop)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_authres authres;
    const struct mv_authres_prop *prop;

    ck_assert_int_eq(mv_authres_parse(arena, MV_BYTES("a; dkim=pass Header.D=x header.d=y policy.d=z"), &authres), MV_OK);
    prop = mv_authres_prop(&authres.results[0], "header", "d");
    ck_assert(prop != NULL && mv_bytes_equal(prop->value, MV_BYTES("x")));
    prop = mv_authres_prop(&authres.results[0], "policy", "d");
    ck_assert(prop != NULL && mv_bytes_equal(prop->value, MV_BYTES("z")));
    ck_assert_ptr_null(mv_authres_prop(&authres.results[0], "header", "s"));
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_authserv_id)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_bytes id;
    uint64_t version;

    ck_assert_int_eq(mv_authres_authserv_id(arena, MV_BYTES(" (x) \"A.Example.\" 3; this is no result"), &id, &version),
                     MV_OK);
    ck_assert(mv_bytes_equal(id, MV_BYTES("a.example")));
    ck_assert_uint_eq(version, 3);
    ck_assert_int_eq(mv_authres_authserv_id(arena, MV_BYTES(" a.example"), &id, &version), MV_OK);
    ck_assert_uint_eq(version, 1);
    ck_assert_int_eq(mv_authres_authserv_id(arena, MV_BYTES(" a=b; c=d"), &id, &version), MV_ERR_SYNTAX);
    ck_assert_int_eq(mv_authres_authserv_id(arena, MV_BYTES(""), &id, &version), MV_ERR_SYNTAX);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_good, test_bad, test_limits, test_no_memory, test_prop, test_authserv_id};

    return unit_run("authres parse", tests, sizeof tests / sizeof tests[0]);
}
