#include "core/dns/resolver.h"

#include <time.h>

#include "core/dns/resolver_backend.h"

void mv_resolver_free(struct mv_resolver **resolver)
{
    if (*resolver != NULL)
        (*resolver)->calls->free(*resolver);
    *resolver = NULL;
}

void mv_resolver_use_cache(struct mv_resolver *resolver, struct mv_dns_cache *cache)
{
    resolver->cache = cache;
}

enum mv_code mv_resolver_prepare(struct mv_resolver *resolver, int64_t now_secs)
{
    return resolver->calls->prepare == NULL ? MV_OK : resolver->calls->prepare(resolver, now_secs);
}

enum mv_code mv_resolver_send(struct mv_resolver *resolver, struct mv_memo *memo)
{
    return resolver->calls->send(resolver, memo);
}

enum mv_code mv_resolver_poll(struct mv_resolver *resolver, struct mv_memo *memo)
{
    return resolver->calls->poll(resolver, memo);
}

enum mv_code mv_resolver_wait(struct mv_resolver *resolver, struct mv_memo *memo, int64_t deadline_msecs)
{
    return resolver->calls->wait(resolver, memo, deadline_msecs);
}

void mv_resolver_forget(struct mv_resolver *resolver, struct mv_memo *memo)
{
    resolver->calls->forget(resolver, memo);
}

int64_t mv_resolver_now_msecs(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
