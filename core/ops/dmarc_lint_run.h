/*
 * What the parts of the DMARC lint share.  Internal to core/ops/dmarc_lint*.c.
 */
#ifndef MV_OPS_DMARC_LINT_RUN_H
#define MV_OPS_DMARC_LINT_RUN_H

#include "core/ops/dmarc_lint.h"

struct mv_dmarc_lint {
    struct mv_arena *arena;
    struct mv_findings *findings;
    struct mv_bytes name;          /* of the record; the subject of findings about it */
    struct mv_dmarc_record record; /* parsed; the text is in it */
    struct mv_bytes mended;        /* the record without its faults, of version and tags; empty when there are none */

    /* Of a domain only */
    struct mv_memo *memo;
    const struct mv_dmarc_lint_settings *settings;
    struct mv_bytes domain;
    struct mv_dmarc_walk walk;
    struct mv_dmarc_choice choice;
    uint32_t ttl_secs; /* of the record that applies */
};

/* The finding added last is mended by the record without its faults. */
void mv_dmarc_lint_mend(struct mv_dmarc_lint *lint);

/* dmarc_lint_version.c: says why the text is no record; nothing when it is not meant as one. */
void mv_dmarc_lint_version(struct mv_dmarc_lint *lint, struct mv_bytes text);
/* The text from its version on, as it was probably meant: quotes, backslashes and a bad version taken away. */
struct mv_bytes mv_dmarc_lint_repair(struct mv_arena *arena, struct mv_bytes text);

/* dmarc_lint_tags.c: how it is written, tag by tag */
void mv_dmarc_lint_tags(struct mv_dmarc_lint *lint);
/* dmarc_lint_uris.c: rua and ruf as text */
void mv_dmarc_lint_uris(struct mv_dmarc_lint *lint);
/* dmarc_lint_policy.c: what it asks for */
void mv_dmarc_lint_policy(struct mv_dmarc_lint *lint);
/* dmarc_lint_legacy.c: what receivers of RFC 7489 make of it */
void mv_dmarc_lint_legacy(struct mv_dmarc_lint *lint);

/* dmarc_lint_place.c: the names around it. Each returns MV_NEED_DNS while answers are missing. */
enum mv_code mv_dmarc_lint_place(struct mv_dmarc_lint *lint);
/* dmarc_lint_inherit.c: where the record comes from, and what stands above and between */
enum mv_code mv_dmarc_lint_inherit(struct mv_dmarc_lint *lint);
/* dmarc_lint_reports.c: do the addresses want reports? */
enum mv_code mv_dmarc_lint_reports(struct mv_dmarc_lint *lint);
/* dmarc_lint_ground.c: SPF and DKIM under the policy */
enum mv_code mv_dmarc_lint_ground(struct mv_dmarc_lint *lint);

#endif
