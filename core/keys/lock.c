#include "core/keys/place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_NAME ".lock"
#define LOCK_PAUSE_MSECS 50

static int64_t now_msecs(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Another process may have taken the directory away and made it anew: then the lock is of a file that nobody finds. */
static bool is_current(const struct mv_keys_dir *dir, int fd)
{
    struct stat mine, theirs;

    return fstat(fd, &mine) == 0 && fstatat(dir->fd, LOCK_NAME, &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
           mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino;
}

static enum mv_code take_lock(const struct mv_keys_dir *dir, unsigned wait_msecs, int *fd_r, struct mv_error *error)
{
    int64_t deadline = now_msecs() + wait_msecs;
    int fd = openat(dir->fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int why = errno;

    *fd_r = -1;
    if (fd < 0)
        return mv_error_set(error, MV_ERR_IO, "%s/" LOCK_NAME ": cannot be opened: %s", dir->path, strerror(why));
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        why = errno;
        if ((why == EWOULDBLOCK || why == EINTR) && now_msecs() < deadline) {
            (void)poll(NULL, 0, LOCK_PAUSE_MSECS);
            continue;
        }
        close(fd);
        return why == EWOULDBLOCK
                   ? mv_error_set(error, MV_ERR_LIMIT, "%s: another process is at work on these keys", dir->path)
                   : mv_error_set(error, MV_ERR_IO, "%s/" LOCK_NAME ": cannot be locked: %s", dir->path, strerror(why));
    }
    if (!is_current(dir, fd)) {
        close(fd);
        return mv_error_set(error, MV_ERR_LIMIT, "%s: the directory was replaced meanwhile: try again", dir->path);
    }
    *fd_r = fd;
    return MV_OK;
}

enum mv_code mv_key_store_lock(struct mv_key_store *store, struct mv_bytes domain, unsigned wait_msecs,
                               struct mv_error *error)
{
    struct mv_key_place place;
    enum mv_code code;

    if (store->lock_fd >= 0)
        return mv_error_set(error, MV_ERR_USAGE, "a lock is held already");
    code = mv_key_place_find(store, domain, &place, error);
    if (code == MV_OK)
        code = mv_keys_dir_make(mv_buf_cstr(&place.path), error);
    mv_key_place_close(&place);
    if (code == MV_OK)
        code = mv_key_place_open(store, domain, &place, error);
    if (code == MV_OK && place.dir.fd < 0)
        code = mv_error_set(error, MV_ERR_IO, "%s: is gone", place.dir.path);
    if (code == MV_OK)
        code = take_lock(&place.dir, wait_msecs, &store->lock_fd, error);
    mv_key_place_close(&place);
    mv_buf_reset(&store->locked_domain);
    mv_buf_put(&store->locked_domain, domain);
    return code;
}

void mv_key_store_unlock(struct mv_key_store *store)
{
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    store->lock_fd = -1;
    mv_buf_reset(&store->locked_domain);
}
