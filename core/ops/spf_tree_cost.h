/*
 * What the terms of a tree cost together.  Internal to core/ops/spf_tree*.c.
 */
#ifndef MV_OPS_SPF_TREE_COST_H
#define MV_OPS_SPF_TREE_COST_H

#include "core/ops/spf_tree.h"

/* Fills reached, cost and matches_all of the host and of all below it. */
void mv_spf_tree_count(struct mv_spf_tree_host *host);

#endif
