/*
 * SPF records flattened: what is included, and what a and mx name, as networks.
 *
 * A flat record needs few lookups and is wrong as soon as a provider changes a
 * network.  So the source stays written down (core/ops/spf_flat_file.h, or a TXT
 * record at _spf-source), and mv_spf_flat_compare() says what is out of date.
 *
 * Terms of one qualifier that stand side by side are a run: their order does not
 * matter, and their networks are merged.  What has no fixed addresses stays as it
 * is: exists, ptr, names with macros of the mail, and an include with such a
 * term, or one whose record refuses some hosts before it lets others pass.
 */
#ifndef MV_OPS_SPF_FLAT_H
#define MV_OPS_SPF_FLAT_H

#include "core/ops/finding.h"
#include "core/ops/spf_networks.h"
#include "core/ops/spf_tree.h"

#define MV_SPF_FLAT_RECORD_BYTES 450 /* RFC 7208 3.4: an answer with more may pass 512 */
#define MV_SPF_FLAT_MAX_RECORDS 64
#define MV_SPF_FLAT_SOURCE_LABEL "_spf-source"

struct mv_spf_flat_run {
    char qualifier;
    struct mv_spf_networks networks; /* in their shortest form */
    const struct mv_spf_tree_term **kept;
    size_t kept_count;
};

struct mv_spf_flat {
    struct mv_spf_flat_run *runs;
    size_t run_count;
    char all;                /* the qualifier of all; '\0' without one */
    struct mv_bytes exp;     /* "exp=...", as written, or empty */
    const struct mv_spf_tree_term *redirect; /* that could not be resolved, or NULL */
};

/* MV_OK. MV_ERR_SYNTAX: a record in the tree is a permerror. MV_ERR_IO: DNS did not answer. MV_ERR_MEMORY. */
enum mv_code mv_spf_flatten(struct mv_arena *arena, const struct mv_spf_tree *tree, struct mv_spf_flat *flat_r,
                            struct mv_error *error);

struct mv_spf_flat_record {
    struct mv_bytes name;
    struct mv_bytes text;
};

/*
 * The record of the domain, first, and those that it includes where one would be longer than
 * MV_SPF_FLAT_RECORD_BYTES: _spf1.DOMAIN and on.  *lookups_r: what the first costs.  MV_ERR_LIMIT, MV_ERR_MEMORY.
 */
enum mv_code mv_spf_flat_split(struct mv_arena *arena, struct mv_bytes domain, const struct mv_spf_flat *flat,
                               const struct mv_spf_flat_record **records_r, size_t *count_r, unsigned *lookups_r);

/* Findings: what was kept, and whether that and the records are too many. */
void mv_spf_flat_lint(const struct mv_spf_flat *flat, struct mv_bytes domain, unsigned lookups,
                      struct mv_findings *findings);
/* A finding for each network that the source lets pass and the published record does not, and the other way round. */
void mv_spf_flat_compare(const struct mv_spf_flat *source, const struct mv_spf_flat *published,
                         struct mv_bytes domain, struct mv_findings *findings);
/* A finding when the published text is not that of the record. */
void mv_spf_flat_compare_text(const struct mv_spf_flat_record *record, struct mv_bytes published,
                              struct mv_findings *findings);

#endif
