#include "core/report/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/report/store_sqlite.h"

#define DIRECTORY_MODE 0750

static const char schema[] =
    "CREATE TABLE report(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, domain TEXT NOT NULL, org TEXT NOT NULL,"
    " report_id TEXT NOT NULL, begin_secs INTEGER NOT NULL, end_secs INTEGER NOT NULL,"
    " pending INTEGER NOT NULL," /* 0, or the id while its delivery goes on */
    " email TEXT, contact TEXT, error TEXT, generator TEXT, p INTEGER, sp INTEGER, np INTEGER, adkim INTEGER,"
    " aspf INTEGER, discovery INTEGER, testing INTEGER, fo TEXT, pct TEXT, first_row INTEGER, last_row INTEGER,"
    " records INTEGER, skipped INTEGER, messages INTEGER, passed INTEGER, trust INTEGER, sender TEXT,"
    " read_secs INTEGER, UNIQUE(domain, begin_secs, end_secs, org, report_id, kind, pending));"
    "CREATE TABLE record(id INTEGER PRIMARY KEY, source BLOB NOT NULL, count INTEGER NOT NULL, disposition INTEGER,"
    " dkim_aligned INTEGER, spf_aligned INTEGER, header_from TEXT, envelope_from TEXT, envelope_to TEXT, reasons TEXT,"
    " dkim TEXT, spf_result INTEGER, spf_scope INTEGER, spf_domain TEXT);"
    "CREATE TABLE failure(report INTEGER NOT NULL, auth_failure TEXT, identity_alignment TEXT, delivery_result TEXT,"
    " user_agent TEXT, arrival_date TEXT, mail_from_domain TEXT, dkim_domain TEXT, dkim_selector TEXT, source BLOB,"
    " incidents INTEGER);"
    "CREATE TABLE tls_policy(report INTEGER NOT NULL, type TEXT, domain TEXT, succeeded INTEGER, failed INTEGER);"
    "CREATE TABLE tls_failure(report INTEGER NOT NULL, domain TEXT, result TEXT, mx TEXT, reason TEXT, sending BLOB,"
    " receiving BLOB, count INTEGER);"
    "CREATE INDEX failure_report ON failure(report);"
    "CREATE INDEX tls_policy_report ON tls_policy(report);"
    "CREATE INDEX tls_failure_report ON tls_failure(report);"
    "PRAGMA user_version=1;";

