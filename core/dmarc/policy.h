/*
 * Which record speaks for the Author Domain, and what it asks for
 * (RFC 9989 4.10.1): discovery over a finished walk, the choice of p, sp and np
 * with the existence test that np needs (3.2.13, A.4), and records without a valid policy.
 */
#ifndef MV_DMARC_POLICY_H
#define MV_DMARC_POLICY_H

#include "core/dmarc/walk.h"

enum mv_dmarc_discovery {
    MV_DMARC_NO_RECORD,   /* nothing applies: no DMARC for this message */
    MV_DMARC_NOT_USABLE,  /* the record that would apply has no valid policy, and no rua: the same */
    MV_DMARC_DNS_ERROR,   /* an error of DNS hides it (walk->error) */
    MV_DMARC_APPLIES
};

struct mv_dmarc_choice {
    enum mv_dmarc_discovery discovery;
    const struct mv_dmarc_found *found; /* in the walk; NULL unless APPLIES or NOT_USABLE */
    enum mv_dmarc_policy policy;        /* of the tag, before t */
    const char *tag;                    /* "p", "sp" or "np" */
};

/* MV_NEED_DNS: the existence of the Author Domain is being asked for. */
enum mv_code mv_dmarc_choose(const struct mv_dmarc_walk *walk, struct mv_memo *memo, struct mv_trace *trace,
                             struct mv_dmarc_choice *choice_r);

#endif
