#include "core/report/store_tables.h"

#include <string.h>

/* Columns of MV_SQL_READ_REPORTS */
enum {
    COL_ID, COL_DOMAIN, COL_ORG, COL_REPORT_ID, COL_BEGIN, COL_END, COL_EMAIL, COL_CONTACT, COL_ERROR, COL_GENERATOR,
    COL_P, COL_SP, COL_NP, COL_ADKIM, COL_ASPF, COL_DISCOVERY, COL_TESTING, COL_FO, COL_PCT, COL_RECORDS, COL_SKIPPED,
    COL_MESSAGES, COL_PASSED, COL_TRUST, COL_SENDER, COL_FIRST_ROW, COL_LAST_ROW
};

/* Of MV_SQL_READ_RECORDS */
enum {
    COL_SOURCE, COL_COUNT, COL_DISPOSITION, COL_DKIM_ALIGNED, COL_SPF_ALIGNED, COL_HEADER_FROM, COL_ENVELOPE_FROM,
    COL_ENVELOPE_TO, COL_REASONS, COL_DKIM, COL_SPF_RESULT, COL_SPF_SCOPE, COL_SPF_DOMAIN
};

static void take_report(struct mv_db_statement *s, struct mv_stored_report *r)
{
    struct mv_aggregate_head *head = &r->head;

    *r = (struct mv_stored_report){.id = mv_db_int(s, COL_ID), .kind = MV_REPORT_AGGREGATE};
    head->policy.domain = mv_db_bytes(s, COL_DOMAIN);
    head->org_name = mv_db_bytes(s, COL_ORG);
    head->report_id = mv_db_bytes(s, COL_REPORT_ID);
    head->begin_secs = mv_db_int(s, COL_BEGIN);
    head->end_secs = mv_db_int(s, COL_END);
    head->email = mv_db_bytes(s, COL_EMAIL);
    head->contact = mv_db_bytes(s, COL_CONTACT);
    head->error = mv_db_bytes(s, COL_ERROR);
    head->generator = mv_db_bytes(s, COL_GENERATOR);
    head->policy.p = (enum mv_report_policy)mv_db_int(s, COL_P);
    head->policy.sp = (enum mv_report_policy)mv_db_int(s, COL_SP);
    head->policy.np = (enum mv_report_policy)mv_db_int(s, COL_NP);
    head->policy.adkim = (enum mv_report_alignment)mv_db_int(s, COL_ADKIM);
    head->policy.aspf = (enum mv_report_alignment)mv_db_int(s, COL_ASPF);
    head->policy.discovery = (enum mv_report_discovery)mv_db_int(s, COL_DISCOVERY);
    head->policy.testing = (enum mv_report_yesno)mv_db_int(s, COL_TESTING);
    head->policy.fo = mv_db_bytes(s, COL_FO);
    head->policy.pct = mv_db_bytes(s, COL_PCT);
    r->records = (uint64_t)mv_db_int(s, COL_RECORDS);
    r->skipped = (uint64_t)mv_db_int(s, COL_SKIPPED);
    r->messages = (uint64_t)mv_db_int(s, COL_MESSAGES);
    r->passed = (uint64_t)mv_db_int(s, COL_PASSED);
    r->sender.trust = (enum mv_report_trust)mv_db_int(s, COL_TRUST);
    r->sender.domain = mv_db_bytes(s, COL_SENDER);
}

static struct mv_bytes take_field(struct mv_cursor *c, unsigned char end)
{
    struct mv_bytes field = mv_cursor_take_until(c, end);

    mv_cursor_accept(c, end);
    return field;
}

static enum mv_report_auth auth_of(struct mv_bytes word)
{
    for (int i = MV_REPORT_AUTH_NONE; i <= MV_REPORT_AUTH_PERMERROR; i++)
        if (mv_bytes_equal(word, mv_bytes_str(mv_report_auth_text((enum mv_report_auth)i))))
            return (enum mv_report_auth)i;
    return MV_REPORT_AUTH_ABSENT;
}

static enum mv_report_override override_of(struct mv_bytes word)
{
    for (int i = MV_REPORT_FORWARDED; i <= MV_REPORT_OTHER; i++)
        if (mv_bytes_equal(word, mv_bytes_str(mv_report_override_text((enum mv_report_override)i))))
            return (enum mv_report_override)i;
    return MV_REPORT_OVERRIDE_ABSENT;
}

static void take_lists(struct mv_db_statement *s, struct mv_aggregate_record *record)
{
    struct mv_cursor reasons = mv_cursor_of(mv_db_bytes(s, COL_REASONS));
    struct mv_cursor dkim = mv_cursor_of(mv_db_bytes(s, COL_DKIM));

    record->reason_count = record->dkim_count = 0;
    while (mv_cursor_left(&reasons) > 0 && record->reason_count < MV_AGGREGATE_MAX_REASONS) {
        struct mv_aggregate_reason *reason = &record->reasons[record->reason_count++];

        reason->type = override_of(take_field(&reasons, '\t'));
        reason->comment = take_field(&reasons, '\n');
    }
    while (mv_cursor_left(&dkim) > 0 && record->dkim_count < MV_AGGREGATE_MAX_DKIM) {
        struct mv_aggregate_dkim *result = &record->dkim[record->dkim_count++];

        result->result = auth_of(take_field(&dkim, '\t'));
        result->domain = take_field(&dkim, '\t');
        result->selector = take_field(&dkim, '\t');
        result->human_result = take_field(&dkim, '\n');
    }
}

