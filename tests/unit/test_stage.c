/* From nothing to p=reject: the next step, and when there is none. */
#include "core/ops/stage.h"

#include <string.h>

#include "tests/unit/stage_rows.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define AT(day) (STAGE_ROWS_BEGIN + (int64_t)(day)*MV_DAY_SECS)
#define RUA "; rua=mailto:d@firm.example"

struct scene {
    const char *name;
    const char *record;    /* NULL: none */
    unsigned days;         /* with reports of the step, from day 0 on */
    int now_day;
    uint64_t passed, failed; /* on each day; the failed are of one legitimate sender */
    enum mv_stage_verdict verdict;
    enum mv_stage_step step;
};

static const struct scene scenes[] = {
    {"nothing", NULL, 0, 10, 0, 0, MV_STAGE_START, MV_STAGE_NOTHING},
    {"a record of no use", "v=DMARC1; p=x", 0, 10, 0, 0, MV_STAGE_START, MV_STAGE_NOTHING},
    {"a bad policy with rua is p=none", "v=DMARC1; p=x" RUA, 0, 10, 0, 0, MV_STAGE_NO_EVIDENCE, MV_STAGE_MONITOR},
    {"no reports", "v=DMARC1; p=none" RUA, 0, 10, 0, 0, MV_STAGE_NO_EVIDENCE, MV_STAGE_MONITOR},
    {"too early", "v=DMARC1; p=none" RUA, 29, 30, 10, 0, MV_STAGE_WAIT, MV_STAGE_MONITOR},
    {"RFC 9989 7.4: a month of p=none", "v=DMARC1; p=none" RUA, 31, 31, 10, 0, MV_STAGE_GO, MV_STAGE_MONITOR},
    {"too few days with reports", "v=DMARC1; p=none" RUA, 14, 40, 10, 0, MV_STAGE_WAIT, MV_STAGE_MONITOR},
    {"legitimate mail fails", "v=DMARC1; p=none" RUA, 31, 31, 1000, 2, MV_STAGE_FIX, MV_STAGE_MONITOR},
    {"within the threshold", "v=DMARC1; p=none" RUA, 31, 31, 1999, 1, MV_STAGE_GO, MV_STAGE_MONITOR},
    {"a test", "v=DMARC1; p=quarantine; t=y; pct=0" RUA, 7, 7, 10, 0, MV_STAGE_WAIT, MV_STAGE_QUARANTINE_TEST},
    {"after the test", "v=DMARC1; p=quarantine; t=y; pct=0" RUA, 8, 8, 10, 0, MV_STAGE_GO, MV_STAGE_QUARANTINE_TEST},
    {"RFC 9989 7.4: as long of quarantine", "v=DMARC1; p=quarantine" RUA, 30, 30, 10, 0, MV_STAGE_WAIT, MV_STAGE_QUARANTINE},
    {"after quarantine", "v=DMARC1; p=quarantine" RUA, 31, 31, 10, 0, MV_STAGE_GO, MV_STAGE_QUARANTINE},
    {"a test of reject", "v=DMARC1; p=reject; t=y; pct=0" RUA, 8, 8, 10, 0, MV_STAGE_GO, MV_STAGE_REJECT_TEST},
    {"arrived", "v=DMARC1; p=reject" RUA, 3, 4, 10, 0, MV_STAGE_DONE, MV_STAGE_REJECT},
    {"arrived, and legitimate mail fails", "v=DMARC1; p=reject" RUA, 3, 4, 10, 5, MV_STAGE_FIX, MV_STAGE_REJECT},
    {"arrived, without reports", "v=DMARC1; p=reject" RUA, 0, 4, 0, 0, MV_STAGE_NO_EVIDENCE, MV_STAGE_REJECT},
};

