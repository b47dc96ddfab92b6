#include "core/keys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/trace.h"
#include "core/keys/store.h"

#define BESIDE_PREFIX ".new-"
#define ENTRY_ROOM_BYTES 16384 /* of a line in /etc/group */

static const char *user_name(struct passwd *entry, char *room, size_t size)
{
    struct passwd *found = NULL;

    return getpwuid_r(geteuid(), entry, room, size, &found) == 0 && found != NULL ? found->pw_name : "of this process";
}

static enum mv_code refuse_access(const struct mv_keys_dir *dir, const char *name, const char *verb, int why,
                                  struct mv_error *error)
{
    struct passwd entry;
    char room[ENTRY_ROOM_BYTES];

    if (why == ELOOP)
        return mv_error_set(error, MV_ERR_CONFIG, "%s/%s: is a symbolic link: put the file itself there", dir->path,
                            name);
    if (why == EACCES || why == EPERM)
        return mv_error_set(error, MV_ERR_IO,
                            "%s/%s: user %s may not %s it: put the user into the group of the file "
                            "(adduser USER " MV_KEYS_GROUP ") and start the server anew",
                            dir->path, name, user_name(&entry, room, sizeof room), verb);
    if (why == ENOENT)
        return mv_error_set(error, MV_ERR_IO, "%s/%s: cannot %s it: %s: " MV_KEYS_GET_BACK, dir->path, name, verb,
                            strerror(why));
    return mv_error_set(error, MV_ERR_IO, "%s/%s: cannot %s it: %s", dir->path, name, verb, strerror(why));
}

static enum mv_code refuse_directory(const char *path, int why, struct mv_error *error)
{
    struct passwd entry;
    char room[ENTRY_ROOM_BYTES];

    if (why == ENOTDIR || why == ELOOP)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: is no directory (a symbolic link is not followed)", path);
    if (why == EACCES)
        return mv_error_set(error, MV_ERR_IO,
                            "%s: user %s may not read it: put the user into the group of the directory "
                            "(adduser USER " MV_KEYS_GROUP ") and start the server anew",
                            path, user_name(&entry, room, sizeof room));
    return mv_error_set(error, MV_ERR_IO, "%s: cannot be read: %s", path, strerror(why));
}

static enum mv_code refuse_making(const char *path, int why, struct mv_error *error)
{
    if (why == EACCES || why == EPERM)
        return mv_keys_refuse_owner(path, "cannot be made", error);
    return mv_error_set(error, MV_ERR_IO, "%s: cannot be made: %s", path, strerror(why));
}

enum mv_code mv_keys_refuse_owner(const char *path, const char *what, struct mv_error *error)
{
    struct passwd entry;
    char room[ENTRY_ROOM_BYTES];
    const char *user = user_name(&entry, room, sizeof room);

    return mv_error_set(error, MV_ERR_IO,
                        "%s: %s by user %s, since the directory is somebody else's: if it is to be this user's, "
                        "\"chown -R %s %.*s\"",
                        path, what, user, user, MV_ARG(mv_bytes_directory(mv_bytes_str(path))));
}

static enum mv_code check_directory(const char *path, int fd, uid_t *owner_r, struct mv_error *error)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return mv_error_set(error, MV_ERR_IO, "%s: %s", path, strerror(errno));
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: others may put keys there: take that away with chmod go-w",
                            path);
    *owner_r = st.st_uid;
    return MV_OK;
}

enum mv_code mv_keys_dir_open(const char *path, struct mv_keys_dir *dir_r, struct mv_error *error)
{
    enum mv_code code;

    *dir_r = (struct mv_keys_dir){.fd = -1, .path = path};
    dir_r->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir_r->fd < 0 && errno == ENOENT)
        return MV_OK;
    if (dir_r->fd < 0)
        return refuse_directory(path, errno, error);
    code = check_directory(path, dir_r->fd, &dir_r->owner, error);
    if (code != MV_OK)
        mv_keys_dir_close(dir_r);
    return code;
}

void mv_keys_dir_close(struct mv_keys_dir *dir)
{
    if (dir->fd >= 0)
        close(dir->fd);
    dir->fd = -1;
}

