/* How a record ends (RFC 7208 4.7, 5.1, 6.1), and what it says of everybody else. */
#include "core/ops/spf_lint_run.h"

#include "core/base/trace.h"

static const struct mv_finding_kind plus_all = {
    "spf-plus-all", MV_SEVERITY_ERROR, "RFC 7208 5.1",
    "+all lets every host on earth send as this domain, and with it pass DMARC. End the record with ~all, or -all."};
static const struct mv_finding_kind neutral_all = {
    "spf-neutral-all", MV_SEVERITY_WARNING, "RFC 7208 5.1",
    "?all says nothing about hosts that are not listed: receivers treat them as if there were no record. End with "
    "~all."};
static const struct mv_finding_kind no_all = {
    "spf-no-all", MV_SEVERITY_WARNING, "RFC 7208 4.7",
    "Without all and redirect the record says nothing about hosts that are not listed, as ?all would. End it with "
    "~all."};
static const struct mv_finding_kind all_of_include = {
    "spf-all-of-include", MV_SEVERITY_WARNING, "RFC 7208 5.2",
    "The -all of an included record is not taken over: it only says that the include does not match. This record "
    "needs an all of its own; redirect= would take the other record as a whole."};
static const struct mv_finding_kind softfail_all = {
    "spf-softfail-all", MV_SEVERITY_NOTE, "RFC 9989 7.1",
    "~all is the right start, and for DMARC as good as -all. Change to -all when reports of at least a month show "
    "every sender of yours here, mail of it is not forwarded, or DKIM covers what is."};
static const struct mv_finding_kind fail_all = {
    "spf-fail-all", MV_SEVERITY_NOTE, "RFC 9989 7.1",
    "Some receivers refuse for -all before they look at DKIM, so that forwarded mail is lost, and such refusals are "
    "in no report. For DMARC ~all is as good."};
static const struct mv_finding_kind parked_soft = {
    "spf-parked-soft", MV_SEVERITY_WARNING, "RFC 7208 10.1.2",
    "Nobody is listed, so nobody sends as this domain: say so plainly, with v=spf1 -all."};
static const struct mv_finding_kind behind_all = {
    "spf-behind-all", MV_SEVERITY_WARNING, "RFC 7208 5.1",
    "all matches everybody, and what stands behind it is never looked at. Move the terms before it, or delete them."};
static const struct mv_finding_kind redirect_beside_all = {
    "spf-redirect-beside-all", MV_SEVERITY_WARNING, "RFC 7208 6.1",
    "redirect= is ignored when there is an all anywhere in the record. Delete one of the two; include: is for adding "
    "another record."};
static const struct mv_finding_kind redirect_not_last = {
    "spf-redirect-not-last", MV_SEVERITY_NOTE, "RFC 7208 6.1",
    "redirect= counts only when no mechanism matched, wherever it stands. Write it at the end, where it is read so."};
static const struct mv_finding_kind family_missing = {
    "spf-no-ipv6", MV_SEVERITY_NOTE, "RFC 7208 5",
    "Nothing here can match an IPv6 address. A host that has one and gets a way out by IPv6 will not pass: add its "
    "ip6 network, or a: its name, which covers both."};
static const struct mv_finding_kind only_ipv6 = {
    "spf-no-ipv4", MV_SEVERITY_WARNING, "RFC 7208 5",
    "Nothing here can match an IPv4 address, and most mail still goes that way. Add the ip4 networks of the senders."};

static const struct mv_spf_tree_term *find(const struct mv_spf_lint *lint, enum mv_spf_kind kind)
{
    for (size_t i = 0; i < lint->root->term_count; i++)
        if (lint->root->terms[i].term.kind == kind)
            return &lint->root->terms[i];
    return NULL;
}

static bool is_mechanism(const struct mv_spf_tree_term *term)
{
    return term->term.qualifier != '\0';
}

static bool lets_somebody_pass(const struct mv_spf_lint *lint)
{
    for (size_t i = 0; i < lint->root->term_count; i++)
        if (lint->root->terms[i].term.qualifier == '+' && lint->root->terms[i].reached[MV_SPF_CLIENT_V4])
            return true;
    return false;
}

static void suggest(struct mv_spf_lint *lint, struct mv_bytes record)
{
    if (lint->root->domain.len > 0)
        mv_findings_suggest(lint->findings, lint->root->domain, "TXT", record);
}

static bool included_has_all(const struct mv_spf_lint *lint)
{
    for (size_t i = 0; i < lint->root->term_count; i++) {
        const struct mv_spf_tree_term *term = &lint->root->terms[i];

        if (term->term.kind == MV_SPF_TERM_INCLUDE && term->host != NULL && term->host->has_all)
            return true;
    }
    return false;
}

/* The record with ~all behind it, or instead of its all; what an all makes pointless is left out. */
static void suggest_soft(struct mv_spf_lint *lint)
{
    struct mv_bytes text = {NULL, 0};
    struct mv_buf out;
    bool is_behind = false;

    if (lint->root->state != MV_SPF_TREE_READ)
        return;
    mv_buf_init(&out, MV_SPF_MAX_RECORD_BYTES);
    mv_buf_puts(&out, "v=spf1");
    for (size_t i = 0; i < lint->root->term_count; i++) {
        const struct mv_spf_term *term = &lint->root->terms[i].term;

        is_behind = is_behind || term->kind == MV_SPF_TERM_ALL;
        if ((is_behind && term->qualifier != '\0') || term->kind == MV_SPF_TERM_REDIRECT)
            continue;
        mv_buf_putc(&out, ' ');
        mv_buf_put(&out, term->text);
    }
    mv_buf_puts(&out, " ~all");
    if (!mv_arena_copy(lint->arena, mv_buf_bytes(&out), &text))
        lint->failed = true;
    else if (!mv_buf_failed(&out))
        suggest(lint, text);
    mv_buf_free(&out);
}

