/*
 * What is wrong with an SPF record, with what it includes, and with the answer
 * that carries it.
 *
 * Two depths: a text alone (mv_spf_lint_text()), and a tree (core/ops/spf_tree.h),
 * whose root may be a text or what a domain publishes.  Findings about records
 * that are included name them; of their insides only that is said which makes
 * this record fail, since they belong to others.
 *
 * Ids begin with "spf-"; mailvouch-spf(1) lists them.  Errors break the record or
 * let anybody through, warnings cost some mail or some day, notes are choices.
 *
 * Not checked: whether all hosts that send are in it (core/ops/stage.h knows the
 * evidence of reports).
 */
#ifndef MV_OPS_SPF_LINT_H
#define MV_OPS_SPF_LINT_H

#include "core/ops/finding.h"
#include "core/ops/spf_text.h"
#include "core/ops/spf_tree.h"

#define MV_SPF_MANY_LOOKUPS 8        /* from here on one more include of a provider may break it */
#define MV_SPF_UDP_BYTES 512         /* RFC 7208 3.4 */
#define MV_SPF_EDNS_BYTES 1232       /* what passes without fragments (DNS flag day 2020) */
#define MV_SPF_WIDE_V4_BITS 12       /* a network shorter than this is hardly one's own */
#define MV_SPF_WIDE_V6_BITS 28

/*
 * A text that is meant to be a record, as mv_spf_text_read() took it.  false: it is none (there is a finding
 * then), and there is no tree to look at.
 */
bool mv_spf_lint_text(const struct mv_spf_text *text, struct mv_bytes domain, struct mv_findings *findings);
/* A tree without open questions. */
enum mv_code mv_spf_lint_tree(struct mv_arena *arena, const struct mv_spf_tree *tree, struct mv_findings *findings);

/* Of the DNS message that answers TXT of the domain with records of so many bytes of RDATA, names compressed. */
size_t mv_spf_answer_bytes(struct mv_bytes domain, size_t record_count, size_t rdata_bytes);
/* RDATA of a text that is cut into strings of 255 bytes. */
size_t mv_spf_rdata_bytes(struct mv_bytes text);

#endif
