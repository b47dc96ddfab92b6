#include "core/base/stamp.h"

#include <errno.h>
#include <sys/stat.h>

#define YOUNG_SECS 2

int mv_stamp_take(const char *path, struct mv_stamp *stamp_r)
{
    struct stat st;

    *stamp_r = (struct mv_stamp){0};
    if (stat(path, &st) != 0)
        return errno;
    *stamp_r = (struct mv_stamp){
        .device = st.st_dev,
        .inode = st.st_ino,
        .size_bytes = (uint64_t)st.st_size,
        .modified = st.st_mtim,
        .changed = st.st_ctim,
    };
    return 0;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool mv_stamp_equal(const struct mv_stamp *a, const struct mv_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size_bytes == b->size_bytes &&
           same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

bool mv_stamp_is_settled(const struct mv_stamp *stamp, int64_t now_secs)
{
    return stamp->modified.tv_sec + YOUNG_SECS <= now_secs && stamp->changed.tv_sec + YOUNG_SECS <= now_secs;
}
