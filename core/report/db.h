/*
 * SQL, the little of it that the stores need, over SQLite (db_sqlite.c) or PostgreSQL (db_postgresql.c).
 *
 *   mv_db_open(where, MV_STORE_WRITE, &db, &error)
 *   mv_db_tables(db, &tables, &error)
 *   mv_db_prepare(db, "SELECT id FROM t WHERE a=?1", &statement, &error)
 *   mv_db_bind_int(statement, 1, 7)
 *   while ((code = mv_db_step(statement, &has_row, &error)) == MV_OK && has_row) mv_db_int(statement, 0) ...
 *   mv_db_close(&db)                                       ends the statements too
 *
 * SQL is what both know: ?N for values, "INSERT ... RETURNING id", "ON CONFLICT (...) DO UPDATE", CAST(sum(n) AS
 * @int@).  Not: "INSERT OR ...", substr() from the end, columns compared with values of another type.  What they
 * name differently is written as
 *   @id@    a key that the database gives, or that was given: the whole of "id @id@" with its PRIMARY KEY
 *   @int@   64 bits        @blob@   bytes
 * An index over a stranger's text is one over substr(text, 1, 200): PostgreSQL refuses long keys.
 * Errors are sentences that name the store, without values and passwords.
 */
#ifndef MV_REPORT_DB_H
#define MV_REPORT_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/bytes.h"
#include "core/base/error.h"

enum mv_store_access { MV_STORE_READ, MV_STORE_WRITE };

#define MV_DB_WAIT_MSECS 30000 /* for another writer; then MV_ERR_IO */
#define MV_DB_MAX_VALUES 60    /* of one statement */
#define MV_DB_MAX_LOCKS 8      /* held at once */
#define MV_DB_MAX_NAME 40      /* of a lock: a-z, digits, "-" and "_" */

struct mv_db;
struct mv_db_statement;

/*
 * where: "postgresql://..." or "postgres://..." is libpq's, whose defaults and environment hold; any path is
 * SQLite's.  SQLite: WRITE makes the file (0640) and its directory (the last one of the path), in WAL mode; READ of
 * a file that is missing is MV_ERR_IO.  MV_ERR_CONFIG: no such backend, or its module is not there.
 */
enum mv_code mv_db_open(const char *where, enum mv_store_access access, struct mv_db **db_r, struct mv_error *error);
/* Is it the path of a file? */
bool mv_db_is_file(const char *where);
void mv_db_close(struct mv_db **db);
bool mv_db_is_shared(const struct mv_db *db); /* PostgreSQL */
bool mv_db_is_writable(const struct mv_db *db);
/* The store as messages name it: never with a password. */
const char *mv_db_name(const struct mv_db *db);

/* Several statements without values, one after the other: to make tables. */
enum mv_code mv_db_script(struct mv_db *db, const char *sql, struct mv_error *error);

/*
 * The tables of one part of the store, in the versions that there were: steps[0] makes version 1, steps[1] makes
 * version 2 of it, and so on; each is a script.
 */
struct mv_db_tables {
    const char *name; /* under which the version is kept */
    const char *const *steps;
    unsigned count;         /* the version that is wanted */
    unsigned oldest;        /* the oldest that can be read as it is */
    const char *first_table; /* where it is there but no version is kept, that is version 1; NULL: never */
};

/*
 * WRITE: makes them or brings them up, in one transaction; of several processes that do it at once, one does.
 * READ of what is missing or too old, and any newer version: MV_ERR_CONFIG.
 */
enum mv_code mv_db_tables(struct mv_db *db, const struct mv_db_tables *tables, struct mv_error *error);
/* Are they there, in any version? */
enum mv_code mv_db_has_tables(struct mv_db *db, const struct mv_db_tables *tables, bool *has_r,
                              struct mv_error *error);

/* Owned by the db. */
enum mv_code mv_db_prepare(struct mv_db *db, const char *sql, struct mv_db_statement **statement_r,
                           struct mv_error *error);
/*
 * number from 1. Bytes are borrowed until the statement has been stepped, or queued. A value that is not bound again
 * keeps: its bytes must then still be there. Where they are, the same value is bound at no cost.
 */
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
/*
 * The same for one of many statements that write, within a transaction: PostgreSQL is sent them without waiting for
 * answers, so that an error may come with any later call, at the latest mv_db_commit().
 */
enum mv_code mv_db_queue(struct mv_db_statement *statement, struct mv_error *error);
/* column from 0; borrowed until the next step. NULL is 0 and empty. */
int64_t mv_db_int(struct mv_db_statement *statement, int column);
struct mv_bytes mv_db_bytes(struct mv_db_statement *statement, int column);
bool mv_db_is_null(struct mv_db_statement *statement, int column);

/*
 * A transaction that writes waits for others that write with the same name, so that nothing is done twice.
 * MV_ERR_USAGE within another.  After a statement that failed, all that is left is to roll back.
 */
enum mv_code mv_db_begin(struct mv_db *db, const char *name, struct mv_error *error);
/* One that only reads, all of it as of one moment; to be ended with mv_db_rollback(). */
enum mv_code mv_db_begin_read(struct mv_db *db, struct mv_error *error);
/* What fails here has been rolled back. */
enum mv_code mv_db_commit(struct mv_db *db, struct mv_error *error);
/* Nothing, where there is no transaction. */
void mv_db_rollback(struct mv_db *db);

/*
 * Gives the room of what was removed back, a piece at a time, so that nobody waits for long: SQLite, for files that
 * were made to be able to; PostgreSQL does so by itself.
 */
enum mv_code mv_db_shrink(struct mv_db *db, struct mv_error *error);

/*
 * What is committed from now on outlives a power cut, too: for who then removes what it was made from.  Outside of
 * transactions.  Without it, what was committed last may be missing after a power cut, never a part of it.
 */
enum mv_code mv_db_durable(struct mv_db *db, struct mv_error *error);

/*
 * A lock among all processes of all hosts that use this store, held until mv_db_unlock() or the end of the process;
 * not tied to transactions.  *got_r false: somebody else has it.  SQLite: a file beside the database.
 */
enum mv_code mv_db_lock(struct mv_db *db, const char *name, bool *got_r, struct mv_error *error);
void mv_db_unlock(struct mv_db *db, const char *name);

#endif
