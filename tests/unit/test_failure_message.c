/* From a message that was judged to a line for a failure report: what is written where, and when nothing is. */
#include "core/mailvouch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/auth/failure_message.h"
#include "core/keys/redaction_key.h"
#include "tests/unit/evidence_engine.h"
#include "tests/unit/unit.h"

#define NOW_SECS 1795651200
#define ON "evidence = yes\nfailure = yes"
#define OFF "evidence = yes\nfailure = no"

static const char dns[] =
    "{\"schema\":1,\"default\":\"NXDOMAIN\",\"answers\":["
    "{\"name\":\"example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=spf1 include:_%{l}.example.com -all\"]},"
    "{\"name\":\"_alice.example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=spf1 ip4:192.0.2.1 ?all\"]},"
    "{\"name\":\"_dmarc.example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\","
    "\"data\":[\"v=DMARC1; p=reject; fo=1:s; ruf=mailto:d@example.com\"]},"
    "{\"name\":\"_dmarc.example.net\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=DMARC1; p=reject\"]}"
    "]}";

static const char message[] = "From: alice@example.com\r\nSubject: secret\r\nTo: bob@example.org\r\n\r\nbody\r\n";

static void make_key(void)
{
    struct mv_error error = {0};
    const unsigned char key[MV_REDACTION_KEY_BYTES] = {1, 2, 3};

    ck_assert_msg(mv_redaction_key_make(evidence_directory, key, &error) == MV_OK, "%s", error.text);
}

static enum mv_code judge(const char *ip, const char *text, enum mv_action action, struct mv_error *error)
{
    struct mv_envelope envelope = {.helo = MV_BYTES("mx.example.com"), .mail_from = MV_BYTES("<alice@example.com>"),
                                   .now_secs = NOW_SECS};
    struct mv_msg *msg;
    enum mv_code code;

    ck_assert(mv_ip_parse(mv_bytes_str(ip), &envelope.client_ip));
    ck_assert_int_eq(mv_msg_begin(engine, &envelope, MV_WANT_CHECKS, &msg, error), MV_OK);
    ck_assert_int_eq(mv_msg_feed(msg, mv_bytes_str(text)), MV_OK);
    ck_assert_int_eq(mv_msg_end(msg), MV_OK);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
    code = mv_msg_evidence(msg, action, NOW_SECS, error);
    mv_msg_free(&msg);
    return code;
}

static const char *written(void)
{
    return written_evidence(".failures");
}

static size_t lines(void)
{
    size_t count = 0;

    for (const char *at = written(); (at = strchr(at, '\n')) != NULL; at++)
        count++;
    return count;
}

static const struct row {
    const char *name, *report, *ip, *text;
    enum mv_action action;
    size_t lines;
} rows[] = {
    {"a failure", ON, "192.0.2.9", message, MV_ACTION_REJECT, 1},
    {"a pass without signature, with fo=1", ON, "192.0.2.1", message, MV_ACTION_NONE, 1},
    {"deferred", ON, "192.0.2.9", message, MV_ACTION_TEMPFAIL, 0},
    {"off", OFF, "192.0.2.9", message, MV_ACTION_REJECT, 0},
    {"nobody asks", ON, "192.0.2.9", "From: a@example.net\r\n\r\n", MV_ACTION_REJECT, 0},
    {"an aggregate report", ON, "192.0.2.9", "From: a@example.com\r\nSubject: Report Domain: x\r\n\r\n",
     MV_ACTION_REJECT, 0},
    {"a bounce", ON, "192.0.2.9", "From: a@example.com\r\nContent-Type: multipart/report\r\n\r\n", MV_ACTION_REJECT,
     0},
};

START_TEST(writes_what_is_asked_for)
{
    struct mv_error error = {0};

    open_evidence_engine(dns, rows[_i].report, "");
    make_key();
    ck_assert_msg(judge(rows[_i].ip, rows[_i].text, rows[_i].action, &error) == MV_OK, "%s", error.text);
    ck_assert_msg(lines() == rows[_i].lines, "%s: %s", rows[_i].name, written());
    ck_assert_msg(strstr(written(), "alice") == NULL && strstr(written(), "bob") == NULL &&
                      strstr(written(), "secret") == NULL, "%s", written());
    close_evidence_engine();
}
END_TEST

START_TEST(nothing_without_a_key)
{
    struct mv_error error = {0};

    open_evidence_engine(dns, ON, "");
    ck_assert_int_eq(judge("192.0.2.9", message, MV_ACTION_REJECT, &error), MV_ERR_CONFIG);
    ck_assert_msg(strstr(error.text, "no key to redact") != NULL, "%s", error.text);
    ck_assert_uint_eq(lines(), 0);
    make_key();
    ck_assert_int_eq(judge("192.0.2.9", message, MV_ACTION_REJECT, &error), MV_OK);
    ck_assert_uint_eq(lines(), 1);
    close_evidence_engine();
}
END_TEST

START_TEST(an_attack_ends)
{
    struct mv_error error = {0};

    open_evidence_engine(dns, ON, "");
    make_key();
    for (int i = 0; i < 3 * MV_FAILURE_LINES_PER_MINUTE; i++)
        ck_assert_msg(judge("192.0.2.9", message, MV_ACTION_REJECT, &error) == MV_OK, "%s", error.text);
    ck_assert_uint_eq(lines(), MV_FAILURE_LINES_PER_MINUTE);
    close_evidence_engine();
}
END_TEST

START_TEST(key_file)
{
    unsigned char key[MV_REDACTION_KEY_BYTES] = {0}, other[MV_REDACTION_KEY_BYTES] = {9};
    struct mv_error error = {0};
    char path[96];
    struct stat st;
    bool has = true;
    FILE *stream;

    open_evidence_engine(dns, ON, "");
    ck_assert_int_eq(mv_redaction_key_read(evidence_directory, key, &has, &error), MV_OK);
    ck_assert(!has);
    make_key();
    ck_assert_int_eq(mv_redaction_key_make(evidence_directory, other, &error), MV_OK); /* the first stays */
    ck_assert_int_eq(mv_redaction_key_read(evidence_directory, key, &has, &error), MV_OK);
    ck_assert(has && key[0] == 1 && key[2] == 3 && key[31] == 0);
    snprintf(path, sizeof path, "%s.key", evidence_directory);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0640);
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_int_eq(mv_redaction_key_read(evidence_directory, key, &has, &error), MV_ERR_CONFIG);
    ck_assert(!has);
    ck_assert_int_eq(chmod(path, 0640), 0);
    stream = fopen(path, "a");
    fputs("YWJj\n", stream);
    fclose(stream);
    ck_assert_int_eq(mv_redaction_key_read(evidence_directory, key, &has, &error), MV_ERR_CONFIG);
    ck_assert_msg(strstr(error.text, "32 octets") != NULL, "%s", error.text);
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_int_eq(mv_redaction_key_read(evidence_directory, key, &has, &error), MV_ERR_CONFIG);
    ck_assert_int_eq(mv_redaction_key_read("/", key, &has, &error), MV_ERR_USAGE);
    close_evidence_engine();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("failure_message");
    TCase *tcase = tcase_create("failure_message");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, writes_what_is_asked_for, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tcase, nothing_without_a_key);
    tcase_add_test(tcase, an_attack_ends);
    tcase_add_test(tcase, key_file);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
