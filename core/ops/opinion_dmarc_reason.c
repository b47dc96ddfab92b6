#include "core/ops/opinion_reason.h"

#include "core/text/domain.h"

struct view {
    const struct mv_dmarc_input *input; /* our identifiers */
    const struct mv_dmarc_result *ours;
    const struct mv_opinion_request *request; /* theirs */
    const struct mv_opinion_reply *theirs;
};

typedef bool (*matcher)(const struct view *view);

static bool ours_has_policy(const struct view *view)
{
    return view->ours->has_record && view->ours->code != MV_DMARC_NONE;
}

static bool they_fail_otherwise(const struct view *view)
{
    return view->theirs->dmarc == MV_DMARC_FAIL &&
           (view->ours->code != MV_DMARC_FAIL || view->theirs->policy != view->ours->effective);
}

static bool passes(const struct mv_dmarc_identifier *identifiers, size_t count, enum mv_dmarc_method method)
{
    for (size_t i = 0; i < count; i++)
        if (identifiers[i].method == method && identifiers[i].auth == MV_DMARC_AUTH_PASS)
            return true;
    return false;
}

static bool is_spf_other(const struct view *view)
{
    return passes(view->input->identifiers, view->input->identifier_count, MV_DMARC_BY_SPF) !=
           passes(view->request->identifiers, view->request->identifier_count, MV_DMARC_BY_SPF);
}

static bool is_dns_error(const struct view *view)
{
    return view->ours->code == MV_DMARC_TEMPERROR && view->theirs->dmarc != MV_DMARC_TEMPERROR;
}

static bool is_record_refused(const struct view *view)
{
    return view->theirs->dmarc == MV_DMARC_PERMERROR;
}

/* The answer at _dmarc of the domain. NULL when there is none. */
static const struct mv_dns_answer *answer_at(const struct view *view, struct mv_bytes domain)
{
    struct mv_bytes prefix = MV_BYTES("_dmarc.");

    for (size_t i = 0; domain.len > 0 && i < view->request->answer_count; i++) {
        const struct mv_dns_question *question = &view->request->answers[i].question;

        if (question->type == MV_DNS_TXT && question->name.len == prefix.len + domain.len &&
            mv_bytes_has_prefix_nocase(question->name, prefix) &&
            mv_bytes_equal_nocase(mv_bytes_slice(question->name, prefix.len, question->name.len), domain))
            return &view->request->answers[i].answer;
    }
    return NULL;
}

static bool is_usable(struct mv_bytes text)
{
    struct mv_dmarc_record record;

    return mv_dmarc_record_parse(text, &record) && record.p.state == MV_DMARC_TAG_VALID;
}

/* They follow a text that is no record, or one without a policy. */
static bool is_record_accepted(const struct view *view)
{
    const struct mv_bytes places[] = {view->request->author_domain, view->theirs->org_domain};

    if (view->ours->code != MV_DMARC_NONE || view->theirs->dmarc == MV_DMARC_NONE ||
        view->theirs->dmarc == MV_DMARC_PERMERROR)
        return false;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct mv_dns_answer *answer = answer_at(view, places[i]);

        for (size_t j = 0; answer != NULL && j < answer->count; j++)
            if (!is_usable(answer->records[j].data))
                return true;
    }
    return false;
}

static bool is_other_txt(const struct view *view)
{
    const struct mv_dns_answer *answer = answer_at(view, view->ours->policy_domain);

    return ours_has_policy(view) && view->theirs->dmarc == MV_DMARC_NONE && answer != NULL && answer->count > 1;
}

static bool is_version_spaced(const struct view *view)
{
    return ours_has_policy(view) && view->theirs->dmarc == MV_DMARC_NONE &&
           !mv_bytes_has_prefix_nocase(view->ours->record.text, MV_BYTES("v=DMARC"));
}

static bool is_np(const struct view *view)
{
    return ours_has_policy(view) && they_fail_otherwise(view) &&
           (mv_bytes_equal(mv_bytes_str(view->ours->policy_tag), MV_BYTES("np")) ||
            view->ours->record.np.state == MV_DMARC_TAG_INVALID);
}

static bool is_test_mode(const struct view *view)
{
    return view->ours->test_mode && they_fail_otherwise(view) && view->theirs->policy == view->ours->published;
}

static bool is_pct(const struct view *view)
{
    return view->theirs->dmarc == MV_DMARC_FAIL && view->theirs->pct < 100 &&
           view->theirs->policy != MV_DMARC_P_NONE;
}

