/* mv_sign with a mail server of a few variables: what is signed, what is answered, and that nothing leaves by accident. */
#include "exim-dlfunc/submission.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "exim-dlfunc/host.h"
#include "exim-dlfunc/module.h"
#include "tests/unit/signer_site.h"
#include "tests/unit/unit.h"

#define OURS "domains = example.org\n"

static struct mv_host_envelope envelope;
static const char *message_id;
static const char *fields[12];
static bool held_back[12];
static const char *body;
static size_t body_at;
static bool body_breaks, wire_format;
static struct mv_buf log_text, added;
static unsigned alerts, additions;
static const char *config_name;

void mv_host_get_envelope(struct mv_host_envelope *envelope_r)
{
    *envelope_r = envelope;
}

const char *mv_host_message_id(void)
{
    return message_id;
}

bool mv_host_next_field(struct mv_host_field *field)
{
    const char **at = field->handle == NULL ? fields : (const char **)field->handle + 1;

    if (*at == NULL)
        return false;
    *field = (struct mv_host_field){(void *)at, mv_bytes_str(*at), held_back[at - fields]};
    return true;
}

void mv_host_remove_field(const struct mv_host_field *field)
{
    held_back[(const char **)field->handle - fields] = true;
}

void mv_host_add_field_on_top(const char *text)
{
    mv_buf_puts(&added, text);
    additions++;
}

bool mv_host_open_body(struct mv_host_body *body_r)
{
    *body_r = (struct mv_host_body){.fd = -1, .wire_format = wire_format};
    body_at = 0;
    return message_id[0] != '\0';
}

ssize_t mv_host_read_body(struct mv_host_body *from, unsigned char *bytes, size_t size)
{
    size_t left = strlen(body) - body_at, n = left < size ? left : size;

    (void)from;
    if (body_breaks && body_at > 0)
        return -1;
    n = n > 3 ? 3 : n;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)body[body_at + i];
    body_at += n;
    return (ssize_t)n;
}

void mv_host_log(enum mv_host_log where, const char *line)
{
    alerts += where == MV_HOST_LOG_ALERT;
    mv_buf_puts(&log_text, line);
    mv_buf_putc(&log_text, '\n');
}

static void setup(void)
{
    static const char *const message[] = {
        "Received: from client by us\n", "Return-Path: <a@example.org>\n", "From: nobody@example.com\n",
        "From: Alice\n <alice@example.org>\n", "To: bob@example.net\n", "Subject:  x\n", "Received: from elsewhere\n"};

    mv_buf_init(&log_text, 65536);
    mv_buf_init(&added, 65536);
    site_begin();
    site_add_good_keys("example.org", (int64_t)time(NULL));
    site_configure(OURS);
    envelope = (struct mv_host_envelope){"192.0.2.1", "plain", "client.example", "alice@example.org",
                                         "alice@example.org"};
    message_id = "id-1";
    config_name = "m.conf";
    for (size_t i = 0; i < sizeof message / sizeof message[0]; i++)
        fields[i] = message[i];
    held_back[1] = held_back[2] = true; /* Return-Path always, and a From that was rewritten */
    body = "Hello\n\nworld\n";
}

static void teardown(void)
{
    site_end();
}

static const char *sign(void)
{
    static char text[4096];
    struct mv_buf out = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    mv_submission_sign(site_path(config_name), &out);
    snprintf(text, sizeof text, "%s", mv_buf_cstr(&out));
    mv_buf_free(&out);
    return text;
}

static const char *detail(const char *name)
{
    static char text[4096];
    struct mv_buf out = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    ck_assert(mv_module_result(name, &out));
    snprintf(text, sizeof text, "%s", mv_buf_cstr(&out));
    mv_buf_free(&out);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in: %s", part, text);
}

