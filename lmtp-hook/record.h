/*
 * The log line of one message, what is counted of it, and its evidence for reports.
 *
 *   id=5f2.1 client=192.0.2.1 source=xforward helo=mail.example.com from=a@example.com recipients=4 size=1234
 *   spf=pass dkim=pass arc=none dmarc=pass policy=reject author=example.com action=none dns=7q/3r/12ms removed=1
 *   fate=deliver replies=250,250,250,452 msecs=40
 *
 * "skip=local" stands for the results of mail that is not judged, "error=..." for
 * those of mail that could not be.  Texts of strangers are escaped.
 */
#ifndef MV_LMTP_RECORD_H
#define MV_LMTP_RECORD_H

#include "lmtp-hook/delivery.h"
#include "lmtp-hook/stats.h"

#define MV_RECORD_MAX_BYTES 3000

struct mv_record {
    uint64_t connection; /* together the id */
    unsigned message;
    const struct mv_delivery *delivery;
    enum mv_fate fate;
    int64_t msecs; /* from DATA to the last reply */
};

void mv_record_put(const struct mv_record *record, struct mv_buf *out);
void mv_record_count(const struct mv_record *record, struct mv_stats *stats);
/* When every recipient has his reply. Nothing for a message that all of them are to get again. */
void mv_record_evidence(const struct mv_record *record, struct mv_stats *stats);

#endif
