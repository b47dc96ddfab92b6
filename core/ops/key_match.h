/*
 * One server's records at the name of a key, beside the key.
 */
#ifndef MV_OPS_KEY_MATCH_H
#define MV_OPS_KEY_MATCH_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/crypto/private_key.h"
#include "core/dns/answer.h"

enum mv_key_match {
    MV_MATCH_SHOWN,   /* this key, and verifiers take it */
    MV_MATCH_OTHER,
    MV_MATCH_REVOKED  /* p= is empty */
};

struct mv_key_want {
    enum mv_key_type type;
    struct mv_bytes octets; /* mv_key_record_octets(); empty: not known, and then nothing matches */
};

/* count > 0. *why_r: what is wrong, static text; NULL for SHOWN. Only memory is an error. */
enum mv_code mv_key_match(struct mv_arena *arena, const struct mv_dns_record *records, size_t count,
                          const struct mv_key_want *want, enum mv_key_match *match_r, const char **why_r);

#endif
