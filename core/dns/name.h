/*
 * Names as keys of questions and answers: lower case, without the final dot.
 * Unlike mv_domain_normalize() this takes any bytes, as DNS does (RFC 2181 11).
 */
#ifndef MV_DNS_NAME_H
#define MV_DNS_NAME_H

#include "core/base/arena.h"

/* Without one final dot. "." gives the empty name, which is the root. */
struct mv_bytes mv_dns_name_undotted(struct mv_bytes name);
/* A folded copy in the arena; false without memory. */
bool mv_dns_name_fold(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes *folded_r);

#endif
