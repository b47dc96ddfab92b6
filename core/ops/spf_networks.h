/*
 * Sets of networks in their shortest form: sorted, none inside another, and the
 * two halves of a network written as one.  Two sets of the same addresses have
 * the same shortest form.
 */
#ifndef MV_OPS_SPF_NETWORKS_H
#define MV_OPS_SPF_NETWORKS_H

#include "core/base/arena.h"
#include "core/config/config.h"

struct mv_spf_networks {
    struct mv_network *items;
    size_t count;
};

/* Bits behind the prefix are cleared. An IPv4-mapped IPv6 network is none: false. false without memory, too. */
bool mv_spf_networks_add(struct mv_arena *arena, struct mv_spf_networks *networks, const struct mv_ip *ip,
                         unsigned prefix_bits);
/* In place. */
void mv_spf_networks_shorten(struct mv_spf_networks *networks);
/* One of them holds it as a whole. */
bool mv_spf_networks_hold(const struct mv_spf_networks *networks, const struct mv_network *network);
/* "ip4:192.0.2.0/24", "ip6:2001:db8::1": as a term, without a prefix where it is one address. */
void mv_spf_network_print(const struct mv_network *network, struct mv_buf *out);

#endif
