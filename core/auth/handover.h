/*
 * The hand-over: the field by which the border tells the mailbox server what it
 * found, so that nobody else can.
 *
 *   Mailvouch-Result: v=1; t=1795651200; k=20261126-5f0c2a; id=mx.example.org;
 *       c=relaxed; disposition=none; dmarc=pass; policy=reject; from=example.com;
 *       spf=pass; dkim=pass; arc=none; reason=...;
 *       h=BASE64
 *
 * A tag list (RFC 6376 3.2).  A value is written with %XX for what has no place in
 * one.  policy is what DMARC applied (after t=y), empty without a record;
 * from is the Author Domain, empty without one.  Tags not named here may come
 * before h, which is the last.
 *
 * h is HMAC-SHA256, with the key k of the file [server] handover_keys
 * (core/keys/handover_file.h), over these parts, each with its length before it:
 *   1. the value of this field before h, relaxed (RFC 6376 3.4.2)
 *   2. whether the header block has a defect that lets programs read it differently
 *   3. every From, Sender, Reply-To, Date, Message-ID, Subject, MIME-Version,
 *      Content-Type and Content-Transfer-Encoding field, relaxed, name by name and
 *      those of one name in their order: one more or one less shows
 *   4. every Authentication-Results field that claims to be of id (core/auth/authres.h), relaxed
 *   5. SHA-256 of the whole body, canonicalised as c says
 *
 * Beyond who, when and what about, part 3 has the fields that decide how the
 * same body is shown and where an answer goes: without them a message could be
 * told again under another boundary or character set.  To, Cc and what servers
 * add on the way are left out: whoever delivers may change them.
 *
 * The body's canonicalisation is one that is hashed for a signature anyway, so
 * that the field costs no second pass.  Neither empty lines at the end nor the last
 * line end count.  Lines end in CRLF for both sides: who reads from a file with
 * LF feeds CRLF.
 *
 * A field proves that this very message was judged so by a holder of the key,
 * at that time.  It does not name a recipient, and says nothing of who may have seen it.
 */
#ifndef MV_AUTH_HANDOVER_H
#define MV_AUTH_HANDOVER_H

#include "core/auth/verdict.h"
#include "core/base/buf.h"
#include "core/dkim/canon.h"
#include "core/keys/handover_file.h"
#include "core/text/field.h"

#define MV_HANDOVER_FIELD "Mailvouch-Result"
#define MV_HANDOVER_MAX_FIELDS 3       /* of one message are looked at, from the top */
#define MV_HANDOVER_MAX_FIELD_BYTES 4096
#define MV_HANDOVER_MAX_REASON_BYTES 300 /* more is cut and ends in "..." */
#define MV_HANDOVER_MAX_SKEW_SECS 300  /* how far another host's clock may be ahead */

/* What a message's fields came to. Of several that are not VALID the one nearest to it tells: the higher number. */
enum mv_handover_code {
    MV_HANDOVER_ABSENT = 0,  /* no field */
    MV_HANDOVER_MALFORMED,   /* no hand-over that we could read */
    MV_HANDOVER_UNKNOWN_KEY, /* made with a key that is not, or no longer, in the file; or there is no file */
    MV_HANDOVER_WRONG,       /* altered, or of another message */
    MV_HANDOVER_EXPIRED,     /* right, but too old, or of a time to come */
    MV_HANDOVER_VALID
};

/* Slices live in the message's arena, or are static. All but code, why and field_count is of a VALID one only. */
struct mv_handover {
    enum mv_handover_code code;
    const char *why;     /* one sentence without anything a stranger wrote; NULL for VALID and ABSENT */
    size_t field_count;  /* all of that name in the message */
    int64_t made_secs;
    struct mv_bytes key_id;
    struct mv_bytes authserv_id;
    enum mv_action action;
    enum mv_dmarc_code dmarc;
    enum mv_dmarc_policy policy; /* what DMARC applied; NO_POLICY without a record */
    struct mv_bytes author_domain; /* normalised; empty without one */
    enum mv_spf_code spf;
    enum mv_dkim_code dkim; /* of the signature that stands for all (mv_verdict_signature()) */
    enum mv_arc_code arc;
    struct mv_bytes reason; /* printable ASCII, or empty */
};

/* What a field vouches for beside its own tags. Borrowed for the call. */
struct mv_handover_cover {
    const struct mv_field *fields; /* the message's header */
    size_t count;
    unsigned defects;              /* of the header, enum mv_defect */
    struct mv_bytes results;       /* an Authentication-Results field that is not among fields yet, or empty */
    struct mv_bytes body_hash;     /* MV_SHA256_BYTES */
};

/*
 * Appends the field with its name, folded, CRLF line ends, final CRLF.  Only cover->results counts as part 4:
 * what is in the message already under that id is taken away by who adds this.
 * MV_ERR_LIMIT when it does not fit; MV_ERR_MEMORY, MV_ERR_CRYPTO.
 */
enum mv_code mv_handover_print(const struct mv_verdict *verdict, struct mv_bytes authserv_id, enum mv_canon canon,
                               const struct mv_handover_cover *cover, const struct mv_handover_key *key,
                               int64_t now_secs, struct mv_buf *out);

/* One field that was read, and what it needs to be checked. */
struct mv_handover_claim {
    struct mv_handover facts;   /* code: VALID when it reads well, which proves nothing yet; else MALFORMED and why */
    enum mv_canon canon;        /* of the body hash that it needs */
    struct mv_bytes signed_text; /* its value before h */
    unsigned char mac[MV_SHA256_BYTES];
};

/* Reads a field's value. MV_OK also for a MALFORMED one; MV_ERR_MEMORY. Facts live in the arena. */
enum mv_code mv_handover_parse(struct mv_arena *arena, struct mv_bytes value, struct mv_handover_claim *claim_r);
/* UNKNOWN_KEY for what reads well and names a key that is not there: nothing of the message is needed to say so. */
void mv_handover_check_key(const struct mv_handover_keys *keys, struct mv_handover_claim *claim);
/* Leaves code and why in claim->facts. An age above max_age_secs is EXPIRED. MV_OK, MV_ERR_MEMORY, MV_ERR_CRYPTO. */
enum mv_code mv_handover_check(const struct mv_handover_cover *cover, const struct mv_handover_keys *keys,
                               int64_t now_secs, unsigned max_age_secs, struct mv_handover_claim *claim);

/* "absent", "valid", "wrong", "expired", "unknown-key", "malformed": for logs and statistics. */
const char *mv_handover_code_text(enum mv_handover_code code);

#endif
