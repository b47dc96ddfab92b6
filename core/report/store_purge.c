#include "core/report/store_tables.h"

/* So much goes in one transaction, that others who write wait no longer than a moment. */
#define MAX_REPORTS_AT_ONCE 500
#define MAX_ROWS_AT_ONCE 20000

/* Old ones, at least one when there is one. */
static enum mv_code find_some(struct mv_report_store *store, int64_t before_secs, int64_t *ids, size_t *count_r,
                              struct mv_report_purged *purged, struct mv_error *error)
{
    struct mv_db_statement *statement = mv_store_statement(store, MV_SQL_OLD_REPORTS, error);
    uint64_t rows = 0;
    bool has_row = true;
    enum mv_code code = MV_OK;

    *count_r = 0;
    if (statement == NULL)
        return error->code;
    mv_db_bind_int(statement, 1, before_secs);
    mv_db_bind_int(statement, 2, MAX_REPORTS_AT_ONCE);
    while (code == MV_OK && has_row && *count_r < MAX_REPORTS_AT_ONCE && rows < MAX_ROWS_AT_ONCE) {
        code = mv_db_step(statement, &has_row, error);
        if (code != MV_OK || !has_row)
            break;
        ids[(*count_r)++] = mv_db_int(statement, 0);
        rows += (uint64_t)mv_db_int(statement, 1);
    }
    mv_db_reset(statement);
    purged->reports += *count_r;
    purged->rows += rows;
    return code;
}

static enum mv_code purge_some(struct mv_report_store *store, int64_t before_secs, size_t *count_r,
                               struct mv_report_purged *purged, struct mv_error *error)
{
    struct mv_report_purged more = *purged;
    int64_t ids[MAX_REPORTS_AT_ONCE];
    enum mv_code code = mv_db_begin(store->db, MV_STORE_TURN, error);

    *count_r = 0;
    if (code != MV_OK)
        return code;
    code = find_some(store, before_secs, ids, count_r, &more, error);
    for (size_t i = 0; i < *count_r && code == MV_OK; i++)
        code = mv_store_delete(store, ids[i], error);
    if (code == MV_OK)
        code = mv_db_commit(store->db, error);
    else
        mv_db_rollback(store->db);
    if (code == MV_OK)
        *purged = more;
    return code;
}

static enum mv_code count_old(struct mv_report_store *store, int64_t before_secs, struct mv_report_purged *purged_r,
                              struct mv_error *error)
{
    struct mv_db_statement *statement = mv_store_statement(store, MV_SQL_COUNT_OLD, error);
    bool has_row;
    enum mv_code code;

    if (statement == NULL)
        return error->code;
    mv_db_bind_int(statement, 1, before_secs);
    code = mv_db_step(statement, &has_row, error);
    if (code == MV_OK && has_row)
        *purged_r = (struct mv_report_purged){(uint64_t)mv_db_int(statement, 0), (uint64_t)mv_db_int(statement, 1)};
    mv_db_reset(statement);
    return code;
}

enum mv_code mv_report_store_purge(struct mv_report_store *store, int64_t before_secs, enum mv_purge how,
                                   struct mv_report_purged *purged_r, struct mv_error *error)
{
    size_t count = 1;
    enum mv_code code = MV_OK;

    *purged_r = (struct mv_report_purged){0, 0};
    if (store->in_delivery)
        return mv_error_set(error, MV_ERR_USAGE, "a delivery is going on");
    if (how == MV_PURGE_COUNT)
        return count_old(store, before_secs, purged_r, error);
    while (code == MV_OK && count > 0)
        code = purge_some(store, before_secs, &count, purged_r, error);
    return code;
}
