#include "core/report/transfer.h"

#include "core/base/ascii.h"

bool mv_transfer_find(struct mv_bytes word, enum mv_transfer_kind *kind_r)
{
    static const struct {
        const char *word;
        enum mv_transfer_kind kind;
    } words[] = {{"", MV_TRANSFER_IDENTITY},     {"7bit", MV_TRANSFER_IDENTITY},
                 {"8bit", MV_TRANSFER_IDENTITY}, {"binary", MV_TRANSFER_IDENTITY},
                 {"base64", MV_TRANSFER_BASE64}, {"quoted-printable", MV_TRANSFER_QUOTED_PRINTABLE}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (mv_bytes_equal_nocase(word, mv_bytes_str(words[i].word))) {
            *kind_r = words[i].kind;
            return true;
        }
    }
    return false;
}

static int value_of(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/*
 * RFC 2045 6.8: characters of none of the 64 are not read.  Padding ends it; what follows is another text, such as the
 * footer of a list, and is not read either.
 */
static void base64_line(struct mv_transfer *t, struct mv_bytes line, struct mv_buf *out)
{
    for (size_t i = 0; i < line.len && !t->ended; i++) {
        int value = value_of(line.data[i]);

        t->ended = line.data[i] == '=';
        if (value < 0)
            continue;
        t->bits = t->bits << 6 | (unsigned)value;
        t->bit_count += 6;
        if (t->bit_count >= 8) {
            t->bit_count -= 8;
            mv_buf_putc(out, (unsigned char)(t->bits >> t->bit_count & 0xff));
        }
        t->bits &= 0xfff;
    }
}

static void quoted_line(struct mv_transfer *t, struct mv_bytes line, struct mv_bytes ending, struct mv_buf *out)
{
    struct mv_cursor c;

    while (ending.len > 0 && line.len > 0 && mv_ascii_is(line.data[line.len - 1], MV_ASCII_WSP))
        line.len--;
    c = mv_cursor_of(line);
    t->break_before = ending;
    while (mv_cursor_left(&c) > 0) {
        int high, low;

        mv_buf_put(out, mv_cursor_take_until(&c, '='));
        if (!mv_cursor_accept(&c, '='))
            return;
        if (mv_cursor_left(&c) == 0 && ending.len > 0) {
            t->break_before = MV_BYTES("");
            return;
        }
        high = mv_ascii_hex_value(mv_cursor_peek(&c));
        low = mv_ascii_hex_value(mv_cursor_peek_at(&c, 1));
        if (high < 0 || low < 0) {
            mv_buf_putc(out, '=');
            continue;
        }
        mv_cursor_take(&c, 2);
        mv_buf_putc(out, (unsigned char)(high << 4 | low));
    }
}

enum mv_code mv_transfer_line(struct mv_transfer *t, struct mv_bytes line, struct mv_bytes ending, struct mv_buf *out)
{
    if (t->kind == MV_TRANSFER_BASE64) {
        base64_line(t, line, out);
    } else {
        mv_buf_put(out, t->break_before);
        if (t->kind == MV_TRANSFER_IDENTITY) {
            mv_buf_put(out, line);
            t->break_before = ending;
        } else {
            quoted_line(t, line, ending, out);
        }
    }
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}
