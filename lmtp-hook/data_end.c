#include "lmtp-hook/data_end.h"

static void start_line(struct mv_data_end *data, struct mv_cursor *input)
{
    data->state = mv_cursor_accept(input, '.') ? MV_DATA_DOT : MV_DATA_IN_LINE;
    data->after_cr = false;
}

/* RFC 5321 4.5.2: the dot goes when there are other characters on the line. */
static void after_dot(struct mv_data_end *data, struct mv_cursor *input)
{
    data->state = mv_cursor_accept(input, '\r') ? MV_DATA_DOT_CR : MV_DATA_IN_LINE;
}

static void after_dot_cr(struct mv_data_end *data, struct mv_cursor *input, struct mv_buf *out)
{
    if (mv_cursor_accept(input, '\n')) {
        data->state = MV_DATA_ENDED;
        return;
    }
    data->bare_cr_dot = true;
    mv_buf_putc(out, '\r');
    data->after_cr = true;
    data->state = MV_DATA_IN_LINE;
}

/* Bare CRs with a dot behind them in what has no LF. */
static void look_for_cr_dot(struct mv_data_end *data, struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    if (data->after_cr && mv_cursor_peek(&c) == '.')
        data->bare_cr_dot = true;
    for (;;) {
        mv_cursor_take_until(&c, '\r');
        if (!mv_cursor_accept(&c, '\r'))
            return;
        if (mv_cursor_peek(&c) == '.')
            data->bare_cr_dot = true;
    }
}

static void in_line(struct mv_data_end *data, struct mv_cursor *input, struct mv_buf *out)
{
    struct mv_bytes text = mv_cursor_take_until(input, '\n');

    look_for_cr_dot(data, text);
    mv_buf_put(out, text);
    if (text.len > 0)
        data->after_cr = text.data[text.len - 1] == '\r';
    if (!mv_cursor_accept(input, '\n'))
        return;
    mv_buf_putc(out, '\n');
    if (data->after_cr)
        data->state = MV_DATA_LINE_START;
    else
        data->bare_lf = true;
    data->after_cr = false;
}

bool mv_data_end_feed(struct mv_data_end *data, struct mv_cursor *input, struct mv_buf *out)
{
    while (mv_cursor_left(input) > 0 && data->state != MV_DATA_ENDED) {
        switch (data->state) {
        case MV_DATA_LINE_START:
            start_line(data, input);
            break;
        case MV_DATA_DOT:
            after_dot(data, input);
            break;
        case MV_DATA_DOT_CR:
            after_dot_cr(data, input, out);
            break;
        default:
            in_line(data, input, out);
        }
    }
    return data->state == MV_DATA_ENDED;
}

const char *mv_data_end_fault(const struct mv_data_end *data)
{
    if (data->bare_lf)
        return "a line feed without carriage return";
    return data->bare_cr_dot ? "a carriage return without line feed beside a dot" : NULL;
}
