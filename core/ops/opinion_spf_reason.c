#include "core/ops/opinion_reason.h"

#include "core/base/ascii.h"
#include "core/spf/macro.h"
#include "core/spf/record.h"
#include "core/text/domain.h"

#define LONG_RECORD_BYTES 450 /* libspf2 keeps what it compiled of a record in less than 512 */
#define ZERO_IN_MESSAGE MV_BYTES("(=0)")

struct view {
    const struct mv_opinion_request *request;
    const struct mv_spf_result *ours;
    const struct mv_opinion_reply *theirs;
};

typedef bool (*matcher)(const struct view *view);
typedef bool (*term_matcher)(const struct mv_spf_term *term);

static bool contains(struct mv_bytes text, struct mv_bytes word)
{
    for (size_t at = 0; at + word.len <= text.len; at++)
        if (mv_bytes_equal(mv_bytes_slice(text, at, at + word.len), word))
            return true;
    return false;
}

/* In any of the records that were read, as far as they can be. */
static bool any_term(const struct view *view, term_matcher matches)
{
    for (size_t i = 0; i < view->ours->record_count; i++) {
        const struct mv_spf_record record = {.text = view->ours->records[i].text};
        struct mv_cursor walk = mv_spf_record_walk(&record);
        struct mv_spf_term term;

        while (mv_spf_record_next(&walk, &term))
            if (matches(&term))
                return true;
    }
    return false;
}

static bool is_loopback(const struct view *view)
{
    static const struct mv_ip v4 = {MV_IP_V4, {127}}, v6 = {MV_IP_V6, {[15] = 1}};

    return view->theirs->spf == MV_SPF_PASS &&
           (mv_ip_in_prefix(&view->request->ip, &v4, 8) || mv_ip_in_prefix(&view->request->ip, &v6, 128));
}

/* The domain of the sender cannot be put to DNS. */
static bool is_bad_sender(const struct view *view)
{
    struct mv_bytes sender = view->request->mail_from.len > 0 ? view->request->mail_from : view->request->helo;
    size_t at = mv_bytes_find_last(sender, '@');

    return view->ours->code == MV_SPF_NONE && view->theirs->spf_invalid &&
           !mv_domain_is_askable(at < sender.len ? mv_bytes_slice(sender, at + 1, sender.len) : sender);
}

static bool is_prefix_zero(const struct view *view)
{
    return view->theirs->error == MV_OPINION_ERROR_CIDR && contains(view->theirs->said, ZERO_IN_MESSAGE);
}

/* Ours is permerror because of a record that cannot be read. */
static bool is_syntax_accepted(const struct view *view)
{
    if (view->ours->code != MV_SPF_PERMERROR)
        return false;
    for (size_t i = 0; i < view->ours->record_count; i++) {
        struct mv_spf_record record;
        struct mv_spf_fault fault;

        if (mv_spf_record_is(view->ours->records[i].text) &&
            !mv_spf_record_parse(view->ours->records[i].text, &record, &fault))
            return true;
    }
    return false;
}

static bool has_dot_in_name(const struct mv_spf_term *term)
{
    return term->kind == MV_SPF_TERM_OTHER && mv_bytes_find(term->name, '.') < term->name.len;
}

static bool is_modifier_name(const struct view *view)
{
    return view->theirs->error == MV_OPINION_ERROR_CHARACTER && any_term(view, has_dot_in_name);
}

static bool is_redirect(const struct mv_spf_term *term)
{
    return term->kind == MV_SPF_TERM_REDIRECT;
}

static bool is_all(const struct mv_spf_term *term)
{
    return term->kind == MV_SPF_TERM_ALL;
}

static bool is_redirect_beside_all(const struct view *view)
{
    return any_term(view, is_redirect) && any_term(view, is_all) && view->ours->code != MV_SPF_PERMERROR;
}

static bool is_dns_error(const struct view *view)
{
    return view->ours->code == MV_SPF_TEMPERROR && view->theirs->error == MV_OPINION_ERROR_DNS;
}