static bool has_psd(const struct mv_dns_answer *answer)
{
    struct mv_dmarc_record record;

    for (size_t i = 0; answer != NULL && i < answer->count; i++)
        if (mv_dmarc_record_parse(answer->records[i].data, &record) && record.psd != MV_DMARC_PSD_UNKNOWN)
            return true;
    return false;
}

/* psd decides where our walk ends, which policy applies, or what is aligned. */
static bool is_psd(const struct view *view)
{
    if (!ours_has_policy(view))
        return false;
    for (size_t i = 0; i < view->input->identifier_count; i++)
        if (has_psd(answer_at(view, view->input->identifiers[i].domain)))
            return true;
    return view->ours->record.psd != MV_DMARC_PSD_UNKNOWN;
}

/* Their own reader of the list knows no domain below a top-level domain that is not in it. */
static bool is_suffix_unlisted(const struct view *view)
{
    return ours_has_policy(view) && view->theirs->dmarc == MV_DMARC_NONE && !view->theirs->suffix_listed &&
           !mv_domain_equal(view->ours->policy_domain, view->request->author_domain);
}

/* Our record stands where they never look: they know the From domain and the one below the public suffix. */
static bool is_tree_walk(const struct view *view)
{
    return ours_has_policy(view) && !mv_domain_equal(view->ours->policy_domain, view->request->author_domain) &&
           !mv_domain_equal(view->ours->policy_domain, view->theirs->org_domain) &&
           mv_domain_is_within(view->ours->policy_domain, view->theirs->org_domain);
}

/* Our Organizational Domain is another one, or the record stands above theirs, as at a public suffix. */
static bool is_suffix_list(const struct view *view)
{
    bool above = ours_has_policy(view) && !mv_domain_equal(view->ours->policy_domain, view->theirs->org_domain) &&
                 mv_domain_is_within(view->theirs->org_domain, view->ours->policy_domain);

    if (above)
        return true;
    return view->ours->org_domain.len > 0 && !is_tree_walk(view) &&
           !mv_domain_equal(view->ours->org_domain, view->theirs->org_domain);
}

/* The record is where the list says, and they looked elsewhere. */
static bool is_suffix_misread(const struct view *view)
{
    return ours_has_policy(view) && view->theirs->dmarc == MV_DMARC_NONE && view->theirs->suffix_listed &&
           mv_domain_equal(view->ours->policy_domain, view->theirs->org_domain) &&
           !mv_domain_equal(view->theirs->policy_domain, view->theirs->org_domain);
}

static bool they_align_by(const struct view *view, enum mv_dmarc_method method)
{
    return view->theirs->dmarc == MV_DMARC_PASS &&
           (method == MV_DMARC_BY_SPF ? view->theirs->aligned_spf : view->theirs->aligned_dkim);
}

/* Some identifier of theirs is in the Organizational Domain of the public suffix list: RFC 7489 3.1, relaxed. */
static bool is_relaxed_aligned(const struct view *view, enum mv_dmarc_method method)
{
    for (size_t i = 0; i < view->request->identifier_count; i++)
        if (view->request->identifiers[i].method == method && view->theirs->org_domain.len > 0 &&
            mv_domain_is_within(view->request->identifiers[i].domain, view->theirs->org_domain))
            return true;
    return false;
}

static bool ignores_strict(const struct view *view, enum mv_dmarc_method method)
{
    bool strict = method == MV_DMARC_BY_SPF ? view->ours->record.strict_spf : view->ours->record.strict_dkim;

    return strict && they_align_by(view, method) && is_relaxed_aligned(view, method);
}

static bool is_strict_ignored(const struct view *view)
{
    return view->ours->code == MV_DMARC_FAIL &&
           (ignores_strict(view, MV_DMARC_BY_SPF) || ignores_strict(view, MV_DMARC_BY_DKIM));
}

static bool is_alignment_defect(const struct view *view)
{
    return view->ours->code == MV_DMARC_FAIL && view->theirs->dmarc == MV_DMARC_PASS &&
           !(they_align_by(view, MV_DMARC_BY_SPF) && is_relaxed_aligned(view, MV_DMARC_BY_SPF)) &&
           !(they_align_by(view, MV_DMARC_BY_DKIM) && is_relaxed_aligned(view, MV_DMARC_BY_DKIM));
}

