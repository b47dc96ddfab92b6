/* Lists of findings. */
#include <stdio.h>
#include <string.h>

#include "core/ops/finding.h"
#include "tests/unit/unit.h"

static const struct mv_finding_kind note = {"x-note", MV_SEVERITY_NOTE, "", "Good to know."};
static const struct mv_finding_kind warning = {"x-warning", MV_SEVERITY_WARNING, "RFC 1 2", "Works today."};
static const struct mv_finding_kind fault = {"x-error", MV_SEVERITY_ERROR, "RFC 1 3", "Mail is refused."};

START_TEST(test_list)
{
    struct mv_arena *arena = mv_arena_new(1 << 20);
    struct mv_findings *findings = mv_findings_new(arena);
    char subject[] = "example.org";
    enum mv_severity worst;

    ck_assert(!mv_findings_worst(findings, &worst));
    mv_findings_suggest(findings, MV_BYTES("a"), "TXT", MV_BYTES("b")); /* of nothing */
    mv_findings_add(findings, &note, MV_BYTES("a.example"), "%d of %d", 1, 2);
    mv_findings_add(findings, &warning, mv_bytes_str(subject), "%s", "");
    mv_findings_suggest(findings, mv_bytes_str(subject), "TXT", MV_BYTES("v=spf1 -all"));
    subject[0] = '?';
    ck_assert_uint_eq(mv_findings_count(findings), 2);
    ck_assert(mv_bytes_equal(mv_findings_at(findings, 0)->detail, MV_BYTES("1 of 2")));
    ck_assert_uint_eq(mv_findings_at(findings, 0)->record.len, 0);
    ck_assert(mv_bytes_equal(mv_findings_at(findings, 1)->subject, MV_BYTES("example.org")));
    ck_assert(mv_bytes_equal(mv_findings_at(findings, 1)->record_name, MV_BYTES("example.org")));
    ck_assert(mv_bytes_equal(mv_findings_at(findings, 1)->record, MV_BYTES("v=spf1 -all")));
    ck_assert_ptr_null(mv_findings_at(findings, 2));
    ck_assert(mv_findings_worst(findings, &worst) && worst == MV_SEVERITY_WARNING);
    ck_assert(mv_findings_have(findings, "x-note", MV_BYTES("")));
    ck_assert(mv_findings_have(findings, "x-note", MV_BYTES("a.example")));
    ck_assert(!mv_findings_have(findings, "x-note", MV_BYTES("example.org")));
    ck_assert(!mv_findings_have(findings, "x-error", MV_BYTES("")));
    mv_findings_add(findings, &fault, MV_BYTES(""), "%s", "");
    ck_assert(mv_findings_worst(findings, &worst) && worst == MV_SEVERITY_ERROR);
    ck_assert(!mv_findings_failed(findings));
    mv_arena_free(&arena);
}
END_TEST

/* What is past the limit is counted, and gives its record to nobody. */
START_TEST(test_limit)
{
    struct mv_arena *arena = mv_arena_new(1 << 20);
    struct mv_findings *findings = mv_findings_new(arena);

    for (size_t i = 0; i < MV_FINDINGS_MAX; i++)
        mv_findings_add(findings, &note, MV_BYTES("a.example"), "%zu", i);
    ck_assert_uint_eq(mv_findings_dropped(findings), 0);
    mv_findings_add(findings, &fault, MV_BYTES("a.example"), "%s", "one more");
    mv_findings_suggest(findings, MV_BYTES("a.example"), "TXT", MV_BYTES("text"));
    ck_assert_uint_eq(mv_findings_count(findings), MV_FINDINGS_MAX);
    ck_assert_uint_eq(mv_findings_dropped(findings), 1);
    ck_assert_uint_eq(mv_findings_at(findings, MV_FINDINGS_MAX - 1)->record.len, 0);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_arena *arena = mv_arena_new(4096);
    struct mv_findings *findings = mv_findings_new(arena);

    for (size_t i = 0; i < 100; i++)
        mv_findings_add(findings, &note, MV_BYTES("a.example"), "%0100zu", i);
    ck_assert(mv_findings_failed(findings));
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_list, test_limit, test_no_memory};

    return unit_run("finding", tests, sizeof tests / sizeof *tests);
}
