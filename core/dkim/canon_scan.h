/*
 * The inner loops of body canonicalisation (RFC 6376 3.4.3, 3.4.4), one set
 * for each kind of CPU.  Internal to core/dkim; the tests run every set.
 *
 * All of them work on whole blocks of MV_CANON_BLOCK_BYTES.
 */
#ifndef MV_DKIM_CANON_SCAN_H
#define MV_DKIM_CANON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/dkim/canon.h"

#define MV_CANON_BLOCK_BYTES 64

struct mv_canon_scan {
    const char *name;
    /*
     * Relaxed: how many blocks from the first on are the same in canonical
     * form.  May stop early at a block that only looks as if it had to change.
     * A block must follow the last one.
     */
    size_t (*clean_blocks)(const unsigned char *in, size_t blocks);
    /*
     * Relaxed: writes the blocks to out with each run of white space as one SP,
     * and without white space before CRLF; returns the octets written.  A
     * block must follow the last one, and out has room for one more block than goes in.
     */
    size_t (*squeeze)(const unsigned char *in, size_t blocks, unsigned char *out);
    /*
     * How many blocks before end are nothing but whole line ends (relaxed: and
     * white space).  One octet must stand before the first, and one at end.
     */
    size_t (*blank_blocks)(const unsigned char *end, size_t blocks, enum mv_canon canon);
};

/* All sets that this CPU runs, the fastest first; an index past the last gives NULL. */
const struct mv_canon_scan *mv_canon_scan_at(size_t index);

/* Plain C, runs everywhere. */
extern const struct mv_canon_scan mv_canon_scan_plain;
/* x86-64 only. */
extern const struct mv_canon_scan mv_canon_scan_sse2;
extern const struct mv_canon_scan mv_canon_scan_avx2;

/* mv_canon_body_new() with a set of loops of the caller's choice. */
struct mv_canon_body *mv_canon_body_new_with(struct mv_arena *arena, enum mv_canon canon,
                                             const struct mv_canon_scan *scan, mv_canon_sink *sink, void *context);

#endif
