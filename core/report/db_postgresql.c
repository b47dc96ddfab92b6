#include "core/report/db_postgresql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"

/* What the server says, on one line and without what a terminal would obey. */
static void put_said(struct mv_buf *out, struct mv_bytes said)
{
    bool utf8 = mv_bytes_is_utf8(said);

    said = mv_bytes_trim(said);
    for (size_t i = 0; i < said.len; i++) {
        unsigned char byte = said.data[i];

        if (mv_ascii_is(byte, MV_ASCII_CTL))
            byte = ' ';
        else if (!utf8 && mv_ascii_is(byte, MV_ASCII_UTF8))
            byte = '?';
        if (byte != ' ' || (i > 0 && out->len > 0 && out->data[out->len - 1] != ' '))
            mv_buf_putc(out, byte);
    }
}

static enum mv_code say(const struct mv_pg_db *db, struct mv_bytes said, struct mv_error *error)
{
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MV_ERROR_TEXT_BYTES * 8);
    put_said(&text, mv_bytes_slice(said, 0, MV_ERROR_TEXT_BYTES));
    code = mv_buf_cstr(&text) == NULL ? mv_error_set(error, MV_ERR_MEMORY, "no memory")
                                      : mv_error_set(error, MV_ERR_IO, "%s: %s", mv_db_name(&db->base),
                                                     mv_buf_cstr(&text));
    mv_buf_free(&text);
    return code;
}

/* What a postmaster can do something about, by SQLSTATE (PostgreSQL, Appendix A). */
static const char *known(const char *state)
{
    static const struct {
        const char *state, *sentence;
    } rows[] = {
        {"55P03", "another program has been writing there for half a minute"},
        {"40P01", "another program was writing there at the same time; run it again"},
        {"57014", "it took too long, so the server gave up"},
        {"25006", "may not be written"},
        {"53100", "the disk is full"},
    };

    for (size_t i = 0; state != NULL && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(state, rows[i].state) == 0)
            return rows[i].sentence;
    return NULL;
}

enum mv_code mv_pg_fail(struct mv_pg_db *db, PGresult *result, struct mv_error *error)
{
    const char *said = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *sentence = result == NULL ? NULL : known(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    enum mv_code code;

    if (PQstatus(db->connection) == CONNECTION_BAD)
        code = mv_error_set(error, MV_ERR_IO, "%s: the connection was lost; what was not finished has not been kept",
                            mv_db_name(&db->base));
    else if (sentence != NULL)
        code = mv_error_set(error, MV_ERR_IO, "%s: %s", mv_db_name(&db->base), sentence);
    else
        code = say(db, mv_bytes_str(said != NULL ? said : PQerrorMessage(db->connection)), error);
    PQclear(result);
    return code;
}

/* In a transaction that failed COMMIT is taken, and rolls back. */
static bool committed(const char *sql, PGresult *result)
{
    return strcmp(sql, "COMMIT") != 0 || strcmp(PQcmdStatus(result), "COMMIT") == 0;
}

static enum mv_code script(struct mv_db *base, const char *sql, struct mv_error *error)
{
    struct mv_pg_db *db = (struct mv_pg_db *)base;
    enum mv_code code = mv_pg_quiet(db, error);
    PGresult *result;

    if (code != MV_OK && strcmp(sql, "ROLLBACK") != 0)
        return code;
    result = PQexec(db->connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        return mv_pg_fail(db, result, error);
    code = committed(sql, result) ? MV_OK
                                  : mv_error_set(error, MV_ERR_IO, "%s: the transaction had failed before its end",
                                                 mv_db_name(base));
    PQclear(result);
    return code;
}

/* FNV-1a of the use and the name: what tells the locks of a database apart. */
static long long lock_number(const char *use, const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    const char *const parts[] = {"mailvouch ", use, " ", name};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (const char *p = parts[i]; *p != '\0'; p++)
            hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    return (long long)hash;
}

static enum mv_code call(struct mv_db *base, const char *function, long long number, bool *said_true_r,
                         struct mv_error *error)
{
    struct mv_pg_db *db = (struct mv_pg_db *)base;
    enum mv_code code = mv_pg_quiet(db, error);
    char sql[100];
    PGresult *result;

    *said_true_r = false;
    if (code != MV_OK)
        return code;
    snprintf(sql, sizeof sql, "SELECT %s(%lld)", function, number);
    result = PQexec(db->connection, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return mv_pg_fail(db, result, error);
    *said_true_r = PQntuples(result) == 1 && PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return MV_OK;
}

static enum mv_code wait_turn(struct mv_db *db, const char *name, struct mv_error *error)
{
    bool nothing;

