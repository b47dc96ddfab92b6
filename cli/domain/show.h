/*
 * What "mailvouch check" found, for people and as JSON.
 */
#ifndef MV_CLI_DOMAIN_SHOW_H
#define MV_CLI_DOMAIN_SHOW_H

#include <jansson.h>

#include "core/ops/deployment.h"

/* Of one domain. */
struct mv_check_result {
    const struct mv_deployment_request *request;
    struct mv_deployment seen;
    struct mv_findings *findings;
};

/* The domain, a few lines of what is there, then the findings. */
void mv_check_show(const struct mv_check_result *result);
/* NULL without memory. */
json_t *mv_check_json(const struct mv_check_result *result);

#endif
