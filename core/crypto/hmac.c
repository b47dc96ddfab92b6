#include "core/crypto/hmac.h"

#include <string.h>

#include <openssl/crypto.h>

#define BLOCK_BYTES 64 /* of SHA-256 */
#define INNER_PAD 0x36
#define OUTER_PAD 0x5c

static enum mv_code hash(struct mv_bytes first, struct mv_bytes second, unsigned char hash_r[MV_SHA256_BYTES])
{
    struct mv_digest *digest = mv_digest_new();
    enum mv_code code;

    if (digest == NULL)
        return MV_ERR_CRYPTO;
    mv_digest_update(digest, first);
    mv_digest_update(digest, second);
    code = mv_digest_final(digest, hash_r);
    mv_digest_free(&digest);
    return code;
}

/* RFC 2104 2: a longer key is its hash, a shorter one is followed by zeros. */
static enum mv_code fill_block(struct mv_bytes key, unsigned char block_r[BLOCK_BYTES])
{
    memset(block_r, 0, BLOCK_BYTES);
    if (key.len > BLOCK_BYTES)
        return hash(key, MV_BYTES(""), block_r);
    if (key.len > 0)
        memcpy(block_r, key.data, key.len);
    return MV_OK;
}

static void flip(unsigned char block[BLOCK_BYTES], unsigned char pad)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        block[i] ^= pad;
}

enum mv_code mv_hmac(struct mv_bytes key, struct mv_bytes text, unsigned char mac_r[MV_SHA256_BYTES])
{
    unsigned char block[BLOCK_BYTES], inner[MV_SHA256_BYTES];
    enum mv_code code = fill_block(key, block);

    if (code == MV_OK) {
        flip(block, INNER_PAD);
        code = hash(mv_bytes_of(block, sizeof block), text, inner);
    }
    if (code == MV_OK) {
        flip(block, INNER_PAD ^ OUTER_PAD);
        code = hash(mv_bytes_of(block, sizeof block), mv_bytes_of(inner, sizeof inner), mac_r);
    }
    OPENSSL_cleanse(block, sizeof block);
    return code;
}

bool mv_hmac_equal(const unsigned char a[MV_SHA256_BYTES], const unsigned char b[MV_SHA256_BYTES])
{
    return CRYPTO_memcmp(a, b, MV_SHA256_BYTES) == 0;
}
