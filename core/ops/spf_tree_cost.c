#include "core/ops/spf_tree_cost.h"

static void add_cost(struct mv_spf_cost *sum, const struct mv_spf_cost *cost)
{
    sum->lookups += cost->lookups;
    sum->voids += cost->voids;
    sum->sure_voids += cost->sure_voids;
    sum->endless = sum->endless || cost->endless;
}

static bool is_left_open(const struct mv_spf_tree_host *host)
{
    return host != NULL && (host->state == MV_SPF_TREE_LOOP || host->state == MV_SPF_TREE_TOO_MUCH);
}

bool mv_spf_tree_is_endless(const struct mv_spf_tree_host *host)
{
    return host->cost[MV_SPF_CLIENT_V4].endless || host->cost[MV_SPF_CLIENT_V6].endless;
}

/* Does it match every client of the family? */
static bool matches_everybody(const struct mv_spf_tree_term *term, enum mv_spf_client client)
{
    switch (term->term.kind) {
    case MV_SPF_TERM_ALL:
        return true;
    case MV_SPF_TERM_IP4:
        return client == MV_SPF_CLIENT_V4 && term->term.prefix4_bits == 0;
    case MV_SPF_TERM_IP6:
        return client == MV_SPF_CLIENT_V6 && term->term.prefix6_bits == 0;
    case MV_SPF_TERM_INCLUDE:
        return term->host != NULL && term->host->matches_all[client];
    default:
        return false;
    }
}

static void count_term(struct mv_spf_tree_host *host, struct mv_spf_tree_term *term, bool open[MV_SPF_CLIENTS])
{
    const struct mv_spf_tree_host *below = term->host;

    for (size_t client = 0; client < MV_SPF_CLIENTS; client++) {
        term->reached[client] = open[client];
        if (!open[client])
            continue;
        add_cost(&host->cost[client], &term->cost[client]);
        if (below != NULL)
            add_cost(&host->cost[client], &below->cost[client]);
        if (is_left_open(below))
            host->cost[client].endless = true;
        if (!matches_everybody(term, client))
            continue;
        open[client] = false;
        host->matches_all[client] = term->term.qualifier == '+';
    }
}

void mv_spf_tree_count(struct mv_spf_tree_host *host)
{
    bool open[MV_SPF_CLIENTS] = {true, true};
    struct mv_spf_tree_term *redirect = NULL;

    if (host == NULL)
        return;
    for (size_t i = 0; i < host->term_count; i++) {
        struct mv_spf_tree_term *term = &host->terms[i];

        mv_spf_tree_count(term->host);
        if (term->term.kind == MV_SPF_TERM_REDIRECT)
            redirect = term;
        else
            count_term(host, term, open);
    }
    if (redirect == NULL || host->has_all)
        return;
    count_term(host, redirect, open);
    for (size_t client = 0; client < MV_SPF_CLIENTS && redirect->host != NULL; client++)
        if (open[client])
            host->matches_all[client] = redirect->host->matches_all[client];
}

struct walk {
    enum mv_spf_client client;
    unsigned lookups;
    const struct mv_spf_tree_host *host;
    const struct mv_spf_tree_term *at;
};

static void walk_host(struct walk *walk, const struct mv_spf_tree_host *host);

static void walk_term(struct walk *walk, const struct mv_spf_tree_host *host, const struct mv_spf_tree_term *term)
{
    if (walk->at != NULL || !term->reached[walk->client])
        return;
    walk->lookups += term->cost[walk->client].lookups;
    if (walk->lookups > MV_SPF_MAX_LOOKUPS || is_left_open(term->host)) {
        walk->at = term;
        walk->host = host;
        return;
    }
    if (term->host != NULL)
        walk_host(walk, term->host);
}

static void walk_host(struct walk *walk, const struct mv_spf_tree_host *host)
{
    for (size_t i = 0; i < host->term_count; i++)
        if (host->terms[i].term.kind != MV_SPF_TERM_REDIRECT)
            walk_term(walk, host, &host->terms[i]);
    for (size_t i = 0; i < host->term_count; i++)
        if (host->terms[i].term.kind == MV_SPF_TERM_REDIRECT)
            walk_term(walk, host, &host->terms[i]);
}

const struct mv_spf_tree_term *mv_spf_tree_breaks_at(const struct mv_spf_tree *tree, enum mv_spf_client client,
                                                     const struct mv_spf_tree_host **host_r)
{
    struct walk walk = {.client = client};

    if (tree->root != NULL)
        walk_host(&walk, tree->root);
    *host_r = walk.host;
    return walk.at;
}

static const struct {
    const char *word;
    const char *text;
} states[] = {
    [MV_SPF_TREE_READ] = {"read", ""},
    [MV_SPF_TREE_FAULTY] = {"faulty", "has a record that cannot be read"},
    [MV_SPF_TREE_SEVERAL] = {"several", "has more than one SPF record"},
    [MV_SPF_TREE_ABSENT] = {"absent", "has no SPF record"},
    [MV_SPF_TREE_NO_NAME] = {"no-name", "does not exist"},
    [MV_SPF_TREE_UNANSWERED] = {"unanswered", "was not answered"},
    [MV_SPF_TREE_LOOP] = {"loop", "leads back to itself"},
    [MV_SPF_TREE_VARIES] = {"varies", "depends on the mail"},
    [MV_SPF_TREE_TOO_MUCH] = {"too-much", "is not looked at: too deep, or too many"},
};

const char *mv_spf_tree_state_text(enum mv_spf_tree_state state)
{
    return states[state].text;
}

const char *mv_spf_tree_state_word(enum mv_spf_tree_state state)
{
    return states[state].word;
}
