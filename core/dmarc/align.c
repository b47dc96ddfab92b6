#include "core/dmarc/align.h"

#include "core/text/domain.h"

const char *mv_dmarc_method_text(enum mv_dmarc_method method)
{
    return method == MV_DMARC_BY_SPF ? "SPF" : "DKIM";
}

/* RFC 9989 4.4.1 adkim, 4.4.2 aspf */
static bool is_strict(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_identifier *identifier)
{
    return identifier->method == MV_DMARC_BY_SPF ? aligner->record->strict_spf : aligner->record->strict_dkim;
}

/* The author's Organizational Domain, or, where DNS hides it, the highest name that it can be. */
static struct mv_bytes highest_org_domain(const struct mv_dmarc_walk *author)
{
    return author->org_domain.len > 0 ? author->org_domain : mv_domain_suffix(author->start, 1);
}

bool mv_dmarc_could_align(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_identifier *identifier)
{
    if (identifier->domain.len == 0)
        return false;
    if (is_strict(aligner, identifier))
        return mv_bytes_equal(identifier->domain, aligner->author->start);
    return mv_domain_is_within(identifier->domain, highest_org_domain(aligner->author));
}

/* RFC 9989 4.4: the Organizational Domains are compared. */
static enum mv_dmarc_alignment compare(const struct mv_dmarc_walk *author, const struct mv_dmarc_walk *walk)
{
    if (walk->error != MV_DNS_FOUND)
        return MV_DMARC_ALIGNMENT_UNKNOWN;
    if (author->error == MV_DNS_FOUND)
        return mv_bytes_equal(author->org_domain, walk->org_domain) ? MV_DMARC_ALIGNED : MV_DMARC_UNALIGNED;
    /* The author's is not known, but it is the author's name or one above it */
    return mv_domain_is_within(author->start, walk->org_domain) ? MV_DMARC_ALIGNMENT_UNKNOWN : MV_DMARC_UNALIGNED;
}

static void trace_comparison(struct mv_trace *trace, const struct mv_dmarc_walk *author,
                             const struct mv_dmarc_walk *walk, enum mv_dmarc_alignment alignment)
{
    if (alignment == MV_DMARC_ALIGNMENT_UNKNOWN)
        mv_trace_note(trace, "RFC 9989 5.3.6", "Not known, since DNS did not answer");
    else if (alignment == MV_DMARC_ALIGNED)
        mv_trace_note(trace, "RFC 9989 4.4", "Aligned: both belong to %.*s", MV_ARG(walk->org_domain));
    else
        mv_trace_note(trace, "RFC 9989 4.4", "Not aligned: it belongs to %.*s, and %.*s to %.*s",
                      MV_ARG(walk->org_domain), MV_ARG(author->start), MV_ARG(highest_org_domain(author)));
}

static void trace_outside(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_identifier *identifier)
{
    if (is_strict(aligner, identifier))
        mv_trace_note(aligner->trace, "RFC 9989 4.4", "Not aligned: the record says %s=s, so only %.*s itself is",
                      identifier->method == MV_DMARC_BY_SPF ? "aspf" : "adkim", MV_ARG(aligner->author->start));
    else
        mv_trace_note(aligner->trace, "RFC 9989 4.10.2", "Not aligned: it does not lie within %.*s",
                      MV_ARG(highest_org_domain(aligner->author)));
}

static enum mv_code align(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_identifier *identifier,
                          enum mv_dmarc_alignment *alignment_r)
{
    struct mv_dmarc_walk walk;
    enum mv_code code;

    *alignment_r = MV_DMARC_UNALIGNED;
    if (!mv_dmarc_could_align(aligner, identifier)) {
        trace_outside(aligner, identifier);
        return MV_OK;
    }
    if (mv_bytes_equal(identifier->domain, aligner->author->start)) {
        mv_trace_note(aligner->trace, "RFC 9989 4.4", "Aligned: it is the Author Domain");
        *alignment_r = MV_DMARC_ALIGNED;
        return MV_OK;
    }
    code = mv_dmarc_walk_run(aligner->arena, identifier->domain, aligner->suffix_hardening, aligner->memo,
                             aligner->trace, &walk);
    if (code != MV_OK)
        return code;
    *alignment_r = compare(aligner->author, &walk);
    trace_comparison(aligner->trace, aligner->author, &walk, *alignment_r);
    return MV_OK;
}

enum mv_code mv_dmarc_align(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_identifier *identifier,
                            enum mv_dmarc_alignment *alignment_r)
{
    enum mv_code code;

    mv_trace_enter(aligner->trace, identifier->method == MV_DMARC_BY_SPF ? "RFC 9989 4.4.2" : "RFC 9989 4.4.1",
                   "%s %.*s: aligned with %.*s?", mv_dmarc_method_text(identifier->method), MV_ARG(identifier->domain),
                   MV_ARG(aligner->author->start));
    code = align(aligner, identifier, alignment_r);
    mv_trace_leave(aligner->trace);
    return code;
}
