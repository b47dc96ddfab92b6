/*
 * Headers of stored messages: what is put together again is what it was, but for
 * the line ends, and splits into the same fields; tags stand on top of it.
 */
#include "dovecot-plugin/header.h"

#include "tests/fuzz/fuzz.h"

static bool keeps_all(const void *context, const struct mv_field *field)
{
    (void)context;
    (void)field;
    return true;
}

static bool keeps_none(const void *context, const struct mv_field *field)
{
    (void)context;
    (void)field;
    return false;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(64 << 20);
    struct mv_header header, again;
    struct mv_buf out, bare;

    mv_buf_init(&out, FUZZ_MAX_BYTES);
    mv_buf_init(&bare, FUZZ_MAX_BYTES);
    if (mv_header_split(arena, mv_bytes_of(data, size), &header) == MV_OK) {
        fuzz_require(mv_header_put(&header, MV_BYTES(""), keeps_all, NULL, &out) == 0);
        fuzz_require(mv_header_split(arena, mv_buf_bytes(&out), &again) == MV_OK);
        fuzz_require(again.count == header.count && again.separated == header.separated);
        for (size_t i = 0; i < header.count; i++)
            fuzz_require(mv_bytes_equal(again.fields[i].raw, header.fields[i].raw));
        fuzz_require(mv_header_put(&header, MV_BYTES("T: t\r\n"), keeps_none, NULL, &bare) == header.count);
        fuzz_require(mv_bytes_has_prefix_nocase(mv_buf_bytes(&bare), MV_BYTES("T: t")));
    }
    mv_buf_free(&out);
    mv_buf_free(&bare);
    mv_arena_free(&arena);
    return 0;
}
