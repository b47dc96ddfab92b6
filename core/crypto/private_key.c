#include "core/crypto/private_key.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/buffer.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/crypto/private_key_read.h"

struct mv_private_key {
    enum mv_key_type type;
    unsigned bits;
    atomic_uint references;
    EVP_PKEY *pkey;
    /* A context prepared for signing, or NULL while a thread uses it; the one of the key's type. */
    _Atomic(EVP_PKEY_CTX *) spare_rsa;
    _Atomic(EVP_MD_CTX *) spare_ed25519;
};

static EVP_PKEY_CTX *take_rsa(struct mv_private_key *key)
{
    EVP_PKEY_CTX *context = atomic_exchange(&key->spare_rsa, NULL);

    if (context != NULL)
        return context;
    context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (context != NULL && EVP_PKEY_sign_init(context) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1)
        return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

/*
 * RFC 8017 8.2.1.  The DigestInfo is ours, so that the library need not look
 * SHA-256 up; the library compares the result with the public key before it
 * hands it out.
 */
static enum mv_code sign_rsa(struct mv_private_key *key, const unsigned char hash[MV_SHA256_BYTES],
                             unsigned char *signature_r, size_t *len_r)
{
    static const unsigned char prefix[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                           0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    unsigned char digest_info[sizeof prefix + MV_SHA256_BYTES];
    EVP_PKEY_CTX *context = take_rsa(key);

    if (context == NULL)
        return MV_ERR_CRYPTO;
    memcpy(digest_info, prefix, sizeof prefix);
    memcpy(digest_info + sizeof prefix, hash, MV_SHA256_BYTES);
    if (EVP_PKEY_sign(context, signature_r, len_r, digest_info, sizeof digest_info) != 1) {
        EVP_PKEY_CTX_free(context);
        return MV_ERR_CRYPTO;
    }
    EVP_PKEY_CTX_free(atomic_exchange(&key->spare_rsa, context));
    return MV_OK;
}

/* A context that has signed begins anew when it is given no key: later libraries let it sign only once. */
static EVP_MD_CTX *take_ed25519(struct mv_private_key *key)
{
    EVP_MD_CTX *context = atomic_exchange(&key->spare_ed25519, NULL);

    if (context != NULL && EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, NULL, NULL) == 1)
        return context;
    EVP_MD_CTX_free(context);
    context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1)
        return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

static enum mv_code sign_ed25519(struct mv_private_key *key, const unsigned char hash[MV_SHA256_BYTES],
                                 unsigned char *signature_r, size_t *len_r)
{
    EVP_MD_CTX *context = take_ed25519(key);

    if (context == NULL)
        return MV_ERR_CRYPTO;
    if (EVP_DigestSign(context, signature_r, len_r, hash, MV_SHA256_BYTES) != 1) {
        EVP_MD_CTX_free(context);
        return MV_ERR_CRYPTO;
    }
    EVP_MD_CTX_free(atomic_exchange(&key->spare_ed25519, context));
    return MV_OK;
}

enum mv_code mv_private_key_sign(struct mv_private_key *key, const unsigned char hash[MV_SHA256_BYTES],
                                 unsigned char *signature_r, size_t *signature_len_r)
{
    enum mv_code code;

    *signature_len_r = MV_MAX_SIGNATURE_BYTES;
    ERR_set_mark();
    if (key->type == MV_KEY_RSA)
        code = sign_rsa(key, hash, signature_r, signature_len_r);
    else
        code = sign_ed25519(key, hash, signature_r, signature_len_r);
    ERR_pop_to_mark();
    return code;
}

/* Takes the pkey over, also when it fails. */
static struct mv_private_key *wrap(enum mv_key_type type, EVP_PKEY *pkey)
{
    struct mv_private_key *key = calloc(1, sizeof *key);

    if (key == NULL) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    key->type = type;
    key->pkey = pkey;
    atomic_init(&key->references, 1);
    atomic_init(&key->spare_rsa, NULL);
    atomic_init(&key->spare_ed25519, NULL);
    return key;
}

static enum mv_code judge_bits(struct mv_private_key *key, const struct mv_public_key *public_key,
                               const char **reason_r)
{
    key->bits = mv_public_key_bits(public_key);
    if (key->type != MV_KEY_RSA || key->bits >= MV_RSA_MIN_SIGNING_BITS)
        return MV_OK;
    *reason_r = "the RSA key is shorter than 1024 bits: verifiers refuse it"; /* RFC 8301 3.2 */
    return MV_ERR_SYNTAX;
}

/* One signature tells whether the private numbers belong to the public ones. */
static enum mv_code try_out(struct mv_private_key *key, struct mv_public_key *public_key, const char **reason_r)
{
    static const unsigned char hash[MV_SHA256_BYTES] = {1};
    unsigned char signature[MV_MAX_SIGNATURE_BYTES];
    size_t len;
    bool valid = false;

    if (mv_private_key_sign(key, hash, signature, &len) == MV_OK &&
        mv_public_key_verify(public_key, hash, mv_bytes_of(signature, len), &valid) == MV_OK && valid)
        return MV_OK;
    *reason_r = "the key is damaged: what it signs does not verify";
    return MV_ERR_SYNTAX;
}

/* A key signs here only if our own verifier takes its public half and what it signs. */
static enum mv_code judge(struct mv_private_key *key, const char **reason_r)
{
    struct mv_public_key *public_key = NULL;
    struct mv_buf octets;
    enum mv_code code;

    mv_buf_init(&octets, MV_PRIVATE_KEY_MAX_PEM_BYTES);
    code = mv_private_key_public_octets(key, &octets);
    if (code == MV_OK)
        code = mv_public_key_new(key->type, mv_buf_bytes(&octets), &public_key, reason_r);
    if (code == MV_OK)
        code = judge_bits(key, public_key, reason_r);
    if (code == MV_OK)
        code = try_out(key, public_key, reason_r);
    mv_public_key_free(&public_key);
    mv_buf_free(&octets);
    return code;
}

enum mv_code mv_private_key_read(struct mv_bytes pem, struct mv_private_key **key_r, const char **reason_r)
{
    struct mv_private_key *key = NULL;
    enum mv_key_type type;
    EVP_PKEY *pkey;
    enum mv_code code;

    *key_r = NULL;
    ERR_set_mark();
    code = mv_private_key_decode(pem, &type, &pkey, reason_r);
    if (code == MV_OK) {
        key = wrap(type, pkey);
        code = key == NULL ? MV_ERR_MEMORY : judge(key, reason_r);
    }
    ERR_pop_to_mark();
    if (code == MV_OK)
        *key_r = key;
    else
        mv_private_key_free(&key);
    return code;
}

enum mv_code mv_private_key_generate(enum mv_key_type type, unsigned rsa_bits, struct mv_private_key **key_r)
{
    struct mv_private_key *key = NULL;
    const char *reason;
    EVP_PKEY *pkey;
    enum mv_code code = MV_ERR_CRYPTO;

    *key_r = NULL;
    if (type == MV_KEY_RSA && (rsa_bits < MV_RSA_MIN_SIGNING_BITS || rsa_bits > MV_RSA_MAX_BITS))
        return MV_ERR_LIMIT;
    ERR_set_mark();
    pkey = type == MV_KEY_RSA ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)rsa_bits)
                              : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (pkey != NULL) {
        key = wrap(type, pkey);
        code = key == NULL ? MV_ERR_MEMORY : judge(key, &reason);
    }
    ERR_pop_to_mark();
    if (code == MV_OK)
        *key_r = key;
    else
        mv_private_key_free(&key);
    return code == MV_ERR_SYNTAX ? MV_ERR_CRYPTO : code;
}

