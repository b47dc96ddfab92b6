/*
 * The body of one message, canonicalised once for each canonicalisation in use
 * and hashed once for each of them, whoever asks: DKIM signatures and ARC
 * message signatures alike.
 *
 *   b = mv_dkim_bodies_new(arena)
 *   mv_dkim_bodies_want(b, canon, length, &hash) ...   before the first byte
 *   mv_dkim_bodies_feed(b, bytes) ...                  any split
 *   mv_dkim_bodies_end(b)
 *   mv_dkim_body_hash_at(hash, length)
 *   mv_dkim_bodies_free(&b)
 */
#ifndef MV_DKIM_BODIES_H
#define MV_DKIM_BODIES_H

#include "core/dkim/body_hash.h"

struct mv_dkim_bodies;

/* Lives in the arena, but for its digests. NULL without memory. */
struct mv_dkim_bodies *mv_dkim_bodies_new(struct mv_arena *arena);
/*
 * The hash of so many octets will be asked for; MV_DKIM_NO_LENGTH: of all.
 * *hash_r lives as long as the arena.  MV_OK, MV_ERR_MEMORY.
 */
enum mv_code mv_dkim_bodies_want(struct mv_dkim_bodies *bodies, enum mv_canon canon, uint64_t length,
                                 const struct mv_dkim_body_hash **hash_r);
/*
 * The hash of the whole body, for who does not mind which canonicalisation: one that is hashed to its end anyway,
 * relaxed before simple; simple, which costs less, where there is none.  To be asked after all others.
 */
enum mv_code mv_dkim_bodies_want_any(struct mv_dkim_bodies *bodies, enum mv_canon *canon_r,
                                     const struct mv_dkim_body_hash **hash_r);
void mv_dkim_bodies_feed(struct mv_dkim_bodies *bodies, struct mv_bytes body);
/* MV_OK; MV_ERR_MEMORY, MV_ERR_CRYPTO: then no hash is to be used. MV_ERR_USAGE for a second call. */
enum mv_code mv_dkim_bodies_end(struct mv_dkim_bodies *bodies);
/* mv_dkim_bodies_end() gave MV_OK. */
bool mv_dkim_bodies_ended(const struct mv_dkim_bodies *bodies);
/* Gives back the digests. Sets NULL; NULL is fine. */
void mv_dkim_bodies_free(struct mv_dkim_bodies **bodies);

#endif
