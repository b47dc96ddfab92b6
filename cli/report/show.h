/*
 * Who sends in the name of a domain, and what fails, on the terminal and as JSON.
 */
#ifndef MV_CLI_REPORT_SHOW_H
#define MV_CLI_REPORT_SHOW_H

#include <jansson.h>

#include "cli/report/gather.h"
#include "cli/report/survey.h"

struct mv_report_picture {
    const struct mv_report_survey *survey; /* judged */
    struct mv_report_gathered gathered;
};

bool mv_report_show(const struct mv_report_picture *picture);
/* NULL without memory. */
json_t *mv_report_json(const struct mv_report_picture *picture);

#endif
