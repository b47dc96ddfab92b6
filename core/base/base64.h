/*
 * Base64 of RFC 4648 section 4.
 *
 * The decoder is strict but for folding white space, which it skips, as the
 * DKIM tag lists allow (RFC 6376 2.10): padding must be right and last, and the
 * unused bits of the last character must be zero.
 */
#ifndef MV_BASE_BASE64_H
#define MV_BASE_BASE64_H

#include "core/base/buf.h"

/* Appends the decoded octets; false on bad input (what was appended is then undefined). */
bool mv_base64_decode(struct mv_bytes text, struct mv_buf *out);
/* Appends without line breaks. */
void mv_base64_encode(struct mv_bytes octets, struct mv_buf *out);

#endif