static void check_all(struct mv_spf_lint *lint, const struct mv_spf_term *all)
{
    struct mv_bytes domain = lint->root->domain;
    const struct mv_finding_kind *kind = all->qualifier == '+'   ? &plus_all
                                         : all->qualifier == '?' ? &neutral_all
                                         : all->qualifier == '~' ? &softfail_all
                                                                 : &fail_all;

    if (all->qualifier != '+' && !lets_somebody_pass(lint)) {
        if (all->qualifier == '-')
            return;
        mv_findings_add(lint->findings, &parked_soft, domain, "it ends with %.*s", MV_ARG(all->text));
        suggest(lint, MV_BYTES("v=spf1 -all"));
        return;
    }
    mv_findings_add(lint->findings, kind, domain, "%s", "");
    if (kind->severity > MV_SEVERITY_NOTE)
        suggest_soft(lint);
}

static void check_end(struct mv_spf_lint *lint)
{
    const struct mv_spf_tree_term *all = find(lint, MV_SPF_TERM_ALL), *redirect = find(lint, MV_SPF_TERM_REDIRECT);
    struct mv_bytes domain = lint->root->domain;

    if (all != NULL)
        check_all(lint, &all->term);
    if (all != NULL && redirect != NULL)
        mv_findings_add(lint->findings, &redirect_beside_all, domain, "%.*s", MV_ARG(redirect->term.text));
    if (all != NULL || redirect != NULL)
        return;
    mv_findings_add(lint->findings, included_has_all(lint) ? &all_of_include : &no_all, domain, "%s", "");
    suggest_soft(lint);
}

static void check_behind(struct mv_spf_lint *lint)
{
    const struct mv_spf_tree_term *all = NULL, *redirect = NULL;

    for (size_t i = 0; i < lint->root->term_count; i++) {
        const struct mv_spf_tree_term *term = &lint->root->terms[i];

        if (all != NULL && is_mechanism(term))
            mv_findings_add(lint->findings, &behind_all, lint->root->domain, "%.*s", MV_ARG(term->term.text));
        if (redirect != NULL && is_mechanism(term)) {
            mv_findings_add(lint->findings, &redirect_not_last, lint->root->domain, "%.*s stands behind it",
                            MV_ARG(term->term.text));
            redirect = NULL;
        }
        if (term->term.kind == MV_SPF_TERM_ALL)
            all = term;
        if (term->term.kind == MV_SPF_TERM_REDIRECT && !lint->root->has_all)
            redirect = term;
    }
}

/* Which families can match at all; both where it is not known. */
static void find_families(const struct mv_spf_tree_host *host, bool can_r[MV_SPF_CLIENTS])
{
    if (host == NULL || host->state != MV_SPF_TREE_READ) {
        can_r[MV_SPF_CLIENT_V4] = can_r[MV_SPF_CLIENT_V6] = true;
        return;
    }
    for (size_t i = 0; i < host->term_count; i++) {
        const struct mv_spf_tree_term *term = &host->terms[i];
        enum mv_spf_kind kind = term->term.kind;

        if (kind == MV_SPF_TERM_IP4)
            can_r[MV_SPF_CLIENT_V4] = true;
        else if (kind == MV_SPF_TERM_IP6)
            can_r[MV_SPF_CLIENT_V6] = true;
        else if (kind == MV_SPF_TERM_INCLUDE || (kind == MV_SPF_TERM_REDIRECT && !host->has_all))
            find_families(term->host, can_r);
        else if (kind == MV_SPF_TERM_PTR || kind == MV_SPF_TERM_EXISTS || (mv_spf_term_asks(kind) && term->varies) ||
                 term->unanswered)
            can_r[MV_SPF_CLIENT_V4] = can_r[MV_SPF_CLIENT_V6] = true;
        for (size_t j = 0; j < term->address_count; j++)
            can_r[term->addresses[j].family == MV_IP_V4 ? MV_SPF_CLIENT_V4 : MV_SPF_CLIENT_V6] = true;
    }
}

static void check_families(struct mv_spf_lint *lint)
{
    bool can[MV_SPF_CLIENTS] = {false, false};

    if (lint->root->matches_all[MV_SPF_CLIENT_V4] || !lets_somebody_pass(lint))
        return;
    find_families(lint->root, can);
    if (can[MV_SPF_CLIENT_V4] && !can[MV_SPF_CLIENT_V6])
        mv_findings_add(lint->findings, &family_missing, lint->root->domain, "%s", "");
    if (!can[MV_SPF_CLIENT_V4] && can[MV_SPF_CLIENT_V6])
        mv_findings_add(lint->findings, &only_ipv6, lint->root->domain, "%s", "");
}

void mv_spf_lint_all(struct mv_spf_lint *lint)
{
    check_end(lint);
    check_behind(lint);
    check_families(lint);
}
