/*
 * Where a domain stands on its way to p=reject, for people and as JSON.
 */
#ifndef MV_CLI_DMARC_SHOW_STAGE_H
#define MV_CLI_DMARC_SHOW_STAGE_H

#include <jansson.h>

#include "cli/dmarc/reports.h"
#include "core/ops/stage.h"

struct mv_dmarc_stage {
    struct mv_bytes domain;
    struct mv_bytes name; /* of the record */
    struct mv_stage_settings settings;
    struct mv_stage_input input;
    struct mv_stage_advice advice;
    struct mv_dmarc_reports reports;
    unsigned window_days;
};

void mv_dmarc_show_stage(const struct mv_dmarc_stage *stage);
/* NULL without memory. */
json_t *mv_dmarc_json_stage(const struct mv_dmarc_stage *stage);

#endif
