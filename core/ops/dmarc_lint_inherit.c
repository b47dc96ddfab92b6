/* Where the record that applies comes from, and what stands above it and between (RFC 9989 4.10). */
#include "core/ops/dmarc_lint_run.h"

#include "core/base/trace.h"
#include "core/ops/public_suffix.h"
#include "core/text/domain.h"

#define LABELS_SEEN 8 /* of a longer name the walk sees the whole and the last 7 labels (RFC 9989 4.10) */

static const struct mv_finding_kind inherited = {
    "dmarc-inherited", MV_SEVERITY_NOTE, "RFC 9989 4.10.1",
    "The domain has no record of its own; that of its organisation speaks for it."};
static const struct mv_finding_kind from_suffix = {
    "dmarc-inherited-from-suffix", MV_SEVERITY_WARNING, "RFC 9989 4.10.1",
    "Neither the domain nor its organisation has a record: a public suffix decides, and gets the reports."};
static const struct mv_finding_kind shadow_weaker = {
    "dmarc-shadow-weaker", MV_SEVERITY_WARNING, "RFC 9989 4.10.1",
    "The record of this subdomain takes the place of its organisation's, and asks for less: who forges will use this "
    "name."};
static const struct mv_finding_kind shadow = {
    "dmarc-shadow", MV_SEVERITY_NOTE, "RFC 9989 4.10.1",
    "The record of this subdomain takes the place of its organisation's for mail of exactly this name."};
static const struct mv_finding_kind below_unused = {
    "dmarc-below-unused", MV_SEVERITY_WARNING, "RFC 9989 4.10.1",
    "sp and np are read in the record of the organisation only: here they say nothing about the names below."};
static const struct mv_finding_kind between = {"dmarc-record-between", MV_SEVERITY_NOTE, "RFC 9989 4.10.1",
                                               "A record between the domain and its organisation is not used for this "
                                               "domain: only its own, or the organisation's."};
static const struct mv_finding_kind suffix_record = {
    "dmarc-suffix-record", MV_SEVERITY_WARNING, "RFC 9989 11.8",
    "The top-level domain has a record that does not say psd=y: to a strict reader all of it is one organisation, and "
    "every name in it aligns with yours. psd=n in your record ends that."};
static const struct mv_finding_kind deep_name = {"dmarc-deep-name", MV_SEVERITY_NOTE, "RFC 9989 4.10",
                                                 "The name has so many labels that the walk skips some: a record at a "
                                                 "skipped name is never seen. Publish one at the "
                                                 "name itself."};
static const struct mv_finding_kind psd_with_mail = {
    "dmarc-psd-with-mail", MV_SEVERITY_ERROR, "RFC 9989 5.2",
    "The domain says that it is a public suffix, and takes mail like an organisation: its subdomains do not align with "
    "it any more."};

static const struct mv_finding_kind legacy_org = {
    "dmarc-legacy-org", MV_SEVERITY_NOTE, "RFC 7489 3.2",
    "Receivers of RFC 7489 find the organisation by the list of public suffixes, and see another one here: who aligns, "
    "and whose sp applies, is not the same for all. A record at each name that sends, or adkim=s and aspf=s, avoids "
    "it."};

static struct mv_bytes record_name(struct mv_dmarc_lint *lint, struct mv_bytes domain)
{
    return mv_bytes_str(mv_arena_printf(lint->arena, "_dmarc.%.*s", MV_ARG(domain)));
}

static void check_source(struct mv_dmarc_lint *lint)
{
    const struct mv_dmarc_found *found = lint->choice.found;

    if (found == NULL || mv_bytes_equal(found->domain, lint->domain))
        return;
    mv_findings_add(lint->findings, mv_bytes_equal(found->domain, lint->walk.org_domain) ? &inherited : &from_suffix,
                    lint->domain, "%s=%s of _dmarc.%.*s applies", lint->choice.tag,
                    mv_dmarc_policy_text(lint->choice.policy), MV_ARG(found->domain));
}

