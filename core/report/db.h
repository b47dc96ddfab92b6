/*
 * SQL, the little of it that the stores need, over SQLite (db_sqlite.c) or PostgreSQL (db_postgresql.c).
 *
 *   mv_db_open(where, MV_STORE_WRITE, &db, &error)
 *   mv_db_prepare(db, "SELECT id FROM t WHERE a=?1", &statement, &error)
 *   mv_db_bind_int(statement, 1, 7)
 *   while (mv_db_step(statement, &has_row, &error) == MV_OK && has_row) mv_db_int(statement, 0) ...
 *   mv_db_close(&db)                                       ends the statements too
 *
 * SQL is what both know: ?N for values, "INSERT ... RETURNING id", "ON CONFLICT (...) DO UPDATE".  What they
 * name differently is written as @id@ (the type of a key that the database gives), @int@ (64 bits), @blob@.
 * Errors are sentences that name the store, without values.
 */
#ifndef MV_REPORT_DB_H
#define MV_REPORT_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/bytes.h"
#include "core/base/error.h"

enum mv_store_access { MV_STORE_READ, MV_STORE_WRITE };

#define MV_DB_WAIT_MSECS 30000 /* for another writer; then MV_ERR_IO */
#define MV_DB_MAX_VALUES 40    /* of one statement */

struct mv_db;
struct mv_db_statement;

/*
 * where: an absolute path is SQLite's; "postgresql://..." or "postgres://..." is libpq's, whose defaults and
 * environment hold.  SQLite: WRITE makes the file (0640) and its directory, in WAL mode; READ of a file that is
 * missing is MV_ERR_IO.  MV_ERR_CONFIG: no such backend, or it was not built.
 */
enum mv_code mv_db_open(const char *where, enum mv_store_access access, struct mv_db **db_r, struct mv_error *error);
void mv_db_close(struct mv_db **db);
bool mv_db_is_shared(const struct mv_db *db); /* PostgreSQL */

/* Several statements without values, one after the other: to make tables. */
enum mv_code mv_db_script(struct mv_db *db, const char *sql, struct mv_error *error);

/* Owned by the db. sql lives at least as long. */
enum mv_code mv_db_prepare(struct mv_db *db, const char *sql, struct mv_db_statement **statement_r,
                           struct mv_error *error);
/* number from 1. Bytes are borrowed until the statement has been stepped. A value that is not bound again keeps. */
void mv_db_bind_int(struct mv_db_statement *statement, int number, int64_t value);
void mv_db_bind_text(struct mv_db_statement *statement, int number, struct mv_bytes text); /* UTF-8 without NUL */
void mv_db_bind_blob(struct mv_db_statement *statement, int number, struct mv_bytes bytes);
void mv_db_bind_null(struct mv_db_statement *statement, int number);
/* The next row, if there is one; after the last, and after an error, the statement is reset. */
enum mv_code mv_db_step(struct mv_db_statement *statement, bool *has_row_r, struct mv_error *error);
/* For a statement whose rows are not wanted, or no more. */
void mv_db_reset(struct mv_db_statement *statement);
/* Steps to the end. */
enum mv_code mv_db_run(struct mv_db_statement *statement, struct mv_error *error);
/* column from 0; borrowed until the next step. NULL is 0 and empty. */
int64_t mv_db_int(struct mv_db_statement *statement, int column);
struct mv_bytes mv_db_bytes(struct mv_db_statement *statement, int column);
bool mv_db_is_null(struct mv_db_statement *statement, int column);

/* A transaction that writes waits for others that write with the same name: nothing is done twice. */
enum mv_code mv_db_begin(struct mv_db *db, const char *name, struct mv_error *error);
enum mv_code mv_db_commit(struct mv_db *db, struct mv_error *error);
void mv_db_rollback(struct mv_db *db);

/*
 * A lock among all processes of all hosts that use this store, held until mv_db_unlock() or the end of the process;
 * not tied to transactions.  *got_r false: somebody else has it.  SQLite: a file beside the database.
 */
enum mv_code mv_db_lock(struct mv_db *db, const char *name, bool *got_r, struct mv_error *error);
void mv_db_unlock(struct mv_db *db, const char *name);

#endif
