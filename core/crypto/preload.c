#include "core/crypto/digest.h"

#include "core/crypto/public_key.h"

/* One verification, which fails: the key is just a number. */
static enum mv_code warm_up(enum mv_key_type type, struct mv_bytes octets, struct mv_bytes signature)
{
    static const unsigned char hash[MV_SHA256_BYTES];
    struct mv_public_key *key;
    const char *reason;
    enum mv_code code = mv_public_key_new(type, octets, &key, &reason);
    bool valid;

    if (code != MV_OK)
        return code;
    code = mv_public_key_verify(key, hash, signature, &valid);
    mv_public_key_free(&key);
    return code;
}

static enum mv_code warm_up_digest(void)
{
    unsigned char hash[MV_SHA256_BYTES];
    struct mv_digest *digest = mv_digest_new();
    enum mv_code code = digest == NULL ? MV_ERR_CRYPTO : mv_digest_final(digest, hash);

    mv_digest_free(&digest);
    return code;
}

enum mv_code mv_crypto_preload(void)
{
    /* RSAPublicKey { n = 2^255 + 1 (256 bits), e = 3 } */
    static const unsigned char rsa[] = {0x30, 0x26, 0x02, 0x21, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, 0,
                                        0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0,
                                        0,    0,    0,    0,    0,    0,    0, 0, 1, 2, 1, 3};
    /* The base point of the curve, RFC 8032 5.1 */
    static const unsigned char ed25519[MV_ED25519_KEY_BYTES] = {
        0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
        0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
    static const unsigned char signature[MV_ED25519_SIGNATURE_BYTES] = {1};
    enum mv_code code = warm_up_digest();

    if (code == MV_OK)
        code = warm_up(MV_KEY_RSA, mv_bytes_of(rsa, sizeof rsa), mv_bytes_of(signature, 32));
    if (code == MV_OK)
        code = warm_up(MV_KEY_ED25519, mv_bytes_of(ed25519, sizeof ed25519),
                       mv_bytes_of(signature, sizeof signature));
    return code;
}
