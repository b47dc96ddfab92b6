/* What DNS says of the names in a, mx, exists and exp (RFC 7208 5.3, 5.4, 5.7, 6.2). */
#include "core/ops/spf_lint_run.h"

#include "core/base/trace.h"

static const struct mv_finding_kind name_missing = {
    "spf-name-missing", MV_SEVERITY_WARNING, "RFC 7208 4.6.4",
    "The name has no address: the term matches nobody, and is a void lookup, of which receivers allow two. Delete "
    "it, or mend the name."};
static const struct mv_finding_kind mx_missing = {
    "spf-mx-missing", MV_SEVERITY_WARNING, "RFC 7208 5.4",
    "The domain has no MX record: the term matches nobody, and is a void lookup, of which receivers allow two. "
    "Delete it; a host is named by a:."};
static const struct mv_finding_kind null_mx = {
    "spf-null-mx", MV_SEVERITY_WARNING, "RFC 7505 3",
    "A null MX says that the domain takes no mail: the term matches nobody. Delete it."};
static const struct mv_finding_kind mx_many = {
    "spf-too-many-mx", MV_SEVERITY_ERROR, "RFC 7208 4.6.4",
    "More than 10 MX hosts behind one mx are a permerror: the whole record fails. Name the networks instead."};
static const struct mv_finding_kind mx_host_missing = {
    "spf-mx-host-missing", MV_SEVERITY_WARNING, "RFC 7208 5.4",
    "An MX record names a host without any address. That is a void lookup here, and a fault of the MX for incoming "
    "mail."};
static const struct mv_finding_kind exists_missing = {
    "spf-exists-missing", MV_SEVERITY_WARNING, "RFC 7208 5.7",
    "The name is not there: the term matches nobody, and is a void lookup, of which receivers allow two. Delete it."};
static const struct mv_finding_kind exp_missing = {
    "spf-exp-missing", MV_SEVERITY_WARNING, "RFC 7208 6.2",
    "There is no single text at the name of exp=: nobody is shown anything. Publish it, or delete exp=."};
static const struct mv_finding_kind dns_failed = {
    "spf-name-unanswered", MV_SEVERITY_WARNING, "RFC 7208 5",
    "DNS gave no answer for a name of the record: as long as it stays so, mail that gets to this term is deferred "
    "(temperror)."};
static const struct mv_finding_kind redundant = {
    "spf-name-redundant", MV_SEVERITY_NOTE, "RFC 7208 4.6.4",
    "All addresses of the name are in networks of this record already: the term costs a lookup and adds nobody, as "
    "long as they do not change. Delete one of the two."};
static const struct mv_finding_kind domain_needed = {
    "spf-domain-needed", MV_SEVERITY_NOTE, "RFC 7208 4.8",
    "What the term stands for depends on the domain that publishes the record: give it with --domain to have it "
    "looked at."};

static bool is_sure_void(const struct mv_spf_tree_term *term)
{
    return term->cost[MV_SPF_CLIENT_V4].sure_voids > 0 && term->cost[MV_SPF_CLIENT_V6].sure_voids > 0;
}

static bool is_listed(const struct mv_spf_lint *lint, const struct mv_ip *ip)
{
    for (size_t i = 0; i < lint->root->term_count; i++) {
        const struct mv_spf_term *term = &lint->root->terms[i].term;
        unsigned bits = term->kind == MV_SPF_TERM_IP4 ? term->prefix4_bits : term->prefix6_bits;

        if ((term->kind == MV_SPF_TERM_IP4 || term->kind == MV_SPF_TERM_IP6) && term->qualifier == '+' &&
            mv_ip_in_prefix(ip, &term->network, bits))
            return true;
    }
    return false;
}

static bool is_redundant(const struct mv_spf_lint *lint, const struct mv_spf_tree_term *term)
{
    if (term->address_count == 0 || term->unanswered || term->term.qualifier != '+' ||
        term->term.prefix4_bits != 32 || term->term.prefix6_bits != 128)
        return false;
    for (size_t i = 0; i < term->address_count; i++)
        if (!is_listed(lint, &term->addresses[i]))
            return false;
    return true;
}

static const struct mv_finding_kind *kind_of_void(const struct mv_spf_tree_term *term)
{
    if (term->term.kind == MV_SPF_TERM_EXISTS)
        return &exists_missing;
    if (term->term.kind == MV_SPF_TERM_A)
        return &name_missing;
    if (term->null_mx)
        return &null_mx;
    return term->mx_count == 0 ? &mx_missing : NULL;
}

static void add(struct mv_spf_lint *lint, const struct mv_finding_kind *kind, const struct mv_spf_tree_term *term)
{
    bool show = term->name.len > 0 && mv_bytes_find(term->term.domain_spec, '%') < term->term.domain_spec.len;

    mv_findings_add(lint->findings, kind, lint->root->domain, "%.*s%s%.*s", MV_ARG(term->term.text), show ? " is " : "",
                    MV_ARG(show ? term->name : MV_BYTES("")));
}

static void check_name(struct mv_spf_lint *lint, const struct mv_spf_tree_term *term)
{
    const struct mv_finding_kind *void_kind = is_sure_void(term) ? kind_of_void(term) : NULL;

    if (term->unanswered)
        add(lint, &dns_failed, term);
    if (term->mx_count > MV_SPF_MAX_MX_HOSTS)
        mv_findings_add(lint->findings, &mx_many, lint->root->domain, "%.*s: %zu hosts", MV_ARG(term->term.text),
                        term->mx_count);
    else if (void_kind != NULL)
        add(lint, void_kind, term);
    if (term->mx_without.len > 0)
        mv_findings_add(lint->findings, &mx_host_missing, lint->root->domain, "%.*s: %.*s has no address",
                        MV_ARG(term->term.text), MV_ARG(term->mx_without));
    if (is_redundant(lint, term))
        add(lint, &redundant, term);
}

static bool needs_domain(const struct mv_spf_lint *lint, const struct mv_spf_tree_term *term)
{
    return lint->root->domain.len == 0 && term->varies && term->term.domain_spec.len == 0 &&
           term->term.kind != MV_SPF_TERM_PTR;
}

void mv_spf_lint_names(struct mv_spf_lint *lint)
{
    for (size_t i = 0; i < lint->root->term_count; i++) {
        const struct mv_spf_tree_term *term = &lint->root->terms[i];
        enum mv_spf_kind kind = term->term.kind;

        if (term->exp_answer != NULL && term->exp_answer->count != 1 && !term->unanswered)
            add(lint, &exp_missing, term);
        if (!mv_spf_term_asks(kind) || kind == MV_SPF_TERM_INCLUDE || kind == MV_SPF_TERM_REDIRECT)
            continue;
        if (needs_domain(lint, term))
            add(lint, &domain_needed, term);
        check_name(lint, term);
    }
}
