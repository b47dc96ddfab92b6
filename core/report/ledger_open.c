#include "core/report/ledger.h"

#include <stdlib.h>

#include "core/report/ledger_state.h"

#define TEXT_BYTES (4 * MV_EVIDENCE_MAX_LINE_BYTES)
#define NAME_BYTES 4096

static const char *const steps[] = {
    "CREATE TABLE ledger_day(id @id@, domain TEXT NOT NULL, day @int@ NOT NULL, record @blob@ NOT NULL,"
    " record_secs @int@ NOT NULL, messages @int@ NOT NULL, passed @int@ NOT NULL, reports @int@ NOT NULL,"
    " settled_secs @int@ NOT NULL," /* 0: not yet */
    " late @int@ NOT NULL, UNIQUE(domain, day));"
    "CREATE TABLE ledger_record(day_id @int@ NOT NULL, key @blob@ NOT NULL, PRIMARY KEY(day_id, key));"
    "CREATE TABLE ledger_row(day_id @int@ NOT NULL, source @blob@ NOT NULL, key @blob@ NOT NULL, count @int@ NOT NULL,"
    " disposition @int@ NOT NULL, dkim_aligned @int@ NOT NULL, spf_aligned @int@ NOT NULL, reason @int@ NOT NULL,"
    " comment TEXT, header_from TEXT NOT NULL, envelope_from TEXT, spf_result @int@ NOT NULL, spf_domain TEXT,"
    " dkim TEXT, PRIMARY KEY(day_id, source, key));"
    "CREATE TABLE ledger_file(name TEXT NOT NULL, inode @int@ NOT NULL, place @int@ NOT NULL, mark @blob@ NOT NULL,"
    " newest_secs @int@ NOT NULL, PRIMARY KEY(name, inode));"
    "CREATE INDEX ledger_day_due ON ledger_day(domain, day) WHERE settled_secs=0;"
    "CREATE INDEX ledger_day_age ON ledger_day(day);",
    /* told: what was said of incidents, once it was; 0: not yet. settled_secs 0: not yet */
    "CREATE TABLE ledger_failure(id @id@, key @blob@ NOT NULL, hour @int@ NOT NULL, incidents @int@ NOT NULL,"
    " told @int@ NOT NULL, line @blob@ NOT NULL, settled_secs @int@ NOT NULL, UNIQUE(key, hour));"
    "CREATE INDEX ledger_failure_due ON ledger_failure(hour, id) WHERE settled_secs=0;"
    "CREATE INDEX ledger_failure_age ON ledger_failure(hour);",
};

