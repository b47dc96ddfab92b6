/*
 * The DKIM-Signature field as we write it (RFC 6376 3.5): tags in the order of
 * the RFC's examples, b= last, lines of at most MV_FIELD_FOLD_COLUMN
 * columns wherever a tag allows a fold.  Internal to core/dkim.
 *
 *   mv_dkim_put_tags(&tags, out)         everything up to and with "b="
 *   ...                                  what is there now is what is hashed (3.7)
 *   mv_dkim_put_b(octets, out)           the value of b= and the final CRLF
 */
#ifndef MV_DKIM_SIGN_FIELD_H
#define MV_DKIM_SIGN_FIELD_H

#include "core/base/buf.h"
#include "core/crypto/public_key.h"
#include "core/dkim/canon.h"
#include "core/dkim/sign_names.h"

struct mv_dkim_tags {
    enum mv_key_type key_type;
    enum mv_canon header_canon;
    enum mv_canon body_canon;
    struct mv_bytes sdid;
    struct mv_bytes selector;
    uint64_t created_secs;
    uint64_t expires_secs; /* 0: no x= */
    const struct mv_dkim_signed_names *names;
    struct mv_bytes body_hash;
};

void mv_dkim_put_tags(const struct mv_dkim_tags *tags, struct mv_buf *out);
void mv_dkim_put_b(struct mv_bytes octets, struct mv_buf *out);

#endif
