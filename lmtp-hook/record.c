#include "lmtp-hook/record.h"

#include <inttypes.h>
#include <time.h>

#include "lmtp-hook/log.h"

static const char *dkim_word(const struct mv_verdict *verdict)
{
    const struct mv_dkim_result *signature = mv_verdict_signature(verdict);

    return mv_dkim_code_text(signature == NULL ? MV_DKIM_NONE : signature->code);
}

static void put_verdict(const struct mv_judge *judge, struct mv_buf *out)
{
    const struct mv_verdict *verdict = mv_judge_verdict(judge);

    mv_buf_printf(out, " spf=%s dkim=%s arc=%s dmarc=%s", mv_spf_code_text(verdict->spf.code), dkim_word(verdict),
                  mv_arc_code_text(verdict->arc.code), mv_dmarc_code_text(verdict->dmarc.code));
    if (verdict->dmarc.has_record)
        mv_buf_printf(out, " policy=%s", mv_dmarc_policy_text(verdict->dmarc.published));
    mv_log_put_pair(out, "author", verdict->author_domain);
    mv_buf_printf(out, " action=%s", mv_action_text(verdict->action));
    if (verdict->override != MV_OVERRIDE_NO)
        mv_buf_printf(out, " override=%s", mv_override_text(verdict->override));
    mv_buf_printf(out, " dns=%uq/%ur/%ums", verdict->dns_questions, verdict->dns_rounds, judge->waited_msecs);
    if (verdict->action != MV_ACTION_NONE && verdict->reason != NULL)
        mv_log_put_pair(out, "reason", mv_bytes_str(verdict->reason));
}

static void put_judged(const struct mv_judge *judge, struct mv_buf *out)
{
    switch (judge->state) {
    case MV_JUDGED_DONE:
        put_verdict(judge, out);
        break;
    case MV_JUDGED_SKIPPED:
        mv_buf_printf(out, " skip=%s", judge->skip);
        break;
    case MV_JUDGED_FAILED:
        mv_log_put_pair(out, "error", mv_bytes_str(judge->error.text));
        break;
    case MV_JUDGED_NOT:
        break;
    }
}

static void put_client(const struct mv_client *client, struct mv_buf *out)
{
    mv_buf_puts(out, " client=");
    if (client->ip.family == MV_IP_NONE)
        mv_buf_puts(out, client->is_local ? "local" : "unknown");
    else
        mv_ip_print(&client->ip, out);
    mv_buf_printf(out, " source=%s", mv_client_source_text(client->source));
    if (client->helo_len > 0)
        mv_log_put_pair(out, "helo", mv_bytes_slice(mv_client_helo(client), 0, 100));
}

static const char *fate_text(enum mv_fate fate)
{
    static const char *const words[] = {"deliver", "quarantine", "refuse", "defer"};

    return words[fate];
}

void mv_record_put(const struct mv_record *record, struct mv_buf *out)
{
    const struct mv_delivery *delivery = record->delivery;
    const struct mv_intake *intake = delivery->intake;

    mv_buf_printf(out, "id=%" PRIx64 ".%u", record->connection, record->message);
    put_client(&intake->client, out);
    mv_log_put_pair(out, "from", mv_bytes_slice(mv_session_mail_from(delivery->session), 0, 320));
    mv_buf_printf(out, " recipients=%zu size=%" PRIu64, mv_session_recipient_count(delivery->session), intake->bytes);
    if (intake->refusal == NULL)
        put_judged(&intake->judge, out);
    else
        mv_log_put_pair(out, "refused", mv_bytes_str(intake->refusal));
    if (intake->error.code != MV_OK)
        mv_log_put_pair(out, "trouble", mv_bytes_str(intake->error.text));
    if (delivery->counts.fields_removed > 0)
        mv_buf_printf(out, " removed=%u", delivery->counts.fields_removed);
    if (delivery->counts.handed_over > 0)
        mv_buf_puts(out, " handover=made");
    if (intake->refusal == NULL)
        mv_buf_printf(out, " fate=%s", fate_text(record->fate));
    if (delivery->hop->error.code != MV_OK && !mv_hop_is_open(delivery->hop))
        mv_log_put_pair(out, "hop", mv_bytes_str(delivery->hop->error.text));
    mv_buf_puts(out, " replies=");
    mv_buf_put(out, mv_buf_bytes(&delivery->replies));
    mv_buf_printf(out, "%s msecs=%" PRId64, mv_buf_failed(&delivery->replies) ? "..." : "", record->msecs);
}

