#include <string.h>

#include "core/report/ledger_state.h"

#define ROWS_AT_A_TIME 500 /* as MV_LEDGER_READ_ROWS says */
#define DAY_BYTES (32 * 1024)

/* What a callback answered; it may have said why, at the same place. */
static enum mv_code passed_on(enum mv_code code, struct mv_error *error)
{
    return error->code == code ? code : mv_error_set(error, code, "%s", mv_code_text(code));
}

/* The days */

static enum mv_code count_records(struct mv_ledger *ledger, struct mv_ledger_day *day, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_COUNT_RECORDS, error);
    bool has_row;
    enum mv_code code;

    if (s == NULL)
        return error->code;
    mv_db_bind_int(s, 1, day->id);
    code = mv_db_step(s, &has_row, error);
    if (code != MV_OK)
        return code;
    day->records = has_row ? (uint64_t)mv_db_int(s, 0) : 0;
    mv_db_reset(s);
    return MV_OK;
}

/* Copied, so that no statement is open while the day is handed out: then the caller may write. */
static enum mv_code copy_day(struct mv_db_statement *s, struct mv_arena *arena, struct mv_ledger_day *day)
{
    *day = (struct mv_ledger_day){.id = mv_db_int(s, 0),
                                  .day_secs = mv_db_int(s, 2),
                                  .messages = (uint64_t)mv_db_int(s, 4),
                                  .passed = (uint64_t)mv_db_int(s, 5),
                                  .reports = (uint64_t)mv_db_int(s, 6)};
    return mv_arena_copy(arena, mv_db_bytes(s, 1), &day->policy_domain) &&
                   mv_arena_copy(arena, mv_db_bytes(s, 3), &day->record)
               ? MV_OK
               : MV_ERR_MEMORY;
}

/* The one behind day, which lives in the arena *arena; that of the new one takes its place. */
static enum mv_code next_day(struct mv_ledger *ledger, int64_t before_secs, struct mv_arena **arena,
                             struct mv_ledger_day *day, bool *has_day_r, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_NEXT_DAY, error);
    struct mv_arena *next = mv_arena_new(DAY_BYTES);
    enum mv_code code;

    if (s == NULL || next == NULL) {
        mv_arena_free(&next);
        return s == NULL ? error->code : mv_error_set(error, MV_ERR_MEMORY, "no memory");
    }
    mv_db_bind_int(s, 1, before_secs);
    mv_db_bind_text(s, 2, day->policy_domain);
    mv_db_bind_int(s, 3, day->day_secs);
    code = mv_db_step(s, has_day_r, error);
    if (code == MV_OK && *has_day_r) {
        code = copy_day(s, next, day);
        if (code != MV_OK)
            mv_error_set(error, code, "no memory");
        mv_db_reset(s);
    }
    mv_arena_free(arena);
    *arena = next;
    return code == MV_OK && *has_day_r ? count_records(ledger, day, error) : code;
}

enum mv_code mv_ledger_due(struct mv_ledger *ledger, int64_t before_secs,
                           enum mv_code (*each)(void *to, const struct mv_ledger_day *day), void *to,
                           struct mv_error *error)
{
    struct mv_ledger_day day = {.day_secs = -1};
    struct mv_arena *arena = NULL;
    bool has_day = true;
    enum mv_code code = MV_OK;

    while (code == MV_OK) {
        code = next_day(ledger, before_secs, &arena, &day, &has_day, error);
        if (code != MV_OK || !has_day)
            break;
        code = each(to, &day);
        if (code != MV_OK)
            passed_on(code, error);
    }
    mv_arena_free(&arena);
    return code;
}

/* The rows of a day */

struct reading {
    struct mv_bytes policy_domain;
    int64_t day_secs;
    enum mv_code (*each)(void *to, const struct mv_aggregate_record *record);
    void *to;
    unsigned char source[16], key[MV_LEDGER_KEY_BYTES]; /* of the last row */
    size_t source_len, key_len;
};

static size_t keep_bytes(struct mv_bytes bytes, unsigned char *to, size_t max)
{
    size_t len = bytes.len < max ? bytes.len : max;

    if (len > 0)
        memcpy(to, bytes.data, len);
    return len;
}

static void take_row(struct mv_db_statement *s, struct mv_aggregate_record *record)
{
    struct mv_ledger_row row = {.disposition = (enum mv_report_disposition)mv_db_int(s, 3),
                                .aligned_dkim = mv_db_int(s, 4) != 0,
                                .aligned_spf = mv_db_int(s, 5) != 0,
                                .reason = (enum mv_report_override)mv_db_int(s, 6),
                                .comment = mv_db_bytes(s, 7),
                                .header_from = mv_db_bytes(s, 8),
                                .has_envelope_from = !mv_db_is_null(s, 9),
                                .envelope_from = mv_db_bytes(s, 9),
                                .spf_result = (enum mv_report_auth)mv_db_int(s, 10),
                                .spf_domain = mv_db_bytes(s, 11),
                                .dkim = mv_db_bytes(s, 12)};

    mv_ip_from_octets(mv_db_bytes(s, 0), &row.source);
    mv_ledger_row_record(&row, (uint64_t)mv_db_int(s, 2), record);
}