/* The domain has a record, and its organisation another one. */
static void check_shadow(struct mv_dmarc_lint *lint, const struct mv_dmarc_record *own)
{
    const struct mv_dmarc_found *above = mv_dmarc_walk_find(&lint->walk, lint->walk.org_domain);
    struct mv_dmarc_view ours, theirs;
    enum mv_dmarc_policy policy;

    if (above == NULL || mv_bytes_equal(above->domain, lint->domain))
        return;
    mv_dmarc_look(own, MV_DMARC_RFC9989, &ours);
    mv_dmarc_look(&above->record, MV_DMARC_RFC9989, &theirs);
    policy = theirs.fates[MV_DMARC_BELOW].policy;
    mv_findings_add(lint->findings, ours.fates[MV_DMARC_OWN].policy < policy ? &shadow_weaker : &shadow, lint->domain,
                    "here %s, and by _dmarc.%.*s it would be %s", mv_dmarc_policy_text(ours.fates[MV_DMARC_OWN].policy),
                    MV_ARG(above->domain), mv_dmarc_policy_text(policy));
    if (own->sp.state != MV_DMARC_TAG_ABSENT || own->np.state != MV_DMARC_TAG_ABSENT)
        mv_findings_add(lint->findings, &below_unused, record_name(lint, lint->domain),
                        "the organisation of names below is %.*s", MV_ARG(above->domain));
}

static void check_between(struct mv_dmarc_lint *lint)
{
    for (size_t i = 0; i < lint->walk.found_count; i++) {
        struct mv_bytes domain = lint->walk.found[i].domain;

        if (mv_bytes_equal(domain, lint->domain) || mv_bytes_equal(domain, lint->walk.org_domain) ||
            !mv_domain_is_within(domain, lint->walk.org_domain))
            continue;
        mv_findings_add(lint->findings, &between, record_name(lint, domain), "the organisation is %.*s",
                        MV_ARG(lint->walk.org_domain));
    }
}

/* A record at one label without psd, seen or held off by suffix hardening. */
static void check_suffix(struct mv_dmarc_lint *lint, const struct mv_dmarc_record *own)
{
    const struct mv_dmarc_found *last;
    struct mv_dmarc_record safe;
    struct mv_buf text;

    if (lint->walk.found_count == 0)
        return;
    last = &lint->walk.found[lint->walk.found_count - 1];
    if (mv_domain_labels(last->domain) != 1 || last->record.psd != MV_DMARC_PSD_UNKNOWN ||
        mv_domain_labels(lint->domain) == 1)
        return;
    mv_findings_add(lint->findings, &suffix_record, record_name(lint, last->domain), "%.*s", MV_ARG(last->record.text));
    if (own == NULL)
        return;
    safe = *own;
    safe.psd = MV_DMARC_PSD_NO;
    mv_buf_init(&text, 2 * MV_DMARC_MAX_RECORD_BYTES);
    mv_dmarc_record_print(&safe, &text);
    if (!mv_buf_failed(&text))
        mv_findings_suggest(lint->findings, record_name(lint, lint->domain), "TXT", mv_buf_bytes(&text));
    mv_buf_free(&text);
}

/* A null MX takes no mail (RFC 7505). */
static enum mv_code check_psd(struct mv_dmarc_lint *lint)
{
    const struct mv_dns_answer *mx = mv_memo_ask(lint->memo, lint->domain, MV_DNS_MX);

    if (mx == NULL)
        return mv_memo_miss(lint->memo);
    if (mx->status == MV_DNS_FOUND && mx->count > 0 && mx->records[0].data.len > 0)
        mv_findings_add(lint->findings, &psd_with_mail, lint->domain, "its MX is %.*s", MV_ARG(mx->records[0].data));
    return MV_OK;
}

static void check_legacy_org(struct mv_dmarc_lint *lint)
{
    struct mv_bytes org;

    if (lint->settings->public_suffixes.len == 0 || lint->walk.org_domain.len == 0 || lint->walk.found_count == 0)
        return;
    org = mv_public_suffix_org(lint->arena, lint->settings->public_suffixes, lint->domain);
    if (!mv_bytes_equal(org, lint->walk.org_domain))
        mv_findings_add(lint->findings, &legacy_org, lint->domain, "they: %.*s, others: %.*s", MV_ARG(org),
                        MV_ARG(lint->walk.org_domain));
}

enum mv_code mv_dmarc_lint_inherit(struct mv_dmarc_lint *lint)
{
    const struct mv_dmarc_found *found = mv_dmarc_walk_find(&lint->walk, lint->domain);
    const struct mv_dmarc_record *own = found == NULL ? NULL : &found->record;

    check_source(lint);
    if (own != NULL)
        check_shadow(lint, own);
    check_between(lint);
    check_suffix(lint, own);
    check_legacy_org(lint);
    if (mv_domain_labels(lint->domain) > LABELS_SEEN)
        mv_findings_add(lint->findings, &deep_name, lint->domain, "%zu labels", mv_domain_labels(lint->domain));
    return own != NULL && own->psd == MV_DMARC_PSD_YES ? check_psd(lint) : MV_OK;
}
