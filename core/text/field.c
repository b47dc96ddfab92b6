#include "core/text/field.h"

#include "core/base/ascii.h"

static struct mv_bytes without_final_crlf(struct mv_bytes raw)
{
    if (raw.len < 2 || raw.data[raw.len - 2] != '\r' || raw.data[raw.len - 1] != '\n')
        return raw;
    return mv_bytes_slice(raw, 0, raw.len - 2);
}

/* RFC 5322 4.5.8 allows white space before the colon, but no fold there. */
static struct mv_bytes without_final_wsp(struct mv_bytes name)
{
    while (name.len > 0 && mv_ascii_is(name.data[name.len - 1], MV_ASCII_WSP))
        name.len--;
    return name;
}

struct mv_field mv_field_split(struct mv_bytes raw)
{
    struct mv_bytes line = without_final_crlf(raw);
    size_t colon = mv_bytes_find(line, ':');
    struct mv_field field = {.raw = raw, .value = line};
    struct mv_bytes name = without_final_wsp(mv_bytes_slice(line, 0, colon));

    if (colon == line.len || name.len == 0 || !mv_bytes_all(name, MV_ASCII_FTEXT))
        return field;
    field.name = name;
    field.value = mv_bytes_slice(line, colon + 1, line.len);
    return field;
}

bool mv_field_is(const struct mv_field *field, struct mv_bytes name)
{
    return field->name.len > 0 && mv_bytes_equal_nocase(field->name, name);
}

void mv_field_unfold(struct mv_bytes value, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_trim(value));

    for (;;) {
        mv_buf_put(out, mv_cursor_take_until(&c, '\r'));
        if (mv_cursor_left(&c) == 0)
            return;
        if (mv_cursor_peek_at(&c, 1) == '\n' && mv_ascii_is(mv_cursor_peek_at(&c, 2), MV_ASCII_WSP))
            mv_cursor_take(&c, 2);
        else
            mv_buf_put(out, mv_cursor_take(&c, 1));
    }
}

/* Bytes after the last line end. */
static size_t column_of(const struct mv_buf *out)
{
    struct mv_bytes text = mv_buf_bytes(out);
    size_t newline = mv_bytes_find_last(text, '\n');

    return newline == text.len ? text.len : text.len - newline - 1;
}

static bool is_one_line(struct mv_bytes piece)
{
    return mv_bytes_find(piece, '\r') == piece.len && mv_bytes_find(piece, '\n') == piece.len &&
           mv_bytes_find(piece, '\0') == piece.len;
}

void mv_field_add_piece(struct mv_buf *out, struct mv_bytes piece)
{
    if (!is_one_line(piece)) {
        mv_buf_fail(out);
        return;
    }
    if (column_of(out) + 1 + piece.len > MV_FIELD_FOLD_COLUMN)
        mv_buf_puts(out, "\r\n    ");
    else
        mv_buf_putc(out, ' ');
    mv_buf_put(out, piece);
}
