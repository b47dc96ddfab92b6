#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/report/db_postgresql.h"

/* Types of PostgreSQL (catalog/pg_type.dat), of which none ever changes its number */
enum { TYPE_ANY = 0, TYPE_BOOL = 16, TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_TEXT = 25,
       TYPE_NUMERIC = 1700 };
enum { AS_TEXT = 0, AS_BINARY = 1 };

#define NULL_LENGTH UINT32_MAX

/* One row's values, wherever they are */
struct cells {
    struct mv_bytes bytes[MV_PG_MAX_COLUMNS];
    bool is_null[MV_PG_MAX_COLUMNS];
    Oid types[MV_PG_MAX_COLUMNS];
    int count;
};

struct mv_pg_statement {
    struct mv_db_statement base;
    char name[16];
    char *sql; /* until it has been prepared */
    bool misused;
    bool running; /* there may be more rows */
    bool torn;    /* they could not be held */

    int value_count;
    const char *values[MV_DB_MAX_VALUES];
    int lengths[MV_DB_MAX_VALUES], formats[MV_DB_MAX_VALUES];
    Oid types[MV_DB_MAX_VALUES];
    char digits[MV_DB_MAX_VALUES][24];
    char *cleaned[MV_DB_MAX_VALUES];

    PGresult *row; /* that of cells, unless it is held */
    struct cells cells;
    struct mv_buf held; /* rows: for each column its length, or NULL_LENGTH, and its bytes */
    size_t held_at;
};

static struct mv_pg_statement *of(struct mv_db_statement *statement)
{
    return (struct mv_pg_statement *)statement;
}

static struct mv_pg_db *db_of(const struct mv_pg_statement *statement)
{
    return (struct mv_pg_db *)statement->base.db;
}

/* It is prepared when it runs first: then the types of its values are known. */
enum mv_code mv_pg_prepare(struct mv_db *base, const char *sql, struct mv_db_statement **statement_r,
                           struct mv_error *error)
{
    struct mv_pg_db *db = (struct mv_pg_db *)base;
    struct mv_pg_statement *statement = calloc(1, sizeof *statement);

    if (statement == NULL || (statement->sql = strdup(sql)) == NULL) {
        free(statement);
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    }
    snprintf(statement->name, sizeof statement->name, "s%u", ++db->statement_count);
    mv_buf_init(&statement->held, MV_PG_MAX_HELD_BYTES);
    *statement_r = &statement->base;
    return MV_OK;
}

void mv_pg_finalize(struct mv_db_statement *base)
{
    struct mv_pg_statement *statement = of(base);

    mv_pg_reset(base);
    for (size_t i = 0; i < MV_DB_MAX_VALUES; i++)
        free(statement->cleaned[i]);
    PQclear(statement->row);
    mv_buf_free(&statement->held);
    free(statement->sql);
    free(statement);
}

static void bind(struct mv_db_statement *base, int number, Oid type, int format, const void *data, size_t len)
{
    struct mv_pg_statement *statement = of(base);

    if (number < 1 || number > MV_DB_MAX_VALUES || len > INT32_MAX) {
        statement->misused = true;
        return;
    }
    statement->values[number - 1] = data;
    statement->lengths[number - 1] = (int)len;
    statement->formats[number - 1] = format;
    statement->types[number - 1] = type;
    if (number > statement->value_count)
        statement->value_count = number;
}

void mv_pg_bind_int(struct mv_db_statement *base, int number, int64_t value)
{
    struct mv_pg_statement *statement = of(base);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    char *p;

    if (number < 1 || number > MV_DB_MAX_VALUES) {
        statement->misused = true;
        return;
    }
    p = statement->digits[number - 1] + sizeof statement->digits[0] - 1;
    *p = '\0';
    do
        *--p = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--p = '-';
    bind(base, number, TYPE_INT8, AS_TEXT, p, 0);
}

