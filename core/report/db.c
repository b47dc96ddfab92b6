#include "core/report/db.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/report/db_backend.h"

/* The versions of all parts of the store */
#define VERSIONS "mailvouch_version"

static bool is_postgresql(struct mv_bytes where)
{
    return mv_bytes_has_prefix_nocase(where, MV_BYTES("postgresql://")) ||
           mv_bytes_has_prefix_nocase(where, MV_BYTES("postgres://"));
}

static bool is_address(struct mv_bytes where)
{
    for (size_t i = 0; i + 2 < where.len; i++)
        if (where.data[i] == ':' && where.data[i + 1] == '/' && where.data[i + 2] == '/')
            return true;
    return false;
}

enum mv_code mv_db_open(const char *where, enum mv_store_access access, struct mv_db **db_r, struct mv_error *error)
{
    struct mv_bytes place = mv_bytes_str(where);
    enum mv_code code;

    *db_r = NULL;
    if (is_address(place) && !is_postgresql(place))
        return mv_error_set(error, MV_ERR_CONFIG,
                            "a store is the path of a file, or an address that begins with postgresql://");
    code = is_postgresql(place) ? mv_db_open_postgresql(where, access, db_r, error)
                                : mv_db_open_sqlite(where, access, db_r, error);
    if (code != MV_OK)
        mv_db_close(db_r);
    return code;
}

bool mv_db_is_file(const char *where)
{
    return !is_address(mv_bytes_str(where));
}

void mv_db_close(struct mv_db **db)
{
    if (*db == NULL)
        return;
    mv_db_rollback(*db);
    /* A server would not be done with them at once */
    for (size_t i = 0; i < MV_DB_MAX_LOCKS; i++)
        mv_db_unlock(*db, (*db)->locks[i]);
    while ((*db)->statements != NULL) {
        struct mv_db_statement *statement = (*db)->statements;

        (*db)->statements = statement->next;
        (*db)->backend->finalize(statement);
    }
    free((*db)->name);
    (*db)->backend->close(*db);
    *db = NULL;
}

bool mv_db_is_shared(const struct mv_db *db)
{
    return db->backend->shared;
}

/* What stands between two "@", in the words of the database. */
static void put_type(struct mv_buf *out, struct mv_cursor *c, const struct mv_db_dialect *dialect)
{
    struct mv_bytes word = mv_cursor_take_until(c, '@');

    mv_cursor_accept(c, '@');
    if (mv_bytes_equal(word, MV_BYTES("id")))
        mv_buf_puts(out, dialect->id);
    else if (mv_bytes_equal(word, MV_BYTES("int")))
        mv_buf_puts(out, dialect->integer);
    else if (mv_bytes_equal(word, MV_BYTES("blob")))
        mv_buf_puts(out, dialect->blob);
    else
        mv_buf_fail(out);
}

void mv_db_put_sql(struct mv_buf *out, const char *sql, const struct mv_db_dialect *dialect)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(sql));

    while (mv_cursor_left(&c) > 0) {
        int byte = mv_cursor_next(&c);

        if (byte == '@') {
            put_type(out, &c, dialect);
            continue;
        }
        mv_buf_putc(out, byte == '?' ? dialect->value_mark : (unsigned char)byte);
        if (byte == '\'') {
            mv_buf_put(out, mv_cursor_take_until(&c, '\''));
            if (mv_cursor_accept(&c, '\''))
                mv_buf_putc(out, '\'');
        }
    }
}

/* The SQL in its words; NULL with a sentence. */
static const char *translate(struct mv_db *db, struct mv_buf *buf, const char *sql, struct mv_error *error)
{
    const char *text;

    mv_buf_init(buf, MV_DB_MAX_SQL_BYTES);
    mv_db_put_sql(buf, sql, &db->backend->dialect);
    text = mv_buf_cstr(buf);
    if (text == NULL)
        mv_error_set(error, MV_ERR_MEMORY, "%s: no memory for a statement, or it is too long", mv_db_name(db));
    return text;
}

enum mv_code mv_db_script(struct mv_db *db, const char *sql, struct mv_error *error)
{
    struct mv_buf buf;
    const char *text = translate(db, &buf, sql, error);
    enum mv_code code = text == NULL ? MV_ERR_MEMORY : db->backend->script(db, text, error);

    mv_buf_free(&buf);
    return code;
}

enum mv_code mv_db_prepare(struct mv_db *db, const char *sql, struct mv_db_statement **statement_r,
                           struct mv_error *error)
{
    struct mv_buf buf;
    const char *text = translate(db, &buf, sql, error);
    enum mv_code code = text == NULL ? MV_ERR_MEMORY : db->backend->prepare(db, text, statement_r, error);

    mv_buf_free(&buf);
    if (code != MV_OK) {
        *statement_r = NULL;
        return code;
    }
    (*statement_r)->db = db;
    (*statement_r)->next = db->statements;
    db->statements = *statement_r;
    return MV_OK;
}

void mv_db_bind_int(struct mv_db_statement *statement, int number, int64_t value)
{
    statement->db->backend->bind_int(statement, number, value);
}

