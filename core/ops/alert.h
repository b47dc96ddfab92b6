/*
 * What is new and bad in the reports about a domain: the last days beside those before them.
 *
 * Pure.  Said for the first time is only what begins: a sender that fails and was not there before, or passed before;
 * a fall of the pass rate that no such sender explains; reports that stop.  What goes on is found as well, so
 * that it can be said again (core/ops/alert_memory.h), but does not begin.
 */
#ifndef MV_OPS_ALERT_H
#define MV_OPS_ALERT_H

#include "core/ops/stage_senders.h"

#define MV_ALERT_RECENT_DAYS 7
#define MV_ALERT_BASE_DAYS 28 /* before these */
#define MV_ALERT_THRESHOLD 10 /* failing messages of a sender that looks legitimate; default */
#define MV_ALERT_STRANGE 10   /* times as many, of one that does not */
#define MV_ALERT_USED_TO_PASS 10 /* messages that passed before, nine of ten, so that a failure is a change */
#define MV_ALERT_FEWEST_RECENT 50 /* messages, for a pass rate that means anything */
#define MV_ALERT_FEWEST_BASE 100
#define MV_ALERT_FALL_PER_MILLE 50
#define MV_ALERT_WAVE 3       /* times the failing mail of the weeks before: somebody forges */
#define MV_ALERT_QUIET_DAYS 3 /* without reports, where they came each day; longer where they came now and then */
#define MV_ALERT_FEWEST_REPORT_DAYS 10
#define MV_ALERT_MAX_WHO_BYTES 200
#define MV_ALERT_MAX_SENDERS 50 /* of one domain; those with most failing mail */

enum mv_alert_what {
    MV_ALERT_SENDER,    /* fails */
    MV_ALERT_STRANGERS, /* many small ones fail, together */
    MV_ALERT_RATE,      /* fell */
    MV_ALERT_SILENCE,   /* no reports */
    MV_ALERT_WHATS
};

struct mv_alert {
    enum mv_alert_what what;
    bool begins;          /* may be said for the first time */
    struct mv_bytes who;  /* SENDER: its name, escaped (mv_buf_put_escaped()) and cut; else empty */
    uint64_t size;        /* failing messages; RATE: per mille lost; SILENCE: days */
    const struct mv_stage_sender *sender; /* SENDER */
    bool used_to_pass;    /* SENDER: passed before; else it was not there, or failed before as well */
    size_t senders;       /* STRANGERS */
    unsigned recent_per_mille, base_per_mille; /* RATE */
    int64_t last_secs;    /* SILENCE: end of the last report */
};

struct mv_alert_input {
    struct mv_bytes domain;
    int64_t now_secs;
    uint64_t threshold;
    const struct mv_evidence_totals *recent, *base;
    const struct mv_stage_sender *senders; /* failing ones of the recent days, most failing first */
    size_t sender_count;
    const struct mv_evidence_source *base_sources;
    size_t base_source_count;
    bool (*was_told)(const void *to, const struct mv_alert *alert); /* some time before; NULL: nothing was */
    const void *to;
};

/* Senders first. What begins, or was told, explains a fall of the rate. MV_ERR_MEMORY. */
enum mv_code mv_alert_find(struct mv_arena *arena, const struct mv_alert_input *input, struct mv_alert **alerts_r,
                           size_t *count_r);
/* "sender", "strangers", "rate", "silence" */
const char *mv_alert_what_text(enum mv_alert_what what);

#endif
