#include "core/dkim/bodies.h"

#include "core/dkim/signature.h"

#define MV_DKIM_CANON_COUNT 2

struct mv_dkim_bodies {
    struct mv_arena *arena;
    struct mv_dkim_body_hash *hashes[MV_DKIM_CANON_COUNT]; /* by enum mv_canon; NULL: not in use */
    bool ended;
};

struct mv_dkim_bodies *mv_dkim_bodies_new(struct mv_arena *arena)
{
    struct mv_dkim_bodies *bodies = mv_arena_alloc(arena, sizeof *bodies);

    if (bodies != NULL)
        bodies->arena = arena;
    return bodies;
}

enum mv_code mv_dkim_bodies_want(struct mv_dkim_bodies *bodies, enum mv_canon canon, uint64_t length,
                                 const struct mv_dkim_body_hash **hash_r)
{
    struct mv_dkim_body_hash **hash = &bodies->hashes[canon];

    if (*hash == NULL)
        *hash = mv_dkim_body_hash_new(bodies->arena, canon);
    if (*hash == NULL)
        return MV_ERR_MEMORY;
    mv_dkim_body_hash_want(*hash, length);
    *hash_r = *hash;
    return MV_OK;
}

enum mv_code mv_dkim_bodies_want_any(struct mv_dkim_bodies *bodies, enum mv_canon *canon_r,
                                     const struct mv_dkim_body_hash **hash_r)
{
    const struct mv_dkim_body_hash *relaxed = bodies->hashes[MV_CANON_RELAXED];
    bool has_relaxed = relaxed != NULL && mv_dkim_body_hash_wants(relaxed, MV_DKIM_NO_LENGTH);

    *canon_r = has_relaxed ? MV_CANON_RELAXED : MV_CANON_SIMPLE;
    return mv_dkim_bodies_want(bodies, *canon_r, MV_DKIM_NO_LENGTH, hash_r);
}

void mv_dkim_bodies_feed(struct mv_dkim_bodies *bodies, struct mv_bytes body)
{
    for (size_t i = 0; i < MV_DKIM_CANON_COUNT; i++)
        if (bodies->hashes[i] != NULL)
            mv_dkim_body_hash_feed(bodies->hashes[i], body);
}

enum mv_code mv_dkim_bodies_end(struct mv_dkim_bodies *bodies)
{
    if (bodies->ended)
        return MV_ERR_USAGE;
    for (size_t i = 0; i < MV_DKIM_CANON_COUNT; i++) {
        enum mv_code code = bodies->hashes[i] == NULL ? MV_OK : mv_dkim_body_hash_end(bodies->hashes[i]);

        if (code != MV_OK)
            return code;
    }
    bodies->ended = true;
    return MV_OK;
}

bool mv_dkim_bodies_ended(const struct mv_dkim_bodies *bodies)
{
    return bodies->ended;
}

void mv_dkim_bodies_free(struct mv_dkim_bodies **bodies)
{
    for (size_t i = 0; *bodies != NULL && i < MV_DKIM_CANON_COUNT; i++)
        mv_dkim_body_hash_release((*bodies)->hashes[i]);
    *bodies = NULL;
}
