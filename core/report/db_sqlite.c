#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/keys/files.h"
#include "core/report/db_backend.h"

#define FILE_MODE 0640
#define OUR_DIRECTORY MV_KEYS_STATE_DIRECTORY "/"
#define MAX_LOCK_PATH_BYTES 8192
#define SHRINK_PAGES 2000 /* 8 MB */
#define TEXT_OF(macro) TEXT_OF_THAT(macro)
#define TEXT_OF_THAT(text) #text

/* What is bound, so that the same need not be bound again */
struct value {
    enum { UNBOUND, INT, BYTES, NOTHING } kind;
    int64_t number;
    struct mv_bytes bytes;
};

struct sqlite_db {
    struct mv_db base;
    sqlite3 *handle;
    int lock_files[MV_DB_MAX_LOCKS];
};

struct sqlite_statement {
    struct mv_db_statement base;
    sqlite3_stmt *handle;
    bool misused; /* a number out of range, or bytes without end */
    struct value values[MV_DB_MAX_VALUES + 1];
};

static sqlite3 *handle_of(struct mv_db *db)
{
    return ((struct sqlite_db *)db)->handle;
}

static sqlite3_stmt *stmt_of(struct mv_db_statement *statement)
{
    return ((struct sqlite_statement *)statement)->handle;
}

/* What went wrong, for the postmaster. */
static enum mv_code fail(struct mv_db *db, struct mv_error *error)
{
    sqlite3 *handle = handle_of(db);
    const char *name = mv_db_name(db);

    switch (handle == NULL ? SQLITE_NOMEM : sqlite3_errcode(handle)) {
    case SQLITE_NOMEM:
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return mv_error_set(error, MV_ERR_IO, "%s: another program has been writing there for %d seconds", name,
                            MV_DB_WAIT_MSECS / 1000);
    case SQLITE_READONLY:
        return mv_error_set(error, MV_ERR_IO, "%s: may not be written%s", name,
                            mv_db_is_writable(db) ? "" : ", which SQLite has to do also to read");
    case SQLITE_FULL:
        return mv_error_set(error, MV_ERR_IO, "%s: the disk is full", name);
    default:
        return mv_error_set(error, MV_ERR_IO, "%s: %s", name, sqlite3_errmsg(handle));
    }
}

static enum mv_code script(struct mv_db *db, const char *sql, struct mv_error *error)
{
    return sqlite3_exec(handle_of(db), sql, NULL, NULL, NULL) == SQLITE_OK ? MV_OK : fail(db, error);
}

static enum mv_code prepare(struct mv_db *db, const char *sql, struct mv_db_statement **statement_r,
                            struct mv_error *error)
{
    struct sqlite_statement *statement = calloc(1, sizeof *statement);

    if (statement == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    if (sqlite3_prepare_v3(handle_of(db), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL) != SQLITE_OK) {
        free(statement);
        return fail(db, error);
    }
    *statement_r = &statement->base;
    return MV_OK;
}

static void finalize(struct mv_db_statement *statement)
{
    sqlite3_finalize(stmt_of(statement));
    free(statement);
}

/* Where to keep the value; NULL: it is bound already, or cannot be. */
static struct value *changed(struct mv_db_statement *base, int number, const struct value *new)
{
    struct sqlite_statement *statement = (struct sqlite_statement *)base;
    struct value *value;

    if (number < 1 || number > MV_DB_MAX_VALUES || new->bytes.len > INT32_MAX) {
        statement->misused = true;
        return NULL;
    }
    value = &statement->values[number];
    if (value->kind == new->kind && value->number == new->number && value->bytes.data == new->bytes.data &&
        value->bytes.len == new->bytes.len)
        return NULL;
    *value = *new;
    return value;
}

static void note(struct mv_db_statement *statement, int result)
{
    if (result != SQLITE_OK)
        ((struct sqlite_statement *)statement)->misused = true;
}

static void bind_int(struct mv_db_statement *statement, int number, int64_t value)
{
    const struct value new = {.kind = INT, .number = value};

    if (changed(statement, number, &new) != NULL)
        note(statement, sqlite3_bind_int64(stmt_of(statement), number, value));
}

/* The kind of the bytes is told apart by the number. */
static void bind_text(struct mv_db_statement *statement, int number, struct mv_bytes text)
{
    const struct value new = {.kind = BYTES, .number = 0, .bytes = text};

    if (changed(statement, number, &new) != NULL)
        note(statement, sqlite3_bind_text(stmt_of(statement), number, text.len == 0 ? "" : (const char *)text.data,
                                          (int)text.len, SQLITE_STATIC));
}

static void bind_blob(struct mv_db_statement *statement, int number, struct mv_bytes bytes)
{
    const struct value new = {.kind = BYTES, .number = 1, .bytes = bytes};

    if (changed(statement, number, &new) != NULL)
        note(statement, sqlite3_bind_blob(stmt_of(statement), number,
                                          bytes.len == 0 ? (const void *)"" : bytes.data, (int)bytes.len,
                                          SQLITE_STATIC));
}

static void bind_null(struct mv_db_statement *statement, int number)
{
    const struct value new = {.kind = NOTHING};

    if (changed(statement, number, &new) != NULL)
        note(statement, sqlite3_bind_null(stmt_of(statement), number));
}

static enum mv_code step(struct mv_db_statement *statement, bool *has_row_r, struct mv_error *error)
{
    int result;
    enum mv_code code = MV_OK;

