#include "core/base/base64.h"

#include "core/base/ascii.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(int c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

static int next_char(struct mv_cursor *c)
{
    mv_cursor_take_while(c, MV_ASCII_FWS);
    return mv_cursor_next(c);
}

/* The end of the text after "x=" or "xx=": the padding that is still due, then nothing. */
static bool end_padded(struct mv_cursor *c, unsigned digits, unsigned long bits, struct mv_buf *out)
{
    if (digits == 2) {
        if (next_char(c) != '=' || (bits & 0xf) != 0)
            return false;
        mv_buf_putc(out, (unsigned char)(bits >> 4));
    } else if (digits == 3) {
        if ((bits & 0x3) != 0)
            return false;
        mv_buf_putc(out, (unsigned char)(bits >> 10));
        mv_buf_putc(out, (unsigned char)(bits >> 2));
    } else {
        return false;
    }
    return next_char(c) == -1;
}

bool mv_base64_decode(struct mv_bytes text, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(text);
    unsigned long bits = 0;
    unsigned digits = 0;

    for (;;) {
        int ch = next_char(&c);
        int value = value_of(ch);

        if (ch == -1)
            return digits == 0 && !mv_buf_failed(out);
        if (ch == '=')
            return end_padded(&c, digits, bits, out) && !mv_buf_failed(out);
        if (value < 0)
            return false;
        bits = bits << 6 | (unsigned long)value;
        if (++digits == 4) {
            mv_buf_putc(out, (unsigned char)(bits >> 16));
            mv_buf_putc(out, (unsigned char)(bits >> 8));
            mv_buf_putc(out, (unsigned char)bits);
            bits = 0;
            digits = 0;
        }
    }
}

void mv_base64_encode(struct mv_bytes octets, struct mv_buf *out)
{
    for (size_t i = 0; i < octets.len; i += 3) {
        size_t left = octets.len - i;
        unsigned long bits = (unsigned long)octets.data[i] << 16;

        if (left > 1)
            bits |= (unsigned long)octets.data[i + 1] << 8;
        if (left > 2)
            bits |= octets.data[i + 2];
        mv_buf_putc(out, (unsigned char)alphabet[bits >> 18]);
        mv_buf_putc(out, (unsigned char)alphabet[bits >> 12 & 63]);
        mv_buf_putc(out, left > 1 ? (unsigned char)alphabet[bits >> 6 & 63] : '=');
        mv_buf_putc(out, left > 2 ? (unsigned char)alphabet[bits & 63] : '=');
    }
}