/* PostgreSQL takes neither NUL nor what is no UTF-8. */
static const char *clean(struct mv_pg_statement *statement, int number, struct mv_bytes text)
{
    bool utf8 = mv_bytes_is_utf8(text);
    char **cleaned = &statement->cleaned[number - 1];

    if (utf8 && mv_bytes_find(text, '\0') == text.len)
        return (const char *)text.data;
    free(*cleaned);
    *cleaned = malloc(text.len + 1);
    if (*cleaned == NULL) {
        statement->misused = true;
        return NULL;
    }
    for (size_t i = 0; i < text.len; i++)
        (*cleaned)[i] = text.data[i] == '\0' || (!utf8 && text.data[i] > 0x7f) ? '?' : (char)text.data[i];
    return *cleaned;
}

void mv_pg_bind_text(struct mv_db_statement *statement, int number, struct mv_bytes text)
{
    const char *data = text.len == 0 || number < 1 || number > MV_DB_MAX_VALUES ? ""
                                                                                : clean(of(statement), number, text);

    bind(statement, number, TYPE_TEXT, AS_BINARY, data, text.len);
}

void mv_pg_bind_blob(struct mv_db_statement *statement, int number, struct mv_bytes bytes)
{
    bind(statement, number, TYPE_BYTEA, AS_BINARY, bytes.len == 0 ? (const void *)"" : bytes.data, bytes.len);
}

void mv_pg_bind_null(struct mv_db_statement *statement, int number)
{
    bind(statement, number, TYPE_ANY, AS_BINARY, NULL, 0);
}

/* To the end of what the last statement answers. */
static void drain(struct mv_pg_db *db)
{
    PGresult *result;

    while ((result = PQgetResult(db->connection)) != NULL)
        PQclear(result);
}

static void put_held(struct mv_buf *held, PGresult *row)
{
    for (int i = 0; i < PQnfields(row); i++) {
        bool is_null = PQgetisnull(row, 0, i) != 0;
        uint32_t len = is_null ? NULL_LENGTH : (uint32_t)PQgetlength(row, 0, i);

        mv_buf_put(held, mv_bytes_of(&len, sizeof len));
        if (!is_null)
            mv_buf_put(held, mv_bytes_of(PQgetvalue(row, 0, i), len));
    }
}

/* The rows that are still to come, into memory. The current one stays. */
static enum mv_code hold(struct mv_pg_db *db, struct mv_error *error)
{
    struct mv_pg_statement *statement = db->streaming;
    PGresult *result;
    enum mv_code code = MV_OK;

    db->streaming = NULL;
    while (code == MV_OK && (result = PQgetResult(db->connection)) != NULL) {
        ExecStatusType status = PQresultStatus(result);

        if (status == PGRES_SINGLE_TUPLE)
            put_held(&statement->held, result);
        else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
            code = mv_pg_fail(db, result, error);
            break;
        }
        PQclear(result);
    }
    drain(db);
    if (code == MV_OK && mv_buf_failed(&statement->held))
        code = mv_error_set(error, MV_ERR_LIMIT, "%s: too many rows to hold, or no memory", mv_db_name(&db->base));
    statement->torn = code != MV_OK;
    return code;
}

/* The answers to what was queued; of several errors the first. */
static enum mv_code settle(struct mv_pg_db *db, struct mv_error *error)
{
    bool synced = false;
    int nothings = 0;
    enum mv_code code = PQpipelineSync(db->connection) == 1 ? MV_OK : mv_pg_fail(db, NULL, error);

    while (code != MV_ERR_MEMORY && !synced && nothings < 2 && PQstatus(db->connection) == CONNECTION_OK) {
        PGresult *result = PQgetResult(db->connection);
        ExecStatusType status = PQresultStatus(result);

        nothings = result == NULL ? nothings + 1 : 0; /* one between two answers */
        synced = status == PGRES_PIPELINE_SYNC;
        if (result != NULL && status == PGRES_FATAL_ERROR && code == MV_OK)
            code = mv_pg_fail(db, result, error);
        else
            PQclear(result);
    }
    if (code == MV_OK && !synced)
        code = mv_pg_fail(db, NULL, error);
    drain(db);
    if (PQexitPipelineMode(db->connection) != 1 && code == MV_OK)
        code = mv_pg_fail(db, NULL, error);
    db->pipelining = false;
    db->queued = 0;
    return code;
}

enum mv_code mv_pg_quiet(struct mv_pg_db *db, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    if (db->pipelining)
        code = settle(db, error);
    if (code == MV_OK && db->streaming != NULL)
        code = hold(db, error);
    return code;
}

