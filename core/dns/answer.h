/*
 * DNS questions and answers as the checks see them.
 *
 * An answer has followed its CNAMEs and holds only records of the type that was
 * asked for.  Names are presentation form in lower case without a final dot.
 */
#ifndef MV_DNS_ANSWER_H
#define MV_DNS_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/bytes.h"

enum mv_dns_type {
    MV_DNS_A = 1,
    MV_DNS_NS = 2,
    MV_DNS_CNAME = 5,
    MV_DNS_SOA = 6,
    MV_DNS_PTR = 12,
    MV_DNS_MX = 15,
    MV_DNS_TXT = 16,
    MV_DNS_AAAA = 28
};

enum mv_dns_status {
    MV_DNS_FOUND = 0, /* NOERROR with at least one record of the type */
    MV_DNS_NODATA,    /* NOERROR without one: the name exists (RFC 2308 2.2) */
    MV_DNS_NXDOMAIN,  /* the name, and all below it, does not exist (RFC 8020) */
    MV_DNS_SERVFAIL,  /* SERVFAIL, or any other rcode, or an answer that does not parse, or a CNAME loop */
    MV_DNS_REFUSED,
    MV_DNS_TIMEOUT,   /* no answer before the deadline, or no server to ask */
    MV_DNS_LIMIT      /* MV_MEMO_MAX_QUESTIONS reached: was not asked */
};

/* Neither "there is" nor "there is not": the three error results, and LIMIT. */
bool mv_dns_is_error(enum mv_dns_status status);

struct mv_dns_record {
    /*
     * TXT: character-strings joined. A, AAAA: 4 or 16 octets.
     * MX, PTR, NS, CNAME, SOA (its server): the name ("" is the root).
     */
    struct mv_bytes data;
    /* TXT: the RDATA with its length octets. */
    struct mv_bytes rdata;
    unsigned preference; /* MX */
};

struct mv_dns_answer {
    enum mv_dns_status status;
    bool secure;       /* the resolver set AD */
    uint32_t ttl_secs; /* smallest on the way, CNAMEs included */
    size_t count;
    const struct mv_dns_record *records;
    uint32_t negative_secs; /* of NODATA and NXDOMAIN: how long it may be kept (RFC 2308 5); 0: not at all */
};

struct mv_dns_question {
    struct mv_bytes name;
    enum mv_dns_type type;
};

/* "TXT", ...; "TYPE99" never occurs: the enum is closed. */
const char *mv_dns_type_text(enum mv_dns_type type);
bool mv_dns_type_parse(struct mv_bytes text, enum mv_dns_type *type_r);
/* "NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", "TIMEOUT" (FOUND and NODATA are NOERROR, LIMIT is SERVFAIL). */
const char *mv_dns_status_rcode(enum mv_dns_status status);
/* For people: "no such name", "timed out", ... */
const char *mv_dns_status_text(enum mv_dns_status status);

#endif
