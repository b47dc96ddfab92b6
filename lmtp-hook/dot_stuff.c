#include "lmtp-hook/dot_stuff.h"

void mv_dot_stuff_put(struct mv_dot_stuff *stuff, struct mv_bytes bytes, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(bytes);
    struct mv_cursor begin = c; /* of what is not copied yet */

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes text;

        if (!stuff->in_line && mv_cursor_peek(&c) == '.') {
            mv_buf_put(out, mv_cursor_since(&c, &begin));
            mv_buf_putc(out, '.');
            begin = c;
        }
        stuff->in_line = true;
        text = mv_cursor_take_until(&c, '\n');
        if (text.len > 0)
            stuff->after_cr = text.data[text.len - 1] == '\r';
        if (mv_cursor_accept(&c, '\n')) {
            stuff->in_line = !stuff->after_cr;
            stuff->after_cr = false;
        }
    }
    mv_buf_put(out, mv_cursor_since(&c, &begin));
}

void mv_dot_stuff_end(struct mv_dot_stuff *stuff, struct mv_buf *out)
{
    mv_buf_puts(out, stuff->in_line ? "\r\n.\r\n" : ".\r\n");
    *stuff = (struct mv_dot_stuff){.in_line = false};
}