static const char *const texts[MV_SQL_COUNT] = {
    [MV_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [MV_SQL_COMMIT] = "COMMIT",
    [MV_SQL_ROLLBACK] = "ROLLBACK",
    [MV_SQL_FIND_REPORT] = "SELECT id, trust FROM report WHERE kind=?1 AND domain=?2 AND org=?3 AND report_id=?4"
                           " AND begin_secs=?5 AND end_secs=?6 ORDER BY pending DESC LIMIT 1",
    [MV_SQL_ADD_REPORT] = "INSERT INTO report(kind, domain, org, report_id, begin_secs, end_secs, email, contact,"
                          " error, generator, p, sp, np, adkim, aspf, discovery, testing, fo, pct, read_secs, pending)"
                          " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21)",
    [MV_SQL_END_REPORT] = "UPDATE report SET first_row=?2, last_row=?3, records=?4, skipped=?5, messages=?6, passed=?7"
                          " WHERE id=?1",
    [MV_SQL_SETTLE_REPORT] = "UPDATE report SET pending=0, trust=?2, sender=?3 WHERE id=?1",
    [MV_SQL_DELETE_REPORT] = "DELETE FROM report WHERE id=?1",
    [MV_SQL_DELETE_RECORDS] = "DELETE FROM record WHERE id BETWEEN (SELECT first_row FROM report WHERE id=?1) AND"
                              " (SELECT last_row FROM report WHERE id=?1)",
    [MV_SQL_DELETE_FAILURE] = "DELETE FROM failure WHERE report=?1",
    [MV_SQL_DELETE_TLS_POLICY] = "DELETE FROM tls_policy WHERE report=?1",
    [MV_SQL_DELETE_TLS_FAILURE] = "DELETE FROM tls_failure WHERE report=?1",
    [MV_SQL_ADD_RECORD] = "INSERT INTO record VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)",
    [MV_SQL_ADD_FAILURE] = "INSERT INTO failure VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [MV_SQL_ADD_TLS_POLICY] = "INSERT INTO tls_policy VALUES(?1,?2,?3,?4,?5)",
    [MV_SQL_ADD_TLS_FAILURE] = "INSERT INTO tls_failure VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
    [MV_SQL_LAST_ROW] = "SELECT max(id) FROM record",
    /* A name is below a domain when it ends in "." and the domain */
    [MV_SQL_READ] = "SELECT r.id, r.domain, r.org, r.report_id, r.begin_secs, r.end_secs, r.email, r.contact, r.error,"
                    " r.generator, r.p, r.sp, r.np, r.adkim, r.aspf, r.discovery, r.testing, r.fo, r.pct, r.records,"
                    " r.skipped, r.messages, r.passed, r.trust, r.sender, c.source, c.count, c.disposition,"
                    " c.dkim_aligned, c.spf_aligned, c.header_from, c.envelope_from, c.envelope_to, c.reasons, c.dkim,"
                    " c.spf_result, c.spf_scope, c.spf_domain FROM report r LEFT JOIN record c ON c.id BETWEEN"
                    " r.first_row AND r.last_row WHERE r.kind='aggregate' AND r.pending=0 AND (?1='' OR r.domain=?1 OR"
                    " substr(r.domain, -length(?1) - 1) = '.' || ?1) AND r.end_secs>=?2 AND r.begin_secs<=?3 AND"
                    " r.trust>=?4 ORDER BY r.id",
    [MV_SQL_OLD_REPORTS] = "SELECT id FROM report WHERE CASE WHEN end_secs=0 THEN read_secs ELSE end_secs END < ?1"
                           " LIMIT 1",
};

enum mv_code mv_store_fail(struct mv_report_store *store, struct mv_error *error)
{
    int problem = store->db == NULL ? SQLITE_NOMEM : sqlite3_errcode(store->db);

    if (problem == SQLITE_NOMEM)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    return mv_error_set(error, MV_ERR_IO, "the store of reports: %s", sqlite3_errmsg(store->db));
}

sqlite3_stmt *mv_store_statement(struct mv_report_store *store, enum mv_store_statement which, struct mv_error *error)
{
    sqlite3_stmt **statement = &store->statements[which];

    if (*statement == NULL && sqlite3_prepare_v3(store->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, statement,
                                                 NULL) != SQLITE_OK) {
        mv_store_fail(store, error);
        return NULL;
    }
    sqlite3_reset(*statement);
    return *statement;
}

void mv_store_bind_text(sqlite3_stmt *statement, int column, struct mv_bytes text)
{
    sqlite3_bind_text(statement, column, text.len == 0 ? "" : (const char *)text.data, (int)text.len, SQLITE_STATIC);
}

enum mv_code mv_store_run(struct mv_report_store *store, sqlite3_stmt *statement, struct mv_error *error)
{
    int result = sqlite3_step(statement);
    enum mv_code code = result == SQLITE_DONE || result == SQLITE_ROW ? MV_OK : mv_store_fail(store, error);

    sqlite3_reset(statement);
    return code;
}

enum mv_code mv_store_do(struct mv_report_store *store, enum mv_store_statement which, struct mv_error *error)
{
    sqlite3_stmt *statement = mv_store_statement(store, which, error);

    return statement == NULL ? error->code : mv_store_run(store, statement, error);
}

struct mv_bytes mv_store_column(sqlite3_stmt *statement, int column)
{
    const void *data = sqlite3_column_blob(statement, column);

    return mv_bytes_of(data, data == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, column));
}

static enum mv_code read_version(struct mv_report_store *store, int *version_r, struct mv_error *error)
{
    sqlite3_stmt *statement = NULL;
    enum mv_code code = MV_OK;

    if (sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        *version_r = sqlite3_column_int(statement, 0);
    else
        code = mv_store_fail(store, error);
    sqlite3_finalize(statement);
    return code;
}

/* Of several that make it at once, one does. */
static enum mv_code make_schema(struct mv_report_store *store, int *version, struct mv_error *error)
{
    enum mv_code code = mv_store_do(store, MV_SQL_BEGIN, error);

