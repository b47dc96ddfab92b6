/*
 * How far a domain is on its way to p=reject, and what is next: a pure function of
 * what is published, the evidence, the settings and the time.
 *
 * Rules that hold whatever is handed in:
 *   - One step at a time (stage_step.h), never two.
 *   - No step while more than threshold_per_mille of the window's mail comes from legitimate senders that fail and are
 *     not mended, whatever the time.
 *   - No step while as much mail comes from senders of which DNS alone says that they are mended.
 *   - No step without reports of the present one, on as many days as report_days says, nor before its waiting time
 *     is over.
 *   - The next record is the present one with another policy: nothing else that it says is lost.
 */
#ifndef MV_OPS_STAGE_H
#define MV_OPS_STAGE_H

#include "core/ops/stage_senders.h"

/* Waiting times: RFC 9989 7.4 wants a month of p=none and as long of p=quarantine; the tests are ours. */
#define MV_STAGE_MONITOR_DAYS 30
#define MV_STAGE_TEST_DAYS 7
#define MV_STAGE_QUARANTINE_DAYS 30
#define MV_STAGE_WINDOW_DAYS 30
#define MV_STAGE_STEADY_DAYS 5
#define MV_STAGE_QUIET_DAYS 7
#define MV_STAGE_THRESHOLD_PER_MILLE 1
#define MV_STAGE_REPORT_SHARE 2 /* reports on one day of so many of the waiting time */

struct mv_stage_settings {
    struct mv_bytes domain;
    unsigned wait_days[MV_STAGE_STEPS];
    unsigned threshold_per_mille;
    struct mv_bytes rua; /* a URI, for a record without one */
};

/* The defaults above. */
void mv_stage_settings_default(struct mv_stage_settings *settings_r);

enum mv_stage_verdict {
    MV_STAGE_START,       /* nothing is published: begin */
    MV_STAGE_NO_EVIDENCE, /* no report of the window: nothing can be said */
    MV_STAGE_FIX,         /* legitimate mail fails */
    MV_STAGE_WAIT,        /* all is well, and it is too early */
    MV_STAGE_GO,
    MV_STAGE_DONE
};

/* What a record would do to the failing mail of the window, but for that of senders that are mended. */
struct mv_stage_impact {
    uint64_t quarantined, rejected;               /* messages, at receivers of RFC 9989 */
    uint64_t legitimate;                          /* of both together: of senders that block, or are unproven */
    size_t senders;                               /* that lose any */
    uint64_t legacy_quarantined, legacy_rejected; /* at receivers of RFC 7489, at most */
};

struct mv_stage_input {
    const struct mv_dmarc_record *record; /* that applies, at the domain itself; NULL: none */
    int64_t since_secs;                   /* since when it stands there, as a person says; 0: as the reports show */
    int64_t now_secs;
    const struct mv_evidence *evidence;
    const struct mv_stage_sender *senders;
    size_t sender_count;
};

struct mv_stage_advice {
    enum mv_stage_verdict verdict;
    enum mv_stage_step step;
    int64_t since_secs;   /* 0: not known */
    int64_t until_secs;   /* WAIT: the earliest time of the next step; 0: not known */
    unsigned report_days; /* of this step */
    unsigned needed_days;
    uint64_t blocking; /* messages of legitimate senders that fail */
    uint64_t unproven; /* of senders that are mended in DNS alone */
    uint64_t mended;   /* of senders whose later mail passed */
    uint64_t forwarded, strange;
    bool has_next;
    enum mv_stage_step next;
    struct mv_dmarc_record next_record;
    struct mv_stage_impact next_impact;  /* of the next record */
    struct mv_stage_impact after_impact; /* of its policy without test */
    struct mv_stage_impact now_impact;   /* of the present record */
    bool relies_on_spf;                  /* next is p=reject, and mail passes by SPF alone (RFC 9989 7.4) */
    bool hurts_lists;                    /* next is p=reject, and mail comes through forwarders (RFC 9989 7.4) */
    bool open_below;                     /* sp asks for less than the next p, or the present one of the last step */
};

/* MV_ERR_MEMORY, MV_ERR_LIMIT. */
enum mv_code mv_stage_advise(struct mv_arena *arena, const struct mv_stage_input *input,
                             const struct mv_stage_settings *settings, struct mv_stage_advice *advice_r);

/* "start", "no-evidence", "fix", "wait", "go", "done" */
const char *mv_stage_verdict_text(enum mv_stage_verdict verdict);

#endif
