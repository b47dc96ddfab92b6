/* Any mail: what is found lies within it. */
#include "core/report/bounce.h"

#include "tests/fuzz/fuzz.h"

static void check_within(struct mv_bytes part, const unsigned char *data, size_t size)
{
    fuzz_require(part.len == 0 || (part.data >= data && part.data + part.len <= data + size));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bounce bounce;

    mv_bounce_read(mv_bytes_of(data, size), &bounce);
    check_within(bounce.status, data, size);
    fuzz_require(bounce.token_count <= MV_BOUNCE_MAX_TOKENS);
    for (size_t i = 0; i < bounce.token_count; i++) {
        fuzz_require(bounce.tokens[i].len == 16);
        check_within(bounce.tokens[i], data, size);
    }
    fuzz_require(bounce.kind != MV_BOUNCE_FOR_GOOD || bounce.status.len > 0);
    return 0;
}
