/*
 * What is wrong with a DMARC record, and with the place where it stands.
 *
 * Two depths: a text alone, and a domain as DNS shows it: where its record comes
 * from, what stands beside it, whether the reporting addresses want reports, and
 * whether an enforcing policy rests on SPF and DKIM.  Receivers of RFC 9989 and
 * of RFC 7489 read the same record; where they differ, a finding says so.
 *
 * Pure over the memo: run it until it does not return MV_NEED_DNS, each time
 * with an empty list of findings.  Ids begin with "dmarc-"; mailvouch-dmarc(1)
 * lists them.  Texts in findings may quote what strangers wrote.
 *
 * Not checked: whether the reports arrive, and whether mail is signed (the
 * evidence of reports knows: core/ops/stage.h).
 */
#ifndef MV_OPS_DMARC_LINT_H
#define MV_OPS_DMARC_LINT_H

#include "core/dmarc/policy.h"
#include "core/ops/dmarc_view.h"
#include "core/ops/finding.h"

#define MV_DMARC_LINT_MAX_SELECTORS 20
#define MV_DMARC_LARGE_RECORD_BYTES 450 /* an answer with it may pass 512 octets (RFC 7208 3.4 says it for SPF) */
#define MV_DMARC_LONG_TTL_SECS 86400    /* above this a change takes more than a day */
#define MV_DMARC_SURE_URIS 2            /* RFC 7489 6.2: so many addresses get reports from everybody */

struct mv_dmarc_lint_settings {
    bool suffix_hardening;
    const struct mv_bytes *selectors; /* of DKIM keys to look for; without any, whether there may be one at all */
    size_t selector_count;
    struct mv_bytes public_suffixes; /* the text of the list (core/ops/public_suffix.h); empty: there is none */
};

/* What applies to a domain: for those who print it. Slices live in the arena or the memo. */
struct mv_dmarc_standing {
    enum mv_dmarc_discovery discovery;
    struct mv_bytes domain;        /* that was asked for */
    struct mv_bytes policy_domain; /* where the record stands; empty without one */
    struct mv_bytes org_domain;
    struct mv_dmarc_record record;
    const char *tag; /* "p", "sp", "np": what speaks for the domain; "" without a record */
    uint32_t ttl_secs;
};

/*
 * A text that is meant to be a record.  name is where it is to stand ("_dmarc.example.org"); empty: not known.
 * *record_r is what is left of it; false when it is no record at all (there is a finding then).
 */
bool mv_dmarc_lint_record(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes text,
                          struct mv_findings *findings, struct mv_dmarc_record *record_r);

/* A domain, normalised. */
enum mv_code mv_dmarc_lint_domain(struct mv_arena *arena, struct mv_bytes domain,
                                  const struct mv_dmarc_lint_settings *settings, struct mv_memo *memo,
                                  struct mv_findings *findings, struct mv_dmarc_standing *standing_r);

/* A text that is no record: would a person have meant it as one? */
bool mv_dmarc_is_meant(struct mv_bytes text);

#endif
