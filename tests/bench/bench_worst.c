#include <stdio.h>

#include "tests/bench/bench.h"

struct row {
    const char *name;
    struct bench_spec spec;
    size_t passes;
};

#define MB (1000 * 1000)

/* The first is the normal message that the others are compared with. */
static const struct row rows[] = {
    {"normal: 1 MB of text", {.body = BENCH_TEXT, .size_bytes = MB}, 1},
    {"1 MB, lines of one octet", {.body = BENCH_SHORT_LINES, .size_bytes = MB}, 1},
    {"a million empty lines, then text", {.body = BENCH_EMPTY_LINES, .size_bytes = 2 * MB}, 1},
    {"text, then a million empty lines", {.body = BENCH_EMPTY_TAIL, .size_bytes = 2 * MB}, 1},
    {"1 MB, every second line empty", {.body = BENCH_SECOND_EMPTY, .size_bytes = MB}, 1},
    {"1 MB of SP", {.body = BENCH_BLANK, .size_bytes = MB}, 1},
    {"1 MB of HTAB", {.body = BENCH_TABS, .size_bytes = MB}, 1},
    {"1 MB, blank runs: a  b  c", {.body = BENCH_RUNS, .size_bytes = MB}, 1},
    {"1 MB, white space before CRLF", {.body = BENCH_WSP_LINE_ENDS, .size_bytes = MB}, 1},
    {"1 MB, lines of one SP", {.body = BENCH_WSP_LINES, .size_bytes = MB}, 1},
    {"one line of 10 MB", {.body = BENCH_ONE_LINE, .size_bytes = 10 * MB}, 1},
    {"1,000 header fields", {.body = BENCH_TEXT, .size_bytes = 100 * 1000, .extra_fields = 1000}, 1},
    {"1,000 header fields, 150 signed",
     {.body = BENCH_TEXT, .size_bytes = 100 * 1000, .extra_fields = 1000, .signed_extra = 150}, 1},
    {"50 signatures, 10 are tried", {.body = BENCH_TEXT, .size_bytes = 100 * 1000, .signatures = 50}, 10},
};

static double print_row(const struct row *row, struct mv_bytes key_record, double normal)
{
    struct bench_spec spec = row->spec;
    struct bench_time times[4];
    struct bench_message message;
    struct mv_buf raw;
    double ours;

    mv_buf_init(&raw, BENCH_MAX_BYTES);
    spec.canon = MV_CANON_RELAXED;
    bench_message(&spec, &raw);
    message = (struct bench_message){mv_buf_bytes(&raw), key_record, row->passes};
    bench_compare((struct bench_side[]){{bench_run_floor, &message}, {bench_run_ours, &message},
                                        {bench_run_ours_cached, &message}, {bench_run_opendkim, &message}},
                  bench_has_opendkim ? 4 : 3, times);
    ours = times[1].secs * 1e9 / (double)message.raw.len;
    printf("%-34s %8zu %10.3f %10.2f %10.2f %10.2f", row->name, message.raw.len / 1000, ours,
           normal == 0 ? 1.0 : ours / normal, times[1].fraction, times[2].fraction);
    if (bench_has_opendkim)
        printf(" %14.3f", times[3].fraction);
    printf("\n");
    mv_buf_free(&raw);
    return ours;
}

void bench_worst(void)
{
    struct mv_buf key_record;
    double normal = 0;

    mv_buf_init(&key_record, BENCH_MAX_BYTES);
    bench_key_record(&key_record);
    printf("\nThe worst messages, relaxed/relaxed. The cost per octet, and the same as a multiple of a normal message's.\n\n");
    printf("%-34s %8s %10s %10s %10s %10s %14s\n", "", "kB", "ns/octet", "x normal", "of floor", "key cached",
           bench_has_opendkim ? "libopendkim" : "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double cost = print_row(&rows[i], mv_buf_bytes(&key_record), normal);

        normal = i == 0 ? cost : normal;
    }
    mv_buf_free(&key_record);
}