void mv_db_bind_text(struct mv_db_statement *statement, int number, struct mv_bytes text)
{
    statement->db->backend->bind_text(statement, number, text);
}

void mv_db_bind_blob(struct mv_db_statement *statement, int number, struct mv_bytes bytes)
{
    statement->db->backend->bind_blob(statement, number, bytes);
}

void mv_db_bind_null(struct mv_db_statement *statement, int number)
{
    statement->db->backend->bind_null(statement, number);
}

enum mv_code mv_db_step(struct mv_db_statement *statement, bool *has_row_r, struct mv_error *error)
{
    return statement->db->backend->step(statement, has_row_r, error);
}

void mv_db_reset(struct mv_db_statement *statement)
{
    statement->db->backend->reset(statement);
}

enum mv_code mv_db_run(struct mv_db_statement *statement, struct mv_error *error)
{
    bool has_row = true;
    enum mv_code code = MV_OK;

    while (code == MV_OK && has_row)
        code = statement->db->backend->step(statement, &has_row, error);
    return code;
}

enum mv_code mv_db_queue(struct mv_db_statement *statement, struct mv_error *error)
{
    return statement->db->backend->queue(statement, error);
}

int64_t mv_db_int(struct mv_db_statement *statement, int column)
{
    return statement->db->backend->get_int(statement, column);
}

struct mv_bytes mv_db_bytes(struct mv_db_statement *statement, int column)
{
    return statement->db->backend->get_bytes(statement, column);
}

bool mv_db_is_null(struct mv_db_statement *statement, int column)
{
    return statement->db->backend->is_null(statement, column);
}

enum mv_code mv_db_durable(struct mv_db *db, struct mv_error *error)
{
    const char *sql = db->backend->dialect.durable;

    if (db->in_transaction)
        return mv_error_set(error, MV_ERR_USAGE, "%s: a transaction is going on", mv_db_name(db));
    return sql == NULL ? MV_OK : db->backend->script(db, sql, error);
}

/* One that may become the name of a file. */
static bool is_lock_name(const char *name)
{
    struct mv_bytes bytes = mv_bytes_str(name);

    for (size_t i = 0; i < bytes.len; i++)
        if (!mv_ascii_is(bytes.data[i], MV_ASCII_ALPHA | MV_ASCII_DIGIT) && bytes.data[i] != '-' &&
            bytes.data[i] != '_')
            return false;
    return bytes.len > 0 && bytes.len <= MV_DB_MAX_NAME;
}

enum mv_code mv_db_begin(struct mv_db *db, const char *name, struct mv_error *error)
{
    enum mv_code code;

    if (db->in_transaction)
        return mv_error_set(error, MV_ERR_USAGE, "%s: a transaction is going on", mv_db_name(db));
    if (!is_lock_name(name))
        return mv_error_set(error, MV_ERR_USAGE, "%s: no name for a transaction", mv_db_name(db));
    if (!mv_db_is_writable(db))
        return mv_error_set(error, MV_ERR_IO, "%s: was opened to read alone", mv_db_name(db));
    code = db->backend->script(db, db->backend->dialect.begin, error);
    db->in_transaction = code == MV_OK;
    if (code == MV_OK)
        code = db->backend->wait_turn(db, name, error);
    if (code != MV_OK)
        mv_db_rollback(db);
    return code;
}

enum mv_code mv_db_begin_read(struct mv_db *db, struct mv_error *error)
{
    enum mv_code code;

    if (db->in_transaction)
        return mv_error_set(error, MV_ERR_USAGE, "%s: a transaction is going on", mv_db_name(db));
    code = db->backend->script(db, db->backend->dialect.begin_read, error);
    db->in_transaction = code == MV_OK;
    return code;
}

enum mv_code mv_db_commit(struct mv_db *db, struct mv_error *error)
{
    enum mv_code code;

    if (!db->in_transaction)
        return mv_error_set(error, MV_ERR_USAGE, "%s: no transaction is going on", mv_db_name(db));
    code = db->backend->script(db, "COMMIT", error);
    if (code == MV_OK)
        db->in_transaction = false;
    else
        mv_db_rollback(db);
    return code;
}

void mv_db_rollback(struct mv_db *db)
{
    struct mv_error error;

    if (db->in_transaction)
        db->backend->script(db, "ROLLBACK", &error);
    db->in_transaction = false;
}

enum mv_code mv_db_shrink(struct mv_db *db, struct mv_error *error)
{
    return db->backend->shrink(db, error);
}

/* MV_DB_MAX_LOCKS: there is none of that name. */
static size_t find_lock(const struct mv_db *db, const char *name)
{
    size_t slot = 0;

    while (slot < MV_DB_MAX_LOCKS && strcmp(db->locks[slot], name) != 0)
        slot++;
    return slot;
}

enum mv_code mv_db_lock(struct mv_db *db, const char *name, bool *got_r, struct mv_error *error)
{
    size_t slot = find_lock(db, "");
    enum mv_code code;

