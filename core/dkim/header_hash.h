/*
 * The hash that a signature signs: the named fields, then the signature's own
 * field with b= emptied (RFC 6376 3.7).
 *
 * The signature's field is a parameter, whatever its name is.
 */
#ifndef MV_DKIM_HEADER_HASH_H
#define MV_DKIM_HEADER_HASH_H

#include "core/base/error.h"
#include "core/crypto/digest.h"
#include "core/dkim/canon.h"
#include "core/dkim/header_index.h"

struct mv_dkim_header_input {
    const struct mv_bytes *names; /* h= */
    size_t name_count;
    enum mv_canon canon;
    const struct mv_field *own; /* the signature's field */
};

/*
 * Rewinds the index; afterwards what was not signed can still be taken from it.
 * scratch is reused: whatever is in it is lost, and it need not be empty.
 * MV_OK, MV_ERR_MEMORY, MV_ERR_CRYPTO.
 */
enum mv_code mv_dkim_header_hash(struct mv_dkim_header_index *index, const struct mv_dkim_header_input *input,
                                 struct mv_buf *scratch, unsigned char hash_r[MV_SHA256_BYTES]);

#endif
