/* From a message that was judged to a line in a file: mv_msg_evidence(). */
#include "core/mailvouch.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/auth/evidence_line.h"
#include "tests/unit/unit.h"

#define NOW_SECS 1795651200

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

static char directory[64];
static struct mv_engine *engine;

static void open_engine(const char *evidence, const char *below)
{
    char config[80], text[400];
    struct mv_error error = {0};
    FILE *stream;

    strcpy(directory, "/tmp/mv-evidence-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(config, sizeof config, "%s/mailvouch.conf", directory);
    snprintf(text, sizeof text,
             "[server]\nauthserv_id = mx.example.org\n[report]\nevidence = %s\nevidence_directory = %s%s\n", evidence,
             directory, below);
    stream = fopen(config, "w");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ge(fputs(text, stream), 0);
    fclose(stream);
    ck_assert_msg(mv_engine_open(&engine, config, &error) == MV_OK, "%s", error.text);
    ck_assert_msg(mv_engine_use_capture(engine, mv_bytes_str(dns), &error) == MV_OK, "%s", error.text);
}

static void close_engine(void)
{
    char command[128];

    mv_engine_close(&engine);
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

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

/* All that was written; "" without a file. */
static const char *written(void)
{
    static char text[2 * MV_EVIDENCE_MAX_LINE_BYTES];
    char pattern[128];
    glob_t found;
    ssize_t n = 0;

    snprintf(pattern, sizeof pattern, "%s/*.%lu.2026112600.ndjson", directory, (unsigned long)geteuid());
    if (glob(pattern, 0, NULL, &found) == 0) {
        int fd = open(found.gl_pathv[0], O_RDONLY | O_CLOEXEC);

        ck_assert_uint_eq(found.gl_pathc, 1);
        ck_assert_int_ge(fd, 0);
        n = read(fd, text, sizeof text - 1);
        close(fd);
    }
    globfree(&found);
    ck_assert_int_ge(n, 0);
    text[n] = '\0';
    return text;
}

#define LINE(ip, rest) \
    "{\"v\":1,\"t\":1795651200,\"ip\":\"" ip "\",\"from\":\"example.com\",\"at\":\"example.com\"," \
    "\"rec\":\"v=DMARC1; p=reject; rua=mailto:d@example.com\",\"pub\":\"reject\"," rest "}\n"

static const struct {
    const char *name;
    const char *evidence;
    const char *ip;
    const char *mail_from;
    const char *text;
    enum mv_action action;
    const char *line;
} rows[] = {
    {"a pass", "yes", "192.0.2.1", "<a@example.com>", from_owner, MV_ACTION_NONE,
     LINE("192.0.2.1", "\"dmarc\":\"pass\",\"act\":\"none\",\"al\":\"s\",\"spf\":[\"pass\",\"mfrom\",\"example.com\"]")},
    {"refused", "yes", "2001:db8::9", "<a@example.com>", from_owner, MV_ACTION_REJECT,
     LINE("2001:db8::9", "\"dmarc\":\"fail\",\"act\":\"reject\",\"al\":\"\",\"spf\":[\"fail\",\"mfrom\",\"example.com\"]")},
    {"tagged instead", "yes", "192.0.2.9", "<>", from_owner, MV_ACTION_QUARANTINE,
     LINE("192.0.2.9", "\"dmarc\":\"fail\",\"act\":\"quarantine\",\"why\":\"local_policy\",\"note\":\"this server does less "
                       "than the policy asks for\",\"al\":\"\",\"spf\":[\"none\",\"helo\",\"mx.example.com\"]")},
    {"DNS hid whether SPF passes, and it was let in", "yes", "192.0.2.9", "<a@slow.example.com>", from_owner,
     MV_ACTION_NONE,
     LINE("192.0.2.9", "\"dmarc\":\"temperror\",\"act\":\"none\",\"why\":\"local_policy\",\"note\":\"this server does less "
                       "than the policy asks for\",\"al\":\"\",\"spf\":[\"temperror\",\"mfrom\",\"slow.example.com\"]")},
    {"the same, deferred", "yes", "192.0.2.9", "<a@slow.example.com>", from_owner, MV_ACTION_TEMPFAIL, ""},
    {"not wanted", "no", "192.0.2.1", "<a@example.com>", from_owner, MV_ACTION_NONE, ""},
    {"no record", "yes", "192.0.2.1", "<a@example.net>", from_stranger, MV_ACTION_NONE, ""},
    {"no author", "yes", "192.0.2.1", "<a@example.com>", from_nobody, MV_ACTION_REJECT, ""},
    {"no client", "yes", "", "<a@example.com>", from_owner, MV_ACTION_NONE, ""},
};

START_TEST(writes_what_there_is_to_report)
{
    struct mv_error error = {0};
    struct mv_msg *msg;

    open_engine(rows[_i].evidence, "");
    msg = judge(rows[_i].ip, rows[_i].mail_from, rows[_i].text);
    ck_assert_msg(mv_msg_evidence(msg, rows[_i].action, NOW_SECS, &error) == MV_OK, "%s: %s", rows[_i].name,
                  error.text);
    ck_assert_msg(strcmp(written(), rows[_i].line) == 0, "%s: %s", rows[_i].name, written());
    mv_msg_free(&msg);
    close_engine();
}
END_TEST

START_TEST(says_what_is_wrong)
{
    struct mv_error error = {0};
    struct mv_msg *msg;

    open_engine("yes", "/none");
    msg = judge("192.0.2.1", "<a@example.com>", from_owner);
    ck_assert_int_eq(mv_msg_evidence(msg, MV_ACTION_NONE, NOW_SECS, &error), MV_ERR_IO);
    ck_assert_msg(strstr(error.text, "no such directory") != NULL, "%s", error.text);
    ck_assert_ptr_nonnull(mv_msg_verdict(msg));
    ck_assert_int_eq(mv_msg_verdict(msg)->dmarc.code, MV_DMARC_PASS);
    mv_msg_free(&msg);
    close_engine();
}
END_TEST

/* The engine of a thread keeps a file of its own. */
START_TEST(twins_write_to_the_same_file)
{
    struct mv_engine *twin, *first;
    struct mv_error error = {0};
    struct mv_msg *msg;

    open_engine("yes", "");
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
    close_engine();
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
