/*
 * What the identifiers come to, once a record applies (RFC 9989 5.3.4 to 5.3.6):
 * pass, fail or temperror.  The order of decisions is in evaluate.h.
 */
#ifndef MV_DMARC_JUDGE_H
#define MV_DMARC_JUDGE_H

#include "core/dmarc/align.h"

/* The identifiers that are looked at. */
size_t mv_dmarc_identifier_count(const struct mv_dmarc_input *input);

/*
 * Fills code, reason, section and what is aligned; a reason of NULL means that memory ran out.
 * MV_NEED_DNS: a walk is not finished, or the result hangs on a PENDING identifier.
 */
enum mv_code mv_dmarc_judge(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_input *input,
                            struct mv_dmarc_result *result);

#endif
