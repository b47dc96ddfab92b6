#include "core/dkim/body_hash.h"

#include "core/dkim/signature.h"

/* A place in the canonical body where somebody wants the hash of what lies before. */
struct cut {
    uint64_t length;
    bool reached;
    unsigned char hash[MV_SHA256_BYTES];
};

struct mv_dkim_body_hash {
    struct mv_canon_body *canon;
    struct mv_digest *digest;
    enum mv_code code; /* of the digest */
    uint64_t octets;
    size_t cut_count;
    size_t next_cut; /* those before it were reached */
    struct cut cuts[MV_DKIM_MAX_BODY_LENGTHS]; /* ascending */
};

static void reach(struct mv_dkim_body_hash *hash, struct cut *cut, enum mv_code code)
{
    cut->reached = code == MV_OK;
    if (hash->code == MV_OK)
        hash->code = code;
}

/* The sink of the canonicalisation: hashes from cut to cut. */
static void take_octets(void *context, struct mv_bytes octets)
{
    struct mv_dkim_body_hash *hash = context;
    uint64_t end = hash->octets + octets.len;

    while (hash->next_cut < hash->cut_count) {
        struct cut *cut = &hash->cuts[hash->next_cut];
        size_t part = octets.len;

        if (cut->length <= end)
            part = (size_t)(cut->length - hash->octets);
        mv_digest_update(hash->digest, mv_bytes_slice(octets, 0, part));
        octets = mv_bytes_slice(octets, part, octets.len);
        hash->octets += part;
        if (cut->length > end)
            break;
        reach(hash, cut, mv_digest_snapshot(hash->digest, cut->hash));
        hash->next_cut++;
    }
    hash->octets = end;
}

struct mv_dkim_body_hash *mv_dkim_body_hash_new(struct mv_arena *arena, enum mv_canon canon)
{
    struct mv_dkim_body_hash *hash = mv_arena_alloc(arena, sizeof *hash);

    if (hash == NULL)
        return NULL;
    hash->canon = mv_canon_body_new(arena, canon, take_octets, hash);
    if (hash->canon == NULL)
        return NULL;
    hash->digest = mv_digest_new();
    if (hash->digest == NULL)
        hash->code = MV_ERR_CRYPTO;
    return hash;
}

void mv_dkim_body_hash_want(struct mv_dkim_body_hash *hash, uint64_t length)
{
    size_t at = 0;

    while (at < hash->cut_count && hash->cuts[at].length < length)
        at++;
    if (at < hash->cut_count && hash->cuts[at].length == length)
        return;
    if (hash->cut_count == MV_DKIM_MAX_BODY_LENGTHS)
        return;
    for (size_t i = hash->cut_count++; i > at; i--)
        hash->cuts[i] = hash->cuts[i - 1];
    hash->cuts[at] = (struct cut){.length = length};
}

bool mv_dkim_body_hash_wants(const struct mv_dkim_body_hash *hash, uint64_t length)
{
    for (size_t i = 0; i < hash->cut_count; i++)
        if (hash->cuts[i].length == length)
            return true;
    return false;
}

void mv_dkim_body_hash_feed(struct mv_dkim_body_hash *hash, struct mv_bytes body)
{
    if (hash->code == MV_OK)
        mv_canon_body_feed(hash->canon, body);
}

enum mv_code mv_dkim_body_hash_end(struct mv_dkim_body_hash *hash)
{
    struct cut *last;

    if (hash->code != MV_OK)
        return hash->code;
    mv_canon_body_end(hash->canon);
    take_octets(hash, MV_BYTES("")); /* for a cut at 0 of an empty body */
    last = hash->cut_count == 0 ? NULL : &hash->cuts[hash->cut_count - 1];
    if (hash->code == MV_OK && last != NULL && last->length == MV_DKIM_NO_LENGTH)
        reach(hash, last, mv_digest_final(hash->digest, last->hash));
    mv_dkim_body_hash_release(hash);
    return hash->code;
}

uint64_t mv_dkim_body_hash_octets(const struct mv_dkim_body_hash *hash)
{
    return hash->octets;
}

struct mv_bytes mv_dkim_body_hash_at(const struct mv_dkim_body_hash *hash, uint64_t length)
{
    for (size_t i = 0; i < hash->cut_count; i++)
        if (hash->cuts[i].length == length && hash->cuts[i].reached)
            return mv_bytes_of(hash->cuts[i].hash, MV_SHA256_BYTES);
    return mv_bytes_of(NULL, 0);
}

void mv_dkim_body_hash_release(struct mv_dkim_body_hash *hash)
{
    if (hash != NULL)
        mv_digest_free(&hash->digest);
}
