/*
 * One run of an evaluation: what its steps share.  Internal to core/spf.
 *
 * A run does not stop at the first question that has no answer.  It goes on as
 * if the term did not match, only to ask ahead (status is MV_NEED_DNS from then
 * on): so the look-ahead follows the same path, the same limits and the same
 * early ends as the evaluation, because it is the same code.  What such a run
 * finds is dropped; the run that finds every answer decides.
 *
 * The limit of lookups bounds everything in a run: records read, depth of
 * includes and redirects, and, with the limits of mx and ptr, questions asked.
 * Over all runs, what is asked ahead is bounded by MV_MEMO_MAX_AHEAD.
 */
#ifndef MV_SPF_CHECK_H
#define MV_SPF_CHECK_H

#include "core/spf/evaluate.h"
#include "core/spf/macro.h"
#include "core/spf/record.h"

enum mv_spf_match {
    MV_SPF_NO_MATCH,
    MV_SPF_MATCH,
    MV_SPF_UNKNOWN, /* an answer is missing: looking ahead, go on */
    MV_SPF_THROW    /* temperror or permerror, in check->thrown: ends the evaluation */
};

struct mv_spf_check {
    struct mv_arena *arena;
    struct mv_memo *memo;
    struct mv_trace *trace; /* NULL also when looking ahead */
    const struct mv_spf_request *request;
    struct mv_spf_macro_values values; /* domain and validated change with each expansion */
    bool local_part_is_ascii;
    struct mv_buf scratch;   /* for one expansion or one text at a time */
    enum mv_code status;     /* MV_OK, MV_NEED_DNS, or an error of ours */
    enum mv_spf_code thrown;
    bool void_is_counted;    /* a term counts at most once; nothing counts before the first and after the last */
    unsigned include_depth;  /* matches inside an include are not those of the message */
    struct mv_spf_record_read *records;
    struct mv_spf_term exp;  /* of the record that said fail; kind ABSENT when there is none */
    struct mv_bytes exp_domain;
    struct mv_spf_result result;
};

/* A domain and its record. */
struct mv_spf_host {
    struct mv_bytes domain;
    struct mv_spf_record record;
};

/* Ends the evaluation with temperror or permerror. reason may be NULL (no memory for it). Returns MV_SPF_THROW. */
enum mv_spf_match mv_spf_throw(struct mv_spf_check *check, enum mv_spf_code code, const char *section,
                               const char *reason);
/* Our own failure: no result. Returns MV_SPF_THROW. */
enum mv_spf_match mv_spf_abort(struct mv_spf_check *check, enum mv_code code);
/* The name if it may stand in a sentence of ours, else a description. */
struct mv_bytes mv_spf_name_in_reason(struct mv_bytes name);

/* lookup.c: questions and their limits (RFC 7208 4.6.4) */

/* Counts a term that is about to ask. MV_SPF_MATCH: go on. */
enum mv_spf_match mv_spf_spend(struct mv_spf_check *check, const struct mv_spf_term *term);
/* The answer, or NULL: not known yet. */
const struct mv_dns_answer *mv_spf_ask(struct mv_spf_check *check, struct mv_bytes name, enum mv_dns_type type);
/* Counts a lookup that found nothing. MV_SPF_NO_MATCH, or the limit is passed. */
enum mv_spf_match mv_spf_count_void(struct mv_spf_check *check);
/* DNS did not answer. */
enum mv_spf_match mv_spf_throw_dns(struct mv_spf_check *check, const char *section, struct mv_bytes name,
                                   enum mv_dns_type type, const struct mv_dns_answer *answer);
/* Asks for a term. MV_SPF_MATCH: *answer_r has records. */
enum mv_spf_match mv_spf_fetch(struct mv_spf_check *check, struct mv_bytes name, enum mv_dns_type type,
                               const struct mv_dns_answer **answer_r);
/* A, or AAAA, as the client is. */
enum mv_dns_type mv_spf_address_type(const struct mv_spf_check *check);

/* target.c: the name that a term means (RFC 7208 4.8, 7.3) */

/* MV_SPF_MATCH: *name_r is in lower case, without a final dot, in the arena. It may hold any byte. */
enum mv_spf_match mv_spf_target(struct mv_spf_check *check, struct mv_bytes domain, const struct mv_spf_term *term,
                                struct mv_bytes *name_r);

/* ptr.c: names of the client that lead back to it (RFC 7208 5.5) */

/* One of them is the target or lies below it. */
enum mv_spf_match mv_spf_ptr_match(struct mv_spf_check *check, struct mv_bytes target);
/* %{p}: MV_SPF_MATCH: *name_r is the name, or "unknown". */
enum mv_spf_match mv_spf_ptr_name(struct mv_spf_check *check, struct mv_bytes domain, struct mv_bytes *name_r);

/* select.c: MV_SPF_MATCH: *text_r is the domain's record. MV_SPF_NO_MATCH: it has none; *reason_r says why. */
enum mv_spf_match mv_spf_find_record(struct mv_spf_check *check, struct mv_bytes domain, struct mv_bytes *text_r,
                                     const char **reason_r);
/* Checks the whole of it (RFC 7208 4.6). */
enum mv_spf_match mv_spf_read_record(struct mv_spf_check *check, struct mv_bytes domain, struct mv_bytes text,
                                     struct mv_spf_record *record_r);

/* mechanism.c */
enum mv_spf_match mv_spf_match_term(struct mv_spf_check *check, const struct mv_spf_host *host,
                                    const struct mv_spf_term *term);

/* evaluate.c: check_host() of RFC 7208 4, inside an include or redirect too. */
enum mv_spf_code mv_spf_check_host(struct mv_spf_check *check, struct mv_bytes domain);

/* explanation.c: fills result.explanation. */
void mv_spf_explain(struct mv_spf_check *check);

/* identity.c: fills values and result.domain. false: there is nothing to check, and *reason_r says why. */
bool mv_spf_identify(struct mv_spf_check *check, const char **reason_r);

#endif
