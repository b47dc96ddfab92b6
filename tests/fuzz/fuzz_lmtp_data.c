/*
 * DATA of any bytes: the split does not matter, and what is written again is read as the same message, which ends
 * where it ends, for strict readers, and without a fault for loose ones too.
 */
#include "lmtp-hook/data_end.h"
#include "lmtp-hook/dot_stuff.h"

#include "tests/fuzz/fuzz.h"

static bool is_loose_end(struct mv_bytes b, size_t at)
{
    return b.data[at] == '.' && at > 0 && at + 1 < b.len && (b.data[at - 1] == '\n' || b.data[at - 1] == '\r') &&
           (b.data[at + 1] == '\n' || b.data[at + 1] == '\r');
}

static void check_written(struct mv_bytes message, bool faultless)
{
    struct mv_dot_stuff stuff = {.in_line = false};
    struct mv_data_end end = {.after_cr = false};
    struct mv_buf data, again;
    struct mv_cursor c;

    mv_buf_init(&data, FUZZ_MAX_BYTES);
    mv_buf_init(&again, FUZZ_MAX_BYTES);
    mv_dot_stuff_put(&stuff, message, &data);
    mv_dot_stuff_end(&stuff, &data);
    c = mv_cursor_of(mv_buf_bytes(&data));
    fuzz_require(mv_data_end_feed(&end, &c, &again) && mv_cursor_left(&c) == 0);
    fuzz_require(mv_bytes_equal(mv_bytes_slice(mv_buf_bytes(&again), 0, message.len), message));
    for (size_t i = 0; faultless && i + 3 < mv_buf_bytes(&data).len; i++)
        fuzz_require(!is_loose_end(mv_buf_bytes(&data), i));
    mv_buf_free(&data);
    mv_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes input = mv_bytes_of(data, size);
    struct mv_cursor whole = mv_cursor_of(input);
    struct mv_data_end at_once = {.after_cr = false}, by_byte = {.after_cr = false};
    struct mv_buf a, b;
    bool ended, ended_by_byte = false;

    mv_buf_init(&a, FUZZ_MAX_BYTES);
    mv_buf_init(&b, FUZZ_MAX_BYTES);
    ended = mv_data_end_feed(&at_once, &whole, &a);
    for (size_t i = 0; i < size && !ended_by_byte; i++) {
        struct mv_cursor c = mv_cursor_of(mv_bytes_slice(input, i, i + 1));

        ended_by_byte = mv_data_end_feed(&by_byte, &c, &b);
    }
    fuzz_require(ended == ended_by_byte && mv_bytes_equal(mv_buf_bytes(&a), mv_buf_bytes(&b)));
    fuzz_require(mv_data_end_fault(&at_once) == mv_data_end_fault(&by_byte));
    fuzz_require(mv_buf_bytes(&a).len <= size);
    if (ended)
        check_written(mv_buf_bytes(&a), mv_data_end_fault(&at_once) == NULL);
    mv_buf_free(&a);
    mv_buf_free(&b);
    return 0;
}
