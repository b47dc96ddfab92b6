#include "lmtp-hook/line.h"

void mv_line_init(struct mv_line *line)
{
    *line = (struct mv_line){.taken = false};
    mv_buf_init(&line->buf, MV_LINE_MAX_BYTES + 1); /* and its CR */
}

void mv_line_free(struct mv_line *line)
{
    mv_buf_free(&line->buf);
}

static void begin(struct mv_line *line)
{
    mv_buf_reset(&line->buf);
    line->too_long = false;
    line->taken = false;
}

enum mv_line_code mv_line_feed(struct mv_line *line, struct mv_cursor *input, struct mv_bytes *text_r)
{
    struct mv_bytes text;

    if (line->taken)
        begin(line);
    *text_r = mv_bytes_str(NULL);
    text = mv_cursor_take_until(input, '\n');
    if (!line->too_long)
        mv_buf_put(&line->buf, text);
    line->too_long = line->too_long || mv_buf_failed(&line->buf);
    if (!mv_cursor_accept(input, '\n'))
        return MV_LINE_MORE;
    line->taken = true;
    if (line->too_long)
        return MV_LINE_TOO_LONG;
    text = mv_buf_bytes(&line->buf);
    if (text.len == 0 || text.data[text.len - 1] != '\r')
        return MV_LINE_BARE;
    text = mv_bytes_slice(text, 0, text.len - 1);
    if (mv_bytes_find(text, '\r') < text.len || mv_bytes_find(text, '\0') < text.len)
        return MV_LINE_BARE;
    *text_r = text;
    return MV_LINE_READY;
}
