/*
 * Canonicalisation (RFC 6376 3.4) said again as whole-text replacements, word
 * for word after the RFC, without a thought for speed: what the machines of
 * core/dkim are compared with.
 */
#ifndef MV_TESTS_CANON_NAIVE_H
#define MV_TESTS_CANON_NAIVE_H

#include "core/dkim/canon.h"

/* The canonical body, appended. */
void canon_naive_body(enum mv_canon canon, struct mv_bytes body, struct mv_buf *out);
/* The canonical value of a relaxed header field: what follows the colon, without final CRLF. */
void canon_naive_value(struct mv_bytes value, struct mv_buf *out);

#endif
