/* What a record asks for (RFC 9989 4.7, 7, 10, 11). */
#include "core/ops/dmarc_lint_run.h"

#include "core/base/trace.h"

static const struct mv_finding_kind p_missing = {
    "dmarc-p-missing", MV_SEVERITY_WARNING, "RFC 9989 4.7",
    "Without p the record counts as p=none at best, and many receivers of RFC 7489 take it for none at all. Write the "
    "policy right behind the version."};
static const struct mv_finding_kind no_effect = {
    "dmarc-no-effect", MV_SEVERITY_ERROR, "RFC 9989 4.10.1",
    "With no valid policy and no valid rua address there is no DMARC for this domain, as if there were no record."};
static const struct mv_finding_kind p_none = {
    "dmarc-p-none", MV_SEVERITY_NOTE, "RFC 9989 7.4",
    "p=none asks for reports only: mail forged in this name is delivered as before. 'mailvouch dmarc stage' leads on."};
static const struct mv_finding_kind sp_weaker = {
    "dmarc-sp-weaker", MV_SEVERITY_WARNING, "RFC 9989 4.7",
    "The policy for subdomains is weaker than that of the domain: who forges takes any subdomain instead."};
static const struct mv_finding_kind np_weaker = {
    "dmarc-np-weaker", MV_SEVERITY_WARNING, "RFC 9989 4.7",
    "Names that do not exist send no honest mail, and this record is milder with them than with those that do."};
static const struct mv_finding_kind np_missing = {
    "dmarc-np-missing", MV_SEVERITY_NOTE, "RFC 9989 4.7",
    "Names that do not exist send no honest mail: np=reject can be asked for from the first day, also beside p=none."};
static const struct mv_finding_kind test_of_nothing = {
    "dmarc-test-of-nothing", MV_SEVERITY_WARNING, "RFC 9989 4.7",
    "t=y lowers the policy by one step, and none has no step below: there is nothing to test. Test the next policy: "
    "p=quarantine; t=y."};
static const struct mv_finding_kind test_mode = {
    "dmarc-test-mode", MV_SEVERITY_NOTE, "RFC 9989 4.7",
    "t=y: receivers of RFC 9989 apply one step less than what stands here. Take it out when the reports are good."};
static const struct mv_finding_kind psd_yes = {
    "dmarc-psd-yes", MV_SEVERITY_WARNING, "RFC 9989 4.7",
    "psd=y is for registries under whose name others register: each name below is then an organisation of its own, and "
    "does not align with this one. Leave it out unless you are one."};
static const struct mv_finding_kind psd_ruf = {
    "dmarc-psd-ruf", MV_SEVERITY_ERROR, "RFC 9989 10.2",
    "A public suffix of many organisations must not ask for failure reports: they would hold other people's mail."};
static const struct mv_finding_kind psd_no = {
    "dmarc-psd-no", MV_SEVERITY_NOTE, "RFC 9989 4.7",
    "psd=n makes this domain an organisation of its own: nothing above it counts for it, and names above do not align "
    "with it."};
static const struct mv_finding_kind adkim_strict = {"dmarc-adkim-strict", MV_SEVERITY_NOTE, "RFC 9989 4.4.1",
                                                    "adkim=s: a signature counts only when its d= is exactly the "
                                                    "domain of the From field. A provider that signs with a "
                                                    "subdomain of yours does not pass by DKIM any more."};
static const struct mv_finding_kind aspf_strict = {
    "dmarc-aspf-strict", MV_SEVERITY_NOTE, "RFC 9989 4.4.2",
    "aspf=s: SPF counts only when the envelope sender has exactly the domain of the From field. Bounce addresses at a "
    "subdomain, as providers use them, do not pass by SPF any more."};

static bool is_valid(struct mv_dmarc_request request)
{
    return request.state == MV_DMARC_TAG_VALID;
}

