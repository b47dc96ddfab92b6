#include "exim-dlfunc/outcome.h"

#include "core/base/ascii.h"

#define MV_LOG_MAX_SIGNATURES 4 /* named one by one in the log line */
#define MV_REPLY_MAX_REASON_BYTES 300 /* RFC 5321 4.5.3.1.5: a reply line has 512 octets */

static struct mv_bytes text_or_empty(const char *text)
{
    return mv_bytes_str(text == NULL ? "" : text);
}

/* In quotes as ${extract} and people read them; "\" is escaped by the rule of the log already. */
static void put_quoted(struct mv_bytes text, struct mv_buf *out)
{
    mv_buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"')
            mv_buf_putc(out, '\\');
        mv_buf_put_escaped(out, mv_bytes_slice(text, i, i + 1));
    }
    mv_buf_putc(out, '"');
}

void mv_outcome_put_pair(const char *key, struct mv_bytes value, struct mv_buf *out)
{
    if (out->len > 0)
        mv_buf_putc(out, ' ');
    mv_buf_printf(out, "%s=", key);
    if (value.len > 0 && mv_bytes_all(value, MV_ASCII_LDH | MV_ASCII_TOKEN))
        mv_buf_put(out, value);
    else
        put_quoted(value, out);
}

/* For the log's parentheses: a domain has no other bytes, anything else is no domain. */
static void put_domain(const char *before, struct mv_bytes domain, struct mv_buf *out)
{
    mv_buf_puts(out, before);
    if (domain.len == 0)
        mv_buf_putc(out, '-');
    mv_buf_put_escaped(out, domain);
}

const char *mv_outcome_spf_word(const struct mv_verdict *verdict)
{
    return mv_spf_code_text(verdict->has_spf ? verdict->spf.code : MV_SPF_NONE);
}

const char *mv_outcome_dkim_word(const struct mv_verdict *verdict)
{
    const struct mv_dkim_result *signature = mv_verdict_signature(verdict);

    return mv_dkim_code_text(signature == NULL ? MV_DKIM_NONE : signature->code);
}

enum mv_action mv_outcome_action(const struct mv_outcome *outcome)
{
    if (outcome->kind == MV_OUTCOME_FAILED)
        return MV_ACTION_TEMPFAIL;
    return outcome->kind == MV_OUTCOME_JUDGED ? outcome->verdict->action : MV_ACTION_NONE;
}

void mv_outcome_put_state(const struct mv_outcome *outcome, struct mv_buf *out)
{
    if (outcome->kind == MV_OUTCOME_SKIPPED)
        mv_outcome_put_pair("skip", mv_bytes_str(outcome->skip), out);
    else if (outcome->kind == MV_OUTCOME_FAILED)
        mv_outcome_put_pair("error", mv_bytes_str(outcome->error), out);
    else
        mv_buf_puts(out, "ok");
}

void mv_outcome_put_spf(const struct mv_spf_result *spf, struct mv_buf *out)
{
    mv_outcome_put_pair("spf", mv_bytes_str(mv_spf_code_text(spf->code)), out);
    mv_outcome_put_pair("domain", spf->domain, out);
    mv_outcome_put_pair("reason", text_or_empty(spf->reason), out);
}

static void put_verdict_status(const struct mv_verdict *verdict, struct mv_buf *out)
{
    mv_outcome_put_pair("spf", mv_bytes_str(mv_outcome_spf_word(verdict)), out);
    mv_outcome_put_pair("dkim", mv_bytes_str(mv_outcome_dkim_word(verdict)), out);
    mv_outcome_put_pair("arc", mv_bytes_str(mv_arc_code_text(verdict->arc.code)), out);
    mv_outcome_put_pair("dmarc", mv_bytes_str(mv_dmarc_code_text(verdict->dmarc.code)), out);
    mv_outcome_put_pair("policy", mv_bytes_str(mv_dmarc_policy_text(verdict->dmarc.published)), out);
    mv_outcome_put_pair("disposition", mv_bytes_str(mv_action_text(verdict->action)), out);
    mv_outcome_put_pair("from", verdict->author_domain, out);
    mv_outcome_put_pair("reason", text_or_empty(verdict->reason), out);
}

void mv_outcome_put_status(const struct mv_outcome *outcome, struct mv_buf *out)
{
    if (outcome->kind == MV_OUTCOME_OPEN)
        return;
    if (outcome->kind == MV_OUTCOME_JUDGED) {
        put_verdict_status(outcome->verdict, out);
        return;
    }
    mv_buf_puts(out, outcome->kind == MV_OUTCOME_SKIPPED ? "spf=none dkim=none arc=none dmarc=none policy=\"\""
                                                         : "spf=temperror dkim=temperror arc=none dmarc=temperror "
                                                           "policy=\"\"");
    mv_outcome_put_pair("disposition", mv_bytes_str(mv_action_text(mv_outcome_action(outcome))), out);
    mv_outcome_put_pair("from", mv_bytes_str(""), out);
    if (outcome->kind == MV_OUTCOME_SKIPPED)
        mv_outcome_put_pair("skip", mv_bytes_str(outcome->skip), out);
    else
        mv_outcome_put_pair("error", mv_bytes_str(outcome->error), out);
}

