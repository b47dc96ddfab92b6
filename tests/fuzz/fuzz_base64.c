/* Octets come back from their text, and a text that decodes is the only one of its octets but for white space. */
#include "core/base/base64.h"

#include "core/base/ascii.h"
#include "tests/fuzz/fuzz.h"

static void put_without_white_space(struct mv_buf *out, struct mv_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!mv_ascii_is(text.data[i], MV_ASCII_FWS))
            mv_buf_putc(out, text.data[i]);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes input = mv_bytes_of(data, size);
    struct mv_buf decoded, text, plain;

    mv_buf_init(&decoded, FUZZ_MAX_BYTES);
    mv_buf_init(&text, FUZZ_MAX_BYTES);
    mv_buf_init(&plain, FUZZ_MAX_BYTES);
    if (mv_base64_decode(input, &decoded)) {
        mv_base64_encode(mv_buf_bytes(&decoded), &text);
        put_without_white_space(&plain, input);
        fuzz_require(mv_bytes_equal(mv_buf_bytes(&text), mv_buf_bytes(&plain)));
    }
    mv_buf_reset(&decoded);
    mv_buf_reset(&text);
    mv_base64_encode(input, &text);
    fuzz_require(mv_base64_decode(mv_buf_bytes(&text), &decoded));
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&decoded), input));
    mv_buf_free(&decoded);
    mv_buf_free(&text);
    mv_buf_free(&plain);
    return 0;
}
