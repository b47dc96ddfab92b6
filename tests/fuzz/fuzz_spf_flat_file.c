/* A file of a flat record that can be read is written and read again as the same. */
#include "core/ops/spf_flat_file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(1 << 24);
    struct mv_error error = {MV_OK, ""};
    struct mv_spf_flat_file file, again;
    struct mv_buf out;

    mv_buf_init(&out, FUZZ_MAX_BYTES);
    if (mv_spf_flat_file_read(arena, mv_bytes_of(data, size), &file, &error) == MV_OK) {
        fuzz_require(file.record_count > 0 && file.record_count <= MV_SPF_FLAT_MAX_RECORDS && file.domain.len > 0);
        mv_spf_flat_file_write(&file, &out);
        fuzz_require(mv_spf_flat_file_read(arena, mv_buf_bytes(&out), &again, &error) == MV_OK);
        fuzz_require(mv_bytes_equal(file.domain, again.domain) && mv_bytes_equal(file.source, again.source));
        fuzz_require(file.record_count == again.record_count);
        for (size_t i = 0; i < file.record_count; i++)
            fuzz_require(mv_bytes_equal(file.records[i].name, again.records[i].name) &&
                         mv_bytes_equal(file.records[i].text, again.records[i].text));
    }
    mv_buf_free(&out);
    mv_arena_free(&arena);
    return 0;
}
