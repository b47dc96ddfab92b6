/*
 * Whatever brings reports, from bytes to rows: XML, JSON, gzip, zip, and a mail
 * with any of these in it.  What it is is told from the bytes, not from names.
 *
 *   mv_intake_new(&sink)
 *   mv_intake_feed(intake, bytes) ...   one file, or one mail (lines end in CRLF or LF)
 *   mv_intake_end(intake)
 *   mv_intake_free(&intake)
 *
 * For each report the sink gets begin, rows, end.  end says whether the report
 * was whole: until then rows are not to be relied on.  What holds no report, or
 * cannot be unpacked, gets an end alone, of kind NONE; a part of a mail, or a file
 * in a zip file, that is none is passed over where there is another one.
 *
 * Only a sink that fails, and missing memory, end the whole.
 *
 * Not done here: finding out who sent the mail.
 */
#ifndef MV_REPORT_INTAKE_H
#define MV_REPORT_INTAKE_H

#include "core/report/aggregate.h"
#include "core/report/failure.h"
#include "core/report/tlsrpt.h"

#define MV_INTAKE_MAX_DEPTH 4 /* mail, zip, gzip and report within each other */
#define MV_INTAKE_MAX_REPORTS 1000 /* of one file; what comes behind them is not read, and the last end says so */
#define MV_INTAKE_MAX_NAME_BYTES 255

enum mv_report_kind { MV_REPORT_KIND_NONE, MV_REPORT_AGGREGATE, MV_REPORT_FAILURE, MV_REPORT_TLS };

struct mv_intake_item {
    enum mv_report_kind kind;
    struct mv_bytes name; /* of the file within the mail or zip file, as written; may be empty. A longer one is cut */
    bool in_mail;
    bool in_attached_mail; /* whoever sent the mail did not make the report */
};

struct mv_intake_sink {
    enum mv_code (*begin)(void *to, const struct mv_intake_item *item);
    enum mv_code (*head)(void *to, const struct mv_aggregate_head *head);
    enum mv_code (*record)(void *to, const struct mv_aggregate_head *head, const struct mv_aggregate_record *record);
    enum mv_code (*failure)(void *to, const struct mv_failure *failure);
    enum mv_code (*tls_policy)(void *to, const struct mv_tls_head *head, const struct mv_tls_policy *policy);
    enum mv_code (*tls_failure)(void *to, const struct mv_tls_head *head, const struct mv_tls_policy *policy,
                                const struct mv_tls_failure *failure);
    /* fault->code MV_OK: the report was whole. totals: of an aggregate report, else NULL. */
    enum mv_code (*end)(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                        const struct mv_aggregate_totals *totals);
    void *to;
};

struct mv_intake;

/* sink is copied. NULL without memory. */
struct mv_intake *mv_intake_new(const struct mv_intake_sink *sink);
/* What the sink answers, or MV_ERR_MEMORY. After an error it stays failed. */
enum mv_code mv_intake_feed(struct mv_intake *intake, struct mv_bytes bytes);
enum mv_code mv_intake_end(struct mv_intake *intake);
void mv_intake_free(struct mv_intake **intake);

/* Do the first bytes of a file look like a mail's: a field, or the line that mbox puts before one? */
bool mv_intake_is_mail(struct mv_bytes peek);

/* "aggregate", "failure", "tls"; "" for NONE. */
const char *mv_report_kind_text(enum mv_report_kind kind);

#endif
