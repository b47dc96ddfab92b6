#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"

#define MV_BUF_MIN_BYTES 256

void mv_buf_init(struct mv_buf *buf, size_t max_bytes)
{
    *buf = (struct mv_buf){.max_bytes = max_bytes};
}

void mv_buf_free(struct mv_buf *buf)
{
    free(buf->data);
    mv_buf_init(buf, buf->max_bytes);
}

void mv_buf_reset(struct mv_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

/* Room for n more bytes and a NUL. */
static bool reserve(struct mv_buf *buf, size_t n)
{
    size_t size = buf->size == 0 ? MV_BUF_MIN_BYTES : buf->size;
    unsigned char *data;

    if (buf->failed || n > buf->max_bytes - buf->len) {
        buf->failed = true;
        return false;
    }
    if (buf->len + n < buf->size)
        return true;
    while (size <= buf->len + n)
        size *= 2;
    data = realloc(buf->data, size);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->size = size;
    return true;
}

void mv_buf_put(struct mv_buf *buf, struct mv_bytes b)
{
    if (b.len == 0 || !reserve(buf, b.len))
        return;
    memcpy(buf->data + buf->len, b.data, b.len);
    buf->len += b.len;
}

void mv_buf_putc(struct mv_buf *buf, unsigned char c)
{
    if (reserve(buf, 1))
        buf->data[buf->len++] = c;
}

void mv_buf_puts(struct mv_buf *buf, const char *s)
{
    mv_buf_put(buf, mv_bytes_str(s));
}

void mv_buf_printf(struct mv_buf *buf, const char *format, ...)
{
    size_t room = buf->failed ? 0 : buf->size - buf->len;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(room == 0 ? NULL : (char *)buf->data + buf->len, room, format, args);
    va_end(args);
    if (n < 0)
        buf->failed = true;
    if (n <= 0 || !reserve(buf, (size_t)n))
        return;
    if ((size_t)n >= room) { /* it did not fit */
        va_start(args, format);
        vsnprintf((char *)buf->data + buf->len, (size_t)n + 1, format, args);
        va_end(args);
    }
    buf->len += (size_t)n;
}

void mv_buf_put_escaped(struct mv_buf *buf, struct mv_bytes b)
{
    size_t begin = 0; /* of a run that stays as it is */

    for (size_t i = 0; i < b.len; i++) {
        unsigned char c = b.data[i];

        if (c != '\\' && (c == ' ' || mv_ascii_is(c, MV_ASCII_VCHAR)))
            continue;
        mv_buf_put(buf, mv_bytes_slice(b, begin, i));
        if (c == '\\')
            mv_buf_puts(buf, "\\\\");
        else
            mv_buf_printf(buf, "\\x%02x", (unsigned)c);
        begin = i + 1;
    }
    mv_buf_put(buf, mv_bytes_slice(b, begin, b.len));
}

unsigned char *mv_buf_reserve(struct mv_buf *buf, size_t n)
{
    return reserve(buf, n) ? buf->data + buf->len : NULL;
}

void mv_buf_commit(struct mv_buf *buf, size_t written)
{
    buf->len += written;
}

void mv_buf_put_lower(struct mv_buf *buf, struct mv_bytes b)
{
    unsigned char *room = mv_buf_reserve(buf, b.len);

    if (room == NULL)
        return;
    for (size_t i = 0; i < b.len; i++)
        room[i] = mv_ascii_lower(b.data[i]);
    mv_buf_commit(buf, b.len);
}

void mv_buf_truncate(struct mv_buf *buf, size_t len)
{
    if (len < buf->len)
        buf->len = len;
}

void mv_buf_fail(struct mv_buf *buf)
{
    buf->failed = true;
}

bool mv_buf_failed(const struct mv_buf *buf)
{
    return buf->failed;
}

struct mv_bytes mv_buf_bytes(const struct mv_buf *buf)
{
    return mv_bytes_of(buf->data, buf->len);
}

const char *mv_buf_cstr(struct mv_buf *buf)
{
    if (!reserve(buf, 0))
        return NULL;
    buf->data[buf->len] = '\0';
    return (const char *)buf->data;
}
