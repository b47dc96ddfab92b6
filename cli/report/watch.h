/*
 * One domain of the store, the last days beside those before them: what core/ops/alert.h finds there.
 */
#ifndef MV_CLI_REPORT_WATCH_H
#define MV_CLI_REPORT_WATCH_H

#include "cli/report/survey.h"
#include "core/ops/alert_memory.h"
#include "core/report/store.h"

struct mv_report_watch {
    struct mv_report_survey survey; /* of the last days; lookup, domain, now_secs and listings are given */
    uint64_t threshold;
    bool no_dns;
    const struct mv_alert_memory *memory;

    struct mv_evidence *base;
    struct mv_alert *alerts;
    size_t count;
};

/* Reads the store, and asks DNS where something fails. Says what is wrong on stderr. */
enum mv_exit mv_report_watch_look(struct mv_report_watch *watch, struct mv_report_store *store);

#endif
