/*
 * The DNS Tree Walk (RFC 9989 4.10) and the Organizational Domain it leads to (4.10.2).
 *
 * A pure function over the memo: what is missing there is asked for, and the
 * walk starts again when it has come.  All names of a walk can be asked ahead,
 * so a walk costs one round trip; a name that the RFC's order does not reach
 * (behind psd=y or psd=n) is then asked for nothing, and is not consulted.
 */
#ifndef MV_DMARC_WALK_H
#define MV_DMARC_WALK_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/trace.h"
#include "core/dmarc/record.h"
#include "core/dns/memo.h"

#define MV_DMARC_MAX_QUERIES 8 /* of one walk, RFC 9989 4.10 */

struct mv_dmarc_found {
    struct mv_bytes domain; /* without "_dmarc." */
    enum mv_dmarc_psd psd;  /* as it counts here, suffix hardening applied */
    struct mv_dmarc_record record;
};

struct mv_dmarc_walk { /* about 7 KB */
    struct mv_bytes start;
    struct mv_bytes names[MV_DMARC_MAX_QUERIES]; /* consulted, in order, without "_dmarc." */
    size_t name_count;
    struct mv_dmarc_found found[MV_DMARC_MAX_QUERIES]; /* longest name first */
    size_t found_count;
    enum mv_dns_status start_status; /* of the query at the start */
    enum mv_dns_status error;        /* why the walk stopped at its last name, or MV_DNS_FOUND */
    struct mv_bytes org_domain;      /* empty after an error */
};

/* The names of a walk from start, before it is known where it stops. Returns how many: 0 for the empty name. */
size_t mv_dmarc_walk_names(struct mv_bytes start, struct mv_bytes names_r[MV_DMARC_MAX_QUERIES]);
/* Asks ahead for all of them. */
void mv_dmarc_walk_prefetch(struct mv_arena *arena, struct mv_bytes start, struct mv_memo *memo);

/*
 * MV_OK: the walk ended, perhaps in an error of DNS (walk_r->error).
 * MV_NEED_DNS: walk_r holds what was found before the name that is missing.
 * suffix_hardening: a record at a one-label name counts as psd=y unless it says otherwise.
 */
enum mv_code mv_dmarc_walk_run(struct mv_arena *arena, struct mv_bytes start, bool suffix_hardening,
                               struct mv_memo *memo, struct mv_trace *trace, struct mv_dmarc_walk *walk_r);

/* The record that was found at the domain, or NULL. */
const struct mv_dmarc_found *mv_dmarc_walk_find(const struct mv_dmarc_walk *walk, struct mv_bytes domain);

#endif
