#include "core/dmarc/judge.h"

/* What the identifiers came to. */
struct findings {
    size_t passed;  /* identifiers that passed their check */
    bool dns_error; /* hides whether one that passed is aligned */
    bool pending;   /* one whose check has not ended may be aligned */
    const struct mv_dmarc_identifier *unsettled; /* its check ended in a temporary error, and it may be aligned */
};

size_t mv_dmarc_identifier_count(const struct mv_dmarc_input *input)
{
    return input->identifier_count < MV_DMARC_MAX_IDENTIFIERS ? input->identifier_count : MV_DMARC_MAX_IDENTIFIERS;
}

static void conclude(struct mv_dmarc_result *result, enum mv_dmarc_code code, const char *section, const char *reason)
{
    result->code = code;
    result->section = section;
    result->reason = reason;
}

/* An error of ours stays, whatever comes after it. */
static enum mv_code worse(enum mv_code a, enum mv_code b)
{
    return a == MV_OK || a == MV_NEED_DNS ? (b == MV_OK ? a : b) : a;
}

static void count_aligned(const struct mv_dmarc_identifier *identifier, struct mv_dmarc_result *result)
{
    if (identifier->method == MV_DMARC_BY_SPF) {
        result->aligned_spf = true;
        return;
    }
    if (!result->aligned_dkim)
        result->aligned_sdid = identifier->domain;
    result->aligned_dkim = true;
    result->aligned_sdids[result->aligned_sdid_count++] = identifier->domain;
}

/* All of them, since the report names both methods; every miss is asked for before the first is returned. */
static enum mv_code align_passed(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_input *input,
                                 struct findings *findings, struct mv_dmarc_result *result)
{
    enum mv_code worst = MV_OK;

    for (size_t i = 0; i < mv_dmarc_identifier_count(input); i++) {
        const struct mv_dmarc_identifier *identifier = &input->identifiers[i];
        enum mv_dmarc_alignment alignment;
        enum mv_code code;

        if (identifier->auth != MV_DMARC_AUTH_PASS)
            continue;
        findings->passed++;
        code = mv_dmarc_align(aligner, identifier, &alignment);
        worst = worse(worst, code);
        if (code != MV_OK)
            continue;
        if (alignment == MV_DMARC_ALIGNED)
            count_aligned(identifier, result);
        else if (alignment == MV_DMARC_ALIGNMENT_UNKNOWN)
            findings->dns_error = true;
    }
    return worst;
}

static enum mv_code weigh_unsettled(const struct mv_dmarc_aligner *aligner,
                                    const struct mv_dmarc_identifier *identifier, struct findings *findings)
{
    enum mv_dmarc_alignment alignment;
    enum mv_code code;

    if (identifier->auth == MV_DMARC_AUTH_PENDING) {
        findings->pending |= mv_dmarc_could_align(aligner, identifier);
        return MV_OK;
    }
    code = mv_dmarc_align(aligner, identifier, &alignment);
    if (code == MV_OK && alignment != MV_DMARC_UNALIGNED && findings->unsettled == NULL)
        findings->unsettled = identifier;
    return code;
}

/* Those whose check ended in a temporary error, or has not ended: could they still have been aligned? */
static enum mv_code align_unsettled(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_input *input,
                                    struct findings *findings)
{
    enum mv_code worst = MV_OK;

    for (size_t i = 0; i < mv_dmarc_identifier_count(input); i++) {
        const struct mv_dmarc_identifier *identifier = &input->identifiers[i];

        if (identifier->auth != MV_DMARC_AUTH_TEMPERROR && identifier->auth != MV_DMARC_AUTH_PENDING)
            continue;
        worst = worse(worst, weigh_unsettled(aligner, identifier, findings));
    }
    return worst == MV_OK && findings->pending ? MV_NEED_DNS : worst;
}

static void conclude_pass(struct mv_arena *arena, struct mv_dmarc_result *result)
{
    const char *who = result->aligned_spf ? "SPF passed and is" : "DKIM passed and is";

    if (result->aligned_spf && result->aligned_dkim)
        who = "SPF and DKIM passed and are";
    conclude(result, MV_DMARC_PASS, "RFC 9989 5.3.5",
             mv_arena_printf(arena, "%s aligned with %.*s", who, MV_ARG(result->author_domain)));
}

static void conclude_fail(struct mv_arena *arena, const struct findings *findings, struct mv_dmarc_result *result)
{
    struct mv_bytes author = result->author_domain;
    const char *reason = "Neither SPF nor DKIM passed";

    if (findings->passed > 0)
        reason = mv_arena_printf(arena, "What passed SPF or DKIM is not aligned with %.*s", MV_ARG(author));
    conclude(result, MV_DMARC_FAIL, "RFC 9989 5.3.5", reason);
}

/* RFC 9989 5.3.5, 5.3.6; the order is ours, so that an error of DNS hurts least. */
static void conclude_by(struct mv_arena *arena, const struct findings *findings, struct mv_dmarc_result *result)
{
    if (result->aligned_spf || result->aligned_dkim)
        conclude_pass(arena, result);
    else if (findings->dns_error)
        conclude(result, MV_DMARC_TEMPERROR, "RFC 9989 5.3.6",
                 "DNS did not answer, so it is not known whether what passed is aligned");
    else if (findings->unsettled != NULL)
        conclude(result, MV_DMARC_TEMPERROR, "RFC 9989 5.3.6",
                 mv_arena_printf(arena, "%s for %.*s ended in a temporary error and could have been aligned",
                                 mv_dmarc_method_text(findings->unsettled->method),
                                 MV_ARG(findings->unsettled->domain)));
    else
        conclude_fail(arena, findings, result);
}

static void trace_not_counted(const struct mv_dmarc_input *input, struct mv_trace *trace)
{
    for (size_t i = 0; i < mv_dmarc_identifier_count(input); i++)
        if (input->identifiers[i].auth == MV_DMARC_AUTH_FAIL)
            mv_trace_note(trace, "RFC 9989 4.4", "%s %.*s: does not count, since it did not pass",
                          mv_dmarc_method_text(input->identifiers[i].method), MV_ARG(input->identifiers[i].domain));
    if (input->identifier_count > MV_DMARC_MAX_IDENTIFIERS)
        mv_trace_note(trace, NULL, "%zu more identifiers are not looked at (a limit of ours)",
                      input->identifier_count - MV_DMARC_MAX_IDENTIFIERS);
}

enum mv_code mv_dmarc_judge(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_input *input,
                            struct mv_dmarc_result *result)
{
    struct findings findings = {.passed = 0};
    enum mv_code code;

    mv_trace_enter(aligner->trace, "RFC 9989 4.4", "Who speaks for %.*s?", MV_ARG(aligner->author->start));
    trace_not_counted(input, aligner->trace);
    code = align_passed(aligner, input, &findings, result);
    if (code == MV_OK && !result->aligned_spf && !result->aligned_dkim)
        code = align_unsettled(aligner, input, &findings);
    mv_trace_leave(aligner->trace);
    if (code == MV_OK)
        conclude_by(aligner->arena, &findings, result);
    return code;
}
