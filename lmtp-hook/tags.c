#include "lmtp-hook/tags.h"

#include "core/base/ascii.h"
#include "lmtp-hook/client.h"

#define MAX_REASON_BYTES 300 /* of a reply line, RFC 5321 4.5.3.1.5 */

enum mv_fate mv_tags_fate(const struct mv_judge *judge, const struct mv_lmtp_settings *settings)
{
    switch (mv_judge_action(judge)) {
    case MV_ACTION_QUARANTINE:
        return MV_FATE_QUARANTINE;
    case MV_ACTION_REJECT: /* delivered after all, it is not treated better than one for quarantine */
        return settings->on_reject == MV_LMTP_REJECT_REFUSE ? MV_FATE_REFUSE : MV_FATE_QUARANTINE;
    case MV_ACTION_TEMPFAIL:
        return settings->on_tempfail == MV_LMTP_TEMPFAIL_DEFER ? MV_FATE_DEFER : MV_FATE_DELIVER;
    case MV_ACTION_NONE:
        break;
    }
    return MV_FATE_DELIVER;
}

/* What only we write, or claims to be ours. A trusted MTA's results stay, but nobody's word on the client goes on. */
static bool must_go(const struct mv_judge *judge, const struct mv_field *field)
{
    if (mv_field_is(field, MV_BYTES(MV_CLIENT_FIELD)))
        return true;
    if (judge->keep_results)
        return false;
    if (mv_bytes_has_prefix_nocase(field->name, MV_BYTES("Mailvouch-")))
        return true;
    return mv_field_is(field, MV_BYTES("Authentication-Results")) &&
           (judge->engine == NULL || mv_engine_is_forged(judge->engine, NULL, field->raw));
}

/* A message may begin with white space: the line would become a part of our field above it. */
static bool continues(const struct mv_field *field, const struct mv_buf *out)
{
    return mv_buf_bytes(out).len > 0 && field->name.len == 0 && field->raw.len > 0 &&
           mv_ascii_is(field->raw.data[0], MV_ASCII_WSP);
}

static bool put_handover(const struct mv_judge *judge, struct mv_buf *out)
{
    struct mv_buf handover;
    bool put;

    mv_buf_init(&handover, MV_AUTHRES_MAX_BYTES);
    put = mv_msg_handover(judge->msg, NULL, &handover) == MV_OK && !mv_buf_failed(&handover) &&
          mv_buf_bytes(&handover).len > 0;
    if (put)
        mv_buf_put(out, mv_buf_bytes(&handover));
    mv_buf_free(&handover);
    return put;
}

/* False without a hand-over. */
static bool put_results(const struct mv_judge *judge, struct mv_buf *out)
{
    struct mv_buf results;
    bool handed_over = false;

    if (judge->state != MV_JUDGED_DONE)
        return false;
    mv_buf_init(&results, MV_AUTHRES_MAX_BYTES);
    if (mv_msg_authres(judge->msg, NULL, &results) == MV_OK && !mv_buf_failed(&results)) {
        mv_buf_put(out, mv_buf_bytes(&results));
        handed_over = put_handover(judge, out);
    }
    mv_buf_free(&results);
    return handed_over;
}

struct mv_tags_done mv_tags_put(const struct mv_judge *judge, enum mv_fate fate, const struct mv_field *fields,
                                size_t count, struct mv_buf *out)
{
    struct mv_tags_done done = {.handed_over = put_results(judge, out)};

    if (fate == MV_FATE_QUARANTINE)
        mv_buf_puts(out, "Mailvouch-Disposition: quarantine\r\n");
    for (size_t i = 0; i < count; i++) {
        if (must_go(judge, &fields[i]) || continues(&fields[i], out))
            done.removed++;
        else
            mv_buf_put(out, fields[i].raw);
    }
    return done;
}

void mv_tags_put_refusal(const struct mv_judge *judge, enum mv_fate fate, struct mv_buf *out)
{
    const struct mv_verdict *verdict = mv_judge_verdict(judge);
    struct mv_bytes reason = mv_bytes_str(verdict == NULL ? NULL : verdict->reason);

    if (fate == MV_FATE_DEFER) {
        mv_buf_puts(out, "451 4.7.0 The sender of this message cannot be checked now (DMARC), please try again later");
        return;
    }
    mv_buf_puts(out, "550 5.7.1 Refused"); /* RFC 9989 7.2: the code, and the word DMARC */
    if (!mv_bytes_has_prefix_nocase(reason, MV_BYTES("DMARC")))
        mv_buf_puts(out, " by DMARC");
    if (reason.len > 0)
        mv_buf_puts(out, ": ");
    mv_buf_put_escaped(out, mv_bytes_slice(reason, 0, MAX_REASON_BYTES));
}