static void take_record(struct mv_db_statement *s, struct mv_aggregate_record *record)
{
    memset(record, 0, offsetof(struct mv_aggregate_record, reasons));
    if (!mv_ip_from_octets(mv_db_bytes(s, COL_SOURCE), &record->source))
        record->source.family = MV_IP_NONE;
    record->count = (uint64_t)mv_db_int(s, COL_COUNT);
    record->disposition = (enum mv_report_disposition)mv_db_int(s, COL_DISPOSITION);
    record->dkim_aligned = (enum mv_report_aligned)mv_db_int(s, COL_DKIM_ALIGNED);
    record->spf_aligned = (enum mv_report_aligned)mv_db_int(s, COL_SPF_ALIGNED);
    record->header_from = mv_db_bytes(s, COL_HEADER_FROM);
    record->has_envelope_from = !mv_db_is_null(s, COL_ENVELOPE_FROM);
    record->envelope_from = mv_db_bytes(s, COL_ENVELOPE_FROM);
    record->envelope_to = mv_db_bytes(s, COL_ENVELOPE_TO);
    take_lists(s, record);
    record->has_spf = !mv_db_is_null(s, COL_SPF_RESULT);
    record->spf = (struct mv_aggregate_spf){mv_db_bytes(s, COL_SPF_DOMAIN),
                                            (enum mv_report_scope)mv_db_int(s, COL_SPF_SCOPE),
                                            (enum mv_report_auth)mv_db_int(s, COL_SPF_RESULT), MV_BYTES("")};
}

struct reading {
    struct mv_report_store *store;
    const struct mv_report_reader *reader;
    struct mv_aggregate_record record;
    struct mv_error *error;
};

/* What the reader answers, with a sentence. */
static enum mv_code pass_on(const struct reading *reading, enum mv_code code)
{
    return code == MV_OK ? MV_OK : mv_error_set(reading->error, code, "%s", mv_code_text(code));
}

static enum mv_code give_records(struct reading *reading, const struct mv_stored_report *report, int64_t first_row,
                                 int64_t last_row)
{
    struct mv_db_statement *statement = mv_store_statement(reading->store, MV_SQL_READ_RECORDS, reading->error);
    bool has_row = true;
    enum mv_code code = MV_OK;

    if (statement == NULL)
        return reading->error->code;
    mv_db_bind_int(statement, 1, first_row);
    mv_db_bind_int(statement, 2, last_row);
    while (code == MV_OK && has_row) {
        code = mv_db_step(statement, &has_row, reading->error);
        if (code != MV_OK || !has_row)
            break;
        take_record(statement, &reading->record);
        code = pass_on(reading, reading->reader->record(reading->reader->to, report, &reading->record));
    }
    mv_db_reset(statement);
    return code;
}

static enum mv_code give_report(struct reading *reading, struct mv_db_statement *s)
{
    struct mv_stored_report report;
    enum mv_code code;

    take_report(s, &report);
    code = pass_on(reading, reading->reader->report(reading->reader->to, &report));
    if (code != MV_OK || report.records == 0)
        return code;
    return give_records(reading, &report, mv_db_int(s, COL_FIRST_ROW), mv_db_int(s, COL_LAST_ROW));
}

static enum mv_code give_reports(struct reading *reading, const struct mv_report_query *query)
{
    struct mv_db_statement *statement = mv_store_statement(reading->store, MV_SQL_READ_REPORTS, reading->error);
    bool has_row = true;
    enum mv_code code = MV_OK;

    if (statement == NULL)
        return reading->error->code;
    mv_db_bind_text(statement, 1, query->domain);
    mv_db_bind_int(statement, 2, query->from_secs);
    mv_db_bind_int(statement, 3, query->to_secs);
    mv_db_bind_int(statement, 4, (int64_t)query->trust);
    while (code == MV_OK && has_row) {
        code = mv_db_step(statement, &has_row, reading->error);
        if (code == MV_OK && has_row)
            code = give_report(reading, statement);
    }
    mv_db_reset(statement);
    return code;
}

enum mv_code mv_report_store_read(struct mv_report_store *store, const struct mv_report_query *query,
                                  const struct mv_report_reader *reader, struct mv_error *error)
{
    struct reading reading = {.store = store, .reader = reader, .error = error};
    enum mv_code code;

    /* Reports and their records are of one moment, whatever is purged meanwhile */
    if (store->in_delivery)
        return mv_error_set(error, MV_ERR_USAGE, "a delivery is going on");
    code = mv_db_begin_read(store->db, error);
    if (code == MV_OK)
        code = give_reports(&reading, query);
    mv_db_rollback(store->db);
    return code;
}
