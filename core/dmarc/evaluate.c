#include "core/dmarc/evaluate.h"

#include "core/dmarc/judge.h"
#include "core/dmarc/policy.h"
#include "core/text/domain.h"

const char *mv_dmarc_code_text(enum mv_dmarc_code code)
{
    switch (code) {
    case MV_DMARC_NONE:
        return "none";
    case MV_DMARC_PASS:
        return "pass";
    case MV_DMARC_FAIL:
        return "fail";
    case MV_DMARC_TEMPERROR:
        return "temperror";
    case MV_DMARC_PERMERROR:
        return "permerror";
    }
    return "unknown";
}

void mv_dmarc_prefetch(struct mv_arena *arena, struct mv_bytes domain, struct mv_memo *memo)
{
    mv_dmarc_walk_prefetch(arena, domain, memo);
    /* RFC 9989 3.2.13: its existence, by the question that SPF asks as a rule */
    if (domain.len > 0)
        mv_memo_prefetch(memo, domain, MV_DNS_TXT);
}

/*
 * Before the author's Organizational Domain is known.  One that shares no more than
 * the top-level domain is hardly ever aligned: it is asked for when it has to be.
 */
static bool is_worth_asking_ahead(const struct mv_dmarc_identifier *identifier, struct mv_bytes author)
{
    size_t labels = mv_domain_labels(author) < 2 ? 1 : 2;

    return identifier->auth != MV_DMARC_AUTH_FAIL && !mv_bytes_equal(identifier->domain, author) &&
           mv_domain_is_within(identifier->domain, mv_domain_suffix(author, labels));
}

static void prefetch_all(struct mv_arena *arena, const struct mv_dmarc_input *input, struct mv_memo *memo)
{
    mv_dmarc_prefetch(arena, input->author_domain, memo);
    for (size_t i = 0; i < mv_dmarc_identifier_count(input); i++)
        if (is_worth_asking_ahead(&input->identifiers[i], input->author_domain))
            mv_dmarc_walk_prefetch(arena, input->identifiers[i].domain, memo);
}

static void conclude(struct mv_dmarc_result *result, enum mv_dmarc_code code, const char *section, const char *reason)
{
    result->code = code;
    result->section = section;
    result->reason = reason;
}

/* RFC 9989 4.10.1: with a record at the Author Domain the rest of the walk serves alignment only. */
static void report_walk(const struct mv_dmarc_walk *walk, struct mv_dmarc_result *result)
{
    result->org_domain = walk->org_domain;
    result->query_count = mv_dmarc_walk_find(walk, walk->start) != NULL ? 1 : walk->name_count;
    for (size_t i = 0; i < result->query_count; i++)
        result->queries[i] = walk->names[i];
}

static enum mv_dmarc_policy lower(enum mv_dmarc_policy policy)
{
    return policy == MV_DMARC_P_REJECT ? MV_DMARC_P_QUARANTINE : MV_DMARC_P_NONE;
}

/* RFC 9989 4.7 t; RFC 7489 6.6.4 pct. t=y is what pct=0 was, so both together lower by one step. */
static void report_policy(const struct mv_dmarc_input *input, const struct mv_dmarc_choice *choice,
                          struct mv_trace *trace, struct mv_dmarc_result *result)
{
    const struct mv_dmarc_record *record = &choice->found->record;

    result->has_record = true;
    result->record = *record;
    result->policy_domain = choice->found->domain;
    result->policy_tag = choice->tag;
    result->published = choice->policy;
    result->effective = choice->policy;
    result->test_mode = record->test;
    result->sampled_out = input->honour_pct && !record->test && input->pct_roll >= record->pct;
    if (result->test_mode)
        mv_trace_note(trace, "RFC 9989 4.7", "t=y: the policy is being tested, so it counts one step lower");
    if (result->sampled_out)
        mv_trace_note(trace, "RFC 7489 6.6.4", "pct=%u: this message got the next lower policy by chance", record->pct);
    if (result->test_mode || result->sampled_out)
        result->effective = lower(choice->policy);
}

