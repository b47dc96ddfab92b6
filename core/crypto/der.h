/*
 * The little of DER (X.690) that keys need, read strictly: definite
 * lengths in their shortest form, integers without surplus octets, nothing left
 * over at the end of anything.
 *
 * OpenSSL's own decoder takes more time than seven verifications and accepts
 * more than keys; this reads what DKIM keys are (RFC 6376 3.6.1) and nothing else.
 */
#ifndef MV_CRYPTO_DER_H
#define MV_CRYPTO_DER_H

#include "core/base/bytes.h"

enum mv_der_tag {
    MV_DER_INTEGER = 0x02,
    MV_DER_BIT_STRING = 0x03,
    MV_DER_OCTET_STRING = 0x04,
    MV_DER_NULL = 0x05,
    MV_DER_OID = 0x06,
    MV_DER_SEQUENCE = 0x30
};

#define MV_DER_MAX_LENGTH_OCTETS 3 /* an element holds less than 16 MiB */

/* The next element: true when it has this tag and is whole; the cursor is then behind it. */
bool mv_der_take(struct mv_cursor *cursor, enum mv_der_tag tag, struct mv_bytes *contents_r);
/* A positive INTEGER, big endian, without the sign octet. */
bool mv_der_take_positive(struct mv_cursor *cursor, struct mv_bytes *octets_r);

enum mv_der_rsa {
    MV_DER_RSA_OK = 0,
    MV_DER_RSA_NOT_DER,       /* or more than the key, or less */
    MV_DER_RSA_OTHER_ALGORITHM /* SubjectPublicKeyInfo of something else */
};

/*
 * SubjectPublicKeyInfo with rsaEncryption (RFC 3279 2.3.1; the NULL parameters may be absent)
 * or a bare RSAPublicKey (RFC 8017 A.1.1).  Modulus and exponent are slices of
 * der, big endian, without leading zeros; their size and sense are for the caller.
 */
enum mv_der_rsa mv_der_read_rsa(struct mv_bytes der, struct mv_bytes *modulus_r, struct mv_bytes *exponent_r);

#endif
