#include "exim-dlfunc/wire.h"

/* Without the white space that obsolete syntax allows before the colon (RFC 5322 4.5). */
static struct mv_bytes field_name(struct mv_bytes text)
{
    return mv_bytes_trim(mv_bytes_slice(text, 0, mv_bytes_find(text, ':')));
}

/* What Exim rewrites: addresses, and nothing else. */
static bool can_be_rewritten(struct mv_bytes name)
{
    static const char *const names[] = {"From", "To", "Cc", "Bcc", "Reply-To", "Sender"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (mv_bytes_equal_nocase(name, mv_bytes_str(names[i])))
            return true;
    return false;
}

/* The field after a held back original, of the same name and not held back itself, replaces it. */
static bool is_replacement(const struct mv_host_field *original, const struct mv_host_field *next)
{
    struct mv_bytes name = field_name(original->text);

    return original->removed && !next->removed && can_be_rewritten(name) &&
           mv_bytes_equal_nocase(name, field_name(next->text));
}

static bool step(struct mv_wire_fields *fields)
{
    struct mv_host_field before = fields->field;

    if (fields->ended || !mv_host_next_field(&fields->field)) {
        fields->ended = true;
        return false;
    }
    if (before.handle != NULL && is_replacement(&before, &fields->field))
        return step(fields); /* once: a replacement is not held back */
    return true;
}

bool mv_wire_next_field(struct mv_wire_fields *fields, struct mv_bytes *text_r)
{
    if (!step(fields))
        return false;
    if (!fields->past_own_received && mv_bytes_equal_nocase(field_name(fields->field.text), MV_BYTES("Received"))) {
        fields->past_own_received = true;
        if (!step(fields))
            return false;
    }
    *text_r = fields->field.text;
    return true;
}

bool mv_wire_next_leaving(struct mv_wire_fields *fields, struct mv_bytes *text_r)
{
    while (!fields->ended && mv_host_next_field(&fields->field)) {
        bool is_own = !fields->past_own_received &&
                      mv_bytes_equal_nocase(field_name(fields->field.text), MV_BYTES("Received"));

        fields->past_own_received = fields->past_own_received || is_own;
        *text_r = fields->field.text;
        if (!is_own && !fields->field.removed)
            return true;
    }
    fields->ended = true;
    return false;
}

void mv_wire_put_lines(struct mv_wire_lines *lines, struct mv_bytes piece, struct mv_buf *out)
{
    struct mv_cursor cursor = mv_cursor_of(piece);

    while (mv_cursor_left(&cursor) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&cursor, '\n');

        mv_buf_put(out, line);
        if (line.len > 0)
            lines->after_cr = line.data[line.len - 1] == '\r';
        if (!mv_cursor_accept(&cursor, '\n'))
            return;
        if (!lines->after_cr)
            mv_buf_putc(out, '\r');
        mv_buf_putc(out, '\n');
        lines->after_cr = false;
    }
}