static void add_row(struct mv_evidence *evidence, unsigned day, uint64_t count, bool passes, enum mv_stage_step step)
{
    struct mv_evidence_row row = {.source = {.family = MV_IP_V4, .octets = {192, 0, 2, passes ? 1 : 2}}, .count = count,
                                  .begin_secs = AT(day), .end_secs = AT(day + 1) - 1, .header_from = MV_BYTES("firm.example"),
                                  .dkim_aligned = passes, .spf_aligned = passes, .published = step};

    if (count > 0)
        ck_assert(mv_evidence_add(evidence, &row) == MV_OK);
}

/* One legitimate sender, as senders_find() would make it of such rows. */
static struct mv_stage_sender sender_of(uint64_t failed)
{
    return (struct mv_stage_sender){.kind = MV_SENDER_STEADY, .remedy = MV_REMEDY_FIND_OUT, .name = MV_BYTES("printer"),
                                    .failed = {failed, 0}, .blocks = true};
}

static enum mv_code advise(struct mv_arena *arena, const struct scene *scene, struct mv_stage_advice *advice_r)
{
    struct mv_stage_settings settings;
    struct mv_evidence *evidence = mv_evidence_new(arena, MV_BYTES("firm.example"), AT(scene->now_day), 30);
    struct mv_stage_sender sender;
    struct mv_dmarc_record record;
    struct mv_stage_input input = {.now_secs = AT(scene->now_day), .evidence = evidence, .senders = &sender};

    mv_stage_settings_default(&settings);
    settings.domain = MV_BYTES("firm.example");
    settings.rua = MV_BYTES("mailto:dmarc-reports@firm.example");
    for (unsigned day = 0; day < scene->days; day++) {
        add_row(evidence, day, scene->passed, true, scene->step);
        add_row(evidence, day, scene->failed, false, scene->step);
    }
    sender = sender_of(mv_evidence_totals(evidence)->failed);
    input.sender_count = scene->failed > 0 ? 1 : 0;
    if (scene->record != NULL) {
        ck_assert(mv_dmarc_record_parse(mv_bytes_str(scene->record), &record));
        input.record = &record;
    }
    return mv_stage_advise(arena, &input, &settings, advice_r);
}

START_TEST(test_scenes)
{
    for (size_t i = 0; i < COUNT(scenes); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 24);
        struct mv_stage_advice advice;

        ck_assert(advise(arena, &scenes[i], &advice) == MV_OK);
        ck_assert_msg(advice.verdict == scenes[i].verdict, "%s: %s", scenes[i].name, mv_stage_verdict_text(advice.verdict));
        ck_assert_msg(advice.step == scenes[i].step, "%s: %s", scenes[i].name, mv_stage_step_text(advice.step));
        ck_assert_msg(advice.has_next == (advice.step < MV_STAGE_REJECT), "%s", scenes[i].name);
        ck_assert_msg(!advice.has_next || advice.next == advice.step + 1, "%s", scenes[i].name);
        mv_arena_free(&arena);
    }
}
END_TEST

/* sp stays as it is, and that is said where it matters. */
START_TEST(test_open_below)
{
    static const struct {
        const char *record;
        bool open;
    } rows[] = {
        {"v=DMARC1; p=none; sp=none" RUA, true},
        {"v=DMARC1; p=none; sp=quarantine" RUA, false},
        {"v=DMARC1; p=reject; sp=quarantine" RUA, true},
        {"v=DMARC1; p=reject; np=none" RUA, false},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scene scene = {"", rows[i].record, 3, 10, 90, 0, MV_STAGE_WAIT, MV_STAGE_MONITOR};
        struct mv_arena *arena = mv_arena_new(1 << 24);
        struct mv_stage_advice advice;

        ck_assert(advise(arena, &scene, &advice) == MV_OK);
        ck_assert_msg(advice.open_below == rows[i].open, "%s", rows[i].record);
        mv_arena_free(&arena);
    }
}
END_TEST

