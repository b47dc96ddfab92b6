/*
 * The ARC sets of a message (RFC 8617 4.2): which fields belong together, and
 * whether the chain is whole (5.2, steps 1 to 3), before anything is asked or
 * hashed for it.
 *
 * The place of a field in the header block and its neighbours mean nothing: its
 * instance (i=) alone says to which set it belongs.  Names are compared whole.
 * The fields themselves are checked by core/arc/verify.h, except for what the
 * structure rests on: i= of all of them, cv= and h= of the seals.
 */
#ifndef MV_ARC_SET_H
#define MV_ARC_SET_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/text/field.h"

#define MV_ARC_MAX_SETS 50 /* RFC 8617 4.2.1, 5.2: more is a failed chain */

/* One instance. Of a chain that is whole, no field is NULL. */
struct mv_arc_set {
    const struct mv_field *results;   /* ARC-Authentication-Results */
    const struct mv_field *signature; /* ARC-Message-Signature */
    const struct mv_field *seal;      /* ARC-Seal */
    struct mv_bytes payload;          /* of the results: what stands behind "i=1;", folds kept */
};

enum mv_arc_state {
    MV_ARC_ABSENT = 0, /* no ARC field */
    MV_ARC_WHOLE,      /* instances 1 to count have their three fields each, cv= is none in the first, then pass */
    MV_ARC_BROKEN,
    MV_ARC_ENDED       /* a sealer on the way found the chain failed and said so (cv=fail) */
};

struct mv_arc_chain {
    enum mv_arc_state state;
    const struct mv_arc_set *sets; /* [0] is instance 1; in the arena */
    size_t count;                  /* the highest instance */
    const char *reason;            /* one sentence of ours, for BROKEN and ENDED */
    const char *section;           /* "RFC 8617 5.2" */
};

/* fields are borrowed as long as the chain. MV_OK, MV_ERR_MEMORY. */
enum mv_code mv_arc_collect(struct mv_arena *arena, const struct mv_field *fields, size_t count,
                            struct mv_arc_chain *chain_r);

/*
 * What a sealer needs to know, whatever else is wrong with the chain (RFC 8617 5.1): the highest instance of any ARC
 * field that has one, or 0; and whether a seal of that instance says cv=fail.
 */
unsigned mv_arc_highest_instance(const struct mv_field *fields, size_t count, bool *ended_r);

/*
 * The instance and the payload of an ARC-Authentication-Results value (RFC 8617 4.1.1): "i=1; example.org; ...".
 * 0 when it does not begin like that.
 */
unsigned mv_arc_results_instance(struct mv_bytes value, struct mv_bytes *payload_r);

#endif
