#include "core/mailvouch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char dns[] =
    "{\"schema\":1,\"default\":\"NXDOMAIN\",\"answers\":["
    "{\"name\":\"example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=spf1 a:a.example.com mx "
    "include:i1.example.com include:i2.example.com -all\"]},"
    "{\"name\":\"a.example.com\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"192.0.2.10\"]},"
    "{\"name\":\"example.com\",\"type\":\"MX\",\"rcode\":\"NOERROR\",\"data\":[\"10 m1.example.com\",\"20 m2.example.com\"]},"
    "{\"name\":\"m1.example.com\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"192.0.2.11\"]},"
    "{\"name\":\"m2.example.com\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"192.0.2.12\"]},"
    "{\"name\":\"i1.example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=spf1 a:b.example.com -all\"]},"
    "{\"name\":\"b.example.com\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"192.0.2.13\"]},"
    "{\"name\":\"i2.example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=spf1 ip4:192.0.2.1 -all\"]},"
    "{\"name\":\"_dmarc.example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=DMARC1; p=reject\"]},"
    "{\"name\":\"_dmarc.sampled.example\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=DMARC1; p=reject; pct=20\"]},"
    "{\"name\":\"_dmarc.slow.example\",\"type\":\"TXT\",\"rcode\":\"TIMEOUT\"},"
    "{\"name\":\"_dmarc.quarantine.example\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=DMARC1; p=quarantine\"]}"
    "]}";

static char config_path[] = "/tmp/mv-test-session-XXXXXX";
static struct mv_engine *engine;

static void open_engine(void)
{
    static const char text[] = "[server]\nauthserv_id = mx.test.example\n[policy]\nhonour_pct = yes\n";
    struct mv_error error = {0};
    int fd = mkstemp(config_path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    close(fd);
    ck_assert_msg(mv_engine_open(&engine, config_path, &error) == MV_OK, "%s", error.text);
    ck_assert_msg(mv_engine_use_capture(engine, mv_bytes_str(dns), &error) == MV_OK, "%s", error.text);
}

static void close_engine(void)
{
    mv_engine_close(&engine);
    unlink(config_path);
    strcpy(config_path + sizeof config_path - 7, "XXXXXX");
}

static struct mv_msg *begin(const char *ip, const char *mail_from)
{
    struct mv_envelope envelope = {
        .helo = MV_BYTES("client.example"), .mail_from = mv_bytes_str(mail_from), .now_secs = 1795400000};
    struct mv_error error = {0};
    struct mv_msg *msg;

    if (*ip != '\0')
        ck_assert(mv_ip_parse(mv_bytes_str(ip), &envelope.client_ip));
    ck_assert_int_eq(mv_msg_begin(engine, &envelope, MV_WANT_CHECKS, &msg, &error), MV_OK);
    return msg;
}

static void feed(struct mv_msg *msg, struct mv_bytes text, size_t step)
{
    for (size_t at = 0; at < text.len; at += step)
        ck_assert_int_eq(mv_msg_feed(msg, mv_bytes_slice(text, at, at + step)), MV_OK);
    ck_assert_int_eq(mv_msg_end(msg), MV_OK);
}

struct row {
    const char *name;
    const char *ip;
    const char *mail_from;
    const char *message;
    enum mv_spf_code spf;
    enum mv_dmarc_code dmarc;
    enum mv_action action;
};

#define BODY "Subject: x\r\n\r\nhello\r\n"

static const struct row rows[] = {
    {"genuine by SPF", "192.0.2.1", "u@example.com", "From: u@example.com\r\n" BODY, MV_SPF_PASS, MV_DMARC_PASS,
     MV_ACTION_NONE},
    {"forged", "203.0.113.9", "u@other.example", "From: u@example.com\r\n" BODY, MV_SPF_NONE, MV_DMARC_FAIL,
     MV_ACTION_REJECT},
    {"SPF fails", "203.0.113.9", "u@example.com", "From: u@example.com\r\n" BODY, MV_SPF_FAIL, MV_DMARC_FAIL,
     MV_ACTION_REJECT},
    {"quarantine", "203.0.113.9", "u@other.example", "From: u@quarantine.example\r\n" BODY, MV_SPF_NONE, MV_DMARC_FAIL,
     MV_ACTION_QUARANTINE},
    {"no record", "203.0.113.9", "u@other.example", "From: u@nothing.example\r\n" BODY, MV_SPF_NONE, MV_DMARC_NONE,
     MV_ACTION_NONE},
    {"DNS times out", "203.0.113.9", "u@other.example", "From: u@slow.example\r\n" BODY, MV_SPF_NONE,
     MV_DMARC_TEMPERROR, MV_ACTION_TEMPFAIL},
    {"two From fields", "192.0.2.1", "u@example.com", "From: u@example.com\r\nFrom: v@other.example\r\n" BODY,
     MV_SPF_PASS, MV_DMARC_PERMERROR, MV_ACTION_REJECT},
    {"no From field", "192.0.2.1", "u@example.com", BODY, MV_SPF_PASS, MV_DMARC_PERMERROR, MV_ACTION_REJECT},
    {"bare LF in the header", "192.0.2.1", "u@example.com", "X: a\nb\r\nFrom: u@example.com\r\n" BODY, MV_SPF_PASS,
     MV_DMARC_PERMERROR, MV_ACTION_REJECT},
    {"a line that is no field", "192.0.2.1", "u@example.com", "Not a field\r\nFrom: u@example.com\r\n" BODY,
     MV_SPF_PASS, MV_DMARC_PERMERROR, MV_ACTION_REJECT},
    {"empty message", "192.0.2.1", "u@example.com", "", MV_SPF_PASS, MV_DMARC_PERMERROR, MV_ACTION_REJECT},
};

static void check_row(const struct row *row, size_t step)
{
    struct mv_msg *msg = begin(row->ip, row->mail_from);
    const struct mv_verdict *verdict;

    feed(msg, mv_bytes_str(row->message), step);
    ck_assert_msg(mv_msg_run(msg, MV_UNTIL_VERDICT) == MV_OK, "%s: %s", row->name, mv_msg_error(msg)->text);
    verdict = mv_msg_verdict(msg);
    ck_assert_msg(verdict->spf.code == row->spf, "%s: spf=%s", row->name, mv_spf_code_text(verdict->spf.code));
    ck_assert_msg(verdict->dmarc.code == row->dmarc, "%s: dmarc=%s", row->name, mv_dmarc_code_text(verdict->dmarc.code));
    ck_assert_msg(verdict->action == row->action, "%s: action=%s (%s)", row->name, mv_action_text(verdict->action),
                  verdict->reason == NULL ? "" : verdict->reason);
    mv_msg_free(&msg);
    ck_assert_ptr_null(msg);
}

START_TEST(verdicts)
{
    open_engine();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t step = 1; step <= 8; step = step == 4 ? 8 : step + 1)
            check_row(&rows[i], step);
    close_engine();
}
END_TEST

