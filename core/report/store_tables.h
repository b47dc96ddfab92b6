/*
 * The inside of the store of reports.  Only core/report/store_*.c include this.
 *
 * Tables (they may be read with any program; written by none but this):
 *   report       one row each; its records are those from first_row to last_row
 *   record       rows of aggregate reports
 *   failure      failure reports
 *   tls_policy, tls_failure
 * Lists are lines, and fields in them have a tab between: record.reasons is
 * "TYPE\tCOMMENT\n...", record.dkim is "RESULT\tDOMAIN\tSELECTOR\tHUMAN_RESULT\n...".
 */
#ifndef MV_REPORT_STORE_TABLES_H
#define MV_REPORT_STORE_TABLES_H

#include "core/base/buf.h"
#include "core/report/store.h"

#define MV_STORE_TURN "reports" /* of transactions: one program writes reports at a time */

enum mv_store_statement {
    MV_SQL_FIND_REPORT,
    MV_SQL_ADD_REPORT,
    MV_SQL_END_REPORT,
    MV_SQL_SETTLE_REPORT,
    MV_SQL_DELETE_REPORT,
    MV_SQL_DELETE_RECORDS,
    MV_SQL_DELETE_FAILURE,
    MV_SQL_DELETE_TLS_POLICY,
    MV_SQL_DELETE_TLS_FAILURE,
    MV_SQL_ADD_RECORD,
    MV_SQL_ADD_FAILURE,
    MV_SQL_ADD_TLS_POLICY,
    MV_SQL_ADD_TLS_FAILURE,
    MV_SQL_LAST_ROW,
    MV_SQL_READ_REPORTS,
    MV_SQL_READ_RECORDS,
    MV_SQL_OLD_REPORTS,
    MV_SQL_COUNT_OLD,
    MV_SQL_COUNT
};

struct mv_pending_report {
    int64_t id;
    int64_t rival; /* the same report, there before; 0: none */
    enum mv_report_trust rival_trust;
};

struct mv_report_store {
    struct mv_db *db;
    bool owns_db;
    struct mv_db_statement *statements[MV_SQL_COUNT];
    bool in_delivery;
    int64_t now_secs;
    struct mv_pending_report *pending; /* MV_STORE_MAX_DELIVERY_REPORTS */
    size_t pending_count;
    bool skipping; /* the report that was added last is SEEN */
    enum mv_report_kind kind;
    int64_t row_before, row; /* of the records of the report */
    uint64_t records, messages, passed;
    struct mv_buf reasons, dkim;
};

/* The statement, ready to bind; NULL with a sentence. */
struct mv_db_statement *mv_store_statement(struct mv_report_store *store, enum mv_store_statement which,
                                           struct mv_error *error);
/* The report and its rows. */
enum mv_code mv_store_delete(struct mv_report_store *store, int64_t id, struct mv_error *error);

#endif
