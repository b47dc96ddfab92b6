/*
 * DMARC of RFC 9989 as a pure function of the authenticated identifiers and the memo.
 *
 * The record that applies is found by a walk over the Author Domain (walk.h, policy.h); each identifier that passed is
 * compared with the Author Domain (align.h); then the result is, in this order,
 *
 *   none        no record applies
 *   pass        an identifier is known to be aligned, whatever DNS did to the others
 *   temperror   an error of DNS hides the record, or an identifier that may be aligned
 *   fail        else
 *
 * so that an error of DNS never makes a pass, and never a fail.  The order of the
 * identifiers does not matter, but for which of several aligned_sdid names.
 * All names are asked ahead, so that the whole takes one round trip as a rule.
 *
 * Not done here: reading the From field (core/text/address.h), and what a result
 * means for the message (core/auth/verdict.h); RFC 9989 7.4 forbids to reject for p=reject alone.
 */
#ifndef MV_DMARC_EVALUATE_H
#define MV_DMARC_EVALUATE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/trace.h"
#include "core/dmarc/record.h"
#include "core/dmarc/walk.h"
#include "core/dns/memo.h"

#define MV_DMARC_MAX_IDENTIFIERS 11 /* MAIL FROM, and one for each DKIM signature that is looked at; more are not */

enum mv_dmarc_code { MV_DMARC_NONE = 0, MV_DMARC_PASS, MV_DMARC_FAIL, MV_DMARC_TEMPERROR, MV_DMARC_PERMERROR };
enum mv_dmarc_method { MV_DMARC_BY_SPF, MV_DMARC_BY_DKIM };
/* Only what alignment needs of a mechanism's result. PENDING: not known yet, more DNS to come. */
enum mv_dmarc_auth { MV_DMARC_AUTH_FAIL = 0, MV_DMARC_AUTH_PASS, MV_DMARC_AUTH_TEMPERROR, MV_DMARC_AUTH_PENDING };

struct mv_dmarc_identifier {
    enum mv_dmarc_method method;
    enum mv_dmarc_auth auth;
    struct mv_bytes domain; /* normalised: d=, or the MAIL FROM domain */
};

/* Borrowed for the call. */
struct mv_dmarc_input {
    struct mv_bytes author_domain; /* normalised; empty gives permerror with from_reason */
    const char *from_reason;       /* why there is no Author Domain */
    const struct mv_dmarc_identifier *identifiers;
    size_t identifier_count;
    bool suffix_hardening; /* a record at a one-label name without psd counts as psd=y (RFC 9989 11.8; ours) */
    bool honour_pct;       /* RFC 7489 6.6.4: a share of 100 - pct gets the next lower policy. Removed in RFC 9989 */
    unsigned pct_roll;     /* 0 to 99, by chance; for honour_pct */
};

/* Slices live in the arena, the memo, or the input's domains. */
struct mv_dmarc_result {
    enum mv_dmarc_code code;
    struct mv_bytes author_domain;
    struct mv_bytes policy_domain; /* where the applied record was found; empty without one */
    struct mv_bytes org_domain;    /* of the Author Domain; empty when an error of DNS hides it */
    enum mv_dmarc_policy published; /* of p, sp or np that applies, before t */
    enum mv_dmarc_policy effective; /* after t=y (RFC 9989 4.7) and honour_pct, which lower it by one step together */
    const char *policy_tag;         /* "p", "sp" or "np" */
    bool test_mode;                 /* t=y */
    bool sampled_out;               /* lowered by honour_pct */
    bool has_record;
    struct mv_dmarc_record record;  /* when has_record */
    bool aligned_spf;
    bool aligned_dkim;
    struct mv_bytes aligned_sdid;   /* the first aligned passing d=, or empty */
    struct mv_bytes aligned_sdids[MV_DMARC_MAX_IDENTIFIERS]; /* all of them, as they came: one may be there twice */
    size_t aligned_sdid_count;
    struct mv_bytes queries[MV_DMARC_MAX_QUERIES]; /* consulted for the policy, in the RFC's order, without "_dmarc." */
    size_t query_count;
    const char *reason;  /* one sentence of ours without foreign text but normalised domains; never NULL */
    const char *section; /* "RFC 9989 5.3.5"; never NULL */
};

/* Asks ahead for the whole walk of the Author Domain and for its existence: as soon as the From field is known. */
void mv_dmarc_prefetch(struct mv_arena *arena, struct mv_bytes domain, struct mv_memo *memo);
/*
 * MV_OK: final.  MV_NEED_DNS when a record is missing in the memo or when a PENDING identifier could still decide.
 * trace may be NULL.
 */
enum mv_code mv_dmarc_evaluate(struct mv_arena *arena, const struct mv_dmarc_input *input, struct mv_memo *memo,
                               struct mv_trace *trace, struct mv_dmarc_result *result_r);

/* "pass", ... */
const char *mv_dmarc_code_text(enum mv_dmarc_code code);

#endif
