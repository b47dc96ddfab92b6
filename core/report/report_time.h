/*
 * Points of time as reports write them, in UTC.
 */
#ifndef MV_REPORT_REPORT_TIME_H
#define MV_REPORT_REPORT_TIME_H

#include <stdint.h>

#include "core/base/buf.h"

#define MV_REPORT_MAX_SECS 253402300799 /* the end of the year 9999 */

/*
 * Seconds since 1970, with a fraction or without, which is dropped; or
 * "2026-11-22T00:00:00Z" (RFC 3339), also with a space for the T, without its
 * Z, with "+00:00" or another offset, and with a fraction.
 */
bool mv_report_time_parse(struct mv_bytes text, int64_t *secs_r);
/* "2026-11-22T00:00:00Z" */
void mv_report_time_print(int64_t secs, struct mv_buf *out);
/* "2026-11-22" */
void mv_report_day_print(int64_t secs, struct mv_buf *out);
/* "20261122", without a NUL */
void mv_report_day_digits(int64_t secs, char digits_r[8]);
/* "Sun, 22 Nov 2026 00:00:00 +0000" (RFC 5322 3.3) */
void mv_report_date_print(int64_t secs, struct mv_buf *out);

#endif
