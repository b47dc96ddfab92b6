/*
 * Which signatures of a message are looked at, when there are too many (see
 * core/dkim/verify.h).
 */
#ifndef MV_DKIM_SELECT_H
#define MV_DKIM_SELECT_H

#include "core/base/arena.h"
#include "core/text/field.h"

#define MV_DKIM_MAX_SIGNATURES 10

struct mv_dkim_selection {
    size_t fields[MV_DKIM_MAX_SIGNATURES]; /* which of the fields, from the top */
    size_t count;
    size_t total; /* fields of this name in the message */
};

/*
 * Those whose d= is the Author Domain first, then those above or below it, then
 * the others; each from the top.  Nothing but d= is read, and that only when there
 * are too many.  author_domain is normalised, or empty.  false without memory.
 */
bool mv_dkim_select(struct mv_arena *arena, const struct mv_field *fields, size_t count, struct mv_bytes name,
                    struct mv_bytes author_domain, struct mv_dkim_selection *selection_r);

#endif