/* The rows behind the last one, so many at a time: no day is held in memory as a whole. */
static enum mv_code read_some(struct mv_ledger *ledger, struct reading *r, unsigned *count_r, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_READ_ROWS, error);
    unsigned char source[16], key[MV_LEDGER_KEY_BYTES];
    bool has_row = true;
    enum mv_code code = MV_OK;

    *count_r = 0;
    if (s == NULL)
        return error->code;
    memcpy(source, r->source, sizeof source);
    memcpy(key, r->key, sizeof key);
    mv_db_bind_text(s, 1, r->policy_domain);
    mv_db_bind_int(s, 2, r->day_secs);
    mv_db_bind_blob(s, 3, mv_bytes_of(source, r->source_len));
    mv_db_bind_blob(s, 4, mv_bytes_of(key, r->key_len));
    while ((code = mv_db_step(s, &has_row, error)) == MV_OK && has_row) {
        r->source_len = keep_bytes(mv_db_bytes(s, 0), r->source, sizeof r->source);
        r->key_len = keep_bytes(mv_db_bytes(s, 1), r->key, sizeof r->key);
        take_row(s, &ledger->record);
        ++*count_r;
        code = r->each(r->to, &ledger->record);
        if (code != MV_OK) {
            mv_db_reset(s);
            return passed_on(code, error);
        }
    }
    return code;
}

enum mv_code mv_ledger_rows(struct mv_ledger *ledger, struct mv_bytes policy_domain, int64_t day_secs,
                            enum mv_code (*each)(void *to, const struct mv_aggregate_record *record), void *to,
                            struct mv_error *error)
{
    struct reading r = {.policy_domain = policy_domain, .day_secs = day_secs, .each = each, .to = to};
    unsigned count = ROWS_AT_A_TIME;
    enum mv_code code = MV_OK;

    while (code == MV_OK && count == ROWS_AT_A_TIME)
        code = read_some(ledger, &r, &count, error);
    return code;
}

enum mv_code mv_ledger_passed_since(struct mv_ledger *ledger, struct mv_bytes policy_domain, int64_t since_secs,
                                    uint64_t *messages_r, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_PASSED, error);
    bool has_row;
    enum mv_code code;

    *messages_r = 0;
    if (s == NULL)
        return error->code;
    mv_db_bind_text(s, 1, policy_domain);
    mv_db_bind_int(s, 2, since_secs - since_secs % MV_LEDGER_DAY_SECS);
    code = mv_db_step(s, &has_row, error);
    if (code != MV_OK)
        return code;
    *messages_r = has_row ? (uint64_t)mv_db_int(s, 0) : 0;
    mv_db_reset(s);
    return MV_OK;
}

enum mv_code mv_ledger_settle(struct mv_ledger *ledger, struct mv_bytes policy_domain, int64_t day_secs,
                              uint64_t messages, int64_t now_secs, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_SETTLE, error);

    if (s == NULL)
        return error->code;
    mv_db_bind_text(s, 1, policy_domain);
    mv_db_bind_int(s, 2, day_secs);
    mv_db_bind_int(s, 3, (int64_t)messages);
    mv_db_bind_int(s, 4, now_secs);
    return mv_db_run(s, error);
}

/* What is old */

static enum mv_code run_for(struct mv_ledger *ledger, enum mv_ledger_statement which, int64_t value,
                            struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, which, error);

    if (s == NULL)
        return error->code;
    mv_db_bind_int(s, 1, value);
    return mv_db_run(s, error);
}

static enum mv_code purge_day(struct mv_ledger *ledger, int64_t before_secs, bool *found_r, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_OLD_DAY, error);
    enum mv_code code;
    int64_t id;

    if (s == NULL)
        return error->code;
    mv_db_bind_int(s, 1, before_secs);
    code = mv_db_step(s, found_r, error);
    if (code != MV_OK || !*found_r)
        return code;
    id = mv_db_int(s, 0);
    mv_db_reset(s);
    code = run_for(ledger, MV_LEDGER_PURGE_ROWS, id, error);
    if (code == MV_OK)
        code = run_for(ledger, MV_LEDGER_PURGE_RECORDS, id, error);
    return code == MV_OK ? run_for(ledger, MV_LEDGER_PURGE_DAY, id, error) : code;
}

/* Days that begin before it are over. */
static int64_t old_before(int64_t before_secs)
{
    return before_secs - before_secs % MV_LEDGER_DAY_SECS - MV_LEDGER_DAY_SECS + 1;
}

enum mv_code mv_ledger_count_old(struct mv_ledger *ledger, int64_t before_secs, uint64_t *days_r,
                                 struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_COUNT_OLD_DAYS, error);
    bool has_row;
    enum mv_code code;

    *days_r = 0;
    if (s == NULL)
        return error->code;
    mv_db_bind_int(s, 1, old_before(before_secs));
    code = mv_db_step(s, &has_row, error);
    if (code == MV_OK && has_row)
        *days_r = (uint64_t)mv_db_int(s, 0);
    mv_db_reset(s);
    return code;
}

enum mv_code mv_ledger_purge(struct mv_ledger *ledger, int64_t before_secs, uint64_t *days_r, struct mv_error *error)
{
    bool found = true;
    enum mv_code code = MV_OK;

    *days_r = 0;
    while (code == MV_OK && found) {
        code = mv_db_begin(ledger->db, MV_LEDGER_TRANSACTION, error);
        if (code != MV_OK)
            return code;
        code = purge_day(ledger, old_before(before_secs), &found, error);
        if (code == MV_OK && !found)
            code = run_for(ledger, MV_LEDGER_PURGE_FILES, before_secs, error);
        if (code == MV_OK && !found)
            code = run_for(ledger, MV_LEDGER_PURGE_FAILURES, before_secs, error);
        if (code == MV_OK)
            code = mv_db_commit(ledger->db, error);
        else
            mv_db_rollback(ledger->db);
        *days_r += code == MV_OK && found ? 1 : 0;
    }
    return code;
}
