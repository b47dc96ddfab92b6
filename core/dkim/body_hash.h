/*
 * The hashes of one canonical body: one running digest, however many signatures
 * and l= lengths there are (RFC 6376 3.7, 3.4.5).
 *
 *   h = mv_dkim_body_hash_new(arena, canon)
 *   mv_dkim_body_hash_want(h, length) ...    before the first byte
 *   mv_dkim_body_hash_feed(h, bytes) ...     any split
 *   mv_dkim_body_hash_end(h)
 *   mv_dkim_body_hash_at(h, length), mv_dkim_body_hash_octets(h)
 *
 * A length is a place in the stream where the digest is copied and finished, so
 * ten signatures with ten lengths cost one pass.  Behind the last place
 * wanted, octets are only counted.
 */
#ifndef MV_DKIM_BODY_HASH_H
#define MV_DKIM_BODY_HASH_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/crypto/digest.h"
#include "core/dkim/canon.h"

#define MV_DKIM_MAX_BODY_LENGTHS 11 /* of ten DKIM signatures, and the whole body for ARC */

struct mv_dkim_body_hash;

/* Lives in the arena, but for its digest. NULL without memory. */
struct mv_dkim_body_hash *mv_dkim_body_hash_new(struct mv_arena *arena, enum mv_canon canon);
/* The hash of so many octets will be asked for; MV_DKIM_NO_LENGTH: of all. At most MV_DKIM_MAX_BODY_LENGTHS. */
void mv_dkim_body_hash_want(struct mv_dkim_body_hash *hash, uint64_t length);
/* Somebody wants the hash of so many octets. */
bool mv_dkim_body_hash_wants(const struct mv_dkim_body_hash *hash, uint64_t length);
void mv_dkim_body_hash_feed(struct mv_dkim_body_hash *hash, struct mv_bytes body);
/* MV_OK, MV_ERR_MEMORY, MV_ERR_CRYPTO: then no hash is to be used. */
enum mv_code mv_dkim_body_hash_end(struct mv_dkim_body_hash *hash);

/* Octets of the whole canonical body. */
uint64_t mv_dkim_body_hash_octets(const struct mv_dkim_body_hash *hash);
/* MV_SHA256_BYTES octets, or empty when the body is shorter than this length (or nobody wanted it). */
struct mv_bytes mv_dkim_body_hash_at(const struct mv_dkim_body_hash *hash, uint64_t length);
/* The digest, if there still is one. NULL is fine. */
void mv_dkim_body_hash_release(struct mv_dkim_body_hash *hash);

#endif
