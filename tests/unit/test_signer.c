/* Who may send as whom, and what becomes of the message. */
#include "tests/unit/signer_site.h"

#include <stdio.h>
#include <string.h>

#include "core/base/ascii.h"
#include "tests/unit/unit.h"

#define OURS "domains = example.org example.net a.example.com\n"
#define BODY "Subject: x\r\n\r\nhello\r\n"
#define ALICE "alice@example.org"
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* What every outcome keeps to, whatever it is. */
static void check_shape(const char *name, const struct site_result *result)
{
    bool goes_on = result->action == MV_SIGN_SIGNED || result->action == MV_SIGN_UNSIGNED;

    ck_assert_msg(goes_on == (result->reply == NULL), "%s: reply", name);
    ck_assert_msg((result->action == MV_SIGN_SIGNED) == (result->fields.len > 0), "%s: fields", name);
    ck_assert_msg((result->action == MV_SIGN_SIGNED) == (result->selectors.len > 0), "%s: selectors", name);
    ck_assert_msg(result->action == MV_SIGN_SIGNED || result->reason != NULL, "%s: no reason", name);
    ck_assert_msg(mv_bytes_all(mv_bytes_str(result->log), MV_ASCII_VCHAR | MV_ASCII_WSP), "%s: log", name);
    if (goes_on)
        return;
    ck_assert_msg(strncmp(result->reply, result->action == MV_SIGN_REFUSED ? "550 5." : "451 4.7.5 ",
                          result->action == MV_SIGN_REFUSED ? 6 : 10) == 0, "%s: %s", name, result->reply);
    ck_assert_msg(strlen(result->reply) <= 500, "%s: %zu", name, strlen(result->reply));
    ck_assert_msg(mv_bytes_all(mv_bytes_str(result->reply), MV_ASCII_VCHAR | MV_ASCII_WSP), "%s: reply", name);
}

