/*
 * Has a file or directory changed since it was read?  One stat().
 *
 * File systems keep times with the grain of a clock tick, so what changes twice
 * within one may keep its stamp.  A stamp that is as young as the present second
 * is therefore not settled: what was read under it is to be read again next time.
 */
#ifndef MV_BASE_STAMP_H
#define MV_BASE_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* All zero: there is no such file. */
struct mv_stamp {
    uint64_t device;
    uint64_t inode;
    uint64_t size_bytes;
    struct timespec modified;
    struct timespec changed; /* its permissions too */
};

/* The errno of stat(), or 0. *stamp_r is all zero unless it is 0. */
int mv_stamp_take(const char *path, struct mv_stamp *stamp_r);
bool mv_stamp_equal(const struct mv_stamp *a, const struct mv_stamp *b);
bool mv_stamp_is_settled(const struct mv_stamp *stamp, int64_t now_secs);

#endif
