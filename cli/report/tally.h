/*
 * Records of aggregate reports, counted by day and by reporter: a reader beside the evidence
 * (mv_report_gather.also), which takes the same records.
 */
#ifndef MV_CLI_REPORT_TALLY_H
#define MV_CLI_REPORT_TALLY_H

#include "core/report/page.h"
#include "core/report/store.h"

#define MV_TALLY_MAX_REPORTERS 2000 /* that are told apart; more count as one without a name */

struct mv_report_tally {
    struct mv_arena *arena;
    struct mv_bytes domain;
    int64_t now_secs;
    unsigned window_days; /* at most MV_PAGE_MAX_DAYS - 1 */

    uint64_t reports;               /* of the window */
    int64_t first_secs, last_secs;  /* of them; 0: none */
    int64_t first_day_secs;         /* 00:00 UTC of days[0] */
    struct mv_page_day days[MV_PAGE_MAX_DAYS];
    size_t day_count;
    struct mv_page_reporter *reporters;
    size_t reporter_count;
    struct mv_page_reporter *current; /* private */
};

void mv_report_tally_begin(struct mv_report_tally *tally);
struct mv_report_reader mv_report_tally_reader(struct mv_report_tally *tally);
/* Reporters with most messages first; a last day that has no mail yet is left out. */
void mv_report_tally_end(struct mv_report_tally *tally);

#endif
