#include "core/dkim/header_hash.h"

#include "core/dkim/signature.h"

/* So much canonical text is gathered before it is hashed: small fields go together, large ones do not pile up. */
#define MV_HEADER_HASH_GATHER_BYTES 8192

static void hash_gathered(struct mv_digest *digest, struct mv_buf *scratch)
{
    mv_digest_update(digest, mv_buf_bytes(scratch));
    mv_buf_truncate(scratch, 0);
}

/* RFC 6376 5.4.2: a name without an instance left contributes nothing. */
static void hash_named_fields(struct mv_digest *digest, struct mv_dkim_header_index *index,
                              const struct mv_dkim_header_input *input, struct mv_buf *scratch)
{
    for (size_t i = 0; i < input->name_count; i++) {
        const struct mv_field *field = mv_dkim_header_index_take(index, input->names[i], input->own);

        if (field == NULL)
            continue;
        mv_canon_header(input->canon, field, scratch);
        if (mv_buf_bytes(scratch).len >= MV_HEADER_HASH_GATHER_BYTES)
            hash_gathered(digest, scratch);
    }
}

enum mv_code mv_dkim_header_hash(struct mv_dkim_header_index *index, const struct mv_dkim_header_input *input,
                                 struct mv_buf *scratch, unsigned char hash_r[MV_SHA256_BYTES])
{
    struct mv_digest *digest = mv_digest_new();
    enum mv_code code;

    if (digest == NULL)
        return MV_ERR_CRYPTO;
    mv_dkim_header_index_rewind(index);
    mv_buf_reset(scratch);
    hash_named_fields(digest, index, input, scratch);
    mv_dkim_signature_without_b(input->own, input->canon, scratch);
    hash_gathered(digest, scratch);
    code = mv_buf_failed(scratch) ? MV_ERR_MEMORY : mv_digest_final(digest, hash_r);
    mv_digest_free(&digest);
    return code;
}
