/*
 * What a receiver keeps of one message for a failure report (RFC 9991): one line of JSON, redacted before it is
 * written (RFC 6590), so that neither the file nor the report says who wrote to whom.
 *
 *   border:    mv_failure_wanted(verdict) != 0, then mv_failure_line_of(...), mv_failure_line_print(...)
 *   importer:  mv_failure_line_parse() of core/report/failure_read.h
 *
 * No body, no Subject, no display name; of addresses the domain behind a keyed hash of the local part
 * (core/auth/redaction.h).  A line ends in LF and is at most MV_FAILURE_MAX_LINE_BYTES long: what is longer than the
 * limits below is left out, never cut.
 *
 * Keys, in this order:
 *
 *   v 1, t seconds, ip, want ["dmarc", "dkim", "spf"]: the reports that are asked for, from Author Domain, at policy
 *   domain, rec DMARC record, mf MAIL FROM redacted, id authserv-id, miss mechanisms that gave no aligned pass (as in
 *   want), res [one Authentication-Results value with one result for each of want], act what was done,
 *   dkim [failure, domain, selector, identity, 1 when aligned, else 0], spf [result, [[domain, record], ...]],
 *   hdr header block; dkim and spf are left out where they have nothing to say
 */
#ifndef MV_AUTH_FAILURE_LINE_H
#define MV_AUTH_FAILURE_LINE_H

#include "core/auth/redaction.h"
#include "core/auth/verdict.h"

#define MV_FAILURE_MAX_LINE_BYTES (16 * 1024)
#define MV_FAILURE_MAX_RECORD_BYTES 2048     /* a longer DMARC record is written without what we do not know of it */
#define MV_FAILURE_MAX_SPF_RECORDS_BYTES 4096 /* of all records of SPF */
#define MV_FAILURE_MAX_RESULT_BYTES 1024     /* of one Authentication-Results value; a longer one: no report of it */

/* The reports that may be asked for, and the mechanisms; MV_FAILURE_DMARC is the whole message's. */
enum mv_failure_kind {
    MV_FAILURE_DMARC = 1 << 0,
    MV_FAILURE_DKIM = 1 << 1,
    MV_FAILURE_SPF = 1 << 2
};
#define MV_FAILURE_KINDS 3

/* What is wrong with the signature (RFC 6591 3.3). */
enum mv_failure_signature { MV_FAILURE_NO_SIGNATURE, MV_FAILURE_BODYHASH, MV_FAILURE_REVOKED, MV_FAILURE_SIGNATURE };

/* Slices are borrowed. */
struct mv_failure_line {
    int64_t time_secs;
    struct mv_ip client;           /* always known */
    unsigned wanted;               /* enum mv_failure_kind bits */
    struct mv_bytes author_domain; /* normalised */
    struct mv_bytes policy_domain; /* normalised */
    struct mv_bytes record;        /* core/dmarc/record.h reads it */
    struct mv_bytes mail_from;     /* redacted; empty: the null reverse-path, or none that could be read */
    struct mv_bytes authserv_id;
    unsigned missing;              /* MV_FAILURE_DKIM, MV_FAILURE_SPF: gave no aligned pass (Identity-Alignment) */
    struct mv_bytes results[MV_FAILURE_KINDS]; /* by bit number; one line each, empty unless wanted */
    /* The signature that failed: an aligned one before others. */
    enum mv_failure_signature signature;
    bool signature_aligned;
    struct mv_bytes dkim_domain, dkim_selector;
    struct mv_bytes dkim_identity; /* i=, redacted; may be empty */
    bool has_spf;
    enum mv_spf_code spf_result;
    struct mv_spf_record_read spf_records[MV_SPF_MAX_RECORDS]; /* that were read, of an SPF that gave no aligned pass */
    size_t spf_record_count;
    enum mv_action action;         /* what became of the message, as far as we decide it */
    struct mv_bytes header;        /* redacted, lines end in CRLF */
};

/*
 * The reports that the owner asks for about this message (RFC 9989 4.7 fo), as enum mv_failure_kind bits; 0 without
 * ruf, for psd=y and records at a top-level domain (RFC 9991 2), without a client, and without an Author Domain.
 * An error of DNS (temperror) is nobody's failure, and a message that was deferred comes again: they are not reported;
 * nor are DMARC reports themselves (core/auth/report_mark.h).
 */
unsigned mv_failure_wanted(const struct mv_verdict *verdict);

/*
 * Is the message a report of another kind, or an answer of a machine to a machine?  Then it is never reported about
 * either: multipart/report, or Auto-Submitted (but "no") with the null reverse-path.
 */
bool mv_failure_is_answer(const struct mv_field *fields, size_t count, bool null_path);

/* Borrowed for the call. */
struct mv_failure_source {
    const struct mv_verdict *verdict;
    enum mv_action action;     /* what the front end did */
    struct mv_bytes mail_from; /* as given by the client */
    const struct mv_field *fields;
    size_t field_count;
    struct mv_bytes authserv_id;
    struct mv_bytes key;       /* for the redaction */
    int64_t now_secs;
};

/*
 * Everything in the arena, or borrowed from the source.  wanted is 0 where nothing is to be reported, or where a limit
 * leaves nothing to report; then nothing else counts.  MV_ERR_MEMORY, MV_ERR_CRYPTO.
 */
enum mv_code mv_failure_line_of(struct mv_arena *arena, const struct mv_failure_source *source,
                                struct mv_failure_line *line_r);
/* Appends one line. MV_ERR_MEMORY; MV_ERR_LIMIT when it would be too long: then nothing is appended. */
enum mv_code mv_failure_line_print(const struct mv_failure_line *line, struct mv_buf *out);

/* "dmarc", "dkim", "spf"; "" for several or none. */
const char *mv_failure_kind_text(unsigned kind);
/* "bodyhash", "revoked", "signature"; "" for NO_SIGNATURE. */
const char *mv_failure_signature_text(enum mv_failure_signature signature);

#endif
