/*
 * Messages through the signer, with keys of tests.
 */
#ifndef DKIM_SIGN_RUN_H
#define DKIM_SIGN_RUN_H

#include "core/dkim/sign.h"
#include "tests/unit/dkim_test_run.h"

#define DKIM_SIGN_LIFETIME_SECS (7 * 86400)
#define DKIM_SIGN_RSA_NAME "mx1-20261123-r._domainkey.example.com"
#define DKIM_SIGN_ED25519_NAME "mx1-20261123-e._domainkey.example.com"

/* What came of it; the reason is that of the header or of the end. */
struct dkim_sign_outcome {
    enum mv_code code;
    const char *reason;
};

/* Held until dkim_sign_forget_keys(). */
struct mv_private_key *dkim_sign_key(enum test_key_id id);
void dkim_sign_forget_keys(void);
/* Both keys (RSA of 1024 bits first), as a submission signs: relaxed/relaxed, d=example.com. */
struct mv_dkim_signing_options dkim_sign_dual(void);
/* piece_bytes 0: fed whole, else in pieces. The fields are appended to out. */
struct dkim_sign_outcome dkim_sign_run(const struct mv_dkim_signing_options *options, struct mv_bytes message,
                                       size_t piece_bytes, struct mv_buf *out);

#endif