/* The walk of the Author Domain and the record it leads to. */
static enum mv_code discover(struct mv_arena *arena, const struct mv_dmarc_input *input, struct mv_memo *memo,
                             struct mv_trace *trace, struct mv_dmarc_walk *walk_r, struct mv_dmarc_choice *choice_r)
{
    enum mv_code code;

    mv_trace_enter(trace, "RFC 9989 4.10", "Which record applies to %.*s?", MV_ARG(input->author_domain));
    code = mv_dmarc_walk_run(arena, input->author_domain, input->suffix_hardening, memo, trace, walk_r);
    if (code == MV_OK)
        code = mv_dmarc_choose(walk_r, memo, trace, choice_r);
    mv_trace_leave(trace);
    return code;
}

static void conclude_without_record(struct mv_arena *arena, const struct mv_dmarc_walk *walk,
                                    enum mv_dmarc_discovery discovery, struct mv_dmarc_result *result)
{
    if (discovery == MV_DMARC_DNS_ERROR)
        conclude(result, MV_DMARC_TEMPERROR, "RFC 9989 5.3.6",
                 mv_arena_printf(arena, "No answer for _dmarc.%.*s: %s", MV_ARG(walk->names[walk->name_count - 1]),
                                 mv_dns_status_text(walk->error)));
    else if (discovery == MV_DMARC_NOT_USABLE)
        conclude(result, MV_DMARC_NONE, "RFC 9989 4.10.1",
                 "The DMARC record has no valid policy and no valid address for reports");
    else
        conclude(result, MV_DMARC_NONE, "RFC 9989 4.10.1",
                 mv_arena_printf(arena, "No DMARC record applies to %.*s", MV_ARG(walk->start)));
}

static enum mv_code evaluate(struct mv_arena *arena, const struct mv_dmarc_input *input, struct mv_memo *memo,
                             struct mv_trace *trace, struct mv_dmarc_result *result)
{
    struct mv_dmarc_walk walk;
    struct mv_dmarc_choice choice;
    struct mv_dmarc_aligner aligner = {
        .arena = arena,
        .memo = memo,
        .trace = trace,
        .author = &walk,
        .suffix_hardening = input->suffix_hardening,
    };
    enum mv_code code;

    prefetch_all(arena, input, memo);
    code = discover(arena, input, memo, trace, &walk, &choice);
    if (code != MV_OK)
        return code;
    report_walk(&walk, result);
    if (choice.discovery != MV_DMARC_APPLIES) {
        conclude_without_record(arena, &walk, choice.discovery, result);
        return MV_OK;
    }
    report_policy(input, &choice, trace, result);
    aligner.record = &choice.found->record;
    return mv_dmarc_judge(&aligner, input, result);
}

enum mv_code mv_dmarc_evaluate(struct mv_arena *arena, const struct mv_dmarc_input *input, struct mv_memo *memo,
                               struct mv_trace *trace, struct mv_dmarc_result *result_r)
{
    enum mv_code code = MV_OK;

    *result_r = (struct mv_dmarc_result){.author_domain = input->author_domain, .policy_tag = ""};
    if (input->author_domain.len == 0)
        /* RFC 9989 5.3.1 */
        conclude(result_r, MV_DMARC_PERMERROR, "RFC 9989 5.3.1",
                 input->from_reason != NULL ? input->from_reason : "There is no Author Domain");
    else
        code = evaluate(arena, input, memo, trace, result_r);
    if (code != MV_OK)
        return code;
    if (result_r->reason == NULL)
        return MV_ERR_MEMORY;
    mv_trace_note(trace, result_r->section, "DMARC %s: %s", mv_dmarc_code_text(result_r->code), result_r->reason);
    return MV_OK;
}