static const struct {
    const char *name;
    const char *config; /* in [sign], behind OURS */
    const char *user;
    const char *ip;
    const char *from; /* value of the From field */
    enum mv_sign_action action;
    const char *domain; /* d=, or the start of the reply */
    const char *log;    /* a part of it */
} senders[] = {
    /* alignment: RFC 9989 4.4, relaxed */
    {"own address", "", ALICE, "", ALICE, MV_SIGN_SIGNED, "example.org",
     "user=alice@example.org from=alice@example.org domain=example.org "
     "selectors=mx1-20261123-r,mx1-20261123-e result=signed"},
    {"login in other case", "", "Alice@EXAMPLE.org", "", ALICE, MV_SIGN_SIGNED, "example.org", "result=signed"},
    {"From with a name", "", ALICE, "", "Alice <Alice@Example.ORG>", MV_SIGN_SIGNED, "example.org", "result=signed"},
    {"below ours", "users = *: .example.org\n", ALICE, "", "x@b.c.example.org", MV_SIGN_SIGNED, "example.org",
     "from=x@b.c.example.org"},
    {"the nearest", "users = *: *\n[domain c.example.org]\n", ALICE, "", "x@b.c.example.org", MV_SIGN_SIGNED,
     "c.example.org", "domain=c.example.org"},
    {"ours below another's", "users = *: *\n", ALICE, "", "x@a.example.com", MV_SIGN_SIGNED, "a.example.com", ""},
    {"above ours", "users = *: *\n", ALICE, "", "x@example.com", MV_SIGN_REFUSED,
     "550 5.7.1 alice@example.org may not send as x@example.com", "result=refused: the author's domain is none of"},
    {"like ours at its end", "users = *: *\n", ALICE, "", "x@notexample.org", MV_SIGN_REFUSED, "550 5.7.1", "none of"},
    /* permission */
    {"domain", "users = alice@example.org: example.net\n", ALICE, "", "bob@example.net", MV_SIGN_SIGNED, "example.net",
     ""},
    {"address", "users = *: self alice@example.org: sales@example.net\n", ALICE, "", "sales@example.net",
     MV_SIGN_SIGNED, "example.net", ""},
    {"own address beside others", "users = *: self alice@example.org: sales@example.net\n", ALICE, "", ALICE,
     MV_SIGN_SIGNED, "example.org", ""},
    {"several authors, all his", "users = *: example.org\n", ALICE, "", "bob@example.org, alice@example.org",
     MV_SIGN_SIGNED, "example.org", "from=bob@example.org"},
    {"login without a domain", "users = *: %n@example.org\n", "alice", "", ALICE, MV_SIGN_SIGNED, "example.org",
     "user=alice from=alice@example.org"},
    {"another's address", "", ALICE, "", "bob@example.org", MV_SIGN_REFUSED,
     "550 5.7.1 alice@example.org may not send as bob@example.org", "lets this login send as that"},
    {"several authors, one not his", "", ALICE, "", "alice@example.org, bob@example.org", MV_SIGN_REFUSED,
     "550 5.7.1 alice@example.org may not send as bob@example.org", "from=bob@example.org"},
    {"no rule", "users = bob@example.org: self\n", ALICE, "", ALICE, MV_SIGN_REFUSED, "550 5.7.1",
     "no line of users or users_file in [sign] is for this login"},
    {"no rules at all", "users =\n", ALICE, "", ALICE, MV_SIGN_REFUSED, "550 5.7.1", "is for this login"},
    {"self without a domain", "", "alice", "", ALICE, MV_SIGN_REFUSED, "550 5.7.1 alice may not send as alice@",
     "self is nothing for a login without a domain"},
    {"hostile login", "", "x result=signed \"\r\n", "", ALICE, MV_SIGN_REFUSED,
     "550 5.7.1 x result=signed \"\\x0d\\x0a may not send as",
     "user=\"x result=signed \\x22\\x0d\\x0a\" from=alice@example.org domain=example.org result=refused"},
    {"long login", "", A64 A64 A64 A64 A64 "@example.org", "", ALICE, MV_SIGN_REFUSED, "550 5.7.1 aaaa",
     "the login is too long"},
    {"long author", "", ALICE, "", A64 A64 A64 A64 A64 "@example.org", MV_SIGN_REFUSED, "550 5.7.1", "result=refused"},
    {"hostile author", "", ALICE, "", "\"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3"
     "\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3"
     "\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3"
     "\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3"
     "\xbc\"@example.org", MV_SIGN_REFUSED, "550 5.7.1 You may not send as the author in From", "result=refused"},
    /* without a login */
    {"network", "networks = 192.0.2.0/24\n", "", "192.0.2.7", "cron@example.org", MV_SIGN_SIGNED, "example.org",
     "client=192.0.2.7 from=cron@example.org"},
    {"other network", "networks = 192.0.2.0/24\n", "", "198.51.100.7", ALICE, MV_SIGN_REFUSED,
     "550 5.7.1 A client without a login may not send as alice@example.org", "it came without a login"},
    {"no networks", "users = *: *\n", "", "127.0.0.1", ALICE, MV_SIGN_REFUSED, "550 5.7.1", "it came without a login"},
    {"client not known", "networks = 0.0.0.0/0 ::/0\n", "", "", ALICE, MV_SIGN_REFUSED, "550 5.7.1", "without a login"},
    {"a login in a network is a login", "networks = 192.0.2.0/24\n", ALICE, "192.0.2.7", "bob@example.org",
     MV_SIGN_REFUSED, "550 5.7.1", "lets this login"},
    /* foreign authors */
    {"foreign", "", ALICE, "", "alice@gmail.example", MV_SIGN_REFUSED,
     "550 5.7.1 alice@example.org may not send as alice@gmail.example", "none of domains in [sign]"},
    {"foreign, permitted all the same", "users = *: *\n", ALICE, "", "alice@gmail.example", MV_SIGN_REFUSED,
     "550 5.7.1", "none of domains"},
    {"foreign, unsigned", "foreign_from = unsigned\n", ALICE, "", "alice@gmail.example", MV_SIGN_UNSIGNED, "",
     "from=alice@gmail.example result=unsigned: the author's domain is none of"},
    {"foreign, unsigned, no rule", "foreign_from = unsigned\nusers = bob@example.org: self\n", ALICE, "",
     "alice@gmail.example", MV_SIGN_REFUSED, "550 5.7.1", "is for this login"},
    {"foreign, unsigned, the rules cannot be read", "foreign_from = unsigned\nusers_file = /nonexistent/users\n", ALICE, "",
     "alice@gmail.example", MV_SIGN_DEFERRED, "451 4.7.5", "/nonexistent/users"},
    {"foreign, unsigned, of a network", "foreign_from = unsigned\nnetworks = 192.0.2.7\n", "", "192.0.2.7",
     "alice@gmail.example", MV_SIGN_UNSIGNED, "", "client=192.0.2.7 from=alice@gmail.example result=unsigned"},
    {"foreign, unsigned, of no network", "foreign_from = unsigned\n", "", "192.0.2.7", "alice@gmail.example",
     MV_SIGN_REFUSED, "550 5.7.1", "without a login"},
    {"another's address is not foreign", "foreign_from = unsigned\n", ALICE, "", "bob@example.org", MV_SIGN_REFUSED,
     "550 5.7.1", "lets this login"},
    {"foreign and on_error", "on_error = send\n", ALICE, "", "alice@gmail.example", MV_SIGN_REFUSED, "550 5.7.1", ""},
    {"authors of several domains", "users = *: *\n", ALICE, "", "alice@example.org, alice@example.net",
     MV_SIGN_REFUSED, "550 5.6.0 The message cannot be sent as it is: the From field has authors of several domains",
     "result=refused: the From field has authors of several domains"},
};

