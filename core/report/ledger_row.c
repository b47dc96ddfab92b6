#include "core/report/ledger_row.h"

#include <stdlib.h>
#include <string.h>

#include "core/dmarc/record.h"

static bool passed(const struct mv_evidence_line *line)
{
    return line->aligned_dkim || line->aligned_spf;
}

static bool enforces(enum mv_dmarc_policy policy)
{
    return policy == MV_DMARC_P_QUARANTINE || policy == MV_DMARC_P_REJECT;
}

static enum mv_report_disposition done(enum mv_action action)
{
    if (action == MV_ACTION_REJECT)
        return MV_REPORT_DISPOSITION_REJECT;
    return action == MV_ACTION_QUARANTINE ? MV_REPORT_DISPOSITION_QUARANTINE : MV_REPORT_DISPOSITION_NONE;
}

static enum mv_report_disposition asked_for(enum mv_dmarc_policy policy)
{
    if (policy == MV_DMARC_P_REJECT)
        return MV_REPORT_DISPOSITION_REJECT;
    return policy == MV_DMARC_P_QUARANTINE ? MV_REPORT_DISPOSITION_QUARANTINE : MV_REPORT_DISPOSITION_NONE;
}

/* RFC 9989 4.7: t=y asks for one step less. */
static enum mv_report_disposition asked_in_test(enum mv_dmarc_policy policy)
{
    return policy == MV_DMARC_P_REJECT ? MV_REPORT_DISPOSITION_QUARANTINE : MV_REPORT_DISPOSITION_NONE;
}

static bool is_in_test(const struct mv_evidence_line *line)
{
    struct mv_dmarc_record record;

    return mv_dmarc_record_parse(line->record, &record) && record.test;
}

static enum mv_report_override override_of(enum mv_override override)
{
    switch (override) {
    case MV_OVERRIDE_NO:
        return MV_REPORT_OVERRIDE_ABSENT;
    case MV_OVERRIDE_LOCAL_POLICY:
        return MV_REPORT_LOCAL_POLICY;
    case MV_OVERRIDE_MAILING_LIST:
        return MV_REPORT_MAILING_LIST;
    case MV_OVERRIDE_POLICY_TEST_MODE:
        return MV_REPORT_POLICY_TEST_MODE;
    case MV_OVERRIDE_TRUSTED_FORWARDER:
        return MV_REPORT_TRUSTED_FORWARDER;
    case MV_OVERRIDE_OTHER:
        return MV_REPORT_OTHER;
    }
    return MV_REPORT_OVERRIDE_ABSENT;
}

/* Where the verdict names none: a front end did less, or DNS left the result open. */
static void find_reason(const struct mv_evidence_line *line, struct mv_ledger_row *row)
{
    if (is_in_test(line) && row->disposition == asked_in_test(line->published)) {
        row->reason = MV_REPORT_POLICY_TEST_MODE;
        return;
    }
    row->reason = MV_REPORT_LOCAL_POLICY;
    row->comment = line->result == MV_DMARC_TEMPERROR ? MV_BYTES("DNS did not answer: no policy was applied")
                   : row->disposition < asked_for(line->published)
                       ? MV_BYTES("less is done here than the policy asks for")
                       : MV_BYTES("more is done here than the policy asks for");
}

static void add_reason(const struct mv_evidence_line *line, struct mv_ledger_row *row)
{
    bool in_test = line->override == MV_OVERRIDE_POLICY_TEST_MODE;

    if (row->disposition == asked_for(line->published))
        return;
    if (line->override == MV_OVERRIDE_NO || (in_test && !is_in_test(line))) {
        find_reason(line, row);
        return;
    }
    row->reason = override_of(line->override);
    row->comment = line->note;
}

static enum mv_report_auth auth_of_dkim(enum mv_dkim_code code)
{
    switch (code) {
    case MV_DKIM_NONE:
        return MV_REPORT_AUTH_NONE;
    case MV_DKIM_PASS:
        return MV_REPORT_AUTH_PASS;
    case MV_DKIM_FAIL:
        return MV_REPORT_AUTH_FAIL;
    case MV_DKIM_POLICY:
        return MV_REPORT_AUTH_POLICY;
    case MV_DKIM_NEUTRAL:
        return MV_REPORT_AUTH_NEUTRAL;
    case MV_DKIM_TEMPERROR:
        return MV_REPORT_AUTH_TEMPERROR;
    case MV_DKIM_PERMERROR:
        return MV_REPORT_AUTH_PERMERROR;
    }
    return MV_REPORT_AUTH_ABSENT;
}

