/* Records that are built parse back to what was wanted, and lint clean. */
#include "core/ops/dmarc_build.h"

#include <string.h>

#include "core/ops/dmarc_lint.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *const policies[] = {NULL, "none", "quarantine", "reject"};
static const char *const yes_no[] = {NULL, "y", "n"};
static const char *const modes[] = {NULL, "r", "s"};
static const char *const psds[] = {NULL, "n", "u"};
static const char *const fos[] = {NULL, "0", "1", "d", "s", "1:d:s", "d:s", "s:0"};
static const char *const addresses[] = {"d@example.org",       "mailto:d@example.org", "d!x,y@example.org",
                                        "d/e?f#g%h@example.org", "d+r@b\xC3\xBC" "cher.example", "D@EXAMPLE.NET"};

static bool same_word(const char *want, const char *text_default, const char *is)
{
    return strcmp(want == NULL ? text_default : want, is) == 0;
}

static bool same_request(const char *want, struct mv_dmarc_request is)
{
    if (want == NULL)
        return is.state == MV_DMARC_TAG_ABSENT;
    return is.state == MV_DMARC_TAG_VALID && strcmp(want, mv_dmarc_policy_text(is.policy)) == 0;
}

static bool is_meant(const struct mv_dmarc_plan *plan, const struct mv_dmarc_record *record)
{
    return same_request(plan->p == NULL ? "none" : plan->p, record->p) && same_request(plan->sp, record->sp) &&
           same_request(plan->np, record->np) && same_word(plan->t, "n", record->test ? "y" : "n") &&
           same_word(plan->adkim, "r", record->strict_dkim ? "s" : "r") &&
           same_word(plan->aspf, "r", record->strict_spf ? "s" : "r") &&
           same_word(plan->psd, "u", record->psd == MV_DMARC_PSD_NO ? "n" : "u") && record->bad_tags == 0 &&
           record->rua_count == plan->rua_count && record->ruf_count == plan->ruf_count &&
           mv_bytes_equal(record->fo, mv_bytes_str(plan->fo));
}

/* What the plan asks for and nobody should, has a finding of its own; that is not the builder's fault. */
static bool is_wise(const struct mv_dmarc_plan *plan)
{
    enum mv_dmarc_policy p = MV_DMARC_P_NONE, sp, np;
    static const enum mv_dmarc_policy values[] = {MV_DMARC_NO_POLICY, MV_DMARC_P_NONE, MV_DMARC_P_QUARANTINE, MV_DMARC_P_REJECT};

    for (size_t i = 1; i < COUNT(policies); i++)
        p = plan->p != NULL && strcmp(plan->p, policies[i]) == 0 ? values[i] : p;
    sp = p;
    for (size_t i = 1; i < COUNT(policies); i++)
        sp = plan->sp != NULL && strcmp(plan->sp, policies[i]) == 0 ? values[i] : sp;
    np = sp;
    for (size_t i = 1; i < COUNT(policies); i++)
        np = plan->np != NULL && strcmp(plan->np, policies[i]) == 0 ? values[i] : np;
    if (sp < p || np < sp || (plan->fo != NULL && plan->ruf_count == 0) || plan->rua_count == 0)
        return false;
    return plan->t == NULL || strcmp(plan->t, "n") == 0 || np > MV_DMARC_P_NONE;
}

static const char *pick(const char *const *from, size_t count, unsigned *seed)
{
    *seed = *seed * 1103515245U + 12345U;
    return from[(*seed >> 16) % count];
}