static struct mv_sign_request request_of(const char *user, const char *ip)
{
    struct mv_sign_request request = {.user = mv_bytes_str(user), .now_secs = SITE_NOW_SECS};

    if (*ip != '\0')
        ck_assert(mv_ip_parse(mv_bytes_str(ip), &request.client_ip));
    return request;
}

START_TEST(test_senders)
{
    site_begin();
    site_add_good_keys("example.org", SITE_NOW_SECS);
    site_add_good_keys("example.net", SITE_NOW_SECS);
    site_add_good_keys("a.example.com", SITE_NOW_SECS);
    site_add_good_keys("c.example.org", SITE_NOW_SECS);
    for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++) {
        struct mv_sign_request request = request_of(senders[i].user, senders[i].ip);
        const struct site_result *result;
        char text[2048];

        snprintf(text, sizeof text, OURS "%s", senders[i].config);
        site_configure(text);
        snprintf(text, sizeof text, "From: %s\r\n" BODY, senders[i].from);
        result = site_sign(&request, mv_bytes_str(text), 0);
        check_shape(senders[i].name, result);
        ck_assert_msg(result->action == senders[i].action, "%s: %s", senders[i].name, result->log);
        ck_assert_msg(strstr(result->log, senders[i].log) != NULL, "%s: %s", senders[i].name, result->log);
        if (result->reply != NULL)
            ck_assert_msg(strncmp(result->reply, senders[i].domain, strlen(senders[i].domain)) == 0, "%s: %s",
                          senders[i].name, result->reply);
        else
            ck_assert_msg(mv_bytes_equal(result->domain, mv_bytes_str(senders[i].domain)), "%s: %s", senders[i].name,
                          result->log);
    }
    site_end();
}
END_TEST

/* RFC 6376 5.3, 8.15; RFC 5322 3.6: what is never signed, whoever sends it. */
static const struct {
    const char *name;
    const char *message;
    size_t len; /* 0: up to the NUL */
    const char *says;
} malformed[] = {
    {"empty", "", 0, "the message has no From field"},
    {"no From", "To: a@example.org\r\n" BODY, 0, "the message has no From field"},
    {"empty From", "From: \r\n" BODY, 0, "the From field"},
    {"empty group", "From: nobody:;\r\n" BODY, 0, "without a domain name"},
    {"two From fields", "From: " ALICE "\r\nFrom: " ALICE "\r\n" BODY, 0, "more than one From field"},
    {"a second From in other case", "From: " ALICE "\r\nfROM : bob@example.net\r\n" BODY, 0, "more than one From"},
    {"From without a domain", "From: alice\r\n" BODY, 0, "the From field"},
    {"From with a literal", "From: alice@[192.0.2.1]\r\n" BODY, 0, "without a domain name"},
    {"From that names two", "From: alice@example.org <bob@example.org>\r\n" BODY, 0, "is not a list of addresses"},
    {"From that only a loose reader reads", "From: Doe, Alice <alice@example.org>\r\n" BODY, 0, "the From field"},
    {"two Subject fields", "From: " ALICE "\r\nSubject: y\r\n" BODY, 0, "Subject"},
    {"two To fields", "From: " ALICE "\r\nTo: a@b.example\r\nTo: c@b.example\r\n" BODY, 0, "To"},
    {"bare LF in the header", "X: a\nb\r\nFrom: " ALICE "\r\n" BODY, 0, "an LF without CR"},
    {"bare CR in the header", "X: a\rFrom: bob@example.org\r\nFrom: " ALICE "\r\n" BODY, 0, "a CR without LF"},
    {"NUL in the header", "X: a\0b\r\nFrom: " ALICE "\r\n" BODY, sizeof "X: a\0b\r\nFrom: " ALICE "\r\n" BODY - 1,
     "a NUL byte"},
    {"a line that is no field", "Not a field\r\nFrom: " ALICE "\r\n" BODY, 0, "a header line that is no field"},
    {"bare LF in the body", "From: " ALICE "\r\n\r\na\nb\r\n", 0, "LF"},
    {"bare CR in the body", "From: " ALICE "\r\n\r\na\rb\r\n", 0, "CR"},
    {"NUL in the body", "From: " ALICE "\r\n\r\na\0b\r\n", sizeof "From: " ALICE "\r\n\r\na\0b\r\n" - 1, "NUL"},
};

