/*
 * The steps from no DMARC record to p=reject (RFC 9989 7.4), and the record of each.
 *
 *   nothing -> p=none -> p=quarantine; t=y; pct=0 -> p=quarantine -> p=reject; t=y; pct=0 -> p=reject
 *
 * The two with t=y are read alike by both generations of receivers: those of
 * RFC 9989 lower the policy because of t, those of RFC 7489 because of pct=0.
 */
#ifndef MV_OPS_STAGE_STEP_H
#define MV_OPS_STAGE_STEP_H

#include "core/base/arena.h"
#include "core/dmarc/record.h"

enum mv_stage_step {
    MV_STAGE_NOTHING = 0, /* no record, or one that no receiver can use */
    MV_STAGE_MONITOR,
    MV_STAGE_QUARANTINE_TEST,
    MV_STAGE_QUARANTINE,
    MV_STAGE_REJECT_TEST,
    MV_STAGE_REJECT,
    MV_STAGE_STEPS
};

/* Of a policy that applies. */
enum mv_stage_step mv_stage_step_of(enum mv_dmarc_policy policy, bool test);
/* "nothing", "p=none", "p=quarantine; t=y", ... */
const char *mv_stage_step_text(enum mv_stage_step step);

/*
 * The record of a step: what else the old one says stays, but for faults and pct. A first one has np=reject, since
 * names that do not exist send no honest mail.
 * old NULL: there is none. rua: where reports go when the old one has no address; as a URI.
 * MV_ERR_MEMORY, MV_ERR_LIMIT.
 */
enum mv_code mv_stage_record(struct mv_arena *arena, const struct mv_dmarc_record *old, enum mv_stage_step step,
                             struct mv_bytes rua, struct mv_dmarc_record *record_r);

#endif