/* Makes ready to run: nothing else does, and the server knows the statement. */
static enum mv_code prepare_now(struct mv_pg_statement *statement, struct mv_error *error)
{
    struct mv_pg_db *db = db_of(statement);
    enum mv_code code;
    PGresult *result;

    if (statement->misused)
        return mv_error_set(error, MV_ERR_USAGE, "%s: a value was bound out of place", mv_db_name(&db->base));
    if (statement->sql == NULL)
        return MV_OK;
    code = mv_pg_quiet(db, error);
    if (code != MV_OK)
        return code;
    result = PQprepare(db->connection, statement->name, statement->sql, statement->value_count, statement->types);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return mv_pg_fail(db, result, error);
    PQclear(result);
    free(statement->sql);
    statement->sql = NULL;
    return MV_OK;
}

static bool send_it(struct mv_pg_statement *statement)
{
    return PQsendQueryPrepared(db_of(statement)->connection, statement->name, statement->value_count,
                               statement->values, statement->lengths, statement->formats, AS_BINARY) == 1;
}

static enum mv_code start(struct mv_pg_statement *statement, struct mv_error *error)
{
    struct mv_pg_db *db = db_of(statement);
    enum mv_code code = prepare_now(statement, error);

    if (code == MV_OK)
        code = mv_pg_quiet(db, error);
    if (code != MV_OK)
        return code;
    if (!send_it(statement) || PQsetSingleRowMode(db->connection) != 1)
        return mv_pg_fail(db, NULL, error);
    db->streaming = statement;
    statement->running = true;
    return MV_OK;
}

/* The columns of the row that the server sent. */
static void take_cells(struct cells *cells, PGresult *row)
{
    cells->count = PQnfields(row) > MV_PG_MAX_COLUMNS ? MV_PG_MAX_COLUMNS : PQnfields(row);
    for (int i = 0; i < cells->count; i++) {
        cells->types[i] = PQftype(row, i);
        cells->is_null[i] = PQgetisnull(row, 0, i) != 0;
        cells->bytes[i] = mv_bytes_of(PQgetvalue(row, 0, i), (size_t)PQgetlength(row, 0, i));
    }
}

/* And of one that is held: there was a row before it, which had the same columns. */
static void take_held(struct mv_pg_statement *statement)
{
    struct mv_bytes all = mv_buf_bytes(&statement->held);
    struct mv_cursor c = mv_cursor_of(mv_bytes_slice(all, statement->held_at, all.len));

    for (int i = 0; i < statement->cells.count; i++) {
        uint32_t len;

        memcpy(&len, mv_cursor_take(&c, sizeof len).data, sizeof len);
        statement->cells.is_null[i] = len == NULL_LENGTH;
        statement->cells.bytes[i] = mv_cursor_take(&c, len == NULL_LENGTH ? 0 : len);
    }
    statement->held_at = all.len - mv_cursor_left(&c);
}

static void forget_rows(struct mv_pg_statement *statement)
{
    PQclear(statement->row);
    statement->row = NULL;
    statement->cells.count = 0;
    mv_buf_free(&statement->held);
    mv_buf_init(&statement->held, MV_PG_MAX_HELD_BYTES);
    statement->held_at = 0;
    statement->running = statement->torn = false;
}

/* The next of a statement that streams. */
static enum mv_code take_row(struct mv_pg_statement *statement, bool *has_row_r, struct mv_error *error)
{
    struct mv_pg_db *db = db_of(statement);
    PGresult *result = PQgetResult(db->connection);
    ExecStatusType status = PQresultStatus(result);
    enum mv_code code = MV_OK;

    PQclear(statement->row);
    statement->row = NULL;
    if (status == PGRES_SINGLE_TUPLE) {
        statement->row = result;
        take_cells(&statement->cells, result);
        *has_row_r = true;
        return MV_OK;
    }
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        PQclear(result);
    else
        code = mv_pg_fail(db, result, error);
    drain(db);
    db->streaming = NULL;
    forget_rows(statement);
    return code;
}

enum mv_code mv_pg_step(struct mv_db_statement *base, bool *has_row_r, struct mv_error *error)
{
    struct mv_pg_statement *statement = of(base);
    enum mv_code code = MV_OK;

