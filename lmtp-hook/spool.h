/*
 * The body of a message while it is judged: in memory up to a limit, the rest in a file without a name, which is
 * gone when its descriptor is closed, also by a crash.
 */
#ifndef MV_LMTP_SPOOL_H
#define MV_LMTP_SPOOL_H

#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/error.h"

struct mv_spool {
    const char *directory; /* borrowed */
    size_t memory_bytes;
    struct mv_buf memory;
    int fd; /* -1: no file so far */
    uint64_t len;
};

void mv_spool_init(struct mv_spool *spool, const char *directory, size_t memory_bytes);
void mv_spool_free(struct mv_spool *spool);
/* MV_ERR_MEMORY, or MV_ERR_IO with the reason in *error; then the message is not whole and must be refused. */
enum mv_code mv_spool_add(struct mv_spool *spool, struct mv_bytes bytes, struct mv_error *error);
/* Up to size bytes from the offset on; 0 at the end, -1 when the file cannot be read. */
ssize_t mv_spool_read(const struct mv_spool *spool, uint64_t offset, unsigned char *buffer, size_t size);

#endif
