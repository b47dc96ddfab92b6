#include "core/report/store_overview.h"

#include "core/text/domain.h"

#define WHERE_BELOW(domain) " r.pending=0 AND (" domain "=?1 OR " domain " LIKE ?2) AND r.trust>=?3"
#define WHERE_IN_TIME(domain) WHERE_BELOW(domain) " AND r.end_secs>=?4 AND r.begin_secs<=?5"
/* Reports may claim any number, and a sum that is too large would be an error: past 10^18 it is told as that. */
#define SUM(column) \
    "CAST(CASE WHEN sum(CAST(" column " AS DOUBLE PRECISION))<1e18 THEN sum(CAST(" column " AS DOUBLE PRECISION))" \
    " ELSE 1e18 END AS @int@)"
#define MOST " LIMIT 200" /* MV_OVERVIEW_MAX_ROWS */
_Static_assert(MV_OVERVIEW_MAX_ROWS == 200, "LIMIT");

static const char domains_sql[] = "SELECT DISTINCT domain FROM report WHERE kind='aggregate' AND pending=0"
                                  " AND trust>=?1 ORDER BY domain LIMIT 10000";
_Static_assert(MV_OVERVIEW_MAX_DOMAINS == 10000, "LIMIT");

/* A report may hold policies of several domains. */
static const char tls_sql[] =
    "SELECT p.domain, p.type, " SUM("p.succeeded") ", " SUM("p.failed")
    " FROM report r JOIN tls_policy p ON p.report=r.id WHERE r.kind='tls' AND" WHERE_IN_TIME("p.domain")
    " GROUP BY p.domain, p.type ORDER BY 4 DESC, 3 DESC, 1, 2" MOST;
static const char tls_fault_sql[] =
    "SELECT f.domain, f.result, f.mx, " SUM("f.count")
    " FROM report r JOIN tls_failure f ON f.report=r.id WHERE r.kind='tls' AND" WHERE_IN_TIME("f.domain")
    " GROUP BY f.domain, f.result, f.mx ORDER BY 4 DESC, 2, 3" MOST;
/* A failure report has no dates to be relied on: what counts is when it was read. */
static const char failure_sql[] =
    "SELECT r.domain, f.auth_failure, f.source, " SUM("f.incidents") ", max(r.read_secs)"
    " FROM report r JOIN failure f ON f.report=r.id WHERE r.kind='failure' AND" WHERE_BELOW("r.domain")
    " AND r.read_secs>=?4 AND r.read_secs<=?5 GROUP BY r.domain, f.auth_failure, f.source ORDER BY 4 DESC, 1, 2" MOST;

struct reading {
    struct mv_db *db;
    struct mv_arena *arena;
    const struct mv_report_query *query;
    struct mv_bytes below; /* "%.example.org" */
    struct mv_report_overview *overview;
};

static enum mv_code no_memory(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_MEMORY, "no memory");
}

enum mv_code mv_report_overview_domains(struct mv_db *db, struct mv_arena *arena, enum mv_report_trust trust,
                                        const struct mv_bytes **domains_r, size_t *count_r, struct mv_error *error)
{
    struct mv_db_statement *statement;
    struct mv_bytes *domains = NULL;
    size_t count = 0;
    bool has_row = false;
    enum mv_code code = mv_db_prepare(db, domains_sql, &statement, error);

    *domains_r = NULL;
    *count_r = 0;
    if (code != MV_OK)
        return code;
    mv_db_bind_int(statement, 1, (int64_t)trust);
    while ((code = mv_db_step(statement, &has_row, error)) == MV_OK && has_row) {
        domains = mv_arena_grow(arena, domains, count, sizeof *domains);
        if (domains == NULL || !mv_arena_copy(arena, mv_db_bytes(statement, 0), &domains[count])) {
            mv_db_reset(statement);
            return no_memory(error);
        }
        count++;
    }
    *domains_r = domains;
    *count_r = count;
    return code;
}

static struct mv_db_statement *begin(const struct reading *reading, const char *sql, struct mv_error *error)
{
    const struct mv_report_query *query = reading->query;
    struct mv_db_statement *statement;

    if (mv_db_prepare(reading->db, sql, &statement, error) != MV_OK)
        return NULL;
    mv_db_bind_text(statement, 1, query->domain);
    mv_db_bind_text(statement, 2, reading->below);
    mv_db_bind_int(statement, 3, (int64_t)query->trust);
    mv_db_bind_int(statement, 4, query->from_secs);
    mv_db_bind_int(statement, 5, query->to_secs);
    return statement;
}

