/*
 * A stream of bytes that becomes UTF-8: each byte that is part of no character
 * is replaced by "?".
 */
#ifndef MV_REPORT_UTF8_H
#define MV_REPORT_UTF8_H

#include "core/base/bytes.h"

#define MV_UTF8_MAX_PENDING 3

/* Zero it to begin. */
struct mv_utf8 {
    unsigned char pending[MV_UTF8_MAX_PENDING]; /* a character whose end has not come */
    size_t pending_len;
};

/*
 * What is whole of the stream up to here: chunk itself where nothing is to be changed,
 * else a copy in room, which has chunk.len + MV_UTF8_MAX_PENDING bytes.  The start of a character at
 * the end of chunk comes with the next one; a stream that ends there has lost it.
 */
struct mv_bytes mv_utf8_clean(struct mv_utf8 *utf8, struct mv_bytes chunk, unsigned char *room, size_t *replaced_r);

#endif
