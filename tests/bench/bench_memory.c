#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/mailvouch.h"
#include "tests/bench/bench.h"

#define MB ((size_t)1000 * 1000)

static struct mv_buf header, piece;

/* A header with a signature, so that the body is hashed; that it cannot match changes nothing. */
static void make_parts(void)
{
    struct bench_spec spec = {.body = BENCH_HTML, .canon = MV_CANON_RELAXED};

    mv_buf_init(&header, BENCH_MAX_BYTES);
    mv_buf_init(&piece, BENCH_MAX_BYTES);
    bench_message(&spec, &header);
    bench_body(BENCH_HTML, BENCH_PIECE_BYTES, &piece);
}

static void feed_message(size_t body_bytes)
{
    const struct mv_envelope envelope = {.now_secs = 1794744000};
    struct mv_engine *engine;
    struct mv_error error;
    struct mv_msg *msg;

    bench_require(mv_engine_open(&engine, NULL, &error) == MV_OK, "no engine");
    bench_require(mv_engine_use_capture(engine, MV_BYTES("{\"schema\":1,\"answers\":[]}"),
                                        &error) == MV_OK, "no capture");
    bench_require(mv_msg_begin(engine, &envelope, MV_WANT_CHECKS, &msg, &error) == MV_OK &&
                      mv_msg_feed(msg, mv_buf_bytes(&header)) == MV_OK, "no message");
    for (size_t fed = 0; fed < body_bytes; fed += mv_buf_bytes(&piece).len)
        bench_require(mv_msg_feed(msg, mv_buf_bytes(&piece)) == MV_OK, "the body is refused");
    bench_require(mv_msg_end(msg) == MV_OK && mv_msg_run(msg, MV_UNTIL_VERDICT) == MV_OK, "no verdict");
    mv_msg_free(&msg);
    mv_engine_close(&engine);
}

/* In a process of its own, whose peak is nobody else's. */
static long peak_kb(size_t body_bytes)
{
    struct rusage usage;
    int status;
    pid_t pid = fork();

    bench_require(pid >= 0, "no fork");
    if (pid == 0) {
        feed_message(body_bytes);
        _exit(EXIT_SUCCESS);
    }
    bench_require(wait4(pid, &status, 0, &usage) == pid && status == 0, "the child failed");
    return usage.ru_maxrss;
}

void bench_memory(void)
{
    long small, large;

    make_parts();
    small = peak_kb(MB);
    large = peak_kb(100 * MB);
    printf("\nMemory: peak of the process (ru_maxrss) while one message is checked.\n\n");
    printf("1 MB body: %ld kB; 100 MB body: %ld kB; growth %ld kB\n", small, large, large - small);
    mv_buf_free(&header);
    mv_buf_free(&piece);
}
