/*
 * Any bytes as the header of a stored message.  Rewritten, it holds no field that was to go, its first line continues
 * nothing of ours, and what is behind it is where it was; without anything to do it stays as it was.
 */
#include "dovecot-plugin/header.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

#define TAG "Tag: ours\r\n"

static bool keeps(const void *context, const struct mv_field *field)
{
    (void)context;
    return !mv_field_is(field, MV_BYTES("X"));
}

static bool keeps_all(const void *context, const struct mv_field *field)
{
    (void)context;
    (void)field;
    return true;
}

static bool has_mixed_ends(struct mv_bytes raw, bool with_lf)
{
    for (size_t i = 0; i < raw.len; i++)
        if (raw.data[i] == '\n' && (i > 0 && raw.data[i - 1] == '\r') == with_lf)
            return true;
    return false;
}

static void check_same(const struct mv_header *header, struct mv_bytes raw)
{
    struct mv_buf out;

    mv_buf_init(&out, FUZZ_MAX_BYTES);
    fuzz_require(mv_header_put(header, MV_BYTES(""), keeps_all, NULL, &out) == 0);
    fuzz_require(header->cut || has_mixed_ends(raw, header->with_lf) ||
                 mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_slice(raw, 0, header->used_bytes)));
    mv_buf_free(&out);
}

static void check_rewritten(struct mv_arena *arena, const struct mv_header *header)
{
    struct mv_header again;
    struct mv_buf out;

    mv_buf_init(&out, FUZZ_MAX_BYTES);
    mv_header_put(header, MV_BYTES(TAG), keeps, NULL, &out);
    fuzz_require(!mv_buf_failed(&out));
    if (mv_header_split(arena, mv_buf_bytes(&out), &again) == MV_OK) {
        fuzz_require(again.count > 0 && mv_bytes_equal(again.fields[0].raw, MV_BYTES(TAG)));
        for (size_t i = 0; i < again.count; i++)
            fuzz_require(keeps(NULL, &again.fields[i]));
        fuzz_require(again.separated == (header->separated || header->cut));
        fuzz_require(again.used_bytes == mv_buf_bytes(&out).len);
    }
    mv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_bytes raw = mv_bytes_of(data, size);
    struct mv_header header;

    if (mv_header_split(arena, raw, &header) == MV_OK) {
        fuzz_require(header.used_bytes <= size);
        check_same(&header, raw);
        check_rewritten(arena, &header);
    }
    mv_arena_free(&arena);
    return 0;
}
