/*
 * Canonicalisation of RFC 6376 3.4: the body as a stream, header fields one by one.
 *
 * A body machine takes the body in any split and hands on the canonical octets
 * in order, mostly as slices of its input, without holding the body: at most one
 * block of its own is buffered.  Octets are never repaired: only CRLF ends a
 * line, a bare CR or LF is text.
 */
#ifndef MV_DKIM_CANON_H
#define MV_DKIM_CANON_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/text/field.h"

enum mv_canon { MV_CANON_SIMPLE, MV_CANON_RELAXED };

/* Takes canonical octets; they are borrowed for the call. */
typedef void mv_canon_sink(void *context, struct mv_bytes octets);

struct mv_canon_body;

/* Lives in the arena. NULL without memory. */
struct mv_canon_body *mv_canon_body_new(struct mv_arena *arena, enum mv_canon canon, mv_canon_sink *sink,
                                        void *context);
void mv_canon_body_feed(struct mv_canon_body *body, struct mv_bytes input);
/* The end of the body: empty lines at the end are dropped, the final CRLF is made (3.4.3, 3.4.4). */
void mv_canon_body_end(struct mv_canon_body *body);

/* Appends the canonical field with its final CRLF (3.4.1, 3.4.2). */
void mv_canon_header(enum mv_canon canon, const struct mv_field *field, struct mv_buf *out);

#endif