/* RFC 7489 6.6.4: the draw of the front end reaches the policy. */
START_TEST(a_share_of_the_messages)
{
    struct mv_envelope envelope = {.now_secs = 1795400000};
    struct mv_error error = {0};
    struct mv_msg *msg;

    open_engine();
    for (envelope.pct_roll = 19; envelope.pct_roll <= 20; envelope.pct_roll++) {
        ck_assert_int_eq(mv_msg_begin(engine, &envelope, MV_WANT_CHECKS, &msg, &error), MV_OK);
        feed(msg, MV_BYTES("From: u@sampled.example\r\n\r\n"), 1000);
        ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
        ck_assert_int_eq(mv_msg_verdict(msg)->action,
                         envelope.pct_roll < 20 ? MV_ACTION_REJECT : MV_ACTION_QUARANTINE);
        mv_msg_free(&msg);
    }
    close_engine();
}
END_TEST

/* RFC 7208 asks for the record, its terms, and what is behind them: three round trips, whatever else there is to ask. */
START_TEST(rounds_are_the_depth)
{
    struct mv_msg *msg;

    open_engine();
    msg = begin("192.0.2.1", "u@example.com");
    feed(msg, MV_BYTES("From: u@example.com\r\n\r\n"), 1000);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
    ck_assert_uint_eq(mv_msg_verdict(msg)->dns_rounds, 3);
    ck_assert_uint_eq(mv_msg_verdict(msg)->spf.lookups, 5);
    mv_msg_free(&msg);
    close_engine();
}
END_TEST

/* The keys of a chain go out with all else that can be foreseen; without a chain nothing is asked for one. */
START_TEST(a_chain_takes_no_round_of_its_own)
{
    static const char *const messages[] = {
        "From: u@example.com\r\n\r\n",
        "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=list.example; s=seal; b=AAAA\r\n"
        "ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=sign; h=from; "
        "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n"
        "ARC-Authentication-Results: i=1; list.example; none\r\nFrom: u@example.com\r\n\r\n"};
    unsigned questions[2];

    open_engine();
    for (size_t i = 0; i < 2; i++) {
        struct mv_msg *msg = begin("192.0.2.1", "u@example.com");

        feed(msg, mv_bytes_str(messages[i]), 1000);
        ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
        ck_assert_uint_eq(mv_msg_verdict(msg)->dns_rounds, 3);
        ck_assert_int_eq(mv_msg_verdict(msg)->arc.code, i == 0 ? MV_ARC_NONE : MV_ARC_FAIL);
        questions[i] = mv_msg_verdict(msg)->dns_questions;
        mv_msg_free(&msg);
    }
    ck_assert_uint_eq(questions[1], questions[0] + 2);
    close_engine();
}
END_TEST