    *got_r = false;
    if (!is_lock_name(name) || slot == MV_DB_MAX_LOCKS || find_lock(db, name) < MV_DB_MAX_LOCKS)
        return mv_error_set(error, MV_ERR_USAGE, "%s: that lock cannot be taken", mv_db_name(db));
    code = db->backend->lock(db, name, slot, got_r, error);
    if (code == MV_OK && *got_r)
        memcpy(db->locks[slot], name, strlen(name) + 1);
    return code;
}

void mv_db_unlock(struct mv_db *db, const char *name)
{
    size_t slot = find_lock(db, name);

    if (slot == MV_DB_MAX_LOCKS || name[0] == '\0')
        return;
    db->backend->unlock(db, name, slot);
    db->locks[slot][0] = '\0';
}

static enum mv_code has_table(struct mv_db *db, const char *name, bool *has_r, struct mv_error *error)
{
    struct mv_db_statement *statement;
    enum mv_code code = mv_db_prepare(db, db->backend->dialect.has_table, &statement, error);

    if (code != MV_OK)
        return code;
    mv_db_bind_text(statement, 1, mv_bytes_str(name));
    code = mv_db_step(statement, has_r, error);
    mv_db_reset(statement);
    return code;
}

/* *version_r: 0 where there is nothing yet. */
static enum mv_code kept_version(struct mv_db *db, const struct mv_db_tables *tables, int64_t *version_r,
                                 struct mv_error *error)
{
    struct mv_db_statement *statement;
    bool has = false;
    enum mv_code code = has_table(db, VERSIONS, &has, error);

    *version_r = 0;
    if (code == MV_OK && has) {
        code = mv_db_prepare(db, "SELECT version FROM " VERSIONS " WHERE part=?1", &statement, error);
        if (code != MV_OK)
            return code;
        mv_db_bind_text(statement, 1, mv_bytes_str(tables->name));
        code = mv_db_step(statement, &has, error);
        *version_r = code == MV_OK && has ? mv_db_int(statement, 0) : 0;
        mv_db_reset(statement);
    }
    if (code == MV_OK && *version_r == 0 && tables->first_table != NULL) {
        code = has_table(db, tables->first_table, &has, error);
        *version_r = code == MV_OK && has ? 1 : 0;
    }
    return code;
}

static enum mv_code keep_version(struct mv_db *db, const struct mv_db_tables *tables, struct mv_error *error)
{
    struct mv_db_statement *statement;
    enum mv_code code = mv_db_script(db, "CREATE TABLE IF NOT EXISTS " VERSIONS "(part TEXT PRIMARY KEY,"
                                         " version @int@ NOT NULL)", error);

    if (code == MV_OK)
        code = mv_db_prepare(db, "INSERT INTO " VERSIONS " VALUES(?1,?2) ON CONFLICT(part) DO UPDATE"
                                 " SET version=excluded.version", &statement, error);
    if (code != MV_OK)
        return code;
    mv_db_bind_text(statement, 1, mv_bytes_str(tables->name));
    mv_db_bind_int(statement, 2, tables->count);
    return mv_db_run(statement, error);
}

/* Within the transaction the version is asked again: somebody may have been faster. */
static enum mv_code bring_up(struct mv_db *db, const struct mv_db_tables *tables, struct mv_error *error)
{
    int64_t version;
    enum mv_code code = mv_db_begin(db, "tables", error);

    if (code != MV_OK)
        return code;
    code = kept_version(db, tables, &version, error);
    for (int64_t i = version; code == MV_OK && i < tables->count; i++)
        code = mv_db_script(db, tables->steps[i], error);
    if (code == MV_OK && version < tables->count)
        code = keep_version(db, tables, error);
    if (code == MV_OK)
        return mv_db_commit(db, error);
    mv_db_rollback(db);
    return code;
}

enum mv_code mv_db_has_tables(struct mv_db *db, const struct mv_db_tables *tables, bool *has_r, struct mv_error *error)
{
    int64_t version;
    enum mv_code code = kept_version(db, tables, &version, error);

    *has_r = code == MV_OK && version > 0;
    return code;
}

enum mv_code mv_db_tables(struct mv_db *db, const struct mv_db_tables *tables, struct mv_error *error)
{
    int64_t version;
    enum mv_code code = kept_version(db, tables, &version, error);

    if (code == MV_OK && version < tables->count && mv_db_is_writable(db)) {
        code = bring_up(db, tables, error);
        if (code == MV_OK)
            code = kept_version(db, tables, &version, error);
    }
    if (code != MV_OK)
        return code;
    if (version == 0)
        return mv_error_set(error, MV_ERR_CONFIG, "%s has no %s yet", mv_db_name(db), tables->name);
    if (version > tables->count)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: %s are of version %lld, made by a newer mailvouch",
                            mv_db_name(db), tables->name, (long long)version);
    if (version < tables->oldest)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: %s are of an old version; whoever may write there has to "
                            "bring them up with mailvouch report read --keep or import", mv_db_name(db), tables->name);
    return MV_OK;
}
