#include "core/ops/spf_flat.h"

#include <string.h>

#include "core/base/trace.h"

/* What a term comes to. */
enum outcome { AS_NETWORKS, AS_IT_IS, FAILED };

struct flattening {
    struct mv_arena *arena;
    struct mv_spf_flat *flat;
    struct mv_error *error;
    enum mv_code code;
};

static enum outcome fail(struct flattening *f, enum mv_code code, const struct mv_spf_tree_term *term, const char *why)
{
    struct mv_bytes name = term == NULL ? MV_BYTES("") : term->term.text;

    f->code = mv_error_set(f->error, code, "%.*s%s%s", MV_ARG(name), term == NULL ? "" : ": ", why);
    return FAILED;
}

static enum outcome no_memory(struct flattening *f)
{
    return fail(f, MV_ERR_MEMORY, NULL, "no memory for the flat record");
}

/* A client with such an address counts as IPv4: it never matches (RFC 7208 5). */
static bool is_mapped(const struct mv_ip *ip)
{
    static const unsigned char prefix[12] = {[10] = 0xff, [11] = 0xff};

    return ip->family == MV_IP_V6 && memcmp(ip->octets, prefix, sizeof prefix) == 0;
}

static enum outcome add_network(struct flattening *f, struct mv_spf_networks *networks, const struct mv_ip *ip,
                                unsigned bits)
{
    if (is_mapped(ip) && bits >= 96)
        return AS_NETWORKS;
    return mv_spf_networks_add(f->arena, networks, ip, bits) ? AS_NETWORKS : no_memory(f);
}

static enum outcome add_addresses(struct flattening *f, struct mv_spf_networks *networks,
                                  const struct mv_spf_tree_term *term)
{
    enum outcome outcome = AS_NETWORKS;

    if (term->varies)
        return AS_IT_IS;
    if (term->unanswered)
        return fail(f, MV_ERR_IO, term, "DNS gave no answer; nothing is flattened by halves, try again");
    if (term->mx_count > MV_SPF_MAX_MX_HOSTS)
        return fail(f, MV_ERR_SYNTAX, term, "more than 10 MX hosts; see 'mailvouch spf lint'");
    for (size_t i = 0; outcome == AS_NETWORKS && i < term->address_count; i++) {
        const struct mv_ip *ip = &term->addresses[i];

        outcome = add_network(f, networks, ip,
                              ip->family == MV_IP_V4 ? term->term.prefix4_bits : term->term.prefix6_bits);
    }
    return outcome;
}

static enum outcome check_host(struct flattening *f, const struct mv_spf_tree_term *term)
{
    switch (term->host->state) {
    case MV_SPF_TREE_READ:
        return AS_NETWORKS;
    case MV_SPF_TREE_VARIES:
        return AS_IT_IS;
    case MV_SPF_TREE_UNANSWERED:
        return fail(f, MV_ERR_IO, term, "DNS gave no answer; nothing is flattened by halves, try again");
    default:
        return fail(f, MV_ERR_SYNTAX, term, "this is a permerror for every receiver; see 'mailvouch spf lint'");
    }
}

static enum outcome add_passing(struct flattening *f, struct mv_spf_networks *networks,
                                const struct mv_spf_tree_host *host);

static enum outcome add_everybody(struct flattening *f, struct mv_spf_networks *networks)
{
    struct mv_ip v4 = {.family = MV_IP_V4}, v6 = {.family = MV_IP_V6};

    return mv_spf_networks_add(f->arena, networks, &v4, 0) && mv_spf_networks_add(f->arena, networks, &v6, 0)
               ? AS_NETWORKS
               : no_memory(f);
}

/* What a mechanism matches. */
static enum outcome add_matching(struct flattening *f, struct mv_spf_networks *networks,
                                 const struct mv_spf_tree_term *term)
{
    enum outcome outcome;

    switch (term->term.kind) {
    case MV_SPF_TERM_ALL:
        return add_everybody(f, networks);
    case MV_SPF_TERM_IP4:
        return add_network(f, networks, &term->term.network, term->term.prefix4_bits);
    case MV_SPF_TERM_IP6:
        return add_network(f, networks, &term->term.network, term->term.prefix6_bits);
    case MV_SPF_TERM_A:
    case MV_SPF_TERM_MX:
        return add_addresses(f, networks, term);
    case MV_SPF_TERM_INCLUDE:
    case MV_SPF_TERM_REDIRECT:
        outcome = check_host(f, term);
        return outcome == AS_NETWORKS ? add_passing(f, networks, term->host) : outcome;
    default:
        return AS_IT_IS;
    }
}

static const struct mv_spf_tree_term *find_redirect(const struct mv_spf_tree_host *host)
{
    for (size_t i = 0; i < host->term_count && !host->has_all; i++)
        if (host->terms[i].term.kind == MV_SPF_TERM_REDIRECT)
            return &host->terms[i];
    return NULL;
}

/* The hosts that an included record lets pass (RFC 7208 5.2). */
static enum outcome add_passing(struct flattening *f, struct mv_spf_networks *networks,
                                const struct mv_spf_tree_host *host)
{
    const struct mv_spf_tree_term *redirect = find_redirect(host);
    enum outcome outcome = AS_NETWORKS;
    bool refused_some = false;

    for (size_t i = 0; outcome == AS_NETWORKS && i < host->term_count; i++) {
        const struct mv_spf_tree_term *term = &host->terms[i];

        if (term->term.qualifier == '\0')
            continue;
        if (term->term.qualifier != '+') {
            refused_some = true;
            if (term->term.kind == MV_SPF_TERM_ALL)
                return AS_NETWORKS;
            if (term->host != NULL)
                outcome = check_host(f, term);
            continue;
        }
        outcome = refused_some ? AS_IT_IS : add_matching(f, networks, term);
        if (term->term.kind == MV_SPF_TERM_ALL)
            return outcome;
    }
    if (outcome != AS_NETWORKS || redirect == NULL)
        return outcome;
    return refused_some ? AS_IT_IS : add_matching(f, networks, redirect);
}