/* What is mended in DNS alone stops nothing but the step. */
START_TEST(test_unproven)
{
    struct mv_arena *arena = mv_arena_new(1 << 24);
    struct mv_evidence *evidence = mv_evidence_new(arena, MV_BYTES("firm.example"), AT(40), 30);
    struct mv_stage_sender sender = sender_of(100);
    struct mv_stage_settings settings;
    struct mv_dmarc_record record;
    struct mv_stage_input input = {.record = &record, .now_secs = AT(40), .evidence = evidence, .senders = &sender, .sender_count = 1};
    struct mv_stage_advice advice;

    mv_stage_settings_default(&settings);
    ck_assert(mv_dmarc_record_parse(MV_BYTES("v=DMARC1; p=none" RUA), &record));
    for (unsigned day = 0; day < 40; day++)
        add_row(evidence, day, 100, true, MV_STAGE_MONITOR);
    sender.blocks = false;
    sender.unproven = true;
    sender.remedy = MV_REMEDY_WAIT;
    ck_assert(mv_stage_advise(arena, &input, &settings, &advice) == MV_OK);
    ck_assert_int_eq(advice.verdict, MV_STAGE_WAIT);
    ck_assert_uint_eq(advice.unproven, 100);
    ck_assert_uint_eq(advice.after_impact.quarantined, 100);
    sender.unproven = false;
    sender.remedy = MV_REMEDY_MENDED;
    ck_assert(mv_stage_advise(arena, &input, &settings, &advice) == MV_OK);
    ck_assert_int_eq(advice.verdict, MV_STAGE_GO);
    ck_assert_uint_eq(advice.after_impact.quarantined, 0);
    ck_assert_uint_eq(advice.mended, 100);
    mv_arena_free(&arena);
}
END_TEST

/* What the next record would have done: by t and pct to none, without them to all. */
START_TEST(test_impact)
{
    static const struct {
        const char *record;
        enum mv_stage_step step;
        uint64_t next_quarantined, next_rejected, after_quarantined, after_rejected, legacy_quarantined;
    } rows[] = {
        {"v=DMARC1; p=none" RUA, MV_STAGE_MONITOR, 0, 0, 100, 0, 0},
        {"v=DMARC1; p=quarantine; t=y; pct=0" RUA, MV_STAGE_QUARANTINE_TEST, 100, 0, 100, 0, 100},
        {"v=DMARC1; p=quarantine" RUA, MV_STAGE_QUARANTINE, 100, 0, 0, 100, 100},
        {"v=DMARC1; p=reject; t=y; pct=0" RUA, MV_STAGE_REJECT_TEST, 0, 100, 0, 100, 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scene scene = {"", rows[i].record, 10, 10, 90, 10, MV_STAGE_FIX, rows[i].step};
        struct mv_arena *arena = mv_arena_new(1 << 24);
        struct mv_stage_advice advice;

        ck_assert(advise(arena, &scene, &advice) == MV_OK);
        ck_assert_uint_eq(advice.next_impact.quarantined, rows[i].next_quarantined);
        ck_assert_uint_eq(advice.next_impact.rejected, rows[i].next_rejected);
        ck_assert_uint_eq(advice.next_impact.legacy_quarantined, rows[i].legacy_quarantined);
        ck_assert_uint_eq(advice.after_impact.quarantined, rows[i].after_quarantined);
        ck_assert_uint_eq(advice.after_impact.rejected, rows[i].after_rejected);
        ck_assert_uint_eq(advice.blocking, 100);
        ck_assert(!advice.open_below);
        mv_arena_free(&arena);
    }
}
END_TEST

/* The next record keeps what the old one says, and is read alike by both generations. */
START_TEST(test_records)
{
    static const struct {
        const char *old;
        enum mv_stage_step step;
        const char *text;
    } rows[] = {
        {NULL, MV_STAGE_MONITOR, "v=DMARC1; p=none; np=reject; rua=mailto:new@firm.example"},
        {"v=DMARC1; p=none", MV_STAGE_QUARANTINE_TEST, "v=DMARC1; p=quarantine; t=y; pct=0; rua=mailto:new@firm.example"},
        {"v=DMARC1; p=none; sp=none; adkim=s; fo=1; rua=mailto:a@firm.example; ruf=mailto:f@firm.example; x=1", MV_STAGE_QUARANTINE,
         "v=DMARC1; p=quarantine; sp=none; adkim=s; fo=1; rua=mailto:a@firm.example; ruf=mailto:f@firm.example"},
        {"v=DMARC1; p=quarantine; pct=20" RUA, MV_STAGE_REJECT_TEST, "v=DMARC1; p=reject; t=y; pct=0" RUA},
        {"v=DMARC1; p=reject; t=y; pct=0" RUA, MV_STAGE_REJECT, "v=DMARC1; p=reject" RUA},
        {"v=DMARC1; p=none; sp=x; np=y" RUA, MV_STAGE_MONITOR, "v=DMARC1; p=none" RUA},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 20);
        struct mv_dmarc_record old, record;

        ck_assert(rows[i].old == NULL || mv_dmarc_record_parse(mv_bytes_str(rows[i].old), &old));
        ck_assert(mv_stage_record(arena, rows[i].old == NULL ? NULL : &old, rows[i].step, MV_BYTES("mailto:new@firm.example"), &record) ==
                  MV_OK);
        ck_assert_msg(mv_bytes_equal(record.text, mv_bytes_str(rows[i].text)), "row %zu: %.*s", i, (int)record.text.len, record.text.data);
        ck_assert_int_eq(record.bad_tags, 0);
        ck_assert_int_eq(mv_stage_step_of(record.p.policy, record.test), rows[i].step);
        mv_arena_free(&arena);
    }
}
END_TEST