    *has_row_r = false;
    if (((struct sqlite_statement *)statement)->misused)
        return mv_error_set(error, MV_ERR_USAGE, "%s: a value was bound out of place", mv_db_name(statement->db));
    result = sqlite3_step(stmt_of(statement));
    *has_row_r = result == SQLITE_ROW;
    if (result == SQLITE_ROW)
        return MV_OK;
    if (result != SQLITE_DONE)
        code = fail(statement->db, error);
    sqlite3_reset(stmt_of(statement));
    return code;
}

static void reset(struct mv_db_statement *statement)
{
    sqlite3_reset(stmt_of(statement));
}

static enum mv_code queue(struct mv_db_statement *statement, struct mv_error *error)
{
    bool has_row;
    enum mv_code code = step(statement, &has_row, error);

    if (code == MV_OK && has_row)
        reset(statement);
    return code;
}

static int64_t get_int(struct mv_db_statement *statement, int column)
{
    return sqlite3_column_int64(stmt_of(statement), column);
}

static struct mv_bytes get_bytes(struct mv_db_statement *statement, int column)
{
    const void *data = sqlite3_column_blob(stmt_of(statement), column);

    return mv_bytes_of(data, data == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt_of(statement), column));
}

static bool is_null(struct mv_db_statement *statement, int column)
{
    return sqlite3_column_type(stmt_of(statement), column) == SQLITE_NULL;
}

/* There is one writer, whatever its name. */
static enum mv_code wait_turn(struct mv_db *db, const char *name, struct mv_error *error)
{
    (void)db;
    (void)name;
    (void)error;
    return MV_OK;
}

static enum mv_code pragma(struct mv_db *db, const char *sql, int64_t *value_r, struct mv_error *error)
{
    sqlite3_stmt *statement;
    int result = sqlite3_prepare_v2(handle_of(db), sql, -1, &statement, NULL);

    *value_r = 0;
    while (result == SQLITE_OK || result == SQLITE_ROW) {
        result = sqlite3_step(statement);
        if (result == SQLITE_ROW)
            *value_r = sqlite3_column_int64(statement, 0);
    }
    return sqlite3_finalize(statement) == SQLITE_OK ? MV_OK : fail(db, error);
}

/* Nobody waits for longer than one piece takes; how many there are at most is known before. */
static enum mv_code shrink(struct mv_db *db, struct mv_error *error)
{
    int64_t free_pages, nothing, vacuum;
    enum mv_code code = pragma(db, "PRAGMA freelist_count", &free_pages, error);

    if (code == MV_OK)
        code = pragma(db, "PRAGMA auto_vacuum", &vacuum, error);
    if (code != MV_OK || vacuum == 0)
        return code;
    for (int64_t done = 0; done < free_pages && code == MV_OK; done += SHRINK_PAGES)
        code = pragma(db, "PRAGMA incremental_vacuum(" TEXT_OF(SHRINK_PAGES) ")", &nothing, error);
    return code == MV_OK ? pragma(db, "PRAGMA wal_checkpoint(PASSIVE)", &nothing, error) : code;
}

/* So that the timer and an administrator can both work with it. */
static void give_to_owner(int fd, const char *of)
{
    struct stat st;

    if (stat(of, &st) == 0)
        mv_keys_give_away(fd, st.st_uid);
}

/* The file stays when the lock goes: who removed it might lock another than who opened it before. */
static int open_lock_file(const struct mv_db *db, const char *name)
{
    struct mv_buf path;
    int fd = -1;

    mv_buf_init(&path, MAX_LOCK_PATH_BYTES);
    mv_buf_printf(&path, "%s.%s.lock", db->name, name);
    errno = ENAMETOOLONG;
    if (db->name[0] != '\0' && mv_buf_cstr(&path) != NULL)
        fd = open(mv_buf_cstr(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, FILE_MODE);
    if (fd >= 0)
        give_to_owner(fd, db->name);
    mv_buf_free(&path);
    return fd;
}

static enum mv_code lock(struct mv_db *db, const char *name, size_t slot, bool *got_r, struct mv_error *error)
{
    int fd = open_lock_file(db, name);
    enum mv_code code = MV_OK;

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *got_r = true;
        ((struct sqlite_db *)db)->lock_files[slot] = fd;
        return MV_OK;
    }
    if (fd < 0 || errno != EWOULDBLOCK)
        code = mv_error_set(error, MV_ERR_IO, "%s.%s.lock: %s", mv_db_name(db), name, strerror(errno));
    if (fd >= 0)
        close(fd);
    return code;
}