static enum mv_stat stat_of(enum mv_dmarc_code code)
{
    switch (code) {
    case MV_DMARC_PASS:
        return MV_STAT_DMARC_PASS;
    case MV_DMARC_FAIL:
        return MV_STAT_DMARC_FAIL;
    case MV_DMARC_TEMPERROR:
        return MV_STAT_DMARC_TEMPERROR;
    case MV_DMARC_PERMERROR:
        return MV_STAT_DMARC_PERMERROR;
    default:
        return MV_STAT_DMARC_NONE;
    }
}

static void count_judged(const struct mv_record *record, struct mv_stats *stats)
{
    const struct mv_judge *judge = &record->delivery->intake->judge;
    const struct mv_verdict *verdict = mv_judge_verdict(judge);

    if (judge->state == MV_JUDGED_SKIPPED)
        mv_stats_add(stats, MV_STAT_SKIPPED, 1);
    if (judge->state == MV_JUDGED_FAILED)
        mv_stats_add(stats, MV_STAT_ERRORS, 1);
    if (verdict == NULL)
        return;
    mv_stats_add(stats, stat_of(verdict->dmarc.code), 1);
    mv_stats_add(stats, MV_STAT_DNS_QUESTIONS, verdict->dns_questions);
    if (record->fate == MV_FATE_QUARANTINE)
        mv_stats_add(stats, MV_STAT_QUARANTINED, 1);
}

void mv_record_count(const struct mv_record *record, struct mv_stats *stats)
{
    const struct mv_intake *intake = record->delivery->intake;
    const struct mv_delivery_counts *counts = &record->delivery->counts;

    mv_stats_add(stats, MV_STAT_MESSAGES, 1);
    mv_stats_add(stats, MV_STAT_MESSAGE_BYTES, (int64_t)intake->bytes);
    mv_stats_add(stats, MV_STAT_RECIPIENTS_DELIVERED, counts->delivered);
    mv_stats_add(stats, MV_STAT_RECIPIENTS_DEFERRED, counts->deferred);
    mv_stats_add(stats, MV_STAT_RECIPIENTS_REFUSED, counts->refused);
    mv_stats_add(stats, MV_STAT_FIELDS_REMOVED, counts->fields_removed);
    mv_stats_add(stats, MV_STAT_HANDOVERS, counts->handed_over);
    if (intake->error.code != MV_OK)
        mv_stats_add(stats, MV_STAT_SPOOL_FAILURES, 1);
    else if (intake->refusal != NULL)
        mv_stats_add(stats, MV_STAT_MALFORMED, 1);
    else
        count_judged(record, stats);
}

/* A message of which no recipient was decided about comes again, and is told of then. */
static enum mv_action action_done(const struct mv_record *record)
{
    const struct mv_delivery_counts *counts = &record->delivery->counts;

    if (counts->delivered + counts->refused == 0)
        return MV_ACTION_TEMPFAIL;
    switch (record->fate) {
    case MV_FATE_QUARANTINE:
        return MV_ACTION_QUARANTINE;
    case MV_FATE_REFUSE:
        return MV_ACTION_REJECT;
    case MV_FATE_DEFER:
        return MV_ACTION_TEMPFAIL;
    case MV_FATE_DELIVER:
        break;
    }
    return MV_ACTION_NONE;
}

void mv_record_evidence(const struct mv_record *record, struct mv_stats *stats)
{
    const struct mv_judge *judge = &record->delivery->intake->judge;
    struct mv_error error = {.code = MV_OK};
    int64_t now_secs = time(NULL);

    if (judge->state != MV_JUDGED_DONE ||
        mv_msg_evidence(judge->msg, action_done(record), now_secs, &error) == MV_OK)
        return;
    mv_stats_add(stats, MV_STAT_EVIDENCE_FAILURES, 1);
    if (mv_engines_may_complain(judge->engines, now_secs))
        mv_log(MV_LOG_WARNING, "id=%" PRIx64 ".%u mail goes on without evidence for reports: %s", record->connection,
               record->message, error.text);
}
