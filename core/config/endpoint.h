/*
 * Where a server listens or is reached: "/run/dovecot/lmtp" (a Unix socket), "127.0.0.1:24" or "[::1]:24".
 * No host names: to reach the next hop must not depend on DNS.
 */
#ifndef MV_CONFIG_ENDPOINT_H
#define MV_CONFIG_ENDPOINT_H

#include "core/base/arena.h"
#include "core/config/config.h"

#define MV_ENDPOINT_MAX_PATH_BYTES 107 /* sun_path of unix(7), without its NUL */

/* MV_OK, MV_ERR_MEMORY, or MV_ERR_SYNTAX; then *reason_r says why, for "'text': ...". The path lives in the arena. */
enum mv_code mv_endpoint_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_endpoint *endpoint_r,
                               const char **reason_r);
void mv_endpoint_print(const struct mv_endpoint *endpoint, struct mv_buf *out);

#endif
