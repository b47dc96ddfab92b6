#include "core/crypto/private_key_read.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/base/base64.h"
#include "core/crypto/der.h"
#include "core/crypto/pem.h"
#include "core/crypto/private_key.h"

static const char not_pkcs8[] = "the PEM is damaged: its contents are no PKCS#8 key";
static const char not_pkcs1[] = "the key is damaged: its numbers are no RSA private key of two primes";
static const char other_algorithm[] = "the key is of another algorithm: DKIM signs with RSA or Ed25519";

/*
 * RSAPrivateKey (RFC 8017 A.1.2): version 0, then n, e, d, p, q, d mod (p-1), d mod (q-1), 1/q mod p.  A number
 * longer than n is none of such a key, and would cost whatever its author likes.
 */
static bool is_rsa_private_key(struct mv_bytes der)
{
    struct mv_cursor c = mv_cursor_of(der);
    struct mv_bytes contents, version, modulus, number;

    if (!mv_der_take(&c, MV_DER_SEQUENCE, &contents) || mv_cursor_left(&c) != 0)
        return false;
    c = mv_cursor_of(contents);
    if (!mv_der_take(&c, MV_DER_INTEGER, &version) || !mv_bytes_equal(version, mv_bytes_of("\0", 1)) ||
        !mv_der_take_positive(&c, &modulus))
        return false;
    for (int i = 0; i < 7; i++)
        if (!mv_der_take_positive(&c, &number) || number.len > modulus.len)
            return false;
    return mv_cursor_left(&c) == 0;
}

static enum mv_code make_rsa(struct mv_bytes der, EVP_PKEY **pkey_r, const char **reason_r)
{
    const unsigned char *at = der.data;

    if (!is_rsa_private_key(der)) {
        *reason_r = not_pkcs1;
        return MV_ERR_SYNTAX;
    }
    *pkey_r = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, (long)der.len);
    if (*pkey_r != NULL)
        return MV_OK;
    *reason_r = not_pkcs1;
    return MV_ERR_SYNTAX;
}

/* CurvePrivateKey of RFC 8410 7: an OCTET STRING in an OCTET STRING. */
static enum mv_code make_ed25519(struct mv_bytes der, EVP_PKEY **pkey_r, const char **reason_r)
{
    struct mv_cursor c = mv_cursor_of(der);
    struct mv_bytes seed;

    if (!mv_der_take(&c, MV_DER_OCTET_STRING, &seed) || mv_cursor_left(&c) != 0 || seed.len != MV_ED25519_KEY_BYTES) {
        *reason_r = "the key is damaged: an Ed25519 key has 32 octets";
        return MV_ERR_SYNTAX;
    }
    *pkey_r = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed.data, seed.len);
    return *pkey_r == NULL ? MV_ERR_CRYPTO : MV_OK;
}

/*
 * PrivateKeyInfo (RFC 5208 5) or OneAsymmetricKey (RFC 5958 2).  Attributes and a
 * public key, which may follow the key, are not looked at: the public key is that
 * of the private one.
 */
static bool open_pkcs8(struct mv_bytes der, struct mv_bytes *algorithm_r, struct mv_bytes *key_r)
{
    struct mv_cursor c = mv_cursor_of(der);
    struct mv_bytes contents, version, identifier;

    if (!mv_der_take(&c, MV_DER_SEQUENCE, &contents) || mv_cursor_left(&c) != 0)
        return false;
    c = mv_cursor_of(contents);
    if (!mv_der_take(&c, MV_DER_INTEGER, &version) || version.len != 1 || version.data[0] > 1)
        return false;
    if (!mv_der_take(&c, MV_DER_SEQUENCE, &identifier) || !mv_der_take(&c, MV_DER_OCTET_STRING, key_r))
        return false;
    c = mv_cursor_of(identifier);
    return mv_der_take(&c, MV_DER_OID, algorithm_r);
}

