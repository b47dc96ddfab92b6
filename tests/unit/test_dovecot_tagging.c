/* What becomes of a delivered message, judged by an engine that replays DNS. */
#include "dovecot-plugin/judging.h"
#include "dovecot-plugin/tagging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/handover_site.h"
#include "tests/unit/unit.h"

/* Tests of what needs no DNS use the whole of it; the others judge with the site's engine. */

#define GENUINE "Received: from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.org with ESMTP id 1\r\n"
#define FORGER "Received: from evil.example (evil.example [203.0.113.9]) by mx.example.org with ESMTP id 1\r\n"
#define LMTP "Received: from mx.example.org ([198.51.100.1])\r\n\tby store.example.org with LMTP\r\n\tid 2\r\n"
#define MESSAGE "From: a@example.com\r\nSubject: s\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\n\r\nbody\r\n"

struct source {
    struct mv_bytes text;
    bool fails;
};

static bool read_all(void *context, struct mv_bytes *piece_r)
{
    struct source *source = context;

    if (source->fails)
        return false;
    *piece_r = mv_bytes_slice(source->text, 0, 7);
    source->text = mv_bytes_slice(source->text, piece_r->len, source->text.len);
    return true;
}

static struct mv_bytes header_of(const char *message)
{
    return mv_bytes_of(message, (size_t)(strstr(message, "\r\n\r\n") + 4 - message));
}

/* --- judging --- */

static const struct {
    const char *name;
    const char *settings; /* of [server], and what follows */
    const char *message;
    bool by_lmtp;
    enum mv_judging_way way;
    enum mv_dmarc_code dmarc;
    enum mv_action action;
    const char *log; /* somewhere in it */
} rows[] = {
    {"genuine", "received_by = mx.example.org\n", GENUINE MESSAGE, false, MV_JUDGING_OWN, MV_DMARC_PASS,
     MV_ACTION_NONE, "spf=pass"},
    {"genuine, below the store's own Received", "received_by = mx.example.org store.example.org\n", LMTP GENUINE MESSAGE,
     true, MV_JUDGING_OWN, MV_DMARC_PASS, MV_ACTION_NONE, "client=192.0.2.1"},
    {"the store's own Received is skipped once", "received_by = mx.example.org store.example.org\n", LMTP LMTP MESSAGE,
     true, MV_JUDGING_OWN, MV_DMARC_FAIL, MV_ACTION_QUARANTINE, "client=198.51.100.1"},
    {"by dovecot-lda none is skipped", "received_by = store.example.org\n", LMTP GENUINE MESSAGE, false, MV_JUDGING_OWN,
     MV_DMARC_FAIL, MV_ACTION_QUARANTINE, "client=198.51.100.1"},
    {"forged", "received_by = mx.example.org\n", FORGER MESSAGE, false, MV_JUDGING_OWN, MV_DMARC_FAIL,
     MV_ACTION_QUARANTINE, "spf=fail"},
    {"forged, a stranger's field below", "received_by = mx.example.org\n", FORGER GENUINE MESSAGE, false, MV_JUDGING_OWN,
     MV_DMARC_FAIL, MV_ACTION_QUARANTINE, "client=203.0.113.9"},
    {"a stranger's field on top", "received_by = mx.example.com\n", GENUINE MESSAGE, false, MV_JUDGING_OWN, MV_DMARC_NONE,
     MV_ACTION_NONE, "dmarc=unknown client=unknown"},
    {"a stranger who says LMTP", "received_by = mx.example.org\n",
     "Received: from evil.example (evil.example [203.0.113.9]) by mx.example.org with LMTP id 1\r\n" GENUINE MESSAGE, false,
     MV_JUDGING_OWN, MV_DMARC_FAIL, MV_ACTION_QUARANTINE, "client=203.0.113.9"},
    {"nobody tells the client", "", GENUINE MESSAGE, false, MV_JUDGING_OWN, MV_DMARC_NONE, MV_ACTION_NONE,
     "dmarc=unknown"},
    {"nobody tells the client, and it is judged", "[dovecot]\nwithout_client = judge\n", GENUINE MESSAGE, false,
     MV_JUDGING_OWN, MV_DMARC_FAIL, MV_ACTION_QUARANTINE, "dmarc=fail"},
    {"no author", "received_by = mx.example.org\n", GENUINE "Subject: s\r\n\r\nbody\r\n", false, MV_JUDGING_OWN,
     MV_DMARC_PERMERROR, MV_ACTION_REJECT, "action=reject"},
    {"of our own machine", "received_by = mx.example.org\n",
     "Received: from x (x [127.0.0.1]) by mx.example.org with ESMTP\r\n" MESSAGE, false, MV_JUDGING_SKIPPED,
     MV_DMARC_NONE, MV_ACTION_NONE, "skip=local"},
    {"of our own user", "received_by = mx.example.org\n",
     "Received: from x (x [203.0.113.9]) by mx.example.org with ESMTPSA\r\n" MESSAGE, false, MV_JUDGING_SKIPPED,
     MV_DMARC_NONE, MV_ACTION_NONE, "skip=authenticated"},
    {"by somebody who had logged in at a trusted server", "received_by = mx.example.org\ntrusted_mtas = 203.0.113.9\n",
     "Received: from x (x [203.0.113.9]) by mx.example.org with ESMTPSA\r\n" MESSAGE, false, MV_JUDGING_SKIPPED,
     MV_DMARC_NONE, MV_ACTION_NONE, "skip=authenticated"},
    {"by a trusted server", "received_by = mx.example.org\ntrusted_mtas = 203.0.113.9\n", FORGER MESSAGE, false,
     MV_JUDGING_SKIPPED, MV_DMARC_NONE, MV_ACTION_NONE, "skip=trusted"},
};

