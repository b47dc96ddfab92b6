/*
 * How receivers with libspf2 and libopendmarc see the mail of a domain: mail from
 * hosts that may send for it, from one that may not, and with each MAIL FROM
 * domain, beside what we make of the same (core/ops/opinion.h).
 *
 * Run it when mv_deployment_check() is complete, until it does not return
 * MV_NEED_DNS, each time with an empty list.  Each run starts child processes.
 */
#ifndef MV_OPS_DEPLOYMENT_OPINION_H
#define MV_OPS_DEPLOYMENT_OPINION_H

#include "core/ops/deployment.h"
#include "core/ops/opinion.h"

#define MV_DEPLOYMENT_OPINION_IPS 4 /* addresses that may send which are tried, and one that nobody has */

/* A reason is found once, however many hosts it holds for. MV_OK, MV_NEED_DNS, MV_ERR_MEMORY. */
enum mv_code mv_deployment_opinion(const struct mv_opinion_asker *asker, const struct mv_deployment_request *request,
                                   const struct mv_deployment *seen, struct mv_findings *findings);

#endif