static enum mv_code make_pkcs8(struct mv_bytes der, enum mv_key_type *type_r, EVP_PKEY **pkey_r,
                               const char **reason_r)
{
    static const unsigned char rsa_encryption[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
    static const unsigned char ed25519[] = {0x2b, 0x65, 0x70}; /* RFC 8410 3 */
    struct mv_bytes algorithm, key;

    if (!open_pkcs8(der, &algorithm, &key)) {
        *reason_r = not_pkcs8;
        return MV_ERR_SYNTAX;
    }
    *type_r = MV_KEY_RSA;
    if (mv_bytes_equal(algorithm, mv_bytes_of(rsa_encryption, sizeof rsa_encryption)))
        return make_rsa(key, pkey_r, reason_r);
    *type_r = MV_KEY_ED25519;
    if (mv_bytes_equal(algorithm, mv_bytes_of(ed25519, sizeof ed25519)))
        return make_ed25519(key, pkey_r, reason_r);
    *reason_r = other_algorithm;
    return MV_ERR_SYNTAX;
}

/* What to say of a block that is neither PKCS#8 nor PKCS#1. */
static const char *judge_label(struct mv_bytes label)
{
    static const struct {
        const char *ending;
        const char *reason;
    } rows[] = {
        {"ENCRYPTED PRIVATE KEY", "the key is encrypted: nobody is there to type its passphrase; remove it with "
                                  "\"openssl pkey -in KEY -out NEW\""},
        {"OPENSSH PRIVATE KEY", "this is a key of OpenSSH: DKIM needs a PKCS#8 key"},
        {" PRIVATE KEY", other_algorithm}, /* "EC PRIVATE KEY", "DSA PRIVATE KEY" */
        {"PUBLIC KEY", "this is a public key: the private key is needed"},
        {"CERTIFICATE", "this is a certificate: the private key is needed"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (mv_bytes_has_suffix_nocase(label, mv_bytes_str(rows[i].ending)))
            return rows[i].reason;
    return "this is no private key";
}

static enum mv_code decode_base64(struct mv_bytes base64, struct mv_buf *der, const char **reason_r)
{
    if (mv_buf_reserve(der, base64.len) == NULL) /* at once, so that no copy of the key is left behind */
        return MV_ERR_MEMORY;
    if (mv_base64_decode(base64, der))
        return MV_OK;
    *reason_r = "the PEM is damaged: its contents are no base64";
    if (mv_bytes_has_prefix_nocase(mv_bytes_trim(base64), MV_BYTES("Proc-Type:"))) /* RFC 1421 4.6.1.1 */
        *reason_r = judge_label(MV_BYTES("ENCRYPTED PRIVATE KEY"));
    return MV_ERR_SYNTAX;
}

static enum mv_code decode_block(const struct mv_pem *block, enum mv_key_type *type_r, EVP_PKEY **pkey_r,
                                 const char **reason_r)
{
    bool pkcs8 = mv_bytes_equal(block->label, MV_BYTES("PRIVATE KEY"));
    struct mv_buf der;
    enum mv_code code;

    if (!pkcs8 && !mv_bytes_equal(block->label, MV_BYTES("RSA PRIVATE KEY"))) {
        *reason_r = judge_label(block->label);
        return MV_ERR_SYNTAX;
    }
    mv_buf_init(&der, MV_PRIVATE_KEY_MAX_PEM_BYTES);
    code = decode_base64(block->base64, &der, reason_r);
    *type_r = MV_KEY_RSA;
    if (code == MV_OK && pkcs8)
        code = make_pkcs8(mv_buf_bytes(&der), type_r, pkey_r, reason_r);
    else if (code == MV_OK)
        code = make_rsa(mv_buf_bytes(&der), pkey_r, reason_r);
    OPENSSL_cleanse(der.data, der.len);
    mv_buf_free(&der);
    return code;
}

enum mv_code mv_private_key_decode(struct mv_bytes pem, enum mv_key_type *type_r, EVP_PKEY **pkey_r,
                                   const char **reason_r)
{
    struct mv_pem block;

    *pkey_r = NULL;
    *reason_r = "the file is longer than 16 KiB: this is no private key";
    if (pem.len > MV_PRIVATE_KEY_MAX_PEM_BYTES)
        return MV_ERR_SYNTAX;
    *reason_r = mv_pem_read(pem, &block);
    if (*reason_r != NULL)
        return MV_ERR_SYNTAX;
    return decode_block(&block, type_r, pkey_r, reason_r);
}
