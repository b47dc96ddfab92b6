/*
 * Lines of core/auth/failure_line.h, read.
 *
 * They come from our own servers, so anything that is not as that header says is refused and counted: a line is torn,
 * or somebody wrote it who is not one of ours.  An unknown key is skipped.
 */
#ifndef MV_REPORT_FAILURE_READ_H
#define MV_REPORT_FAILURE_READ_H

#include "core/auth/failure_line.h"

/* bytes: one line with or without its LF. Slices are in the arena. MV_ERR_SYNTAX with a sentence, MV_ERR_MEMORY. */
enum mv_code mv_failure_line_parse(struct mv_bytes bytes, struct mv_arena *arena, struct mv_failure_line *line_r,
                                   struct mv_error *error);

#endif
