/*
 * The statements of the outbox.  Private to core/report/outbox*.c.
 */
#ifndef MV_REPORT_OUTBOX_SQL_H
#define MV_REPORT_OUTBOX_SQL_H

#include "core/report/outbox.h"

enum mv_outbox_sql {
    MV_OUTBOX_FIND_REPORT,
    MV_OUTBOX_ADD_REPORT,
    MV_OUTBOX_FIND_MAIL,
    MV_OUTBOX_ADD_MAIL,
    MV_OUTBOX_NOTE_MAIL,
    MV_OUTBOX_COUNT_ALL,
    MV_OUTBOX_COUNT_HOST,
    MV_OUTBOX_COUNT_FAILURES,
    MV_OUTBOX_COUNT_FAILURES_TO,
    MV_OUTBOX_FIND_ADDRESS,
    MV_OUTBOX_KEEP_ADDRESS,
    MV_OUTBOX_LIST_ADDRESSES,
    MV_OUTBOX_FIND_TOKEN,
    MV_OUTBOX_NOTE_BOUNCE,
    MV_OUTBOX_RECENT_MAILS,
    MV_OUTBOX_FORGIVE,
    MV_OUTBOX_SUM,
    MV_OUTBOX_COUNT_OLD,
    MV_OUTBOX_DROP_MAILS,
    MV_OUTBOX_DROP_REPORTS,
    MV_OUTBOX_SQL_COUNT
};

struct mv_outbox {
    struct mv_db *db;
    bool has_tables;
    struct mv_db_statement *statements[MV_OUTBOX_SQL_COUNT]; /* of the db */
};

/* Prepared once. NULL, with *error, when it cannot be. */
struct mv_db_statement *mv_outbox_statement(struct mv_outbox *outbox, enum mv_outbox_sql which,
                                            struct mv_error *error);
/* Commits when code is MV_OK, else rolls back; what came of it. */
enum mv_code mv_outbox_end(struct mv_outbox *outbox, enum mv_code code, struct mv_error *error);
/* What is kept of the address from now on. Within a transaction. */
enum mv_code mv_outbox_keep_address(struct mv_outbox *outbox, struct mv_bytes address,
                                    const struct mv_outbox_address *kept, struct mv_error *error);

#endif
