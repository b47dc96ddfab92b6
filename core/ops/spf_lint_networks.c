/* Networks: ip4, ip6, and the prefixes of a and mx (RFC 7208 5.3, 5.6). */
#include "core/ops/spf_lint_run.h"

#include <string.h>

#include "core/base/trace.h"
#include "core/config/network.h"

static const struct mv_finding_kind everybody = {
    "spf-everybody", MV_SEVERITY_ERROR, "RFC 7208 5.6",
    "A prefix length of 0 is every address there is: anybody may send as this domain. Write the real network; some "
    "receivers refuse such a record altogether."};
static const struct mv_finding_kind wide = {
    "spf-wide-network", MV_SEVERITY_WARNING, "RFC 7208 11.1",
    "So large a network is hardly all yours: everybody else in it may send as this domain. Write the networks that "
    "send."};
static const struct mv_finding_kind private_network = {
    "spf-private-network", MV_SEVERITY_WARNING, "RFC 7208 5.6",
    "No receiver on the Internet sees a client with such an address, so the term matches nobody; at a receiver that "
    "uses the same private network it matches the wrong ones. Write the address that is seen from outside."};
static const struct mv_finding_kind host_bits = {
    "spf-host-bits", MV_SEVERITY_WARNING, "RFC 7208 5.6",
    "Bits are set behind the prefix. They do not count: the whole network matches, or one address was meant."};
static const struct mv_finding_kind mapped = {
    "spf-mapped-network", MV_SEVERITY_WARNING, "RFC 7208 5",
    "A client with an IPv4-mapped address counts as IPv4, so that this ip6 never matches. Write ip4."};
static const struct mv_finding_kind contained = {
    "spf-network-contained", MV_SEVERITY_WARNING, "RFC 7208 5.6",
    "Another network of this record holds this one already. Delete the smaller."};
static const struct mv_finding_kind adjacent = {
    "spf-network-adjacent", MV_SEVERITY_NOTE, "RFC 7208 5.6",
    "Two networks side by side are one network with a shorter prefix: one term instead of two."};

struct range {
    const char *text;
    const char *use;
};

/* Addresses that are not routed on the Internet; those of documentation (RFC 5737) stand in examples. */
static const struct range ranges[] = {
    {"10.0.0.0/8", "private (RFC 1918)"},         {"172.16.0.0/12", "private (RFC 1918)"},
    {"192.168.0.0/16", "private (RFC 1918)"},     {"127.0.0.0/8", "the host itself"},
    {"169.254.0.0/16", "link-local (RFC 3927)"},  {"100.64.0.0/10", "shared behind a provider (RFC 6598)"},
    {"224.0.0.0/4", "multicast"},                 {"240.0.0.0/4", "reserved"},
    {"0.0.0.0/8", "this network (RFC 1122)"},     {"fc00::/7", "private (RFC 4193)"},
    {"fe80::/10", "link-local (RFC 4291)"},       {"::1/128", "the host itself"},
    {"ff00::/8", "multicast"},
};

static struct mv_network network_of(const struct mv_spf_term *term)
{
    return (struct mv_network){term->network,
                               term->kind == MV_SPF_TERM_IP4 ? term->prefix4_bits : term->prefix6_bits};
}

static bool is_network(const struct mv_spf_term *term)
{
    return term->kind == MV_SPF_TERM_IP4 || term->kind == MV_SPF_TERM_IP6;
}

static bool holds(const struct mv_network *a, const struct mv_network *b)
{
    return a->prefix_bits <= b->prefix_bits && mv_ip_in_prefix(&b->ip, &a->ip, a->prefix_bits);
}

static unsigned bit_at(const struct mv_ip *ip, unsigned bit)
{
    return ip->octets[bit / 8] >> (7 - bit % 8) & 1u;
}

/* The two halves of one network. */
static bool are_halves(const struct mv_network *a, const struct mv_network *b)
{
    return a->prefix_bits == b->prefix_bits && a->prefix_bits > 0 &&
           mv_ip_in_prefix(&a->ip, &b->ip, a->prefix_bits - 1) &&
           bit_at(&a->ip, a->prefix_bits - 1) != bit_at(&b->ip, a->prefix_bits - 1);
}

