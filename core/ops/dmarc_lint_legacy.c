/* What receivers of RFC 7489 make of the same record: they are many, and stay for years (RFC 9989 C). */
#include "core/ops/dmarc_lint_run.h"

#include "core/base/trace.h"
#include "core/text/taglist.h"

static const struct mv_finding_kind p_not_second = {
    "dmarc-p-not-second", MV_SEVERITY_WARNING, "RFC 7489 6.3",
    "RFC 7489 wants p right behind the version, and some receivers ignore a record that has it elsewhere."};
static const struct mv_finding_kind test_ignored = {
    "dmarc-legacy-test", MV_SEVERITY_WARNING, "RFC 7489 6.3",
    "Receivers of RFC 7489 do not know t and apply the whole policy. With pct=0 beside t=y they hold back by one step "
    "too, and those of RFC 9989 ignore pct."};
static const struct mv_finding_kind pct_alone = {
    "dmarc-pct-without-test", MV_SEVERITY_WARNING, "RFC 9989 C.5.2",
    "pct holds back receivers of RFC 7489 only: all others apply the whole policy to all mail. Say t=y as well, or "
    "leave pct out."};
static const struct mv_finding_kind np_ignored = {
    "dmarc-legacy-np", MV_SEVERITY_NOTE, "RFC 7489 6.3",
    "Receivers of RFC 7489 do not know np, and treat names that do not exist like other subdomains."};
static const struct mv_finding_kind psd_ignored = {
    "dmarc-legacy-psd", MV_SEVERITY_NOTE, "RFC 7489 3.2",
    "Receivers of RFC 7489 do not know psd, and find the organisation by the list of public suffixes: they may align "
    "what this record keeps apart. adkim=s and aspf=s, or a record at each name that sends, keeps both alike."};

static bool is_p_second(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_tag tag = {.name = mv_bytes_str(NULL)};

    return mv_taglist_next(&c, &tag) && mv_taglist_next(&c, &tag) && mv_bytes_equal_nocase(tag.name, MV_BYTES("p"));
}

static void suggest_transition(struct mv_dmarc_lint *lint)
{
    struct mv_dmarc_record record = lint->record;
    struct mv_buf text;

    record.pct = 0;
    record.pct_present = true;
    mv_buf_init(&text, 2 * MV_DMARC_MAX_RECORD_BYTES);
    mv_dmarc_record_print(&record, &text);
    if (lint->name.len > 0 && !mv_buf_failed(&text))
        mv_findings_suggest(lint->findings, lint->name, "TXT", mv_buf_bytes(&text));
    mv_buf_free(&text);
}

static void check_fates(struct mv_dmarc_lint *lint)
{
    struct mv_dmarc_view now, then;
    const struct mv_dmarc_fate *own = &then.fates[MV_DMARC_OWN];

    mv_dmarc_look(&lint->record, MV_DMARC_RFC9989, &now);
    mv_dmarc_look(&lint->record, MV_DMARC_RFC7489, &then);
    if (lint->record.test && mv_dmarc_fate_worst(*own) > now.fates[MV_DMARC_OWN].policy) {
        mv_findings_add(lint->findings, &test_ignored, lint->name, "they: %s, others: %s",
                        mv_dmarc_policy_text(mv_dmarc_fate_worst(*own)),
                        mv_dmarc_policy_text(now.fates[MV_DMARC_OWN].policy));
        suggest_transition(lint);
    }
    if (!lint->record.test && lint->record.pct < 100 && now.fates[MV_DMARC_OWN].policy > MV_DMARC_P_NONE)
        mv_findings_add(lint->findings, &pct_alone, lint->name, "pct=%u", lint->record.pct);
    if (lint->record.np.state == MV_DMARC_TAG_VALID &&
        mv_dmarc_fate_worst(then.fates[MV_DMARC_MISSING]) != now.fates[MV_DMARC_MISSING].policy)
        mv_findings_add(lint->findings, &np_ignored, lint->name, "they: %s, others: %s",
                        mv_dmarc_policy_text(mv_dmarc_fate_worst(then.fates[MV_DMARC_MISSING])),
                        mv_dmarc_policy_text(now.fates[MV_DMARC_MISSING].policy));
}

void mv_dmarc_lint_legacy(struct mv_dmarc_lint *lint)
{
    if (lint->record.p.state == MV_DMARC_TAG_VALID && !is_p_second(lint->record.text)) {
        mv_findings_add(lint->findings, &p_not_second, lint->name, "%s", "");
        mv_dmarc_lint_mend(lint);
    }
    check_fates(lint);
    if (lint->record.psd != MV_DMARC_PSD_UNKNOWN)
        mv_findings_add(lint->findings, &psd_ignored, lint->name, "psd=%s",
                        lint->record.psd == MV_DMARC_PSD_YES ? "y" : "n");
}
