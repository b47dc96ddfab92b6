#include "core/dns/query_cache.h"

int mv_query_cache_off(struct ares_options *options)
{
    options->qcache_max_ttl = 0;
    return ARES_OPT_QUERY_CACHE;
}
