/*
 * The store of reports: each once, whole or not at all.  On SQLite; on PostgreSQL when MV_TEST_STORE names an empty
 * database (tests/report/store.py does that).
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/report/report_time.h"
#include "core/report/store.h"
#include "core/report/store_overview.h"
#include "tests/unit/unit.h"

#define READ_SECS INT64_C(100000000) /* when reports are read */

static char directory[] = "/tmp/mv-store-XXXXXX";
static char path[64];
static const char *place = path;

static struct mv_aggregate_head head_of(const char *domain, const char *id, int64_t begin)
{
    struct mv_aggregate_head head = {.org_name = MV_BYTES("R"), .email = MV_BYTES("a@r.example")};

    head.report_id = mv_bytes_str(id);
    head.begin_secs = begin;
    head.end_secs = begin + 86399;
    head.policy.domain = mv_bytes_str(domain);
    head.policy.p = MV_REPORT_P_REJECT;
    head.policy.testing = MV_REPORT_YES;
    return head;
}

static struct mv_aggregate_record record_of(const char *ip, uint64_t count)
{
    static struct mv_aggregate_record record;

    memset(&record, 0, sizeof record);
    ck_assert(mv_ip_parse(mv_bytes_str(ip), &record.source));
    record.count = count;
    record.disposition = MV_REPORT_DISPOSITION_REJECT;
    record.dkim_aligned = MV_REPORT_ALIGNED_FAIL;
    record.spf_aligned = count % 2 == 0 ? MV_REPORT_ALIGNED_PASS : MV_REPORT_ALIGNED_FAIL;
    record.header_from = MV_BYTES("a.example");
    record.has_envelope_from = count > 1;
    record.reasons[0] = (struct mv_aggregate_reason){MV_REPORT_LOCAL_POLICY, MV_BYTES("arc=pass\tx\ny")};
    record.reason_count = 1;
    record.dkim[0] = (struct mv_aggregate_dkim){MV_BYTES("d.example"), MV_BYTES("s"), MV_REPORT_AUTH_PASS, MV_BYTES("")};
    record.dkim[1] = (struct mv_aggregate_dkim){MV_BYTES("e.example"), MV_BYTES(""), MV_REPORT_AUTH_PERMERROR,
                                                MV_BYTES("no key")};
    record.dkim_count = 2;
    record.has_spf = true;
    record.spf = (struct mv_aggregate_spf){MV_BYTES("m.example"), MV_REPORT_MFROM, MV_REPORT_AUTH_SOFTFAIL, MV_BYTES("")};
    return record;
}

/* A delivery of one report with a record for each count, 0 at the end. */
static enum mv_store_state deliver(struct mv_report_store *store, const struct mv_aggregate_head *head,
                                   const uint64_t *counts, enum mv_report_trust trust)
{
    struct mv_report_sender sender = {trust, MV_BYTES("r.example")};
    enum mv_store_state state;
    struct mv_error error;

    ck_assert_int_eq(mv_report_store_begin(store, READ_SECS, &error), MV_OK);
    ck_assert_int_eq(mv_report_store_add(store, MV_REPORT_AGGREGATE, head, &state, &error), MV_OK);
    for (; *counts != 0; counts++) {
        struct mv_aggregate_record record = record_of("192.0.2.1", *counts);

        ck_assert_int_eq(mv_report_store_record(store, &record, &error), MV_OK);
    }
    ck_assert_int_eq(mv_report_store_end_report(store, MV_STORE_KEEP, 1, &error), MV_OK);
    ck_assert_int_eq(mv_report_store_commit(store, &sender, &state, 1, &error), MV_OK);
    return state;
}

struct sum {
    uint64_t reports, records, messages, head_messages, passed;
    char domains[200];
};

static enum mv_code add_report(void *to, const struct mv_stored_report *report)
{
    struct sum *sum = to;
    size_t len = strlen(sum->domains);

    sum->reports++;
    sum->head_messages += report->messages;
    sum->passed += report->passed;
    snprintf(sum->domains + len, sizeof sum->domains - len, "%.*s ", (int)report->head.policy.domain.len,
             report->head.policy.domain.data);
    return MV_OK;
}

