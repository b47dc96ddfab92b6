#include "dovecot-plugin/judging.h"

#include <stdlib.h>
#include <time.h>

#include "core/base/ascii.h"
#include "core/config/received_by.h"

static void fail(struct mv_judging *judging, enum mv_code code, const struct mv_error *error)
{
    judging->way = MV_JUDGING_FAILED;
    judging->error = *error;
    if (error->code == MV_OK)
        mv_error_set(&judging->error, code, "%s", mv_code_text(code));
    mv_msg_free(&judging->msg);
}

static bool check(struct mv_judging *judging, enum mv_code code)
{
    if (code != MV_OK)
        fail(judging, code, mv_msg_error(judging->msg));
    return code == MV_OK;
}

/*
 * Dovecot's own Received field says "with LMTP" (or LMTPS ...).  The first "with" that stands for itself is looked at:
 * what a server writes before it has no room for a stranger's words.
 */
static bool is_of_lmtp(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(value);

    while (mv_cursor_left(&c) > 0) {
        struct mv_cursor start;
        struct mv_bytes word;

        mv_cursor_take_while(&c, MV_ASCII_FWS);
        start = c;
        while (mv_cursor_left(&c) > 0 && !mv_ascii_is(mv_cursor_peek(&c), MV_ASCII_FWS))
            mv_cursor_next(&c);
        word = mv_cursor_since(&c, &start);
        if (!mv_bytes_equal_nocase(word, MV_BYTES("with")))
            continue;
        mv_cursor_take_while(&c, MV_ASCII_FWS);
        return mv_bytes_has_prefix_nocase(mv_cursor_rest(&c), MV_BYTES("LMTP"));
    }
    return false;
}

/* The topmost Received field that is not Dovecot's own; NULL when there is none. */
static const struct mv_field *find_received(const struct mv_tagging_request *request, const struct mv_field *fields,
                                            size_t count)
{
    bool may_skip = request->by_lmtp;

    for (size_t i = 0; i < count; i++) {
        if (!mv_field_is(&fields[i], MV_BYTES("Received")))
            continue;
        if (!may_skip || !is_of_lmtp(fields[i].value))
            return &fields[i];
        may_skip = false;
    }
    return NULL;
}

static void find_client(const struct mv_engine *engine, const struct mv_tagging_request *request,
                        const struct mv_field *fields, size_t count, struct mv_received *client_r)
{
    const struct mv_field *field = find_received(request, fields, count);

    if (field == NULL || !mv_received_by_ours(mv_config_settings(mv_engine_config(engine)), field->value, client_r))
        *client_r = (struct mv_received){.authenticated = false};
}

static bool feed(struct mv_judging *judging, const struct mv_tagging_request *request)
{
    struct mv_error unreadable = {.code = MV_OK};
    struct mv_bytes piece;

    do {
        if (!request->read(request->source, &piece)) {
            fail(judging, mv_error_set(&unreadable, MV_ERR_IO, "the message cannot be read"), &unreadable);
            return false;
        }
        if (piece.len > 0 && !check(judging, mv_msg_feed(judging->msg, piece)))
            return false;
    } while (piece.len > 0);
    return check(judging, mv_msg_end(judging->msg));
}

static void take_handover(struct mv_judging *judging, const struct mv_handover *handover)
{
    judging->way = MV_JUDGING_HANDOVER;
    judging->action = handover->action;
    judging->dmarc = handover->dmarc;
    judging->policy = handover->policy;
}

static void take_verdict(struct mv_judging *judging, const struct mv_settings *settings)
{
    const struct mv_verdict *verdict = mv_msg_verdict(judging->msg);

    judging->way = MV_JUDGING_OWN;
    judging->action = verdict->action;
    judging->dmarc = verdict->dmarc.code;
    judging->policy = verdict->dmarc.effective;
    judging->without_dmarc = judging->client_ip.family == MV_IP_NONE && verdict->dmarc.code != MV_DMARC_PASS &&
                             settings->dovecot.without_client == MV_WITHOUT_CLIENT_PASS_ONLY;
    if (!judging->without_dmarc)
        return;
    judging->action = MV_ACTION_NONE;
    judging->dmarc = MV_DMARC_NONE;
    judging->policy = MV_DMARC_NO_POLICY;
}

static unsigned msecs_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)((now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000);
}

static void evaluate(struct mv_judging *judging, const struct mv_settings *settings)
{
    struct timespec start;
    enum mv_code code;

    clock_gettime(CLOCK_MONOTONIC, &start);
    code = mv_msg_run(judging->msg, MV_UNTIL_VERDICT);
    judging->waited_msecs = msecs_since(&start);
    if (check(judging, code))
        take_verdict(judging, settings);
}

