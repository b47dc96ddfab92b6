/*
 * What one DKIM signature came to: the vocabulary of RFC 8601 2.7.1.
 */
#ifndef MV_DKIM_RESULT_H
#define MV_DKIM_RESULT_H

#include "core/base/bytes.h"

enum mv_dkim_code {
    MV_DKIM_NONE = 0,  /* no signature */
    MV_DKIM_PASS,
    MV_DKIM_FAIL,      /* body hash or signature do not match */
    MV_DKIM_POLICY,    /* right, or could be, but not acceptable here */
    MV_DKIM_NEUTRAL,   /* does not parse */
    MV_DKIM_TEMPERROR, /* the key could not be asked for */
    MV_DKIM_PERMERROR  /* cannot ever be verified */
};

/* Slices live in the message's arena, or are static. */
struct mv_dkim_result {
    enum mv_dkim_code code;
    struct mv_bytes sdid;       /* d=, normalised; empty when unreadable */
    struct mv_bytes auid;       /* i= as written without FWS, or empty */
    struct mv_bytes selector;   /* s=, normalised */
    struct mv_bytes algorithm;  /* a= as written */
    struct mv_bytes value_text; /* b= without white space */
    unsigned key_bits;          /* 0 when no key was read */
    bool test_key;              /* the key has t=y */
    bool partial_body;          /* l= left octets of the body unsigned */
    bool body_differs;          /* the body hash does not match */
    bool key_revoked;           /* the key record says that it is no more */
    const char *rule;           /* policy.dkim-rules=, for MV_DKIM_POLICY; a token */
    const char *reason;         /* one sentence without anything a stranger wrote; NULL for a plain pass */
    const char *section;        /* "RFC 6376 6.1.1" */
};

/* Gives the result a value; the texts are static or in the arena. The second is for MV_DKIM_POLICY. */
void mv_dkim_conclude(struct mv_dkim_result *result, enum mv_dkim_code code, const char *section, const char *reason);
void mv_dkim_conclude_policy(struct mv_dkim_result *result, const char *rule, const char *section, const char *reason);

/* "pass", ... */
const char *mv_dkim_code_text(enum mv_dkim_code code);
/* In any case, as RFC 8601 keywords are. */
bool mv_dkim_code_parse(struct mv_bytes text, enum mv_dkim_code *code_r);

#endif
