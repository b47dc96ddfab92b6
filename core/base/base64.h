/*
 * Base64 of RFC 4648 section 4.
 *
 * The decoder is strict but for folding white space, which it skips, as the
 * DKIM tag lists allow (RFC 6376 2.10): padding must be right and last, and the
 * unused bits of the last character must be zero.
 */
#ifndef MV_BASE_BASE64_H
#define MV_BASE_BASE64_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"

/* Appends the decoded octets; false on bad input, and when the buffer failed. */
bool mv_base64_decode(struct mv_bytes text, struct mv_buf *out);
/* The octets in the arena. MV_ERR_SYNTAX on bad input and on more than max_octets; MV_ERR_MEMORY. */
enum mv_code mv_base64_decode_in(struct mv_arena *arena, struct mv_bytes text, size_t max_octets,
                                 struct mv_bytes *octets_r);
/* Appends without line breaks. */
void mv_base64_encode(struct mv_bytes octets, struct mv_buf *out);

#endif