static struct mv_spf_flat_run *run_of(struct flattening *f, char qualifier)
{
    struct mv_spf_flat *flat = f->flat;
    struct mv_spf_flat_run *runs;

    if (flat->run_count > 0 && flat->runs[flat->run_count - 1].qualifier == qualifier)
        return &flat->runs[flat->run_count - 1];
    runs = mv_arena_grow(f->arena, flat->runs, flat->run_count, sizeof *runs);
    if (runs == NULL)
        return NULL;
    flat->runs = runs;
    runs[flat->run_count] = (struct mv_spf_flat_run){.qualifier = qualifier};
    return &runs[flat->run_count++];
}

static enum outcome keep(struct flattening *f, struct mv_spf_flat_run *run, const struct mv_spf_tree_term *term)
{
    const struct mv_spf_tree_term **kept = mv_arena_grow(f->arena, run->kept, run->kept_count, sizeof *kept);

    if (kept == NULL)
        return no_memory(f);
    kept[run->kept_count++] = term;
    run->kept = kept;
    return AS_IT_IS;
}

static enum outcome add_term(struct flattening *f, const struct mv_spf_tree_term *term)
{
    struct mv_spf_flat_run *run = run_of(f, term->term.qualifier);
    enum outcome outcome;
    size_t count;

    if (run == NULL)
        return no_memory(f);
    count = run->networks.count;
    outcome = add_matching(f, &run->networks, term);
    if (outcome != AS_IT_IS)
        return outcome;
    run->networks.count = count;
    return keep(f, run, term);
}

static bool has_kept(const struct mv_spf_flat *flat, size_t from_run)
{
    for (size_t i = from_run; i < flat->run_count; i++)
        if (flat->runs[i].kept_count > 0)
            return true;
    return flat->redirect != NULL;
}

static enum outcome add_record(struct flattening *f, const struct mv_spf_tree_host *host);

/* The other record as a whole, or not at all: what is kept would mean something else here. */
static enum outcome add_redirect(struct flattening *f, const struct mv_spf_tree_term *redirect)
{
    struct mv_spf_flat whole = {.run_count = 0};
    struct flattening below = {f->arena, &whole, f->error, MV_OK};
    enum outcome outcome = check_host(f, redirect);

    if (outcome == AS_NETWORKS)
        outcome = add_record(&below, redirect->host);
    if (below.code != MV_OK)
        f->code = below.code;
    if (outcome == FAILED)
        return FAILED;
    if (outcome == AS_IT_IS || has_kept(&whole, 0)) {
        f->flat->redirect = redirect;
        return AS_IT_IS;
    }
    f->flat->all = whole.all;
    f->flat->exp = MV_BYTES(""); /* RFC 7208 6.2: that of the other record counts, and may mean something else here */
    for (size_t i = 0; i < whole.run_count; i++) {
        struct mv_spf_flat_run *run = run_of(f, whole.runs[i].qualifier);

        for (size_t j = 0; run != NULL && j < whole.runs[i].networks.count; j++) {
            const struct mv_network *network = &whole.runs[i].networks.items[j];

            if (add_network(f, &run->networks, &network->ip, network->prefix_bits) == FAILED)
                return FAILED;
        }
        if (run == NULL)
            return no_memory(f);
    }
    return AS_NETWORKS;
}

static enum outcome add_record(struct flattening *f, const struct mv_spf_tree_host *host)
{
    const struct mv_spf_tree_term *redirect = find_redirect(host);

    for (size_t i = 0; i < host->term_count && f->flat->all == '\0'; i++) {
        const struct mv_spf_tree_term *term = &host->terms[i];

        if (term->term.kind == MV_SPF_TERM_ALL)
            f->flat->all = term->term.qualifier;
        else if (term->term.qualifier != '\0' && add_term(f, term) == FAILED)
            return FAILED;
    }
    for (size_t i = 0; i < host->term_count; i++)
        if (host->terms[i].term.kind == MV_SPF_TERM_EXP)
            f->flat->exp = host->terms[i].term.text;
    return redirect == NULL ? AS_NETWORKS : add_redirect(f, redirect);
}

enum mv_code mv_spf_flatten(struct mv_arena *arena, const struct mv_spf_tree *tree, struct mv_spf_flat *flat_r,
                            struct mv_error *error)
{
    struct flattening f = {arena, flat_r, error, MV_OK};

    *flat_r = (struct mv_spf_flat){.run_count = 0};
    if (tree->root->state == MV_SPF_TREE_UNANSWERED)
        return mv_error_set(error, MV_ERR_IO, "DNS gave no answer for the record; try again");
    if (tree->root->state != MV_SPF_TREE_READ)
        return mv_error_set(error, MV_ERR_SYNTAX, "%.*s %s; see 'mailvouch spf lint'", MV_ARG(tree->root->domain),
                            mv_spf_tree_state_text(tree->root->state));
    (void)add_record(&f, tree->root);
    for (size_t i = 0; i < flat_r->run_count; i++)
        mv_spf_networks_shorten(&flat_r->runs[i].networks);
    return f.code;
}
