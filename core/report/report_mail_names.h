/*
 * What may stand in the names of a report and in the fields of its mail.  Only core/report/report_mail*.c and
 * failure_write.c include this.
 */
#ifndef MV_REPORT_REPORT_MAIL_NAMES_H
#define MV_REPORT_REPORT_MAIL_NAMES_H

#include "core/report/report_mail.h"

#define MV_REPORT_ID_MAX_BYTES 64 /* others' than ours are not sent; this is what a field has room for */

/* unique-id of RFC 9990 3.5.2, which a Report-ID must be, too, to be the same (3.1.4). */
bool mv_report_is_id(struct mv_bytes id);
/* One mailbox, printable ASCII, with nothing around it. */
bool mv_report_is_address(struct mv_bytes address);

#endif
