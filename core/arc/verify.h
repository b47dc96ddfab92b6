/*
 * The ARC chain of one message (RFC 8617 5.2).
 *
 *   v = mv_arc_verifier_new(arena, bodies)
 *   mv_arc_verifier_header(v, options, fields...)   once, when the header block is complete
 *   mv_arc_verifier_prefetch(v, memo)               the keys, all at once
 *   (the bodies are fed and ended by their owner)
 *   mv_arc_verifier_run(v, memo, trace)             until it no longer says MV_NEED_DNS
 *   mv_arc_verifier_result(v)
 *
 * none   no ARC field; or a sealer on the way had found the chain failed and said so (cv=fail): it ended there, and
 *        the message is one without a chain
 * pass   the structure is right (core/arc/set.h), the newest message signature verifies, and so does every seal
 * fail   anything else, and a key that could not be asked for as well (RFC 8617 5.2.1); then ->temporary is set when
 *        nothing else is known to be wrong, so that nobody refuses for good what might pass later
 *
 * The fields are read and checked like DKIM-Signatures, by the same options and
 * the same rules (core/dkim/rules.h), except that a message signature need not
 * sign From; what leads to "policy" there is a failure here.  l= must cover the
 * whole body.  The order of work is that of the RFC, and it ends at the first
 * failure: a broken structure costs no question and no hash.
 *
 * Not done here: whether the sealers are to be believed, and what their
 * ARC-Authentication-Results say (core/auth/sealers.h).
 */
#ifndef MV_ARC_VERIFY_H
#define MV_ARC_VERIFY_H

#include "core/arc/set.h"
#include "core/base/trace.h"
#include "core/dkim/verify.h"

/* [ours] Keys of so many sets are asked for before the newest signature has been found right. */
#define MV_ARC_MAX_SETS_AHEAD 10

enum mv_arc_code { MV_ARC_NONE = 0, MV_ARC_PASS, MV_ARC_FAIL };

/* One sealer. Slices live in the arena, or are the message's. */
struct mv_arc_hop {
    struct mv_bytes domain;   /* d= of its seal, normalised */
    struct mv_bytes selector; /* s=, normalised */
    struct mv_bytes results;  /* the Authentication-Results value that it sealed, without "i=1;" */
};

struct mv_arc_result {
    enum mv_arc_code code;
    bool has_fields;         /* the message carries ARC fields, whatever they are worth */
    bool temporary;          /* a fail that may be a pass when it is tried again */
    bool author_signed;      /* the newest message signature signs From */
    size_t oldest_pass;      /* of a pass: RFC 8617 5.2 step 5; 0: every message signature is right */
    const struct mv_arc_hop *hops; /* [0] is instance 1 */
    size_t hop_count;        /* 0 unless every seal could be read */
    const char *reason;      /* one sentence of ours, without foreign text; NULL for a pass, and without a chain */
    const char *section;     /* "RFC 8617 5.2" */
};

struct mv_arc_verifier;

/* bodies are borrowed until the arena ends. NULL without memory. */
struct mv_arc_verifier *mv_arc_verifier_new(struct mv_arena *arena, struct mv_dkim_bodies *bodies);
/* fields and options are borrowed until the arena ends. Nothing is asked. MV_OK, MV_ERR_MEMORY. */
enum mv_code mv_arc_verifier_header(struct mv_arc_verifier *verifier, const struct mv_dkim_options *options,
                                    const struct mv_field *fields, size_t count);
void mv_arc_verifier_prefetch(const struct mv_arc_verifier *verifier, struct mv_memo *memo);
/*
 * MV_OK: the result is final. trace may be NULL. A second call after MV_OK changes nothing but the trace.
 * MV_ERR_USAGE before the bodies have ended.
 */
enum mv_code mv_arc_verifier_run(struct mv_arc_verifier *verifier, struct mv_memo *memo, struct mv_trace *trace);
/* Before MV_OK: what is known so far. */
const struct mv_arc_result *mv_arc_verifier_result(const struct mv_arc_verifier *verifier);
/* Gives back what does not live in the arena. Sets NULL. */
void mv_arc_verifier_free(struct mv_arc_verifier **verifier);

/* "none", "pass", "fail" */
const char *mv_arc_code_text(enum mv_arc_code code);

#endif
