/*
 * Replies of the next hop (RFC 5321 4.2), line by line, and kept so that they can be passed on.
 */
#ifndef MV_LMTP_REPLY_H
#define MV_LMTP_REPLY_H

#include "core/base/buf.h"

#define MV_REPLY_MAX_LINES 100
#define MV_REPLY_MAX_BYTES 65536

enum mv_reply_code {
    MV_REPLY_MORE = 0,
    MV_REPLY_DONE,
    MV_REPLY_BAD /* not SMTP, or beyond a limit: the connection is of no use any more */
};

struct mv_reply {
    unsigned code;      /* 200 to 599; 0 before the first line */
    unsigned lines;
    struct mv_buf text; /* lines with CRLF; control characters are "?" */
};

void mv_reply_init(struct mv_reply *reply);
void mv_reply_free(struct mv_reply *reply);
/* Empty again. */
void mv_reply_reset(struct mv_reply *reply);
/* line: without CRLF. Not after DONE or BAD. */
enum mv_reply_code mv_reply_add(struct mv_reply *reply, struct mv_bytes line);
/* A reply of our own, one line without CRLF: "451 4.4.2 ...". */
void mv_reply_set(struct mv_reply *reply, const char *line);
/* 2xx. */
bool mv_reply_is_good(const struct mv_reply *reply);
/* The first line without CRLF, for logs. */
struct mv_bytes mv_reply_first(const struct mv_reply *reply);

#endif