static void put_log_dkim(const struct mv_verdict *verdict, struct mv_buf *out)
{
    size_t named = verdict->dkim_count < MV_LOG_MAX_SIGNATURES ? verdict->dkim_count : MV_LOG_MAX_SIGNATURES;
    size_t others = verdict->dkim_count - named + verdict->dkim_skipped;

    if (verdict->dkim_count == 0)
        mv_buf_puts(out, " dkim=none");
    for (size_t i = 0; i < named; i++) {
        mv_buf_printf(out, " dkim=%s", mv_dkim_code_text(verdict->dkim[i].code));
        put_domain(" (d=", verdict->dkim[i].sdid, out);
        mv_buf_putc(out, ')');
    }
    if (others > 0)
        mv_buf_printf(out, " dkim-others=%zu", others);
}

void mv_outcome_put_sealers(const struct mv_verdict *verdict, struct mv_buf *out)
{
    for (size_t i = 0; i < verdict->arc.hop_count; i++)
        put_domain(i == 0 ? "" : ":", verdict->arc.hops[i].domain, out);
}

/* Only of mail that carries a chain; of its sealers, who handed it on. */
static void put_log_arc(const struct mv_verdict *verdict, struct mv_buf *out)
{
    const struct mv_arc_result *arc = &verdict->arc;

    if (!arc->has_fields)
        return;
    mv_buf_printf(out, " arc=%s", mv_arc_code_text(arc->code));
    if (arc->hop_count == 0)
        return;
    mv_buf_printf(out, " (i=%zu", arc->hop_count);
    put_domain(" d=", arc->hops[arc->hop_count - 1].domain, out);
    mv_buf_putc(out, ')');
}

static void put_log_dmarc(const struct mv_verdict *verdict, struct mv_buf *out)
{
    mv_buf_printf(out, " dmarc=%s (", mv_dmarc_code_text(verdict->dmarc.code));
    if (verdict->dmarc.has_record)
        mv_buf_printf(out, "p=%s ", mv_dmarc_policy_text(verdict->dmarc.published));
    if (verdict->dmarc.test_mode)
        mv_buf_puts(out, "t=y ");
    put_domain("from=", verdict->author_domain, out);
    mv_buf_putc(out, ')');
}

static void put_log_verdict(const struct mv_verdict *verdict, unsigned waited_msecs, struct mv_buf *out)
{
    mv_buf_printf(out, "mailvouch: spf=%s", mv_outcome_spf_word(verdict));
    if (verdict->has_spf) {
        put_domain(verdict->spf.from_helo ? " (helo " : " (", verdict->spf.domain, out);
        mv_buf_putc(out, ')');
    }
    put_log_dkim(verdict, out);
    put_log_arc(verdict, out);
    put_log_dmarc(verdict, out);
    mv_buf_printf(out, " action=%s", mv_action_text(verdict->action));
    if (verdict->override != MV_OVERRIDE_NO)
        mv_buf_printf(out, " (%s)", mv_override_text(verdict->override));
    mv_buf_printf(out, " dns=%uq/%ur/%ums", verdict->dns_questions, verdict->dns_rounds, waited_msecs);
    if (verdict->reason != NULL)
        mv_outcome_put_pair("reason", mv_bytes_str(verdict->reason), out);
}

void mv_outcome_put_log(const struct mv_outcome *outcome, struct mv_buf *out)
{
    if (outcome->kind == MV_OUTCOME_JUDGED)
        put_log_verdict(outcome->verdict, outcome->waited_msecs, out);
    if (outcome->kind != MV_OUTCOME_FAILED)
        return;
    mv_buf_puts(out, "mailvouch: nothing could be checked, mail is deferred: ");
    mv_buf_put_escaped(out, mv_bytes_str(outcome->error));
    mv_buf_puts(out, " (\"mailvouch config check\" tells more)");
}

void mv_outcome_put_reply(const struct mv_outcome *outcome, struct mv_buf *out)
{
    const struct mv_verdict *verdict = outcome->verdict;
    enum mv_action action = mv_outcome_action(outcome);
    struct mv_bytes reason;

    if (action == MV_ACTION_TEMPFAIL)
        mv_buf_puts(out, "451 4.7.0 The sender of this message cannot be checked now (DMARC), please try again later");
    if (action != MV_ACTION_REJECT)
        return;
    reason = text_or_empty(verdict->reason);
    mv_buf_puts(out, "550 5.7.1 Refused"); /* RFC 9989 7.2: the code, and the word DMARC */
    if (!mv_bytes_has_prefix_nocase(reason, MV_BYTES("DMARC")))
        mv_buf_puts(out, " by DMARC");
    if (reason.len > 0)
        mv_buf_puts(out, ": ");
    mv_buf_put_escaped(out, mv_bytes_slice(reason, 0, MV_REPLY_MAX_REASON_BYTES));
}