START_TEST(test_malformed)
{
    struct mv_sign_request request = request_of(ALICE, "");

    site_begin();
    site_add_good_keys("example.org", SITE_NOW_SECS);
    site_configure(OURS "users = *: *\non_error = send\nforeign_from = unsigned\n");
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        size_t len = malformed[i].len == 0 ? strlen(malformed[i].message) : malformed[i].len;

        for (size_t step = 0; step <= 3; step++) {
            const struct site_result *result = site_sign(&request, mv_bytes_of(malformed[i].message, len), step);

            check_shape(malformed[i].name, result);
            ck_assert_msg(result->action == MV_SIGN_REFUSED, "%s: %s", malformed[i].name, result->log);
            ck_assert_msg(strstr(result->reply, "550 5.6.0 The message cannot be sent as it is: ") == result->reply,
                          "%s: %s", malformed[i].name, result->reply);
            ck_assert_msg(strstr(result->reason, malformed[i].says) != NULL, "%s: %s", malformed[i].name,
                          result->reason);
        }
    }
    site_end();
}
END_TEST

START_TEST(test_header_limit)
{
    struct mv_sign_request request = request_of(ALICE, "");
    const struct site_result *result;
    struct mv_buf text;

    mv_buf_init(&text, 4 * 1024 * 1024);
    mv_buf_puts(&text, "From: " ALICE "\r\n");
    for (unsigned i = 0; i < 20000; i++)
        mv_buf_printf(&text, "X-%u: %060u\r\n", i, i);
    mv_buf_puts(&text, "\r\nbody\r\n");
    site_begin();
    site_add_good_keys("example.org", SITE_NOW_SECS);
    site_configure(OURS);
    result = site_sign(&request, mv_buf_bytes(&text), 1000);
    check_shape("too large", result);
    ck_assert_int_eq(result->action, MV_SIGN_REFUSED);
    ck_assert_msg(strstr(result->reason, "the header has more than") != NULL, "%s", result->reason);
    mv_buf_free(&text);
    site_end();
}
END_TEST

/* Our own verifier takes what is signed, and DMARC passes by it. */
static void verify(struct mv_bytes fields, struct mv_bytes message, const char *domain)
{
    struct mv_envelope envelope = {.now_secs = SITE_NOW_SECS + 60};
    struct mv_error error = {0};
    const struct mv_verdict *verdict;
    struct mv_msg *msg;

    ck_assert_int_eq(mv_msg_begin(site_engine(), &envelope, MV_WANT_DKIM | MV_WANT_DMARC, &msg, &error), MV_OK);
    ck_assert_int_eq(mv_msg_feed(msg, fields), MV_OK);
    ck_assert_int_eq(mv_msg_feed(msg, message), MV_OK);
    ck_assert_int_eq(mv_msg_end(msg), MV_OK);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
    verdict = mv_msg_verdict(msg);
    ck_assert_uint_eq(verdict->dkim_count, 2);
    for (size_t i = 0; i < verdict->dkim_count; i++) {
        ck_assert_msg(verdict->dkim[i].code == MV_DKIM_PASS, "%s", verdict->dkim[i].reason);
        ck_assert(mv_bytes_equal(verdict->dkim[i].sdid, mv_bytes_str(domain)));
    }
    ck_assert_int_eq(verdict->dmarc.code, MV_DMARC_PASS);
    mv_msg_free(&msg);
}

