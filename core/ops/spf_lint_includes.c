/* The records below: include and redirect (RFC 7208 5.2, 6.1). */
#include "core/ops/spf_lint_run.h"

#include "core/base/trace.h"
#include "core/text/domain.h"

#define NO_USE "A receiver that gets to this term ends with a permerror: the whole record fails, for every sender " \
               "that no term before it matched. "

static const struct mv_finding_kind missing = {
    "spf-include-missing", MV_SEVERITY_ERROR, "RFC 7208 5.2",
    NO_USE "Delete the term, or write the name that the provider documents today."};
static const struct mv_finding_kind broken = {
    "spf-include-broken", MV_SEVERITY_ERROR, "RFC 7208 5.2",
    NO_USE "Delete the term until those who publish the other record have mended it."};
static const struct mv_finding_kind loop = {
    "spf-include-loop", MV_SEVERITY_ERROR, "RFC 7208 4.6.4",
    NO_USE "The records lead back to each other. Take one of the links out."};
static const struct mv_finding_kind redirect_missing = {
    "spf-redirect-missing", MV_SEVERITY_ERROR, "RFC 7208 6.1",
    NO_USE "redirect= has to lead to a domain with a record."};
static const struct mv_finding_kind redirect_broken = {
    "spf-redirect-broken", MV_SEVERITY_ERROR, "RFC 7208 6.1",
    NO_USE "The record that redirect= leads to has to be mended first."};
static const struct mv_finding_kind unanswered = {
    "spf-include-unanswered", MV_SEVERITY_WARNING, "RFC 7208 5.2",
    "DNS gave no answer for a record below: as long as it stays so, mail that gets to this term is deferred "
    "(temperror)."};
static const struct mv_finding_kind varies = {
    "spf-include-varies", MV_SEVERITY_WARNING, "RFC 7208 7",
    "Which record is included depends on the mail, so that nobody can tell ahead what it costs: with the wrong "
    "answer it takes all lookups that are left. Ask the provider for a name without macros."};
static const struct mv_finding_kind passes_everybody = {
    "spf-include-passes-everybody", MV_SEVERITY_ERROR, "RFC 7208 5.2",
    "The other record lets every host on earth pass (+all, or a network of all addresses), and so does this one."};
static const struct mv_finding_kind twice = {
    "spf-include-twice", MV_SEVERITY_WARNING, "RFC 7208 4.6.4",
    "A record is included twice, here or further down, and costs its lookups twice. Delete the outer one."};
static const struct mv_finding_kind too_much = {
    "spf-tree-too-large", MV_SEVERITY_ERROR, "RFC 7208 4.6.4",
    NO_USE "So many records, or so many one below the other, no receiver follows."};
static const struct mv_finding_kind deep_negative = {
    "spf-include-nobody", MV_SEVERITY_WARNING, "RFC 7208 5.2",
    "The other record lets nobody pass, so that the include never matches. Delete it: it costs a lookup."};

struct below {
    const struct mv_spf_tree_host *of;    /* whose term it is */
    const struct mv_spf_tree_term *term;
};

static void add(struct mv_spf_lint *lint, const struct mv_finding_kind *kind, struct below below, const char *why)
{
    struct mv_bytes name = below.term->host->domain;

    if (below.of == lint->root)
        mv_findings_add(lint->findings, kind, lint->root->domain, "%.*s: %.*s%s%s", MV_ARG(below.term->term.text),
                        MV_ARG(name), *why == '\0' ? "" : " ", why);
    else
        mv_findings_add(lint->findings, kind, lint->root->domain, "%.*s in the record of %.*s: %.*s%s%s",
                        MV_ARG(below.term->term.text), MV_ARG(below.of->domain), MV_ARG(name),
                        *why == '\0' ? "" : " ", why);
}

static const struct mv_finding_kind *kind_of(const struct mv_spf_tree_host *host, bool is_redirect)
{
    switch (host->state) {
    case MV_SPF_TREE_ABSENT:
    case MV_SPF_TREE_NO_NAME:
        return is_redirect ? &redirect_missing : &missing;
    case MV_SPF_TREE_FAULTY:
    case MV_SPF_TREE_SEVERAL:
        return is_redirect ? &redirect_broken : &broken;
    case MV_SPF_TREE_LOOP:
        return &loop;
    case MV_SPF_TREE_UNANSWERED:
        return &unanswered;
    case MV_SPF_TREE_VARIES:
        return &varies;
    case MV_SPF_TREE_TOO_MUCH:
        return &too_much;
    case MV_SPF_TREE_READ:
        break;
    }
    return NULL;
}

static bool has_passing_term(const struct mv_spf_tree_host *host)
{
    for (size_t i = 0; i < host->term_count; i++) {
        const struct mv_spf_tree_term *term = &host->terms[i];

        if (term->term.kind == MV_SPF_TERM_REDIRECT && !host->has_all)
            return true;
        if (term->term.qualifier == '+' && (term->reached[MV_SPF_CLIENT_V4] || term->reached[MV_SPF_CLIENT_V6]))
            return true;
    }
    return false;
}

/* Is the record read before it, in the order of the evaluation? *done_r: host was come to. */
static bool was_read(const struct mv_spf_tree_host *in, const struct mv_spf_tree_host *host, bool *done_r)
{
    for (size_t i = 0; i < in->term_count; i++) {
        const struct mv_spf_tree_host *below = in->terms[i].host;

        if (below == NULL)
            continue;
        *done_r = below == host;
        if (*done_r)
            return false;
        if (below->state == MV_SPF_TREE_READ && mv_domain_equal(below->domain, host->domain))
            return true;
        if (was_read(below, host, done_r) || *done_r)
            return !*done_r;
    }
    return false;
}

static void check_read(struct mv_spf_lint *lint, struct below below)
{
    const struct mv_spf_tree_host *host = below.term->host;
    bool done = false;

    if (below.of == lint->root && host->matches_all[MV_SPF_CLIENT_V4] && below.term->term.qualifier != '-')
        add(lint, &passes_everybody, below, "");
    if (below.term->term.kind == MV_SPF_TERM_INCLUDE && below.of == lint->root && !has_passing_term(host))
        add(lint, &deep_negative, below, "");
    if (below.term->term.kind == MV_SPF_TERM_INCLUDE && was_read(lint->root, host, &done))
        add(lint, &twice, below, "was included before");
}

static void check_below(struct mv_spf_lint *lint, const struct mv_spf_tree_host *of)
{
    for (size_t i = 0; i < of->term_count; i++) {
        struct below below = {of, &of->terms[i]};
        const struct mv_finding_kind *kind;

        if (below.term->host == NULL)
            continue;
        kind = kind_of(below.term->host, below.term->term.kind == MV_SPF_TERM_REDIRECT);
        if (kind != NULL)
            add(lint, kind, below, mv_spf_tree_state_text(below.term->host->state));
        else
            check_read(lint, below);
        check_below(lint, below.term->host);
    }
}

void mv_spf_lint_includes(struct mv_spf_lint *lint)
{
    check_below(lint, lint->root);
}
