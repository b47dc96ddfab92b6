/* Any file: refused, or what is written from it reads the same. */
#include "core/ops/alert_memory.h"

#include "tests/fuzz/fuzz.h"

#define NOW 1795305600

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const struct mv_alert alert = {.what = MV_ALERT_SENDER, .who = MV_BYTES("a"), .size = 10, .begins = true};
    struct mv_arena *arena = mv_arena_new(64 * 1024 * 1024);
    struct mv_alert_memory *memory;
    struct mv_error error = {MV_OK, ""};
    struct mv_buf first, second;

    mv_buf_init(&first, FUZZ_MAX_BYTES);
    mv_buf_init(&second, FUZZ_MAX_BYTES);
    if (mv_alert_memory_read(arena, mv_bytes_of(data, size), &memory, &error) == MV_OK) {
        fuzz_require(mv_alert_memory_note(memory, MV_BYTES("shop.example"), &alert, NOW) == MV_OK);
        fuzz_require(mv_alert_memory_judge(memory, MV_BYTES("shop.example"), &alert, NOW) == MV_ALERT_SILENT);
        mv_alert_memory_write(memory, NOW, &first);
        fuzz_require(!mv_buf_failed(&first));
        fuzz_require(mv_alert_memory_read(arena, mv_buf_bytes(&first), &memory, &error) == MV_OK);
        mv_alert_memory_write(memory, NOW, &second);
        fuzz_require(mv_bytes_equal(mv_buf_bytes(&first), mv_buf_bytes(&second)));
    } else {
        fuzz_require(error.text[0] != '\0');
    }
    mv_buf_free(&first);
    mv_buf_free(&second);
    mv_arena_free(&arena);
    return 0;
}
