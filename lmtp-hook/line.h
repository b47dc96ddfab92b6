/*
 * Lines of SMTP dialogues (RFC 5321 2.3.8): CRLF ends them, nothing else does.
 *
 * A line that is too long is skipped up to its end and reported once, so that
 * what it holds is never taken for further lines, and no memory grows with it.
 */
#ifndef MV_LMTP_LINE_H
#define MV_LMTP_LINE_H

#include "core/base/buf.h"

#define MV_LINE_MAX_BYTES 4096 /* without CRLF; RFC 5321 4.5.3.1.4 asks for 512, and extensions for more */

enum mv_line_code {
    MV_LINE_MORE = 0, /* the input is used up */
    MV_LINE_READY,
    MV_LINE_TOO_LONG,
    MV_LINE_BARE       /* it holds a CR or NUL, or ended in an LF alone */
};

/* Private members. */
struct mv_line {
    struct mv_buf buf;
    bool too_long;
    bool taken; /* the line was handed out: the next call begins a new one */
};

void mv_line_init(struct mv_line *line);
void mv_line_free(struct mv_line *line);
/* Moves the cursor behind the line's end, or to the input's end. text_r (READY only) holds until the next call. */
enum mv_line_code mv_line_feed(struct mv_line *line, struct mv_cursor *input, struct mv_bytes *text_r);

#endif
