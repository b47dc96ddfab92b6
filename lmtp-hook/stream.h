/*
 * A connection's bytes, in and out, under two times: how long the other side may be silent, and when all must be over.
 *
 * What is put is sent before the next wait for input, so that the replies to
 * pipelined commands go out together (RFC 2920 3.2).
 */
#ifndef MV_LMTP_STREAM_H
#define MV_LMTP_STREAM_H

#include "core/base/buf.h"

#define MV_STREAM_IN_BYTES 16384
#define MV_STREAM_OUT_BYTES 65536 /* then it is sent at once */

enum mv_stream_code {
    MV_STREAM_OK = 0,
    MV_STREAM_CLOSED, /* by the other side, or an error of the connection */
    MV_STREAM_SILENT, /* idle_msecs have passed */
    MV_STREAM_LATE,   /* the end has come */
    MV_STREAM_WOKEN   /* wake_fd is readable */
};

struct mv_stream {
    int fd; /* non-blocking; -1: not open */
    unsigned idle_msecs;
    int64_t end_msecs; /* CLOCK_MONOTONIC */
    unsigned char in[MV_STREAM_IN_BYTES];
    size_t in_at, in_len;
    struct mv_buf out;
};

/* Takes the descriptor over. */
void mv_stream_open(struct mv_stream *stream, int fd, unsigned idle_msecs, int64_t end_msecs);
/* Also one that was never opened but zeroed with fd -1. What was put and not sent is lost. */
void mv_stream_close(struct mv_stream *stream);

/* What has come and was not taken; mv_stream_taken() when the cursor was moved on. */
struct mv_cursor mv_stream_input(struct mv_stream *stream);
void mv_stream_taken(struct mv_stream *stream, const struct mv_cursor *cursor);
/* Sends what was put, then waits for input. Only when there is none left. wake_fd -1: nothing else ends the wait. */
enum mv_stream_code mv_stream_fill(struct mv_stream *stream, int wake_fd);
/* A failure shows at the next flush or fill. */
enum mv_stream_code mv_stream_put(struct mv_stream *stream, struct mv_bytes bytes);
enum mv_stream_code mv_stream_flush(struct mv_stream *stream);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t mv_stream_now_msecs(void);

#endif
