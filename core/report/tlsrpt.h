/*
 * TLS reports (RFC 8460 4.4): JSON, read whole, since they are small.
 */
#ifndef MV_REPORT_TLSRPT_H
#define MV_REPORT_TLSRPT_H

#include "core/base/error.h"
#include "core/text/ip.h"

#define MV_TLSRPT_MAX_BYTES (512 * 1024)
#define MV_TLSRPT_MAX_VALUES 50000 /* objects, lists and commas; in memory each may be a hundred times its size */
#define MV_TLSRPT_MAX_TEXT_BYTES 255
#define MV_TLSRPT_MAX_COUNT 1000000000000 /* sessions of one row */

/* Texts borrow for the call; longer ones are cut. */
struct mv_tls_head {
    struct mv_bytes organization, contact, report_id;
    int64_t begin_secs, end_secs;
};

struct mv_tls_policy {
    struct mv_bytes type;   /* "sts", "tlsa", "no-policy-found", as written */
    struct mv_bytes domain; /* of the policy; lower case, without a final dot */
    uint64_t succeeded, failed; /* sessions */
};

struct mv_tls_failure {
    struct mv_bytes result; /* "certificate-expired", ..., as written */
    struct mv_bytes mx, reason;
    struct mv_ip sending, receiving; /* MV_IP_NONE: not said */
    uint64_t count;
};

struct mv_tls_sink {
    /* Each policy, and after it its failures. */
    enum mv_code (*policy)(void *to, const struct mv_tls_head *head, const struct mv_tls_policy *policy);
    enum mv_code (*failure)(void *to, const struct mv_tls_head *head, const struct mv_tls_policy *policy,
                            const struct mv_tls_failure *failure);
    void *to;
};

/*
 * MV_ERR_SYNTAX and a sentence for what is no such report, with an object that has a member twice, without
 * dates, without policies, or with a count that is no number from 0 to MV_TLSRPT_MAX_COUNT: then the sink may have
 * got some of it already.  MV_ERR_LIMIT: more than MV_TLSRPT_MAX_VALUES.  A byte order mark before it is none of it.
 * What the sink answers is passed on.
 */
enum mv_code mv_tlsrpt_read(struct mv_bytes json, const struct mv_tls_sink *sink, struct mv_error *error);

#endif
