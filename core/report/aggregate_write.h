/*
 * Writing one aggregate report (RFC 9990), streaming: what core/report/aggregate.h reads.
 *
 *   mv_aggregate_write_begin(&head, out)
 *   mv_aggregate_write_record(&record, out) ...   at least one, at most MV_AGGREGATE_MAX_RECORDS
 *   mv_aggregate_write_end(out)
 *
 * Elements stand in the order of the RFC's own tables on every level, for readers that rely on it.
 *
 * Valid against the schema of RFC 9990 Appendix A whatever the texts hold: what XML cannot hold, and control
 * characters, become "?", tabs and line ends a space; fields that are too long are cut, as the reader's limits say.
 * Of names of domains, what could be read as anything else becomes "?", too, and a final dot goes.
 *
 * What the schema has no word for is said in the nearest one: a policy that is absent is none, as RFC 9989 4.7 has
 * it; an alignment or result that is not known is fail or none; SPF that was asked of HELO is left out (the MAIL FROM
 * identity of a null reverse-path is postmaster@HELO, and its scope is mfrom); reasons of RFC 7489 become "other",
 * their old word the beginning of the comment.  human_result goes first where the texts of a record are more than a
 * reader takes.
 * Not written at all: pct, and an empty envelope_to.
 */
#ifndef MV_REPORT_AGGREGATE_WRITE_H
#define MV_REPORT_AGGREGATE_WRITE_H

#include "core/base/buf.h"
#include "core/report/aggregate.h"

/*
 * An empty generator is "mailvouch/VERSION"; version is always 1.0.
 * MV_ERR_USAGE: what must be said is missing (org_name, email, domain), the dates are out of order, or the report_id is
 * not one of RFC 9990 3.5.1 (dot-atom-text [ "@" dot-atom-text ]).  MV_ERR_MEMORY: out has failed.
 */
enum mv_code mv_aggregate_write_begin(const struct mv_aggregate_head *head, struct mv_buf *out);
/* MV_ERR_USAGE: without source, header_from, or a count from 1 to MV_AGGREGATE_MAX_COUNT. Nothing is written then. */
enum mv_code mv_aggregate_write_record(const struct mv_aggregate_record *record, struct mv_buf *out);
enum mv_code mv_aggregate_write_end(struct mv_buf *out);

#endif
