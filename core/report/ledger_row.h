/*
 * One row of the ledger: all that a report says of messages that are alike (RFC 9990 3.1.1), but their number.
 * Only core/report/ledger*.c include this.
 *
 * disposition   as done; of what passed: PASS where the published policy enforces, else NONE
 * reason        required where alignment failed and what was done is not what is published (3.1.1.9), and nowhere
 *               else; t=y does not change what is published
 * dkim          strictly aligned passes first, then relaxed ones, other passes, the rest (3.1.3); among these by
 *               domain, selector and result, so that the order in the message makes no other row.
 *               Lines "RESULT\tDOMAIN\tSELECTOR\n"
 * spf           of MAIL FROM (3.1.1.13).  Of a null reverse-path that is postmaster@HELO: its domain is that of HELO,
 *               and envelope_from is there and empty
 */
#ifndef MV_REPORT_LEDGER_ROW_H
#define MV_REPORT_LEDGER_ROW_H

#include "core/auth/evidence_line.h"
#include "core/report/aggregate.h"

/* Slices are borrowed. */
struct mv_ledger_row {
    struct mv_ip source;
    enum mv_report_disposition disposition;
    bool aligned_dkim, aligned_spf;
    enum mv_report_override reason; /* ABSENT: none */
    struct mv_bytes comment;
    struct mv_bytes header_from;
    bool has_envelope_from;
    struct mv_bytes envelope_from;
    enum mv_report_auth spf_result; /* ABSENT: none */
    struct mv_bytes spf_domain;
    struct mv_bytes dkim;
};

/* dkim: where that list is written. MV_ERR_SYNTAX: no report can say it. MV_ERR_MEMORY. */
enum mv_code mv_ledger_row_of(const struct mv_evidence_line *line, struct mv_buf *dkim, struct mv_ledger_row *row_r,
                              struct mv_error *error);
/* Octets that are the same for rows that are alike, and for no others. */
void mv_ledger_row_put(const struct mv_ledger_row *row, struct mv_buf *out);
void mv_ledger_row_record(const struct mv_ledger_row *row, uint64_t count, struct mv_aggregate_record *record_r);

#endif
