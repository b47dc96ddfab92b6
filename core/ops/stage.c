#include "core/ops/stage.h"

#include "core/ops/dmarc_view.h"

void mv_stage_settings_default(struct mv_stage_settings *settings_r)
{
    *settings_r = (struct mv_stage_settings){
        .wait_days = {[MV_STAGE_MONITOR] = MV_STAGE_MONITOR_DAYS,
                      [MV_STAGE_QUARANTINE_TEST] = MV_STAGE_TEST_DAYS,
                      [MV_STAGE_QUARANTINE] = MV_STAGE_QUARANTINE_DAYS,
                      [MV_STAGE_REJECT_TEST] = MV_STAGE_TEST_DAYS},
        .threshold_per_mille = MV_STAGE_THRESHOLD_PER_MILLE,
    };
}

const char *mv_stage_verdict_text(enum mv_stage_verdict verdict)
{
    static const char *const texts[] = {"start", "no-evidence", "fix", "wait", "go", "done"};

    return verdict < sizeof texts / sizeof *texts ? texts[verdict] : "";
}

/* A record that no receiver can use counts as none; one that counts as p=none is that. */
static enum mv_stage_step step_of(const struct mv_dmarc_record *record)
{
    struct mv_dmarc_view view;

    if (record == NULL)
        return MV_STAGE_NOTHING;
    mv_dmarc_look(record, MV_DMARC_RFC9989, &view);
    if (!view.applies)
        return MV_STAGE_NOTHING;
    if (record->p.state != MV_DMARC_TAG_VALID || record->sp.state == MV_DMARC_TAG_INVALID ||
        record->np.state == MV_DMARC_TAG_INVALID)
        return MV_STAGE_MONITOR;
    return mv_stage_step_of(record->p.policy, record->test);
}

static void count_fate(enum mv_dmarc_policy policy, uint64_t messages, uint64_t *quarantined, uint64_t *rejected)
{
    if (policy == MV_DMARC_P_QUARANTINE)
        *quarantined += messages;
    if (policy == MV_DMARC_P_REJECT)
        *rejected += messages;
}

/* Names below the domain are taken to exist: np says nothing about those that send. */
static void measure(const struct mv_stage_input *input, const struct mv_dmarc_record *record,
                    struct mv_stage_impact *impact_r)
{
    static const enum mv_dmarc_author authors[MV_EVIDENCE_AUTHORS] = {MV_DMARC_OWN, MV_DMARC_BELOW};
    struct mv_dmarc_view now, then;

    *impact_r = (struct mv_stage_impact){.senders = 0};
    mv_dmarc_look(record, MV_DMARC_RFC9989, &now);
    mv_dmarc_look(record, MV_DMARC_RFC7489, &then);
    for (size_t i = 0; i < input->sender_count; i++) {
        const struct mv_stage_sender *sender = &input->senders[i];
        uint64_t before = impact_r->quarantined + impact_r->rejected;

        if (sender->remedy == MV_REMEDY_MENDED)
            continue;
        for (size_t a = 0; a < MV_EVIDENCE_AUTHORS; a++) {
            count_fate(now.fates[authors[a]].policy, sender->failed[a], &impact_r->quarantined, &impact_r->rejected);
            count_fate(mv_dmarc_fate_worst(then.fates[authors[a]]), sender->failed[a], &impact_r->legacy_quarantined,
                       &impact_r->legacy_rejected);
        }
        if (impact_r->quarantined + impact_r->rejected == before)
            continue;
        impact_r->senders++;
        impact_r->legitimate += sender->blocks || sender->unproven ? impact_r->quarantined + impact_r->rejected - before
                                                                   : 0;
    }
}

static void count_senders(const struct mv_stage_input *input, struct mv_stage_advice *advice)
{
    for (size_t i = 0; i < input->sender_count; i++) {
        const struct mv_stage_sender *sender = &input->senders[i];

        if (sender->blocks)
            advice->blocking += mv_stage_sender_failed(sender);
        if (sender->unproven)
            advice->unproven += mv_stage_sender_failed(sender);
        if (sender->remedy == MV_REMEDY_MENDED)
            advice->mended += mv_stage_sender_failed(sender);
        if (sender->kind == MV_SENDER_FORWARDER)
            advice->forwarded += mv_stage_sender_failed(sender);
        if (sender->kind == MV_SENDER_STRANGER)
            advice->strange += mv_stage_sender_failed(sender);
    }
}

