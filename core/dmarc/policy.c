#include "core/dmarc/policy.h"

#include "core/text/domain.h"

static bool is_at_author(const struct mv_dmarc_walk *walk, const struct mv_dmarc_found *found)
{
    return mv_bytes_equal(found->domain, walk->start);
}

static const struct mv_dmarc_found *find_psd(const struct mv_dmarc_walk *walk)
{
    for (size_t i = 0; i < walk->found_count; i++)
        if (walk->found[i].psd == MV_DMARC_PSD_YES)
            return &walk->found[i];
    return NULL;
}

/*
 * RFC 9989 4.10.1: the Author Domain's record, else that of its Organizational
 * Domain, else that of the public suffix.  The first does not depend on the rest of the walk.
 */
static const struct mv_dmarc_found *find_record(const struct mv_dmarc_walk *walk)
{
    const struct mv_dmarc_found *found = mv_dmarc_walk_find(walk, walk->start);

    if (found == NULL && walk->org_domain.len > 0)
        found = mv_dmarc_walk_find(walk, walk->org_domain);
    if (found == NULL && walk->org_domain.len > 0)
        found = find_psd(walk);
    return found;
}

static bool has_valid_policy(const struct mv_dmarc_record *record)
{
    return record->p.state == MV_DMARC_TAG_VALID && record->sp.state != MV_DMARC_TAG_INVALID &&
           record->np.state != MV_DMARC_TAG_INVALID;
}

/* RFC 8020: nothing exists below a name that does not exist. Only what has been asked for already is looked at. */
static bool is_below_missing(struct mv_bytes domain, const struct mv_memo *memo)
{
    struct mv_bytes above;

    for (above = mv_domain_parent(domain); above.len > 0; above = mv_domain_parent(above)) {
        const struct mv_dns_answer *answer = mv_memo_peek(memo, above, MV_DNS_TXT);

        if (answer != NULL && answer->status == MV_DNS_NXDOMAIN)
            return true;
    }
    return false;
}

/*
 * RFC 9989 3.2.13, A.4: only NXDOMAIN for the name itself, or above it, means that it does not
 * exist.  An answer for "_dmarc." below it proves that it does.  After an error
 * it is taken to exist, since np is the stricter one as a rule (ours).
 */
static enum mv_code test_existence(const struct mv_dmarc_walk *walk, struct mv_memo *memo, bool *exists_r,
                                   const char **why_r)
{
    const struct mv_dns_answer *answer;

    *exists_r = walk->start_status == MV_DNS_FOUND || walk->start_status == MV_DNS_NODATA;
    *why_r = "exists: there is a name _dmarc below it";
    if (*exists_r)
        return MV_OK;
    *why_r = "does not exist: a name above it does not";
    if (is_below_missing(walk->start, memo))
        return MV_OK;
    answer = mv_memo_ask(memo, walk->start, MV_DNS_TXT);
    if (answer == NULL)
        return mv_memo_miss(memo);
    *exists_r = answer->status != MV_DNS_NXDOMAIN;
    if (mv_dns_is_error(answer->status))
        *why_r = "is taken to exist, since DNS did not answer";
    else
        *why_r = *exists_r ? "exists" : "does not exist: DNS knows no such name";
    return MV_OK;
}

static void set_request(struct mv_dmarc_choice *choice, const char *tag, struct mv_dmarc_request request)
{
    choice->tag = tag;
    choice->policy = request.policy;
}

/* RFC 9989 4.10.1: which of p, sp and np. Existence is asked for only where it makes a difference. */
static enum mv_code choose_tag(const struct mv_dmarc_walk *walk, struct mv_memo *memo, struct mv_trace *trace,
                               struct mv_dmarc_choice *choice)
{
    const struct mv_dmarc_record *record = &choice->found->record;
    const char *why;
    enum mv_code code;
    bool exists;

    set_request(choice, "p", record->p);
    if (is_at_author(walk, choice->found))
        return MV_OK;
    if (record->sp.state == MV_DMARC_TAG_VALID)
        set_request(choice, "sp", record->sp);
    if (record->np.state != MV_DMARC_TAG_VALID || record->np.policy == choice->policy)
        return MV_OK;
    code = test_existence(walk, memo, &exists, &why);
    if (code != MV_OK)
        return code;
    mv_trace_note(trace, "RFC 9989 A.4", "%.*s %s", MV_ARG(walk->start), why);
    if (!exists)
        set_request(choice, "np", record->np);
    return MV_OK;
}

