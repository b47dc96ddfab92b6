/*
 * RSA with a public key: verification of PKCS#1 v1.5 signatures over SHA-256
 * (RFC 8017 8.2.2), out of OpenSSL's arithmetic with large numbers.
 *
 * Not by EVP: there, one verification in a fresh process costs three times the
 * operation itself, for what is looked up and built around it, and a mail server
 * is a fresh process for each connection.  There is no secret here, and nothing
 * to parse in what a signature holds: the one encoded message that it may hold is
 * built and compared as a whole (8.2.2, note), so that no lax reading of padding
 * or ASN.1 can let a forged one pass.
 */
#ifndef MV_CRYPTO_RSA_H
#define MV_CRYPTO_RSA_H

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/crypto/digest.h"

struct mv_rsa;

/*
 * Both big endian, without leading zeros.  The caller has judged them: n odd and of at most MV_RSA_MAX_BITS,
 * 3 <= e < n.  NULL: no memory.
 */
struct mv_rsa *mv_rsa_new(struct mv_bytes n, struct mv_bytes e);
void mv_rsa_free(struct mv_rsa **rsa);
/* May be called by several threads at once. MV_ERR_CRYPTO when the library could not try. */
enum mv_code mv_rsa_verify(const struct mv_rsa *rsa, const unsigned char hash[MV_SHA256_BYTES],
                           struct mv_bytes signature, bool *valid_r);

#endif
