/*
 * The inside of a store in PostgreSQL.  Only core/report/db_postgresql*.c include this.
 *
 * A connection does one thing at a time:
 *   a statement streams    its rows come one by one, so that a million rows need no memory; when another statement
 *                          is to run meanwhile, the rest of them is taken into memory (hold)
 *   statements are queued  they are sent in libpq's pipeline mode, and answers are taken after
 *                          MV_PG_MAX_QUEUED of them, or when something else is to run (settle)
 * A lost connection is an error; it is not made anew, since whoever runs again does what was not kept.
 */
#ifndef MV_REPORT_DB_POSTGRESQL_H
#define MV_REPORT_DB_POSTGRESQL_H

#include <libpq-fe.h>

#include "core/report/db_backend.h"

#define MV_PG_CONNECT_SECS 10           /* for each address of the server */
#define MV_PG_STATEMENT_MSECS 600000    /* of one statement, with all its rows; then the server gives up */
#define MV_PG_IDLE_MSECS 600000         /* of a transaction in which nothing happens */
#define MV_PG_DEAD_MSECS 30000          /* of what was sent and not taken, before the server counts as gone */
#define MV_PG_MAX_QUEUED 1000
#define MV_PG_MAX_HELD_BYTES (256 << 20)
#define MV_PG_MAX_COLUMNS 64

struct mv_pg_statement;

struct mv_pg_db {
    struct mv_db base;
    PGconn *connection;
    struct mv_pg_statement *streaming;
    unsigned queued;
    bool pipelining;
    unsigned statement_count; /* that ever were, for their names */
};

/* The sentence for what the server, or libpq when result is NULL, says. result is cleared. */
enum mv_code mv_pg_fail(struct mv_pg_db *db, PGresult *result, struct mv_error *error);
/* Takes all that is still to come, so that something else can run. */
enum mv_code mv_pg_quiet(struct mv_pg_db *db, struct mv_error *error);

enum mv_code mv_pg_prepare(struct mv_db *db, const char *sql, struct mv_db_statement **statement_r,
                           struct mv_error *error);
void mv_pg_finalize(struct mv_db_statement *statement);
void mv_pg_bind_int(struct mv_db_statement *statement, int number, int64_t value);
void mv_pg_bind_text(struct mv_db_statement *statement, int number, struct mv_bytes text);
void mv_pg_bind_blob(struct mv_db_statement *statement, int number, struct mv_bytes bytes);
void mv_pg_bind_null(struct mv_db_statement *statement, int number);
enum mv_code mv_pg_step(struct mv_db_statement *statement, bool *has_row_r, struct mv_error *error);
void mv_pg_reset(struct mv_db_statement *statement);
enum mv_code mv_pg_queue(struct mv_db_statement *statement, struct mv_error *error);
int64_t mv_pg_int(struct mv_db_statement *statement, int column);
struct mv_bytes mv_pg_bytes(struct mv_db_statement *statement, int column);
bool mv_pg_is_null(struct mv_db_statement *statement, int column);

/* A whole number in PostgreSQL's binary form; 0 for what is none. */
int64_t mv_pg_decode_int(Oid type, struct mv_bytes bytes);

#endif
