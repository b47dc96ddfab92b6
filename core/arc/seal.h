/*
 * Makes the ARC set of one message that goes on (RFC 8617 5.1): results, message
 * signature and seal, relaxed.
 *
 *   s = mv_arc_sealer_new(arena)
 *   mv_arc_sealer_header(s, options, fields, count, defects, &reason)   once, when the header block is complete
 *   mv_arc_sealer_body(s, bytes) ...                                    any split, CRLF, dot-unstuffed
 *   mv_arc_sealer_end(s, &fields_out, &reason)                          appends the set
 *   mv_arc_sealer_free(&s)
 *
 * All other changes come first, DKIM signatures of one's own included (5.1 step 1).
 * The instance is one more than the highest on the message.  cv= is none for the
 * first, pass where the caller says that the chain passed and its structure is
 * whole, else fail; then the seal covers its own set alone (5.1.2).
 *
 * b= stands in one piece behind the tags that come before it in the alphabet, as
 * the seals of the ARC test suite have it; so its line may be longer than 78
 * columns, but never than 998.
 *
 * Whether the results are true, and who may have his mail sealed, is the caller's matter.
 */
#ifndef MV_ARC_SEAL_H
#define MV_ARC_SEAL_H

#include "core/arc/verify.h"
#include "core/crypto/private_key.h"

#define MV_ARC_MAX_RESULTS_BYTES (16 * 1024) /* of what we write down */
#define MV_ARC_MAX_MADE_BYTES (64 * 1024)    /* room for one set, whatever is in it */

struct mv_arc_seal_options {
    struct mv_private_key *key; /* borrowed */
    struct mv_bytes domain;     /* d=, normalised */
    struct mv_bytes selector;   /* s=, normalised */
    enum mv_arc_code status;    /* what the chain came to here; NONE where there is none */
    struct mv_bytes results;    /* "example.org; spf=pass smtp.mailfrom=a.example"; may be folded */
    const struct mv_bytes *names; /* h=; NULL: what our DKIM signatures cover, and DKIM-Signature fields */
    size_t name_count;
    int64_t now_secs;           /* t= */
};

struct mv_arc_sealer;

/* Lives in the arena, but for digests. NULL without memory. */
struct mv_arc_sealer *mv_arc_sealer_new(struct mv_arena *arena);
/*
 * options and fields are borrowed until the end.  defects are mv_reader_defects().
 * MV_ERR_SYNTAX: not to be sealed, with a sentence in *reason_r (static text): the
 * newest seal says cv=fail (5.1 step 2), there are 50 sets, a fatal defect of the
 * header block, or no h= can be made that covers it (core/dkim/sign_names.h).
 * MV_ERR_USAGE: names or results that are not as they are described above, more than 200 names, no From among
 * them, a status without a chain, a second call.
 */
enum mv_code mv_arc_sealer_header(struct mv_arc_sealer *sealer, const struct mv_arc_seal_options *options,
                                  const struct mv_field *fields, size_t count, unsigned defects,
                                  const char **reason_r);
/* Goes nowhere unless mv_arc_sealer_header() gave MV_OK. */
void mv_arc_sealer_body(struct mv_arc_sealer *sealer, struct mv_bytes body);
/*
 * Appends ARC-Seal, ARC-Message-Signature and ARC-Authentication-Results, folded, CRLF line ends, the last one
 * included: to be put on top.  MV_ERR_SYNTAX with a reason: a body that others repair (RFC 6376 5.3).
 * On any error nothing of out is to be used.
 */
enum mv_code mv_arc_sealer_end(struct mv_arc_sealer *sealer, struct mv_buf *out, const char **reason_r);
/* Gives back the digests. Sets NULL; NULL is fine. */
void mv_arc_sealer_free(struct mv_arc_sealer **sealer);

#endif