static void trace_bad_tags(struct mv_trace *trace, const struct mv_dmarc_record *record)
{
    for (unsigned tag = 0; tag < MV_DMARC_TAG_COUNT; tag++)
        if ((record->bad_tags & 1U << tag) != 0)
            mv_trace_note(trace, "RFC 9989 4.8", "The tag %s is not valid, or given twice with different values",
                          mv_dmarc_tag_text(tag));
}

static const char *place_of(const struct mv_dmarc_walk *walk, const struct mv_dmarc_found *found)
{
    if (is_at_author(walk, found))
        return "the Author Domain itself";
    if (mv_bytes_equal(found->domain, walk->org_domain))
        return "the Organizational Domain";
    return "the public suffix";
}

/* RFC 9989 4.10.1: records between the Author Domain and its Organizational Domain surprise people most. */
static void trace_unused(const struct mv_dmarc_walk *walk, const struct mv_dmarc_found *used, struct mv_trace *trace)
{
    if (is_at_author(walk, used))
        return;
    for (size_t i = 0; i < walk->found_count; i++)
        if (&walk->found[i] != used)
            mv_trace_note(trace, "RFC 9989 4.10.1",
                          "The record at %.*s is not used: first comes the Author Domain's, then the Organizational "
                          "Domain's, then the public suffix's, and no other",
                          MV_ARG(walk->found[i].domain));
}

/* RFC 9989 4.10.1: what a record without valid policy tags comes to. */
static enum mv_code apply_invalid(struct mv_trace *trace, struct mv_dmarc_choice *choice)
{
    if (choice->found->record.rua_count == 0) {
        choice->discovery = MV_DMARC_NOT_USABLE;
        mv_trace_note(trace, "RFC 9989 4.10.1",
                      "p is missing, or p, sp or np is not valid, and rua has no valid address: no DMARC");
        return MV_OK;
    }
    choice->discovery = MV_DMARC_APPLIES;
    choice->tag = "p";
    choice->policy = MV_DMARC_P_NONE;
    mv_trace_note(trace, "RFC 9989 4.10.1",
                  "p is missing, or p, sp or np is not valid, but rua has an address: taken as p=none");
    return MV_OK;
}

static enum mv_code apply(const struct mv_dmarc_walk *walk, struct mv_memo *memo, struct mv_trace *trace,
                          struct mv_dmarc_choice *choice)
{
    enum mv_code code;

    mv_trace_note(trace, "RFC 9989 4.10.1", "The record at %.*s applies: it is %s", MV_ARG(choice->found->domain),
                  place_of(walk, choice->found));
    trace_unused(walk, choice->found, trace);
    trace_bad_tags(trace, &choice->found->record);
    if (!has_valid_policy(&choice->found->record))
        return apply_invalid(trace, choice);
    code = choose_tag(walk, memo, trace, choice);
    if (code != MV_OK)
        return code;
    choice->discovery = MV_DMARC_APPLIES;
    mv_trace_note(trace, "RFC 9989 4.10.1", "%s speaks for %.*s: the policy is %s", choice->tag, MV_ARG(walk->start),
                  mv_dmarc_policy_text(choice->policy));
    return MV_OK;
}

enum mv_code mv_dmarc_choose(const struct mv_dmarc_walk *walk, struct mv_memo *memo, struct mv_trace *trace,
                             struct mv_dmarc_choice *choice_r)
{
    *choice_r = (struct mv_dmarc_choice){.discovery = MV_DMARC_NO_RECORD, .found = find_record(walk), .tag = ""};
    if (choice_r->found != NULL)
        return apply(walk, memo, trace, choice_r);
    if (walk->error != MV_DNS_FOUND) {
        choice_r->discovery = MV_DMARC_DNS_ERROR;
        mv_trace_note(trace, "RFC 9989 5.3.6", "Without an answer from DNS it is not known which policy applies");
    } else {
        mv_trace_note(trace, "RFC 9989 4.10.1", "No record applies to %.*s: no DMARC", MV_ARG(walk->start));
    }
    return MV_OK;
}
