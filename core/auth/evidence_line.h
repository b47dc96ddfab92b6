/*
 * What a receiver will have to report about one message: one line of JSON.
 *
 * Nothing more than a report says: no recipient, no subject, of the sender the
 * domain alone.  A message whose Author Domain has no DMARC record has no line.
 *
 *   border:    mv_evidence_line_of(verdict, ..., &line)    mv_evidence_line_print(&line, out)
 *   importer:  mv_evidence_line_parse(bytes, arena, &line)
 *
 * A line ends in LF and is at most MV_EVIDENCE_MAX_LINE_BYTES long; signatures and
 * the comment are left out, and the record is written short, before it would be longer.
 * What is printed is parsed to the same line.  Keys (all short, in this order):
 *
 *   v 1, t seconds, ip, from Author Domain, at policy domain, rec DMARC record as published,
 *   pub policy that applied before t=y, dmarc result, act what was done, why override,
 *   rep 1 when the message is a DMARC report itself (else left out), note comment,
 *   al aligned ("d", "s", "ds" or ""), spf [result, identity ("mfrom" or "helo"), domain],
 *   dkim [[result, domain, selector, alignment ("s" strict, "r" relaxed, "")], ...]
 *
 * An unknown key is skipped, so that servers of the next version can write to the
 * importer of this one.  Anything else that is not as above is MV_ERR_SYNTAX: lines
 * come from our own servers, and one that is torn or forged is refused and counted.
 */
#ifndef MV_AUTH_EVIDENCE_LINE_H
#define MV_AUTH_EVIDENCE_LINE_H

#include "core/auth/verdict.h"

#define MV_EVIDENCE_MAX_LINE_BYTES 4096
#define MV_EVIDENCE_MAX_DKIM MV_DMARC_MAX_IDENTIFIERS
#define MV_EVIDENCE_MAX_NOTE_BYTES 200

enum mv_evidence_alignment { MV_EVIDENCE_NOT_ALIGNED, MV_EVIDENCE_RELAXED, MV_EVIDENCE_STRICT };

struct mv_evidence_signature {
    enum mv_dkim_code result;
    struct mv_bytes domain;   /* normalised */
    struct mv_bytes selector; /* normalised */
    enum mv_evidence_alignment alignment; /* with the Author Domain, whatever the result */
};

/* Slices are borrowed. */
struct mv_evidence_line {
    int64_t time_secs;
    struct mv_ip client;           /* MV_IP_NONE where it is not known: no report can say it */
    struct mv_bytes author_domain; /* normalised */
    struct mv_bytes policy_domain; /* normalised */
    struct mv_bytes record;        /* as published: core/dmarc/record.h reads it */
    enum mv_dmarc_policy published;
    enum mv_dmarc_code result;
    enum mv_action action;         /* what became of the message, as far as we decide it */
    enum mv_override override;
    bool is_report;                /* the message is a DMARC report itself (core/auth/report_mark.h) */
    struct mv_bytes note;          /* our own words */
    bool aligned_dkim, aligned_spf;
    bool has_spf;
    enum mv_spf_code spf_result;
    bool spf_of_helo;              /* the null reverse-path: MAIL FROM is postmaster@HELO */
    struct mv_bytes spf_domain;    /* as MAIL FROM or HELO says it, normalised; may be empty */
    struct mv_evidence_signature dkim[MV_EVIDENCE_MAX_DKIM];
    size_t dkim_count;
};

/*
 * false: there is nothing to report.  action: what the front end did, which may be less than the verdict asks for.
 * line_r borrows from the verdict.
 */
bool mv_evidence_line_of(const struct mv_verdict *verdict, enum mv_action action, int64_t now_secs,
                         struct mv_evidence_line *line_r);
/* Appends one line. MV_ERR_MEMORY. Allocates nothing beside the buffer. */
enum mv_code mv_evidence_line_print(const struct mv_evidence_line *line, struct mv_buf *out);
/* bytes: one line with or without its LF. Slices borrow from bytes, or from the arena where there was an escape. */
enum mv_code mv_evidence_line_parse(struct mv_bytes bytes, struct mv_arena *arena, struct mv_evidence_line *line_r,
                                    struct mv_error *error);

#endif
