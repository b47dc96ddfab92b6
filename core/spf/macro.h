/*
 * Macro strings of RFC 7208 7: checked first, expanded later.
 *
 * Texts borrow; nothing is copied.  What comes out of an expansion was written
 * by strangers (domain owner, client) and may hold any byte.
 */
#ifndef MV_SPF_MACRO_H
#define MV_SPF_MACRO_H

#include "core/base/buf.h"
#include "core/base/error.h"

/* More is refused: a name of DNS has 253 bytes. */
#define MV_SPF_MAX_EXPANSION_BYTES (64 * 1024)

enum mv_spf_macro_use {
    MV_SPF_MACRO_IN_DOMAIN, /* a domain-spec, or the value of an unknown modifier */
    MV_SPF_MACRO_IN_EXP     /* the text of an explanation: spaces, and the letters c, r and t (RFC 7208 7.2) */
};

/* Sets of letters that a text uses. */
enum {
    MV_SPF_USES_LOCAL_PART = 1 << 0, /* s or l */
    MV_SPF_USES_PTR = 1 << 1         /* p */
};

/* What the letters stand for. Borrowed. */
struct mv_spf_macro_values {
    struct mv_bytes sender;        /* s */
    struct mv_bytes local_part;    /* l */
    struct mv_bytes sender_domain; /* o */
    struct mv_bytes domain;        /* d */
    struct mv_bytes ip_dotted;     /* i: four numbers, or 32 nibbles */
    struct mv_bytes ip_text;       /* c */
    struct mv_bytes ip_version;    /* v: "in-addr" or "ip6" */
    struct mv_bytes validated;     /* p */
    struct mv_bytes helo;          /* h */
    struct mv_bytes receiver;      /* r */
    struct mv_bytes now;           /* t */
};

/*
 * NULL when text is a macro-string (for an explanation: an explain-string), and
 * *uses_r the set of letters in it; else one sentence that says what is wrong.
 */
const char *mv_spf_macro_fault(struct mv_bytes text, enum mv_spf_macro_use use, unsigned *uses_r);
/* The same for a domain-spec, which must end in a top label or in a macro (RFC 7208 7.1). */
const char *mv_spf_domain_spec_fault(struct mv_bytes text, unsigned *uses_r);

/*
 * Appends the expansion of a text that has been checked.  MV_ERR_LIMIT past
 * MV_SPF_MAX_EXPANSION_BYTES, MV_ERR_MEMORY when out fails, MV_ERR_SYNTAX for a
 * text that the check refuses: then what was appended is not to be used.
 */
enum mv_code mv_spf_macro_expand(struct mv_bytes text, const struct mv_spf_macro_values *values, struct mv_buf *out);

#endif
