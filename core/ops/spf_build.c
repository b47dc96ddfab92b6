#include "core/ops/spf_build.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/domain.h"

static const struct mv_finding_kind dropped = {
    "spf-sender-dropped", MV_SEVERITY_WARNING, "",
    "The record that is published now lists this sender, and the new one does not. Mail from there fails as soon as "
    "the new record is published: add it, unless it sends no more."};

static bool is_own(const struct mv_spf_sender *sender, struct mv_bytes domain)
{
    if (!sender->is_named)
        return sender->domain.len == 0;
    return (sender->kind == MV_SPF_TERM_A || sender->kind == MV_SPF_TERM_MX) && mv_bytes_equal(sender->domain, domain);
}

static void put_other(struct mv_buf *out, const struct mv_spf_sender *sender, struct mv_bytes domain)
{
    static const char *const names[] = {[MV_SPF_TERM_A] = " a",
                                        [MV_SPF_TERM_MX] = " mx",
                                        [MV_SPF_TERM_INCLUDE] = " include",
                                        [MV_SPF_TERM_EXISTS] = " exists"};

    mv_buf_puts(out, names[sender->kind]);
    if (is_own(sender, domain))
        return;
    if (sender->is_named)
        mv_buf_putc(out, ':');
    mv_buf_put(out, sender->domain);
}

/* The host of the domain's own name may stand there twice, by name and without. */
static bool stands_before(const struct mv_spf_senders *senders, size_t index, struct mv_bytes domain)
{
    for (size_t i = 0; i < index && is_own(&senders->others[index], domain); i++)
        if (senders->others[i].kind == senders->others[index].kind && is_own(&senders->others[i], domain))
            return true;
    return false;
}

/* The cheapest and surest first. */
static void put_others(struct mv_buf *out, const struct mv_spf_senders *senders, struct mv_bytes domain)
{
    static const enum mv_spf_kind order[] = {MV_SPF_TERM_A, MV_SPF_TERM_MX, MV_SPF_TERM_INCLUDE, MV_SPF_TERM_EXISTS};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (size_t j = 0; j < senders->other_count; j++)
            if (senders->others[j].kind == order[i] && !stands_before(senders, j, domain))
                put_other(out, &senders->others[j], domain);
}

enum mv_code mv_spf_build(struct mv_spf_senders *senders, struct mv_bytes domain, enum mv_spf_end end,
                          struct mv_buf *out)
{
    static const char *const ends[] = {
        [MV_SPF_END_SOFTFAIL] = " ~all", [MV_SPF_END_FAIL] = " -all", [MV_SPF_END_NEUTRAL] = " ?all"};

    mv_spf_networks_shorten(&senders->networks);
    mv_buf_puts(out, "v=spf1");
    for (size_t i = 0; i < senders->networks.count; i++) {
        mv_buf_putc(out, ' ');
        mv_spf_network_print(&senders->networks.items[i], out);
    }
    put_others(out, senders, domain);
    if (senders->networks.count == 0 && senders->other_count == 0)
        end = MV_SPF_END_FAIL;
    mv_buf_puts(out, ends[end]);
    if (mv_buf_bytes(out).len > MV_SPF_MAX_RECORD_BYTES)
        return MV_ERR_LIMIT;
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

static struct mv_network network_of(const struct mv_spf_term *term)
{
    return (struct mv_network){term->network,
                               term->kind == MV_SPF_TERM_IP4 ? term->prefix4_bits : term->prefix6_bits};
}

/* Has the record a term that matches all that this one does? */
static bool has(const struct mv_spf_tree_host *host, const struct mv_spf_tree_term *wanted)
{
    struct mv_network network = network_of(&wanted->term);

    for (size_t i = 0; i < host->term_count; i++) {
        const struct mv_spf_tree_term *term = &host->terms[i];
        struct mv_network other = network_of(&term->term);
        struct mv_spf_networks one = {&other, 1};

        if (term->term.kind != wanted->term.kind || term->term.qualifier != '+')
            continue;
        if (network.ip.family != MV_IP_NONE ? mv_spf_networks_hold(&one, &network)
                                            : (mv_domain_equal(term->name, wanted->name) &&
                                               term->term.prefix4_bits <= wanted->term.prefix4_bits &&
                                               term->term.prefix6_bits <= wanted->term.prefix6_bits &&
                                               term->varies == wanted->varies))
            return true;
    }
    return false;
}

void mv_spf_build_compare(const struct mv_spf_tree_host *old, const struct mv_spf_tree_host *new_host,
                          struct mv_findings *findings)
{
    for (size_t i = 0; i < old->term_count; i++) {
        const struct mv_spf_tree_term *term = &old->terms[i];

        if (term->term.qualifier == '+' && term->term.kind != MV_SPF_TERM_ALL && !has(new_host, term))
            mv_findings_add(findings, &dropped, old->domain, "%.*s", MV_ARG(term->term.text));
    }
}
