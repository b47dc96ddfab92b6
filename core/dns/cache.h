/*
 * Answers of DNS that a process has had, for the messages that come next, until their time to live is over.
 *
 *   cache = mv_dns_cache_new(300)
 *   mv_resolver_use_cache(resolver, cache)      any number of resolvers, each in a thread of its own
 *   ... (free the resolvers first)
 *   mv_dns_cache_free(&cache)
 *
 * For a process that judges many messages and would ask the same server the same
 * question for each.  Only what a server has said is kept: "there is", and "there is not" for as long as RFC 2308 5
 * allows, never an error.  A resolver near by stays the place for a large cache: this one holds
 * MV_DNS_CACHE_MAX_ENTRIES, and what is about to expire makes room first.
 *
 * Times are in seconds of CLOCK_MONOTONIC.
 */
#ifndef MV_DNS_CACHE_H
#define MV_DNS_CACHE_H

#include "core/dns/memo.h"

#define MV_DNS_CACHE_MAX_ENTRIES 4096
#define MV_DNS_CACHE_MAX_ANSWER_BYTES 8192 /* with the name; larger ones are not kept. So at most 32 MiB in all */
#define MV_DNS_CACHE_MAX_NEGATIVE_SECS 60  /* somebody who publishes a missing record should not have to wait long */

struct mv_dns_cache;

/* max_secs: what lives longer is kept so long. NULL without memory. */
struct mv_dns_cache *mv_dns_cache_new(unsigned max_secs);
void mv_dns_cache_free(struct mv_dns_cache **cache);

/* Answers the memo's question, if that is known, with what is left of its time to live. */
bool mv_dns_cache_answer(struct mv_dns_cache *cache, struct mv_memo *memo, const struct mv_dns_question *question,
                         int64_t now_secs);
/* Without memory the answer is not kept. */
void mv_dns_cache_keep(struct mv_dns_cache *cache, const struct mv_dns_question *question,
                       const struct mv_dns_answer *answer, int64_t now_secs);

#endif
