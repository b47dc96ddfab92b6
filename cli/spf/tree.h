/*
 * The tree of an SPF record and its cost, for people and for programs.
 *
 *   lookups  voids
 *         3      0  example.org
 *                   |- 2 networks
 *         1         |- mx
 *         2         |- include:_spf.example.net
 *         1         |  |- include:_spf2.example.net
 *                   |  '- ~all
 *                   '- ~all
 */
#ifndef MV_CLI_SPF_TREE_H
#define MV_CLI_SPF_TREE_H

#include <jansson.h>

#include "core/ops/spf_tree.h"

/* false when writing failed. */
bool mv_spf_show_tree(const struct mv_spf_tree *tree);
/* "lookups 3 of 10, void lookups 0 of 2" */
void mv_spf_show_cost(const struct mv_spf_tree_host *root);
/*
 * {"domain","state","record","cost":{"ipv4":{"lookups","voids","sure_voids"},"ipv6":...},"endless",
 * "terms":[{"term","name","cost","below":{...} or null}]}.  NULL without memory.
 */
json_t *mv_spf_json_tree(const struct mv_spf_tree_host *host);

#endif
