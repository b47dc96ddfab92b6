#include "core/arc/seal_hash.h"

#include "core/dkim/signature.h"

static void hash_scratch(struct mv_digest *digest, struct mv_buf *scratch)
{
    mv_digest_update(digest, mv_buf_bytes(scratch));
    mv_buf_truncate(scratch, 0);
}

/* The digest of what there was so far goes on without this seal's end. */
static enum mv_code hash_end(const struct mv_digest *digest, const struct mv_field *seal, struct mv_buf *scratch,
                             unsigned char hash_r[MV_SHA256_BYTES])
{
    struct mv_digest *copy = mv_digest_copy(digest);
    enum mv_code code;

    if (copy == NULL)
        return MV_ERR_MEMORY;
    mv_dkim_signature_without_b(seal, MV_CANON_RELAXED, scratch);
    hash_scratch(copy, scratch);
    code = mv_digest_final(copy, hash_r);
    mv_digest_free(&copy);
    return code;
}

static enum mv_code hash_set(struct mv_digest *digest, const struct mv_arc_set *set, struct mv_buf *scratch,
                             unsigned char hash_r[MV_SHA256_BYTES])
{
    enum mv_code code;

    mv_canon_header(MV_CANON_RELAXED, set->results, scratch);
    mv_canon_header(MV_CANON_RELAXED, set->signature, scratch);
    hash_scratch(digest, scratch);
    code = hash_end(digest, set->seal, scratch, hash_r);
    mv_canon_header(MV_CANON_RELAXED, set->seal, scratch);
    hash_scratch(digest, scratch);
    return code;
}

enum mv_code mv_arc_seal_hashes(const struct mv_arc_set *sets, size_t count, struct mv_buf *scratch,
                                unsigned char (*hashes_r)[MV_SHA256_BYTES])
{
    struct mv_digest *digest = mv_digest_new();
    enum mv_code code = MV_OK;

    if (digest == NULL)
        return MV_ERR_CRYPTO;
    mv_buf_reset(scratch);
    for (size_t i = 0; i < count && code == MV_OK; i++)
        code = hash_set(digest, &sets[i], scratch, hashes_r[i]);
    if (code == MV_OK && mv_buf_failed(scratch))
        code = MV_ERR_MEMORY;
    mv_digest_free(&digest);
    return code;
}
