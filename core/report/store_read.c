#include "core/report/store_sqlite.h"

#include <string.h>

/* Columns of MV_SQL_READ */
enum {
    COL_ID, COL_DOMAIN, COL_ORG, COL_REPORT_ID, COL_BEGIN, COL_END, COL_EMAIL, COL_CONTACT, COL_ERROR, COL_GENERATOR,
    COL_P, COL_SP, COL_NP, COL_ADKIM, COL_ASPF, COL_DISCOVERY, COL_TESTING, COL_FO, COL_PCT, COL_RECORDS, COL_SKIPPED,
    COL_MESSAGES, COL_PASSED, COL_TRUST, COL_SENDER, COL_SOURCE, COL_COUNT, COL_DISPOSITION, COL_DKIM_ALIGNED,
    COL_SPF_ALIGNED, COL_HEADER_FROM, COL_ENVELOPE_FROM, COL_ENVELOPE_TO, COL_REASONS, COL_DKIM, COL_SPF_RESULT,
    COL_SPF_SCOPE, COL_SPF_DOMAIN
};

static void take_report(sqlite3_stmt *s, struct mv_stored_report *r)
{
    struct mv_aggregate_head *head = &r->head;

    *r = (struct mv_stored_report){.id = sqlite3_column_int64(s, COL_ID), .kind = MV_REPORT_AGGREGATE};
    head->policy.domain = mv_store_column(s, COL_DOMAIN);
    head->org_name = mv_store_column(s, COL_ORG);
    head->report_id = mv_store_column(s, COL_REPORT_ID);
    head->begin_secs = sqlite3_column_int64(s, COL_BEGIN);
    head->end_secs = sqlite3_column_int64(s, COL_END);
    head->email = mv_store_column(s, COL_EMAIL);
    head->contact = mv_store_column(s, COL_CONTACT);
    head->error = mv_store_column(s, COL_ERROR);
    head->generator = mv_store_column(s, COL_GENERATOR);
    head->policy.p = (enum mv_report_policy)sqlite3_column_int(s, COL_P);
    head->policy.sp = (enum mv_report_policy)sqlite3_column_int(s, COL_SP);
    head->policy.np = (enum mv_report_policy)sqlite3_column_int(s, COL_NP);
    head->policy.adkim = (enum mv_report_alignment)sqlite3_column_int(s, COL_ADKIM);
    head->policy.aspf = (enum mv_report_alignment)sqlite3_column_int(s, COL_ASPF);
    head->policy.discovery = (enum mv_report_discovery)sqlite3_column_int(s, COL_DISCOVERY);
    head->policy.testing = (enum mv_report_yesno)sqlite3_column_int(s, COL_TESTING);
    head->policy.fo = mv_store_column(s, COL_FO);
    head->policy.pct = mv_store_column(s, COL_PCT);
    r->records = (uint64_t)sqlite3_column_int64(s, COL_RECORDS);
    r->skipped = (uint64_t)sqlite3_column_int64(s, COL_SKIPPED);
    r->messages = (uint64_t)sqlite3_column_int64(s, COL_MESSAGES);
    r->passed = (uint64_t)sqlite3_column_int64(s, COL_PASSED);
    r->sender.trust = (enum mv_report_trust)sqlite3_column_int(s, COL_TRUST);
    r->sender.domain = mv_store_column(s, COL_SENDER);
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

static void take_lists(sqlite3_stmt *s, struct mv_aggregate_record *record)
{
    struct mv_cursor reasons = mv_cursor_of(mv_store_column(s, COL_REASONS));
    struct mv_cursor dkim = mv_cursor_of(mv_store_column(s, COL_DKIM));

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

static void take_record(sqlite3_stmt *s, struct mv_aggregate_record *record)
{
    memset(record, 0, offsetof(struct mv_aggregate_record, reasons));
    if (!mv_ip_from_octets(mv_store_column(s, COL_SOURCE), &record->source))
        record->source.family = MV_IP_NONE;
    record->count = (uint64_t)sqlite3_column_int64(s, COL_COUNT);
    record->disposition = (enum mv_report_disposition)sqlite3_column_int(s, COL_DISPOSITION);
    record->dkim_aligned = (enum mv_report_aligned)sqlite3_column_int(s, COL_DKIM_ALIGNED);
    record->spf_aligned = (enum mv_report_aligned)sqlite3_column_int(s, COL_SPF_ALIGNED);
    record->header_from = mv_store_column(s, COL_HEADER_FROM);
    record->has_envelope_from = sqlite3_column_type(s, COL_ENVELOPE_FROM) != SQLITE_NULL;
    record->envelope_from = mv_store_column(s, COL_ENVELOPE_FROM);
    record->envelope_to = mv_store_column(s, COL_ENVELOPE_TO);
    take_lists(s, record);
    record->has_spf = sqlite3_column_type(s, COL_SPF_RESULT) != SQLITE_NULL;
    record->spf = (struct mv_aggregate_spf){mv_store_column(s, COL_SPF_DOMAIN),
                                            (enum mv_report_scope)sqlite3_column_int(s, COL_SPF_SCOPE),
                                            (enum mv_report_auth)sqlite3_column_int(s, COL_SPF_RESULT), MV_BYTES("")};
}

struct reading {
    const struct mv_report_reader *reader;
    int64_t last_id;
    struct mv_aggregate_record record;
};

static enum mv_code give_row(struct reading *reading, sqlite3_stmt *s)
{
    struct mv_stored_report report;
    enum mv_code code = MV_OK;

    take_report(s, &report);
    if (report.id != reading->last_id)
        code = reading->reader->report(reading->reader->to, &report);
    reading->last_id = report.id;
    if (code != MV_OK || sqlite3_column_type(s, COL_SOURCE) == SQLITE_NULL)
        return code;
    take_record(s, &reading->record);
    return reading->reader->record(reading->reader->to, &report, &reading->record);
}

enum mv_code mv_report_store_read(struct mv_report_store *store, const struct mv_report_query *query,
                                  const struct mv_report_reader *reader, struct mv_error *error)
{
    sqlite3_stmt *statement = mv_store_statement(store, MV_SQL_READ, error);
    struct reading reading = {.reader = reader};
    enum mv_code code = MV_OK;
    int result;

    if (statement == NULL)
        return error->code;
    mv_store_bind_text(statement, 1, query->domain);
    sqlite3_bind_int64(statement, 2, query->from_secs);
    sqlite3_bind_int64(statement, 3, query->to_secs);
    sqlite3_bind_int(statement, 4, (int)query->trust);
    while ((result = sqlite3_step(statement)) == SQLITE_ROW && code == MV_OK)
        code = give_row(&reading, statement);
    if (code != MV_OK)
        mv_error_set(error, code, "%s", mv_code_text(code));
    else if (result != SQLITE_DONE)
        code = mv_store_fail(store, error);
    sqlite3_reset(statement);
    return code;
}

/* One old report; *found_r says whether there was one. */
static enum mv_code purge_one(struct mv_report_store *store, int64_t before_secs, bool *found_r,
                              struct mv_error *error)
{
    sqlite3_stmt *statement = mv_store_statement(store, MV_SQL_OLD_REPORTS, error);
    int64_t id;
    int result;

    if (statement == NULL)
        return error->code;
    sqlite3_bind_int64(statement, 1, before_secs);
    result = sqlite3_step(statement);
    *found_r = result == SQLITE_ROW;
    id = *found_r ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    if (result != SQLITE_ROW)
        return result == SQLITE_DONE ? MV_OK : mv_store_fail(store, error);
    return mv_store_delete(store, id, error);
}

enum mv_code mv_report_store_purge(struct mv_report_store *store, int64_t before_secs, uint64_t *reports_r,
                                   struct mv_error *error)
{
    bool found = true;
    enum mv_code code = MV_OK;

    *reports_r = 0;
    while (found && code == MV_OK) {
        code = mv_report_store_begin(store, before_secs, error);
        if (code == MV_OK)
            code = purge_one(store, before_secs, &found, error);
        if (code == MV_OK)
            code = mv_store_do(store, MV_SQL_COMMIT, error);
        if (code == MV_OK)
            store->in_delivery = false;
        else
            mv_report_store_rollback(store);
        *reports_r += code == MV_OK && found ? 1 : 0;
    }
    return code;
}