    return call(db, "pg_advisory_xact_lock", lock_number("turn", name), &nothing, error);
}

/* Its autovacuum does. */
static enum mv_code shrink(struct mv_db *db, struct mv_error *error)
{
    (void)db;
    (void)error;
    return MV_OK;
}

static enum mv_code lock(struct mv_db *db, const char *name, size_t slot, bool *got_r, struct mv_error *error)
{
    (void)slot;
    return call(db, "pg_try_advisory_lock", lock_number("lock", name), got_r, error);
}

static void unlock(struct mv_db *db, const char *name, size_t slot)
{
    struct mv_error error;
    bool nothing;

    (void)slot;
    call(db, "pg_advisory_unlock", lock_number("lock", name), &nothing, &error);
}

static void close_db(struct mv_db *base)
{
    struct mv_pg_db *db = (struct mv_pg_db *)base;

    PQfinish(db->connection);
    free(db);
}

static const struct mv_db_backend backend = {
    .shared = true,
    .dialect = {.id = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
                .integer = "BIGINT",
                .blob = "BYTEA",
                .value_mark = '$',
                /* Not by to_regclass() alone: it may answer from before another process made the table */
                .has_table = "SELECT 1 FROM pg_catalog.pg_class WHERE relname=?1"
                             " AND pg_catalog.pg_table_is_visible(oid)",
                .begin = "BEGIN ISOLATION LEVEL READ COMMITTED",
                .begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                .durable = "SET synchronous_commit=on"},
    .close = close_db,
    .script = script,
    .prepare = mv_pg_prepare,
    .finalize = mv_pg_finalize,
    .bind_int = mv_pg_bind_int,
    .bind_text = mv_pg_bind_text,
    .bind_blob = mv_pg_bind_blob,
    .bind_null = mv_pg_bind_null,
    .step = mv_pg_step,
    .reset = mv_pg_reset,
    .queue = mv_pg_queue,
    .get_int = mv_pg_int,
    .get_bytes = mv_pg_bytes,
    .is_null = mv_pg_is_null,
    .wait_turn = wait_turn,
    .shrink = shrink,
    .lock = lock,
    .unlock = unlock,
};

static void take_notice(void *nobody, const char *text)
{
    (void)nobody;
    (void)text;
}

/* libpq's own sentence about an address that does not parse may hold the password. */
static enum mv_code check_address(const char *address, struct mv_error *error)
{
    char *said = NULL;
    PQconninfoOption *options = PQconninfoParse(address, &said);
    bool parses = options != NULL;

    PQconninfoFree(options);
    PQfreemem(said);
    if (parses)
        return MV_OK;
    return mv_error_set(error, MV_ERR_CONFIG, "the address of the store cannot be read: it is to be "
                        "postgresql://USER@HOST/DATABASE, with %%40 for an @ and %%2F for a / in a name");
}

/* What comes later in the list wins: the address over our defaults, and what must be over the address. */
static PGconn *connect_to(const char *address)
{
    char connect_secs[12], dead_msecs[12];
    const char *const keywords[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval",
                                    "keepalives_count", "fallback_application_name", "dbname", "client_encoding",
                                    NULL};
    const char *const values[] = {connect_secs, dead_msecs, "30", "10", "3", "mailvouch", address, "UTF8", NULL};

    snprintf(connect_secs, sizeof connect_secs, "%d", MV_PG_CONNECT_SECS);
    snprintf(dead_msecs, sizeof dead_msecs, "%d", MV_PG_DEAD_MSECS);
    return PQconnectdbParams(keywords, values, 1);
}

/* With keepalives the server, too, soon lets go of the locks of a host that is gone. */
static enum mv_code set_up(struct mv_pg_db *db, struct mv_error *error)
{
    const char *encoding = PQparameterStatus(db->connection, "server_encoding");
    char sql[500];

    if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: its encoding is not UTF8; make it with createdb -E UTF8 -T "
                            "template0", mv_db_name(&db->base));
    snprintf(sql, sizeof sql,
             "SET statement_timeout=%d; SET lock_timeout=%d; SET idle_in_transaction_session_timeout=%d;"
             " SET standard_conforming_strings=on; SET default_transaction_read_only=%s;"
             " SET tcp_keepalives_idle=30; SET tcp_keepalives_interval=10; SET tcp_keepalives_count=3",
             MV_PG_STATEMENT_MSECS, MV_DB_WAIT_MSECS, MV_PG_IDLE_MSECS, mv_db_is_writable(&db->base) ? "off" : "on");
    return script(&db->base, sql, error);
}

/* What messages call it: without user and password. */
static bool name_it(struct mv_pg_db *db)
{
    const char *database = PQdb(db->connection), *host = PQhost(db->connection);
    struct mv_buf name;

    mv_buf_init(&name, 1000);
    mv_buf_printf(&name, "database %s%s%s", database == NULL ? "" : database,
                  host == NULL || *host == '\0' ? "" : " at ", host == NULL ? "" : host);
    db->base.name = mv_buf_cstr(&name) == NULL ? NULL : strdup(mv_buf_cstr(&name));
    mv_buf_free(&name);
    return db->base.name != NULL;
}

static enum mv_code open_connection(struct mv_pg_db *db, const char *address, struct mv_error *error)
{
    enum mv_code code = check_address(address, error);

    if (code != MV_OK)
        return code;
    db->connection = connect_to(address);
    if (db->connection == NULL || !name_it(db))
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    if (PQstatus(db->connection) != CONNECTION_OK)
        return say(db, mv_bytes_str(PQerrorMessage(db->connection)), error);
    PQsetNoticeProcessor(db->connection, take_notice, NULL);
    return set_up(db, error);
}

enum mv_code mv_db_open_postgresql(const char *address, enum mv_store_access access, struct mv_db **db_r,
                                   struct mv_error *error)
{
    struct mv_pg_db *db = calloc(1, sizeof *db);

    if (db == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    db->base.backend = &backend;
    db->base.access = access;
    *db_r = &db->base;
    return open_connection(db, address, error);
}
