/* Do the addresses of rua and ruf get the reports? (RFC 9990 4, RFC 9991 5, RFC 7505) */
#include "core/ops/dmarc_lint_run.h"

#include "core/base/trace.h"
#include "core/ops/report_consent.h"

static const struct mv_finding_kind consent_missing = {
    "dmarc-report-consent-missing", MV_SEVERITY_ERROR, "RFC 9990 4",
    "The address belongs to another organisation, and that one does not say that it takes reports about this domain: "
    "no report is sent there. Who runs that domain has to publish the record."};
static const struct mv_finding_kind consent_unknown = {
    "dmarc-report-consent-unknown", MV_SEVERITY_WARNING, "RFC 9990 4",
    "DNS did not say whether the other organisation takes these reports. Receivers that get no answer send none."};
static const struct mv_finding_kind consent_long = {
    "dmarc-report-consent-too-long", MV_SEVERITY_ERROR, "RFC 9990 4",
    "The name of the record that would allow the reports does not fit into DNS: no report can be sent there."};
static const struct mv_finding_kind consent_elsewhere = {"dmarc-report-consent-elsewhere", MV_SEVERITY_ERROR,
                                                         "RFC 9990 4",
                                                         "The other organisation agrees, but with an address at yet "
                                                         "another host: then neither that one nor the one that was "
                                                         "asked for gets a report."};
static const struct mv_finding_kind consent_wildcard = {
    "dmarc-report-consent-wildcard", MV_SEVERITY_NOTE, "RFC 9990 4",
    "The other organisation takes reports about everybody's domains, by a wildcard."};
static const struct mv_finding_kind no_mail = {
    "dmarc-report-host-no-mail", MV_SEVERITY_ERROR, "RFC 5321 5.1",
    "Mail to this address cannot be delivered: its domain has neither MX nor address records. The reports are lost."};
static const struct mv_finding_kind null_mx = {
    "dmarc-report-host-null-mx", MV_SEVERITY_ERROR, "RFC 7505 3",
    "The domain of this address says that it takes no mail. The reports are lost."};

static void add_consent(struct mv_dmarc_lint *lint, const char *tag, struct mv_bytes uri,
                        const struct mv_consent_check *check)
{
    switch (check->consent) {
    case MV_CONSENT_MISSING:
        mv_findings_add(lint->findings, &consent_missing, lint->name, "%s: %.*s", tag, MV_ARG(uri));
        mv_findings_suggest(lint->findings, check->name, "TXT", MV_BYTES(MV_REPORT_CONSENT_RECORD));
        return;
    case MV_CONSENT_ELSEWHERE:
        mv_findings_add(lint->findings, &consent_elsewhere, lint->name, "%s: %.*s", tag, MV_ARG(uri));
        return;
    case MV_CONSENT_UNKNOWN:
        mv_findings_add(lint->findings, &consent_unknown, lint->name, "%s: %.*s", tag, MV_ARG(uri));
        return;
    case MV_CONSENT_TOO_LONG:
        mv_findings_add(lint->findings, &consent_long, lint->name, "%s: %.*s", tag, MV_ARG(uri));
        return;
    case MV_CONSENT_GIVEN:
        if (check->by_wildcard)
            mv_findings_add(lint->findings, &consent_wildcard, lint->name, "%s: %.*s", tag, MV_ARG(uri));
        return;
    case MV_CONSENT_NOT_NEEDED:
    case MV_CONSENT_NO_HOST:
        return;
    }
}

static bool is_absent(const struct mv_dns_answer *answer)
{
    return answer->status == MV_DNS_NXDOMAIN || answer->status == MV_DNS_NODATA;
}

static enum mv_code check_delivery(struct mv_dmarc_lint *lint, const char *tag, struct mv_bytes uri,
                                   struct mv_bytes host)
{
    const struct mv_dns_answer *mx = mv_memo_ask(lint->memo, host, MV_DNS_MX);
    const struct mv_dns_answer *a, *aaaa;

    if (mx == NULL)
        return mv_memo_miss(lint->memo);
    if (mx->status == MV_DNS_FOUND && mx->count == 1 && mx->records[0].data.len == 0)
        mv_findings_add(lint->findings, &null_mx, lint->name, "%s: %.*s", tag, MV_ARG(uri));
    if (!is_absent(mx))
        return MV_OK;
    a = mv_memo_ask(lint->memo, host, MV_DNS_A);
    aaaa = mv_memo_ask(lint->memo, host, MV_DNS_AAAA);
    if (a == NULL || aaaa == NULL)
        return mv_memo_miss(lint->memo);
    if (is_absent(a) && is_absent(aaaa))
        mv_findings_add(lint->findings, &no_mail, lint->name, "%s: %.*s", tag, MV_ARG(uri));
    return MV_OK;
}

static enum mv_code check_uri(struct mv_dmarc_lint *lint, const char *tag, struct mv_bytes uri)
{
    struct mv_consent_check check;
    enum mv_code code = mv_report_consent_check(lint->arena, lint->choice.found->domain, tag, uri,
                                                lint->settings->suffix_hardening, lint->memo, &check);

    if (code != MV_OK)
        return code;
    add_consent(lint, tag, uri, &check);
    if (check.host.len == 0 || !mv_bytes_has_prefix_nocase(uri, MV_BYTES("mailto:")))
        return MV_OK;
    return check_delivery(lint, tag, uri, check.host);
}

/* All of them, also behind one that waits: so that their questions travel together. */
static enum mv_code check_uris(struct mv_dmarc_lint *lint, const char *tag, const struct mv_bytes *uris, size_t count)
{
    enum mv_code result = MV_OK;

    for (size_t i = 0; i < count; i++) {
        enum mv_code code = check_uri(lint, tag, uris[i]);

        if (code != MV_OK && code != MV_NEED_DNS)
            return code;
        result = code == MV_OK ? result : code;
    }
    return result;
}

enum mv_code mv_dmarc_lint_reports(struct mv_dmarc_lint *lint)
{
    enum mv_code rua, ruf;

    rua = check_uris(lint, "rua", lint->record.rua, lint->record.rua_count);
    ruf = check_uris(lint, "ruf", lint->record.ruf, lint->record.ruf_count);
    return rua != MV_OK ? rua : ruf;
}
