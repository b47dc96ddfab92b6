#include <stdlib.h>
#include <string.h>

#include "core/report/ledger_state.h"

/* Its id, and whether it had been settled. */
static enum mv_code add_day(struct mv_ledger *ledger, struct mv_held_day *day, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_ADD_DAY, error);
    bool has_row;
    enum mv_code code;

    if (s == NULL)
        return error->code;
    mv_db_bind_text(s, 1, day->policy_domain);
    mv_db_bind_int(s, 2, day->day_secs);
    mv_db_bind_blob(s, 3, day->record);
    mv_db_bind_int(s, 4, day->record_secs);
    mv_db_bind_int(s, 5, (int64_t)day->messages);
    mv_db_bind_int(s, 6, (int64_t)day->passed);
    mv_db_bind_int(s, 7, (int64_t)day->reports);
    code = mv_db_step(s, &has_row, error);
    if (code != MV_OK)
        return code;
    if (!has_row)
        return mv_error_set(error, MV_ERR_IO, "%s: a day was not kept", mv_db_name(ledger->db));
    day->id = mv_db_int(s, 0);
    if (mv_db_int(s, 1) != 0)
        ledger->late_piece += day->messages;
    mv_db_reset(s);
    return MV_OK;
}

static enum mv_code add_record(struct mv_ledger *ledger, const struct mv_held_record *record, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_ADD_RECORD, error);

    if (s == NULL)
        return error->code;
    mv_db_bind_int(s, 1, record->day->id);
    mv_db_bind_blob(s, 2, mv_bytes_of(record->held.key, MV_LEDGER_KEY_BYTES));
    return mv_db_queue(s, error);
}

static void bind_optional(struct mv_db_statement *s, int number, bool has, struct mv_bytes text)
{
    if (has)
        mv_db_bind_text(s, number, text);
    else
        mv_db_bind_null(s, number);
}

static enum mv_code add_row(struct mv_ledger *ledger, const struct mv_held_row *held, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_ADD_ROW, error);
    const struct mv_ledger_row *row = &held->row;

    if (s == NULL)
        return error->code;
    mv_db_bind_int(s, 1, held->day->id);
    mv_db_bind_blob(s, 2, mv_bytes_of(row->source.octets, row->source.family == MV_IP_V4 ? 4 : 16));
    mv_db_bind_blob(s, 3, mv_bytes_of(held->held.key, MV_LEDGER_KEY_BYTES));
    mv_db_bind_int(s, 4, (int64_t)held->count);
    mv_db_bind_int(s, 5, row->disposition);
    mv_db_bind_int(s, 6, row->aligned_dkim);
    mv_db_bind_int(s, 7, row->aligned_spf);
    mv_db_bind_int(s, 8, row->reason);
    bind_optional(s, 9, row->comment.len > 0, row->comment);
    mv_db_bind_text(s, 10, row->header_from);
    bind_optional(s, 11, row->has_envelope_from, row->envelope_from);
    mv_db_bind_int(s, 12, row->spf_result);
    bind_optional(s, 13, row->spf_domain.len > 0, row->spf_domain);
    bind_optional(s, 14, row->dkim.len > 0, row->dkim);
    return mv_db_queue(s, error);
}

/* As the index has them. */
static int compare_rows(const void *left, const void *right)
{
    const struct mv_held_row *a = *(const struct mv_held_row *const *)left;
    const struct mv_held_row *b = *(const struct mv_held_row *const *)right;
    int order = (a->day->id > b->day->id) - (a->day->id < b->day->id);

    if (order == 0)
        order = memcmp(a->row.source.octets, b->row.source.octets, sizeof a->row.source.octets);
    return order != 0 ? order : memcmp(a->held.key, b->held.key, MV_LEDGER_KEY_BYTES);
}

/* In order, so that each page of the index is read and written once, however many rows go into it. */
static enum mv_code add_rows(struct mv_ledger *ledger, struct mv_error *error)
{
    struct mv_held_row **sorted = calloc(ledger->held_count + 1, sizeof(struct mv_held_row *));
    size_t count = 0;
    enum mv_code code = MV_OK;

    if (sorted == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    for (struct mv_held_row *row = ledger->rows; row != NULL; row = row->next)
        if (row->count > 0)
            sorted[count++] = row;
    qsort(sorted, count, sizeof *sorted, compare_rows);
    for (size_t i = 0; i < count && code == MV_OK; i++)
        code = add_row(ledger, sorted[i], error);
    free(sorted);
    return code;
}

enum mv_code mv_ledger_flush(struct mv_ledger *ledger, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    for (struct mv_held_day *day = ledger->days; day != NULL && code == MV_OK; day = day->next)
        if (day->messages > 0)
            code = add_day(ledger, day, error);
    for (struct mv_held_record *record = ledger->records; record != NULL && code == MV_OK; record = record->next)
        if (record->day->messages > 0)
            code = add_record(ledger, record, error);
    if (code == MV_OK)
        code = add_rows(ledger, error);
    mv_ledger_drop_held(ledger);
    return code;
}