static void check_presence(struct mv_dmarc_lint *lint)
{
    const struct mv_dmarc_record *record = &lint->record;
    struct mv_dmarc_view view;

    if (record->p.state == MV_DMARC_TAG_ABSENT) {
        mv_findings_add(lint->findings, &p_missing, lint->name, "%s", "");
        mv_dmarc_lint_mend(lint);
    }
    mv_dmarc_look(record, MV_DMARC_RFC9989, &view);
    if (!view.applies)
        mv_findings_add(lint->findings, &no_effect, lint->name, "%s", "");
    if (is_valid(record->p) && record->p.policy == MV_DMARC_P_NONE)
        mv_findings_add(lint->findings, &p_none, lint->name, "%s", "");
}

/* The record with np=reject, for who has no np. */
static void suggest_np(struct mv_dmarc_lint *lint)
{
    struct mv_dmarc_record record = lint->record;
    struct mv_buf text;

    if (!is_valid(record.p) || lint->name.len == 0)
        return;
    record.np = (struct mv_dmarc_request){MV_DMARC_TAG_VALID, MV_DMARC_P_REJECT};
    mv_buf_init(&text, 2 * MV_DMARC_MAX_RECORD_BYTES);
    mv_dmarc_record_print(&record, &text);
    if (!mv_buf_failed(&text))
        mv_findings_suggest(lint->findings, lint->name, "TXT", mv_buf_bytes(&text));
    mv_buf_free(&text);
}

static void check_below(struct mv_dmarc_lint *lint)
{
    const struct mv_dmarc_record *record = &lint->record;
    enum mv_dmarc_policy below = is_valid(record->sp) ? record->sp.policy : record->p.policy;

    if (is_valid(record->p) && is_valid(record->sp) && record->sp.policy < record->p.policy)
        mv_findings_add(lint->findings, &sp_weaker, lint->name, "p=%s; sp=%s", mv_dmarc_policy_text(record->p.policy),
                        mv_dmarc_policy_text(record->sp.policy));
    if (is_valid(record->np) && record->np.policy < below)
        mv_findings_add(lint->findings, &np_weaker, lint->name, "np=%s, where %s would be %s without it",
                        mv_dmarc_policy_text(record->np.policy), "names that do not exist",
                        mv_dmarc_policy_text(below));
    if (record->np.state == MV_DMARC_TAG_ABSENT && below < MV_DMARC_P_REJECT) {
        mv_findings_add(lint->findings, &np_missing, lint->name, "%s", "");
        suggest_np(lint);
    }
}

static void check_test(struct mv_dmarc_lint *lint)
{
    const struct mv_dmarc_record *record = &lint->record;
    struct mv_dmarc_record applied = *record;
    struct mv_dmarc_view view;
    bool asks = false;

    if (!record->test)
        return;
    applied.test = false;
    mv_dmarc_look(&applied, MV_DMARC_RFC9989, &view);
    for (enum mv_dmarc_author author = MV_DMARC_OWN; author < MV_DMARC_AUTHORS; author++)
        asks = asks || view.fates[author].policy > MV_DMARC_P_NONE;
    mv_findings_add(lint->findings, asks ? &test_mode : &test_of_nothing, lint->name, "%s", "");
}

static void check_psd(struct mv_dmarc_lint *lint)
{
    if (lint->record.psd == MV_DMARC_PSD_YES)
        mv_findings_add(lint->findings, &psd_yes, lint->name, "%s", "");
    if (lint->record.psd == MV_DMARC_PSD_YES && lint->record.ruf_count > 0)
        mv_findings_add(lint->findings, &psd_ruf, lint->name, "%s", "");
    if (lint->record.psd == MV_DMARC_PSD_NO)
        mv_findings_add(lint->findings, &psd_no, lint->name, "%s", "");
}

void mv_dmarc_lint_policy(struct mv_dmarc_lint *lint)
{
    check_presence(lint);
    check_below(lint);
    check_test(lint);
    check_psd(lint);
    if (lint->record.strict_dkim)
        mv_findings_add(lint->findings, &adkim_strict, lint->name, "%s", "");
    if (lint->record.strict_spf)
        mv_findings_add(lint->findings, &aspf_strict, lint->name, "%s", "");
}