static bool is_above_threshold(uint64_t failed, const struct mv_stage_settings *settings, uint64_t messages)
{
    return (double)failed * 1000 > (double)messages * settings->threshold_per_mille;
}

static void find_since(const struct mv_stage_input *input, struct mv_stage_advice *advice)
{
    advice->since_secs = mv_evidence_since(input->evidence, advice->step, &advice->report_days);
    if (input->since_secs > 0)
        advice->since_secs = input->since_secs;
}

static enum mv_stage_verdict judge(const struct mv_stage_input *input, const struct mv_stage_settings *settings,
                                   struct mv_stage_advice *advice)
{
    const struct mv_evidence_totals *totals = mv_evidence_totals(input->evidence);
    int64_t wait_secs = (int64_t)settings->wait_days[advice->step] * MV_DAY_SECS;

    if (advice->step == MV_STAGE_NOTHING)
        return MV_STAGE_START;
    if (totals->messages == 0)
        return MV_STAGE_NO_EVIDENCE;
    if (is_above_threshold(advice->blocking, settings, totals->messages))
        return MV_STAGE_FIX;
    if (advice->step == MV_STAGE_REJECT)
        return MV_STAGE_DONE;
    advice->needed_days = (settings->wait_days[advice->step] + MV_STAGE_REPORT_SHARE - 1) / MV_STAGE_REPORT_SHARE;
    if (advice->since_secs > 0)
        advice->until_secs = advice->since_secs + wait_secs;
    if (is_above_threshold(advice->blocking + advice->unproven, settings, totals->messages))
        return MV_STAGE_WAIT;
    if (advice->since_secs == 0 || advice->until_secs > input->now_secs || advice->report_days < advice->needed_days)
        return MV_STAGE_WAIT;
    return MV_STAGE_GO;
}

static enum mv_code look_ahead(struct mv_arena *arena, const struct mv_stage_input *input,
                               const struct mv_stage_settings *settings, struct mv_stage_advice *advice)
{
    struct mv_dmarc_record after;
    enum mv_code code;

    if (input->record != NULL)
        measure(input, input->record, &advice->now_impact);
    if (advice->step == MV_STAGE_REJECT)
        return MV_OK;
    advice->has_next = true;
    advice->next = advice->step + 1;
    code = mv_stage_record(arena, input->record, advice->next, settings->rua, &advice->next_record);
    if (code != MV_OK)
        return code;
    measure(input, &advice->next_record, &advice->next_impact);
    after = advice->next_record;
    after.test = false;
    after.pct = 100;
    measure(input, &after, &advice->after_impact);
    return MV_OK;
}

static bool is_open_below(const struct mv_dmarc_record *record)
{
    return record->sp.state == MV_DMARC_TAG_VALID && record->sp.policy < record->p.policy;
}

enum mv_code mv_stage_advise(struct mv_arena *arena, const struct mv_stage_input *input,
                             const struct mv_stage_settings *settings, struct mv_stage_advice *advice_r)
{
    const struct mv_evidence_totals *totals = mv_evidence_totals(input->evidence);
    enum mv_code code;

    *advice_r = (struct mv_stage_advice){.step = step_of(input->record)};
    count_senders(input, advice_r);
    find_since(input, advice_r);
    advice_r->verdict = judge(input, settings, advice_r);
    code = look_ahead(arena, input, settings, advice_r);
    if (code != MV_OK)
        return code;
    advice_r->relies_on_spf = advice_r->has_next && advice_r->next >= MV_STAGE_REJECT_TEST && totals->spf_only > 0;
    advice_r->hurts_lists = advice_r->has_next && advice_r->next >= MV_STAGE_REJECT_TEST && advice_r->forwarded > 0;
    advice_r->open_below = is_open_below(advice_r->has_next ? &advice_r->next_record : input->record);
    return MV_OK;
}
