/*
 * All DKIM signatures of one message (RFC 6376 6).
 *
 *   v = mv_dkim_verifier_new(arena, bodies)
 *   mv_dkim_verifier_header(v, options, fields...)   once, when the header block is complete
 *   mv_dkim_verifier_prefetch(v, memo)               keys of all signatures, all at once
 *   mv_dkim_bodies_feed(bodies, bytes) ...           any split
 *   mv_dkim_bodies_end(bodies)
 *   mv_dkim_verifier_run(v, memo, trace)             until it no longer says MV_NEED_DNS
 *
 * The bodies (core/dkim/bodies.h) belong to the caller, who may share them with
 * others that want a hash of the same body.  A signature that is decided by its
 * field and the options alone costs no question and no hash.
 *
 * MV_DKIM_MAX_SIGNATURES are looked at, unreadable ones counted: those whose d=
 * is the Author Domain first, then those above or below it, then the others, each
 * from the top; so junk cannot push out the one that matters.  The rest is only
 * counted.
 *
 * Results are those of core/dkim/result.h; what leads to "policy" is in
 * core/dkim/rules.h.  Several key records: core/dkim/check.h.
 */
#ifndef MV_DKIM_VERIFY_H
#define MV_DKIM_VERIFY_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/trace.h"
#include "core/dkim/bodies.h"
#include "core/dkim/result.h"
#include "core/dkim/select.h"
#include "core/dns/memo.h"
#include "core/text/field.h"

struct mv_dkim_options {
    int64_t now_secs;
    unsigned min_rsa_bits;               /* less than MV_DKIM_MIN_RSA_BITS counts as that */
    bool ignore_test_keys;               /* a pass under a key with t=y is neutral */
    const struct mv_bytes *not_signers;  /* normalised domains */
    size_t not_signer_count;
    struct mv_bytes author_domain;       /* normalised, or empty */
    unsigned defects;                    /* enum mv_defect bits: a fatal one forbids every pass */
    bool several_from;                   /* more than one From field: no pass (RFC 6376 8.15) */
};

struct mv_dkim_verifier;

/* bodies are borrowed until the arena ends. NULL without memory. */
struct mv_dkim_verifier *mv_dkim_verifier_new(struct mv_arena *arena, struct mv_dkim_bodies *bodies);
/* fields and options are borrowed until the arena ends. Signatures are read here; nothing is asked. */
enum mv_code mv_dkim_verifier_header(struct mv_dkim_verifier *verifier, const struct mv_dkim_options *options,
                                     const struct mv_field *fields, size_t count);
void mv_dkim_verifier_prefetch(const struct mv_dkim_verifier *verifier, struct mv_memo *memo);
/*
 * MV_OK: the results are final. trace may be NULL. A second call after MV_OK changes nothing but the trace.
 * MV_ERR_USAGE before the bodies have ended.
 */
enum mv_code mv_dkim_verifier_run(struct mv_dkim_verifier *verifier, struct mv_memo *memo, struct mv_trace *trace);

/* In message order, from the top; count 0 means dkim=none. Before MV_OK: what is known so far. */
const struct mv_dkim_result *mv_dkim_verifier_results(const struct mv_dkim_verifier *verifier, size_t *count_r);
/* Signatures beyond MV_DKIM_MAX_SIGNATURES. */
size_t mv_dkim_verifier_skipped(const struct mv_dkim_verifier *verifier);
/* Gives back what does not live in the arena. Sets NULL. */
void mv_dkim_verifier_free(struct mv_dkim_verifier **verifier);

#endif
