/*
 * What a receiver will have to report about one message: one line of JSON.
 *
 * Nothing more than a report says: no recipient, no subject, of the sender the domain alone.
 *
 *   border:    mv_evidence_line_of(verdict, ..., &line)    mv_evidence_line_print(&line, out)
 *   importer:  mv_evidence_line_parse(bytes, arena, &line)
 *
 * Keys, in this order, with no white space between:
 *
 *   v 1, t seconds, ip, from Author Domain, at policy domain, rec DMARC record as published,
 *   pub policy that applied before t=y, dmarc result, act what was done, why override,
 *   rep 1 when the message is a DMARC report itself, note comment,
 *   al aligned ("d", "s", "ds" or ""), spf [result, identity ("mfrom" or "helo"), domain],
 *   dkim [[result, domain, selector, alignment ("s" strict, "r" relaxed, "")], ...]
 *
 * why, rep, note, spf and dkim are left out when there is nothing to say.  A byte that is not printable ASCII is
 * written \u00XX, each for itself, so that whatever was published is read as the same bytes.
 *
 * A line ends in LF and is at most MV_EVIDENCE_MAX_LINE_BYTES long.  Before it would be longer, these go, in this
 * order: the note; of the record what does not count (mv_dmarc_record_print()); signatures, from the last; addresses
 * of the record, from the last.  What is printed whole is parsed to the same line.
 *
 * An unknown key is skipped, so that servers of the next version can write to the importer of this one.  Anything
 * else that is not as above, or does not hold together, is MV_ERR_SYNTAX: lines come from our own servers, and one
 * that is torn or forged is refused and counted.
 */
#ifndef MV_AUTH_EVIDENCE_LINE_H
#define MV_AUTH_EVIDENCE_LINE_H

#include "core/auth/verdict.h"

#define MV_EVIDENCE_MAX_LINE_BYTES 4096
#define MV_EVIDENCE_MAX_DKIM MV_DMARC_MAX_IDENTIFIERS
#define MV_EVIDENCE_MAX_NOTE_BYTES 200
#define MV_EVIDENCE_MAX_TIME_SECS 253402300799ll /* the last second of the year 9999 */
#define MV_EVIDENCE_MAX_DEPTH 8                   /* of the value of an unknown key */

enum mv_evidence_alignment { MV_EVIDENCE_NOT_ALIGNED, MV_EVIDENCE_RELAXED, MV_EVIDENCE_STRICT };

struct mv_evidence_signature {
    enum mv_dkim_code result;
    struct mv_bytes domain;   /* normalised */
    struct mv_bytes selector; /* normalised */
    /* With the Author Domain. STRICT: the same, whatever the result. RELAXED: another, of a pass that DMARC counts. */
    enum mv_evidence_alignment alignment;
};

/* Slices are borrowed. */
struct mv_evidence_line {
    int64_t time_secs;
    struct mv_ip client;           /* never MV_IP_NONE */
    struct mv_bytes author_domain; /* normalised */
    struct mv_bytes policy_domain; /* normalised */
    struct mv_bytes record;        /* as published: core/dmarc/record.h reads it */
    enum mv_dmarc_policy published; /* never NO_POLICY */
    enum mv_dmarc_code result;     /* pass, fail or temperror */
    enum mv_action action;         /* what became of the message, as far as we decide it */
    enum mv_override override;
    bool is_report;                /* the message is a DMARC report itself (core/auth/report_mark.h) */
    struct mv_bytes note;          /* why there is an override, in our own words */
    bool aligned_dkim, aligned_spf; /* one of them, when the result is pass; else neither */
    bool has_spf;
    enum mv_spf_code spf_result;
    bool spf_of_helo;              /* the null reverse-path: MAIL FROM is postmaster@HELO */
    struct mv_bytes spf_domain;    /* as MAIL FROM or HELO says it, normalised; may be empty */
    /* In the order of mv_evidence_rank(). Without d= it is left out. */
    struct mv_evidence_signature dkim[MV_EVIDENCE_MAX_DKIM];
    size_t dkim_count;
};

/*
 * false: there is nothing to report, since there is no Author Domain, no DMARC record, no client that is known, or
 * the message was deferred (it comes again).  action: what the front end did, which may be less than the verdict
 * asks for; that is told as local policy.  line_r borrows from the verdict.
 */
bool mv_evidence_line_of(const struct mv_verdict *verdict, enum mv_action action, int64_t now_secs,
                         struct mv_evidence_line *line_r);
/*
 * Appends one line.  MV_ERR_MEMORY; MV_ERR_LIMIT for names longer than a domain; then nothing is appended.
 * Allocates nothing beside the buffer, but for a record that has to be written short.
 */
enum mv_code mv_evidence_line_print(const struct mv_evidence_line *line, struct mv_buf *out);
/* RFC 9990 3.1.3: the lowest is told first: a strict pass, a relaxed one, another pass, the rest. */
unsigned mv_evidence_rank(const struct mv_evidence_signature *signature);
/* bytes: one line with or without its LF. Slices borrow from bytes, or from the arena where there was an escape. */
enum mv_code mv_evidence_line_parse(struct mv_bytes bytes, struct mv_arena *arena, struct mv_evidence_line *line_r,
                                    struct mv_error *error);

#endif