void mv_keys_give_away(int fd, uid_t owner)
{
    struct group entry, *found = NULL;
    char room[ENTRY_ROOM_BYTES];
    uid_t uid = geteuid() == 0 ? owner : (uid_t)-1;
    struct stat st;

    if (fstat(fd, &st) != 0 || (S_ISREG(st.st_mode) && st.st_nlink != 1))
        return;
    if (getgrnam_r(MV_KEYS_GROUP, &entry, room, sizeof room, &found) != 0)
        found = NULL;
    if (fchown(fd, uid, found == NULL ? (gid_t)-1 : found->gr_gid) != 0)
        return;
}

/* mode is set whatever the umask says. */
static enum mv_code finish_directory(const char *path, uid_t owner, struct mv_error *error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool done;

    if (fd >= 0)
        mv_keys_give_away(fd, owner);
    done = fd >= 0 && fchmod(fd, MV_KEYS_DIRECTORY_MODE) == 0 && fsync(fd) == 0;
    if (!done)
        mv_error_set(error, MV_ERR_IO, "%s: cannot be set up: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return done ? MV_OK : MV_ERR_IO;
}

static enum mv_code sync_directory(const char *path, struct mv_error *error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;

    if (!done)
        mv_error_set(error, MV_ERR_IO, "%s: cannot be written to disk: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return done ? MV_OK : MV_ERR_IO;
}

/* The first of our directories is below one of root's, and the timers are to work in it. */
static uid_t owner_below(const char *path, uid_t above)
{
    struct passwd entry, *found = NULL;
    char room[ENTRY_ROOM_BYTES];

    if (strcmp(path, MV_KEYS_STATE_DIRECTORY) != 0 ||
        getpwnam_r(MV_KEYS_USER, &entry, room, sizeof room, &found) != 0 || found == NULL)
        return above;
    return found->pw_uid;
}

static enum mv_code make_one(struct mv_buf *path, struct mv_error *error)
{
    const char *whole = mv_buf_cstr(path);
    struct mv_buf above;
    struct stat st;
    enum mv_code code;

    if (whole == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory for a path");
    if (mkdir(whole, MV_KEYS_DIRECTORY_MODE) != 0)
        return errno == EEXIST ? MV_OK : refuse_making(whole, errno, error);
    mv_buf_init(&above, path->max_bytes);
    mv_buf_put(&above, mv_bytes_directory(mv_buf_bytes(path)));
    if (mv_buf_cstr(&above) == NULL)
        code = mv_error_set(error, MV_ERR_MEMORY, "no memory for a path");
    else if (stat(mv_buf_cstr(&above), &st) != 0)
        code = mv_error_set(error, MV_ERR_IO, "%s: %s", mv_buf_cstr(&above), strerror(errno));
    else
        code = finish_directory(whole, owner_below(whole, st.st_uid), error);
    if (code == MV_OK)
        code = sync_directory(mv_buf_cstr(&above), error);
    mv_buf_free(&above);
    return code;
}

enum mv_code mv_keys_dir_make(const char *path, struct mv_error *error)
{
    struct mv_bytes whole = mv_bytes_str(path);
    enum mv_code code = MV_OK;
    struct mv_buf part;

    mv_buf_init(&part, whole.len + 1);
    for (size_t end = 1; code == MV_OK && end <= whole.len; end++) {
        if (end < whole.len && whole.data[end] != '/')
            continue;
        mv_buf_reset(&part);
        mv_buf_put(&part, mv_bytes_slice(whole, 0, end));
        code = make_one(&part, error);
    }
    mv_buf_free(&part);
    return code;
}

bool mv_keys_dir_has(const struct mv_keys_dir *dir, const char *name)
{
    struct stat st;

    return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

static enum mv_code check_file(const struct mv_keys_dir *dir, const char *name, int fd, enum mv_keys_secrecy secrecy,
                               struct mv_error *error)
{
    static const char *const remedies[] = {
        [MV_KEYS_SECRET] = "mailvouch key roll",
        [MV_KEYS_SHARED] = "mailvouch handover-key new --force",
        [MV_KEYS_REDACTION] = "rm FILE; mailvouch report send",
    };
    struct stat st;

    if (fstat(fd, &st) != 0)
        return refuse_access(dir, name, "read", errno, error);
    if (!S_ISREG(st.st_mode))
        return mv_error_set(error, MV_ERR_CONFIG, "%s/%s: is not a plain file", dir->path, name);
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return mv_error_set(error, MV_ERR_CONFIG, "%s/%s: others may write it: take that away with chmod go-w",
                            dir->path, name);
    if (secrecy == MV_KEYS_PUBLIC)
        return MV_OK;
    if ((st.st_mode & S_IRWXO) != 0)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s/%s: everybody may read this %s: chmod 0640, and since others may have it, "
                            "replace it with \"%s\"",
                            dir->path, name, secrecy == MV_KEYS_SECRET ? "private key" : "secret", remedies[secrecy]);
    if (st.st_uid != 0 && st.st_uid != dir->owner)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s/%s: belongs to user number %lu, who is neither root nor the owner of the directory: "
                            "give it to root with chown",
                            dir->path, name, (unsigned long)st.st_uid);
    return MV_OK;
}

static enum mv_code read_all(const struct mv_keys_dir *dir, const char *name, int fd, struct mv_buf *out,
                             struct mv_error *error)
{
    size_t room = out->max_bytes - out->len;
    unsigned char *at = mv_buf_reserve(out, room);
    size_t done = 0;
    ssize_t n;

    if (at == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "%s/%s: no memory to read it", dir->path, name);
    do {
        n = read(fd, at + done, room - done);
        if (n < 0 && errno != EINTR)
            return refuse_access(dir, name, "read", errno, error);
        done += n > 0 ? (size_t)n : 0;
        if (done == room)
            return mv_error_set(error, MV_ERR_LIMIT, "%s/%s: is larger than such a file can be", dir->path, name);
    } while (n != 0);
    mv_buf_commit(out, done);
    return MV_OK;
}

enum mv_code mv_keys_file_read(const struct mv_keys_dir *dir, const char *name, enum mv_keys_secrecy secrecy,
                               struct mv_buf *out, struct mv_error *error)
{
    /* O_NONBLOCK: a FIFO must not hold us up */
    int fd = openat(dir->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    enum mv_code code;

    if (fd < 0)
        return refuse_access(dir, name, "read", errno, error);
    code = check_file(dir, name, fd, secrecy, error);
    if (code == MV_OK)
        code = read_all(dir, name, fd, out, error);
    close(fd);
    return code;
}

static bool write_all(int fd, struct mv_bytes content)
{
    for (size_t done = 0; done < content.len;) {
        ssize_t n = write(fd, content.data + done, content.len - done);

        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool write_beside(const struct mv_keys_dir *dir, const char *beside, struct mv_bytes content, mode_t mode)
{
    int fd, why;
    bool done;

    if (unlinkat(dir->fd, beside, 0) != 0 && errno != ENOENT)
        return false;
    fd = openat(dir->fd, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    mv_keys_give_away(fd, dir->owner);
    done = write_all(fd, content) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    why = errno;
    close(fd);
    errno = why;
    return done;
}

enum mv_code mv_keys_file_replace(const struct mv_keys_dir *dir, const char *name, struct mv_bytes content,
                                  mode_t mode, struct mv_error *error)
{
    char beside[sizeof BESIDE_PREFIX + MV_KEYS_MAX_NAME_BYTES];
    int n = snprintf(beside, sizeof beside, BESIDE_PREFIX "%s", name);

    if (n < 0 || (size_t)n >= sizeof beside)
        return mv_error_set(error, MV_ERR_USAGE, "%s/%s: the name is too long", dir->path, name);
    if (!write_beside(dir, beside, content, mode) || renameat(dir->fd, beside, dir->fd, name) != 0 ||
        fsync(dir->fd) != 0)
        return refuse_access(dir, name, "write", errno, error);
    return MV_OK;
}

enum mv_code mv_keys_file_remove(const struct mv_keys_dir *dir, const char *name, struct mv_error *error)
{
    if ((unlinkat(dir->fd, name, 0) != 0 && errno != ENOENT) || fsync(dir->fd) != 0)
        return refuse_access(dir, name, "remove", errno, error);
    return MV_OK;
}