/* What leaves, with CRLF and what was added on top, is what our own verifier takes. */
static void verify_what_leaves(const char *rest)
{
    struct mv_envelope of = {.now_secs = (int64_t)time(NULL)};
    struct mv_error error = {0};
    struct mv_buf text;
    struct mv_msg *msg;

    site_serve_keys("example.org");
    mv_buf_init(&text, 65536);
    for (size_t i = 0; i < added.len; i++)
        mv_buf_printf(&text, added.data[i] == '\n' ? "\r\n" : "%c", added.data[i]);
    mv_buf_puts(&text, rest);
    ck_assert_int_eq(mv_msg_begin(site_engine(), &of, MV_WANT_DKIM, &msg, &error), MV_OK);
    ck_assert_int_eq(mv_msg_feed(msg, mv_buf_bytes(&text)), MV_OK);
    ck_assert_int_eq(mv_msg_end(msg), MV_OK);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
    ck_assert_uint_eq(mv_msg_verdict(msg)->dkim_count, 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_msg(mv_msg_verdict(msg)->dkim[i].code == MV_DKIM_PASS, "%s: %s", mv_msg_verdict(msg)->dkim[i].reason,
                      mv_buf_cstr(&text));
    mv_msg_free(&msg);
    mv_buf_free(&text);
}

#define LEAVING "From: Alice\r\n <alice@example.org>\r\nTo: bob@example.net\r\nSubject:  x\r\nReceived: from elsewhere\r\n\r\n"

START_TEST(test_signed)
{
    ck_assert_str_eq(sign(), "action=signed domain=example.org selectors=\"mx1-20261123-r,mx1-20261123-e\" reason=\"\"");
    ck_assert_uint_eq(additions, 1);
    ck_assert(memchr(added.data, '\r', added.len) == NULL);
    ck_assert(added.data[added.len - 1] == '\n');
    assert_has(mv_buf_cstr(&log_text), "mailvouch sign: user=alice@example.org client=192.0.2.1 ");
    assert_has(mv_buf_cstr(&log_text), "selectors=mx1-20261123-r,mx1-20261123-e result=signed\n");
    ck_assert_str_eq(detail("sign_action"), "signed");
    ck_assert_str_eq(detail("sign_domain"), "example.org");
    ck_assert_str_eq(detail("sign_selectors"), "mx1-20261123-r,mx1-20261123-e");
    ck_assert_str_eq(detail("sign_reply"), "");
    ck_assert_int_eq(mv_submission_action(), MV_ACTION_NONE);
    verify_what_leaves(LEAVING "Hello\r\n\r\nworld\r\n");
}
END_TEST

START_TEST(test_signed_as_it_came)
{
    wire_format = true; /* BDAT with spool_wireformat */
    body = "Hello\r\n\r\nworld";
    assert_has(sign(), "action=signed ");
    verify_what_leaves(LEAVING "Hello\r\n\r\nworld");
}
END_TEST

START_TEST(test_signed_once)
{
    sign();
    assert_has(sign(), "action=signed ");
    ck_assert_uint_eq(additions, 1);
    message_id = "id-2";
    assert_has(sign(), "action=signed ");
    ck_assert_uint_eq(additions, 2);
}
END_TEST

/* Handed over on this machine, by a program that runs as this user. */
START_TEST(test_local)
{
    envelope.client_address = NULL;
    envelope.authenticated = NULL;
    envelope.authenticated_id = "www-data";
    site_configure(OURS "users = www-data: example.org\n");
    assert_has(sign(), "action=signed ");
    assert_has(mv_buf_cstr(&log_text), "sign: user=www-data mail_from=");
}
END_TEST

static const struct {
    const char *name;
    const char *config;
    const char *id;
    const char *from; /* value of the field that leaves */
    const char *answer;
    const char *reply;
    enum mv_action action;
} rows[] = {
    {"another's address", "", "alice@example.org", "bob@example.org",
     "action=refused domain=example.org selectors=\"\" reason=\"no line of users",
     "550 5.7.1 alice@example.org may not send as bob@example.org", MV_ACTION_REJECT},
    {"foreign", "", "alice@example.org", "bob@example.net", "action=refused domain=\"\"", "550 5.7.1",
     MV_ACTION_REJECT},
    {"foreign, unsigned", "foreign_from = unsigned\n", "alice@example.org", "bob@example.net", "action=unsigned", "",
     MV_ACTION_NONE},
    {"no address", "", "alice@example.org", "nobody", "action=refused", "550 5.6.0", MV_ACTION_REJECT},
    {"no key", "[domain a.example.org]\n", "alice@a.example.org", "alice@a.example.org", "action=deferred domain=a.ex",
     "451 4.7.5", MV_ACTION_TEMPFAIL},
    {"no key, and mail is to be sent", "on_error = send\n[domain a.example.org]\n", "alice@a.example.org",
     "alice@a.example.org", "action=unsigned domain=a.example.org", "", MV_ACTION_NONE},
    {"the authenticator does not say who", "", "", "alice@example.org",
     "action=deferred domain=\"\" selectors=\"\" reason=\"Exim's authenticator does not say who the user is",
     "451 4.7.5", MV_ACTION_TEMPFAIL},
};

START_TEST(test_not_signed)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static char from[100], id[20], config[200];
        const char *answer;

        snprintf(from, sizeof from, "From: %s\n", rows[i].from);
        snprintf(id, sizeof id, "id-%zu", i);
        snprintf(config, sizeof config, OURS "%s", rows[i].config);
        mv_buf_reset(&log_text);
        fields[3] = from;
        message_id = id;
        envelope.authenticated_id = rows[i].id;
        site_configure(config);
        ck_assert_int_eq(rename(site_path("m.conf"), site_path(id)), 0); /* a process reads each path once */
        config_name = id;
        answer = sign();
        ck_assert_msg(strncmp(answer, rows[i].answer, strlen(rows[i].answer)) == 0, "%s: %s", rows[i].name, answer);
        ck_assert_msg(strncmp(detail("sign_reply"), rows[i].reply, strlen(rows[i].reply)) == 0, "%s: %s", rows[i].name,
                      detail("sign_reply"));
        ck_assert_msg((rows[i].reply[0] == '\0') == (detail("sign_reply")[0] == '\0'), "%s", rows[i].name);
        ck_assert_msg(mv_submission_action() == rows[i].action, "%s", rows[i].name);
        ck_assert_msg(strstr(mv_buf_cstr(&log_text), "mailvouch sign: ") != NULL, "%s", rows[i].name);
        ck_assert_msg(additions == 0, "%s: signed", rows[i].name);
    }
}
END_TEST

