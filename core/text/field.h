/*
 * Header fields as bytes (RFC 5322 2.2), and how to fold one that we write.
 */
#ifndef MV_TEXT_FIELD_H
#define MV_TEXT_FIELD_H

#include "core/base/buf.h"

/* All slices borrow from the message reader (or from whoever made the field). */
struct mv_field {
    struct mv_bytes raw;   /* the whole field with its folds and its final CRLF */
    struct mv_bytes name;  /* before the colon, without white space before it; empty when malformed */
    struct mv_bytes value; /* after the colon, folds kept, final CRLF left out */
};

/* Splits raw; a line without a colon or with an illegal name gives an empty name and the value {raw without CRLF}. */
struct mv_field mv_field_split(struct mv_bytes raw);
bool mv_field_is(const struct mv_field *field, struct mv_bytes name);

/* The value without the CRLF of its folds (RFC 5322 2.2.3), trimmed. */
void mv_field_unfold(struct mv_bytes value, struct mv_buf *out);

#define MV_FIELD_FOLD_COLUMN 78  /* RFC 5322 2.1.1, SHOULD */
#define MV_FIELD_MAX_COLUMN 998  /* RFC 5322 2.1.1, MUST */

/*
 * Appends one piece of a field that is being written, on the same line after
 * one space, or, where the line would pass MV_FIELD_FOLD_COLUMN, on a new one
 * that begins with four spaces.  A piece with CR, LF or NUL fails the buffer:
 * nobody gets a field of his own into ours.  The line end is "\r\n".
 */
void mv_field_add_piece(struct mv_buf *out, struct mv_bytes piece);

#endif
