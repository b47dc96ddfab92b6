/*
 * Why libspf2 or libopendmarc decides otherwise than we do: the known reasons.
 *
 * A reason is a kind of finding (core/ops/finding.h): its id is stable, and its
 * meaning is for the owner of the domain: what such receivers do, and what to
 * publish so that it does not matter.
 */
#ifndef MV_OPS_OPINION_REASON_H
#define MV_OPS_OPINION_REASON_H

#include "core/ops/finding.h"
#include "core/ops/opinion_wire.h"

#define MV_OPINION_MAX_REASONS 6

struct mv_opinion_reasons {
    const struct mv_finding_kind *items[MV_OPINION_MAX_REASONS];
    size_t count;
};

/*
 * Do they differ?  If so, reasons_r has at least one.  request is what they were given.
 * SPF: another result.  DMARC: another result, or another policy for what fails, or a policy for a share of it only.
 */
bool mv_opinion_spf_differs(const struct mv_opinion_request *request, const struct mv_spf_result *ours,
                            const struct mv_opinion_reply *theirs, struct mv_opinion_reasons *reasons_r);
bool mv_opinion_dmarc_differs(const struct mv_dmarc_input *input, const struct mv_dmarc_result *ours,
                              const struct mv_opinion_request *request, const struct mv_opinion_reply *theirs,
                              struct mv_opinion_reasons *reasons_r);

#endif
