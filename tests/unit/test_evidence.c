/* Rows of reports, gathered by address. */
#include "core/ops/evidence.h"

#include <stdio.h>

#include "tests/unit/stage_rows.h"
#include "tests/unit/unit.h"

#define AT(day) (STAGE_ROWS_BEGIN + (int64_t)(day)*MV_DAY_SECS)

static struct mv_evidence *gather(struct mv_arena *arena, int64_t now_secs, const char *const *lines)
{
    struct mv_evidence *evidence = mv_evidence_new(arena, MV_BYTES("firm.example"), now_secs, 30);

    for (size_t i = 0; lines[i] != NULL; i++)
        stage_rows_add(evidence, lines[i]);
    return evidence;
}

START_TEST(test_totals)
{
    static const char *const lines[] = {
        "9 192.0.2.1 1000 firm.example spf dkim",    /* before the window */
        "10 192.0.2.1 10 firm.example spf dkim",
        "10 192.0.2.1 5 FIRM.example spf",
        "11 192.0.2.2 3 firm.example bounce=x.example",
        "12 192.0.2.2 4 a.b.firm.example hit list",
        "12 192.0.2.3 100 other.example",            /* another domain */
        "12 192.0.2.3 100 notfirm.example",
        "41 192.0.2.3 7 firm.example",               /* after now */
        NULL,
    };
    struct mv_arena *arena = mv_arena_new(1 << 24);
    struct mv_evidence *evidence = gather(arena, AT(40), lines);
    const struct mv_evidence_totals *totals = mv_evidence_totals(evidence);
    struct mv_evidence_source *sources;
    size_t count;

    ck_assert_uint_eq(totals->messages, 22);
    ck_assert_uint_eq(totals->passed, 15);
    ck_assert_uint_eq(totals->failed, 7);
    ck_assert_uint_eq(totals->spf_only, 5);
    ck_assert_uint_eq(totals->days, 3);
    ck_assert_int_eq(totals->last_secs, AT(13) - 1);
    sources = mv_evidence_sources(evidence, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(sources[0].failed[MV_EVIDENCE_OWN], 3);
    ck_assert_uint_eq(sources[0].failed[MV_EVIDENCE_BELOW], 4);
    ck_assert_uint_eq(sources[0].hit, 4);
    ck_assert_uint_eq(sources[0].forwarded, 4);
    ck_assert_uint_eq(sources[0].days, 2);
    ck_assert_int_eq(sources[0].last_failed_secs, AT(13) - 1);
    ck_assert_int_eq(sources[0].last_passed_secs, 0);
    ck_assert(mv_bytes_equal(sources[0].spf_domain, MV_BYTES("x.example")));
    ck_assert_uint_eq(sources[1].messages, 15);
    stage_rows_add(evidence, "13 192.0.2.1 1 firm.example spf"); /* the table is whole after sorting */
    mv_evidence_sources(evidence, &count);
    ck_assert_uint_eq(count, 2);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_signers)
{
    static const char *const lines[] = {
        "30 192.0.2.2 3 firm.example dkim=letters.example by=a",
        "30 192.0.2.2 3 firm.example broken=firm.example by=b",
        "31 192.0.2.2 3 firm.example broken=other.example broken=mail.firm.example by=b",
        "31 192.0.2.3 3 firm.example broken=other.example",
        NULL,
    };
    struct mv_arena *arena = mv_arena_new(1 << 24);
    struct mv_evidence *evidence = gather(arena, AT(40), lines);
    struct mv_evidence_source *sources;
    size_t count;

    sources = mv_evidence_sources(evidence, &count);
    ck_assert(mv_bytes_equal(sources[0].signer, MV_BYTES("letters.example")));
    ck_assert(mv_bytes_equal(sources[0].own_signer, MV_BYTES("firm.example")));
    ck_assert(mv_bytes_equal(sources[0].own_selector, MV_BYTES("sel")));
    ck_assert_uint_eq(sources[0].reporters, 2);
    ck_assert_uint_eq(sources[1].signer.len, 0);
    ck_assert_uint_eq(sources[1].own_signer.len, 0);
    mv_arena_free(&arena);
}
END_TEST

/* Since when the present step is seen; p=1: none, 2: quarantine with t=y, 6: the reporter does not say. */
START_TEST(test_since)
{
    static const struct {
        const char *name;
        const char *lines[6];
        enum mv_stage_step step;
        int64_t since;
        unsigned days;
    } rows[] = {
        {"all of one", {"3 192.0.2.1 1 firm.example p=1", "5 192.0.2.1 1 firm.example p=1"}, MV_STAGE_MONITOR, AT(4) - 1, 2},
        {"another since", {"3 192.0.2.1 1 firm.example p=1", "5 192.0.2.1 1 firm.example p=2"}, MV_STAGE_QUARANTINE_TEST, AT(6) - 1, 1},
        {"not yet seen", {"3 192.0.2.1 1 firm.example p=1"}, MV_STAGE_QUARANTINE_TEST, 0, 0},
        {"gone again", {"3 192.0.2.1 1 firm.example p=2", "5 192.0.2.1 1 firm.example p=1", "7 192.0.2.1 1 firm.example p=2"},
         MV_STAGE_QUARANTINE_TEST, AT(8) - 1, 1},
        {"both on one day", {"3 192.0.2.1 1 firm.example p=2", "4 192.0.2.1 1 firm.example p=1", "4 192.0.2.1 1 firm.example p=2",
          "5 192.0.2.1 1 firm.example p=2"}, MV_STAGE_QUARANTINE_TEST, AT(6) - 1, 1},
        {"who does not say", {"3 192.0.2.1 1 firm.example p=2", "4 192.0.2.1 1 firm.example p=6", "5 192.0.2.1 1 firm.example p=2"},
         MV_STAGE_QUARANTINE_TEST, AT(4) - 1, 2},
        {"after now", {"3 192.0.2.1 1 firm.example p=2", "50 192.0.2.1 1 firm.example p=1"}, MV_STAGE_QUARANTINE_TEST, AT(4) - 1, 1},
        {"no report", {NULL}, MV_STAGE_MONITOR, 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_arena *arena = mv_arena_new(1 << 24);
        struct mv_evidence *evidence = gather(arena, AT(40), rows[i].lines);
        unsigned days;

        ck_assert_msg(mv_evidence_since(evidence, rows[i].step, &days) == rows[i].since, "%s", rows[i].name);
        ck_assert_msg(days == rows[i].days, "%s: %u days", rows[i].name, days);
        mv_arena_free(&arena);
    }
}
END_TEST

/* Past the limit of addresses nothing is lost from the totals. */
START_TEST(test_limit)
{
    struct mv_arena *arena = mv_arena_new(1 << 28);
    struct mv_evidence *evidence = mv_evidence_new(arena, MV_BYTES("firm.example"), AT(40), 30);
    char line[128];
    size_t count;

    for (unsigned i = 0; i < MV_EVIDENCE_MAX_SOURCES + 10; i++) {
        snprintf(line, sizeof line, "30 2001:db8::%x:%x 1 firm.example", i >> 16, i & 0xffff);
        stage_rows_add(evidence, line);
    }
    mv_evidence_sources(evidence, &count);
    ck_assert_uint_eq(count, MV_EVIDENCE_MAX_SOURCES);
    ck_assert_uint_eq(mv_evidence_totals(evidence)->unlisted, 10);
    ck_assert_uint_eq(mv_evidence_totals(evidence)->failed, MV_EVIDENCE_MAX_SOURCES + 10);
    mv_arena_free(&arena);
}
END_TEST

/* Reports may claim more mail than there is in the world. */
START_TEST(test_many)
{
    struct mv_arena *arena = mv_arena_new(1 << 24);
    struct mv_evidence *evidence = mv_evidence_new(arena, MV_BYTES("firm.example"), AT(40), 30);
    const struct mv_evidence_totals *totals = mv_evidence_totals(evidence);
    struct mv_evidence_row row = {.source = {.family = MV_IP_V4}, .begin_secs = AT(30), .end_secs = AT(31) - 1,
                                  .header_from = MV_BYTES("firm.example"), .disposition = MV_DMARC_P_REJECT};
    struct mv_evidence_source *sources;
    size_t count;

    for (unsigned i = 0; i < 10; i++) {
        row.source.octets[3] = (unsigned char)(i % 3);
        row.count = i == 0 ? 7 : UINT64_MAX / 5;
        row.spf_aligned = i % 2 == 1;
        ck_assert_int_eq(mv_evidence_add(evidence, &row), MV_OK);
    }
    ck_assert_uint_eq(totals->messages, MV_EVIDENCE_MAX_MESSAGES);
    ck_assert_uint_eq(totals->passed + totals->failed, totals->messages);
    sources = mv_evidence_sources(evidence, &count);
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(sources[0].messages + sources[1].messages + sources[2].messages, totals->messages);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_arena *arena = mv_arena_new(1 << 19);
    struct mv_evidence *evidence = mv_evidence_new(arena, MV_BYTES("firm.example"), AT(40), 30);
    struct mv_evidence_row row = {.source = {.family = MV_IP_V4}, .count = 1, .begin_secs = AT(30), .end_secs = AT(31) - 1,
                                  .header_from = MV_BYTES("firm.example")};
    enum mv_code code = MV_OK;

    for (unsigned i = 0; i < 10000 && code == MV_OK; i++) {
        row.source.octets[2] = (unsigned char)(i >> 8);
        row.source.octets[3] = (unsigned char)i;
        code = mv_evidence_add(evidence, &row);
    }
    ck_assert_int_eq(code, MV_ERR_MEMORY);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_totals, test_signers, test_since, test_limit, test_many, test_no_memory};

    return unit_run("evidence", tests, sizeof tests / sizeof *tests);
}
