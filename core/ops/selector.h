/*
 * Selectors of our keys: "<host>-<yyyymmdd>-r" for RSA and "-e" for Ed25519, the
 * day being that of UTC when the key was made; "-r2", "-r3", ... where the day has
 * one already.  No selector is ever used again (RFC 6376 3.1).
 */
#ifndef MV_OPS_SELECTOR_H
#define MV_OPS_SELECTOR_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/keys/store.h"

#define MV_SELECTOR_MAX_PER_DAY 99

/*
 * The first one that is not among the entries (of any state, also interrupted).
 * MV_ERR_LIMIT when the day has had too many, MV_ERR_USAGE for a host that is no
 * DNS label of at most 40 bytes, or a time before 1970 or after 9999.
 */
enum mv_code mv_selector_next(struct mv_arena *arena, struct mv_bytes host, enum mv_key_type type, int64_t now_secs,
                              const struct mv_key_entries *entries, struct mv_bytes *selector_r);

#endif
