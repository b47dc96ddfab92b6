/*
 * Networks as a configuration writes them: "192.0.2.0/24", "2001:db8::/32", or one address.
 */
#ifndef MV_CONFIG_NETWORK_H
#define MV_CONFIG_NETWORK_H

#include "core/config/config.h"

enum mv_network_code {
    MV_NETWORK_OK = 0,
    MV_NETWORK_SYNTAX,    /* no address before the "/" */
    MV_NETWORK_LENGTH,    /* no prefix length behind the "/" that the family allows */
    MV_NETWORK_HOST_BITS  /* bits are set behind the prefix; *network_r has them cleared */
};

enum mv_network_code mv_network_parse(struct mv_bytes text, struct mv_network *network_r);
void mv_network_print(const struct mv_network *network, struct mv_buf *out);

#endif
