/*
 * xtext (RFC 3461 4): printable ASCII but "+" and "=", and "+HH" for every other byte, as XFORWARD and XCLIENT write
 * their values.
 */
#ifndef MV_LMTP_XTEXT_H
#define MV_LMTP_XTEXT_H

#include "core/base/buf.h"

/* false for a "+" without two hexadecimal digits, and for bytes that are no xtext. */
bool mv_xtext_decode(struct mv_bytes text, struct mv_buf *out);

#endif
