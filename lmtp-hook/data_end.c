#include "lmtp-hook/data_end.h"

/* What is taken is copied in runs: up to a stuffed dot, up to a CR that may end the message, or all. */
struct run {
    struct mv_cursor *input;
    struct mv_cursor begin; /* from here to input->at nothing is copied yet */
    struct mv_buf *out;
};

static void end_run(struct run *run)
{
    mv_buf_put(run->out, mv_cursor_since(run->input, &run->begin));
    run->begin = *run->input;
}

static void start_line(struct mv_data_end *data, struct run *run)
{
    data->after_cr = false;
    data->state = MV_DATA_IN_LINE;
    if (mv_cursor_peek(run->input) != '.')
        return;
    end_run(run);
    mv_cursor_next(run->input);
    run->begin = *run->input;
    data->state = MV_DATA_DOT;
}

/* RFC 5321 4.5.2: the dot goes when there are other characters on the line. */
static void after_dot(struct mv_data_end *data, struct run *run)
{
    data->state = mv_cursor_accept(run->input, '\r') ? MV_DATA_DOT_CR : MV_DATA_IN_LINE;
    if (data->state == MV_DATA_DOT_CR)
        run->begin = *run->input;
}

static void after_dot_cr(struct mv_data_end *data, struct run *run)
{
    if (mv_cursor_accept(run->input, '\n')) {
        run->begin = *run->input;
        data->state = MV_DATA_ENDED;
        return;
    }
    data->bare_cr_dot = true;
    mv_buf_putc(run->out, '\r');
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
        mv_cursor_next(&c);
        if (mv_cursor_left(&c) == 0) /* most lines have one, at their end */
            return;
        if (mv_cursor_peek(&c) == '.')
            data->bare_cr_dot = true;
    }
}

static void in_line(struct mv_data_end *data, struct mv_cursor *input)
{
    struct mv_bytes text = mv_cursor_take_until(input, '\n');

    look_for_cr_dot(data, text);
    if (text.len > 0)
        data->after_cr = text.data[text.len - 1] == '\r';
    if (!mv_cursor_accept(input, '\n'))
        return;
    if (data->after_cr)
        data->state = MV_DATA_LINE_START;
    else
        data->bare_lf = true;
    data->after_cr = false;
}

bool mv_data_end_feed(struct mv_data_end *data, struct mv_cursor *input, struct mv_buf *out)
{
    struct run run = {input, *input, out};

    while (mv_cursor_left(input) > 0 && data->state != MV_DATA_ENDED) {
        switch (data->state) {
        case MV_DATA_LINE_START:
            start_line(data, &run);
            break;
        case MV_DATA_DOT:
            after_dot(data, &run);
            break;
        case MV_DATA_DOT_CR:
            after_dot_cr(data, &run);
            break;
        default:
            in_line(data, input);
        }
    }
    end_run(&run);
    return data->state == MV_DATA_ENDED;
}

const char *mv_data_end_fault(const struct mv_data_end *data)
{
    if (data->bare_lf)
        return "a line feed without carriage return";
    return data->bare_cr_dot ? "a carriage return without line feed beside a dot" : NULL;
}
