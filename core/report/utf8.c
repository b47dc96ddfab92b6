#include "core/report/utf8.h"

#include <stdint.h>
#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

static bool is_ascii(struct mv_bytes b)
{
    uint64_t bits = 0, word;
    size_t i = 0;

    for (; i + sizeof word <= b.len; i += sizeof word) {
        memcpy(&word, b.data + i, sizeof word);
        bits |= word;
    }
    for (; i < b.len; i++)
        bits |= b.data[i];
    return (bits & HIGH_BITS) == 0;
}

static size_t expected_len(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* Could more bytes make a character of it? */
static bool is_beginning(struct mv_bytes b, size_t expected)
{
    if (b.len >= expected)
        return false;
    for (size_t i = 1; i < b.len; i++)
        if ((b.data[i] & 0xc0) != 0x80)
            return false;
    return true;
}

/* Bytes of the first character; 0: its first byte is part of none; b.len + 1: its end is missing. */
static size_t character_len(struct mv_bytes b)
{
    size_t expected = expected_len(b.data[0]);

    if (expected <= 1)
        return expected;
    if (is_beginning(b, expected))
        return b.len + 1;
    return b.len >= expected && mv_bytes_is_utf8(mv_bytes_slice(b, 0, expected)) ? expected : 0;
}

struct mv_bytes mv_utf8_clean(struct mv_utf8 *utf8, struct mv_bytes chunk, unsigned char *room, size_t *replaced_r)
{
    size_t len = utf8->pending_len + chunk.len;
    size_t at = 0;

    *replaced_r = 0;
    if (utf8->pending_len == 0 && is_ascii(chunk))
        return chunk;
    memcpy(room, utf8->pending, utf8->pending_len);
    if (chunk.len > 0)
        memcpy(room + utf8->pending_len, chunk.data, chunk.len);
    utf8->pending_len = 0;
    while (at < len) {
        size_t n = character_len(mv_bytes_of(room + at, len - at));

        if (n > len - at) {
            utf8->pending_len = len - at;
            memcpy(utf8->pending, room + at, len - at);
            break;
        }
        if (n == 0) {
            room[at] = '?';
            ++*replaced_r;
            n = 1;
        }
        at += n;
    }
    return mv_bytes_of(room, at);
}

size_t mv_utf8_printable(struct mv_bytes text)
{
    size_t len = text.len == 0 ? 0 : character_len(text);

    if (len == 0 || len > text.len)
        return 0;
    if (len == 1 && (text.data[0] < ' ' || text.data[0] == 0x7f))
        return 0;
    if (len == 2 && text.data[0] == 0xc2 && text.data[1] < 0xa0)
        return 0;
    return len == 3 && text.data[0] == 0xef && text.data[1] == 0xbf && text.data[2] >= 0xbe ? 0 : len;
}
