#include "core/crypto/digest.h"

#include <string.h>

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

/* RSAPublicKey { n = 2^2047 + 1, e = 3 }, and 2 for a signature: of the usual size, so that the same code runs. */
static enum mv_code warm_up_rsa(void)
{
    static const unsigned char begin[] = {0x30, 0x82, 0x01, 0x08, 0x02, 0x82, 0x01, 0x01, 0x00, 0x80};
    static const unsigned char end[] = {0x01, 0x02, 0x01, 0x03};
    unsigned char key[4 + 0x108] = {0}, signature[256] = {0};

    memcpy(key, begin, sizeof begin);
    memcpy(key + sizeof key - sizeof end, end, sizeof end);
    signature[sizeof signature - 1] = 2;
    return warm_up(MV_KEY_RSA, mv_bytes_of(key, sizeof key), mv_bytes_of(signature, sizeof signature));
}

static enum mv_code warm_up_ed25519(void)
{
    /* The base point of the curve, RFC 8032 5.1 */
    static const unsigned char key[MV_ED25519_KEY_BYTES] = {
        0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
        0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
    static const unsigned char signature[MV_ED25519_SIGNATURE_BYTES] = {1};

    return warm_up(MV_KEY_ED25519, mv_bytes_of(key, sizeof key), mv_bytes_of(signature, sizeof signature));
}

enum mv_code mv_crypto_preload(void)
{
    enum mv_code code = warm_up_digest();

    if (code == MV_OK)
        code = warm_up_rsa();
    return code == MV_OK ? warm_up_ed25519() : code;
}