static enum mv_report_auth auth_of_spf(enum mv_spf_code code)
{
    switch (code) {
    case MV_SPF_NONE:
        return MV_REPORT_AUTH_NONE;
    case MV_SPF_NEUTRAL:
        return MV_REPORT_AUTH_NEUTRAL;
    case MV_SPF_PASS:
        return MV_REPORT_AUTH_PASS;
    case MV_SPF_FAIL:
        return MV_REPORT_AUTH_FAIL;
    case MV_SPF_SOFTFAIL:
        return MV_REPORT_AUTH_SOFTFAIL;
    case MV_SPF_TEMPERROR:
        return MV_REPORT_AUTH_TEMPERROR;
    case MV_SPF_PERMERROR:
        return MV_REPORT_AUTH_PERMERROR;
    }
    return MV_REPORT_AUTH_ABSENT;
}

static int compare_bytes(struct mv_bytes a, struct mv_bytes b)
{
    size_t both = a.len < b.len ? a.len : b.len;
    int order = both == 0 ? 0 : memcmp(a.data, b.data, both);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_signatures(const void *left, const void *right)
{
    const struct mv_evidence_signature *a = *(const struct mv_evidence_signature *const *)left;
    const struct mv_evidence_signature *b = *(const struct mv_evidence_signature *const *)right;
    int order = (int)mv_evidence_rank(a) - (int)mv_evidence_rank(b);

    if (order == 0)
        order = compare_bytes(a->domain, b->domain);
    if (order == 0)
        order = compare_bytes(a->selector, b->selector);
    return order != 0 ? order : (int)a->result - (int)b->result;
}

/* A signature without a readable domain is none that was evaluated, and a report needs the domain. */
static void put_dkim(const struct mv_evidence_line *line, struct mv_buf *out)
{
    const struct mv_evidence_signature *sorted[MV_EVIDENCE_MAX_DKIM];
    size_t count = 0;

    mv_buf_reset(out);
    for (size_t i = 0; i < line->dkim_count; i++)
        if (line->dkim[i].domain.len > 0 && line->dkim[i].result != MV_DKIM_NONE)
            sorted[count++] = &line->dkim[i];
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, compare_signatures);
    for (size_t i = 0; i < count; i++) {
        mv_buf_puts(out, mv_report_auth_text(auth_of_dkim(sorted[i]->result)));
        mv_buf_putc(out, '\t');
        mv_buf_put(out, sorted[i]->domain);
        mv_buf_putc(out, '\t');
        mv_buf_put(out, sorted[i]->selector);
        mv_buf_putc(out, '\n');
    }
}

static const char *fault_of(const struct mv_evidence_line *line)
{
    if (line->client.family == MV_IP_NONE)
        return "the client is not known: no report can say that";
    if (line->action == MV_ACTION_TEMPFAIL)
        return "a deferred message comes again and is counted then";
    if (line->author_domain.len == 0 || line->author_domain.len > MV_AGGREGATE_MAX_DOMAIN_BYTES ||
        line->policy_domain.len == 0 || line->policy_domain.len > MV_AGGREGATE_MAX_DOMAIN_BYTES)
        return "there is no domain to report to";
    if (line->result == MV_DMARC_NONE)
        return "no policy applied";
    if (passed(line) != (line->result == MV_DMARC_PASS))
        return "what is aligned does not go with the result";
    return NULL;
}

/* Without a domain there was nothing that SPF could be asked for. */
static void add_spf(const struct mv_evidence_line *line, struct mv_ledger_row *row)
{
    if (!line->has_spf)
        return;
    row->has_envelope_from = line->spf_of_helo || line->spf_domain.len > 0;
    if (!line->spf_of_helo)
        row->envelope_from = line->spf_domain;
    if (line->spf_domain.len == 0)
        return;
    row->spf_result = auth_of_spf(line->spf_result);
    row->spf_domain = line->spf_domain;
}

enum mv_code mv_ledger_row_of(const struct mv_evidence_line *line, struct mv_buf *dkim, struct mv_ledger_row *row_r,
                              struct mv_error *error)
{
    const char *fault = fault_of(line);

