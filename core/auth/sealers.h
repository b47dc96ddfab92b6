/*
 * Whether a message that fails DMARC here was seen to pass by a sealer that the
 * operator trusts ([policy] trusted_sealers).
 *
 * ARC proves who sealed, not that he is honest.  So a chain softens a failure
 * only when [ours; RFC 8617 leaves it to the receiver, 7.2]
 *
 *   - it passes (core/arc/verify.h), and its newest message signature signs From,
 *   - the newest sealer is trusted; of the trusted ones in a row below it, the
 *     oldest is the witness: what came before him he saw himself,
 *   - the witness says dmarc=pass for the very Author Domain; or he says nothing
 *     of DMARC for it (or "none"), but dkim=pass or spf=pass for a domain that is aligned with it.
 *
 * Aligned is here: within the Organizational Domain of the author, or, when the
 * author's record asks for strict alignment, the same domain.  No walk is made
 * for what the witness names.
 */
#ifndef MV_AUTH_SEALERS_H
#define MV_AUTH_SEALERS_H

#include "core/auth/verdict.h"

enum mv_testimony {
    MV_TESTIMONY_NONE = 0,
    MV_TESTIMONY_LATER, /* there would be one, but keys of the chain could not be asked for: try again */
    MV_TESTIMONY_PASS
};

struct mv_witness {
    struct mv_bytes domain; /* the sealer, normalised */
    size_t instance;
    const char *method;     /* "dmarc", "dkim" or "spf": what he saw pass */
};

/*
 * From the chain and the author of a verdict. *witness_r is set unless there is no testimony.
 * MV_OK, MV_ERR_MEMORY.
 */
enum mv_code mv_sealers_testify(struct mv_arena *arena, const struct mv_config_list *trusted,
                                const struct mv_verdict *verdict, enum mv_testimony *testimony_r,
                                struct mv_witness *witness_r);

#endif
