#include <stdio.h>

#include "tests/bench/bench.h"

struct row {
    const char *name;
    size_t size_bytes;
    enum mv_canon canon;
    enum bench_body body;
};

static const struct row rows[] = {
    {"2 kB, relaxed, text", 2000, MV_CANON_RELAXED, BENCH_TEXT},
    {"2 kB, simple, text", 2000, MV_CANON_SIMPLE, BENCH_TEXT},
    {"10 kB, relaxed, text", 10 * 1000, MV_CANON_RELAXED, BENCH_TEXT},
    {"10 kB, relaxed, HTML", 10 * 1000, MV_CANON_RELAXED, BENCH_HTML},
    {"10 kB, simple, text", 10 * 1000, MV_CANON_SIMPLE, BENCH_TEXT},
    {"100 kB, relaxed, text", 100 * 1000, MV_CANON_RELAXED, BENCH_TEXT},
    {"100 kB, relaxed, HTML", 100 * 1000, MV_CANON_RELAXED, BENCH_HTML},
    {"100 kB, simple, text", 100 * 1000, MV_CANON_SIMPLE, BENCH_TEXT},
    {"1 MB, relaxed, text", 1000 * 1000, MV_CANON_RELAXED, BENCH_TEXT},
    {"1 MB, relaxed, HTML", 1000 * 1000, MV_CANON_RELAXED, BENCH_HTML},
    {"1 MB, relaxed, base64", 1000 * 1000, MV_CANON_RELAXED, BENCH_BASE64},
    {"1 MB, simple, text", 1000 * 1000, MV_CANON_SIMPLE, BENCH_TEXT},
    {"1 MB, simple, HTML", 1000 * 1000, MV_CANON_SIMPLE, BENCH_HTML},
    {"10 MB, relaxed, text", 10 * 1000 * 1000, MV_CANON_RELAXED, BENCH_TEXT},
    {"10 MB, relaxed, HTML", 10 * 1000 * 1000, MV_CANON_RELAXED, BENCH_HTML},
    {"10 MB, simple, text", 10 * 1000 * 1000, MV_CANON_SIMPLE, BENCH_TEXT},
};

static void print_row(const struct row *row, struct mv_bytes key_record)
{
    struct bench_spec spec = {.body = row->body, .size_bytes = row->size_bytes, .canon = row->canon};
    struct bench_time times[4];
    struct bench_message message;
    struct mv_buf raw;

    mv_buf_init(&raw, BENCH_MAX_BYTES);
    bench_message(&spec, &raw);
    message = (struct bench_message){mv_buf_bytes(&raw), key_record, 1};
    bench_compare((struct bench_side[]){{bench_run_floor, &message}, {bench_run_ours, &message},
                                        {bench_run_ours_cached, &message}, {bench_run_opendkim, &message}},
                  bench_has_opendkim ? 4 : 3, times);
    printf("%-24s %10.1f %10.2f %10.2f", row->name, times[0].secs * 1e6, times[1].fraction, times[2].fraction);
    if (bench_has_opendkim)
        printf(" %14.3f %10.1f", times[3].fraction, times[3].secs / times[1].secs);
    printf("\n");
    mv_buf_free(&raw);
}

void bench_dkim(void)
{
    struct mv_buf key_record;

    mv_buf_init(&key_record, BENCH_MAX_BYTES);
    bench_key_record(&key_record);
    printf("\nDKIM, rsa-sha256 with 2048 bits: floor (SHA-256 of the message, one RSA operation) / time of a verification.\n\n");
    printf("%-24s %10s %10s %10s %14s %10s\n", "", "floor, us", "key read", "key cached",
           bench_has_opendkim ? "libopendkim" : "", bench_has_opendkim ? "times ours" : "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        print_row(&rows[i], mv_buf_bytes(&key_record));
    mv_buf_free(&key_record);
}
