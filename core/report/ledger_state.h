/*
 * The inside of the ledger.  Only core/report/ledger_*.c include this.
 *
 * What a transaction counts is held in memory until the commit, or until a limit: days, the records of each, and rows.
 * All are found by 16 bytes of a SHA-256 of what they are, in one table, so that nobody can make it slow by choosing
 * names; the same bytes are the keys in the tables of the database.
 */
#ifndef MV_REPORT_LEDGER_STATE_H
#define MV_REPORT_LEDGER_STATE_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/report/ledger.h"
#include "core/report/ledger_row.h"

#define MV_LEDGER_KEY_BYTES MV_LEDGER_MARK_BYTES
#define MV_LEDGER_SLOTS (2 * MV_LEDGER_MAX_HELD) /* a power of two */
#define MV_LEDGER_TRANSACTION "ledger"
#define MV_LEDGER_DAY_SECS 86400

struct mv_held {
    unsigned char key[MV_LEDGER_KEY_BYTES]; /* first */
};

struct mv_held_day {
    struct mv_held held;
    struct mv_held_day *next;
    int64_t id; /* in the database; 0: not asked for yet */
    struct mv_bytes policy_domain;
    int64_t day_secs;
    struct mv_bytes record; /* seen last */
    int64_t record_secs;
    uint64_t messages, passed, reports;
};

struct mv_held_record {
    struct mv_held held;
    struct mv_held_record *next;
    const struct mv_held_day *day;
};

struct mv_held_row {
    struct mv_held held;
    struct mv_held_row *next;
    struct mv_held_day *day;
    struct mv_ledger_row row;
    uint64_t count;
};

enum mv_ledger_statement {
    MV_LEDGER_FIND_FILE,
    MV_LEDGER_KEEP_FILE,
    MV_LEDGER_FORGET_FILE,
    MV_LEDGER_ADD_DAY,
    MV_LEDGER_ADD_RECORD,
    MV_LEDGER_ADD_ROW,
    MV_LEDGER_NEXT_DAY,
    MV_LEDGER_COUNT_RECORDS,
    MV_LEDGER_READ_ROWS,
    MV_LEDGER_PASSED,
    MV_LEDGER_SETTLE,
    MV_LEDGER_OLD_DAY,
    MV_LEDGER_COUNT_OLD_DAYS,
    MV_LEDGER_PURGE_ROWS,
    MV_LEDGER_PURGE_RECORDS,
    MV_LEDGER_PURGE_DAY,
    MV_LEDGER_PURGE_FILES,
    MV_LEDGER_ADD_FAILURE,
    MV_LEDGER_NEXT_FAILURE,
    MV_LEDGER_FIX_FAILURE,
    MV_LEDGER_SETTLE_FAILURE,
    MV_LEDGER_PURGE_FAILURES,
    MV_LEDGER_STATEMENTS
};

struct mv_ledger {
    struct mv_db *db;
    struct mv_db_statement *statements[MV_LEDGER_STATEMENTS];

    /* The transaction */
    bool in_piece;
    struct mv_bytes name; /* in name_copy */
    struct mv_buf name_copy;
    uint64_t inode;
    int64_t newest_secs; /* of its lines, and those before in the file */
    uint64_t late, late_piece;
    bool has_failures; /* the table; one that an older version made, and is only read, lacks it */

    /* What is held */
    struct mv_arena *arena;
    struct mv_held **slots; /* MV_LEDGER_SLOTS */
    struct mv_held_day *days;
    struct mv_held_record *records;
    struct mv_held_row *rows;
    size_t held_count;
    struct mv_buf dkim, text; /* of the line that is being counted */

    struct mv_aggregate_record record; /* that is being read */
};

/* The statement; NULL with a sentence. */
struct mv_db_statement *mv_ledger_statement(struct mv_ledger *ledger, enum mv_ledger_statement which,
                                            struct mv_error *error);
/* Adds what is held to the tables, and holds nothing then. */
enum mv_code mv_ledger_flush(struct mv_ledger *ledger, struct mv_error *error);
/* Holds nothing, and forgets what was held. */
void mv_ledger_drop_held(struct mv_ledger *ledger);

#endif
