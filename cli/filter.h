/*
 * Commands that read a whole message and print fields to stand on top of it, in its own line ends.
 *
 *   mv_filter_init(&filter)
 *   mv_filter_run(...)
 *   mv_filter_print(&filter, fields, whole)
 *   mv_filter_free(&filter)
 */
#ifndef MV_CLI_FILTER_H
#define MV_CLI_FILTER_H

#include "cli/input.h"
#include "cli/options.h"

#define MV_FILTER_MAX_MESSAGE_BYTES (256 * 1024 * 1024)

struct mv_filter {
    struct mv_buf text;      /* the file */
    struct mv_bytes message; /* a part of it */
    bool is_lf;
};

void mv_filter_init(struct mv_filter *filter);
void mv_filter_free(struct mv_filter *filter);
/* The message that the options name goes to the sink. Says what is wrong on stderr. */
enum mv_exit mv_filter_run(struct mv_filter *filter, const char *command, const struct mv_options *options,
                           const struct mv_input_sink *sink);
/* fields: with CRLF; whole: the message follows. */
void mv_filter_print(const struct mv_filter *filter, struct mv_bytes fields, bool whole);

#endif