static const struct row {
    matcher matches;
    struct mv_finding_kind reason;
} rows[] = {
    {is_spf_other, {"libopendmarc-spf-result", MV_SEVERITY_NOTE, "RFC 7208",
     "They come to another result for SPF, see there."}},
    {is_dns_error, {"libopendmarc-dns-error", MV_SEVERITY_WARNING, "RFC 9989 4.10",
     "OpenDMARC takes a record that DNS could not deliver for one that is not there: the mail is not deferred."}},
    {is_record_refused, {"libopendmarc-record-refused", MV_SEVERITY_WARNING, "RFC 9989 4.7",
     "libopendmarc refuses a whole record over a value that it does not know, or a missing p: no policy is applied. "
     "Mend the record."}},
    {is_record_accepted, {"libopendmarc-record-accepted", MV_SEVERITY_WARNING, "RFC 9989 4.7",
     "libopendmarc follows a text that is no DMARC record by the standard. Others do not: mend the record."}},
    {is_other_txt, {"libopendmarc-other-txt", MV_SEVERITY_WARNING, "RFC 9989 4.10",
     "libopendmarc misses the record beside another TXT record of the same name. Let the DMARC record stand alone."}},
    {is_version_spaced, {"libopendmarc-version-spaced", MV_SEVERITY_WARNING, "RFC 9989 4.8",
     "libopendmarc knows a record by the characters v=DMARC: write no space there."}},
    {is_np, {"libopendmarc-np-ignored", MV_SEVERITY_WARNING, "RFC 9989 4.7",
     "np is not known to them: for names that do not exist they apply sp, or p. Set sp so that it is enough."}},
    {is_test_mode, {"libopendmarc-t-ignored", MV_SEVERITY_WARNING, "RFC 9989 4.7",
     "t=y is not known to them: they apply the policy in full. Add pct=0 while testing."}},
    {is_pct, {"libopendmarc-pct-honoured", MV_SEVERITY_WARNING, "RFC 9989 A.6",
     "pct is of RFC 7489: they apply the policy to that share of the mail that fails. Remove pct."}},
    {is_psd, {"libopendmarc-psd-unknown", MV_SEVERITY_WARNING, "RFC 9989 4.10.2",
     "psd is not known to them: what belongs together, they take from the public suffix list."}},
    {is_suffix_unlisted, {"libopendmarc-suffix-unlisted", MV_SEVERITY_WARNING, "RFC 9989 4.10",
     "The top-level domain is not in the public suffix list: they look at the From domain alone. "
     "Publish a record there."}},
    {is_suffix_misread, {"libopendmarc-suffix-misread", MV_SEVERITY_WARNING, "RFC 7489 3.2",
     "libopendmarc misreads rules of the public suffix list that have a wildcard, and looks for the record elsewhere. "
     "Publish one at the From domain."}},
    {is_tree_walk, {"libopendmarc-tree-walk", MV_SEVERITY_WARNING, "RFC 9989 4.10",
     "The record stands between the From domain and the domain below the public suffix, where they do not look. "
     "Publish one at the From domain."}},
    {is_suffix_list, {"libopendmarc-suffix-list", MV_SEVERITY_NOTE, "RFC 9989 4.10.2",
     "By the public suffix list they find another organizational domain than by the tree of records."}},
    {is_strict_ignored, {"libopendmarc-strict-ignored", MV_SEVERITY_WARNING, "RFC 9989 4.4.1",
     "libopendmarc takes adkim=s and aspf=s for relaxed when it has a public suffix list."}},
    {is_alignment_defect, {"libopendmarc-alignment-defect", MV_SEVERITY_WARNING, "RFC 9989 4.4",
     "libopendmarc has defects of alignment: it lets mail pass that does not authenticate the From domain."}},
};

static const struct mv_finding_kind unexplained = {
    "libopendmarc-unexplained", MV_SEVERITY_NOTE, "",
     "For no reason that is known here: what they say is all there is."};

static bool differs(const struct view *view)
{
    if (view->ours->code != view->theirs->dmarc)
        return true;
    return view->ours->code == MV_DMARC_FAIL && (view->ours->effective != view->theirs->policy || is_pct(view));
}

bool mv_opinion_dmarc_differs(const struct mv_dmarc_input *input, const struct mv_dmarc_result *ours,
                              const struct mv_opinion_request *request, const struct mv_opinion_reply *theirs,
                              struct mv_opinion_reasons *reasons_r)
{
    const struct view view = {input, ours, request, theirs};

    reasons_r->count = 0;
    if (!differs(&view))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && reasons_r->count < MV_OPINION_MAX_REASONS; i++)
        if (rows[i].matches(&view))
            reasons_r->items[reasons_r->count++] = &rows[i].reason;
    if (reasons_r->count == 0)
        reasons_r->items[reasons_r->count++] = &unexplained;
    return true;
}
