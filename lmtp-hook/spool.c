#include "mv-config.h"

#include "lmtp-hook/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMPLATE_BYTES 300 /* MV_CONFIG_MAX_PATH_BYTES and a name */

void mv_spool_init(struct mv_spool *spool, const char *directory, size_t memory_bytes)
{
    *spool = (struct mv_spool){.directory = directory, .memory_bytes = memory_bytes, .fd = -1};
    mv_buf_init(&spool->memory, memory_bytes);
}

void mv_spool_free(struct mv_spool *spool)
{
    mv_buf_free(&spool->memory);
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
}

/* For file systems without O_TMPFILE. */
static int open_unlinked(const char *directory)
{
    struct mv_buf name;
    const char *text;
    char template[TEMPLATE_BYTES];
    int fd = -1;

    mv_buf_init(&name, sizeof template - 1);
    mv_buf_printf(&name, "%s/mailvouch-XXXXXX", directory);
    text = mv_buf_cstr(&name);
    if (text != NULL) {
        memcpy(template, text, mv_buf_bytes(&name).len + 1);
        fd = mkostemp(template, O_CLOEXEC);
    }
    if (fd >= 0)
        unlink(template);
    mv_buf_free(&name);
    return fd;
}

static enum mv_code open_file(struct mv_spool *spool, struct mv_error *error)
{
    if (spool->fd >= 0)
        return MV_OK;
    spool->fd = open(spool->directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (spool->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        spool->fd = open_unlinked(spool->directory);
    if (spool->fd >= 0)
        return MV_OK;
    return mv_error_set(error, MV_ERR_IO, "%s: cannot make a file: %s", spool->directory, strerror(errno));
}

static enum mv_code add_to_file(struct mv_spool *spool, struct mv_bytes bytes, struct mv_error *error)
{
    enum mv_code code = open_file(spool, error);

    while (code == MV_OK && bytes.len > 0) {
        ssize_t n = write(spool->fd, bytes.data, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mv_error_set(error, MV_ERR_IO, "%s: cannot write: %s", spool->directory, strerror(errno));
        bytes = mv_bytes_slice(bytes, (size_t)n, bytes.len);
    }
    return code;
}

enum mv_code mv_spool_add(struct mv_spool *spool, struct mv_bytes bytes, struct mv_error *error)
{
    size_t room = spool->memory_bytes - mv_buf_bytes(&spool->memory).len;
    struct mv_bytes rest = mv_bytes_slice(bytes, room, bytes.len);

    mv_buf_put(&spool->memory, mv_bytes_slice(bytes, 0, room));
    if (mv_buf_failed(&spool->memory))
        return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    spool->len += bytes.len;
    return rest.len == 0 ? MV_OK : add_to_file(spool, rest, error);
}

ssize_t mv_spool_read(const struct mv_spool *spool, uint64_t offset, unsigned char *buffer, size_t size)
{
    struct mv_bytes memory = mv_buf_bytes(&spool->memory);
    struct mv_bytes part;

    if (offset >= spool->len)
        return 0;
    if (offset >= memory.len)
        return pread(spool->fd, buffer, size, (off_t)(offset - memory.len));
    part = mv_bytes_slice(memory, (size_t)offset, (size_t)offset + size);
    memcpy(buffer, part.data, part.len);
    return (ssize_t)part.len;
}
