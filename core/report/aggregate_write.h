/*
 * Writing one aggregate report (RFC 9990), streaming: what core/report/aggregate.h reads.
 *
 *   mv_aggregate_write_begin(&head, out)
 *   mv_aggregate_write_record(&record, out) ...   at least one, at most MV_AGGREGATE_MAX_RECORDS
 *   mv_aggregate_write_end(out)
 *
 * Valid against the schema of RFC 9990 Appendix A whatever the texts hold: what XML cannot hold (control characters,
 * bytes that are no UTF-8) becomes "?", fields that are too long are cut, as the reader's limits say.
 * Not written: what the schema has no place for (pct, envelope_to unless it is set, SPF of HELO: the MAIL FROM
 * identity of a null reverse-path is postmaster@HELO and its scope is mfrom).
 */
#ifndef MV_REPORT_AGGREGATE_WRITE_H
#define MV_REPORT_AGGREGATE_WRITE_H

#include "core/base/buf.h"
#include "core/report/aggregate.h"

/* MV_ERR_USAGE: what must be said is missing (org_name, email, report_id, dates, domain, p). */
enum mv_code mv_aggregate_write_begin(const struct mv_aggregate_head *head, struct mv_buf *out);
enum mv_code mv_aggregate_write_record(const struct mv_aggregate_record *record, struct mv_buf *out);
enum mv_code mv_aggregate_write_end(struct mv_buf *out);

#endif
