/* From a message that was judged to a line in a file: mv_msg_evidence(). */
#include "core/mailvouch.h"

#include <string.h>


#include "core/auth/evidence_line.h"
#include "tests/unit/evidence_engine.h"
#include "tests/unit/unit.h"

#define NOW_SECS 1795651200
#define ON "evidence = yes"

static const char dns[] =
    "{\"schema\":1,\"default\":\"NXDOMAIN\",\"answers\":["
    "{\"name\":\"example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=spf1 ip4:192.0.2.1 -all\"]},"
    "{\"name\":\"slow.example.com\",\"type\":\"TXT\",\"rcode\":\"TIMEOUT\"},"
    "{\"name\":\"_dmarc.example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\","
    "\"data\":[\"v=DMARC1; p=reject; rua=mailto:d@example.com\"]}"
    "]}";

static const char from_owner[] = "From: a@example.com\r\nSubject: secret\r\nTo: bob@example.org\r\n\r\nbody\r\n";
static const char from_stranger[] = "From: a@example.net\r\n\r\nbody\r\n";
static const char from_nobody[] = "Subject: x\r\n\r\nbody\r\n";

static struct mv_msg *judge(const char *ip, const char *mail_from, const char *text)
{
    struct mv_envelope envelope = {
        .helo = MV_BYTES("mx.example.com"), .mail_from = mv_bytes_str(mail_from), .now_secs = NOW_SECS - 5000};
    struct mv_error error = {0};
    struct mv_msg *msg;

    if (*ip != '\0')
        ck_assert(mv_ip_parse(mv_bytes_str(ip), &envelope.client_ip));
    ck_assert_int_eq(mv_msg_begin(engine, &envelope, MV_WANT_CHECKS, &msg, &error), MV_OK);
    ck_assert_int_eq(mv_msg_evidence(msg, MV_ACTION_NONE, NOW_SECS, &error), MV_OK); /* no verdict yet: nothing */
    ck_assert_int_eq(mv_msg_feed(msg, mv_bytes_str(text)), MV_OK);
    ck_assert_int_eq(mv_msg_end(msg), MV_OK);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
    return msg;
}

static const char *written(void)
{
    return written_evidence(".ndjson");
}

#define LINE(ip, rest) \
    "{\"v\":1,\"t\":1795651200,\"ip\":\"" ip "\",\"from\":\"example.com\",\"at\":\"example.com\"," \
    "\"rec\":\"v=DMARC1; p=reject; rua=mailto:d@example.com\",\"pub\":\"reject\"," rest "}\n"

static const struct {
    const char *name;
    const char *report;
    const char *ip;
    const char *mail_from;
    const char *text;
    enum mv_action action;
    const char *line;
} rows[] = {
    {"a pass", ON, "192.0.2.1", "<a@example.com>", from_owner, MV_ACTION_NONE,
     LINE("192.0.2.1", "\"dmarc\":\"pass\",\"act\":\"none\",\"al\":\"s\",\"spf\":[\"pass\",\"mfrom\",\"example.com\"]")},
    {"refused", ON, "2001:db8::9", "<a@example.com>", from_owner, MV_ACTION_REJECT,
     LINE("2001:db8::9", "\"dmarc\":\"fail\",\"act\":\"reject\",\"al\":\"\",\"spf\":[\"fail\",\"mfrom\",\"example.com\"]")},
    {"tagged instead", ON, "192.0.2.9", "<>", from_owner, MV_ACTION_QUARANTINE,
     LINE("192.0.2.9", "\"dmarc\":\"fail\",\"act\":\"quarantine\",\"why\":\"local_policy\",\"note\":\"this server does less "
                       "than the policy asks for\",\"al\":\"\",\"spf\":[\"none\",\"helo\",\"mx.example.com\"]")},
    {"DNS hid whether SPF passes, and it was let in", ON, "192.0.2.9", "<a@slow.example.com>", from_owner,
     MV_ACTION_NONE,
     LINE("192.0.2.9", "\"dmarc\":\"temperror\",\"act\":\"none\",\"why\":\"local_policy\",\"note\":\"this server does less "
                       "than the policy asks for\",\"al\":\"\",\"spf\":[\"temperror\",\"mfrom\",\"slow.example.com\"]")},
    {"the same, deferred", ON, "192.0.2.9", "<a@slow.example.com>", from_owner, MV_ACTION_TEMPFAIL, ""},
    {"not wanted", "evidence = no", "192.0.2.1", "<a@example.com>", from_owner, MV_ACTION_NONE, ""},
    {"no record", ON, "192.0.2.1", "<a@example.net>", from_stranger, MV_ACTION_NONE, ""},
    {"no author", ON, "192.0.2.1", "<a@example.com>", from_nobody, MV_ACTION_REJECT, ""},
    {"no client", ON, "", "<a@example.com>", from_owner, MV_ACTION_NONE, ""},
};

START_TEST(writes_what_there_is_to_report)
{
    struct mv_error error = {0};
    struct mv_msg *msg;

    open_evidence_engine(dns, rows[_i].report, "");
    msg = judge(rows[_i].ip, rows[_i].mail_from, rows[_i].text);
    ck_assert_msg(mv_msg_evidence(msg, rows[_i].action, NOW_SECS, &error) == MV_OK, "%s: %s", rows[_i].name,
                  error.text);
    ck_assert_msg(strcmp(written(), rows[_i].line) == 0, "%s: %s", rows[_i].name, written());
    mv_msg_free(&msg);
    close_evidence_engine();
}
END_TEST

START_TEST(says_what_is_wrong)
{
    struct mv_error error = {0};
    struct mv_msg *msg;

    open_evidence_engine(dns, ON, "/none");
    msg = judge("192.0.2.1", "<a@example.com>", from_owner);
    ck_assert_int_eq(mv_msg_evidence(msg, MV_ACTION_NONE, NOW_SECS, &error), MV_ERR_IO);
    ck_assert_msg(strstr(error.text, "no such directory") != NULL, "%s", error.text);
    ck_assert_ptr_nonnull(mv_msg_verdict(msg));
    ck_assert_int_eq(mv_msg_verdict(msg)->dmarc.code, MV_DMARC_PASS);
    mv_msg_free(&msg);
    close_evidence_engine();
}
END_TEST

/* The engine of a thread keeps a file of its own. */
START_TEST(twins_write_to_the_same_file)
{
    struct mv_engine *twin, *first;
    struct mv_error error = {0};
    struct mv_msg *msg;

    open_evidence_engine(dns, ON, "");
    first = engine;
    ck_assert_int_eq(mv_engine_twin(first, &twin, &error), MV_OK);
    ck_assert_int_eq(mv_engine_use_capture(twin, mv_bytes_str(dns), &error), MV_OK);
    for (int i = 0; i < 2; i++) {
        engine = i == 0 ? first : twin;
        msg = judge("192.0.2.1", "<a@example.com>", from_owner);
        ck_assert_int_eq(mv_msg_evidence(msg, MV_ACTION_NONE, NOW_SECS, &error), MV_OK);
        mv_msg_free(&msg);
    }
    ck_assert_uint_eq(strlen(written()), 2 * strlen(rows[0].line));
    mv_engine_close(&twin);
    engine = first;
    close_evidence_engine();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("evidence_message");
    TCase *tcase = tcase_create("evidence_message");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, writes_what_there_is_to_report, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tcase, says_what_is_wrong);
    tcase_add_test(tcase, twins_write_to_the_same_file);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
