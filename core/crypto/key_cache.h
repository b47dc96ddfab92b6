/*
 * Public keys that were read lately, so that a process that sees many messages
 * of one signer reads its key once.
 *
 * A key is found by its type and its octets, never by the name it was published
 * under: what DNS says is always asked, and a changed record is another key.  The
 * cache belongs to the process, is safe between threads, and keeps at most
 * MV_KEY_CACHE_MAX keys, dropping the one that was not used for longest.
 */
#ifndef MV_CRYPTO_KEY_CACHE_H
#define MV_CRYPTO_KEY_CACHE_H

#include "core/crypto/public_key.h"

#define MV_KEY_CACHE_MAX 32 /* about 5 kB each */

/* Like mv_public_key_new(), from the cache if it is there; free the key the same way. */
enum mv_code mv_key_cache_get(enum mv_key_type type, struct mv_bytes octets, struct mv_public_key **key_r,
                              const char **reason_r);
/* Forgets all keys; those in use live on. */
void mv_key_cache_clear(void);

#endif
