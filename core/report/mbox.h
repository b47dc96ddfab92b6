/*
 * The mails of an mbox file, streaming.
 *
 * A mail begins at a line "From " that is the first one or follows an empty line
 * (RFC 4155).  Of lines that begin with ">", more of them and "From " behind, one ">"
 * is taken away.  The empty line before the next "From " belongs to nobody.  Line ends stay
 * as they are.
 */
#ifndef MV_REPORT_MBOX_H
#define MV_REPORT_MBOX_H

#include "core/base/error.h"

#define MV_MBOX_MAX_LINE_BYTES 4096 /* longer ones are handed on in pieces */

struct mv_mbox_sink {
    enum mv_code (*begin)(void *to);
    enum mv_code (*feed)(void *to, struct mv_bytes bytes);
    enum mv_code (*end)(void *to);
    void *to;
};

struct mv_mbox;

/* Is it an mbox?  "From " with a colon behind it is a field of a mail (RFC 5322 4.5). */
bool mv_mbox_is(struct mv_bytes peek);
/* NULL without memory. */
struct mv_mbox *mv_mbox_new(const struct mv_mbox_sink *sink);
/* What the sink answers. After an error it stays failed. */
enum mv_code mv_mbox_feed(struct mv_mbox *mbox, struct mv_bytes bytes);
enum mv_code mv_mbox_end(struct mv_mbox *mbox);
void mv_mbox_free(struct mv_mbox **mbox);

#endif
