/*
 * Identifier Alignment (RFC 9989 4.4): does an authenticated domain speak for the Author Domain?
 *
 * strict: the same domain.  relaxed: the same Organizational Domain, each found
 * by a walk of its own (4.10.2).  Whether the identifier passed its check is the caller's matter.
 */
#ifndef MV_DMARC_ALIGN_H
#define MV_DMARC_ALIGN_H

#include "core/dmarc/evaluate.h"
#include "core/dmarc/walk.h"

enum mv_dmarc_alignment {
    MV_DMARC_UNALIGNED = 0,
    MV_DMARC_ALIGNED,
    MV_DMARC_ALIGNMENT_UNKNOWN /* an error of DNS hides it (RFC 9989 5.3.6) */
};

/* What all identifiers of one message are compared with. */
struct mv_dmarc_aligner {
    struct mv_arena *arena;
    struct mv_memo *memo;
    struct mv_trace *trace;
    const struct mv_dmarc_walk *author; /* finished */
    const struct mv_dmarc_record *record; /* that applies: adkim, aspf */
    bool suffix_hardening;
};

/*
 * Without a walk of the identifier: false is certain.  An Organizational Domain is the
 * name itself or lies above it, so an identifier outside of the author's cannot share it.
 */
bool mv_dmarc_could_align(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_identifier *identifier);

enum mv_code mv_dmarc_align(const struct mv_dmarc_aligner *aligner, const struct mv_dmarc_identifier *identifier,
                            enum mv_dmarc_alignment *alignment_r);

/* "SPF", "DKIM" */
const char *mv_dmarc_method_text(enum mv_dmarc_method method);

#endif