static void judge(struct mv_judging *judging, struct mv_bytes message, bool by_lmtp, bool fails)
{
    struct mv_arena *arena = mv_arena_new(1 << 20);
    struct source source = {message, fails};
    struct mv_tagging_request request = {
        .mail_from = MV_BYTES("a@example.com"),
        .by_lmtp = by_lmtp,
        .now_secs = SITE_NOW_SECS,
        .read = read_all,
        .source = &source,
    };
    struct mv_field fields[8];
    size_t count = 0;

    for (struct mv_bytes left = message; left.len > 2 && left.data[0] != '\r'; count++) {
        size_t end = 0;

        do
            end += mv_bytes_find(mv_bytes_slice(left, end, left.len), '\n') + 1;
        while (left.data[end] == ' ' || left.data[end] == '\t');
        fields[count] = mv_field_split(mv_bytes_slice(left, 0, end));
        left = mv_bytes_slice(left, end, left.len);
    }
    mv_judging_run(judging, site_engine(), &request, fields, count);
    mv_arena_free(&arena);
}

START_TEST(test_judging)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_judging judging = {.way = MV_JUDGING_NOT};
        struct mv_buf log;

        site_open(rows[i].settings);
        judge(&judging, mv_bytes_str(rows[i].message), rows[i].by_lmtp, false);
        mv_buf_init(&log, 4096);
        mv_judging_describe(&judging, &log);
        ck_assert_msg(judging.keep_results == (strcmp(rows[i].log, "skip=trusted") == 0), "%s: results", rows[i].name);
        ck_assert_msg(judging.way == rows[i].way, "%s: way %d", rows[i].name, judging.way);
        ck_assert_msg(judging.dmarc == rows[i].dmarc, "%s: dmarc %d", rows[i].name, judging.dmarc);
        ck_assert_msg(judging.action == rows[i].action, "%s: action %d", rows[i].name, judging.action);
        ck_assert_msg(strstr(mv_buf_cstr(&log), rows[i].log) != NULL, "%s: %s", rows[i].name, mv_buf_cstr(&log));
        mv_buf_free(&log);
        mv_judging_forget(&judging);
    }
    site_close();
}
END_TEST

/* The border's word counts, whatever could be found out here. */
START_TEST(test_handover)
{
    struct mv_judging judging = {.way = MV_JUDGING_NOT};
    struct mv_buf message;

    mv_buf_init(&message, 1 << 16);
    site_open("");
    site_use_key("one", 1);
    site_border(mv_bytes_str(MESSAGE), SITE_FORGER_IP, SITE_NOW_SECS, &message);
    judge(&judging, mv_buf_bytes(&message), false, false);
    ck_assert_int_eq(judging.way, MV_JUDGING_HANDOVER);
    ck_assert_int_eq(judging.dmarc, MV_DMARC_FAIL);
    ck_assert_int_eq(judging.action, MV_ACTION_QUARANTINE);
    message.data[message.len - 3] ^= 1; /* of the body */
    judge(&judging, mv_buf_bytes(&message), false, false);
    ck_assert_int_eq(judging.way, MV_JUDGING_OWN);
    ck_assert_int_eq(mv_judging_handover(&judging)->code, MV_HANDOVER_WRONG);
    mv_judging_forget(&judging);
    mv_buf_free(&message);
    site_close();
}
END_TEST

