/*
 * The message as the client sent it, or as it will leave, out of what Exim has made of it.
 *
 * Exim keeps fields with LF line ends, puts its own Received on top, holds back
 * some of the sender's fields and may have rewritten addresses.  The body file
 * has LF line ends, too, unless Exim stores what came by CHUNKING as it came.
 * What cannot be seen any more: bare CR and LF, NULs in the header, and a
 * continuation line of white space alone.
 */
#ifndef MV_EXIM_WIRE_H
#define MV_EXIM_WIRE_H

#include "exim-dlfunc/host.h"

/* Walks over the fields. Zero it. */
struct mv_wire_fields {
    struct mv_host_field field;
    bool past_own_received;
    bool ended;
};

/*
 * The next field as sent, or false.  Left out: the first Received, which is
 * Exim's own, and a rewritten address field, of which the original (held back,
 * right before it) counts.
 */
bool mv_wire_next_field(struct mv_wire_fields *fields, struct mv_bytes *text_r);
/*
 * The next field as it will leave, or false.  Left out: Exim's own Received, which it writes anew at the end, and
 * what it holds back.  One walk takes one of the two functions.
 */
bool mv_wire_next_leaving(struct mv_wire_fields *fields, struct mv_bytes *text_r);

/* Gives lines their CR back, over pieces of any size. Zero it. */
struct mv_wire_lines {
    bool after_cr;
};

/* Each LF that has no CR before it becomes CR LF; all else stays. */
void mv_wire_put_lines(struct mv_wire_lines *lines, struct mv_bytes piece, struct mv_buf *out);

#endif
