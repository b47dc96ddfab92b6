/*
 * Failure reports (RFC 9991): one mail for each case of the ledger, report that is asked for, and ruf address.
 *
 * A case is told when its hour has been over for MV_SEND_FAILURE_WAIT_SECS, with the number of failures that were
 * alike, and not any more when MV_SEND_FAILURE_AGE_SECS have passed since.  Mails pass the same gate as aggregate
 * reports, with caps of their own besides.
 */
#ifndef MV_CLI_REPORT_SEND_FAILURE_H
#define MV_CLI_REPORT_SEND_FAILURE_H

#include "cli/lookup.h"
#include "cli/report/send_day.h"

#define MV_SEND_FAILURE_WAIT_SECS 600
#define MV_SEND_FAILURE_AGE_SECS (2 * 86400)

/*
 * All that are due, while the caps last.  Makes the key of the redaction where there is none, unless nothing is to be
 * changed: without it servers write nothing down.  The run's error says what a code is about.
 */
enum mv_code mv_send_failures(struct mv_send_run *run, struct mv_lookup *lookup);

#endif
