/*
 * The cache of answers that c-ares has since 1.31, and that is on by itself: switched off.  What is kept, and for how
 * long, is decided in core/dns/cache.h; errors and what was just missing must be asked for again.
 *
 * configure picks query_cache_off.c or, where c-ares has none, query_cache_none.c.
 */
#ifndef MV_DNS_QUERY_CACHE_H
#define MV_DNS_QUERY_CACHE_H

#include <ares.h>

/* Sets what is to be set; the bits for the mask of ares_init_options(). */
int mv_query_cache_off(struct ares_options *options);

#endif
