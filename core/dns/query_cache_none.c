#include "core/dns/query_cache.h"

int mv_query_cache_off(struct ares_options *options)
{
    (void)options;
    return 0;
}
