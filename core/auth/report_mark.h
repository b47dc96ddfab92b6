/*
 * Is a message a DMARC report itself?  By its own words: nobody checks what is attached.
 *
 *   aggregate  Subject begins with "Report Domain:" (RFC 9990 3.5.2, RFC 8460 5.3; in any case of letters, and encoded
 *              by RFC 2047, as it is seen)
 *   failure    Content-Type is multipart/report of report-type feedback-report (RFC 9991, RFC 5965 2)
 *
 * What it is for: two receivers that owe each other nothing but reports about reports would send them for ever.  So
 * no failure report is made about such a message, and a day on which a domain sent nothing else that passed DMARC
 * is not reported (core/report/ledger.h).  A forged mark gains nothing: mail that fails is reported in any case.
 */
#ifndef MV_AUTH_REPORT_MARK_H
#define MV_AUTH_REPORT_MARK_H

#include "core/text/field.h"

bool mv_fields_mark_report(const struct mv_field *fields, size_t count);

#endif
