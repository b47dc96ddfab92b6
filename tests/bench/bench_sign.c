#include <stdio.h>

#include "tests/bench/bench.h"

static const struct {
    const char *name;
    size_t size_bytes;
} sizes[] = {{"2 kB", 2000}, {"10 kB", 10 * 1000}, {"100 kB", 100 * 1000}, {"1 MB", 1000 * 1000}};

static const struct {
    const char *name;
    enum bench_keys keys;
} signers[] = {{"rsa2048", BENCH_RSA}, {"ed25519", BENCH_ED25519}, {"both", BENCH_BOTH}};

static double print_row(const char *size, const char *keys, struct bench_signing *signing)
{
    bool compared = bench_has_opendkim && bench_opendkim_signs(signing->keys);
    struct bench_time times[3];
    char name[40];

    bench_check_signer(signing);
    bench_compare((struct bench_side[]){{bench_run_sign_floor, signing}, {bench_run_sign_ours, signing},
                                        {bench_run_sign_opendkim, signing}},
                  compared ? 3 : 2, times);
    snprintf(name, sizeof name, "%s, %s", size, keys);
    printf("%-20s %10.1f %10.1f %10.2f", name, times[0].secs * 1e6, times[1].secs * 1e6, times[1].fraction);
    if (compared)
        printf(" %14.3f %10.1f", times[2].fraction, times[2].secs / times[1].secs);
    printf("\n");
    return times[1].secs;
}

static void print_size(size_t i)
{
    struct bench_spec spec = {.body = BENCH_TEXT, .size_bytes = sizes[i].size_bytes};
    double secs[3];
    struct mv_buf raw;

    mv_buf_init(&raw, BENCH_MAX_BYTES);
    bench_unsigned_message(&spec, &raw);
    for (size_t k = 0; k < 3; k++) {
        struct bench_signing signing = {mv_buf_bytes(&raw), signers[k].keys};

        secs[k] = print_row(sizes[i].name, signers[k].name, &signing);
    }
    printf("%-20s %10s %10.1f\n", "  what the second key adds", "", (secs[2] - secs[0]) * 1e6);
    mv_buf_free(&raw);
}

void bench_sign(void)
{
    bench_signers_open();
    printf("\nSigning, relaxed/relaxed: floor (SHA-256 of the message, one operation of each private key) / time of "
           "signing, keys held parsed.\n\n");
    printf("%-20s %10s %10s %10s %14s %10s\n", "", "floor, us", "ours, us", "fraction",
           bench_has_opendkim ? "libopendkim" : "", bench_has_opendkim ? "times ours" : "");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        print_size(i);
    bench_signers_close();
}
