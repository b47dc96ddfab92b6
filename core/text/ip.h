/*
 * IPv4 and IPv6 addresses.  An IPv4-mapped IPv6 address is IPv4 (RFC 7208 5).
 */
#ifndef MV_TEXT_IP_H
#define MV_TEXT_IP_H

#include "core/base/buf.h"

enum mv_ip_family { MV_IP_NONE = 0, MV_IP_V4 = 4, MV_IP_V6 = 6 };

struct mv_ip {
    enum mv_ip_family family;
    unsigned char octets[16]; /* network order; the first 4 for IPv4 */
};

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]", "IPv6:2001:db8::1"; no leading zeros in IPv4 parts, no zone. */
bool mv_ip_parse(struct mv_bytes text, struct mv_ip *ip_r);
/* Only 4 or 16 octets. */
bool mv_ip_from_octets(struct mv_bytes octets, struct mv_ip *ip_r);
/* The first prefix_bits are equal; false for different families. */
bool mv_ip_in_prefix(const struct mv_ip *ip, const struct mv_ip *net, unsigned prefix_bits);
/* Canonical text (RFC 5952). */
void mv_ip_print(const struct mv_ip *ip, struct mv_buf *out);
/* "1.2.0.192.in-addr.arpa" and the nibbles of "ip6.arpa" (RFC 1035 3.5, RFC 3596 2.5). */
void mv_ip_print_reverse(const struct mv_ip *ip, struct mv_buf *out);

#endif
