/*
 * The inner loop of body_defects, one for each kind of CPU.  Internal to
 * core/dkim; the tests run every one.
 */
#ifndef MV_DKIM_BODY_SCAN_H
#define MV_DKIM_BODY_SCAN_H

#include <stddef.h>

#define MV_BODY_SCAN_BLOCK_BYTES 128

/*
 * How many blocks from the first on are clean: no NUL, and each octet is an LF
 * exactly if a CR is before it.  One octet must stand before the first block; a
 * CR at the end of the last is for the next octet to judge.
 */
typedef size_t mv_body_scan(const unsigned char *in, size_t blocks);

/* All that this CPU runs, the fastest first; an index past the last gives NULL. */
mv_body_scan *mv_body_scan_at(size_t index);

/* Plain C, runs everywhere. */
mv_body_scan mv_body_scan_plain;

#endif
