/*
 * Private keys of DKIM: made, read, written, and the one operation on them.
 *
 * A key is counted like a public one: mv_private_key_ref() holds it once more,
 * mv_private_key_free() gives it back; several threads may sign with it at the
 * same time.  Octets of a key never leave this directory but through
 * mv_private_key_write().
 */
#ifndef MV_CRYPTO_PRIVATE_KEY_H
#define MV_CRYPTO_PRIVATE_KEY_H

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/crypto/public_key.h"

#define MV_PRIVATE_KEY_MAX_PEM_BYTES (16 * 1024)
#define MV_RSA_MIN_SIGNING_BITS 1024  /* RFC 8301 3.2 */
#define MV_RSA_DEFAULT_BITS 2048      /* RFC 8301 3.2; a larger one needs more than a UDP answer */
#define MV_MAX_SIGNATURE_BYTES (MV_RSA_MAX_BITS / 8)

struct mv_private_key;

/* rsa_bits is for MV_KEY_RSA: 1024 to MV_RSA_MAX_BITS, else MV_ERR_LIMIT. MV_ERR_CRYPTO when the library cannot. */
enum mv_code mv_private_key_generate(enum mv_key_type type, unsigned rsa_bits, struct mv_private_key **key_r);
/*
 * One unencrypted PEM key, PKCS#8 or PKCS#1.  MV_ERR_SYNTAX with a sentence in *reason_r (static text): no PEM, more
 * than one key, encrypted, another algorithm, RSA shorter than MV_RSA_MIN_SIGNING_BITS or longer than MV_RSA_MAX_BITS.
 */
enum mv_code mv_private_key_read(struct mv_bytes pem, struct mv_private_key **key_r, const char **reason_r);
/* Appends PKCS#8 PEM. */
enum mv_code mv_private_key_write(const struct mv_private_key *key, struct mv_buf *out);
/*
 * Appends what p= of the key record holds, not encoded: SubjectPublicKeyInfo for RSA (what the world publishes), the
 * 32 octets for Ed25519 (RFC 8463 4.2).
 */
enum mv_code mv_private_key_public_octets(const struct mv_private_key *key, struct mv_buf *out);
enum mv_key_type mv_private_key_type(const struct mv_private_key *key);
unsigned mv_private_key_bits(const struct mv_private_key *key);

struct mv_private_key *mv_private_key_ref(struct mv_private_key *key);
/* Sets NULL; NULL is fine. */
void mv_private_key_free(struct mv_private_key **key);

/*
 * RSA: PKCS#1 v1.5 with SHA-256's DigestInfo.  Ed25519: PureEdDSA over the 32 octets of the hash (RFC 8463 3).
 * signature_r holds MV_MAX_SIGNATURE_BYTES.
 */
enum mv_code mv_private_key_sign(struct mv_private_key *key, const unsigned char hash[MV_SHA256_BYTES],
                                 unsigned char *signature_r, size_t *signature_len_r);

#endif
