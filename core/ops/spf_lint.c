#include "core/ops/spf_lint.h"

#include "core/ops/spf_lint_run.h"

#define HEADER_BYTES 12       /* RFC 1035 4.1.1 */
#define QUESTION_END_BYTES 4  /* 4.1.2: type and class */
#define RECORD_HEAD_BYTES 12  /* 4.1.3 with a compressed name (4.1.4) */
#define MAX_STRING_BYTES 255  /* 3.3 */

size_t mv_spf_answer_bytes(struct mv_bytes domain, size_t record_count, size_t rdata_bytes)
{
    return HEADER_BYTES + domain.len + 2 + QUESTION_END_BYTES + record_count * RECORD_HEAD_BYTES + rdata_bytes;
}

size_t mv_spf_rdata_bytes(struct mv_bytes text)
{
    size_t strings = (text.len + MAX_STRING_BYTES - 1) / MAX_STRING_BYTES;

    return text.len + (strings == 0 ? 1 : strings);
}

/* The parts that need a record that can be read, at least term by term. */
static void lint_record(struct mv_spf_lint *lint)
{
    mv_spf_lint_faults(lint);
    mv_spf_lint_terms(lint);
    mv_spf_lint_networks(lint);
    mv_spf_lint_names(lint);
    mv_spf_lint_includes(lint);
    if (lint->root->state == MV_SPF_TREE_READ || lint->root->has_all)
        mv_spf_lint_all(lint);
    if (lint->root->state == MV_SPF_TREE_READ)
        mv_spf_lint_budget(lint);
}

enum mv_code mv_spf_lint_tree(struct mv_arena *arena, const struct mv_spf_tree *tree, struct mv_findings *findings)
{
    struct mv_spf_lint lint = {.arena = arena, .findings = findings, .tree = tree, .root = tree->root};

    mv_spf_lint_answer(&lint);
    if (lint.root->state == MV_SPF_TREE_READ || lint.root->state == MV_SPF_TREE_FAULTY)
        lint_record(&lint);
    return lint.failed || mv_findings_failed(findings) ? MV_ERR_MEMORY : MV_OK;
}