START_TEST(spf_before_the_message)
{
    struct mv_msg *msg;

    open_engine();
    msg = begin("192.0.2.1", "u@example.com");
    ck_assert_ptr_null(mv_msg_spf(msg));
    ck_assert_int_eq(mv_msg_start(msg), MV_OK);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_SPF), MV_OK);
    ck_assert_int_eq(mv_msg_spf(msg)->code, MV_SPF_PASS);
    ck_assert_ptr_null(mv_msg_verdict(msg));
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_ERR_USAGE);
    mv_msg_free(&msg);
    close_engine();
}
END_TEST

START_TEST(header_beyond_the_limit_is_not_read_by_halves)
{
    static unsigned char block[65536];
    struct mv_msg *msg;

    open_engine();
    msg = begin("192.0.2.1", "u@example.com");
    memset(block, 'x', sizeof block);
    ck_assert_int_eq(mv_msg_feed(msg, MV_BYTES("From: u@example.com\r\nX: ")), MV_OK);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(mv_msg_feed(msg, mv_bytes_of(block, sizeof block)), MV_OK);
    ck_assert_int_eq(mv_msg_end(msg), MV_OK);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
    ck_assert_int_eq(mv_msg_verdict(msg)->from, MV_FROM_LIMIT);
    ck_assert_int_eq(mv_msg_verdict(msg)->dmarc.code, MV_DMARC_PERMERROR);
    ck_assert_int_eq(mv_msg_verdict(msg)->action, MV_ACTION_REJECT);
    mv_msg_free(&msg);
    close_engine();
}
END_TEST

START_TEST(out_of_order)
{
    struct mv_buf out;
    struct mv_msg *msg;

    open_engine();
    mv_buf_init(&out, 10000);
    msg = begin("192.0.2.1", "u@example.com");
    ck_assert_int_eq(mv_msg_authres(msg, NULL, &out), MV_ERR_USAGE);
    ck_assert_int_eq(mv_msg_explain(msg, &out), MV_ERR_USAGE);
    ck_assert_int_eq(mv_msg_assume_identifier(msg, MV_DMARC_BY_SPF, MV_BYTES("a.example"), MV_DMARC_AUTH_PASS),
                     MV_ERR_USAGE);
    feed(msg, MV_BYTES("From: u@example.com\r\n\r\n"), 1);
    ck_assert_int_eq(mv_msg_feed(msg, MV_BYTES("more")), MV_ERR_USAGE);
    ck_assert_int_eq(mv_msg_end(msg), MV_ERR_USAGE);
    ck_assert_int_eq(mv_msg_assume_author(msg, MV_BYTES("example.com")), MV_ERR_USAGE);
    mv_msg_free(&msg);
    mv_msg_free(&msg);
    mv_buf_free(&out);
    close_engine();
}
END_TEST

START_TEST(what_if)
{
    struct mv_msg *msg;

    open_engine();
    msg = begin("", "");
    ck_assert_int_eq(mv_msg_assume_author(msg, MV_BYTES("exa mple")), MV_ERR_SYNTAX);
    ck_assert_int_eq(mv_msg_assume_author(msg, MV_BYTES("Example.COM")), MV_OK);
    ck_assert_int_eq(mv_msg_assume_identifier(msg, MV_DMARC_BY_DKIM, MV_BYTES("mail.example.com"), MV_DMARC_AUTH_PASS),
                     MV_OK);
    ck_assert_int_eq(mv_msg_feed(msg, MV_BYTES("From:")), MV_ERR_USAGE);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
    ck_assert_int_eq(mv_msg_verdict(msg)->dmarc.code, MV_DMARC_PASS);
    mv_msg_free(&msg);
    close_engine();
}
END_TEST

START_TEST(bad_capture)
{
    struct mv_error error = {0};

    open_engine();
    ck_assert_int_ne(mv_engine_use_capture(engine, MV_BYTES("{"), &error), MV_OK);
    ck_assert_uint_gt(strlen(error.text), 5);
    close_engine();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session");
    TCase *tests = tcase_create("session");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, verdicts);
    tcase_add_test(tests, a_share_of_the_messages);
    tcase_add_test(tests, rounds_are_the_depth);
    tcase_add_test(tests, a_chain_takes_no_round_of_its_own);
    tcase_add_test(tests, spf_before_the_message);
    tcase_add_test(tests, header_beyond_the_limit_is_not_read_by_halves);
    tcase_add_test(tests, out_of_order);
    tcase_add_test(tests, what_if);
    tcase_add_test(tests, bad_capture);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
