/*
 * What is counted since the start, for all threads, and how it is told: Prometheus's text form (version 0.0.4).
 */
#ifndef MV_LMTP_STATS_H
#define MV_LMTP_STATS_H

#include <stdatomic.h>

#include "core/base/buf.h"

#define MV_STATS_MAX_BYTES 16384

enum mv_stat {
    MV_STAT_CONNECTIONS = 0,    /* accepted */
    MV_STAT_CONNECTIONS_OPEN,   /* now */
    MV_STAT_CONNECTIONS_REFUSED,
    MV_STAT_MESSAGES,           /* whose end was seen */
    MV_STAT_MESSAGE_BYTES,
    MV_STAT_RECIPIENTS_DELIVERED, /* by what they were told at the end of DATA */
    MV_STAT_RECIPIENTS_DEFERRED,
    MV_STAT_RECIPIENTS_REFUSED,
    MV_STAT_DMARC_PASS,
    MV_STAT_DMARC_FAIL,
    MV_STAT_DMARC_NONE,
    MV_STAT_DMARC_TEMPERROR,
    MV_STAT_DMARC_PERMERROR,
    MV_STAT_SKIPPED,            /* not to be judged */
    MV_STAT_ERRORS,             /* could not be judged: an error of ours */
    MV_STAT_QUARANTINED,
    MV_STAT_FIELDS_REMOVED,
    MV_STAT_HANDOVERS,          /* handed on with a Mailvouch-Result field */
    MV_STAT_MALFORMED,          /* refused for their line ends, or their size */
    MV_STAT_HOP_FAILURES,
    MV_STAT_SPOOL_FAILURES,
    MV_STAT_EVIDENCE_FAILURES,
    MV_STAT_DNS_QUESTIONS,
    MV_STAT_COUNT
};

struct mv_stats {
    _Atomic uint64_t values[MV_STAT_COUNT];
};

void mv_stats_add(struct mv_stats *stats, enum mv_stat stat, int64_t n);
uint64_t mv_stats_get(struct mv_stats *stats, enum mv_stat stat);
void mv_stats_put_prometheus(struct mv_stats *stats, struct mv_buf *out);
/* "connections=3 ...", for the log. */
void mv_stats_put_line(struct mv_stats *stats, struct mv_buf *out);

#endif
