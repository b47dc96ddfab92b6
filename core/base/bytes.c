#include "core/base/bytes.h"

#include <string.h>

#include "core/base/ascii.h"

struct mv_bytes mv_bytes_of(const void *data, size_t len)
{
    return (struct mv_bytes){data, len};
}

struct mv_bytes mv_bytes_str(const char *s)
{
    return mv_bytes_of(s, s == NULL ? 0 : strlen(s));
}

struct mv_bytes mv_bytes_slice(struct mv_bytes b, size_t from, size_t to)
{
    if (to > b.len)
        to = b.len;
    if (from >= to)
        return (struct mv_bytes){NULL, 0};
    return mv_bytes_of(b.data + from, to - from);
}

struct mv_bytes mv_bytes_trim(struct mv_bytes b)
{
    size_t from = 0, to = b.len;

    while (from < to && mv_ascii_is(b.data[from], MV_ASCII_FWS))
        from++;
    while (to > from && mv_ascii_is(b.data[to - 1], MV_ASCII_FWS))
        to--;
    return mv_bytes_slice(b, from, to);
}

bool mv_bytes_equal(struct mv_bytes a, struct mv_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool mv_bytes_equal_nocase(struct mv_bytes a, struct mv_bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (mv_ascii_lower(a.data[i]) != mv_ascii_lower(b.data[i]))
            return false;
    return true;
}

bool mv_bytes_has_prefix_nocase(struct mv_bytes b, struct mv_bytes prefix)
{
    return b.len >= prefix.len && mv_bytes_equal_nocase(mv_bytes_slice(b, 0, prefix.len), prefix);
}

bool mv_bytes_has_suffix_nocase(struct mv_bytes b, struct mv_bytes suffix)
{
    return b.len >= suffix.len && mv_bytes_equal_nocase(mv_bytes_slice(b, b.len - suffix.len, b.len), suffix);
}

size_t mv_bytes_find(struct mv_bytes b, unsigned char c)
{
    const unsigned char *at = b.len == 0 ? NULL : memchr(b.data, c, b.len);

    return at == NULL ? b.len : (size_t)(at - b.data);
}

size_t mv_bytes_find_last(struct mv_bytes b, unsigned char c)
{
    for (size_t i = b.len; i > 0; i--)
        if (b.data[i - 1] == c)
            return i - 1;
    return b.len;
}

struct mv_bytes mv_bytes_directory(struct mv_bytes path)
{
    size_t slash = mv_bytes_find_last(path, '/');

    return slash == path.len ? MV_BYTES(".") : mv_bytes_slice(path, 0, slash == 0 ? 1 : slash);
}

bool mv_bytes_all(struct mv_bytes b, unsigned ascii_classes)
{
    const unsigned short *bits = mv_ascii_class_bits;
    size_t i = 0;

    for (; b.len - i >= 4; i += 4) { /* four at a time: long values are nearly always good */
        const unsigned char *at = b.data + i;

        if ((bits[at[0]] & ascii_classes) == 0 || (bits[at[1]] & ascii_classes) == 0 ||
            (bits[at[2]] & ascii_classes) == 0 || (bits[at[3]] & ascii_classes) == 0)
            return false;
    }
    for (; i < b.len; i++)
        if ((bits[b.data[i]] & ascii_classes) == 0)
            return false;
    return true;
}

/* The bytes that follow a first byte, and the range of the second (RFC 3629 4); none for a byte that begins nothing. */
static size_t utf8_tail(unsigned char first, unsigned char *low_r, unsigned char *high_r)
{
    *low_r = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *high_r = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef)
        return 2;
    return first >= 0xf0 && first <= 0xf4 ? 3 : 0;
}

bool mv_bytes_is_utf8(struct mv_bytes b)
{
    size_t i = 0;

    while (i < b.len) {
        unsigned char low, high;
        size_t tail = utf8_tail(b.data[i], &low, &high);

        if (b.data[i++] < 0x80)
            continue;
        if (tail == 0 || tail > b.len - i || b.data[i] < low || b.data[i] > high)
            return false;
        for (size_t k = 1; k < tail; k++)
            if ((b.data[i + k] & 0xc0) != 0x80)
                return false;
        i += tail;
    }
    return true;
}

bool mv_bytes_to_uint(struct mv_bytes b, uint64_t max, uint64_t *value_r)
{
    uint64_t value = 0;

    if (b.len == 0)
        return false;
    for (size_t i = 0; i < b.len; i++) {
        uint64_t digit = (uint64_t)b.data[i] - '0';

        if (!mv_ascii_is(b.data[i], MV_ASCII_DIGIT) || digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *value_r = value;
    return true;
}

struct mv_cursor mv_cursor_of(struct mv_bytes b)
{
    return (struct mv_cursor){b.data, b.len == 0 ? b.data : b.data + b.len};
}

size_t mv_cursor_left(const struct mv_cursor *c)
{
    return c->at == NULL ? 0 : (size_t)(c->end - c->at);
}

int mv_cursor_peek(const struct mv_cursor *c)
{
    return c->at == c->end ? -1 : *c->at;
}

int mv_cursor_peek_at(const struct mv_cursor *c, size_t n)
{
    return n < mv_cursor_left(c) ? c->at[n] : -1;
}

int mv_cursor_next(struct mv_cursor *c)
{
    return c->at == c->end ? -1 : *c->at++;
}

bool mv_cursor_accept(struct mv_cursor *c, unsigned char byte)
{
    if (mv_cursor_peek(c) != byte)
        return false;
    c->at++;
    return true;
}

bool mv_cursor_accept_nocase(struct mv_cursor *c, struct mv_bytes word)
{
    if (!mv_bytes_has_prefix_nocase(mv_cursor_rest(c), word))
        return false;
    c->at += word.len;
    return true;
}

struct mv_bytes mv_cursor_take(struct mv_cursor *c, size_t n)
{
    struct mv_bytes taken = mv_bytes_slice(mv_cursor_rest(c), 0, n);

    if (taken.len > 0)
        c->at += taken.len;
    return taken;
}

struct mv_bytes mv_cursor_take_while(struct mv_cursor *c, unsigned ascii_classes)
{
    size_t n = 0;

    while (mv_ascii_is(mv_cursor_peek_at(c, n), ascii_classes))
        n++;
    return mv_cursor_take(c, n);
}

struct mv_bytes mv_cursor_take_until(struct mv_cursor *c, unsigned char byte)
{
    return mv_cursor_take(c, mv_bytes_find(mv_cursor_rest(c), byte));
}

struct mv_bytes mv_cursor_rest(const struct mv_cursor *c)
{
    return mv_bytes_of(c->at, mv_cursor_left(c));
}

struct mv_bytes mv_cursor_since(const struct mv_cursor *c, const struct mv_cursor *start)
{
    return mv_bytes_of(start->at, start->at == NULL ? 0 : (size_t)(c->at - start->at));
}
