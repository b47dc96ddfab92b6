#include "core/ops/spf_networks.h"

#include <stdlib.h>
#include <string.h>

static unsigned family_bits(const struct mv_ip *ip)
{
    return ip->family == MV_IP_V4 ? 32 : 128;
}

static void clear_from(struct mv_ip *ip, unsigned bit)
{
    for (unsigned i = 0; i < sizeof ip->octets; i++) {
        unsigned kept = bit > 8 * i ? bit - 8 * i : 0;

        if (kept < 8)
            ip->octets[i] &= (unsigned char)(0xff00u >> kept);
    }
}

bool mv_spf_networks_add(struct mv_arena *arena, struct mv_spf_networks *networks, const struct mv_ip *ip,
                         unsigned prefix_bits)
{
    struct mv_network *items = mv_arena_grow(arena, networks->items, networks->count, sizeof *items);

    if (items == NULL || ip->family == MV_IP_NONE || prefix_bits > family_bits(ip))
        return false;
    networks->items = items;
    items[networks->count] = (struct mv_network){*ip, prefix_bits};
    clear_from(&items[networks->count].ip, prefix_bits);
    networks->count++;
    return true;
}

/* The wider of two that begin alike comes first. */
static int compare(const void *a, const void *b)
{
    const struct mv_network *first = a, *second = b;
    int order;

    if (first->ip.family != second->ip.family)
        return first->ip.family < second->ip.family ? -1 : 1;
    order = memcmp(first->ip.octets, second->ip.octets, sizeof first->ip.octets);
    if (order != 0)
        return order;
    return first->prefix_bits < second->prefix_bits ? -1 : first->prefix_bits > second->prefix_bits;
}

static bool holds(const struct mv_network *a, const struct mv_network *b)
{
    return a->prefix_bits <= b->prefix_bits && mv_ip_in_prefix(&b->ip, &a->ip, a->prefix_bits);
}

/* a comes before b in order, and neither holds the other. */
static bool are_halves(const struct mv_network *a, const struct mv_network *b)
{
    return a->prefix_bits == b->prefix_bits && a->prefix_bits > 0 &&
           mv_ip_in_prefix(&b->ip, &a->ip, a->prefix_bits - 1);
}

void mv_spf_networks_shorten(struct mv_spf_networks *networks)
{
    struct mv_network *items = networks->items;
    size_t kept = 0;

    if (networks->count == 0)
        return;
    qsort(items, networks->count, sizeof *items, compare);
    for (size_t i = 0; i < networks->count; i++) {
        if (kept > 0 && holds(&items[kept - 1], &items[i]))
            continue;
        items[kept++] = items[i];
        while (kept > 1 && are_halves(&items[kept - 2], &items[kept - 1])) {
            items[kept - 2].prefix_bits--;
            clear_from(&items[kept - 2].ip, items[kept - 2].prefix_bits);
            kept--;
        }
    }
    networks->count = kept;
}

bool mv_spf_networks_hold(const struct mv_spf_networks *networks, const struct mv_network *network)
{
    for (size_t i = 0; i < networks->count; i++)
        if (holds(&networks->items[i], network))
            return true;
    return false;
}

void mv_spf_network_print(const struct mv_network *network, struct mv_buf *out)
{
    mv_buf_puts(out, network->ip.family == MV_IP_V4 ? "ip4:" : "ip6:");
    mv_ip_print(&network->ip, out);
    if (network->prefix_bits != family_bits(&network->ip))
        mv_buf_printf(out, "/%u", network->prefix_bits);
}
