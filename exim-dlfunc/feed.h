/*
 * One pass over the message that Exim holds: to the checks as it was sent, or to
 * the signer as it will leave.
 */
#ifndef MV_EXIM_FEED_H
#define MV_EXIM_FEED_H

#include "core/base/error.h"

enum mv_feed_view {
    MV_FEED_AS_SENT, /* with what Exim holds back, without its own Received */
    MV_FEED_LEAVING  /* without what Exim holds back, and without its own Received, whose time it writes at the end */
};

struct mv_feed_sink {
    enum mv_code (*feed)(void *to, struct mv_bytes bytes);
    enum mv_code (*end)(void *to);
    void *to;
};

/*
 * The codes of the sink, MV_ERR_MEMORY, MV_ERR_LIMIT for a field that is too large, and, with a sentence in *error,
 * MV_ERR_USAGE where there is no message so far and MV_ERR_IO where its file cannot be read.
 */
enum mv_code mv_feed_message(enum mv_feed_view view, const struct mv_feed_sink *sink, struct mv_error *error);

#endif
