/*
 * Does the policy rest on anything?  An enforcing one without SPF and DKIM hits all honest mail (RFC 9989 5.1.6, 7.4).
 * Only at a domain with a record of its own: who inherits one may well send no mail.
 */
#include "core/ops/dmarc_lint_run.h"

#include "core/base/trace.h"

static const struct mv_finding_kind no_ground = {
    "dmarc-enforced-without-any", MV_SEVERITY_ERROR, "RFC 9989 5.1.6",
    "The policy asks receivers to act, and the domain has neither SPF nor a DKIM key: all of its own mail fails. If it "
    "sends none, publish v=spf1 -all; else set both up first, or go back to p=none."};
static const struct mv_finding_kind no_dkim = {
    "dmarc-enforced-without-dkim", MV_SEVERITY_ERROR, "RFC 9989 7.4",
    "The policy asks receivers to act, and there is no DKIM key: SPF alone fails for every message that is forwarded, "
    "and p=reject must not rest on it. 'mailvouch key auto' makes and rolls keys."};
static const struct mv_finding_kind no_spf = {
    "dmarc-enforced-without-spf", MV_SEVERITY_WARNING, "RFC 9989 5.1.6",
    "The policy asks receivers to act, and there is no SPF record: everything hangs on DKIM, and large receivers want "
    "both."};
static const struct mv_finding_kind parked = {
    "dmarc-parked", MV_SEVERITY_NOTE, "RFC 9989 5.1",
    "SPF says that the domain sends no mail at all; then nothing is missing."};

static bool is_spf(struct mv_bytes text)
{
    return mv_bytes_has_prefix_nocase(text, MV_BYTES("v=spf1")) &&
           (text.len == sizeof "v=spf1" - 1 || text.data[sizeof "v=spf1" - 1] == ' ');
}

static const struct mv_dns_record *find_spf(const struct mv_dns_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        if (is_spf(answer->records[i].data))
            return &answer->records[i];
    return NULL;
}

/* May there be a key of the selectors in the domain? false is certain. */
static enum mv_code look_for_selectors(struct mv_dmarc_lint *lint, struct mv_bytes domain, bool *maybe_r)
{
    const struct mv_dmarc_lint_settings *settings = lint->settings;
    bool waits = false;

    for (size_t i = 0; i < settings->selector_count; i++) {
        char *name = mv_arena_printf(lint->arena, "%.*s._domainkey.%.*s", MV_ARG(settings->selectors[i]),
                                     MV_ARG(domain));
        const struct mv_dns_answer *answer = mv_memo_ask(lint->memo, mv_bytes_str(name), MV_DNS_TXT);

        waits = waits || answer == NULL;
        if (answer != NULL && (answer->status == MV_DNS_FOUND || mv_dns_is_error(answer->status)))
            *maybe_r = true;
    }
    return waits ? mv_memo_miss(lint->memo) : MV_OK;
}

/* Without selectors: that there is no "_domainkey" is proof (RFC 8020); that there is one proves nothing. */
static enum mv_code look_for_any(struct mv_dmarc_lint *lint, struct mv_bytes domain, bool *maybe_r)
{
    char *name = mv_arena_printf(lint->arena, "_domainkey.%.*s", MV_ARG(domain));
    const struct mv_dns_answer *answer = mv_memo_ask(lint->memo, mv_bytes_str(name), MV_DNS_TXT);

    if (answer == NULL)
        return mv_memo_miss(lint->memo);
    *maybe_r = *maybe_r || answer->status != MV_DNS_NXDOMAIN;
    return MV_OK;
}

/* Keys of the organisation sign for its subdomains, unless adkim=s (RFC 9989 4.4.1). */
static enum mv_code look_for_keys(struct mv_dmarc_lint *lint, bool *maybe_r)
{
    struct mv_bytes places[] = {lint->domain, lint->walk.org_domain};
    size_t count = lint->choice.found->record.strict_dkim || mv_bytes_equal(places[0], places[1]) ? 1 : 2;
    enum mv_code result = MV_OK;

    *maybe_r = false;
    for (size_t i = 0; i < count; i++) {
        enum mv_code code = lint->settings->selector_count > 0 ? look_for_selectors(lint, places[i], maybe_r)
                                                               : look_for_any(lint, places[i], maybe_r);

        result = result == MV_OK ? code : result;
    }
    return result;
}

enum mv_code mv_dmarc_lint_ground(struct mv_dmarc_lint *lint)
{
    const struct mv_dns_answer *apex = mv_memo_ask(lint->memo, lint->domain, MV_DNS_TXT);
    const struct mv_dns_record *spf;
    bool may_sign;
    enum mv_code code;

    if (lint->choice.policy < MV_DMARC_P_QUARANTINE || !mv_bytes_equal(lint->choice.found->domain, lint->domain))
        return MV_OK;
    code = look_for_keys(lint, &may_sign);
    if (apex == NULL)
        return mv_memo_miss(lint->memo);
    if (code != MV_OK || mv_dns_is_error(apex->status))
        return code;
    spf = find_spf(apex);
    if (spf != NULL && mv_bytes_equal_nocase(spf->data, MV_BYTES("v=spf1 -all")))
        mv_findings_add(lint->findings, &parked, lint->domain, "%.*s", MV_ARG(spf->data));
    else if (spf == NULL && !may_sign)
        mv_findings_add(lint->findings, &no_ground, lint->domain, "%s", "");
    else if (spf == NULL)
        mv_findings_add(lint->findings, &no_spf, lint->domain, "%s", "");
    else if (!may_sign)
        mv_findings_add(lint->findings, &no_dkim, lint->domain, "%s", "");
    return MV_OK;
}
