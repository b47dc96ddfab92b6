/*
 * The inside of the redaction: one field as it is written anew, and the Received field, which has a grammar of its own.
 * Private to core/auth.
 */
#ifndef MV_AUTH_REDACTION_RECEIVED_H
#define MV_AUTH_REDACTION_RECEIVED_H

#include "core/auth/redaction.h"

struct mv_redacting {
    struct mv_arena *arena;
    const struct mv_redaction *redaction;
    struct mv_buf field; /* its name, a colon, and what was added */
    struct mv_buf piece; /* the piece that is being made */
    size_t pieces;       /* that were added */
};

/* One piece of the field, on this line or the next. */
void mv_redacting_add(struct mv_redacting *r, struct mv_bytes piece);
/* The date, when it is made of numbers, and of names of days, months and zones alone. */
void mv_redacting_add_date(struct mv_redacting *r, struct mv_bytes value);
enum mv_code mv_redact_received(struct mv_redacting *r, struct mv_bytes value);

/* An address as SMTP writes it, without the brackets; appends nothing where it is none. */
enum mv_code mv_redact_path(struct mv_arena *arena, const struct mv_redaction *redaction, struct mv_bytes path,
                            struct mv_buf *out);
/* What stands before the last "@" is hashed as it is; nothing is appended unless a domain stands behind it. */
enum mv_code mv_redact_identity(struct mv_arena *arena, const struct mv_redaction *redaction, struct mv_bytes identity,
                                struct mv_buf *out);

#endif