void mv_judging_run(struct mv_judging *judging, struct mv_engine *engine, const struct mv_tagging_request *request,
                    const struct mv_field *fields, size_t count)
{
    struct mv_error error = {.code = MV_OK};
    struct mv_envelope envelope = {
        .mail_from = request->mail_from,
        .now_secs = request->now_secs,
        .pct_roll = arc4random_uniform(100),
    };
    struct mv_received client;
    enum mv_code code;

    mv_judging_forget(judging);
    find_client(engine, request, fields, count, &client);
    judging->client_ip = envelope.client_ip = client.ip;
    envelope.helo = client.helo;
    code = mv_msg_begin(engine, &envelope, MV_WANT_CHECKS | MV_WANT_HANDOVER, &judging->msg, &error);
    if (code != MV_OK) {
        fail(judging, code, &error);
        return;
    }
    if (!feed(judging, request))
        return;
    if (mv_msg_handover_result(judging->msg)->code == MV_HANDOVER_VALID) {
        take_handover(judging, mv_msg_handover_result(judging->msg));
        return;
    }
    judging->skip = mv_engine_skips(engine, &client.ip, client.authenticated, &judging->keep_results);
    if (judging->skip == NULL)
        evaluate(judging, mv_config_settings(mv_engine_config(engine)));
    else
        judging->way = MV_JUDGING_SKIPPED;
}

void mv_judging_forget(struct mv_judging *judging)
{
    mv_msg_free(&judging->msg);
    *judging = (struct mv_judging){.way = MV_JUDGING_NOT};
}

const struct mv_handover *mv_judging_handover(const struct mv_judging *judging)
{
    return judging->msg == NULL ? NULL : mv_msg_handover_result(judging->msg);
}

static void put_pair(struct mv_buf *out, const char *key, struct mv_bytes value)
{
    if (value.len == 0)
        return;
    mv_buf_printf(out, " %s=", key);
    mv_buf_put_escaped(out, value);
}

static void put_results(struct mv_buf *out, enum mv_spf_code spf, enum mv_dkim_code dkim, enum mv_arc_code arc)
{
    mv_buf_printf(out, " spf=%s dkim=%s arc=%s", mv_spf_code_text(spf), mv_dkim_code_text(dkim),
                  mv_arc_code_text(arc));
}

static void describe_own(const struct mv_judging *judging, struct mv_buf *out)
{
    const struct mv_verdict *verdict = mv_msg_verdict(judging->msg);
    const struct mv_dkim_result *signature = mv_verdict_signature(verdict);

    put_pair(out, "author", verdict->author_domain);
    put_results(out, verdict->has_spf ? verdict->spf.code : MV_SPF_NONE,
                signature == NULL ? MV_DKIM_NONE : signature->code, verdict->arc.code);
    mv_buf_printf(out, " dmarc=%s", judging->without_dmarc ? "unknown" : mv_dmarc_code_text(judging->dmarc));
    mv_buf_puts(out, " client=");
    if (judging->client_ip.family == MV_IP_NONE)
        mv_buf_puts(out, "unknown");
    else
        mv_ip_print(&judging->client_ip, out);
    mv_buf_printf(out, " dns=%uq/%ur/%ums", verdict->dns_questions, verdict->dns_rounds, judging->waited_msecs);
}

void mv_judging_describe(const struct mv_judging *judging, struct mv_buf *out)
{
    const struct mv_handover *handover = mv_judging_handover(judging);

    if (handover != NULL)
        mv_buf_printf(out, " handover=%s", mv_handover_code_text(handover->code));
    switch (judging->way) {
    case MV_JUDGING_HANDOVER:
        put_pair(out, "by", handover->authserv_id);
        put_pair(out, "author", handover->author_domain);
        put_results(out, handover->spf, handover->dkim, handover->arc);
        mv_buf_printf(out, " dmarc=%s", mv_dmarc_code_text(handover->dmarc));
        break;
    case MV_JUDGING_OWN:
        describe_own(judging, out);
        break;
    case MV_JUDGING_SKIPPED:
        mv_buf_printf(out, " skip=%s", judging->skip);
        break;
    case MV_JUDGING_FAILED:
    case MV_JUDGING_NOT:
        break;
    }
    if (judging->action != MV_ACTION_NONE)
        mv_buf_printf(out, " action=%s", mv_action_text(judging->action));
}
