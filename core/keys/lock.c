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
static bool is_current(const struct mv_keys_dir *dir, const char *name, int fd)
{
    struct stat mine, theirs;

    return fstat(fd, &mine) == 0 && fstatat(dir->fd, name, &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
           mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino;
}

/* 0, or the errno of the last try. */
static int wait_for_lock(int fd, unsigned wait_msecs)
{
    int64_t deadline = now_msecs() + wait_msecs;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int why = errno;

        if ((why != EWOULDBLOCK && why != EINTR) || now_msecs() >= deadline)
            return why;
        (void)poll(NULL, 0, LOCK_PAUSE_MSECS);
    }
    return 0;
}

static enum mv_code refuse_open(const char *directory, const char *name, int why, struct mv_error *error)
{
    enum mv_code code;
    struct mv_buf path;

    if (why != EACCES && why != EPERM)
        return mv_error_set(error, MV_ERR_IO, "%s/%s: cannot be opened: %s", directory, name, strerror(why));
    mv_buf_init(&path, MV_KEYS_MAX_PATH_BYTES);
    mv_buf_printf(&path, "%s/%s", directory, name);
    code = mv_keys_refuse_owner(mv_buf_cstr(&path) == NULL ? directory : mv_buf_cstr(&path), "cannot be opened", error);
    mv_buf_free(&path);
    return code;
}

enum mv_code mv_keys_dir_lock(const struct mv_keys_dir *dir, const char *name, unsigned wait_msecs, int *fd_r,
                              struct mv_error *error)
{
    int fd = openat(dir->fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int why;

    *fd_r = -1;
    if (fd < 0)
        return refuse_open(dir->path, name, errno, error);
    mv_keys_give_away(fd, dir->owner); /* what root makes must not keep the owner of the directory out */
    why = wait_for_lock(fd, wait_msecs);
    if (why == 0 && is_current(dir, name, fd)) {
        *fd_r = fd;
        return MV_OK;
    }
    close(fd);
    if (why == 0)
        return mv_error_set(error, MV_ERR_LIMIT, "%s: the directory was replaced meanwhile: try again", dir->path);
    if (why == EWOULDBLOCK)
        return mv_error_set(error, MV_ERR_LIMIT, "%s: another process is at work there", dir->path);
    return mv_error_set(error, MV_ERR_IO, "%s/%s: cannot be locked: %s", dir->path, name, strerror(why));
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
        code = mv_keys_dir_lock(&place.dir, LOCK_NAME, wait_msecs, &store->lock_fd, error);
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
