/*
 * The hosts that send: those that the domain's own SPF record names one by one,
 * and those that somebody names.  Large receivers want each address to have a
 * name that leads back to it.
 */
#include "core/ops/deployment_run.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/spf/evaluate.h"
#include "core/spf/record.h"
#include "core/text/domain.h"

#define MAX_REVERSE_BYTES 128
#define MAX_PTR_NAMES 10 /* as SPF looks at (RFC 7208 4.6.4) */
#define V4_OCTETS 4

struct host_set {
    struct mv_ip ips[MV_DEPLOYMENT_MAX_ADDRESSES];
    size_t count;
    bool more;
};

static void find_ip(struct mv_deployment_run *run, enum mv_deployment_kind kind, const struct mv_ip *ip,
                    struct mv_bytes detail)
{
    mv_findings_add(run->findings, &mv_deployment_kinds[kind], run->request->domain, "%.*s%s%.*s",
                    MV_ARG(mv_deployment_ip_text(run, ip)), detail.len == 0 ? "" : " is ", MV_ARG(detail));
}

static struct mv_bytes reverse_name(struct mv_deployment_run *run, const struct mv_ip *ip)
{
    struct mv_bytes name = {NULL, 0};
    struct mv_buf buf;

    mv_buf_init(&buf, MAX_REVERSE_BYTES);
    mv_ip_print_reverse(ip, &buf);
    if (mv_buf_failed(&buf) || !mv_arena_copy(run->arena, mv_buf_bytes(&buf), &name))
        run->failed = MV_ERR_MEMORY;
    mv_buf_free(&buf);
    return name;
}

static bool leads_back(struct mv_deployment_run *run, struct mv_bytes name, const struct mv_ip *ip, bool *unknown)
{
    const struct mv_dns_answer *answer =
        mv_deployment_ask(run, name, ip->family == MV_IP_V4 ? MV_DNS_A : MV_DNS_AAAA);
    struct mv_ip other;

    *unknown = *unknown || answer == NULL || mv_dns_is_error(answer->status);
    for (size_t i = 0; answer != NULL && i < answer->count; i++)
        if (mv_ip_from_octets(answer->records[i].data, &other) && other.family == ip->family &&
            mv_ip_in_prefix(&other, ip, ip->family == MV_IP_V4 ? 32 : 128))
            return true;
    return false;
}

/* Numbers in the name, in order of the bytes of the address or against it: "192-0-2-1.pool.example". */
static bool is_generic(struct mv_bytes name, const struct mv_ip *ip)
{
    struct mv_cursor c = mv_cursor_of(name);
    uint64_t numbers[V4_OCTETS * 2] = {0};
    size_t count = 0, forward = 0, backward = 0;

    while (mv_cursor_left(&c) > 0 && count < V4_OCTETS * 2) {
        struct mv_bytes digits = mv_cursor_take_while(&c, MV_ASCII_DIGIT);

        if (digits.len == 0)
            mv_cursor_next(&c);
        else if (mv_bytes_to_uint(digits, 255, &numbers[count]))
            count++;
    }
    if (ip->family != MV_IP_V4 || count < V4_OCTETS)
        return false;
    for (size_t i = 0; i < V4_OCTETS; i++) {
        forward += numbers[i] == ip->octets[i];
        backward += numbers[i] == ip->octets[V4_OCTETS - 1 - i];
    }
    return forward == V4_OCTETS || backward == V4_OCTETS;
}

static void check_names(struct mv_deployment_run *run, const struct mv_ip *ip, const struct mv_dns_answer *ptr,
                        struct mv_bytes helo)
{
    bool confirmed = false, named = helo.len == 0, unknown = false;
    struct mv_bytes good = ptr->records[0].data;

    for (size_t i = 0; i < ptr->count && i < MAX_PTR_NAMES; i++) {
        struct mv_bytes name = ptr->records[i].data;

        named = named || mv_domain_equal(name, helo);
        if (!leads_back(run, name, ip, &unknown))
            continue;
        good = name;
        confirmed = true;
    }
    if (!confirmed && unknown)
        find_ip(run, MV_HOST_UNANSWERED, ip, good);
    else if (!confirmed)
        find_ip(run, MV_HOST_PTR_UNCONFIRMED, ip, good);
    else if (is_generic(good, ip))
        find_ip(run, MV_HOST_PTR_GENERIC, ip, good);
    if (!named)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_HELO_PTR_DIFFERS], helo, "%.*s is %.*s",
                        MV_ARG(mv_deployment_ip_text(run, ip)), MV_ARG(good));
}