/* Property: thousands of plans, each parses back and, where it is wise, has no warning. */
START_TEST(test_property)
{
    unsigned seed = 1;
    size_t wise = 0;

    for (size_t i = 0; i < 20000; i++) {
        struct mv_arena *arena = mv_arena_new(1 << 20);
        struct mv_findings *findings = mv_findings_new(arena);
        const char *rua[2] = {pick(addresses, COUNT(addresses), &seed), pick(addresses, COUNT(addresses), &seed)};
        const char *ruf[1] = {pick(addresses, COUNT(addresses), &seed)};
        struct mv_dmarc_plan plan = {.p = pick(policies, 4, &seed), .sp = pick(policies, 4, &seed), .np = pick(policies, 4, &seed),
                                     .psd = pick(psds, 3, &seed), .t = pick(yes_no, 3, &seed), .adkim = pick(modes, 3, &seed),
                                     .aspf = pick(modes, 3, &seed), .fo = pick(fos, COUNT(fos), &seed), .rua = rua,
                                     .rua_count = i % 3, .ruf = ruf, .ruf_count = i / 3 % 2};
        struct mv_error error = {MV_OK, ""};
        struct mv_dmarc_record record, again;
        enum mv_severity worst;

        ck_assert_msg(mv_dmarc_build(arena, &plan, &record, &error) == MV_OK, "%zu: %s", i, error.text);
        ck_assert_msg(is_meant(&plan, &record), "%zu: %.*s", i, (int)record.text.len, record.text.data);
        ck_assert(mv_dmarc_lint_record(arena, MV_BYTES("_dmarc.example.org"), record.text, findings, &again));
        ck_assert(mv_bytes_equal(again.text, record.text));
        if (!is_wise(&plan))
            goto next;
        wise++;
        if (mv_findings_worst(findings, &worst) && worst > MV_SEVERITY_NOTE)
            for (size_t j = 0; j < mv_findings_count(findings); j++)
                ck_assert_msg(mv_findings_at(findings, j)->kind->severity == MV_SEVERITY_NOTE, "%zu: %s: %.*s", i,
                              mv_findings_at(findings, j)->kind->id, (int)record.text.len, record.text.data);
    next:
        mv_arena_free(&arena);
    }
    ck_assert_uint_gt(wise, 500);
}
END_TEST

START_TEST(test_texts)
{
    const char *rua[] = {"d@example.org", "d!x@example.net"};
    const struct {
        struct mv_dmarc_plan plan;
        const char *text;
    } rows[] = {
        {{.p = NULL}, "v=DMARC1; p=none"},
        {{.p = "reject", .t = "y"}, "v=DMARC1; p=reject; t=y; pct=0"},
        {{.p = "reject", .t = "y", .without_pct = true}, "v=DMARC1; p=reject; t=y"},
        {{.p = "none", .t = "n", .adkim = "r", .aspf = "r", .psd = "u"}, "v=DMARC1; p=none"},
        {{.p = "none", .np = "reject", .rua = rua, .rua_count = 2},
         "v=DMARC1; p=none; np=reject; rua=mailto:d@example.org,mailto:d%21x@example.net"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 20);
        struct mv_dmarc_record record;
        struct mv_error error = {MV_OK, ""};

        ck_assert(mv_dmarc_build(arena, &rows[i].plan, &record, &error) == MV_OK);
        ck_assert_msg(mv_bytes_equal(record.text, mv_bytes_str(rows[i].text)), "%.*s", (int)record.text.len, record.text.data);
        mv_arena_free(&arena);
    }
}
END_TEST

/* What is no value of its tag, or would be more than one tag. */
START_TEST(test_refused)
{
    static const char *const bad[] = {
        "d",           "@example.org",         "d@",           "d@exa mple.org",        "d e@example.org", "mailto:d",
        "mailto:d@x!10m", "d@example.org;p=none", "x:y;z=1",      "d\n@example.org",       "",                "d@..",
    };
    const struct {
        struct mv_dmarc_plan plan;
        const char *says;
    } rows[] = {
        {{.p = "rejct"}, "p takes none, quarantine or reject, not 'rejct'"},
        {{.p = "none; sp=none"}, "p takes"},
        {{.p = ""}, "p takes"},
        {{.p = "none "}, "p takes"},
        {{.sp = "n"}, "sp takes"},
        {{.np = "\x1b[1m"}, "np takes none, quarantine or reject, not '\\x1b[1m'"},
        {{.psd = "yes"}, "psd takes"},
        {{.t = "1"}, "t takes y or n"},
        {{.adkim = "strict"}, "adkim takes r or s"},
        {{.aspf = "x"}, "aspf takes"},
        {{.fo = "0:1"}, "fo takes"},
        {{.fo = "1;x=1"}, "fo takes"},
    };
    struct mv_arena *arena = mv_arena_new(1 << 20);
    struct mv_dmarc_record record;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mv_error error = {MV_OK, ""};

        ck_assert_msg(mv_dmarc_build(arena, &rows[i].plan, &record, &error) == MV_ERR_SYNTAX, "row %zu", i);
        ck_assert_msg(strstr(error.text, rows[i].says) != NULL, "row %zu: %s", i, error.text);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct mv_dmarc_plan plan = {.rua = &bad[i], .rua_count = 1};
        struct mv_error error = {MV_OK, ""};

        ck_assert_msg(mv_dmarc_build(arena, &plan, &record, &error) == MV_ERR_SYNTAX, "%s", bad[i]);
    }
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_property, test_texts, test_refused};

    return unit_run("dmarc_build", tests, COUNT(tests));
}
