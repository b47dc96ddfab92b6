/* A connection's two times, and what ends a wait. */
#include "lmtp-hook/stream.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define LONG_MSECS 60000

enum sent { NOTHING, A_LINE, THE_END };

static const struct {
    const char *name;
    unsigned idle_msecs;
    int end_in_msecs;
    enum sent sent;
    bool woken;
    enum mv_stream_code code;
} rows[] = {
    {"input", LONG_MSECS, LONG_MSECS, A_LINE, false, MV_STREAM_OK},
    {"input before a wake", LONG_MSECS, LONG_MSECS, A_LINE, true, MV_STREAM_OK},
    {"closed", LONG_MSECS, LONG_MSECS, THE_END, false, MV_STREAM_CLOSED},
    {"woken", LONG_MSECS, LONG_MSECS, NOTHING, true, MV_STREAM_WOKEN},
    {"silent", 1, LONG_MSECS, NOTHING, false, MV_STREAM_SILENT},
    {"late", LONG_MSECS, 1, NOTHING, false, MV_STREAM_LATE},
    {"late, whatever is silent", 1, -1, NOTHING, false, MV_STREAM_LATE},
    {"late, although there is input", LONG_MSECS, -1, A_LINE, false, MV_STREAM_LATE},
};

START_TEST(test_waits)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mv_stream stream;
        uint64_t one = 1;
        int fds[2], wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        enum mv_stream_code code;

        ck_assert(wake_fd >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
        mv_stream_open(&stream, fds[0], rows[i].idle_msecs, mv_stream_now_msecs() + rows[i].end_in_msecs);
        if (rows[i].sent == A_LINE)
            ck_assert(write(fds[1], "NOOP\r\n", 6) == 6);
        if (rows[i].sent == THE_END)
            shutdown(fds[1], SHUT_WR);
        if (rows[i].woken)
            ck_assert(write(wake_fd, &one, sizeof one) == (ssize_t)sizeof one);
        code = mv_stream_fill(&stream, wake_fd);
        ck_assert_msg(code == rows[i].code, "%s: %d", rows[i].name, code);
        if (code == MV_STREAM_OK) {
            struct mv_cursor input = mv_stream_input(&stream);

            ck_assert_msg(mv_bytes_equal(mv_cursor_rest(&input), MV_BYTES("NOOP\r\n")), "%s", rows[i].name);
        }
        mv_stream_close(&stream);
        close(fds[1]);
        close(wake_fd);
    }
}
END_TEST

/* Who reads nothing is not written to for ever. */
START_TEST(test_reader_stalls)
{
    static const unsigned char zeros[MV_STREAM_OUT_BYTES];
    struct mv_stream stream;
    enum mv_stream_code code = MV_STREAM_OK;
    int fds[2];

    ck_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    mv_stream_open(&stream, fds[0], 1, mv_stream_now_msecs() + LONG_MSECS);
    for (unsigned i = 0; i < 1000 && code == MV_STREAM_OK; i++)
        code = mv_stream_put(&stream, mv_bytes_of(zeros, sizeof zeros));
    ck_assert_int_eq(code, MV_STREAM_SILENT);
    ck_assert_int_eq(mv_stream_put(&stream, MV_BYTES("x")), MV_STREAM_OK);
    ck_assert_int_eq(mv_stream_fill(&stream, -1), MV_STREAM_CLOSED); /* a part is gone: nothing may follow it */
    mv_stream_close(&stream);
    close(fds[1]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_waits, test_reader_stalls};

    return unit_run("lmtp_stream", tests, sizeof tests / sizeof tests[0]);
}
