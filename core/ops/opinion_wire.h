/*
 * What the command and its second opinion say to each other: one request on the
 * helper's standard input, one reply on its standard output.
 *
 * Both ends take the other for a stranger: every length is checked, what is left
 * over is a fault, and limits are named here.  Numbers are big-endian; a text is
 * its length in 4 octets and its octets.
 */
#ifndef MV_OPS_OPINION_WIRE_H
#define MV_OPS_OPINION_WIRE_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/dmarc/evaluate.h"
#include "core/dns/memo.h"
#include "core/spf/evaluate.h"

#define MV_OPINION_MAX_REQUEST_BYTES (16 * 1024 * 1024)
#define MV_OPINION_MAX_REPLY_BYTES 4096
#define MV_OPINION_MAX_ANSWERS MV_MEMO_MAX_QUESTIONS
#define MV_OPINION_MAX_RECORDS 512    /* of one answer */
#define MV_OPINION_MAX_TEXT_BYTES 65535
#define MV_OPINION_MAX_SAID_BYTES 500 /* of a library's own words */

enum mv_opinion_kind { MV_OPINION_SPF = 1, MV_OPINION_DMARC = 2 };

/* A question and its answer, as a memo holds them. */
struct mv_opinion_answer {
    struct mv_dns_question question;
    struct mv_dns_answer answer;
};

struct mv_opinion_request {
    enum mv_opinion_kind kind;
    struct mv_ip ip;           /* SPF, and these three */
    struct mv_bytes helo;
    struct mv_bytes mail_from; /* without <>; "" is the null reverse-path */
    struct mv_bytes receiver;
    struct mv_bytes author_domain; /* DMARC, and what passed */
    struct mv_dmarc_identifier identifiers[MV_DMARC_MAX_IDENTIFIERS];
    size_t identifier_count;
    const struct mv_opinion_answer *answers;
    size_t answer_count;
};

/*
 * ASKS: there is no answer to this question in the request; ask again with it.
 * REFUSES: the helper cannot work; said says why.
 */
enum mv_opinion_word { MV_OPINION_SAYS = 1, MV_OPINION_ASKS = 2, MV_OPINION_REFUSES = 3 };

/* libspf2's error codes, as far as a difference is explained by one. */
enum mv_opinion_error {
    MV_OPINION_ERROR_NONE = 0,
    MV_OPINION_ERROR_OTHER,
    MV_OPINION_ERROR_DNS,       /* SPF_E_DNS_ERROR */
    MV_OPINION_ERROR_LOOKUPS,   /* SPF_E_BIG_DNS */
    MV_OPINION_ERROR_CIDR,      /* SPF_E_INVALID_CIDR */
    MV_OPINION_ERROR_CHARACTER, /* SPF_E_INVALID_CHAR */
    MV_OPINION_ERROR_RECURSION, /* SPF_E_RECURSIVE */
    MV_OPINION_ERROR_SIZE       /* SPF_E_BIG_STRING, SPF_E_BIG_MECH, SPF_E_BIG_MOD */
};

struct mv_opinion_reply {
    enum mv_opinion_word word;
    enum mv_opinion_kind kind;
    struct mv_dns_question question; /* ASKS */
    struct mv_bytes said;            /* a library's own words, or empty */
    enum mv_spf_code spf;
    bool spf_invalid;              /* the result is libspf2's "(invalid)", which no ACL names; spf is permerror */
    enum mv_opinion_error error;
    enum mv_dmarc_code dmarc;
    enum mv_dmarc_policy policy;  /* what OpenDMARC would apply; NO_POLICY unless dmarc is fail */
    unsigned pct;                 /* to which share of the messages that fail, 0 to 100 */
    bool aligned_dkim, aligned_spf;
    struct mv_bytes policy_domain; /* libopendmarc's "utilized domain" */
    struct mv_bytes org_domain;    /* of the Author Domain by the public suffix list (RFC 7489 3.2), or empty */
    bool suffix_listed;            /* the list has a rule for its top-level domain */
};

/* MV_ERR_LIMIT when it is beyond a limit. */
enum mv_code mv_opinion_request_write(const struct mv_opinion_request *request, struct mv_buf *out);
/* Slices borrow from the bytes. MV_ERR_SYNTAX, MV_ERR_MEMORY. */
enum mv_code mv_opinion_request_read(struct mv_arena *arena, struct mv_bytes bytes,
                                     struct mv_opinion_request *request_r);
enum mv_code mv_opinion_reply_write(const struct mv_opinion_reply *reply, struct mv_buf *out);
/* Slices borrow from the bytes. MV_ERR_SYNTAX. */
enum mv_code mv_opinion_reply_read(struct mv_bytes bytes, struct mv_opinion_reply *reply_r);

#endif
