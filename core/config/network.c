#include "core/config/network.h"

#include <string.h>

#define V4_BITS 32
#define V6_BITS 128

/* The address with all bits behind the prefix cleared. */
static struct mv_ip masked(const struct mv_ip *ip, unsigned prefix_bits)
{
    struct mv_ip net = *ip;

    for (unsigned i = 0; i < sizeof net.octets; i++) {
        unsigned kept = prefix_bits > 8 * i ? prefix_bits - 8 * i : 0;

        if (kept < 8)
            net.octets[i] &= (unsigned char)(0xff00u >> kept);
    }
    return net;
}

enum mv_network_code mv_network_parse(struct mv_bytes text, struct mv_network *network_r)
{
    size_t slash = mv_bytes_find(text, '/');
    struct mv_ip ip = {0};
    uint64_t bits;

    if (!mv_ip_parse(mv_bytes_slice(text, 0, slash), &ip))
        return MV_NETWORK_SYNTAX;
    bits = ip.family == MV_IP_V4 ? V4_BITS : V6_BITS;
    if (slash < text.len && !mv_bytes_to_uint(mv_bytes_slice(text, slash + 1, text.len), bits, &bits))
        return MV_NETWORK_LENGTH;
    *network_r = (struct mv_network){masked(&ip, (unsigned)bits), (unsigned)bits};
    if (memcmp(network_r->ip.octets, ip.octets, sizeof ip.octets) != 0)
        return MV_NETWORK_HOST_BITS;
    return MV_NETWORK_OK;
}

void mv_network_print(const struct mv_network *network, struct mv_buf *out)
{
    mv_ip_print(&network->ip, out);
    mv_buf_printf(out, "/%u", network->prefix_bits);
}

bool mv_config_networks_hold(const struct mv_config_networks *networks, const struct mv_ip *ip)
{
    for (size_t i = 0; i < networks->count; i++)
        if (mv_ip_in_prefix(ip, &networks->items[i].ip, networks->items[i].prefix_bits))
            return true;
    return false;
}
