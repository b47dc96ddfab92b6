/*
 * The reason tree of DKIM: one branch for each signature, in the words of
 * somebody who looks for lost mail.  For core/dkim and core/arc.
 */
#ifndef MV_DKIM_EXPLAIN_H
#define MV_DKIM_EXPLAIN_H

#include "core/base/trace.h"
#include "core/dkim/header_index.h"
#include "core/dkim/task.h"

/* For a decided task. Rewinds the index, which may be NULL when no header was hashed. */
void mv_dkim_explain(struct mv_trace *trace, const struct mv_dkim_task *task, struct mv_dkim_header_index *index);
/* So many more signatures were not looked at. */
void mv_dkim_explain_skipped(struct mv_trace *trace, size_t skipped);

#endif
