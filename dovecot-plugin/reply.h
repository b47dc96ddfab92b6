/*
 * An SMTP reply of the core in the three parts that Dovecot wants:
 * "550 5.7.1 text" (RFC 5321 4.2, RFC 3463 2).
 *
 * Only replies that keep mail from going out (4yz, 5yz) are such.  The text is
 * printable ASCII without line ends, and the classes of both codes are the same.
 */
#ifndef MV_DOVECOT_REPLY_H
#define MV_DOVECOT_REPLY_H

#include "core/base/bytes.h"

#define MV_ENHANCED_CODE_MAX_BYTES 9 /* RFC 3463 2: 5.999.999 */

struct mv_reply {
    unsigned status;
    char enhanced[MV_ENHANCED_CODE_MAX_BYTES + 1];
    const char *text; /* part of the line it was read from */
};

/* NULL is no reply. *reply_r borrows line; untouched when false. */
bool mv_reply_read(const char *line, struct mv_reply *reply_r);

#endif
