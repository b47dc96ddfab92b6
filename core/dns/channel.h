/*
 * A c-ares channel as we want it: the servers of the configuration or of
 * resolv.conf, EDNS, DNS alone (no hosts file, no search domains), our sockets.
 */
#ifndef MV_DNS_CHANNEL_H
#define MV_DNS_CHANNEL_H

#include "core/base/error.h"
#include "core/dns/sockets.h"

/*
 * servers: what mv_dns_servers_parse() made, or "" for resolv.conf.  With several
 * servers c-ares asks the next one when one fails (SERVFAIL, REFUSED).  With one
 * it would ask the same again and keep the reason to itself: then its answer is
 * passed on as it is.  MV_ERR_MEMORY or MV_ERR_IO, and *channel_r is NULL.
 */
enum mv_code mv_channel_open(const char *servers, unsigned try_msecs, struct mv_sockets *sockets,
                             ares_channel *channel_r);
/* Questions in flight end with ARES_EDESTRUCTION. */
void mv_channel_close(ares_channel *channel);
/* The first n servers are asked last from now on. Only when nothing is in flight. */
void mv_channel_put_last(ares_channel channel, unsigned n);

#endif
