/*
 * What the parts of the SPF lint share.  Internal to core/ops/spf_lint*.c.
 */
#ifndef MV_OPS_SPF_LINT_RUN_H
#define MV_OPS_SPF_LINT_RUN_H

#include "core/ops/spf_lint.h"

struct mv_spf_lint {
    struct mv_arena *arena;
    struct mv_findings *findings;
    const struct mv_spf_tree *tree;
    const struct mv_spf_tree_host *root;
    bool failed; /* no memory */
};

/* spf_lint_faults.c: terms that cannot be read; text that is meant as a record and is none */
void mv_spf_lint_faults(struct mv_spf_lint *lint);
void mv_spf_lint_version(struct mv_findings *findings, struct mv_bytes domain, struct mv_bytes text);
/* Two strings of a text meet at joint; the first begins at from. */
void mv_spf_lint_joint(struct mv_findings *findings, struct mv_bytes domain, struct mv_bytes text, size_t from,
                       size_t joint);
/* Would a person have meant it as SPF? */
bool mv_spf_is_meant(struct mv_bytes text);

/* spf_lint_answer.c: the answer that carries the record */
void mv_spf_lint_answer(struct mv_spf_lint *lint);
/* spf_lint_all.c: how it ends */
void mv_spf_lint_all(struct mv_spf_lint *lint);
/* spf_lint_terms.c: term by term */
void mv_spf_lint_terms(struct mv_spf_lint *lint);
/* spf_lint_networks.c: ip4, ip6 and prefixes */
void mv_spf_lint_networks(struct mv_spf_lint *lint);
/* spf_lint_names.c: what DNS says of a, mx, exists and exp */
void mv_spf_lint_names(struct mv_spf_lint *lint);
/* spf_lint_includes.c: the records below */
void mv_spf_lint_includes(struct mv_spf_lint *lint);
/* spf_lint_budget.c: what it costs */
void mv_spf_lint_budget(struct mv_spf_lint *lint);

#endif
