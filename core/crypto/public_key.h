/*
 * Public keys of DKIM and the one operation on them.  The only files that
 * include OpenSSL are in this directory.
 *
 * A key is counted: mv_public_key_new() and mv_public_key_ref() give one
 * reference, mv_public_key_free() gives it back.  One key may be used by several
 * threads at the same time.  Key cache: core/crypto/key_cache.h.
 */
#ifndef MV_CRYPTO_PUBLIC_KEY_H
#define MV_CRYPTO_PUBLIC_KEY_H

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/crypto/digest.h"

#define MV_RSA_MAX_BITS 8192          /* more is refused: cost */
#define MV_RSA_MIN_PARSED_BITS 256    /* less does not parse; what is too short to accept is policy (RFC 8301 3.2) */
#define MV_RSA_MAX_EXPONENT_BITS 33   /* e < 2^33: cost (RFC 6376 8.13) */
#define MV_ED25519_KEY_BYTES 32
#define MV_ED25519_SIGNATURE_BYTES 64

enum mv_key_type { MV_KEY_RSA, MV_KEY_ED25519 };

struct mv_public_key;

/*
 * RSA: DER of SubjectPublicKeyInfo, which the world publishes, or of the PKCS#1 RSAPublicKey of RFC 6376 3.6.1;
 * e odd, 3 <= e < 2^33 (RFC 6376 8.13), n odd, at most MV_RSA_MAX_BITS.  Nothing may follow the DER.
 * Ed25519: the 32 octets (RFC 8463 4.2).
 * MV_ERR_SYNTAX with a reason in *reason_r (static text) when it is no such key;
 * MV_ERR_MEMORY; MV_ERR_CRYPTO when the library cannot do this type.
 */
enum mv_code mv_public_key_new(enum mv_key_type type, struct mv_bytes octets, struct mv_public_key **key_r,
                               const char **reason_r);
/* The same key, held once more. */
struct mv_public_key *mv_public_key_ref(struct mv_public_key *key);
void mv_public_key_free(struct mv_public_key **key);
enum mv_key_type mv_public_key_type(const struct mv_public_key *key);
unsigned mv_public_key_bits(const struct mv_public_key *key);

/*
 * RSA: PKCS#1 v1.5 over the hash.  Ed25519: PureEdDSA over the 32 octets of the hash (RFC 8463 3).
 * *valid_r says whether the signature is right; a signature of the wrong length is simply wrong.
 * MV_ERR_CRYPTO when the library could not try.
 */
enum mv_code mv_public_key_verify(struct mv_public_key *key, const unsigned char hash[MV_SHA256_BYTES],
                                  struct mv_bytes signature, bool *valid_r);

#endif
