/*
 * Networks as the configuration names them: "192.0.2.0/24", "2001:db8::/32", or one address.
 */
#ifndef MV_AUTH_NETWORK_H
#define MV_AUTH_NETWORK_H

#include "core/config/config.h"
#include "core/text/ip.h"

/* false also for text that is no network, and for an address of the other family. */
bool mv_network_holds(struct mv_bytes network, const struct mv_ip *ip);
bool mv_network_list_holds(const struct mv_config_list *networks, const struct mv_ip *ip);

#endif
