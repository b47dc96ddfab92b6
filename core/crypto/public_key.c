#include "core/crypto/public_key.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/crypto/der.h"
#include "core/crypto/rsa.h"

struct mv_public_key {
    enum mv_key_type type;
    unsigned bits;
    atomic_uint references;
    struct mv_rsa *rsa; /* RSA */
    EVP_PKEY *pkey;     /* Ed25519 */
};

static unsigned count_bits(struct mv_bytes number)
{
    unsigned bits = (unsigned)(number.len - 1) * 8;

    for (unsigned top = number.data[0]; top != 0; top >>= 1)
        bits++;
    return bits;
}

static uint64_t to_uint64(struct mv_bytes number)
{
    uint64_t value = 0;

    for (size_t i = 0; i < number.len; i++)
        value = value << 8 | number.data[i];
    return value;
}

static bool is_odd(struct mv_bytes number)
{
    return (number.data[number.len - 1] & 1) != 0;
}

/* NULL, or what is wrong with these numbers. RFC 6376 8.13, and the costs of 3.3.3. */
static const char *judge_rsa(struct mv_bytes modulus, struct mv_bytes exponent)
{
    if (modulus.len > MV_RSA_MAX_BITS / 8)
        return "the RSA modulus is longer than 8192 bits";
    if (count_bits(modulus) < MV_RSA_MIN_PARSED_BITS)
        return "the RSA modulus is shorter than 256 bits";
    if (!is_odd(modulus))
        return "the RSA modulus is even";
    if (exponent.len > 8 || count_bits(exponent) > MV_RSA_MAX_EXPONENT_BITS)
        return "the RSA exponent is larger than 2^33";
    if (!is_odd(exponent) || to_uint64(exponent) < 3)
        return "the RSA exponent is even or smaller than 3";
    return NULL;
}

static enum mv_code read_rsa(struct mv_public_key *key, struct mv_bytes der, const char **reason_r)
{
    struct mv_bytes modulus, exponent;

    switch (mv_der_read_rsa(der, &modulus, &exponent)) {
    case MV_DER_RSA_OK:
        break;
    case MV_DER_RSA_NOT_DER:
        *reason_r = "the key data is not the DER of an RSA public key";
        return MV_ERR_SYNTAX;
    case MV_DER_RSA_OTHER_ALGORITHM:
        *reason_r = "the key data is a key of another algorithm, not RSA";
        return MV_ERR_SYNTAX;
    }
    *reason_r = judge_rsa(modulus, exponent);
    if (*reason_r != NULL)
        return MV_ERR_SYNTAX;
    key->bits = count_bits(modulus);
    key->rsa = mv_rsa_new(modulus, exponent);
    return key->rsa == NULL ? MV_ERR_MEMORY : MV_OK;
}

static enum mv_code read_ed25519(struct mv_public_key *key, struct mv_bytes octets, const char **reason_r)
{
    if (octets.len != MV_ED25519_KEY_BYTES) {
        *reason_r = "an Ed25519 key has 32 octets, this one has not";
        return MV_ERR_SYNTAX;
    }
    key->bits = 8 * MV_ED25519_KEY_BYTES;
    key->pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, octets.data, octets.len);
    return key->pkey == NULL ? MV_ERR_CRYPTO : MV_OK;
}

enum mv_code mv_public_key_new(enum mv_key_type type, struct mv_bytes octets, struct mv_public_key **key_r,
                               const char **reason_r)
{
    struct mv_public_key *key = calloc(1, sizeof *key);
    enum mv_code code;

    *key_r = NULL;
    *reason_r = NULL;
    if (key == NULL)
        return MV_ERR_MEMORY;
    key->type = type;
    atomic_init(&key->references, 1);
    ERR_set_mark();
    code = type == MV_KEY_RSA ? read_rsa(key, octets, reason_r) : read_ed25519(key, octets, reason_r);
    ERR_pop_to_mark();
    if (code != MV_OK) {
        mv_public_key_free(&key);
        return code;
    }
    *key_r = key;
    return MV_OK;
}

struct mv_public_key *mv_public_key_ref(struct mv_public_key *key)
{
    atomic_fetch_add(&key->references, 1);
    return key;
}

void mv_public_key_free(struct mv_public_key **key)
{
    struct mv_public_key *k = *key;

    *key = NULL;
    if (k == NULL || atomic_fetch_sub(&k->references, 1) > 1)
        return;
    mv_rsa_free(&k->rsa);
    EVP_PKEY_free(k->pkey);
    free(k);
}

enum mv_key_type mv_public_key_type(const struct mv_public_key *key)
{
    return key->type;
}

unsigned mv_public_key_bits(const struct mv_public_key *key)
{
    return key->bits;
}

static enum mv_code verify_ed25519(const struct mv_public_key *key, const unsigned char hash[MV_SHA256_BYTES],
                                   struct mv_bytes signature, bool *valid_r)
{
    enum mv_code code = MV_ERR_CRYPTO;
    EVP_MD_CTX *context;

    if (signature.len != MV_ED25519_SIGNATURE_BYTES)
        return MV_OK;
    context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1) {
        *valid_r = EVP_DigestVerify(context, signature.data, signature.len, hash, MV_SHA256_BYTES) == 1;
        code = MV_OK;
    }
    EVP_MD_CTX_free(context);
    return code;
}

enum mv_code mv_public_key_verify(struct mv_public_key *key, const unsigned char hash[MV_SHA256_BYTES],
                                  struct mv_bytes signature, bool *valid_r)
{
    enum mv_code code;

    *valid_r = false;
    ERR_set_mark();
    if (key->type == MV_KEY_RSA)
        code = mv_rsa_verify(key->rsa, hash, signature, valid_r);
    else
        code = verify_ed25519(key, hash, signature, valid_r);
    ERR_pop_to_mark();
    return code;
}
