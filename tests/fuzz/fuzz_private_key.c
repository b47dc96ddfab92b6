/*
 * A key file.  A first octet P or R: the rest is DER, put into a PEM block of
 * PKCS#8 or PKCS#1; else it is all PEM.  What is taken must sign, and be the
 * same key when it is written and read again.
 */
#include "core/crypto/private_key.h"

#include "core/base/base64.h"
#include "tests/fuzz/fuzz.h"

static void put_block(const char *label, struct mv_bytes der, struct mv_buf *out)
{
    mv_buf_printf(out, "-----BEGIN %s-----\n", label);
    mv_base64_encode(der, out);
    mv_buf_printf(out, "\n-----END %s-----\n", label);
}

static void use_key(struct mv_private_key *key)
{
    static const unsigned char hash[MV_SHA256_BYTES];
    unsigned char signature[MV_MAX_SIGNATURE_BYTES];
    struct mv_private_key *again;
    struct mv_buf pem;
    const char *reason;
    size_t len;

    mv_buf_init(&pem, FUZZ_MAX_BYTES);
    fuzz_require(mv_private_key_sign(key, hash, signature, &len) == MV_OK);
    fuzz_require(len == (mv_private_key_type(key) == MV_KEY_RSA ? (mv_private_key_bits(key) + 7) / 8 : 64));
    fuzz_require(mv_private_key_write(key, &pem) == MV_OK);
    fuzz_require(mv_private_key_read(mv_buf_bytes(&pem), &again, &reason) == MV_OK);
    fuzz_require(mv_private_key_bits(key) == mv_private_key_bits(again));
    mv_private_key_free(&again);
    mv_buf_free(&pem);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes input = mv_bytes_of(data, size), rest = mv_bytes_slice(input, 1, size);
    struct mv_private_key *key;
    struct mv_buf text;
    const char *reason;
    enum mv_code code;

    mv_buf_init(&text, FUZZ_MAX_BYTES);
    if (size > 0 && data[0] == 'P')
        put_block("PRIVATE KEY", rest, &text);
    else if (size > 0 && data[0] == 'R')
        put_block("RSA PRIVATE KEY", rest, &text);
    else
        mv_buf_put(&text, input);
    code = mv_private_key_read(mv_buf_bytes(&text), &key, &reason);
    fuzz_require(code == MV_OK || code == MV_ERR_SYNTAX);
    fuzz_require((code == MV_OK) == (key != NULL) && (code == MV_ERR_SYNTAX) == (reason != NULL));
    if (key != NULL)
        use_key(key);
    mv_private_key_free(&key);
    mv_buf_free(&text);
    return 0;
}
