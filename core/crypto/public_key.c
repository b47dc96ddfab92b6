#include "core/crypto/public_key.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "core/crypto/der.h"

struct mv_public_key {
    enum mv_key_type type;
    unsigned bits;
    atomic_uint references;
    EVP_PKEY *pkey;
    /* RSA: a context prepared for verification, or NULL while a thread uses it. It costs a fifth of a verification. */
    _Atomic(EVP_PKEY_CTX *) spare;
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

/* Big endian to the machine's order, which is what OSSL_PARAM wants. */
static void to_native(struct mv_bytes number, unsigned char *native_r)
{
    const uint16_t one = 1;
    unsigned char first;

    memcpy(&first, &one, sizeof first);
    for (size_t i = 0; i < number.len; i++)
        native_r[i] = number.data[first == 1 ? number.len - 1 - i : i];
}

/*
 * A context that makes RSA keys, or NULL while a thread uses it: looking RSA up in the library anew for each key would
 * cost as much as half a verification.
 */
static _Atomic(EVP_PKEY_CTX *) spare_maker;

static EVP_PKEY_CTX *take_maker(void)
{
    EVP_PKEY_CTX *maker = atomic_exchange(&spare_maker, NULL);

    if (maker != NULL)
        return maker;
    maker = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (maker != NULL && EVP_PKEY_fromdata_init(maker) == 1)
        return maker;
    EVP_PKEY_CTX_free(maker);
    return NULL;
}

static EVP_PKEY *make_rsa(struct mv_bytes modulus, struct mv_bytes exponent)
{
    unsigned char n[MV_RSA_MAX_BITS / 8];
    uint64_t e = to_uint64(exponent);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n, modulus.len),
                           OSSL_PARAM_construct_uint64(OSSL_PKEY_PARAM_RSA_E, &e), OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *maker = take_maker();
    EVP_PKEY *pkey = NULL;

    if (maker == NULL)
        return NULL;
    to_native(modulus, n);
    EVP_PKEY_fromdata(maker, &pkey, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(atomic_exchange(&spare_maker, maker));
    return pkey;
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
    key->pkey = make_rsa(modulus, exponent);
    return key->pkey == NULL ? MV_ERR_CRYPTO : MV_OK;
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
    atomic_init(&key->spare, NULL);
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
    EVP_PKEY_CTX_free(atomic_load(&k->spare));
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

static EVP_PKEY_CTX *take_context(struct mv_public_key *key)
{
    EVP_PKEY_CTX *context = atomic_exchange(&key->spare, NULL);
    int padding = RSA_PKCS1_PADDING;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_PAD_MODE, &padding),
                                 OSSL_PARAM_construct_end()};

    if (context != NULL)
        return context;
    context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (context != NULL && EVP_PKEY_verify_init_ex(context, params) == 1)
        return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

static void give_context(struct mv_public_key *key, EVP_PKEY_CTX *context)
{
    EVP_PKEY_CTX_free(atomic_exchange(&key->spare, context));
}

/*
 * RFC 8017 8.2.2.  The DigestInfo is ours, and the context has no digest set: the
 * library then compares the whole of what the signature holds with it, octet by
 * octet, and need not look SHA-256 up again for each key.
 */
static enum mv_code verify_rsa(struct mv_public_key *key, const unsigned char hash[MV_SHA256_BYTES],
                               struct mv_bytes signature, bool *valid_r)
{
    static const unsigned char prefix[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                           0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    unsigned char digest_info[sizeof prefix + MV_SHA256_BYTES];
    EVP_PKEY_CTX *context;

    if (signature.len != (key->bits + 7) / 8)
        return MV_OK;
    context = take_context(key);
    if (context == NULL)
        return MV_ERR_CRYPTO;
    memcpy(digest_info, prefix, sizeof prefix);
    memcpy(digest_info + sizeof prefix, hash, MV_SHA256_BYTES);
    *valid_r = EVP_PKEY_verify(context, signature.data, signature.len, digest_info, sizeof digest_info) == 1;
    give_context(key, context);
    return MV_OK;
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
        code = verify_rsa(key, hash, signature, valid_r);
    else
        code = verify_ed25519(key, hash, signature, valid_r);
    ERR_pop_to_mark();
    return code;
}