START_TEST(test_bad_configuration)
{
    site_write("m.conf", "[sign]\nnonsense = 1\n", 0644);
    assert_has(sign(), "action=deferred domain=\"\" selectors=\"\" reason=\"");
    assert_has(detail("sign_reason"), "nonsense");
    assert_has(detail("sign_reply"), "451 4.7.5 Your message was not sent");
    ck_assert_uint_eq(alerts, 1);
    message_id = "id-2";
    assert_has(sign(), "action=deferred");
    ck_assert_uint_eq(alerts, 1); /* once for each process */
    site_configure(OURS);
    message_id = "id-3";
    assert_has(sign(), "action=signed");
}
END_TEST

START_TEST(test_spool_file_breaks)
{
    body_breaks = true;
    assert_has(sign(), "action=deferred");
    assert_has(detail("sign_reason"), "Exim's spool file cannot be read");
    ck_assert_uint_eq(additions, 0);
}
END_TEST

START_TEST(test_before_the_message)
{
    message_id = "";
    assert_has(sign(), "reason=\"no message so far: this function belongs into the DATA ACL\"");
    ck_assert_int_eq(mv_submission_action(), MV_ACTION_TEMPFAIL);
}
END_TEST

/* local_scan(), where there is no ${dlfunc}. */
START_TEST(test_scan)
{
    struct mv_buf reply = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};
    char how[400];

    snprintf(how, sizeof how, "skip sign config=%s", site_path("m.conf"));
    ck_assert_int_eq(mv_module_scan(how, &reply), MV_ACTION_NONE);
    ck_assert_uint_eq(reply.len, 0);
    assert_has(mv_buf_cstr(&added), "DKIM-Signature: ");
    message_id = "id-2";
    fields[3] = "From: bob@example.org\n";
    ck_assert_int_eq(mv_module_scan(how, &reply), MV_ACTION_REJECT);
    ck_assert_int_eq(strncmp(mv_buf_cstr(&reply), "5.7.1 alice@example.org may not", 31), 0);
    snprintf(how, sizeof how, "skip sign observe config=%s", site_path("m.conf"));
    ck_assert_int_eq(mv_module_scan(how, &reply), MV_ACTION_NONE);
    message_id = "id-3";
    ck_assert_int_eq(mv_module_scan("skip", &reply), MV_ACTION_NONE);
    ck_assert_uint_eq(additions, 1);
    mv_buf_free(&reply);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_signed,     test_signed_as_it_came, test_signed_once,       test_local,
                                  test_not_signed, test_bad_configuration, test_spool_file_breaks, test_before_the_message,
                                  test_scan};
    Suite *suite = suite_create("exim_submission");
    TCase *tcase = tcase_create("exim_submission");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 30);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
