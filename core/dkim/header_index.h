/*
 * The fields of a header block by name, from the bottom up: what a list of
 * signed names means (RFC 6376 5.4.2).
 *
 * Names are compared whole and without case.  Building costs n log n in the
 * number of fields, and every step after it log n, whatever the names are.
 */
#ifndef MV_DKIM_HEADER_INDEX_H
#define MV_DKIM_HEADER_INDEX_H

#include "core/base/arena.h"
#include "core/text/field.h"

struct mv_dkim_header_index;

/* Borrows the fields. Lives in the arena; NULL without memory. Fields without a name are left out. */
struct mv_dkim_header_index *mv_dkim_header_index_new(struct mv_arena *arena, const struct mv_field *fields,
                                                      size_t count);
/* No instance has been taken: the next list of names begins. */
void mv_dkim_header_index_rewind(struct mv_dkim_header_index *index);
/*
 * The lowest field of this name that was not taken since the rewind, or NULL.
 * The field except (may be NULL) is passed over: a signature is not among the
 * fields that it signs.
 */
const struct mv_field *mv_dkim_header_index_take(struct mv_dkim_header_index *index, struct mv_bytes name,
                                                 const struct mv_field *except);

#endif
