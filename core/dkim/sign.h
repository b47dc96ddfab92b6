/*
 * Makes the DKIM-Signature fields of one message (RFC 6376 5): one for each key,
 * all of them in one pass over the body.
 *
 *   s = mv_dkim_signer_new(arena)
 *   mv_dkim_signer_header(s, options, fields, count, defects, &reason)   once, when the header block is complete
 *   mv_dkim_signer_body(s, bytes) ...                                    any split, CRLF, dot-unstuffed
 *   mv_dkim_signer_end(s, &fields_out, &reason)                          appends the finished fields
 *   mv_dkim_signer_free(&s)
 *
 * What is signed (RFC 6376 5.4, 8.15; core/dkim/sign_names.h): oversigned names are
 * listed once more than they occur, so that nobody can add one; other signed
 * names as often as they occur; names of trace fields and of fields that others
 * change never.  Never l=, never z=.  An oversigned field that is missing may not
 * be added afterwards either; but for Date and Message-ID, which the next hop adds
 * where they are missing (RFC 6409 8), and which are oversigned only where they are there.
 *
 * What is refused rather than signed: see mv_dkim_signer_header().  Whether the
 * signer may speak for the Author Domain is not looked at here (core/auth/signer.h).
 */
#ifndef MV_DKIM_SIGN_H
#define MV_DKIM_SIGN_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/crypto/private_key.h"
#include "core/dkim/canon.h"
#include "core/text/field.h"

#define MV_DKIM_MAX_SIGNING_KEYS 4
#define MV_DKIM_MAX_MADE_BYTES (16 * 1024) /* room for one DKIM-Signature field that we make, whatever is in it */

struct mv_dkim_signing_key {
    struct mv_private_key *key; /* borrowed */
    struct mv_bytes selector;   /* s=, normalised */
};

struct mv_dkim_signing_options {
    struct mv_bytes sdid; /* d=, normalised */
    const struct mv_dkim_signing_key *keys;
    size_t key_count; /* 1 to MV_DKIM_MAX_SIGNING_KEYS */
    int64_t now_secs; /* t= */
    uint64_t lifetime_secs; /* x= is t= and this; 0: no x= */
    enum mv_canon header_canon;
    enum mv_canon body_canon;
};

struct mv_dkim_signer;

/* Lives in the arena, but for digests. NULL without memory. */
struct mv_dkim_signer *mv_dkim_signer_new(struct mv_arena *arena);
/*
 * options and fields are borrowed until the end.  defects are mv_reader_defects().
 * MV_ERR_USAGE: no or too many keys, a name that is not normalised, t= or x= of more than 12 digits, a second call.
 * MV_ERR_SYNTAX: not to be signed, with a sentence in *reason_r (static text): a
 * fatal defect of the header block, white space before a field's colon (RFC 5322 4.5), no From field, or more than
 * one of From, Sender, Reply-To, To, Cc, Subject, Date, Message-ID, In-Reply-To, References,
 * MIME-Version, Content-Type, Content-Transfer-Encoding (RFC 5322 3.6; RFC 6376 8.15), or more
 * names to be signed than a verifier reads (MV_DKIM_MAX_SIGNED_NAMES).
 */
enum mv_code mv_dkim_signer_header(struct mv_dkim_signer *signer, const struct mv_dkim_signing_options *options,
                                   const struct mv_field *fields, size_t count, unsigned defects,
                                   const char **reason_r);
/* Goes nowhere unless mv_dkim_signer_header() gave MV_OK. */
void mv_dkim_signer_body(struct mv_dkim_signer *signer, struct mv_bytes body);
/*
 * Appends a whole DKIM-Signature field for each key, folded, CRLF line ends, the last one included, in the order of
 * the keys.  MV_ERR_SYNTAX with a reason: a NUL or a bare CR or LF in the body (RFC 6376 5.3), which others repair.
 * On any error nothing of out is to be used.
 */
enum mv_code mv_dkim_signer_end(struct mv_dkim_signer *signer, struct mv_buf *out, const char **reason_r);
/* Gives back the digests. Sets NULL; NULL is fine. */
void mv_dkim_signer_free(struct mv_dkim_signer **signer);

#endif