    if (code == MV_OK)
        code = read_version(store, version, error);
    if (code == MV_OK && *version == 0) {
        if (sqlite3_exec(store->db, schema, NULL, NULL, NULL) != SQLITE_OK)
            code = mv_store_fail(store, error);
        *version = MV_STORE_SCHEMA;
    }
    if (code == MV_OK)
        return mv_store_do(store, MV_SQL_COMMIT, error);
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

static enum mv_code set_up(struct mv_report_store *store, const char *path, enum mv_store_access access,
                           struct mv_error *error)
{
    int version = 0;
    enum mv_code code;

    sqlite3_busy_timeout(store->db, MV_STORE_WAIT_MSECS);
    /* WAL and NORMAL: a process that dies loses nothing; what a power cut may lose is read again */
    if (sqlite3_exec(store->db, access == MV_STORE_WRITE ? "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                                                           "PRAGMA cache_size=-4000;PRAGMA trusted_schema=OFF"
                                                         : "PRAGMA query_only=ON;PRAGMA cache_size=-4000;"
                                                           "PRAGMA trusted_schema=OFF",
                     NULL, NULL, NULL) != SQLITE_OK)
        return mv_store_fail(store, error);
    code = read_version(store, &version, error);
    if (code == MV_OK && version == 0 && access == MV_STORE_WRITE)
        code = make_schema(store, &version, error);
    if (code == MV_OK && version != MV_STORE_SCHEMA)
        return mv_error_set(error, MV_ERR_CONFIG, "%s is no store of reports, or of another version", path);
    return code;
}

/* Its directory, when that is missing: the last one of the path alone. */
static void make_directory(const char *path)
{
    struct mv_bytes whole = mv_bytes_str(path);
    size_t slash = mv_bytes_find_last(whole, '/');
    struct mv_buf directory;

    mv_buf_init(&directory, whole.len + 1);
    mv_buf_put(&directory, mv_bytes_slice(whole, 0, slash));
    if (slash > 0 && slash < whole.len && mv_buf_cstr(&directory) != NULL)
        mkdir(mv_buf_cstr(&directory), DIRECTORY_MODE); /* that it cannot be made is seen when the file is opened */
    mv_buf_free(&directory);
}

enum mv_code mv_report_store_open(const char *path, enum mv_store_access access, struct mv_report_store **store_r,
                                  struct mv_error *error)
{
    struct mv_report_store *store = calloc(1, sizeof *store);
    /* Also who only reads has to take up what a killed writer left, where he may */
    int flags = SQLITE_OPEN_READWRITE | (access == MV_STORE_READ ? 0 : SQLITE_OPEN_CREATE);
    enum mv_code code = MV_OK;

    *store_r = NULL;
    if (store == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    mv_buf_init(&store->reasons, 4 * MV_AGGREGATE_MAX_RECORD_TEXT_BYTES);
    mv_buf_init(&store->dkim, 4 * MV_AGGREGATE_MAX_RECORD_TEXT_BYTES);
    store->pending = calloc(MV_STORE_MAX_DELIVERY_REPORTS, sizeof *store->pending);
    if (access == MV_STORE_WRITE)
        make_directory(path);
    if (store->pending == NULL)
        code = mv_error_set(error, MV_ERR_MEMORY, "no memory");
    else if (sqlite3_open_v2(path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        code = mv_error_set(error, MV_ERR_IO, "%s: %s", path, sqlite3_errmsg(store->db));
    if (code == MV_OK)
        code = set_up(store, path, access, error);
    if (code == MV_OK)
        *store_r = store;
    else
        mv_report_store_close(&store);
    return code;
}

void mv_report_store_close(struct mv_report_store **store)
{
    if (*store == NULL)
        return;
    mv_report_store_rollback(*store);
    for (size_t i = 0; i < MV_SQL_COUNT; i++)
        sqlite3_finalize((*store)->statements[i]);
    sqlite3_close((*store)->db);
    mv_buf_free(&(*store)->reasons);
    mv_buf_free(&(*store)->dkim);
    free((*store)->pending);
    free(*store);
    *store = NULL;
}

const char *mv_report_trust_text(enum mv_report_trust trust)
{
    static const char *const names[] = {"none", "file", "mail"};

    return (size_t)trust < sizeof names / sizeof *names ? names[trust] : "";
}
