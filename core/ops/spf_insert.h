/*
 * One more term in an SPF record, where it counts: before "all", before what redirects, else at the end.
 *
 * For who tells somebody what to publish.  Whether the record then still asks DNS within its limits
 * (RFC 7208 4.6.4) is not checked here, but by "mailvouch spf lint".
 */
#ifndef MV_OPS_SPF_INSERT_H
#define MV_OPS_SPF_INSERT_H

#include "core/base/arena.h"
#include "core/base/error.h"

enum mv_spf_insertion {
    MV_SPF_INSERTED,
    MV_SPF_IS_THERE, /* the term is in the record, whatever its result */
    MV_SPF_IS_FAULTY /* the record, or the term: nothing can be said */
};

struct mv_spf_inserted {
    enum mv_spf_insertion outcome;
    struct mv_bytes text;   /* the new record; INSERTED alone */
    size_t from, bytes;     /* where the term is in it */
};

/*
 * record may be empty: then it becomes one that ends in "~all", since nobody knows yet who else sends.
 * MV_ERR_MEMORY.
 */
enum mv_code mv_spf_insert(struct mv_arena *arena, struct mv_bytes record, struct mv_bytes term,
                           struct mv_spf_inserted *inserted_r);

#endif
