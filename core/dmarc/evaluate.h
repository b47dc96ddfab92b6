/*
 * DMARC of RFC 9989 as a pure function of the authenticated identifiers and the memo.
 */
#ifndef MV_DMARC_EVALUATE_H
#define MV_DMARC_EVALUATE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/trace.h"
#include "core/dmarc/record.h"
#include "core/dns/memo.h"

#define MV_DMARC_MAX_IDENTIFIERS 11 /* MAIL FROM, and one for each DKIM signature that is looked at */
#define MV_DMARC_MAX_QUERIES 8      /* of one walk, RFC 9989 4.10 */

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
};

struct mv_dmarc_result {
    enum mv_dmarc_code code;
    struct mv_bytes author_domain;
    struct mv_bytes policy_domain; /* where the applied record was found; empty without one */
    struct mv_bytes org_domain;    /* of the Author Domain; empty when the walk was not finished */
    enum mv_dmarc_policy published; /* of p, sp or np that applies, before t */
    enum mv_dmarc_policy effective; /* after t=y (RFC 9989 4.7) */
    const char *policy_tag;         /* "p", "sp" or "np" */
    bool test_mode;                 /* t=y */
    bool has_record;
    struct mv_dmarc_record record;  /* when has_record */
    bool aligned_spf;
    bool aligned_dkim;
    struct mv_bytes aligned_sdid;   /* the first aligned passing d=, or empty */
    struct mv_bytes queries[MV_DMARC_MAX_QUERIES]; /* consulted for the policy, in the RFC's order, without "_dmarc." */
    size_t query_count;
    const char *reason;  /* one sentence of ours without foreign text, or NULL */
    const char *section;
};

/* Asks ahead for the whole walk of a domain: as soon as the From field (a d=, a MAIL FROM) is known. */
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
