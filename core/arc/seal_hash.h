/*
 * What the ARC-Seals of a chain sign (RFC 8617 5.1.1): for seal n the sets 1 to
 * n in rising order, in each of them results, message signature and seal, all
 * relaxed; the value of b= in seal n left out, and its final CRLF.
 *
 * All of them in one pass over the fields, however many seals there are.
 */
#ifndef MV_ARC_SEAL_HASH_H
#define MV_ARC_SEAL_HASH_H

#include "core/arc/set.h"
#include "core/crypto/digest.h"

/*
 * hashes_r[i] is what the seal of sets[i] signs.  No field of the sets may be NULL.
 * scratch is reused: whatever is in it is lost.  MV_OK, MV_ERR_MEMORY, MV_ERR_CRYPTO.
 */
enum mv_code mv_arc_seal_hashes(const struct mv_arc_set *sets, size_t count, struct mv_buf *scratch,
                                unsigned char (*hashes_r)[MV_SHA256_BYTES]);

#endif
