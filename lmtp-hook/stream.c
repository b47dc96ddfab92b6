#include "lmtp-hook/stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_OUT_BYTES (MV_STREAM_OUT_BYTES + 1024 * 1024)

int64_t mv_stream_now_msecs(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void mv_stream_open(struct mv_stream *stream, int fd, unsigned idle_msecs, int64_t end_msecs)
{
    stream->fd = fd;
    stream->idle_msecs = idle_msecs;
    stream->end_msecs = end_msecs;
    stream->in_at = stream->in_len = 0;
    mv_buf_init(&stream->out, MAX_OUT_BYTES);
}

void mv_stream_close(struct mv_stream *stream)
{
    if (stream->fd < 0)
        return;
    close(stream->fd);
    stream->fd = -1;
    mv_buf_free(&stream->out);
}

/* OK: the descriptor is ready for the events. */
static enum mv_stream_code wait_for(struct mv_stream *stream, short events, int wake_fd)
{
    int64_t begin = mv_stream_now_msecs();

    for (;;) {
        struct pollfd fds[2] = {{.fd = stream->fd, .events = events}, {.fd = wake_fd, .events = POLLIN}};
        int64_t now = mv_stream_now_msecs();
        int64_t left = begin + stream->idle_msecs - now;
        int n;

        if (stream->end_msecs - now < left)
            left = stream->end_msecs - now;
        if (left <= 0)
            return now >= stream->end_msecs ? MV_STREAM_LATE : MV_STREAM_SILENT;
        n = poll(fds, 2, left > INT_MAX ? INT_MAX : (int)left);
        if (n < 0 && errno != EINTR)
            return MV_STREAM_CLOSED;
        if (n > 0 && fds[0].revents != 0)
            return MV_STREAM_OK;
        if (n > 0 && fds[1].revents != 0)
            return MV_STREAM_WOKEN;
    }
}

static bool may_try_again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

enum mv_stream_code mv_stream_flush(struct mv_stream *stream)
{
    struct mv_bytes left = mv_buf_bytes(&stream->out);
    enum mv_stream_code code = MV_STREAM_OK;

    if (mv_buf_failed(&stream->out))
        return MV_STREAM_CLOSED;
    while (left.len > 0 && code == MV_STREAM_OK) {
        ssize_t n = send(stream->fd, left.data, left.len, MSG_NOSIGNAL);

        if (n >= 0)
            left = mv_bytes_slice(left, (size_t)n, left.len);
        else if (may_try_again())
            code = wait_for(stream, POLLOUT, -1);
        else
            code = MV_STREAM_CLOSED;
    }
    mv_buf_reset(&stream->out);
    if (code != MV_STREAM_OK) /* a part is gone: nothing that follows would be understood */
        mv_buf_fail(&stream->out);
    return code;
}

enum mv_stream_code mv_stream_put(struct mv_stream *stream, struct mv_bytes bytes)
{
    mv_buf_put(&stream->out, bytes);
    return mv_buf_bytes(&stream->out).len >= MV_STREAM_OUT_BYTES ? mv_stream_flush(stream) : MV_STREAM_OK;
}

enum mv_stream_code mv_stream_fill(struct mv_stream *stream, int wake_fd)
{
    enum mv_stream_code code = mv_stream_flush(stream);

    if (code == MV_STREAM_OK && mv_stream_now_msecs() >= stream->end_msecs) /* who never stops is not waited for */
        return MV_STREAM_LATE;
    while (code == MV_STREAM_OK) {
        ssize_t n = recv(stream->fd, stream->in, sizeof stream->in, 0);

        if (n > 0) {
            stream->in_at = 0;
            stream->in_len = (size_t)n;
            return MV_STREAM_OK;
        }
        if (n == 0 || !may_try_again())
            return MV_STREAM_CLOSED;
        code = wait_for(stream, POLLIN, wake_fd);
    }
    return code;
}

struct mv_cursor mv_stream_input(struct mv_stream *stream)
{
    return mv_cursor_of(mv_bytes_of(stream->in + stream->in_at, stream->in_len - stream->in_at));
}

void mv_stream_taken(struct mv_stream *stream, const struct mv_cursor *cursor)
{
    stream->in_at = stream->in_len - mv_cursor_left(cursor);
}