static bool uses_ptr(const struct mv_spf_term *term)
{
    return term->kind == MV_SPF_TERM_PTR;
}

static bool is_ptr_error(const struct view *view)
{
    return view->theirs->spf == MV_SPF_TEMPERROR && view->ours->code != MV_SPF_TEMPERROR && any_term(view, uses_ptr);
}

static bool is_ptr_limit(const struct view *view)
{
    if (view->theirs->spf != MV_SPF_PERMERROR || !any_term(view, uses_ptr))
        return false;
    for (size_t i = 0; i < view->request->answer_count; i++)
        if (view->request->answers[i].question.type == MV_DNS_PTR &&
            view->request->answers[i].answer.count > MV_SPF_MAX_PTR_NAMES)
            return true;
    return false;
}

static bool expands_p(const struct mv_spf_term *term)
{
    return (term->uses & MV_SPF_USES_PTR) != 0;
}

static bool is_p_macro(const struct view *view)
{
    return any_term(view, expands_p);
}

static bool is_void_limit(const struct view *view)
{
    return view->ours->code == MV_SPF_PERMERROR && view->ours->voids > MV_SPF_MAX_VOIDS;
}

static bool is_lookup_limit(const struct view *view)
{
    if (view->ours->code == MV_SPF_PERMERROR)
        return view->ours->lookups >= MV_SPF_MAX_LOOKUPS;
    return view->theirs->error == MV_OPINION_ERROR_LOOKUPS && !is_ptr_limit(view);
}

/* The answer of the domain holds "v=spf1" across two character-strings. */
static bool is_split_version(const struct view *view)
{
    const struct mv_opinion_request *request = view->request;

    for (size_t i = 0; i < request->answer_count; i++) {
        const struct mv_dns_answer *answer = &request->answers[i].answer;

        for (size_t j = 0; request->answers[i].question.type == MV_DNS_TXT && j < answer->count; j++)
            if (mv_spf_record_is(answer->records[j].data) &&
                !mv_bytes_has_prefix_nocase(mv_bytes_slice(answer->records[j].rdata, 1, SIZE_MAX), MV_BYTES("v=spf1")))
                return true;
    }
    return false;
}

static bool is_unusual(struct mv_bytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!mv_ascii_is(name.data[i], MV_ASCII_LDH) && name.data[i] != '.')
            return true;
    return false;
}

static bool is_unusual_name(const struct view *view)
{
    for (size_t i = 0; i < view->request->answer_count; i++) {
        const struct mv_dns_question *question = &view->request->answers[i].question;

        if ((question->type == MV_DNS_A || question->type == MV_DNS_AAAA || question->type == MV_DNS_MX) &&
            is_unusual(question->name))
            return true;
    }
    return false;
}

static bool is_long_record(const struct view *view)
{
    if (view->theirs->error == MV_OPINION_ERROR_SIZE)
        return true;
    for (size_t i = 0; i < view->ours->record_count; i++)
        if (view->ours->records[i].text.len > LONG_RECORD_BYTES)
            return true;
    return false;
}