static const char *const texts[MV_LEDGER_STATEMENTS] = {
    [MV_LEDGER_FIND_FILE] = "SELECT place, mark, newest_secs FROM ledger_file WHERE name=?1 AND inode=?2",
    [MV_LEDGER_KEEP_FILE] = "INSERT INTO ledger_file(name, inode, place, mark, newest_secs) VALUES(?1,?2,?3,?4,?5)"
                            " ON CONFLICT(name, inode) DO UPDATE SET place=excluded.place, mark=excluded.mark,"
                            " newest_secs=excluded.newest_secs",
    [MV_LEDGER_FORGET_FILE] = "DELETE FROM ledger_file WHERE name=?1 AND inode=?2",
    [MV_LEDGER_ADD_DAY] = "INSERT INTO ledger_day(domain, day, record, record_secs, messages, passed, reports,"
                          " settled_secs, late) VALUES(?1,?2,?3,?4,?5,?6,?7,0,0) ON CONFLICT(domain, day) DO UPDATE SET"
                          " record=CASE WHEN excluded.record_secs>=ledger_day.record_secs THEN excluded.record"
                          " ELSE ledger_day.record END,"
                          " record_secs=CASE WHEN excluded.record_secs>=ledger_day.record_secs"
                          " THEN excluded.record_secs ELSE ledger_day.record_secs END,"
                          " messages=ledger_day.messages+excluded.messages, passed=ledger_day.passed+excluded.passed,"
                          " reports=ledger_day.reports+excluded.reports,"
                          " late=ledger_day.late+CASE WHEN ledger_day.settled_secs=0 THEN 0 ELSE excluded.messages END"
                          " RETURNING id, settled_secs",
    [MV_LEDGER_ADD_RECORD] = "INSERT INTO ledger_record(day_id, key) VALUES(?1,?2) ON CONFLICT(day_id, key) DO NOTHING",
    [MV_LEDGER_ADD_ROW] = "INSERT INTO ledger_row(day_id, source, key, count, disposition, dkim_aligned, spf_aligned,"
                          " reason, comment, header_from, envelope_from, spf_result, spf_domain, dkim)"
                          " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14) ON CONFLICT(day_id, source, key)"
                          " DO UPDATE SET count=ledger_row.count+excluded.count",
    [MV_LEDGER_NEXT_DAY] = "SELECT id, domain, day, record, messages, passed, reports FROM ledger_day WHERE"
                           " settled_secs=0 AND day<?1 AND (domain, day)>(?2,?3) ORDER BY domain, day LIMIT 1",
    [MV_LEDGER_COUNT_RECORDS] = "SELECT count(*) FROM ledger_record WHERE day_id=?1",
    [MV_LEDGER_READ_ROWS] = "SELECT source, key, count, disposition, dkim_aligned, spf_aligned, reason, comment,"
                            " header_from, envelope_from, spf_result, spf_domain, dkim FROM ledger_row WHERE"
                            " day_id=(SELECT id FROM ledger_day WHERE domain=?1 AND day=?2) AND (source, key)>(?3,?4)"
                            " ORDER BY source, key LIMIT 500",
    [MV_LEDGER_PASSED] = "SELECT CAST(sum(passed) AS @int@) FROM ledger_day WHERE domain=?1 AND day>=?2",
    [MV_LEDGER_SETTLE] = "UPDATE ledger_day SET late=late+messages-?3, settled_secs=?4 WHERE domain=?1 AND day=?2"
                         " AND settled_secs=0",
    [MV_LEDGER_OLD_DAY] = "SELECT id FROM ledger_day WHERE day<?1 ORDER BY day LIMIT 1",
    [MV_LEDGER_COUNT_OLD_DAYS] = "SELECT count(*) FROM ledger_day WHERE day<?1",
    [MV_LEDGER_PURGE_ROWS] = "DELETE FROM ledger_row WHERE day_id=?1",
    [MV_LEDGER_PURGE_RECORDS] = "DELETE FROM ledger_record WHERE day_id=?1",
    [MV_LEDGER_PURGE_DAY] = "DELETE FROM ledger_day WHERE id=?1",
    [MV_LEDGER_PURGE_FILES] = "DELETE FROM ledger_file WHERE newest_secs<?1",
    [MV_LEDGER_ADD_FAILURE] = "INSERT INTO ledger_failure(key, hour, incidents, told, line, settled_secs)"
                              " VALUES(?1,?2,1,0,?3,0) ON CONFLICT(key, hour) DO UPDATE SET"
                              " incidents=ledger_failure.incidents+1",
    [MV_LEDGER_NEXT_FAILURE] = "SELECT id, hour, CASE WHEN told>0 THEN told ELSE incidents END, line"
                               " FROM ledger_failure WHERE settled_secs=0 AND hour<?1 AND (hour, id)>(?2,?3)"
                               " ORDER BY hour, id LIMIT 1",
    [MV_LEDGER_FIX_FAILURE] = "UPDATE ledger_failure SET told=CASE WHEN told>0 THEN told ELSE incidents END"
                              " WHERE id=?1 RETURNING told",
    [MV_LEDGER_SETTLE_FAILURE] = "UPDATE ledger_failure SET settled_secs=?2, line=?3 WHERE id=?1",
    [MV_LEDGER_PURGE_FAILURES] = "DELETE FROM ledger_failure WHERE hour<?1",
};

struct mv_db_statement *mv_ledger_statement(struct mv_ledger *ledger, enum mv_ledger_statement which,
                                            struct mv_error *error)
{
    struct mv_db_statement **statement = &ledger->statements[which];

    if (*statement == NULL)
        mv_db_prepare(ledger->db, texts[which], statement, error);
    return *statement;
}

enum mv_code mv_ledger_open(struct mv_db *db, struct mv_ledger **ledger_r, struct mv_error *error)
{
    static const struct mv_db_tables tables = {"evidence", steps, sizeof steps / sizeof *steps, 1, NULL};
    struct mv_error ignored = {MV_OK, ""};
    struct mv_ledger *ledger;
    enum mv_code code = mv_db_tables(db, &tables, error);

    *ledger_r = NULL;
    if (code != MV_OK)
        return code;
    ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    ledger->db = db;
    ledger->has_failures =
        mv_db_is_writable(db) || mv_ledger_statement(ledger, MV_LEDGER_NEXT_FAILURE, &ignored) != NULL;
    mv_buf_init(&ledger->name_copy, NAME_BYTES);
    mv_buf_init(&ledger->dkim, TEXT_BYTES);
    mv_buf_init(&ledger->text, 2 * TEXT_BYTES);
    *ledger_r = ledger;
    return MV_OK;
}

void mv_ledger_close(struct mv_ledger **ledger)
{
    if (*ledger == NULL)
        return;
    mv_ledger_rollback(*ledger);
    mv_ledger_drop_held(*ledger);
    mv_buf_free(&(*ledger)->name_copy);
    mv_buf_free(&(*ledger)->dkim);
    mv_buf_free(&(*ledger)->text);
    free((*ledger)->slots);
    free(*ledger);
    *ledger = NULL;
}
