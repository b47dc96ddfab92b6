#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/bench.h"

#define ROUNDS 9
#define SLICE_SECS 0.012 /* of one side in one round */

double bench_now_secs(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double time_runs(const struct bench_side *side, size_t repetitions)
{
    double start = bench_now_secs();

    for (size_t i = 0; i < repetitions; i++)
        side->run(side->context);
    return (bench_now_secs() - start) / (double)repetitions;
}

/* So many runs take about SLICE_SECS. */
static size_t calibrate(const struct bench_side *side)
{
    size_t repetitions = 1;

    for (;;) {
        double secs = time_runs(side, repetitions) * (double)repetitions;

        if (secs >= SLICE_SECS)
            return repetitions;
        repetitions = secs < SLICE_SECS / 100 ? repetitions * 10
                                              : (size_t)((double)repetitions * SLICE_SECS / secs) + 1;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), by_value);
    return values[ROUNDS / 2];
}

void bench_compare(const struct bench_side *sides, size_t count, struct bench_time *times_r)
{
    double secs[BENCH_MAX_SIDES][ROUNDS], fractions[BENCH_MAX_SIDES][ROUNDS];
    size_t repetitions[BENCH_MAX_SIDES];

    bench_require(count <= BENCH_MAX_SIDES, "too many sides");
    for (size_t i = 0; i < count; i++)
        repetitions[i] = calibrate(&sides[i]);
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            secs[i][round] = time_runs(&sides[i], repetitions[i]);
            fractions[i][round] = secs[0][round] / secs[i][round];
        }
    }
    for (size_t i = 0; i < count; i++)
        times_r[i] = (struct bench_time){median(fractions[i]), median(secs[i])};
}

void bench_require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "bench: %s\n", what);
    exit(EXIT_FAILURE);
}