static const char *unrouted_use(const struct mv_network *network)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        struct mv_network range;

        if (mv_network_parse(mv_bytes_str(ranges[i].text), &range) == MV_NETWORK_OK && holds(&range, network))
            return ranges[i].use;
    }
    return NULL;
}

static bool is_mapped(const struct mv_network *network)
{
    static const unsigned char prefix[12] = {[10] = 0xff, [11] = 0xff};

    return network->ip.family == MV_IP_V6 && network->prefix_bits >= 96 &&
           memcmp(network->ip.octets, prefix, sizeof prefix) == 0;
}

static bool has_host_bits(const struct mv_network *network)
{
    unsigned bits = network->ip.family == MV_IP_V4 ? 32 : 128;

    for (unsigned bit = network->prefix_bits; bit < bits; bit++)
        if (bit_at(&network->ip, bit) != 0)
            return true;
    return false;
}

static void add(struct mv_spf_lint *lint, const struct mv_finding_kind *kind, const struct mv_spf_term *term,
                const char *why)
{
    mv_findings_add(lint->findings, kind, lint->root->domain, "%.*s%s%s", MV_ARG(term->text), *why == '\0' ? "" : ": ",
                    why);
}

static void check_network(struct mv_spf_lint *lint, const struct mv_spf_term *term)
{
    struct mv_network network = network_of(term);
    const char *use = unrouted_use(&network);
    unsigned wide_bits = network.ip.family == MV_IP_V4 ? MV_SPF_WIDE_V4_BITS : MV_SPF_WIDE_V6_BITS;

    if (network.prefix_bits == 0)
        add(lint, &everybody, term, "");
    else if (is_mapped(&network))
        add(lint, &mapped, term, "");
    else if (use != NULL)
        add(lint, &private_network, term, use);
    else if (network.prefix_bits < wide_bits)
        add(lint, &wide, term, "");
    if (network.prefix_bits > 0 && has_host_bits(&network))
        add(lint, &host_bits, term, "");
}

static void check_name_prefix(struct mv_spf_lint *lint, const struct mv_spf_term *term)
{
    if (term->kind != MV_SPF_TERM_A && term->kind != MV_SPF_TERM_MX)
        return;
    if (term->prefix4_bits == 0 || term->prefix6_bits == 0)
        add(lint, &everybody, term, "as long as the name has an address");
    else if (term->prefix4_bits < MV_SPF_WIDE_V4_BITS || term->prefix6_bits < MV_SPF_WIDE_V6_BITS)
        add(lint, &wide, term, "");
}

/* What term i shares with another: it is said once. */
static void check_pairs(struct mv_spf_lint *lint, size_t i)
{
    const struct mv_spf_tree_term *terms = lint->root->terms;
    struct mv_network one = network_of(&terms[i].term);

    for (size_t j = 0; j < lint->root->term_count; j++) {
        struct mv_network other = network_of(&terms[j].term);

        if (i == j || !is_network(&terms[j].term) || terms[j].term.qualifier != terms[i].term.qualifier)
            continue;
        if (holds(&other, &one) && other.prefix_bits < one.prefix_bits) {
            mv_findings_add(lint->findings, &contained, lint->root->domain, "%.*s lies in %.*s",
                            MV_ARG(terms[i].term.text), MV_ARG(terms[j].term.text));
            return;
        }
        if (j > i && are_halves(&one, &other)) {
            mv_findings_add(lint->findings, &adjacent, lint->root->domain, "%.*s and %.*s make one /%u",
                            MV_ARG(terms[i].term.text), MV_ARG(terms[j].term.text), one.prefix_bits - 1);
            return;
        }
    }
}

void mv_spf_lint_networks(struct mv_spf_lint *lint)
{
    for (size_t i = 0; i < lint->root->term_count; i++) {
        const struct mv_spf_term *term = &lint->root->terms[i].term;

        if (term->qualifier != '+' && term->qualifier != '?')
            continue;
        if (is_network(term)) {
            check_network(lint, term);
            check_pairs(lint, i);
        } else {
            check_name_prefix(lint, term);
        }
    }
}
