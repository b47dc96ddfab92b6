/* Each body machine gives the same for a body in any split, and that is what the reference gives. */
#include <stdlib.h>

#include "core/dkim/canon_scan.h"
#include "tests/unit/canon_naive.h"

#define MAX_BYTES (1024 * 1024)

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void into_buf(void *context, struct mv_bytes octets)
{
    mv_buf_put(context, octets);
}

static void require(const struct mv_buf *got, const struct mv_buf *wanted)
{
    if (!mv_bytes_equal(mv_buf_bytes(got), mv_buf_bytes(wanted)))
        abort();
}

/* The pieces are as long as the octets of the split say. */
static void check_body(enum mv_canon canon, const struct mv_canon_scan *scan, struct mv_bytes body,
                       struct mv_bytes split, const struct mv_buf *wanted)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_buf got;
    struct mv_canon_body *machine;

    mv_buf_init(&got, MAX_BYTES);
    machine = mv_canon_body_new_with(arena, canon, scan, into_buf, &got);
    for (size_t at = 0, i = 0; at < body.len; i++) {
        size_t piece = i < split.len ? split.data[i] : body.len;

        mv_canon_body_feed(machine, mv_bytes_slice(body, at, at + piece));
        at += piece;
    }
    mv_canon_body_end(machine);
    require(&got, wanted);
    mv_buf_free(&got);
    mv_arena_free(&arena);
}

static void check_header(struct mv_bytes value)
{
    struct mv_field field = {value, MV_BYTES("N"), value};
    struct mv_buf got, wanted;

    mv_buf_init(&got, MAX_BYTES);
    mv_buf_init(&wanted, MAX_BYTES);
    mv_canon_header(MV_CANON_RELAXED, &field, &got);
    mv_buf_puts(&wanted, "n:");
    canon_naive_value(value, &wanted);
    mv_buf_puts(&wanted, "\r\n");
    require(&got, &wanted);
    mv_buf_free(&got);
    mv_buf_free(&wanted);
}

/* First octet: how many of the following say the split. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes input = mv_bytes_of(data, size);
    size_t splits = size == 0 ? 0 : data[0] % 8u;
    struct mv_bytes split = mv_bytes_slice(input, 1, 1 + splits);
    struct mv_bytes body = mv_bytes_slice(input, 1 + splits, size);
    const struct mv_canon_scan *scan;
    struct mv_buf wanted;

    mv_buf_init(&wanted, MAX_BYTES);
    for (enum mv_canon canon = MV_CANON_SIMPLE; canon <= MV_CANON_RELAXED; canon++) {
        mv_buf_reset(&wanted);
        canon_naive_body(canon, body, &wanted);
        for (size_t i = 0; (scan = mv_canon_scan_at(i)) != NULL; i++) {
            check_body(canon, scan, body, (struct mv_bytes){NULL, 0}, &wanted);
            check_body(canon, scan, body, split, &wanted);
        }
    }
    mv_buf_free(&wanted);
    check_header(body);
    return 0;
}