static bool keep(const struct reading *reading, struct mv_db_statement *statement, int column, struct mv_bytes *kept_r)
{
    return mv_arena_copy(reading->arena, mv_db_bytes(statement, column), kept_r);
}

static uint64_t count_of(struct mv_db_statement *statement, int column)
{
    int64_t value = mv_db_int(statement, column);

    return value < 0 ? 0 : (uint64_t)value;
}

static bool take_tls(const struct reading *reading, struct mv_db_statement *statement)
{
    struct mv_report_overview *overview = reading->overview;
    struct mv_page_tls *rows = mv_arena_grow(reading->arena, overview->tls, overview->tls_count, sizeof *rows), *row;

    if (rows == NULL)
        return false;
    overview->tls = rows;
    row = &rows[overview->tls_count++];
    row->succeeded = count_of(statement, 2);
    row->failed = count_of(statement, 3);
    return keep(reading, statement, 0, &row->domain) && keep(reading, statement, 1, &row->type);
}

static bool take_tls_fault(const struct reading *reading, struct mv_db_statement *statement)
{
    struct mv_report_overview *overview = reading->overview;
    struct mv_page_tls_fault *rows = mv_arena_grow(reading->arena, overview->tls_faults, overview->tls_fault_count,
                                                   sizeof *rows), *row;

    if (rows == NULL)
        return false;
    overview->tls_faults = rows;
    row = &rows[overview->tls_fault_count++];
    row->sessions = count_of(statement, 3);
    return keep(reading, statement, 1, &row->result) && keep(reading, statement, 2, &row->mx);
}

static bool keep_address(const struct reading *reading, struct mv_bytes octets, struct mv_bytes *text_r)
{
    struct mv_buf text;
    struct mv_ip ip;
    bool kept;

    mv_buf_init(&text, 64);
    if (mv_ip_from_octets(octets, &ip))
        mv_ip_print(&ip, &text);
    kept = !mv_buf_failed(&text) && mv_arena_copy(reading->arena, mv_buf_bytes(&text), text_r);
    mv_buf_free(&text);
    return kept;
}

static bool take_failure(const struct reading *reading, struct mv_db_statement *statement)
{
    struct mv_report_overview *overview = reading->overview;
    struct mv_page_failure *rows = mv_arena_grow(reading->arena, overview->failures, overview->failure_count,
                                                 sizeof *rows), *row;

    if (rows == NULL)
        return false;
    overview->failures = rows;
    row = &rows[overview->failure_count++];
    row->incidents = count_of(statement, 3);
    row->last_secs = mv_db_int(statement, 4);
    return keep(reading, statement, 0, &row->domain) && keep(reading, statement, 1, &row->kind) &&
           keep_address(reading, mv_db_bytes(statement, 2), &row->address);
}

/* "_" in a name stands for any letter to LIKE: the rows are looked at once more. */
static enum mv_code read_rows(const struct reading *reading, const char *sql,
                              bool (*take)(const struct reading *reading, struct mv_db_statement *statement),
                              struct mv_error *error)
{
    struct mv_db_statement *statement = begin(reading, sql, error);
    bool has_row = false;
    enum mv_code code;

    if (statement == NULL)
        return error->code;
    while ((code = mv_db_step(statement, &has_row, error)) == MV_OK && has_row) {
        if (!mv_domain_is_within(mv_db_bytes(statement, 0), reading->query->domain))
            continue;
        if (!take(reading, statement)) {
            mv_db_reset(statement);
            return no_memory(error);
        }
    }
    return code;
}

enum mv_code mv_report_overview_read(struct mv_db *db, struct mv_arena *arena, const struct mv_report_query *query,
                                     struct mv_report_overview *overview_r, struct mv_error *error)
{
    struct mv_bytes parts[] = {MV_BYTES("%."), query->domain};
    struct reading reading = {.db = db, .arena = arena, .query = query, .overview = overview_r};
    enum mv_code code;

    *overview_r = (struct mv_report_overview){.tls_count = 0};
    if (!mv_arena_join(arena, parts, 2, &reading.below))
        return no_memory(error);
    code = read_rows(&reading, tls_sql, take_tls, error);
    if (code == MV_OK)
        code = read_rows(&reading, tls_fault_sql, take_tls_fault, error);
    return code == MV_OK ? read_rows(&reading, failure_sql, take_failure, error) : code;
}
