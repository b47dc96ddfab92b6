#include "cli/filter.h"

#include <stdio.h>

void mv_filter_init(struct mv_filter *filter)
{
    *filter = (struct mv_filter){.is_lf = false};
    mv_buf_init(&filter->text, MV_FILTER_MAX_MESSAGE_BYTES);
}

void mv_filter_free(struct mv_filter *filter)
{
    mv_buf_free(&filter->text);
}

enum mv_exit mv_filter_run(struct mv_filter *filter, const char *command, const struct mv_options *options,
                           const struct mv_input_sink *sink)
{
    enum mv_exit result = mv_input_read_file(command, options->message, &filter->text);

    if (result != MV_EXIT_OK)
        return result;
    return mv_input_feed_text(command, options->message, mv_buf_bytes(&filter->text), options->split_bytes, sink,
                              &filter->message, &filter->is_lf);
}

void mv_filter_print(const struct mv_filter *filter, struct mv_bytes fields, bool whole)
{
    struct mv_cursor c = mv_cursor_of(fields);

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\r');

        printf("%.*s%s", MV_ARG(line), filter->is_lf ? "\n" : "\r\n");
        mv_cursor_take(&c, 2);
    }
    if (whole)
        fwrite(filter->message.data, 1, filter->message.len, stdout);
}
