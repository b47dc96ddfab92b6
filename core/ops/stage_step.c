#include "core/ops/stage_step.h"

enum mv_stage_step mv_stage_step_of(enum mv_dmarc_policy policy, bool test)
{
    switch (policy) {
    case MV_DMARC_NO_POLICY:
        return MV_STAGE_NOTHING;
    case MV_DMARC_P_NONE:
        return MV_STAGE_MONITOR;
    case MV_DMARC_P_QUARANTINE:
        return test ? MV_STAGE_QUARANTINE_TEST : MV_STAGE_QUARANTINE;
    case MV_DMARC_P_REJECT:
        break;
    }
    return test ? MV_STAGE_REJECT_TEST : MV_STAGE_REJECT;
}

const char *mv_stage_step_text(enum mv_stage_step step)
{
    static const char *const texts[MV_STAGE_STEPS] = {
        "nothing", "p=none", "p=quarantine; t=y; pct=0", "p=quarantine", "p=reject; t=y; pct=0", "p=reject",
    };

    return step < MV_STAGE_STEPS ? texts[step] : "";
}

static enum mv_dmarc_policy policy_of(enum mv_stage_step step)
{
    if (step >= MV_STAGE_REJECT_TEST)
        return MV_DMARC_P_REJECT;
    return step >= MV_STAGE_QUARANTINE_TEST ? MV_DMARC_P_QUARANTINE : MV_DMARC_P_NONE;
}

/* Tags that are not valid have no meaning to keep. */
static void drop_faults(struct mv_dmarc_record *record)
{
    if (record->sp.state == MV_DMARC_TAG_INVALID)
        record->sp.state = MV_DMARC_TAG_ABSENT;
    if (record->np.state == MV_DMARC_TAG_INVALID)
        record->np.state = MV_DMARC_TAG_ABSENT;
}

enum mv_code mv_stage_record(struct mv_arena *arena, const struct mv_dmarc_record *old, enum mv_stage_step step,
                             struct mv_bytes rua, struct mv_dmarc_record *record_r)
{
    struct mv_dmarc_record record = {.np = {MV_DMARC_TAG_VALID, MV_DMARC_P_REJECT}};
    struct mv_bytes text;
    struct mv_buf printed;
    enum mv_code code = MV_ERR_MEMORY;

    if (old != NULL)
        record = *old;
    drop_faults(&record);
    record.p = (struct mv_dmarc_request){MV_DMARC_TAG_VALID, policy_of(step)};
    record.test = step == MV_STAGE_QUARANTINE_TEST || step == MV_STAGE_REJECT_TEST;
    record.pct_present = record.test;
    record.pct = record.test ? 0 : 100;
    if (record.rua_count == 0 && rua.len > 0)
        record.rua[record.rua_count++] = rua;
    mv_buf_init(&printed, MV_DMARC_MAX_RECORD_BYTES);
    mv_dmarc_record_print(&record, &printed);
    if (mv_buf_failed(&printed))
        code = MV_ERR_LIMIT;
    else if (mv_arena_copy(arena, mv_buf_bytes(&printed), &text))
        code = mv_dmarc_record_parse(text, record_r) ? MV_OK : MV_ERR_LIMIT;
    mv_buf_free(&printed);
    return code;
}
