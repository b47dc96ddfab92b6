#include "core/report/store.h"

#include <stdlib.h>

#include "core/report/store_tables.h"

static const char *const steps[] = {
    "CREATE TABLE report(id @id@, kind TEXT NOT NULL, domain TEXT NOT NULL, org TEXT NOT NULL,"
    " report_id TEXT NOT NULL, begin_secs @int@ NOT NULL, end_secs @int@ NOT NULL,"
    " pending SMALLINT NOT NULL," /* 0, or its number in its delivery while that goes on */
    " email TEXT, contact TEXT, error TEXT, generator TEXT, p SMALLINT, sp SMALLINT, np SMALLINT, adkim SMALLINT,"
    " aspf SMALLINT, discovery SMALLINT, testing SMALLINT, fo TEXT, pct TEXT, first_row @int@, last_row @int@,"
    " records @int@, skipped @int@, messages @int@, passed @int@, trust SMALLINT, sender TEXT, read_secs @int@);"
    "CREATE TABLE record(id @int@ PRIMARY KEY, source @blob@ NOT NULL, count @int@ NOT NULL, disposition SMALLINT,"
    " dkim_aligned SMALLINT, spf_aligned SMALLINT, header_from TEXT, envelope_from TEXT, envelope_to TEXT,"
    " reasons TEXT, dkim TEXT, spf_result SMALLINT, spf_scope SMALLINT, spf_domain TEXT);"
    "CREATE TABLE failure(report @int@ NOT NULL, auth_failure TEXT, identity_alignment TEXT, delivery_result TEXT,"
    " user_agent TEXT, arrival_date TEXT, mail_from_domain TEXT, dkim_domain TEXT, dkim_selector TEXT, source @blob@,"
    " incidents @int@);"
    "CREATE TABLE tls_policy(report @int@ NOT NULL, type TEXT, domain TEXT, succeeded @int@, failed @int@);"
    "CREATE TABLE tls_failure(report @int@ NOT NULL, domain TEXT, result TEXT, mx TEXT, reason TEXT, sending @blob@,"
    " receiving @blob@, count @int@);"
    "CREATE INDEX failure_report ON failure(report);"
    "CREATE INDEX tls_policy_report ON tls_policy(report);"
    "CREATE INDEX tls_failure_report ON tls_failure(report);",
    /* Version 1 had a UNIQUE of whole texts, which PostgreSQL would refuse for long ones; there it stays */
    "CREATE INDEX report_key ON report(substr(domain, 1, 200), begin_secs, end_secs, substr(report_id, 1, 200));",
};

static const struct mv_db_tables tables = {"reports", steps, sizeof steps / sizeof *steps, 1, "report"};

/* What no sender gave an end to, or one that had not come, is as old as when it was read */
#define OLD "CASE WHEN end_secs=0 OR end_secs>read_secs THEN read_secs ELSE end_secs END < ?1"

static const char *const texts[MV_SQL_COUNT] = {
    [MV_SQL_FIND_REPORT] = "SELECT id, trust FROM report WHERE substr(domain, 1, 200)=substr(?2, 1, 200)"
                           " AND begin_secs=?5 AND end_secs=?6 AND substr(report_id, 1, 200)=substr(?4, 1, 200)"
                           " AND domain=?2 AND report_id=?4 AND org=?3 AND kind=?1 ORDER BY pending DESC LIMIT 1",
    [MV_SQL_ADD_REPORT] = "INSERT INTO report(kind, domain, org, report_id, begin_secs, end_secs, email, contact,"
                          " error, generator, p, sp, np, adkim, aspf, discovery, testing, fo, pct, read_secs, pending)"
                          " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21)"
                          " RETURNING id",
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
    [MV_SQL_READ_REPORTS] =
        "SELECT id, domain, org, report_id, begin_secs, end_secs, email, contact, error, generator, p, sp, np, adkim,"
        " aspf, discovery, testing, fo, pct, records, skipped, messages, passed, trust, sender, first_row, last_row"
        " FROM report WHERE kind='aggregate' AND pending=0 AND (?1='' OR domain=?1 OR (length(domain) > length(?1) AND"
        " substr(domain, length(domain) - length(?1)) = '.' || ?1)) AND end_secs>=?2 AND begin_secs<=?3 AND trust>=?4"
        " ORDER BY id",
    [MV_SQL_READ_RECORDS] =
        "SELECT source, count, disposition, dkim_aligned, spf_aligned, header_from, envelope_from, envelope_to,"
        " reasons, dkim, spf_result, spf_scope, spf_domain FROM record WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    [MV_SQL_OLD_REPORTS] = "SELECT id, records FROM report WHERE " OLD " ORDER BY id LIMIT ?2",
    [MV_SQL_COUNT_OLD] = "SELECT count(*), CAST(coalesce(sum(records), 0) AS @int@) FROM report WHERE " OLD,
};

struct mv_db_statement *mv_store_statement(struct mv_report_store *store, enum mv_store_statement which,
                                           struct mv_error *error)
{
    struct mv_db_statement **statement = &store->statements[which];

    if (*statement == NULL)
        mv_db_prepare(store->db, texts[which], statement, error);
    return *statement;
}

/* The db is closed on failure only by who owns it. */
static enum mv_code open_on(struct mv_db *db, bool owns_db, struct mv_report_store **store_r, struct mv_error *error)
{
    struct mv_report_store *store = calloc(1, sizeof *store);
    enum mv_code code;

    *store_r = NULL;
    if (store == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    store->db = db;
    mv_buf_init(&store->reasons, 4 * MV_AGGREGATE_MAX_RECORD_TEXT_BYTES);
    mv_buf_init(&store->dkim, 4 * MV_AGGREGATE_MAX_RECORD_TEXT_BYTES);
    store->pending = calloc(MV_STORE_MAX_DELIVERY_REPORTS, sizeof *store->pending);
    code = store->pending == NULL ? mv_error_set(error, MV_ERR_MEMORY, "no memory") : mv_db_tables(db, &tables, error);
    if (code != MV_OK) {
        mv_report_store_close(&store);
        return code;
    }
    store->owns_db = owns_db;
    *store_r = store;
    return MV_OK;
}

enum mv_code mv_report_store_open(const char *where, enum mv_store_access access, struct mv_report_store **store_r,
                                  struct mv_error *error)
{
    struct mv_db *db;
    enum mv_code code = mv_db_open(where, access, &db, error);

    *store_r = NULL;
    if (code == MV_OK)
        code = open_on(db, true, store_r, error);
    if (code != MV_OK)
        mv_db_close(&db);
    return code;
}

enum mv_code mv_report_store_open_on(struct mv_db *db, struct mv_report_store **store_r, struct mv_error *error)
{
    return open_on(db, false, store_r, error);
}

void mv_report_store_close(struct mv_report_store **store)
{
    if (*store == NULL)
        return;
    mv_report_store_rollback(*store);
    if ((*store)->owns_db)
        mv_db_close(&(*store)->db);
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
