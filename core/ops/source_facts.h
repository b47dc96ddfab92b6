/*
 * What DNS says today about an address that sends in the name of a domain: its
 * name, whether the domain's SPF lets it, and which known provider it belongs to.
 *
 * Pure over the memo: run it until it does not return MV_NEED_DNS.  A name counts
 * when it leads back to the address (as RFC 7208 5.5 wants it).  The provider is
 * known by who signs, by the name, or because the provider's own SPF record lets
 * the address in; the last is asked for only where the others say nothing.
 */
#ifndef MV_OPS_SOURCE_FACTS_H
#define MV_OPS_SOURCE_FACTS_H

#include "core/ops/evidence.h"
#include "core/ops/provider.h"
#include "core/spf/evaluate.h"

#define MV_FACTS_MAX_SOURCES 40 /* that are asked about: those with most failing mail; one memo holds them */
#define MV_FACTS_MAX_PASSING 20 /* and of those without: they may be the new address of a sender */
#define MV_FACTS_MAX_NAMES 3    /* PTR names of one address that are followed */

struct mv_source_facts {
    bool looked;          /* false: past the limit, nothing is known */
    struct mv_bytes host; /* its confirmed name; empty: none */
    enum mv_spf_code spf; /* of the bounces, where they are at the domain or below it, else of the domain; today */
    const struct mv_provider *provider; /* NULL: not a known one */
    bool provider_by_spf;               /* by the provider's SPF record alone */
};

/* facts_r has room for count. domain is normalised. */
enum mv_code mv_source_facts_find(struct mv_arena *arena, struct mv_bytes domain,
                                  const struct mv_evidence_source *sources, size_t count, int64_t now_secs,
                                  struct mv_memo *memo, struct mv_source_facts *facts_r);

#endif
