/*
 * A message as DATA carries it (RFC 5321 4.5.2): a dot before each line that begins with one, and the end.
 */
#ifndef MV_LMTP_DOT_STUFF_H
#define MV_LMTP_DOT_STUFF_H

#include "core/base/buf.h"

struct mv_dot_stuff {
    bool in_line;  /* false to begin with: at the beginning of a line */
    bool after_cr;
};

void mv_dot_stuff_put(struct mv_dot_stuff *stuff, struct mv_bytes bytes, struct mv_buf *out);
/* CRLF if the last line has none, and the final dot. */
void mv_dot_stuff_end(struct mv_dot_stuff *stuff, struct mv_buf *out);

#endif