START_TEST(test_unreadable)
{
    struct mv_judging judging = {.way = MV_JUDGING_NOT};

    site_open("");
    judge(&judging, mv_bytes_str(MESSAGE), false, true);
    ck_assert_int_eq(judging.way, MV_JUDGING_FAILED);
    ck_assert_str_eq(judging.error.text, "the message cannot be read");
    ck_assert_int_eq(judging.action, MV_ACTION_NONE);
    ck_assert_ptr_null(mv_judging_handover(&judging));
    mv_judging_forget(&judging);
    site_close();
}
END_TEST

/* --- tagging --- */

#define RESULTS "Authentication-Results: mx.example.org; dmarc=pass header.from=bank.example\r\n"
#define OTHERS "Authentication-Results: mx.example.com; spf=pass\r\n"
#define OWN_CLIENT "Received: from x (x [127.0.0.1]) by mx.example.org with ESMTP\r\n"

static char config[] = "/tmp/mv-test-tagging-XXXXXX";

static void write_config(const char *text)
{
    FILE *file = fopen(config, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static const struct mv_tagging_result *tag(struct mv_tagging *tagging, const char *message, bool fails, bool is_tagged)
{
    static struct source source;
    struct mv_tagging_request request = {
        .user = MV_BYTES("bob\x1b"),
        .header = header_of(message),
        .mail_from = MV_BYTES("a@example.com"),
        .is_tagged = is_tagged,
        .now_secs = SITE_NOW_SECS,
        .read = read_all,
        .source = &source,
    };

    source = (struct source){mv_bytes_str(message), fails};
    return mv_tagging_run(tagging, &request);
}

static bool has(const struct mv_tagging_result *result, const char *text)
{
    for (size_t i = 0; i + strlen(text) <= result->header.len; i++)
        if (memcmp(result->header.data + i, text, strlen(text)) == 0)
            return true;
    return false;
}

/* No DNS is needed for what these come to. */
START_TEST(test_faults)
{
    const struct mv_tagging_result *result;
    struct mv_tagging *tagging;

    ck_assert_int_ge(mkstemp(config), 0);
    write_config("[server]\nauthserv_id = mx.example.org\nreceived_by = mx.example.org\nhandover_keys = /nowhere/keys\n");
    tagging = mv_tagging_new(config);
    mv_tagging_prepare(tagging, SITE_NOW_SECS);
    ck_assert(mv_tagging_is_default(tagging, SITE_NOW_SECS));

    result = tag(tagging, OWN_CLIENT RESULTS OTHERS "Mailvouch-Result: x\r\n" MESSAGE, false, false);
    ck_assert_int_eq(result->level, MV_TAGGING_INFO);
    ck_assert(!has(result, "bank.example") && !has(result, "Mailvouch-") && has(result, OTHERS));
    ck_assert_ptr_null(result->keywords[0]);
    ck_assert_ptr_null(result->junk_mailbox);
    ck_assert_msg(strstr(result->log, "user=bob\\x1b from=a@example.com") != NULL &&
                  strstr(result->log, "removed=2") != NULL, "%s", result->log);

    result = tag(tagging, OWN_CLIENT RESULTS MESSAGE, false, true); /* ours: it was tagged for another recipient */
    ck_assert_uint_eq(result->header.len, 0);

    result = tag(tagging, OWN_CLIENT RESULTS OTHERS MESSAGE, true, false);
    ck_assert_int_eq(result->level, MV_TAGGING_ERROR);
    ck_assert(!has(result, "bank.example") && has(result, OTHERS));
    ck_assert_ptr_nonnull(strstr(result->log, "not tagged: the message cannot be read"));
    mv_tagging_free(&tagging);
    ck_assert_ptr_null(tagging);

    write_config("[server]\nnonsense\n");
    tagging = mv_tagging_new(config);
    result = tag(tagging, OWN_CLIENT RESULTS OTHERS MESSAGE, false, false);
    ck_assert_int_eq(result->level, MV_TAGGING_ERROR);
    ck_assert(!has(result, "Authentication-Results") && has(result, "Subject: s"));
    ck_assert_ptr_nonnull(strstr(result->log, "config check"));
    mv_tagging_free(&tagging);

    result = tag(NULL, OWN_CLIENT RESULTS MESSAGE, false, false);
    ck_assert_int_eq(result->level, MV_TAGGING_ERROR);
    ck_assert_uint_eq(result->header.len, 0);
    unlink(config);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_judging, test_handover, test_unreadable, test_faults};

    return unit_run("dovecot_tagging", tests, sizeof tests / sizeof *tests);
}
