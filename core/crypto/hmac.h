/*
 * HMAC-SHA256 (RFC 2104, RFC 4231), out of core/crypto/digest.h: its contexts are
 * at hand already, where the library's own MAC would be one more thing to fetch in
 * every process.
 */
#ifndef MV_CRYPTO_HMAC_H
#define MV_CRYPTO_HMAC_H

#include "core/crypto/digest.h"

/* MV_OK, MV_ERR_MEMORY, MV_ERR_CRYPTO. */
enum mv_code mv_hmac(struct mv_bytes key, struct mv_bytes text, unsigned char mac_r[MV_SHA256_BYTES]);
/* Compares in a time that does not depend on where they differ. */
bool mv_hmac_equal(const unsigned char a[MV_SHA256_BYTES], const unsigned char b[MV_SHA256_BYTES]);

#endif