static enum mv_code add_record(void *to, const struct mv_stored_report *report,
                               const struct mv_aggregate_record *record)
{
    struct sum *sum = to;

    (void)report;
    sum->records++;
    sum->messages += record->count;
    return MV_OK;
}

static struct sum sum_of(struct mv_report_store *store, const char *domain, enum mv_report_trust trust)
{
    struct mv_report_query query = {mv_bytes_str(domain), 0, INT64_MAX, trust};
    struct sum sum = {0};
    struct mv_report_reader reader = {add_report, add_record, &sum};
    struct mv_error error = {MV_OK, ""};

    ck_assert_msg(mv_report_store_read(store, &query, &reader, &error) == MV_OK, "%s", error.text);
    return sum;
}

static struct mv_report_store *open_store(void)
{
    struct mv_report_store *store;
    struct mv_error error = {MV_OK, ""};

    ck_assert_msg(mv_report_store_open(place, MV_STORE_WRITE, &store, &error) == MV_OK, "%s", error.text);
    return store;
}

static const uint64_t two_rows[] = {2, 3, 0}, one_row[] = {7, 0}, no_row[] = {0};

/* The same report twice, in one order and the other, by senders who are known more or less. */
START_TEST(test_once)
{
    static const struct {
        enum mv_report_trust first, second;
        bool replaced;
    } rows[] = {{MV_TRUST_MAIL, MV_TRUST_MAIL, false}, {MV_TRUST_FILE, MV_TRUST_FILE, false},
                {MV_TRUST_NONE, MV_TRUST_NONE, false}, {MV_TRUST_NONE, MV_TRUST_MAIL, true},
                {MV_TRUST_NONE, MV_TRUST_FILE, true},  {MV_TRUST_FILE, MV_TRUST_MAIL, true},
                {MV_TRUST_MAIL, MV_TRUST_NONE, false}, {MV_TRUST_FILE, MV_TRUST_NONE, false}};
    struct mv_report_store *store = open_store();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char domain[20];
        struct mv_aggregate_head head;
        struct sum sum;

        snprintf(domain, sizeof domain, "once%zu.example", i);
        head = head_of(domain, "1", 86400);
        ck_assert_int_eq(deliver(store, &head, two_rows, rows[i].first), MV_STORE_NEW);
        ck_assert_int_eq(deliver(store, &head, one_row, rows[i].second), rows[i].replaced ? MV_STORE_NEW : MV_STORE_SEEN);
        sum = sum_of(store, domain, MV_TRUST_NONE);
        ck_assert_uint_eq(sum.reports, 1);
        ck_assert_uint_eq(sum.messages, rows[i].replaced ? 7 : 5);
        ck_assert_uint_eq(sum.head_messages, sum.messages);
        ck_assert_uint_eq(sum.passed, rows[i].replaced ? 0 : 2);
    }
    mv_report_store_close(&store);
}
END_TEST

/* What makes another report, and which are read. */
START_TEST(test_query)
{
    struct mv_report_store *store = open_store();
    struct mv_aggregate_head heads[] = {head_of("q.example", "1", 86400), head_of("q.example", "2", 86400),
                                        head_of("q.example", "1", 172800), head_of("sub.q.example", "1", 86400),
                                        head_of("xq.example", "1", 86400), head_of("q.example", "", 86400)};
    struct mv_report_query day = {MV_BYTES("q.example"), 172800, 172900, MV_TRUST_NONE};
    struct sum sum = {0};
    struct mv_report_reader reader = {add_report, add_record, &sum};
    struct mv_error error;

    for (size_t i = 0; i < 6; i++)
        ck_assert_int_eq(deliver(store, &heads[i], i == 1 ? no_row : one_row, i == 3 ? MV_TRUST_MAIL : MV_TRUST_FILE),
                         MV_STORE_NEW);
    ck_assert_uint_eq(sum_of(store, "q.example", MV_TRUST_NONE).reports, 5);
    ck_assert_uint_eq(sum_of(store, "q.example", MV_TRUST_NONE).records, 4);
    ck_assert_uint_eq(sum_of(store, "q.example", MV_TRUST_MAIL).reports, 1);
    ck_assert_uint_eq(sum_of(store, "sub.q.example", MV_TRUST_FILE).reports, 1);
    ck_assert_uint_eq(sum_of(store, "example", MV_TRUST_MAIL).reports, 5); /* four of test_once */
    ck_assert_uint_eq(sum_of(store, "ample", MV_TRUST_NONE).reports, 0);
    ck_assert_int_eq(mv_report_store_read(store, &day, &reader, &error), MV_OK);
    ck_assert_uint_eq(sum.reports, 1);
    mv_report_store_close(&store);
}
END_TEST

