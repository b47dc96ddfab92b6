/*
 * The header block of a message as a mail store has it, and as it is to be: our
 * fields on top, and without what only we may write.
 *
 * Lines end in CRLF or LF, or in both in turn: what is taken apart is the CRLF
 * view of it, and what is put together ends its lines as the first line did.
 *
 * A block beyond the limits is not held, and not given up either: nobody could
 * tell a forged field in the rest of it from a true one.  The header ends before
 * the first field that is too much, and what follows is text of the body.
 */
#ifndef MV_DOVECOT_HEADER_H
#define MV_DOVECOT_HEADER_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/text/field.h"

#define MV_HEADER_MAX_BYTES (4 * 1024 * 1024)
#define MV_HEADER_MAX_FIELDS 20000

struct mv_header {
    const struct mv_field *fields; /* lines that are no fields have empty names, and stay where they are */
    size_t count;
    size_t used_bytes;             /* of raw: what all this was made of; the rest of the message follows there */
    bool separated;                /* the block ends in an empty line; otherwise the message ends in it */
    bool cut;                      /* it was beyond the limits; an empty line is put in */
    bool with_lf;                  /* as it was, its lines end in LF alone */
};

/*
 * raw: from the first byte of the message to the end of the empty line, or of the message; of a block that is longer
 * than MV_HEADER_MAX_BYTES at least one byte more than that.  Everything lives in the arena.  MV_OK, MV_ERR_MEMORY.
 */
enum mv_code mv_header_split(struct mv_arena *arena, struct mv_bytes raw, struct mv_header *header_r);

typedef bool mv_header_keeps(const void *context, const struct mv_field *field);
/*
 * tags: whole fields with CRLF line ends, or empty.  Appends the block, the empty line included where there was one or
 * must be one.  A first line that would continue the tags is left out, too.  Returns how many fields were left out.
 */
unsigned mv_header_put(const struct mv_header *header, struct mv_bytes tags, mv_header_keeps *keeps,
                       const void *context, struct mv_buf *out);

#endif
