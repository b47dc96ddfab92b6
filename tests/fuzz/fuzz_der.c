/* Key data under an attacker's control, as it comes out of p=. */
#include "core/crypto/der.h"

#include "core/crypto/public_key.h"
#include "tests/fuzz/fuzz.h"

static bool is_inside(struct mv_bytes part, struct mv_bytes whole)
{
    return part.len > 0 && part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const unsigned char hash[MV_SHA256_BYTES];
    struct mv_bytes der = mv_bytes_of(data, size), modulus, exponent;
    struct mv_public_key *key;
    const char *reason;
    enum mv_code code;
    bool valid;

    if (mv_der_read_rsa(der, &modulus, &exponent) == MV_DER_RSA_OK) {
        fuzz_require(is_inside(modulus, der) && modulus.data[0] != 0);
        fuzz_require(is_inside(exponent, der) && exponent.data[0] != 0);
    }
    code = mv_public_key_new(MV_KEY_RSA, der, &key, &reason);
    fuzz_require((code == MV_OK) == (key != NULL));
    fuzz_require((code == MV_ERR_SYNTAX) == (reason != NULL));
    fuzz_require(code == MV_OK || code == MV_ERR_SYNTAX); /* the library takes every key that we let through */
    if (key != NULL) {
        fuzz_require(mv_public_key_bits(key) >= MV_RSA_MIN_PARSED_BITS && mv_public_key_bits(key) <= MV_RSA_MAX_BITS);
        fuzz_require(mv_public_key_verify(key, hash, mv_bytes_slice(der, 0, (mv_public_key_bits(key) + 7) / 8), &valid) == MV_OK);
    }
    mv_public_key_free(&key);
    return 0;
}
