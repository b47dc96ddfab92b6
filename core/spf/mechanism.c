#include "core/spf/check.h"

static unsigned prefix_bits(const struct mv_spf_check *check, const struct mv_spf_term *term)
{
    return check->request->ip.family == MV_IP_V4 ? term->prefix4_bits : term->prefix6_bits;
}

/* RFC 7208 5.3: any address of the name, cut to the prefix, is the client's. */
static enum mv_spf_match match_address(struct mv_spf_check *check, const struct mv_spf_term *term,
                                       struct mv_bytes name)
{
    const struct mv_dns_answer *answer;
    enum mv_spf_match match = mv_spf_fetch(check, name, mv_spf_address_type(check), &answer);
    struct mv_ip ip;

    if (match != MV_SPF_MATCH)
        return match;
    for (size_t i = 0; i < answer->count; i++)
        if (mv_ip_from_octets(answer->records[i].data, &ip) &&
            mv_ip_in_prefix(&check->request->ip, &ip, prefix_bits(check, term)))
            return MV_SPF_MATCH;
    return MV_SPF_NO_MATCH;
}

static int compare_bytes(struct mv_bytes a, struct mv_bytes b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (a.data[i] != b.data[i])
            return a.data[i] < b.data[i] ? -1 : 1;
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

static bool is_before(const struct mv_dns_record *a, const struct mv_dns_record *b)
{
    if (a->preference != b->preference)
        return a->preference < b->preference;
    return compare_bytes(a->data, b->data) < 0;
}

/* In an order that does not change with the order in which a server rotates its answer. */
static void sort_hosts(const struct mv_dns_answer *answer, const struct mv_dns_record *hosts[MV_SPF_MAX_MX_HOSTS])
{
    for (size_t i = 0; i < answer->count; i++) {
        size_t at = i;

        for (; at > 0 && is_before(&answer->records[i], hosts[at - 1]); at--)
            hosts[at] = hosts[at - 1];
        hosts[at] = &answer->records[i];
    }
}

/* RFC 7208 5.4: no MX record, no match; the name's own address is not tried. */
static enum mv_spf_match match_mx(struct mv_spf_check *check, const struct mv_spf_term *term, struct mv_bytes name)
{
    const struct mv_dns_record *hosts[MV_SPF_MAX_MX_HOSTS];
    const struct mv_dns_answer *answer;
    enum mv_spf_match match = mv_spf_fetch(check, name, MV_DNS_MX, &answer);

    if (match != MV_SPF_MATCH)
        return match;
    if (answer->count > MV_SPF_MAX_MX_HOSTS)
        return mv_spf_throw(check, MV_SPF_PERMERROR, "RFC 7208 4.6.4",
                            mv_arena_printf(check->arena, "%.*s has more than 10 MX hosts",
                                            MV_ARG(mv_spf_name_in_reason(name))));
    sort_hosts(answer, hosts);
    match = MV_SPF_NO_MATCH;
    for (size_t i = 0; i < answer->count; i++) {
        enum mv_spf_match at_host = match_address(check, term, hosts[i]->data);

        if (at_host == MV_SPF_MATCH || at_host == MV_SPF_THROW)
            return at_host;
        if (at_host == MV_SPF_UNKNOWN)
            match = MV_SPF_UNKNOWN;
    }
    return match;
}

/* RFC 7208 5.7: an A record, whatever it holds, for IPv6 clients too. */
static enum mv_spf_match match_exists(struct mv_spf_check *check, struct mv_bytes name)
{
    const struct mv_dns_answer *answer;

    return mv_spf_fetch(check, name, MV_DNS_A, &answer);
}

/* RFC 7208 5.2, the table. A thrown error goes through; so does what is not known yet. */
static enum mv_spf_match match_include(struct mv_spf_check *check, struct mv_bytes name)
{
    enum mv_spf_code code;

    check->include_depth++;
    code = mv_spf_check_host(check, name);
    check->include_depth--;
    switch (code) {
    case MV_SPF_PASS:
        return MV_SPF_MATCH;
    case MV_SPF_TEMPERROR:
    case MV_SPF_PERMERROR:
        return MV_SPF_THROW;
    case MV_SPF_NONE:
        return mv_spf_throw(check, MV_SPF_PERMERROR, "RFC 7208 5.2",
                            mv_arena_printf(check->arena, "the included %.*s has no SPF record",
                                            MV_ARG(mv_spf_name_in_reason(name))));
    default:
        mv_trace_note(check->trace, "RFC 7208 5.2", "the included record says %s", mv_spf_code_text(code));
        return MV_SPF_NO_MATCH;
    }
}

static enum mv_spf_match match_name(struct mv_spf_check *check, const struct mv_spf_term *term, struct mv_bytes name)
{
    switch (term->kind) {
    case MV_SPF_TERM_INCLUDE:
        return match_include(check, name);
    case MV_SPF_TERM_A:
        return match_address(check, term, name);
    case MV_SPF_TERM_MX:
        return match_mx(check, term, name);
    case MV_SPF_TERM_PTR:
        return mv_spf_ptr_match(check, name);
    default:
        return match_exists(check, name);
    }
}

static enum mv_spf_match match_asking(struct mv_spf_check *check, const struct mv_spf_host *host,
                                      const struct mv_spf_term *term)
{
    enum mv_spf_match match = mv_spf_spend(check, term);
    struct mv_bytes name;

    if (match != MV_SPF_MATCH)
        return match;
    mv_trace_enter(check->trace, mv_spf_term_section(term->kind), "%.*s: lookup %u of %u, void %u of %u",
                   MV_ARG(term->text), check->result.lookups, (unsigned)MV_SPF_MAX_LOOKUPS, check->result.voids,
                   check->request->max_voids);
    match = mv_spf_target(check, host->domain, term, &name);
    if (match == MV_SPF_MATCH)
        match = match_name(check, term, name);
    if (match == MV_SPF_NO_MATCH)
        mv_trace_note(check->trace, NULL, "no match");
    mv_trace_leave(check->trace);
    return match;
}

/* RFC 7208 5.6: an IPv4 client never matches ip6, however the network is written. */
static enum mv_spf_match match_network(struct mv_spf_check *check, const struct mv_spf_term *term)
{
    unsigned bits = term->kind == MV_SPF_TERM_IP4 ? term->prefix4_bits : term->prefix6_bits;

    return mv_ip_in_prefix(&check->request->ip, &term->network, bits) ? MV_SPF_MATCH : MV_SPF_NO_MATCH;
}

enum mv_spf_match mv_spf_match_term(struct mv_spf_check *check, const struct mv_spf_host *host,
                                    const struct mv_spf_term *term)
{
    switch (term->kind) {
    case MV_SPF_TERM_ALL:
        return MV_SPF_MATCH;
    case MV_SPF_TERM_IP4:
    case MV_SPF_TERM_IP6:
        return match_network(check, term);
    case MV_SPF_TERM_INCLUDE:
    case MV_SPF_TERM_A:
    case MV_SPF_TERM_MX:
    case MV_SPF_TERM_PTR:
    case MV_SPF_TERM_EXISTS:
        return match_asking(check, host, term);
    default:
        return MV_SPF_NO_MATCH;
    }
}
