/* What the record costs those who check it (RFC 7208 4.6.4). */
#include "core/ops/spf_lint_run.h"

#include "core/base/trace.h"

static const struct mv_finding_kind many = {
    "spf-too-many-lookups", MV_SEVERITY_ERROR, "RFC 7208 4.6.4",
    "10 terms that ask DNS are allowed, those of included records among them. Receivers stop there with a permerror, "
    "and every sender that stands behind it fails. Delete includes of providers that send no more, write networks "
    "instead of a and mx, or see 'mailvouch spf flatten'."};
static const struct mv_finding_kind near = {
    "spf-near-lookup-limit", MV_SEVERITY_WARNING, "RFC 7208 4.6.4",
    "10 terms that ask DNS are allowed: one more include of a provider of yours, which nobody tells you of, and the "
    "record fails. Make room now."};
static const struct mv_finding_kind voids = {
    "spf-too-many-voids", MV_SEVERITY_ERROR, "RFC 7208 4.6.4",
    "Receivers stop with a permerror at the third name that is not there. Delete the terms that name nothing."};
static const struct mv_finding_kind voids_of_family = {
    "spf-voids-of-family", MV_SEVERITY_WARNING, "RFC 7208 4.6.4",
    "A name that has addresses of one family only is a void lookup for clients of the other, and the third is a "
    "permerror: senders of that family that stand behind it fail. Write networks instead of a and mx, or put these "
    "terms last."};
static const struct mv_finding_kind voids_possible = {
    "spf-voids-possible", MV_SEVERITY_NOTE, "RFC 7208 4.6.4",
    "Terms whose names depend on the mail find nothing for most clients, and the third void lookup is a permerror at "
    "receivers that count them: put such terms last."};

static const char *const families[MV_SPF_CLIENTS] = {"IPv4", "IPv6"};

static enum mv_spf_client worst_client(const struct mv_spf_cost cost[MV_SPF_CLIENTS])
{
    return cost[MV_SPF_CLIENT_V6].lookups > cost[MV_SPF_CLIENT_V4].lookups ? MV_SPF_CLIENT_V6 : MV_SPF_CLIENT_V4;
}

static void check_lookups(struct mv_spf_lint *lint)
{
    const struct mv_spf_tree_host *root = lint->root, *at;
    enum mv_spf_client client = worst_client(root->cost);
    unsigned lookups = root->cost[client].lookups;
    const struct mv_spf_tree_term *term = mv_spf_tree_breaks_at(lint->tree, client, &at);

    if (lookups > MV_SPF_MAX_LOOKUPS && term != NULL)
        mv_findings_add(lint->findings, &many, root->domain, "%u lookups%s; %.*s%s%.*s is one too many", lookups,
                        root->cost[client].endless ? " and more" : "", MV_ARG(term->term.text),
                        at == root ? "" : " in ", MV_ARG(at == root ? MV_BYTES("") : at->domain));
    else if (lookups >= MV_SPF_MANY_LOOKUPS && lookups <= MV_SPF_MAX_LOOKUPS)
        mv_findings_add(lint->findings, &near, root->domain, "%u lookups", lookups);
}

static void check_voids(struct mv_spf_lint *lint)
{
    const struct mv_spf_cost *cost = lint->root->cost;
    bool over[MV_SPF_CLIENTS], may[MV_SPF_CLIENTS];

    for (size_t client = 0; client < MV_SPF_CLIENTS; client++) {
        over[client] = cost[client].sure_voids > MV_SPF_MAX_VOIDS;
        may[client] = cost[client].voids > MV_SPF_MAX_VOIDS;
    }
    if (over[MV_SPF_CLIENT_V4] && over[MV_SPF_CLIENT_V6]) {
        mv_findings_add(lint->findings, &voids, lint->root->domain, "%u names are not there",
                        cost[MV_SPF_CLIENT_V4].sure_voids);
        return;
    }
    for (size_t client = 0; client < MV_SPF_CLIENTS; client++)
        if (over[client]) {
            mv_findings_add(lint->findings, &voids_of_family, lint->root->domain, "%u void lookups for an %s client",
                            cost[client].sure_voids, families[client]);
            return;
        }
    for (size_t client = 0; client < MV_SPF_CLIENTS; client++)
        if (may[client]) {
            mv_findings_add(lint->findings, &voids_possible, lint->root->domain,
                            "up to %u void lookups for an %s client", cost[client].voids, families[client]);
            return;
        }
}

void mv_spf_lint_budget(struct mv_spf_lint *lint)
{
    check_lookups(lint);
    check_voids(lint);
}
