#include "core/text/ip.h"

#include <arpa/inet.h>
#include <string.h>

#define V4_OCTETS 4
#define V6_OCTETS 16
#define V6_GROUPS 8

static const unsigned char v4_mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static size_t octet_count(const struct mv_ip *ip)
{
    if (ip->family == MV_IP_V4)
        return V4_OCTETS;
    return ip->family == MV_IP_V6 ? V6_OCTETS : 0;
}

bool mv_ip_from_octets(struct mv_bytes octets, struct mv_ip *ip_r)
{
    *ip_r = (struct mv_ip){.family = MV_IP_NONE};
    if (octets.len == V6_OCTETS && memcmp(octets.data, v4_mapped_prefix, sizeof v4_mapped_prefix) == 0)
        octets = mv_bytes_slice(octets, sizeof v4_mapped_prefix, V6_OCTETS); /* RFC 7208 5 */
    if (octets.len == V4_OCTETS)
        ip_r->family = MV_IP_V4;
    else if (octets.len == V6_OCTETS)
        ip_r->family = MV_IP_V6;
    else
        return false;
    memcpy(ip_r->octets, octets.data, octets.len);
    return true;
}

bool mv_ip_parse(struct mv_bytes text, struct mv_ip *ip_r)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char octets[V6_OCTETS];
    struct mv_cursor c;
    struct mv_bytes address;
    bool tagged;

    *ip_r = (struct mv_ip){.family = MV_IP_NONE};
    if (text.len >= 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
        text = mv_bytes_slice(text, 1, text.len - 1);
    c = mv_cursor_of(text);
    tagged = mv_cursor_accept_nocase(&c, MV_BYTES("IPv6:")); /* RFC 5321 4.1.3 */
    address = mv_cursor_rest(&c);
    if (address.len == 0 || address.len >= sizeof copy || mv_bytes_find(address, '\0') != address.len)
        return false;
    memcpy(copy, address.data, address.len);
    copy[address.len] = '\0';
    /* IPv4 first: it fails at once on anything else, while an IPv6 parser reads far into an IPv4 address */
    if (!tagged && inet_pton(AF_INET, copy, octets) == 1)
        return mv_ip_from_octets(mv_bytes_of(octets, V4_OCTETS), ip_r);
    if (inet_pton(AF_INET6, copy, octets) == 1)
        return mv_ip_from_octets(mv_bytes_of(octets, V6_OCTETS), ip_r);
    return false;
}

bool mv_ip_in_prefix(const struct mv_ip *ip, const struct mv_ip *net, unsigned prefix_bits)
{
    size_t whole = prefix_bits / 8;
    unsigned rest = prefix_bits % 8;

    if (ip->family == MV_IP_NONE || ip->family != net->family || prefix_bits > 8 * octet_count(ip))
        return false;
    if (memcmp(ip->octets, net->octets, whole) != 0)
        return false;
    return rest == 0 || (ip->octets[whole] ^ net->octets[whole]) >> (8 - rest) == 0;
}

static unsigned group_of(const struct mv_ip *ip, size_t i)
{
    return (unsigned)ip->octets[2 * i] << 8 | ip->octets[2 * i + 1];
}

/* RFC 5952 4.2: the first of the longest runs of at least two zero groups becomes "::". */
static void find_zero_run(const struct mv_ip *ip, size_t *from_r, size_t *to_r)
{
    *from_r = *to_r = V6_GROUPS;
    for (size_t from = 0; from < V6_GROUPS; from++) {
        size_t to = from;

        while (to < V6_GROUPS && group_of(ip, to) == 0)
            to++;
        if (to - from >= 2 && to - from > *to_r - *from_r) {
            *from_r = from;
            *to_r = to;
        }
    }
}

static void print_v6(const struct mv_ip *ip, struct mv_buf *out)
{
    size_t zeros_from, zeros_to;

    find_zero_run(ip, &zeros_from, &zeros_to);
    for (size_t i = 0; i < V6_GROUPS; i++) {
        if (i == zeros_from) {
            mv_buf_puts(out, "::");
            i = zeros_to;
            if (i == V6_GROUPS)
                return;
        } else if (i > 0) {
            mv_buf_putc(out, ':');
        }
        mv_buf_printf(out, "%x", group_of(ip, i));
    }
}

void mv_ip_print(const struct mv_ip *ip, struct mv_buf *out)
{
    if (ip->family == MV_IP_V4)
        mv_buf_printf(out, "%u.%u.%u.%u", ip->octets[0], ip->octets[1], ip->octets[2], ip->octets[3]);
    else if (ip->family == MV_IP_V6)
        print_v6(ip, out);
}

void mv_ip_print_reverse(const struct mv_ip *ip, struct mv_buf *out)
{
    for (size_t i = octet_count(ip); i > 0; i--) {
        unsigned octet = ip->octets[i - 1];

        if (ip->family == MV_IP_V4)
            mv_buf_printf(out, "%u.", octet);
        else
            mv_buf_printf(out, "%x.%x.", octet & 0xf, octet >> 4);
    }
    if (ip->family == MV_IP_V4)
        mv_buf_puts(out, "in-addr.arpa");
    else if (ip->family == MV_IP_V6)
        mv_buf_puts(out, "ip6.arpa");
}