void mv_deployment_ptr(struct mv_deployment_run *run, const struct mv_ip *ip, struct mv_bytes helo)
{
    const struct mv_dns_answer *ptr;

    if (mv_ip_is_special(ip))
        return; /* what it is doing there another part asks */
    ptr = mv_deployment_ask(run, reverse_name(run, ip), MV_DNS_PTR);
    if (ptr == NULL)
        return;
    if (mv_dns_is_error(ptr->status))
        find_ip(run, MV_HOST_UNANSWERED, ip, MV_BYTES(""));
    else if (ptr->status != MV_DNS_FOUND)
        find_ip(run, MV_HOST_NO_PTR, ip, MV_BYTES(""));
    else
        check_names(run, ip, ptr, helo);
}

static void add_ip(struct host_set *hosts, const struct mv_ip *ip)
{
    for (size_t i = 0; i < hosts->count; i++)
        if (memcmp(&hosts->ips[i], ip, sizeof *ip) == 0)
            return;
    if (hosts->count == MV_DEPLOYMENT_MAX_ADDRESSES)
        hosts->more = true;
    else
        hosts->ips[hosts->count++] = *ip;
}

static void add_name(struct mv_deployment_run *run, struct mv_bytes name, struct host_set *hosts)
{
    struct mv_deployment_addresses addresses;

    if (!mv_deployment_addresses_of(run, name, &addresses))
        return;
    for (size_t i = 0; i < addresses.count; i++)
        add_ip(hosts, &addresses.ips[i]);
}

static void add_mx(struct mv_deployment_run *run, struct mv_bytes domain, struct host_set *hosts)
{
    const struct mv_dns_answer *mx = mv_deployment_ask(run, domain, MV_DNS_MX);

    for (size_t i = 0; mx != NULL && i < mx->count && i < MV_SPF_MAX_MX_HOSTS; i++)
        if (mx->records[i].data.len > 0)
            add_name(run, mx->records[i].data, hosts);
}

/* Only terms that name single hosts and are ours to name: no network, no include, no macro. */
static void add_term(struct mv_deployment_run *run, const struct mv_spf_term *term, struct host_set *hosts)
{
    struct mv_bytes domain = term->domain_spec.len == 0 ? run->request->domain : term->domain_spec;
    bool single = term->prefix4_bits == 32 && term->prefix6_bits == 128;

    if (term->qualifier != '+' || mv_bytes_find(domain, '%') < domain.len)
        return;
    if (term->kind == MV_SPF_TERM_A && single)
        add_name(run, domain, hosts);
    else if (term->kind == MV_SPF_TERM_MX && single)
        add_mx(run, domain, hosts);
    else if ((term->kind == MV_SPF_TERM_IP4 && term->prefix4_bits == 32) ||
             (term->kind == MV_SPF_TERM_IP6 && term->prefix6_bits == 128))
        add_ip(hosts, &term->network);
}

void mv_deployment_may_send(struct mv_deployment_run *run, const struct mv_ip *ip, struct mv_bytes helo)
{
    const struct mv_bytes parts[] = {MV_BYTES("postmaster@"), run->request->domain};
    struct mv_spf_request request = {*ip, helo, {NULL, 0}, {NULL, 0}, run->request->now_secs, run->request->max_voids};
    struct mv_spf_result result;

    if (run->seen->spf.len == 0 || mv_ip_is_special(ip))
        return;
    if (!mv_arena_join(run->arena, parts, sizeof parts / sizeof *parts, &request.mail_from)) {
        run->failed = MV_ERR_MEMORY;
        return;
    }
    if (mv_deployment_done(run, mv_spf_evaluate(run->arena, &request, run->memo, NULL, &result)) &&
        result.code != MV_SPF_PASS && result.code != MV_SPF_TEMPERROR)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_HOST_NOT_IN_SPF], run->request->domain, "%.*s: %s",
                        MV_ARG(mv_deployment_ip_text(run, ip)), mv_spf_code_text(result.code));
}

static void read_spf(struct mv_deployment_run *run, struct host_set *hosts)
{
    struct mv_spf_record record;
    struct mv_spf_fault fault;
    struct mv_spf_term term;
    struct mv_cursor walk;

    if (run->seen->spf.len == 0 || !mv_spf_record_parse(run->seen->spf, &record, &fault))
        return;
    walk = mv_spf_record_walk(&record);
    while (mv_spf_record_next(&walk, &term))
        add_term(run, &term, hosts);
}

void mv_deployment_hosts(struct mv_deployment_run *run)
{
    struct host_set *hosts = mv_arena_alloc(run->arena, sizeof *hosts);

    if (hosts == NULL) {
        run->failed = MV_ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < run->request->ip_count; i++) {
        add_ip(hosts, &run->request->ips[i]);
        mv_deployment_may_send(run, &run->request->ips[i], run->request->domain);
    }
    read_spf(run, hosts);
    for (size_t i = 0; i < hosts->count; i++)
        mv_deployment_ptr(run, &hosts->ips[i], MV_BYTES(""));
    if (hosts->more)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_HOST_MANY], run->request->domain, "more than %d",
                        MV_DEPLOYMENT_MAX_ADDRESSES);
}
