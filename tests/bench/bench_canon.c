#include <stdio.h>

#include "core/crypto/digest.h"
#include "core/dkim/canon_scan.h"
#include "tests/bench/bench.h"

#define SIZE_BYTES 1000000

struct body {
    struct bench_message message; /* the body alone */
    enum mv_canon canon;
    const struct mv_canon_scan *scan;
};

static void into_digest(void *context, struct mv_bytes octets)
{
    mv_digest_update(context, octets);
}

static void hash_canonical(void *context)
{
    const struct body *body = context;
    struct mv_arena *arena = mv_arena_new(BENCH_MAX_BYTES);
    struct mv_digest *digest = mv_digest_new();
    struct mv_canon_body *machine = mv_canon_body_new_with(arena, body->canon, body->scan, into_digest, digest);
    unsigned char hash[MV_SHA256_BYTES];

    for (size_t at = 0; at < body->message.raw.len; at += BENCH_PIECE_BYTES)
        mv_canon_body_feed(machine, mv_bytes_slice(body->message.raw, at, at + BENCH_PIECE_BYTES));
    mv_canon_body_end(machine);
    bench_require(mv_digest_final(digest, hash) == MV_OK, "SHA-256 failed");
    mv_digest_free(&digest);
    mv_arena_free(&arena);
}

static void print_body(enum bench_body kind)
{
    struct bench_time times[BENCH_MAX_SIDES];
    struct body bodies[BENCH_MAX_SIDES];
    struct bench_side sides[BENCH_MAX_SIDES];
    struct mv_buf raw;
    const struct mv_canon_scan *scan;
    size_t count = 2;

    mv_buf_init(&raw, BENCH_MAX_BYTES);
    bench_body(kind, SIZE_BYTES, &raw);
    for (size_t i = 0; i < BENCH_MAX_SIDES; i++)
        bodies[i].message = (struct bench_message){.raw = mv_buf_bytes(&raw)};
    sides[0] = (struct bench_side){bench_run_hash, &bodies[0].message};
    bodies[1].canon = MV_CANON_SIMPLE;
    bodies[1].scan = mv_canon_scan_at(0);
    sides[1] = (struct bench_side){hash_canonical, &bodies[1]};
    for (size_t i = 0; (scan = mv_canon_scan_at(i)) != NULL; i++, count++) {
        bodies[count].canon = MV_CANON_RELAXED;
        bodies[count].scan = scan;
        sides[count] = (struct bench_side){hash_canonical, &bodies[count]};
    }
    bench_compare(sides, count, times);
    printf("%-30s", bench_body_name(kind));
    for (size_t i = 1; i < count; i++)
        printf(" %8.2f", times[i].fraction);
    printf("\n");
    mv_buf_free(&raw);
}

void bench_canon(void)
{
    const struct mv_canon_scan *scan;

    printf("\nBody hash of 1 MB: SHA-256 of the body / (canonicalisation and SHA-256). 1.00 is as quick as the hash.\n\n");
    printf("%-30s %8s", "", "simple");
    for (size_t i = 0; (scan = mv_canon_scan_at(i)) != NULL; i++)
        printf(" %8s", scan->name);
    printf("  (relaxed)\n");
    for (enum bench_body kind = 0; kind < BENCH_BODIES; kind++)
        print_body(kind);
}