/* The most certain first. All that match are told, but for those that are a guess: they stand alone. */
static const struct row {
    matcher matches;
    bool is_guess; /* what can explain it, where nothing better does */
    struct mv_finding_kind reason;
} rows[] = {
    {is_loopback, false, {"libspf2-loopback", MV_SEVERITY_NOTE, "RFC 7208 4",
     "libspf2 lets every client at 127.0.0.0/8 or ::1 pass."}},
    {is_bad_sender, false, {"libspf2-bad-sender", MV_SEVERITY_NOTE, "RFC 7208 4.3",
     "Exim has no usual result for a sender whose domain DNS cannot hold. Nobody can publish a record for it."}},
    {is_prefix_zero, false, {"libspf2-prefix-zero", MV_SEVERITY_WARNING, "RFC 7208 5.6",
     "libspf2 refuses the prefix length /0 and with it the whole record. Leave such a network out, or use +all."}},
    {is_modifier_name, false, {"libspf2-modifier-name", MV_SEVERITY_WARNING, "RFC 7208 12",
     "libspf2 refuses a record with a dot in the name of a modifier. Publish the record without it."}},
    {is_redirect_beside_all, false, {"libspf2-redirect-beside-all", MV_SEVERITY_WARNING, "RFC 7208 6.1",
     "libspf2 follows redirect= although the record has an all, which makes redirect= void. Remove one of the two."}},
    {is_split_version, false, {"libspf2-split-version", MV_SEVERITY_WARNING, "RFC 7208 3.3",
     "Exim looks for v=spf1 in the first string of a TXT record alone. Let the first string hold all of it."}},
    {is_dns_error, false, {"libspf2-dns-error", MV_SEVERITY_WARNING, "RFC 7208 4.4",
     "When DNS fails for a moment, libspf2 has no result that Exim could tell from others: the mail is not deferred."}},
    {is_ptr_error, false, {"libspf2-ptr-error", MV_SEVERITY_WARNING, "RFC 7208 5.5",
     "A failing reverse lookup ends libspf2's evaluation with temperror; it should only keep ptr from matching. "
     "Do not use ptr."}},
    {is_ptr_limit, false, {"libspf2-ptr-limit", MV_SEVERITY_WARNING, "RFC 7208 4.6.4",
     "More than 10 names of the client make libspf2 give up with permerror, instead of leaving some out. "
     "Do not use ptr."}},
    {is_void_limit, false, {"libspf2-void-limit", MV_SEVERITY_WARNING, "RFC 7208 4.6.4",
     "libspf2 does not count lookups that find nothing, so it accepts what others call permerror. "
     "Remove the terms whose names do not exist."}},
    {is_lookup_limit, false, {"libspf2-lookup-limit", MV_SEVERITY_WARNING, "RFC 7208 4.6.4",
     "libspf2 counts the terms that ask DNS otherwise. Stay below 10 with all includes."}},
    {is_syntax_accepted, false, {"libspf2-syntax-accepted", MV_SEVERITY_WARNING, "RFC 7208 4.6",
     "The record has a syntax error that libspf2 does not see: it goes on with what it understood. "
     "Others give up with permerror: mend the record."}},
    {is_p_macro, false, {"libspf2-p-macro", MV_SEVERITY_WARNING, "RFC 7208 7.3",
     "libspf2 takes another of the client's names for %{p}. Do not use %{p}."}},
    {is_unusual_name, true, {"libspf2-unusual-name", MV_SEVERITY_WARNING, "RFC 7208 7.1",
     "Exim asks for no host whose name has other characters than letters, digits, hyphens and underscores: "
     "the term does not match. Use a plain name."}},
    {is_long_record, true, {"libspf2-long-record", MV_SEVERITY_WARNING, "RFC 7208 3.4",
     "libspf2 silently loses terms of records longer than about 500 bytes. Keep each record shorter, "
     "and move networks into included ones."}},
};

static const struct mv_finding_kind unexplained = {
    "libspf2-unexplained", MV_SEVERITY_NOTE, "", "For no reason that is known here: what they say is all there is."};

bool mv_opinion_spf_differs(const struct mv_opinion_request *request, const struct mv_spf_result *ours,
                            const struct mv_opinion_reply *theirs, struct mv_opinion_reasons *reasons_r)
{
    const struct view view = {request, ours, theirs};

    reasons_r->count = 0;
    if (ours->code == theirs->spf && !theirs->spf_invalid)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && reasons_r->count < MV_OPINION_MAX_REASONS; i++)
        if ((!rows[i].is_guess || reasons_r->count == 0) && rows[i].matches(&view))
            reasons_r->items[reasons_r->count++] = &rows[i].reason;
    if (reasons_r->count == 0)
        reasons_r->items[reasons_r->count++] = &unexplained;
    return true;
}
