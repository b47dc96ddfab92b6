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
    struct mv_bytes auid;       /* i= as written, or empty */
    struct mv_bytes selector;   /* s=, normalised */
    struct mv_bytes algorithm;  /* a= as written */
    struct mv_bytes value_text; /* b= without white space */
    unsigned key_bits;          /* 0 when no key was read */
    bool test_key;              /* the key has t=y */
    bool partial_body;          /* l= left octets of the body unsigned */
    const char *rule;           /* policy.dkim-rules=, for MV_DKIM_POLICY; a token */
    const char *reason;         /* one sentence, static or in the arena, without anything a stranger wrote; NULL for a plain pass */
    const char *section;        /* "RFC 6376 6.1.1" */
};

/* "pass", ... */
const char *mv_dkim_code_text(enum mv_dkim_code code);
bool mv_dkim_code_parse(struct mv_bytes text, enum mv_dkim_code *code_r);

#endif
