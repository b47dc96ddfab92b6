/*
 * Growable output with a limit.
 *
 * Writers never fail one by one: when memory or the limit runs out, the buffer
 * drops what does not fit, remembers it, and the caller asks mv_buf_failed()
 * once at the end.  Nothing is cut silently: a failed buffer is not to be used.
 *
 * The members are private; the struct is public only so that a buffer can live
 * on the stack.
 */
#ifndef MV_BASE_BUF_H
#define MV_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/bytes.h"

struct mv_buf {
    unsigned char *data;
    size_t len;
    size_t size;
    size_t max_bytes;
    bool failed;
};

void mv_buf_init(struct mv_buf *buf, size_t max_bytes);
void mv_buf_free(struct mv_buf *buf);
/* Empty again, memory kept, failure forgotten. */
void mv_buf_reset(struct mv_buf *buf);

void mv_buf_put(struct mv_buf *buf, struct mv_bytes b);
void mv_buf_putc(struct mv_buf *buf, unsigned char c);
void mv_buf_puts(struct mv_buf *buf, const char *s);
void mv_buf_printf(struct mv_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Printable ASCII as it is, "\" doubled, every other byte as \xNN: safe on a terminal and in a log. */
void mv_buf_put_escaped(struct mv_buf *buf, struct mv_bytes b);
/* ASCII letters in lower case. */
void mv_buf_put_lower(struct mv_buf *buf, struct mv_bytes b);
/*
 * Room for n more bytes, for a writer that knows its most: write from the pointer
 * on, then mv_buf_commit() what was written (at most n).  NULL when the buffer
 * has failed; then there is nothing to commit.
 */
unsigned char *mv_buf_reserve(struct mv_buf *buf, size_t n);
void mv_buf_commit(struct mv_buf *buf, size_t written);
/* Keeps the first len bytes. */
void mv_buf_truncate(struct mv_buf *buf, size_t len);

/* For a writer that must not go on: nothing more is taken, mv_buf_failed() is true. */
void mv_buf_fail(struct mv_buf *buf);
bool mv_buf_failed(const struct mv_buf *buf);
/* Both are valid until the next write. mv_buf_cstr() is NULL when the buffer has failed. */
struct mv_bytes mv_buf_bytes(const struct mv_buf *buf);
const char *mv_buf_cstr(struct mv_buf *buf);

#endif
