/*
 * Who sends in the name of a domain, and what fails, on the terminal and as JSON.
 */
#ifndef MV_CLI_REPORT_SHOW_H
#define MV_CLI_REPORT_SHOW_H

#include <jansson.h>

#include "cli/report/gather.h"
#include "core/ops/stage_senders.h"

struct mv_report_picture {
    struct mv_bytes domain;
    unsigned days;
    struct mv_report_gathered gathered;
    const struct mv_evidence_totals *totals;
    const struct mv_evidence_source *sources;
    size_t source_count;
    const struct mv_stage_sender *senders; /* those with failing mail, most first */
    size_t sender_count;
};

bool mv_report_show(const struct mv_report_picture *picture);
/* NULL without memory. */
json_t *mv_report_json(const struct mv_report_picture *picture);
/* Failing messages of senders that look legitimate and are not mended. */
uint64_t mv_report_legitimate(const struct mv_report_picture *picture);

#endif
