/*
 * The SPF record of those who send: in its shortest form, with what asks no DNS first.
 */
#ifndef MV_OPS_SPF_BUILD_H
#define MV_OPS_SPF_BUILD_H

#include "core/ops/finding.h"
#include "core/ops/spf_senders.h"
#include "core/ops/spf_tree.h"

enum mv_spf_end { MV_SPF_END_SOFTFAIL, MV_SPF_END_FAIL, MV_SPF_END_NEUTRAL };

/*
 * Shortens the networks of senders.  domain may be empty; a host of that name is written "a".  Nobody sends:
 * "v=spf1 -all", whatever end says.  MV_ERR_LIMIT when it would be longer than MV_SPF_MAX_RECORD_BYTES,
 * MV_ERR_MEMORY.
 */
enum mv_code mv_spf_build(struct mv_spf_senders *senders, struct mv_bytes domain, enum mv_spf_end end,
                          struct mv_buf *out);
/* A finding for each sender of the old record that the new one has not. */
void mv_spf_build_compare(const struct mv_spf_tree_host *old, const struct mv_spf_tree_host *new_host,
                          struct mv_findings *findings);

#endif