/* stage.h: the rules hold whatever is handed in. */
START_TEST(test_property)
{
    static const char *const records[] = {NULL, "v=DMARC1; p=none" RUA, "v=DMARC1; p=quarantine; t=y; pct=0" RUA,
                                          "v=DMARC1; p=quarantine" RUA, "v=DMARC1; p=reject; t=y" RUA, "v=DMARC1; p=reject" RUA};
    static const unsigned waits[] = {0, 30, 7, 30, 7, 0};
    unsigned seed = 7, went = 0;

    for (size_t i = 0; i < 5000; i++) {
        struct mv_arena *arena = mv_arena_new(1 << 24);
        struct mv_stage_advice advice;
        struct scene scene = {.name = ""};

        seed = seed * 1103515245U + 12345U;
        scene.step = (enum mv_stage_step)((seed >> 16) % MV_STAGE_STEPS);
        scene.record = records[scene.step];
        scene.days = (seed >> 19) % 60;
        scene.now_day = (int)((seed >> 8) % 80);
        scene.passed = (seed >> 5) % 3 * 500;
        scene.failed = (seed >> 7) % 3;
        ck_assert(advise(arena, &scene, &advice) == MV_OK);
        ck_assert_int_eq(advice.step, scene.step);
        if (advice.verdict == MV_STAGE_GO) {
            went++;
            ck_assert_uint_le(advice.blocking * 1000, (scene.passed + scene.failed) * scene.days);
            ck_assert_int_gt(advice.since_secs, 0);
            ck_assert_int_ge(AT(scene.now_day) - advice.since_secs, (int64_t)waits[scene.step] * MV_DAY_SECS);
            ck_assert_uint_ge(advice.report_days * MV_STAGE_REPORT_SHARE, waits[scene.step]);
            ck_assert_int_eq(advice.next, advice.step + 1);
        }
        mv_arena_free(&arena);
    }
    ck_assert_uint_gt(went, 50);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_scenes, test_open_below, test_unproven, test_impact, test_records, test_property};

    return unit_run("stage", tests, COUNT(tests));
}