    *row_r = (struct mv_ledger_row){.source = line->client,
                                    .aligned_dkim = line->aligned_dkim,
                                    .aligned_spf = line->aligned_spf,
                                    .header_from = line->author_domain};
    if (fault != NULL)
        return mv_error_set(error, MV_ERR_SYNTAX, "%s", fault);
    if (passed(line)) {
        row_r->disposition = enforces(line->published) ? MV_REPORT_DISPOSITION_PASS : MV_REPORT_DISPOSITION_NONE;
    } else {
        row_r->disposition = done(line->action);
        add_reason(line, row_r);
    }
    add_spf(line, row_r);
    put_dkim(line, dkim);
    row_r->dkim = mv_buf_bytes(dkim);
    return mv_buf_failed(dkim) ? mv_error_set(error, MV_ERR_MEMORY, "no memory") : MV_OK;
}

/* With its length before it. */
static void put_text(struct mv_buf *out, struct mv_bytes text)
{
    mv_buf_putc(out, (unsigned char)(text.len >> 8));
    mv_buf_putc(out, (unsigned char)text.len);
    mv_buf_put(out, text);
}

void mv_ledger_row_put(const struct mv_ledger_row *row, struct mv_buf *out)
{
    const unsigned char small[] = {(unsigned char)row->source.family, (unsigned char)row->disposition,
                                   row->aligned_dkim,                 row->aligned_spf,
                                   (unsigned char)row->reason,        row->has_envelope_from,
                                   (unsigned char)row->spf_result};

    mv_buf_put(out, mv_bytes_of(small, sizeof small));
    mv_buf_put(out, mv_bytes_of(row->source.octets, row->source.family == MV_IP_V4 ? 4 : 16));
    put_text(out, row->comment);
    put_text(out, row->header_from);
    put_text(out, row->envelope_from);
    put_text(out, row->spf_domain);
    put_text(out, row->dkim);
}

static struct mv_bytes take_field(struct mv_cursor *c, unsigned char end)
{
    struct mv_bytes field = mv_cursor_take_until(c, end);

    mv_cursor_accept(c, end);
    return field;
}

static enum mv_report_auth auth_of_word(struct mv_bytes word)
{
    for (int i = MV_REPORT_AUTH_NONE; i <= MV_REPORT_AUTH_PERMERROR; i++)
        if (mv_bytes_equal(word, mv_bytes_str(mv_report_auth_text((enum mv_report_auth)i))))
            return (enum mv_report_auth)i;
    return MV_REPORT_AUTH_ABSENT;
}

static void take_dkim(struct mv_bytes list, struct mv_aggregate_record *record)
{
    struct mv_cursor c = mv_cursor_of(list);

    for (record->dkim_count = 0; mv_cursor_left(&c) > 0 && record->dkim_count < MV_AGGREGATE_MAX_DKIM;) {
        struct mv_aggregate_dkim *dkim = &record->dkim[record->dkim_count++];

        dkim->result = auth_of_word(take_field(&c, '\t'));
        dkim->domain = take_field(&c, '\t');
        dkim->selector = take_field(&c, '\n');
        dkim->human_result = MV_BYTES("");
    }
}

static enum mv_report_aligned aligned(bool is)
{
    return is ? MV_REPORT_ALIGNED_PASS : MV_REPORT_ALIGNED_FAIL;
}

void mv_ledger_row_record(const struct mv_ledger_row *row, uint64_t count, struct mv_aggregate_record *record_r)
{
    record_r->source = row->source;
    record_r->count = count;
    record_r->disposition = row->disposition;
    record_r->dkim_aligned = aligned(row->aligned_dkim);
    record_r->spf_aligned = aligned(row->aligned_spf);
    record_r->header_from = row->header_from;
    record_r->has_envelope_from = row->has_envelope_from;
    record_r->envelope_from = row->envelope_from;
    record_r->envelope_to = MV_BYTES("");
    record_r->reason_count = row->reason == MV_REPORT_OVERRIDE_ABSENT ? 0 : 1;
    record_r->reasons[0] = (struct mv_aggregate_reason){row->reason, row->comment};
    take_dkim(row->dkim, record_r);
    record_r->has_spf = row->spf_result != MV_REPORT_AUTH_ABSENT;
    record_r->spf = (struct mv_aggregate_spf){.domain = row->spf_domain, .result = row->spf_result};
    if (record_r->has_spf)
        record_r->spf.scope = MV_REPORT_MFROM;
}
