/*
 * The end of DATA (RFC 5321 4.1.1.4, 4.5.2): found strictly, dots unstuffed, in any split of the input.
 *
 * Only CRLF "." CRLF ends a message.  What looser programs take for line ends is
 * reported, because behind us it might end a message that goes on for us.
 */
#ifndef MV_LMTP_DATA_END_H
#define MV_LMTP_DATA_END_H

#include "core/base/buf.h"

enum mv_data_state { MV_DATA_LINE_START = 0, MV_DATA_DOT, MV_DATA_DOT_CR, MV_DATA_IN_LINE, MV_DATA_ENDED };

/* All zero to begin with. */
struct mv_data_end {
    enum mv_data_state state;
    bool after_cr;     /* IN_LINE: the last byte was a CR */
    bool bare_lf;      /* an LF without CR was seen */
    bool bare_cr_dot;  /* a CR without LF, and a dot behind it or before it at the beginning of a line */
};

/*
 * Takes bytes up to the end of the message, or all; out gets the message's.  true: the end was found, and the cursor
 * stands behind it.
 */
bool mv_data_end_feed(struct mv_data_end *data, struct mv_cursor *input, struct mv_buf *out);
/* Why the message must not be passed on: part of a sentence; NULL when it may. */
const char *mv_data_end_fault(const struct mv_data_end *data);

#endif
