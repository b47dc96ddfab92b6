/*
 * The inner loops of relaxed body canonicalisation (RFC 6376 3.4.4), one set
 * for each kind of CPU.  Internal to core/dkim; the tests run every set.
 *
 * All of them work on whole blocks of MV_CANON_BLOCK_BYTES of text and may read
 * MV_CANON_AHEAD_BYTES past the last one: whether white space is kept depends on
 * the two octets after it.
 */
#ifndef MV_DKIM_CANON_SCAN_H
#define MV_DKIM_CANON_SCAN_H

#include <stddef.h>

#include "core/dkim/canon.h"

#define MV_CANON_BLOCK_BYTES 64
#define MV_CANON_AHEAD_BYTES 2

struct mv_canon_scan {
    const char *name;
    /*
     * How many blocks from the first on are the same in canonical form.  May
     * stop early at a block that only looks as if it had to change.
     */
    size_t (*clean_blocks)(const unsigned char *in, size_t blocks);
    /*
     * Writes the blocks to out with each run of white space as one SP, and
     * without white space before CRLF.  Returns the octets written; out has room for
     * the size of the input and may be written to up to there.
     */
    size_t (*squeeze)(const unsigned char *in, size_t blocks, unsigned char *out);
};

/* The fastest set that this CPU runs. */
const struct mv_canon_scan *mv_canon_scan_best(void);
/* All sets that this CPU runs, the fastest first; index past the last gives NULL. */
const struct mv_canon_scan *mv_canon_scan_at(size_t index);

/* Plain C, runs everywhere. */
extern const struct mv_canon_scan mv_canon_scan_plain;

/* mv_canon_body_new() with a set of loops of the caller's choice. */
struct mv_canon_body *mv_canon_body_new_with(struct mv_arena *arena, enum mv_canon canon,
                                             const struct mv_canon_scan *scan, mv_canon_sink *sink, void *context);

#endif
