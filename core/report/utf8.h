/*
 * A stream of bytes that becomes UTF-8: each byte that is part of no character
 * is replaced by "?".  And characters that may be shown, one by one.
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

/*
 * Bytes of the first character of text; 0 when it is not whole UTF-8, a control character (U+0080 to U+009F are some,
 * too), or U+FFFE or U+FFFF, which XML 1.0 2.2 does not have either.
 */
size_t mv_utf8_printable(struct mv_bytes text);

#endif
