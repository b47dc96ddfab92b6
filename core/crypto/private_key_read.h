/*
 * From PEM to the library's key.  Internal to core/crypto: what a key must be
 * to sign is judged by mv_private_key_read().
 */
#ifndef MV_CRYPTO_PRIVATE_KEY_READ_H
#define MV_CRYPTO_PRIVATE_KEY_READ_H

#include <openssl/types.h>

#include "core/base/error.h"
#include "core/crypto/public_key.h"

/*
 * Our own DER reader sees every number of the key before the library does: none
 * is longer than the modulus, and RSA has two primes.  MV_ERR_SYNTAX with
 * a sentence in *reason_r (static text), MV_ERR_MEMORY, MV_ERR_CRYPTO.
 */
enum mv_code mv_private_key_decode(struct mv_bytes pem, enum mv_key_type *type_r, EVP_PKEY **pkey_r,
                                   const char **reason_r);

#endif
