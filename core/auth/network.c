#include "core/auth/network.h"

bool mv_network_holds(struct mv_bytes network, const struct mv_ip *ip)
{
    size_t slash = mv_bytes_find(network, '/');
    struct mv_ip net;
    uint64_t max_bits, bits;

    if (!mv_ip_parse(mv_bytes_slice(network, 0, slash), &net))
        return false;
    max_bits = net.family == MV_IP_V4 ? 32 : 128;
    bits = max_bits;
    if (slash < network.len && !mv_bytes_to_uint(mv_bytes_slice(network, slash + 1, network.len), max_bits, &bits))
        return false;
    return mv_ip_in_prefix(ip, &net, (unsigned)bits);
}

bool mv_network_list_holds(const struct mv_config_list *networks, const struct mv_ip *ip)
{
    for (size_t i = 0; i < networks->count; i++)
        if (mv_network_holds(networks->items[i], ip))
            return true;
    return false;
}
