#include "core/base/base64.h"

#include "core/base/ascii.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define DIGIT 0x40 /* set in place_of[] for each byte of the alphabet; the bits below it are its value */
#define DIGITS_OF_A_GROUP (DIGIT << 18 | DIGIT << 12 | DIGIT << 6 | DIGIT)

static const unsigned char place_of[256] = {
    ['A'] = 64, 65,  66,  67,  68,  69,  70,  71,  72,  73,  74,  75,  76,
    ['N'] = 77, 78,  79,  80,  81,  82,  83,  84,  85,  86,  87,  88,  89,
    ['a'] = 90, 91,  92,  93,  94,  95,  96,  97,  98,  99,  100, 101, 102,
    ['n'] = 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115,
    ['0'] = 116, 117, 118, 119, 120, 121, 122, 123, 124, 125,
    ['+'] = 126,
    ['/'] = 127,
};

static int next_char(struct mv_cursor *c)
{
    mv_cursor_take_while(c, MV_ASCII_FWS);
    return mv_cursor_next(c);
}

static unsigned char *put_group(unsigned char *out, unsigned bits)
{
    out[0] = (unsigned char)(bits >> 16);
    out[1] = (unsigned char)(bits >> 8);
    out[2] = (unsigned char)bits;
    return out + 3;
}

/* Whole groups of four digits with nothing between them, which is nearly all there is. */
static unsigned char *decode_groups(struct mv_cursor *c, unsigned char *out)
{
    const unsigned char *at = c->at, *end = c->end;

    for (; end - at >= 4; at += 4) {
        unsigned first = place_of[at[0]], second = place_of[at[1]], third = place_of[at[2]], fourth = place_of[at[3]];

        if ((first & second & third & fourth & DIGIT) == 0)
            break;
        out = put_group(out, (first << 18) + (second << 12) + (third << 6) + fourth - DIGITS_OF_A_GROUP);
    }
    c->at = at;
    return out;
}

/* The end of the text after "x=" or "xx=": the padding that is still due, then nothing. NULL when it is not so. */
static unsigned char *end_padded(struct mv_cursor *c, unsigned digits, unsigned bits, unsigned char *out)
{
    if (digits == 2) {
        if (next_char(c) != '=' || (bits & 0xf) != 0)
            return NULL;
        *out++ = (unsigned char)(bits >> 4);
    } else if (digits == 3) {
        if ((bits & 0x3) != 0)
            return NULL;
        *out++ = (unsigned char)(bits >> 10);
        *out++ = (unsigned char)(bits >> 2);
    } else {
        return NULL;
    }
    return next_char(c) == -1 ? out : NULL;
}

/* Where the octets end, which are at most 3 for 4 digits; NULL on bad input. */
static unsigned char *decode(struct mv_bytes text, unsigned char *out)
{
    struct mv_cursor c = mv_cursor_of(text);
    unsigned bits = 0;
    unsigned digits = 0;

    for (;;) {
        int ch;

        if (digits == 0)
            out = decode_groups(&c, out);
        ch = next_char(&c);
        if (ch == -1)
            return digits == 0 ? out : NULL;
        if (ch == '=')
            return end_padded(&c, digits, bits, out);
        if (place_of[ch] == 0)
            return NULL;
        bits = bits << 6 | (place_of[ch] ^ DIGIT);
        if (++digits == 4) {
            out = put_group(out, bits);
            bits = 0;
            digits = 0;
        }
    }
}

static size_t octets_of(size_t digits)
{
    return digits / 4 * 3 + digits % 4 * 3 / 4;
}

static size_t count_digits(struct mv_bytes text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += place_of[text.data[i]] != 0;
    return count;
}

bool mv_base64_decode(struct mv_bytes text, struct mv_buf *out)
{
    unsigned char *room = mv_buf_reserve(out, octets_of(count_digits(text)));
    unsigned char *end = room == NULL ? NULL : decode(text, room);

    if (end == NULL)
        return false;
    mv_buf_commit(out, (size_t)(end - room));
    return true;
}

enum mv_code mv_base64_decode_in(struct mv_arena *arena, struct mv_bytes text, size_t max_octets,
                                 struct mv_bytes *octets_r)
{
    unsigned char *room = mv_arena_room(arena, octets_of(text.len)), *end;

    if (room == NULL)
        return MV_ERR_MEMORY;
    end = decode(text, room);
    if (end == NULL || (size_t)(end - room) > max_octets)
        return MV_ERR_SYNTAX;
    *octets_r = mv_bytes_of(room, (size_t)(end - room));
    return MV_OK;
}

/* Four characters for three octets, or for the one or two that are left. */
static void encode_group(const unsigned char *octets, size_t left, unsigned char *text)
{
    unsigned long bits = (unsigned long)octets[0] << 16;

    if (left > 1)
        bits |= (unsigned long)octets[1] << 8;
    if (left > 2)
        bits |= octets[2];
    text[0] = (unsigned char)alphabet[bits >> 18];
    text[1] = (unsigned char)alphabet[bits >> 12 & 63];
    text[2] = left > 1 ? (unsigned char)alphabet[bits >> 6 & 63] : '=';
    text[3] = left > 2 ? (unsigned char)alphabet[bits & 63] : '=';
}

void mv_base64_encode(struct mv_bytes octets, struct mv_buf *out)
{
    size_t groups = octets.len / 3 + (octets.len % 3 != 0);
    unsigned char *text;

    if (groups > SIZE_MAX / 4) {
        mv_buf_fail(out);
        return;
    }
    text = mv_buf_reserve(out, groups * 4);
    if (text == NULL)
        return;
    for (size_t i = 0; i < groups; i++)
        encode_group(octets.data + 3 * i, octets.len - 3 * i, text + 4 * i);
    mv_buf_commit(out, groups * 4);
}
