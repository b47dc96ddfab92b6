#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"

#define MAX_PATH_BYTES 4096

static bool write_all(int fd, struct mv_bytes content)
{
    while (content.len > 0) {
        ssize_t n = write(fd, content.data, content.len);

        if (n < 0 && errno != EINTR)
            return false;
        content = mv_bytes_slice(content, n < 0 ? 0 : (size_t)n, content.len);
    }
    return fsync(fd) == 0;
}

/* One of that name is of a process that was killed, and whose number is ours now. */
static int open_beside(const char *beside, mode_t mode)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(beside, flags, mode);

    if (fd >= 0 || errno != EEXIST || unlink(beside) != 0)
        return fd;
    return open(beside, flags, mode);
}

static bool replace(const char *path, const char *beside, struct mv_bytes content, mode_t mode)
{
    int fd = open_beside(beside, mode), kept;
    bool written;

    if (fd < 0)
        return false;
    written = write_all(fd, content);
    kept = errno;
    if (close(fd) != 0 && written) {
        written = false;
        kept = errno;
    }
    if (written && rename(beside, path) == 0)
        return true;
    if (written)
        kept = errno;
    unlink(beside);
    errno = kept;
    return false;
}

enum mv_exit mv_output_replace(const char *command, const char *path, struct mv_bytes content, mode_t mode)
{
    struct stat status;
    struct mv_buf beside;
    bool written = false;

    mv_buf_init(&beside, MAX_PATH_BYTES);
    mv_buf_printf(&beside, "%s.new-%ld", path, (long)getpid());
    errno = ENAMETOOLONG;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    else if (mv_buf_cstr(&beside) != NULL)
        written = replace(path, mv_buf_cstr(&beside), content, mode);
    mv_buf_free(&beside);
    if (written)
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch %s: cannot write %s: %s\n", command, path,
            errno == EINVAL ? "it is no file" : strerror(errno));
    return errno == EACCES || errno == EROFS || errno == EPERM ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
}

static bool write_in_place(const char *path, struct mv_bytes content)
{
    FILE *file = fopen(path, "wbe");
    bool written;

    if (file == NULL)
        return false;
    written = fwrite(content.data, 1, content.len, file) == content.len;
    return fclose(file) == 0 && written;
}

enum mv_exit mv_output_capture(const char *command, const char *path, enum mv_code code, const struct mv_buf *json)
{
    if (code == MV_OK && write_in_place(path, mv_buf_bytes(json)))
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch %s: cannot write %s: %s\n", command, path,
            code == MV_OK ? strerror(errno) : mv_code_text(code));
    return code == MV_OK && errno == EACCES ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
}
