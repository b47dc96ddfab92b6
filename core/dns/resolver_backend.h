/*
 * What a resolver is made of. Only resolver*.c include this: a backend starts
 * its own struct with a struct mv_resolver and fills in the calls, which are
 * those of resolver.h.
 */
#ifndef MV_DNS_RESOLVER_BACKEND_H
#define MV_DNS_RESOLVER_BACKEND_H

#include "core/dns/cache.h"
#include "core/dns/resolver.h"

struct mv_resolver_calls {
    void (*free)(struct mv_resolver *resolver);
    enum mv_code (*prepare)(struct mv_resolver *resolver, int64_t now_secs); /* NULL: there is nothing to do */
    enum mv_code (*send)(struct mv_resolver *resolver, struct mv_memo *memo);
    enum mv_code (*poll)(struct mv_resolver *resolver, struct mv_memo *memo);
    enum mv_code (*wait)(struct mv_resolver *resolver, struct mv_memo *memo, int64_t deadline_msecs);
    void (*forget)(struct mv_resolver *resolver, struct mv_memo *memo);
};

struct mv_resolver {
    const struct mv_resolver_calls *calls;
    struct mv_dns_cache *cache; /* NULL: none */
};

#endif