    *has_row_r = false;
    if (!statement->running)
        code = start(statement, error);
    if (code != MV_OK)
        return code;
    if (db_of(statement)->streaming == statement)
        return take_row(statement, has_row_r, error);
    if (statement->torn) {
        forget_rows(statement);
        return mv_error_set(error, MV_ERR_IO, "%s: not all rows came", mv_db_name(base->db));
    }
    *has_row_r = statement->held_at < mv_buf_bytes(&statement->held).len;
    if (*has_row_r)
        take_held(statement);
    else
        forget_rows(statement);
    return MV_OK;
}

void mv_pg_reset(struct mv_db_statement *base)
{
    struct mv_pg_statement *statement = of(base);
    struct mv_pg_db *db = db_of(statement);

    if (db->streaming == statement) {
        drain(db);
        db->streaming = NULL;
    }
    if (statement->running)
        forget_rows(statement);
}

static enum mv_code run(struct mv_db_statement *base, struct mv_error *error)
{
    bool has_row = true;
    enum mv_code code = MV_OK;

    while (code == MV_OK && has_row)
        code = mv_pg_step(base, &has_row, error);
    return code;
}

enum mv_code mv_pg_queue(struct mv_db_statement *base, struct mv_error *error)
{
    struct mv_pg_statement *statement = of(base);
    struct mv_pg_db *db = db_of(statement);
    enum mv_code code;

    if (!db->base.in_transaction)
        return run(base, error);
    code = prepare_now(statement, error);
    if (code == MV_OK && !db->pipelining) {
        code = mv_pg_quiet(db, error);
        if (code == MV_OK && PQenterPipelineMode(db->connection) != 1)
            code = mv_pg_fail(db, NULL, error);
        db->pipelining = code == MV_OK;
    }
    if (code != MV_OK)
        return code;
    if (!send_it(statement))
        return mv_pg_fail(db, NULL, error);
    return ++db->queued < MV_PG_MAX_QUEUED ? MV_OK : settle(db, error);
}

/* numeric: the number of digits, the weight of the first, sign, scale; then the digits, base 10000. */
static int64_t decode_numeric(struct mv_cursor c)
{
    uint16_t words[4], digit;
    uint64_t value = 0;

    if (mv_cursor_left(&c) < sizeof words)
        return 0;
    memcpy(words, mv_cursor_take(&c, sizeof words).data, sizeof words);
    for (int at = (int16_t)be16toh(words[1]); at >= 0; at--) {
        digit = 0;
        if (mv_cursor_left(&c) >= sizeof digit)
            memcpy(&digit, mv_cursor_take(&c, sizeof digit).data, sizeof digit);
        if (__builtin_mul_overflow(value, 10000, &value) || __builtin_add_overflow(value, be16toh(digit), &value))
            return 0;
    }
    return be16toh(words[2]) == 0x4000 ? (int64_t)-value : (int64_t)value;
}

int64_t mv_pg_decode_int(Oid type, struct mv_bytes bytes)
{
    uint64_t value = 0;

    if (type == TYPE_NUMERIC)
        return decode_numeric(mv_cursor_of(bytes));
    for (size_t i = 0; i < bytes.len && i < 8; i++)
        value = value << 8 | bytes.data[i];
    switch (type) {
    case TYPE_BOOL:
    case TYPE_INT8:
        return (int64_t)value;
    case TYPE_INT4:
        return (int32_t)value;
    case TYPE_INT2:
        return (int16_t)value;
    default:
        return 0;
    }
}

static bool is_there(const struct mv_pg_statement *statement, int column)
{
    return column >= 0 && column < statement->cells.count && !statement->cells.is_null[column];
}

int64_t mv_pg_int(struct mv_db_statement *base, int column)
{
    const struct mv_pg_statement *statement = of(base);

    return is_there(statement, column) ? mv_pg_decode_int(statement->cells.types[column],
                                                          statement->cells.bytes[column]) : 0;
}

struct mv_bytes mv_pg_bytes(struct mv_db_statement *base, int column)
{
    const struct mv_pg_statement *statement = of(base);

    return is_there(statement, column) ? statement->cells.bytes[column] : MV_BYTES("");
}

bool mv_pg_is_null(struct mv_db_statement *statement, int column)
{
    return !is_there(of(statement), column);
}
