/*
 * From a message that was judged to a line for failure reports.  Private to core/auth: mv_msg_evidence() calls it.
 */
#ifndef MV_AUTH_FAILURE_MESSAGE_H
#define MV_AUTH_FAILURE_MESSAGE_H

#include "core/auth/verdict.h"

#define MV_FAILURE_LINES_PER_MINUTE 60 /* of one engine: an attack tells no more after its first lines */

struct mv_msg;

/* How many lines were written in this minute. All zero: none yet. */
struct mv_failure_rate {
    int64_t minute;
    unsigned lines;
};

/* false: no more in this minute. */
bool mv_failure_rate_take(struct mv_failure_rate *rate, int64_t now_secs);

/*
 * MV_OK and nothing written where [report] failure is no, the owner does not ask, or the rate is used up.
 * MV_ERR_CONFIG without a key of the redaction; what mv_evidence_file_append() says.
 */
enum mv_code mv_msg_failure(struct mv_msg *msg, enum mv_action action, const char *host, int64_t now_secs,
                            struct mv_error *error);

#endif
