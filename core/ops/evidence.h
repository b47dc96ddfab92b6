/*
 * What aggregate reports say about the mail of one domain, row by row, gathered
 * by the address that sent it.
 *
 *   mv_evidence_new(...)
 *   mv_evidence_add(evidence, &row)     for each row, in any order
 *   mv_evidence_sources(...), _totals(), _since()
 *
 * A row is what a report says in one of its records; whoever reads reports fills
 * it (cli/dmarc/reports.c from core/report/aggregate.h).  Rows of other domains,
 * of before the window and of after now are left out, but for mv_evidence_since(), which
 * looks further back.  Texts are what strangers wrote.
 *
 * Not checked: whether a report is true, or was given twice.
 */
#ifndef MV_OPS_EVIDENCE_H
#define MV_OPS_EVIDENCE_H

#include "core/base/error.h"
#include "core/ops/stage_step.h"
#include "core/text/ip.h"

#define MV_EVIDENCE_MAX_SOURCES 20000 /* addresses; the mail of more counts in the totals alone */
#define MV_EVIDENCE_MAX_WINDOW_DAYS 60
#define MV_EVIDENCE_MAX_DAYS 800     /* that mv_evidence_since() looks back */
#define MV_EVIDENCE_MAX_REPORTERS 4  /* of one source, that are told apart */
#define MV_EVIDENCE_MAX_SELECTORS 64 /* of the domain, with signatures that pass */
#define MV_DAY_SECS 86400

struct mv_evidence_dkim {
    struct mv_bytes domain, selector;
    bool pass;
};

/* Borrowed for the call. */
struct mv_evidence_row {
    struct mv_ip source;
    uint64_t count;
    int64_t begin_secs, end_secs; /* of the report */
    struct mv_bytes reporter;
    struct mv_bytes header_from;
    enum mv_dmarc_policy disposition; /* what was done: NONE also where it passed */
    bool dkim_aligned, spf_aligned;   /* passed, and aligned: one of them is enough */
    bool forwarded;                   /* the reporter says so: forwarder, mailing list */
    struct mv_bytes spf_domain;       /* of MAIL FROM; may be empty */
    bool spf_pass;
    const struct mv_evidence_dkim *dkim;
    size_t dkim_count;
    enum mv_stage_step published; /* the record, as the reporter saw it; MV_STAGE_STEPS: it does not say */
};

enum mv_evidence_author { MV_EVIDENCE_OWN, MV_EVIDENCE_BELOW, MV_EVIDENCE_AUTHORS };

/* All mail of one address in the window. Texts of the first failing rows that had them; in the arena. */
struct mv_evidence_source {
    struct mv_ip ip;
    uint64_t messages;
    uint64_t failed[MV_EVIDENCE_AUTHORS]; /* From the domain itself, or a name below it */
    uint64_t forwarded;                   /* of the failed */
    uint64_t hit;                         /* of the failed: quarantined or rejected */
    unsigned days;                        /* on which it failed */
    int64_t last_failed_secs;             /* end of the last report with failing mail; 0: never */
    int64_t last_passed_secs;             /* begin of the last one with mail that passed; 0: never */
    unsigned reporters;                   /* of the failed, at most MV_EVIDENCE_MAX_REPORTERS */
    struct mv_bytes header_from;
    struct mv_bytes spf_domain;               /* of MAIL FROM */
    bool spf_pass;                            /* for spf_domain */
    struct mv_bytes signer;                   /* d= of a signature that passes, of somebody else; may be empty */
    struct mv_bytes own_signer, own_selector; /* a signature of the domain's own that fails; may be empty */
    bool own_selector_passes;                 /* elsewhere: the key is in use; set by mv_evidence_sources() */
    uint64_t day_bits;                        /* private */
    struct mv_bytes reporter_names[MV_EVIDENCE_MAX_REPORTERS]; /* private */
};

#define MV_EVIDENCE_MAX_MESSAGES (UINT64_MAX / 4) /* that are counted */

struct mv_evidence_totals {
    uint64_t messages, passed, failed;
    uint64_t spf_only; /* passed, but not by DKIM */
    uint64_t reports_rows;
    unsigned days;     /* of the window, with at least one report */
    int64_t last_secs; /* end of the latest report; 0: none */
    uint64_t unlisted; /* messages of addresses past the limit */
};

struct mv_evidence;

/* domain is normalised. window_days at most MV_EVIDENCE_MAX_WINDOW_DAYS. NULL without memory. */
struct mv_evidence *mv_evidence_new(struct mv_arena *arena, struct mv_bytes domain, int64_t now_secs,
                                    unsigned window_days);
/* MV_ERR_MEMORY. */
enum mv_code mv_evidence_add(struct mv_evidence *evidence, const struct mv_evidence_row *row);

/* Those with most failed messages first, then those with most messages; sorted by the call. */
struct mv_evidence_source *mv_evidence_sources(struct mv_evidence *evidence, size_t *count_r);
const struct mv_evidence_totals *mv_evidence_totals(const struct mv_evidence *evidence);
/*
 * Since when all reports show this step, at the latest: the end of the first report of the run that reaches to the
 * latest one; and on how many days of it there were reports.  0 and 0 when the latest ones show another step.
 */
int64_t mv_evidence_since(const struct mv_evidence *evidence, enum mv_stage_step step, unsigned *days_r);

#endif
