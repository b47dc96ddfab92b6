/*
 * PEM (RFC 7468), as far as one private key in a file needs it: finds the one
 * block and says what it is.  Its base64 is not decoded here.
 *
 * Text around the block is passed over, as openssl -text writes it; white space
 * around lines too, so that nothing that another reader takes for a block stays unseen.
 */
#ifndef MV_CRYPTO_PEM_H
#define MV_CRYPTO_PEM_H

#include "core/base/bytes.h"

/* Slices of the text. */
struct mv_pem {
    struct mv_bytes label;  /* "PRIVATE KEY" */
    struct mv_bytes base64; /* the lines between; RFC 1421 header lines would be among them */
};

/* NULL, or what is wrong (static text): no block, more than one, or one that is not closed by its own END line. */
const char *mv_pem_read(struct mv_bytes text, struct mv_pem *pem_r);

#endif