static const struct {
    const char *config;
    const char *canon;  /* in the field */
    const char *expire; /* x= in it, or NULL: there is none */
} options[] = {
    {"", "c=relaxed/relaxed;", "x=1796609600;"},
    {"[domain example.org]\nexpire = 1d\n", "c=relaxed/relaxed;", "x=1795486400;"},
    {"expire = 0s\n", "c=relaxed/relaxed;", NULL},
    {"canonicalization = relaxed/simple\n", "c=relaxed/simple;", "x=1796609600;"},
    {"canonicalization = simple/relaxed\n", "c=simple/relaxed;", "x=1796609600;"},
    {"canonicalization = simple/simple\nexpire = 0s\n", "c=simple/simple;", NULL},
};

START_TEST(test_signed_as_configured)
{
    static const char message[] = "From: \"A  B\"\r\n <" ALICE ">\r\nTo:  c@b.example\r\n" BODY "  two  \r\n\r\n\r\n";
    struct mv_sign_request request = request_of(ALICE, "");

    site_begin();
    site_add_good_keys("example.org", SITE_NOW_SECS);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        char config[200];

        snprintf(config, sizeof config, OURS "%s", options[i].config);
        site_configure(config);
        site_serve_keys("example.org");
        for (size_t step = 0; step < 9; step += 2) {
            const struct site_result *result = site_sign(&request, mv_bytes_str(message), step);
            char fields[8192];

            ck_assert_msg(result->action == MV_SIGN_SIGNED, "%s", result->log);
            ck_assert_uint_lt(result->fields.len, sizeof fields);
            memcpy(fields, result->fields.data, result->fields.len);
            fields[result->fields.len] = '\0';
            ck_assert_msg(strstr(fields, options[i].canon) != NULL, "%s", fields);
            ck_assert_msg(strstr(fields, "t=1795400000;") != NULL, "%s", fields);
            if (options[i].expire != NULL)
                ck_assert_msg(strstr(fields, options[i].expire) != NULL, "%s", fields);
            else
                ck_assert_msg(strstr(fields, "x=") == NULL, "%s", fields);
            verify(result->fields, mv_bytes_str(message), "example.org");
        }
    }
    site_end();
}
END_TEST

START_TEST(test_operator)
{
    struct mv_sign_request request = request_of("", "");
    const struct site_result *result;

    site_begin();
    site_add_good_keys("example.org", SITE_NOW_SECS);
    site_configure(OURS "users =\n");
    request.trust = MV_SIGN_OPERATOR;
    result = site_sign(&request, MV_BYTES("From: anybody@example.org\r\n" BODY), 0);
    ck_assert_msg(result->action == MV_SIGN_SIGNED, "%s", result->log);
    result = site_sign(&request, MV_BYTES("From: anybody@example.com\r\n" BODY), 0);
    ck_assert_msg(result->action == MV_SIGN_REFUSED, "%s", result->log);
    site_end();
}
END_TEST

/* Out of order, and before the end: never a message that goes on. */
START_TEST(test_order)
{
    struct mv_sign_request request = request_of(ALICE, "");
    struct mv_error error = {0};
    struct mv_signer *signer, *none = NULL;

    site_begin();
    site_add_good_keys("example.org", SITE_NOW_SECS);
    site_configure(OURS);
    ck_assert_int_eq(mv_signer_begin(site_engine(), &request, &signer, &error), MV_OK);
    ck_assert_int_eq(mv_signer_outcome(signer)->action, MV_SIGN_DEFERRED);
    ck_assert_uint_eq(mv_signer_fields(signer).len, 0);
    ck_assert_int_eq(mv_signer_feed(signer, MV_BYTES("From: " ALICE "\r\n" BODY)), MV_OK);
    ck_assert_int_eq(mv_signer_outcome(signer)->action, MV_SIGN_DEFERRED);
    ck_assert_int_eq(mv_signer_end(signer), MV_OK);
    ck_assert_int_eq(mv_signer_outcome(signer)->action, MV_SIGN_SIGNED);
    ck_assert_int_eq(mv_signer_end(signer), MV_ERR_USAGE);
    ck_assert_int_eq(mv_signer_feed(signer, MV_BYTES("more")), MV_ERR_USAGE);
    ck_assert_int_eq(mv_signer_outcome(signer)->action, MV_SIGN_SIGNED);
    mv_signer_free(&signer);
    mv_signer_free(&signer);
    mv_signer_free(&none);
    site_end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_senders,  test_malformed, test_header_limit, test_signed_as_configured,
                                  test_operator, test_order};

    return unit_run("signer", tests, sizeof tests / sizeof tests[0]);
}
