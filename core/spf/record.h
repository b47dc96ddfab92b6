/*
 * SPF records: text to terms and back (RFC 7208 4.5, 4.6.1, 5, 6 and 12).
 *
 * mv_spf_record_parse() checks the whole record, as RFC 7208 4.6 wants it done
 * before anything is evaluated.  It keeps no list: terms are read out of the
 * text again by mv_spf_record_next(), so that a record costs no memory however
 * many terms it has.  Everything borrows from the text.
 *
 * Not checked here: what macros expand to, limits of evaluation (4.6.4), and
 * whether it is wise.
 */
#ifndef MV_SPF_RECORD_H
#define MV_SPF_RECORD_H

#include "core/base/buf.h"
#include "core/text/ip.h"

/* RFC 7208 3.4 asks for 512 and sets no end; more than 4096 hardly travels. */
#define MV_SPF_MAX_RECORD_BYTES (16 * 1024)

enum mv_spf_kind {
    MV_SPF_TERM_ABSENT = 0,
    MV_SPF_TERM_ALL,
    MV_SPF_TERM_INCLUDE,
    MV_SPF_TERM_A,
    MV_SPF_TERM_MX,
    MV_SPF_TERM_PTR,
    MV_SPF_TERM_IP4,
    MV_SPF_TERM_IP6,
    MV_SPF_TERM_EXISTS,
    MV_SPF_TERM_REDIRECT,
    MV_SPF_TERM_EXP,
    MV_SPF_TERM_OTHER /* a modifier that RFC 7208 does not know: ignored (6) */
};

struct mv_spf_term {
    enum mv_spf_kind kind;
    char qualifier;              /* '+', '-', '~', '?'; 0 for a modifier */
    struct mv_bytes text;        /* the term as written */
    struct mv_bytes name;        /* as written, without the qualifier */
    struct mv_bytes domain_spec; /* macro string as written; empty when there is none. OTHER: its value */
    unsigned uses;               /* MV_SPF_USES_*: letters in domain_spec */
    struct mv_ip network;        /* IP4, IP6. The family of IP6 is MV_IP_V6 even for a mapped address */
    unsigned prefix4_bits;       /* A, MX, IP4; 32 when not written */
    unsigned prefix6_bits;       /* A, MX, IP6; 128 when not written */
};

struct mv_spf_record {
    struct mv_bytes text;
    size_t term_count;
    bool has_all;                /* then redirect is ignored (RFC 7208 5.1) */
    struct mv_spf_term redirect; /* kind ABSENT when there is none */
    struct mv_spf_term exp;      /* kind ABSENT when there is none */
};

/* For those who have more to say than the sentence. */
enum mv_spf_fault_kind {
    MV_SPF_FAULT_OTHER = 0, /* a macro, or a domain that cannot be one */
    MV_SPF_FAULT_LONG,
    MV_SPF_FAULT_BYTE,
    MV_SPF_FAULT_NAME,
    MV_SPF_FAULT_QUALIFIER,
    MV_SPF_FAULT_UNKNOWN,
    MV_SPF_FAULT_TRAILING,
    MV_SPF_FAULT_NO_DOMAIN,
    MV_SPF_FAULT_PREFIX,
    MV_SPF_FAULT_ADDRESS,
    MV_SPF_FAULT_ADDRESS_AS_DOMAIN,
    MV_SPF_FAULT_TWICE
};

/* What is wrong with a record. */
struct mv_spf_fault {
    enum mv_spf_fault_kind kind;
    const char *reason;   /* one sentence */
    const char *section;  /* "RFC 7208 5.6" */
    struct mv_bytes term; /* the faulty term, borrowed from the text; empty when it is the record as a whole */
};

/* Begins with "v=spf1" and a space, or is just that (RFC 7208 4.5). */
bool mv_spf_record_is(struct mv_bytes text);
/* false: *fault_r says why, which makes the result permerror. text must satisfy mv_spf_record_is(). */
bool mv_spf_record_parse(struct mv_bytes text, struct mv_spf_record *record_r, struct mv_spf_fault *fault_r);

/* Walks over the terms, modifiers included, in the order of the record; false past the last. */
struct mv_cursor mv_spf_record_walk(const struct mv_spf_record *record);
bool mv_spf_record_next(struct mv_cursor *walk, struct mv_spf_term *term_r);

/* Asks DNS when it is evaluated, and so counts (RFC 7208 4.6.4). */
bool mv_spf_term_asks(enum mv_spf_kind kind);
/* "RFC 7208 5.3" */
const char *mv_spf_term_section(enum mv_spf_kind kind);

/* The shortest text with the same meaning: names in lower case, no "+", no default prefix; macros as written. */
void mv_spf_term_print(const struct mv_spf_term *term, struct mv_buf *out);
void mv_spf_record_print(const struct mv_spf_record *record, struct mv_buf *out);

#endif