static void unlock(struct mv_db *db, const char *name, size_t slot)
{
    (void)name;
    close(((struct sqlite_db *)db)->lock_files[slot]);
}

static void close_db(struct mv_db *base)
{
    struct sqlite_db *db = (struct sqlite_db *)base;

    sqlite3_close(db->handle);
    free(db);
}

static const struct mv_db_backend backend = {
    .shared = false,
    .dialect = {.id = "INTEGER PRIMARY KEY",
                .integer = "INTEGER",
                .blob = "BLOB",
                .value_mark = '?',
                .has_table = "SELECT 1 FROM sqlite_master WHERE type='table' AND name=?1",
                .begin = "BEGIN IMMEDIATE",
                .begin_read = "BEGIN",
                 .durable = "PRAGMA synchronous=FULL"},
    .close = close_db,
    .script = script,
    .prepare = prepare,
    .finalize = finalize,
    .bind_int = bind_int,
    .bind_text = bind_text,
    .bind_blob = bind_blob,
    .bind_null = bind_null,
    .step = step,
    .reset = reset,
    .queue = queue,
    .get_int = get_int,
    .get_bytes = get_bytes,
    .is_null = is_null,
    .wait_turn = wait_turn,
    .shrink = shrink,
    .lock = lock,
    .unlock = unlock,
};

/* No more than one directory: a path with a typo is an error. Ours is made as a whole. */
static bool make_directory(const char *path)
{
    struct mv_bytes whole = mv_bytes_str(path);
    bool may = strncmp(path, OUR_DIRECTORY, sizeof OUR_DIRECTORY - 1) == 0;
    struct mv_error error;
    struct mv_buf above;
    struct stat st;

    mv_buf_init(&above, whole.len + 2);
    mv_buf_put(&above, mv_bytes_directory(whole));
    may = may || (mv_buf_cstr(&above) != NULL && stat(mv_buf_cstr(&above), &st) == 0);
    mv_buf_free(&above);
    return may && mv_keys_dir_make(path, &error) == MV_OK;
}

/* The file and its directory, when they are missing; that they cannot be made is seen when the file is opened. */
static void make_file(const char *path)
{
    struct mv_bytes whole = mv_bytes_str(path);
    struct mv_buf directory;
    int fd = -1;

    mv_buf_init(&directory, whole.len + 2);
    mv_buf_put(&directory, mv_bytes_directory(whole));
    /* Only a new one: to close a file that SQLite has open would end its locks */
    if (whole.len > 0 && mv_buf_cstr(&directory) != NULL && make_directory(mv_buf_cstr(&directory)))
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, FILE_MODE);
    if (fd >= 0) {
        give_to_owner(fd, mv_buf_cstr(&directory));
        close(fd);
    }
    mv_buf_free(&directory);
}

static enum mv_code open_file(struct mv_db *base, struct mv_error *error)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    /* Also who only reads has to take up what a killed writer left, where he may */
    int flags = SQLITE_OPEN_READWRITE | (mv_db_is_writable(base) ? SQLITE_OPEN_CREATE : 0);

    if (sqlite3_open_v2(base->name, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return fail(base, error);
    sqlite3_busy_timeout(db->handle, MV_DB_WAIT_MSECS);
    /* WAL and NORMAL: a process that dies loses nothing; what a power cut may lose is read again. An import with more
     * pages than 2 MB is no faster, but larger than 20 MB. */
    return script(base, mv_db_is_writable(base) ? "PRAGMA auto_vacuum=INCREMENTAL;PRAGMA journal_mode=WAL;"
                                                  "PRAGMA synchronous=NORMAL;PRAGMA cache_size=-2000;"
                                                  "PRAGMA trusted_schema=OFF"
                                                : "PRAGMA query_only=ON;PRAGMA cache_size=-2000;"
                                                  "PRAGMA trusted_schema=OFF", error);
}

enum mv_code mv_db_open_sqlite(const char *path, enum mv_store_access access, struct mv_db **db_r,
                               struct mv_error *error)
{
    struct sqlite_db *db = calloc(1, sizeof *db);
    enum mv_code code = MV_OK;

    if (db == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    db->base.backend = &backend;
    db->base.access = access;
    db->base.name = strdup(path);
    if (db->base.name == NULL)
        code = mv_error_set(error, MV_ERR_MEMORY, "no memory");
    if (code == MV_OK && access == MV_STORE_WRITE)
        make_file(path);
    if (code == MV_OK)
        code = open_file(&db->base, error);
    *db_r = &db->base;
    return code;
}
