/*
 * What makes a signature unacceptable here although it is right, or could be:
 * result "policy" with policy.dkim-rules=<name> (RFC 8601 2.7.1).
 *
 *   sha1                   a=rsa-sha1 (RFC 8301 3.1)
 *   weak-key               a short RSA key (RFC 8301 3.2)
 *   malformed-header       others may see another header block than we do [ours]
 *   several-from           more than one From field (RFC 6376 8.15)
 *   refused-signer         d= is in not_signers (RFC 6376 6.1.1)
 *   expired                x= is over (RFC 6376 3.5)
 *   from-the-future        t= is more than a day ahead [ours]
 *   unsigned-body          l= leaves octets of the body unsigned (RFC 6376 8.2)
 *   unsigned-content-type  l= with a Content-Type field that is not signed (RFC 6376 8.2)
 */
#ifndef MV_DKIM_RULES_H
#define MV_DKIM_RULES_H

#include "core/dkim/signature.h"
#include "core/dkim/verify.h"

#define MV_DKIM_MIN_RSA_BITS 1024            /* RFC 8301 3.2; options may ask for more, not for less */
#define MV_DKIM_CLOCK_SKEW_SECS 300          /* RFC 6376 3.5 x= */
#define MV_DKIM_MAX_FUTURE_SECS (24 * 3600)  /* [ours] t= further ahead than wrong clocks are */

/* What is known before a key is asked for. true: *result is final. */
bool mv_dkim_rules_early(const struct mv_dkim_options *options, const struct mv_dkim_signature *signature,
                         struct mv_dkim_result *result);
/* result->key_bits is set: true when the key is too short, and *result is final. */
bool mv_dkim_rules_key(const struct mv_dkim_options *options, enum mv_key_type type, struct mv_dkim_result *result);
/* For a signature that is right; result->partial_body is set. true: it is not acceptable, and *result says why. */
bool mv_dkim_rules_late(const struct mv_dkim_signature *signature, bool content_type_unsigned,
                        struct mv_dkim_result *result);

#endif
