/*
 * The mail that is a failure report (RFC 9991, RFC 6591, RFC 5965): what core/report/failure.h reads.
 *
 * multipart/report with three parts: text for people, message/feedback-report, text/rfc822-headers.  Lines end in CRLF,
 * and nothing in the line that it is made of can begin a field, a part or a line of its own.  Canonicalised octets are
 * never sent, since what is reported is redacted (RFC 9991 4).
 *
 * The envelope sender is the null one, or one that takes bounces alone: nobody answers to a report.
 */
#ifndef MV_REPORT_FAILURE_WRITE_H
#define MV_REPORT_FAILURE_WRITE_H

#include "core/auth/failure_line.h"

#define MV_FAILURE_MAX_MAIL_BYTES (64 * 1024)

struct mv_failure_mail {
    struct mv_bytes from;      /* our address */
    struct mv_bytes from_name; /* UTF-8; may be empty */
    struct mv_bytes to;
    struct mv_bytes report_id; /* letters and digits: of the Message-ID, and of the boundary */
    struct mv_bytes contact;   /* for people; may be empty, and is left out when it is not ASCII */
    int64_t now_secs;
    enum mv_failure_kind kind; /* one of line->wanted */
    uint64_t incidents;        /* 1 and more: that the line stands for */
    const struct mv_failure_line *line;
};

/* The whole message, unsigned. MV_ERR_USAGE: kind is not wanted, or an address or id that no field can hold. */
enum mv_code mv_failure_mail_print(const struct mv_failure_mail *mail, struct mv_buf *out);

#endif
