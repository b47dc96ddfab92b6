#include "core/crypto/rsa.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>

#include "core/crypto/public_key.h"

#define MIN_PADDING_BYTES 8 /* RFC 8017 9.2 */

struct mv_rsa {
    BIGNUM *n;
    BIGNUM *e;
    BN_MONT_CTX *mont; /* what the arithmetic modulo n prepares once */
    size_t bytes;      /* of n, and so of a signature */
};

/* DigestInfo of SHA-256 up to the hash (RFC 8017 9.2, note 1) */
static const unsigned char digest_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                            0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

struct mv_rsa *mv_rsa_new(struct mv_bytes n, struct mv_bytes e)
{
    struct mv_rsa *rsa = calloc(1, sizeof *rsa);
    BN_CTX *scratch = BN_CTX_new();

    if (rsa == NULL || scratch == NULL)
        goto fail;
    rsa->bytes = n.len;
    rsa->n = BN_bin2bn(n.data, (int)n.len, NULL);
    rsa->e = BN_bin2bn(e.data, (int)e.len, NULL);
    rsa->mont = BN_MONT_CTX_new();
    if (rsa->n == NULL || rsa->e == NULL || rsa->mont == NULL || BN_MONT_CTX_set(rsa->mont, rsa->n, scratch) != 1)
        goto fail;
    BN_CTX_free(scratch);
    return rsa;

fail:
    BN_CTX_free(scratch);
    mv_rsa_free(&rsa);
    return NULL;
}

void mv_rsa_free(struct mv_rsa **rsa)
{
    struct mv_rsa *r = *rsa;

    *rsa = NULL;
    if (r == NULL)
        return;
    BN_free(r->n);
    BN_free(r->e);
    BN_MONT_CTX_free(r->mont);
    free(r);
}

/* EMSA-PKCS1-v1_5 (RFC 8017 9.2). false: n is too short for it, so that no signature is right. */
static bool encode(const unsigned char hash[MV_SHA256_BYTES], unsigned char *message, size_t bytes)
{
    size_t fixed = 3 + sizeof digest_info + MV_SHA256_BYTES;

    if (bytes < fixed + MIN_PADDING_BYTES)
        return false;
    message[0] = 0;
    message[1] = 1;
    memset(message + 2, 0xff, bytes - fixed);
    message[bytes - fixed + 2] = 0;
    memcpy(message + bytes - fixed + 3, digest_info, sizeof digest_info);
    memcpy(message + bytes - MV_SHA256_BYTES, hash, MV_SHA256_BYTES);
    return true;
}

/* RSAVP1 (RFC 8017 5.2.2) and the comparison. */
static enum mv_code raise(const struct mv_rsa *rsa, BIGNUM *s, BN_CTX *scratch, const unsigned char *expected,
                          bool *valid_r)
{
    unsigned char message[MV_RSA_MAX_BITS / 8];

    if (BN_cmp(s, rsa->n) >= 0) /* "signature representative out of range" */
        return MV_OK;
    if (BN_mod_exp_mont(s, s, rsa->e, rsa->n, scratch, rsa->mont) != 1 ||
        BN_bn2binpad(s, message, (int)rsa->bytes) != (int)rsa->bytes)
        return MV_ERR_CRYPTO;
    *valid_r = memcmp(message, expected, rsa->bytes) == 0;
    return MV_OK;
}

enum mv_code mv_rsa_verify(const struct mv_rsa *rsa, const unsigned char hash[MV_SHA256_BYTES],
                           struct mv_bytes signature, bool *valid_r)
{
    unsigned char expected[MV_RSA_MAX_BITS / 8];
    enum mv_code code = MV_ERR_CRYPTO;
    BN_CTX *scratch;
    BIGNUM *s;

    *valid_r = false;
    if (signature.len != rsa->bytes || !encode(hash, expected, rsa->bytes))
        return MV_OK;
    scratch = BN_CTX_new();
    s = BN_bin2bn(signature.data, (int)signature.len, NULL);
    if (scratch != NULL && s != NULL)
        code = raise(rsa, s, scratch, expected, valid_r);
    BN_free(s);
    BN_CTX_free(scratch);
    return code;
}
