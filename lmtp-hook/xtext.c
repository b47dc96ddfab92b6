#include "lmtp-hook/xtext.h"

#include "core/base/ascii.h"

/* RFC 3461 4: hexchar has upper-case letters; Postfix reads both. */
static bool take_hex(struct mv_cursor *c, unsigned char *byte_r)
{
    int high = mv_ascii_hex_value(mv_cursor_next(c));
    int low = mv_ascii_hex_value(mv_cursor_next(c));

    if (high < 0 || low < 0)
        return false;
    *byte_r = (unsigned char)(high << 4 | low);
    return true;
}

bool mv_xtext_decode(struct mv_bytes text, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(text);
    unsigned char byte;

    while (mv_cursor_left(&c) > 0) {
        int next = mv_cursor_next(&c);

        if (!mv_ascii_is(next, MV_ASCII_VCHAR) || next == '=')
            return false;
        byte = (unsigned char)next;
        if (byte == '+' && !take_hex(&c, &byte))
            return false;
        mv_buf_putc(out, byte);
    }
    return !mv_buf_failed(out);
}
