#include "mv-config.h" /* for statx() */

#include "core/auth/evidence_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "core/base/ascii.h"
#include "core/base/buf.h"

#define FILE_MODE 0640
#define SECS_PER_HOUR 3600
#define MAX_PATH_BYTES 4096
#define ENTRY_ROOM_BYTES 16384 /* of a line in /etc/passwd */

void mv_evidence_file_close(struct mv_evidence_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    *file = (struct mv_evidence_file){.fd = -1, .kind = file->kind};
}

/* Sentences */

static const char *user_name(struct passwd *entry, char *room, size_t size)
{
    struct passwd *found = NULL;

    return getpwuid_r(geteuid(), entry, room, size, &found) == 0 && found != NULL ? found->pw_name : "of this process";
}

static enum mv_code refuse_access(const char *directory, struct mv_error *error)
{
    char room[ENTRY_ROOM_BYTES];
    struct passwd entry;

    return mv_error_set(error, MV_ERR_IO,
                        "%s: user %s may not make files in it: put the user into the group of the directory "
                        "(adduser USER mailvouch) and start the server anew",
                        directory, user_name(&entry, room, sizeof room));
}

static enum mv_code refuse_open(const char *directory, const char *path, int why, struct mv_error *error)
{
    if (why == EACCES || why == EPERM)
        return refuse_access(directory, error);
    if (why == ENOENT || why == ENOTDIR)
        return mv_error_set(error, MV_ERR_IO,
                            "%s: there is no such directory: \"install -d -o mailvouch -g mailvouch -m 3770 %s\" "
                            "makes it",
                            directory, directory);
    if (why == ELOOP)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: is a symbolic link, to which nothing is written: remove it",
                            path);
    return mv_error_set(error, MV_ERR_IO, "%s: cannot be opened: %s", path, strerror(why));
}

/* The file of the hour */

static void put_host(const char *host, struct mv_buf *out)
{
    struct mv_bytes name = mv_bytes_slice(mv_bytes_str(host), 0, MV_EVIDENCE_MAX_HOST_BYTES);

    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = mv_ascii_lower(name.data[i]);

        mv_buf_putc(out, mv_ascii_is(c, MV_ASCII_LDH) || (c == '.' && i > 0) ? c : '_');
    }
    if (name.len == 0)
        mv_buf_puts(out, "localhost");
}

/* NULL without memory. */
static const char *put_path(const char *directory, const char *host, const struct mv_evidence_file *file,
                            struct mv_buf *out)
{
    time_t begin = (time_t)(file->hour * SECS_PER_HOUR);
    struct tm tm;

    if (gmtime_r(&begin, &tm) == NULL)
        return NULL;
    mv_buf_printf(out, "%s/", directory);
    put_host(host, out);
    mv_buf_printf(out, ".%llu.%04d%02d%02d%02d%s", (unsigned long long)file->uid, tm.tm_year + 1900, tm.tm_mon + 1,
                  tm.tm_mday, tm.tm_hour, file->kind == MV_EVIDENCE_LINES ? MV_EVIDENCE_SUFFIX : MV_FAILURE_SUFFIX);
    return mv_buf_cstr(out);
}

static enum mv_code check(struct mv_evidence_file *file, const char *path, struct mv_error *error)
{
    struct stat st;

    if (fstat(file->fd, &st) != 0)
        return mv_error_set(error, MV_ERR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return mv_error_set(error, MV_ERR_CONFIG, "%s: is no file, so that nothing is written to it: remove it", path);
    if (st.st_uid != file->uid)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s: belongs to user %lu, so that nothing is written to it: remove it", path,
                            (unsigned long)st.st_uid);
    if ((st.st_mode & 07777) != FILE_MODE && fchmod(file->fd, FILE_MODE) != 0)
        return mv_error_set(error, MV_ERR_IO, "%s: its mode cannot be set: %s", path, strerror(errno));
    file->device_major = major(st.st_dev);
    file->device_minor = minor(st.st_dev);
    file->inode = st.st_ino;
    return MV_OK;
}