/* What is read is what was written. */
static enum mv_code compare_record(void *to, const struct mv_stored_report *report,
                                   const struct mv_aggregate_record *r)
{
    ++*(int *)to;
    ck_assert_int_eq(report->head.policy.p, MV_REPORT_P_REJECT);
    ck_assert_int_eq(report->head.policy.testing, MV_REPORT_YES);
    ck_assert_uint_eq(report->skipped, 1);
    ck_assert(mv_bytes_equal(report->head.email, MV_BYTES("a@r.example")));
    ck_assert_int_eq(r->disposition, MV_REPORT_DISPOSITION_REJECT);
    ck_assert_int_eq(r->dkim_aligned, MV_REPORT_ALIGNED_FAIL);
    ck_assert(mv_bytes_equal(r->header_from, MV_BYTES("a.example")));
    ck_assert(r->has_envelope_from == (r->count > 1));
    ck_assert_uint_eq(r->reason_count, 1);
    ck_assert_int_eq(r->reasons[0].type, MV_REPORT_LOCAL_POLICY);
    ck_assert(mv_bytes_equal(r->reasons[0].comment, MV_BYTES("arc=pass x y")));
    ck_assert_uint_eq(r->dkim_count, 2);
    ck_assert_int_eq(r->dkim[1].result, MV_REPORT_AUTH_PERMERROR);
    ck_assert(mv_bytes_equal(r->dkim[0].selector, MV_BYTES("s")));
    ck_assert(mv_bytes_equal(r->dkim[1].human_result, MV_BYTES("no key")));
    ck_assert(r->has_spf && r->spf.scope == MV_REPORT_MFROM && r->spf.result == MV_REPORT_AUTH_SOFTFAIL);
    ck_assert(mv_bytes_equal(r->spf.domain, MV_BYTES("m.example")));
    return MV_OK;
}

START_TEST(test_round_trip)
{
    struct mv_report_store *store = open_store();
    struct mv_aggregate_head head = head_of("trip.example", "1", 86400);
    struct mv_report_query query = {MV_BYTES("trip.example"), 0, INT64_MAX, MV_TRUST_NONE};
    static const uint64_t counts[] = {1, 2, 3, 0};
    struct sum sum = {0};
    struct mv_report_reader reader = {add_report, add_record, &sum};
    struct mv_error error;

    deliver(store, &head, counts, MV_TRUST_MAIL);
    mv_report_store_close(&store);
    ck_assert_int_eq(mv_report_store_open(place, MV_STORE_READ, &store, &error), MV_OK);
    ck_assert_int_eq(mv_report_store_read(store, &query, &reader, &error), MV_OK);
    ck_assert_uint_eq(sum.messages, 6);
    ck_assert_int_eq(mv_report_store_begin(store, 0, &error), MV_ERR_IO); /* for reading alone */
    mv_report_store_close(&store);
}
END_TEST

static enum mv_code no_report(void *to, const struct mv_stored_report *report)
{
    (void)to;
    (void)report;
    return MV_OK;
}

static enum mv_code stop(void *to, const struct mv_stored_report *report)
{
    (void)to;
    (void)report;
    return MV_ERR_CRYPTO;
}

