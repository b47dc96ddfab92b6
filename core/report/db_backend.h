/*
 * What a database is to db.c.  Only core/report/db*.c and module.h include this.
 *
 * db.c holds what both have in common (transactions, versions of tables, the list of statements); a backend has its own
 * struct that begins with struct mv_db, and one that begins with struct mv_db_statement.  PostgreSQL's is a module of
 * the command (module.h): of the functions in db.h it has those of db_backend.c alone.
 */
#ifndef MV_REPORT_DB_BACKEND_H
#define MV_REPORT_DB_BACKEND_H

#include "core/base/buf.h"
#include "core/report/db.h"

#define MV_DB_MAX_SQL_BYTES 65536

/* How a database names things. */
struct mv_db_dialect {
    const char *id, *integer, *blob;
    unsigned char value_mark; /* of ?N */
    const char *has_table;    /* SQL with one value and at most one row */
    const char *begin, *begin_read;
    const char *durable; /* SQL: commits outlive a power cut from now on; NULL: they do anyway */
};

struct mv_db_backend {
    bool shared;
    struct mv_db_dialect dialect;
    void (*close)(struct mv_db *db);
    enum mv_code (*script)(struct mv_db *db, const char *sql, struct mv_error *error);
    enum mv_code (*prepare)(struct mv_db *db, const char *sql, struct mv_db_statement **statement_r,
                            struct mv_error *error);
    void (*finalize)(struct mv_db_statement *statement);
    void (*bind_int)(struct mv_db_statement *statement, int number, int64_t value);
    void (*bind_text)(struct mv_db_statement *statement, int number, struct mv_bytes text);
    void (*bind_blob)(struct mv_db_statement *statement, int number, struct mv_bytes bytes);
    void (*bind_null)(struct mv_db_statement *statement, int number);
    enum mv_code (*step)(struct mv_db_statement *statement, bool *has_row_r, struct mv_error *error);
    void (*reset)(struct mv_db_statement *statement);
    enum mv_code (*queue)(struct mv_db_statement *statement, struct mv_error *error);
    int64_t (*get_int)(struct mv_db_statement *statement, int column);
    struct mv_bytes (*get_bytes)(struct mv_db_statement *statement, int column);
    bool (*is_null)(struct mv_db_statement *statement, int column);
    /* After BEGIN: waits for the others of that name */
    enum mv_code (*wait_turn)(struct mv_db *db, const char *name, struct mv_error *error);
    enum mv_code (*shrink)(struct mv_db *db, struct mv_error *error);
    /* slot: of mv_db.locks, which db.c keeps */
    enum mv_code (*lock)(struct mv_db *db, const char *name, size_t slot, bool *got_r, struct mv_error *error);
    void (*unlock)(struct mv_db *db, const char *name, size_t slot);
};

struct mv_db {
    const struct mv_db_backend *backend;
    enum mv_store_access access;
    char *name; /* allocated */
    struct mv_db_statement *statements;
    bool in_transaction;
    char locks[MV_DB_MAX_LOCKS][MV_DB_MAX_NAME + 1]; /* "": free */
};

struct mv_db_statement {
    struct mv_db *db;
    struct mv_db_statement *next;
};

/* Each makes a db for its kind of place; db.c closes what is there after an error. */
enum mv_code mv_db_open_sqlite(const char *path, enum mv_store_access access, struct mv_db **db_r,
                               struct mv_error *error);
enum mv_code mv_db_open_postgresql(const char *address, enum mv_store_access access, struct mv_db **db_r,
                                   struct mv_error *error);

/* SQL in the words of a database. Quoted text is left alone. */
void mv_db_put_sql(struct mv_buf *out, const char *sql, const struct mv_db_dialect *dialect);

#endif