/* O_NONBLOCK: a FIFO would wait for a reader. O_RDWR: for the last byte. */
static enum mv_code open_file(struct mv_evidence_file *file, const char *directory, const char *host,
                              struct mv_error *error)
{
    struct mv_buf buf;
    const char *path;
    enum mv_code code = MV_OK;

    mv_buf_init(&buf, MAX_PATH_BYTES);
    path = put_path(directory, host, file, &buf);
    if (path == NULL)
        code = mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    else {
        file->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, FILE_MODE);
        code = file->fd < 0 ? refuse_open(directory, path, errno, error) : check(file, path, error);
    }
    mv_buf_free(&buf);
    if (code != MV_OK)
        mv_evidence_file_close(file);
    return code;
}

/*
 * Not fstat(): of a file whose times were asked for, Linux writes finer ones with the next line, which costs more than
 * the line.
 */
static bool look(int fd, struct statx *st)
{
    return statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_INO | STATX_NLINK | STATX_SIZE, st) == 0;
}

/* Leaves a descriptor alone that is no longer ours. */
static void drop_other_file(struct mv_evidence_file *file, const struct statx *st)
{
    if (st->stx_dev_major != file->device_major || st->stx_dev_minor != file->device_minor ||
        st->stx_ino != file->inode)
        file->fd = -1;
    else if (st->stx_nlink == 0)
        mv_evidence_file_close(file);
}

static enum mv_code make_ready(struct mv_evidence_file *file, const char *directory, const char *host, int64_t hour,
                               off_t *size_r, struct mv_error *error)
{
    uint64_t uid = geteuid();
    enum mv_code code = MV_OK;
    struct statx st;

    if (file->fd >= 0 && !look(file->fd, &st))
        file->fd = -1;
    if (file->fd >= 0)
        drop_other_file(file, &st);
    if (file->fd >= 0 && (file->hour != hour || file->uid != uid))
        mv_evidence_file_close(file);
    if (file->fd < 0) {
        *file = (struct mv_evidence_file){.fd = -1, .hour = hour, .uid = uid, .kind = file->kind};
        code = open_file(file, directory, host, error);
        if (code == MV_OK && !look(file->fd, &st))
            code = mv_error_set(error, MV_ERR_IO, "%s: %s", directory, strerror(errno));
    }
    *size_r = code == MV_OK ? (off_t)st.stx_size : 0;
    return code;
}

/* The line */

/*
 * The writer before us met a full disk, or his end: his line is not to go on with ours.  One who is just writing looks
 * the same, since the size grows by pages; then our line has an empty one before it.
 */
static bool ends_torn(int fd, off_t size)
{
    char last = '\n';

    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static enum mv_code write_line(int fd, const char *directory, off_t size, struct mv_bytes line, struct mv_error *error)
{
    struct iovec parts[] = {{"\n", 1}, {(void *)line.data, line.len}};
    bool torn = ends_torn(fd, size);
    ssize_t n;

    do
        n = torn ? writev(fd, parts, 2) : write(fd, line.data, line.len);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)(line.len + (torn ? 1 : 0)))
        return MV_OK;
    return mv_error_set(error, MV_ERR_IO, "%s: cannot be written to, reports will lack messages: %s", directory,
                        strerror(n < 0 ? errno : ENOSPC));
}

enum mv_code mv_evidence_file_append(struct mv_evidence_file *file, const char *directory, const char *host,
                                     int64_t now_secs, struct mv_bytes line, struct mv_error *error)
{
    off_t size, most = file->kind == MV_EVIDENCE_LINES ? MV_EVIDENCE_MAX_FILE_BYTES : MV_FAILURE_MAX_FILE_BYTES;
    enum mv_code code = make_ready(file, directory, host, now_secs / SECS_PER_HOUR, &size, error);

    if (code != MV_OK)
        return code;
    if (size + (off_t)line.len >= most)
        return mv_error_set(error, MV_ERR_LIMIT,
                            "%s: the file of this hour has reached %lld MiB, reports will lack messages: "
                            "does \"mailvouch report import\" run?",
                            directory, (long long)most / (1024 * 1024));
    return write_line(file->fd, directory, size, line, error);
}
