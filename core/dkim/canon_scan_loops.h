/*
 * The loops of struct mv_canon_scan over the operations of one kind of
 * register.  Included once by a file that has defined these, each of them on
 * the block at `at`, inline:
 *
 *   bool is_clean(at)            nothing in it changes; false when in doubt
 *   bool is_blank(at, canon)     see blank_blocks
 *   uint64_t dropped(at)         bit i: octet i is not in the canonical form
 *   void copy_block(in, out)     HTABs become SP
 *   size_t pack_block(in, dropped, out)   copies what is not dropped, in equal time for any number of runs
 *   FEW_RUNS                     a block with more runs of dropped octets is packed
 */
#ifndef MV_DKIM_CANON_SCAN_LOOPS_H
#define MV_DKIM_CANON_SCAN_LOOPS_H

#include "core/dkim/canon_scan.h"

/*
 * The hash that runs between two slices reads slowly enough to hide main
 * memory; these loops do not.  So they ask for what they will read after it. What is
 * asked for past the end does no harm.
 */
#define READ_AHEAD_BYTES (8 * 1024)

static inline void read_ahead(const unsigned char *at)
{
    __builtin_prefetch((const void *)((uintptr_t)at + READ_AHEAD_BYTES));
}

static size_t clean_blocks(const unsigned char *in, size_t blocks)
{
    size_t n = 0;

    while (n < blocks && is_clean(in + n * MV_CANON_BLOCK_BYTES)) {
        read_ahead(in + n * MV_CANON_BLOCK_BYTES);
        n++;
    }
    return n;
}

static size_t blank_blocks(const unsigned char *end, size_t blocks, enum mv_canon canon)
{
    size_t n = 0;

    while (n < blocks && is_blank(end - (n + 1) * MV_CANON_BLOCK_BYTES, canon))
        n++;
    return n;
}

/* What follows a run is copied again, to where the run began. */
static inline size_t close_runs(const unsigned char *in, uint64_t drop, unsigned char *out)
{
    size_t closed = 0;

    copy_block(in, out);
    while (drop != 0) {
        size_t start = (size_t)__builtin_ctzll(drop);
        uint64_t kept = ~(drop >> start);
        size_t run = kept == 0 ? MV_CANON_BLOCK_BYTES : (size_t)__builtin_ctzll(kept);

        copy_block(in + start + run, out + start - closed);
        closed += run;
        drop &= drop + (1ull << start);
    }
    return MV_CANON_BLOCK_BYTES - closed;
}

static size_t squeeze(const unsigned char *in, size_t blocks, unsigned char *out)
{
    unsigned char *at = out;

    for (; blocks > 0; blocks--, in += MV_CANON_BLOCK_BYTES) {
        uint64_t drop = dropped(in);
        int runs = __builtin_popcountll(drop & ~(drop << 1));

        read_ahead(in);
        at += runs <= FEW_RUNS ? close_runs(in, drop, at) : pack_block(in, drop, at);
    }
    return (size_t)(at - out);
}

#endif
