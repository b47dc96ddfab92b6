/*
 * SHA-256.
 *
 * The library's digest is fetched once per process and contexts are reused,
 * which is what makes small messages cheap.  That is the one process-wide state
 * of the core (with the key cache beside it): a fetch costs a thousand times a
 * small digest, and there is nothing in it that depends on a message.  Pool and
 * fetch are safe between threads; they belong to the process and not to a
 * thread, so that a server with a thread per connection neither leaks them nor
 * begins each connection cold.
 */
#ifndef MV_CRYPTO_DIGEST_H
#define MV_CRYPTO_DIGEST_H

#include "core/base/bytes.h"
#include "core/base/error.h"

#define MV_SHA256_BYTES 32

struct mv_digest;

/* A running SHA-256, from the pool if it has one. NULL without memory or when the library has no SHA-256. */
struct mv_digest *mv_digest_new(void);
void mv_digest_update(struct mv_digest *digest, struct mv_bytes b);
/* A digest of the same octets so far, which goes on by itself. NULL without memory. */
struct mv_digest *mv_digest_copy(const struct mv_digest *digest);
/* The hash of what there was so far; the digest goes on. MV_OK, or MV_ERR_CRYPTO when any call failed. */
enum mv_code mv_digest_snapshot(struct mv_digest *digest, unsigned char hash_r[MV_SHA256_BYTES]);
/* MV_OK, or MV_ERR_CRYPTO when any call failed. The digest can only be freed after it. */
enum mv_code mv_digest_final(struct mv_digest *digest, unsigned char hash_r[MV_SHA256_BYTES]);
/* Back into the pool; sets NULL. */
void mv_digest_free(struct mv_digest **digest);

/* Loads what the library loads lazily (1 ms), so that processes forked later have it. Safe to call twice. */
enum mv_code mv_crypto_preload(void);

#endif