enum mv_code mv_private_key_write(const struct mv_private_key *key, struct mv_buf *out)
{
    BIO *memory = BIO_new(BIO_s_mem());
    enum mv_code code = MV_ERR_CRYPTO;
    BUF_MEM *text = NULL;

    if (memory == NULL)
        return MV_ERR_MEMORY;
    ERR_set_mark();
    if (PEM_write_bio_PKCS8PrivateKey(memory, key->pkey, NULL, NULL, 0, NULL, NULL) == 1 &&
        BIO_get_mem_ptr(memory, &text) == 1) {
        mv_buf_put(out, mv_bytes_of(text->data, text->length));
        OPENSSL_cleanse(text->data, text->length);
        code = mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
    }
    ERR_pop_to_mark();
    BIO_free(memory);
    return code;
}

static enum mv_code put_spki(const struct mv_private_key *key, struct mv_buf *out)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key->pkey, &der);

    if (len <= 0)
        return MV_ERR_CRYPTO;
    mv_buf_put(out, mv_bytes_of(der, (size_t)len));
    OPENSSL_free(der);
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

static enum mv_code put_raw(const struct mv_private_key *key, struct mv_buf *out)
{
    unsigned char octets[MV_ED25519_KEY_BYTES];
    size_t len = sizeof octets;

    if (EVP_PKEY_get_raw_public_key(key->pkey, octets, &len) != 1 || len != sizeof octets)
        return MV_ERR_CRYPTO;
    mv_buf_put(out, mv_bytes_of(octets, len));
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

enum mv_code mv_private_key_public_octets(const struct mv_private_key *key, struct mv_buf *out)
{
    enum mv_code code;

    ERR_set_mark();
    code = key->type == MV_KEY_RSA ? put_spki(key, out) : put_raw(key, out);
    ERR_pop_to_mark();
    return code;
}

enum mv_key_type mv_private_key_type(const struct mv_private_key *key)
{
    return key->type;
}

unsigned mv_private_key_bits(const struct mv_private_key *key)
{
    return key->bits;
}

struct mv_private_key *mv_private_key_ref(struct mv_private_key *key)
{
    atomic_fetch_add(&key->references, 1);
    return key;
}

void mv_private_key_free(struct mv_private_key **key)
{
    struct mv_private_key *k = *key;

    *key = NULL;
    if (k == NULL || atomic_fetch_sub(&k->references, 1) > 1)
        return;
    EVP_PKEY_CTX_free(atomic_load(&k->spare_rsa));
    EVP_MD_CTX_free(atomic_load(&k->spare_ed25519));
    EVP_PKEY_free(k->pkey);
    free(k);
}