START_TEST(test_reader)
{
    struct mv_report_store *store = open_store();
    struct mv_report_query query = {MV_BYTES("trip.example"), 0, INT64_MAX, MV_TRUST_NONE};
    int records = 0;
    struct mv_report_reader reader = {no_report, compare_record, &records}, stopper = {stop, compare_record, &records};
    struct mv_error error;

    ck_assert_int_eq(mv_report_store_read(store, &query, &reader, &error), MV_OK);
    ck_assert_int_eq(records, 3);
    ck_assert_int_eq(mv_report_store_read(store, &query, &stopper, &error), MV_ERR_CRYPTO);
    ck_assert_int_eq(records, 3);
    mv_report_store_close(&store);
}
END_TEST

/* Several reports in one delivery: one twice, one dropped; and a delivery that is given up. */
START_TEST(test_delivery)
{
    struct mv_report_store *store = open_store();
    struct mv_aggregate_head heads[] = {head_of("several.example", "1", 86400), head_of("several.example", "2", 86400),
                                        head_of("several.example", "1", 86400), head_of("several.example", "4", 86400)};
    struct mv_aggregate_record record = record_of("2001:db8::1", 9);
    struct mv_report_sender sender = {MV_TRUST_FILE, MV_BYTES("")};
    enum mv_store_state state, states[4] = {MV_STORE_SEEN, MV_STORE_SEEN, MV_STORE_NEW, MV_STORE_SEEN};
    struct mv_error error;

    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(mv_report_store_begin(store, READ_SECS, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_begin(store, READ_SECS, &error), MV_ERR_USAGE);
        for (size_t i = 0; i < 4; i++) {
            ck_assert_int_eq(mv_report_store_add(store, MV_REPORT_AGGREGATE, &heads[i], &state, &error), MV_OK);
            ck_assert_int_eq(mv_report_store_record(store, &record, &error), MV_OK);
            ck_assert_int_eq(mv_report_store_end_report(store, i == 1 ? MV_STORE_DROP : MV_STORE_KEEP, 0, &error), MV_OK);
        }
        if (round == 0) {
            mv_report_store_rollback(store);
            ck_assert_uint_eq(sum_of(store, "several.example", MV_TRUST_NONE).reports, 0);
        }
    }
    ck_assert_int_eq(mv_report_store_commit(store, &sender, states, 4, &error), MV_OK);
    ck_assert(states[0] == MV_STORE_NEW && states[1] == MV_STORE_SEEN && states[2] == MV_STORE_NEW);
    ck_assert_uint_eq(sum_of(store, "several.example", MV_TRUST_NONE).reports, 2);
    ck_assert_uint_eq(sum_of(store, "several.example", MV_TRUST_NONE).messages, 18);
    ck_assert_int_eq(mv_report_store_commit(store, &sender, states, 4, &error), MV_ERR_USAGE);
    ck_assert_int_eq(mv_report_store_add(store, MV_REPORT_AGGREGATE, &heads[0], &state, &error), MV_ERR_USAGE);
    mv_report_store_close(&store);
}
END_TEST

START_TEST(test_kinds)
{
    struct mv_report_store *store = open_store();
    struct mv_aggregate_head head = head_of("kinds.example", "7", 86400);
    struct mv_failure failure = {.reported_domain = MV_BYTES("kinds.example"), .incidents = 2};
    struct mv_tls_policy policy = {MV_BYTES("sts"), MV_BYTES("kinds.example"), 5, 2};
    struct mv_tls_failure tls = {.result = MV_BYTES("certificate-expired"), .count = 2};
    struct mv_report_sender sender = {MV_TRUST_MAIL, MV_BYTES("r.example")};
    enum mv_store_state states[2];
    struct mv_error error;

    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(mv_report_store_begin(store, READ_SECS, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_add(store, MV_REPORT_FAILURE, &head, &states[0], &error), MV_OK);
        ck_assert_int_eq(mv_report_store_failure(store, &failure, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_end_report(store, MV_STORE_KEEP, 0, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_add(store, MV_REPORT_TLS, &head, &states[1], &error), MV_OK);
        ck_assert_int_eq(mv_report_store_tls_policy(store, &policy, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_tls_failure(store, &policy, &tls, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_end_report(store, MV_STORE_KEEP, 0, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_commit(store, &sender, states, 2, &error), MV_OK);
        ck_assert_int_eq(states[0], round == 0 ? MV_STORE_NEW : MV_STORE_SEEN);
        ck_assert_int_eq(states[1], states[0]);
    }
    ck_assert_uint_eq(sum_of(store, "kinds.example", MV_TRUST_NONE).reports, 0); /* aggregate reports alone */
    mv_report_store_close(&store);
}
END_TEST

/* Sums that no integer holds, as reports may claim them, and as they are usual. */
START_TEST(test_overview)
{
    static const struct {
        const char *domain;
        uint64_t number, sum; /* of two reports */
    } rows[] = {{"usual.example", 3, 6}, {"large.example", INT64_MAX, 1000000000000000000}};
    struct mv_report_sender sender = {MV_TRUST_MAIL, MV_BYTES("r.example")};
    struct mv_report_store *store = open_store();
    struct mv_arena *arena = mv_arena_new(1 << 20);
    enum mv_store_state states[2];
    struct mv_error error;
    struct mv_db *db;

    for (size_t i = 0; i < 4; i++) {
        struct mv_bytes domain = mv_bytes_str(rows[i / 2].domain);
        struct mv_aggregate_head head = head_of(rows[i / 2].domain, i % 2 == 0 ? "1" : "2", 86400);
        struct mv_failure failure = {.reported_domain = domain, .incidents = rows[i / 2].number};
        struct mv_tls_policy policy = {MV_BYTES("sts"), domain, rows[i / 2].number, 0};
        struct mv_tls_failure tls = {.result = MV_BYTES("certificate-expired"), .count = rows[i / 2].number};

        if (i == 1) /* the report's is that of its first policy, which is another one here */
            head.policy.domain = MV_BYTES("first.example");
        ck_assert_int_eq(mv_report_store_begin(store, READ_SECS, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_add(store, MV_REPORT_FAILURE, &head, &states[0], &error), MV_OK);
        ck_assert_int_eq(mv_report_store_failure(store, &failure, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_end_report(store, MV_STORE_KEEP, 0, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_add(store, MV_REPORT_TLS, &head, &states[1], &error), MV_OK);
        ck_assert_int_eq(mv_report_store_tls_policy(store, &policy, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_tls_failure(store, &policy, &tls, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_end_report(store, MV_STORE_KEEP, 0, &error), MV_OK);
        ck_assert_int_eq(mv_report_store_commit(store, &sender, states, 2, &error), MV_OK);
    }
    mv_report_store_close(&store);
    ck_assert_int_eq(mv_db_open(place, MV_STORE_READ, &db, &error), MV_OK);
    for (size_t i = 0; i < 2; i++) {
        struct mv_report_query query = {mv_bytes_str(rows[i].domain), 0, READ_SECS, MV_TRUST_MAIL};
        struct mv_report_overview overview;

        ck_assert_msg(mv_report_overview_read(db, arena, &query, &overview, &error) == MV_OK, "%s", error.text);
        ck_assert(overview.tls_count == 1 && overview.tls_fault_count == 1 && overview.failure_count == 1);
        ck_assert_uint_eq(overview.tls[0].succeeded, rows[i].sum);
        ck_assert_uint_eq(overview.tls[0].failed, 0);
        ck_assert_uint_eq(overview.tls_faults[0].sessions, rows[i].sum);
        ck_assert_uint_eq(overview.failures[0].incidents, i == 0 ? rows[i].number : rows[i].sum);
    }
    mv_db_close(&db);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_purge)
{
    struct mv_report_store *store = open_store();
    struct mv_aggregate_head old = head_of("purge.example", "1", 0), young = head_of("purge.example", "2", 8640000);
    struct mv_report_purged purged;
    struct mv_error error;

    deliver(store, &old, two_rows, MV_TRUST_MAIL);
    deliver(store, &young, one_row, MV_TRUST_MAIL);
    ck_assert_int_eq(mv_report_store_purge(store, 86399, MV_PURGE_REMOVE, &purged, &error), MV_OK);
    ck_assert_uint_eq(purged.reports, 0);
    ck_assert_int_eq(mv_report_store_purge(store, 86400, MV_PURGE_COUNT, &purged, &error), MV_OK);
    ck_assert(purged.reports == 1 && purged.rows == 2);
    ck_assert_uint_eq(sum_of(store, "purge.example", MV_TRUST_NONE).messages, 12);
    ck_assert_int_eq(mv_report_store_purge(store, 86400, MV_PURGE_REMOVE, &purged, &error), MV_OK);
    ck_assert(purged.reports == 1 && purged.rows == 2);
    ck_assert_uint_eq(sum_of(store, "purge.example", MV_TRUST_NONE).messages, 7);
    for (size_t i = 0; i < 1203; i++) { /* more than go at once */
        char id[20];

        snprintf(id, sizeof id, "many%zu", i);
        old = head_of("purge.example", id, 0);
        deliver(store, &old, i % 3 == 0 ? no_row : two_rows, MV_TRUST_FILE);
    }
    ck_assert_int_eq(mv_report_store_purge(store, 86400, MV_PURGE_COUNT, &purged, &error), MV_OK);
    ck_assert(purged.reports == 1203 && purged.rows == 1604);
    ck_assert_int_eq(mv_report_store_purge(store, 86400, MV_PURGE_REMOVE, &purged, &error), MV_OK);
    ck_assert(purged.reports == 1203 && purged.rows == 1604);
    ck_assert_uint_eq(sum_of(store, "purge.example", MV_TRUST_NONE).messages, 7);
    ck_assert_int_eq(mv_report_store_purge(store, READ_SECS, MV_PURGE_REMOVE, &purged, &error), MV_OK);
    for (size_t i = 0; i < 2; i++) { /* both were read at the same time, which is before either ends */
        old = head_of("purge.example", i == 0 ? "all time" : "today", i == 0 ? 0 : READ_SECS - 3600);
        old.end_secs = i == 0 ? MV_REPORT_MAX_SECS : old.end_secs;
        deliver(store, &old, two_rows, MV_TRUST_FILE);
    }
    ck_assert_int_eq(mv_report_store_purge(store, READ_SECS, MV_PURGE_COUNT, &purged, &error), MV_OK);
    ck_assert_uint_eq(purged.reports, 0);
    ck_assert_int_eq(mv_report_store_purge(store, READ_SECS + 1, MV_PURGE_REMOVE, &purged, &error), MV_OK);
    ck_assert_uint_eq(purged.reports, 2);
    mv_report_store_close(&store);
}
END_TEST

/* As version 1 was, which knew SQLite alone */
static const char version_1[] =
    "CREATE TABLE report(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, domain TEXT NOT NULL, org TEXT NOT NULL,"
    " report_id TEXT NOT NULL, begin_secs INTEGER NOT NULL, end_secs INTEGER NOT NULL, pending INTEGER NOT NULL,"
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
    "PRAGMA user_version=1;"
    "INSERT INTO report(id, kind, domain, org, report_id, begin_secs, end_secs, pending, p, first_row, last_row, records,"
    " skipped, messages, passed, trust, read_secs)"
    " VALUES(1, 'aggregate', 'one.example', 'R', '1', 86400, 172799, 0, 3, 1, 2, 2, 0, 5, 2, 1, 1000);"
    "INSERT INTO record VALUES(1, X'c0000201', 2, 3, 2, 1, 'one.example', NULL, NULL, NULL, NULL, NULL, NULL, NULL);"
    "INSERT INTO record VALUES(2, X'c0000202', 3, 3, 2, 2, 'one.example', NULL, NULL, NULL, NULL, NULL, NULL, NULL);";

/* It can be read as it is, and goes on as the newest. */
START_TEST(test_version_1)
{
    struct mv_aggregate_head head = head_of("one.example", "1", 86400);
    char other[100];
    const char *usual = place;
    struct mv_report_store *store;
    struct mv_error error = {MV_OK, ""};
    struct mv_db *db;

    snprintf(other, sizeof other, "%s/one.db", directory);
    ck_assert_int_eq(mv_db_open(other, MV_STORE_WRITE, &db, &error), MV_OK);
    ck_assert_msg(mv_db_script(db, version_1, &error) == MV_OK, "%s", error.text);
    mv_db_close(&db);
    place = other;
    ck_assert_msg(mv_report_store_open(place, MV_STORE_READ, &store, &error) == MV_OK, "%s", error.text);
    ck_assert_uint_eq(sum_of(store, "one.example", MV_TRUST_FILE).messages, 5);
    mv_report_store_close(&store);
    for (int round = 0; round < 2; round++) {
        store = open_store();
        ck_assert_int_eq(deliver(store, &head, one_row, MV_TRUST_FILE), MV_STORE_SEEN);
        ck_assert_uint_eq(sum_of(store, "one.example", MV_TRUST_FILE).messages, 5);
        mv_report_store_close(&store);
    }
    store = open_store();
    ck_assert_int_eq(deliver(store, &head, one_row, MV_TRUST_MAIL), MV_STORE_NEW);
    ck_assert_uint_eq(sum_of(store, "one.example", MV_TRUST_FILE).messages, 7);
    mv_report_store_close(&store);
    place = usual;
}
END_TEST

/* Words that SQL, or an index, could stumble over. */
START_TEST(test_hostile)
{
    static char text[3000], other[3000];
    struct mv_report_store *store = open_store();
    struct mv_aggregate_head heads[4];

    memset(text, 'x', sizeof text - 1);
    memset(other, 'x', sizeof other - 1);
    other[sizeof other - 2] = 'y'; /* the same as far as an index sees */
    heads[0] = head_of("'); DROP TABLE report; --", "?1 $1 @id@ \\ %s", 86400);
    heads[1] = head_of(text, text, 86400);
    heads[2] = head_of(text, other, 86400);
    heads[3] = head_of("h\xc3\xa4.example", "1", 86400);
    for (size_t i = 0; i < 8; i++) {
        heads[i / 2].policy.fo = MV_BYTES("0:1'\"");
        ck_assert_int_eq(deliver(store, &heads[i / 2], one_row, MV_TRUST_FILE), i % 2 == 0 ? MV_STORE_NEW : MV_STORE_SEEN);
    }
    ck_assert_uint_eq(sum_of(store, text, MV_TRUST_NONE).reports, 2);
    ck_assert_uint_eq(sum_of(store, "'); DROP TABLE report; --", MV_TRUST_NONE).reports, 1);
    mv_report_store_close(&store);
}
END_TEST

/* What is no store is refused, and left as it is. */
START_TEST(test_refused)
{
    struct mv_report_store *store;
    struct mv_error error;
    char other[100];
    FILE *file;

    snprintf(other, sizeof other, "%s/missing.db", directory);
    ck_assert_int_eq(mv_report_store_open(other, MV_STORE_READ, &store, &error), MV_ERR_IO);
    ck_assert_ptr_null(store);
    snprintf(other, sizeof other, "%s/no/such/place/x.db", directory);
    ck_assert_int_eq(mv_report_store_open(other, MV_STORE_WRITE, &store, &error), MV_ERR_IO);
    snprintf(other, sizeof other, "%s/text", directory);
    file = fopen(other, "wbe");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", file);
    fclose(file);
    ck_assert_int_eq(mv_report_store_open(other, MV_STORE_WRITE, &store, &error), MV_ERR_IO);
    ck_assert_int_eq(mv_report_store_open("/", MV_STORE_WRITE, &store, &error), MV_ERR_IO);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_once,     test_query, test_round_trip, test_reader,
                                  test_delivery, test_kinds, test_overview,   test_purge,      test_version_1,
                                  test_hostile,  test_refused};
    static const char *const files[] = {"below/reports.db", "below/reports.db-wal", "below/reports.db-shm", "below",
                                        "one.db", "one.db-wal", "one.db-shm", "text"};
    int result;

    if (mkdtemp(directory) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/below/reports.db", directory);
    if (getenv("MV_TEST_STORE") != NULL)
        place = getenv("MV_TEST_STORE");
    result = unit_run("report_store", tests, sizeof tests / sizeof *tests);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char name[100];

        snprintf(name, sizeof name, "%s/%s", directory, files[i]);
        if (unlink(name) != 0)
            rmdir(name);
    }
    rmdir(directory);
    return result;
}
