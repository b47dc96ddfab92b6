/* A list of senders that can be read makes a record that can be read, whose terms make the same record again. */
#include "core/ops/spf_build.h"
#include "tests/fuzz/fuzz.h"

static void build_again(struct mv_arena *arena, struct mv_bytes text)
{
    struct mv_spf_senders again = {.other_count = 0};
    struct mv_error error = {MV_OK, ""};
    struct mv_spf_record record;
    struct mv_spf_fault fault;
    struct mv_spf_term term;
    struct mv_cursor walk;
    struct mv_buf out;

    fuzz_require(mv_spf_record_parse(text, &record, &fault));
    walk = mv_spf_record_walk(&record);
    while (mv_spf_record_next(&walk, &term))
        if (term.kind != MV_SPF_TERM_ALL)
            fuzz_require(mv_spf_senders_add(arena, &again, term.text, &error) == MV_OK);
    mv_buf_init(&out, SIZE_MAX);
    fuzz_require(mv_spf_build(&again, MV_BYTES("example.org"), MV_SPF_END_SOFTFAIL, &out) == MV_OK);
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&out), text));
    mv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(1 << 26);
    struct mv_spf_senders senders = {.other_count = 0};
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = mv_spf_senders_read(arena, mv_bytes_of(data, size), &senders, &error);
    struct mv_buf out;

    fuzz_require((code == MV_OK) == (error.text[0] == '\0'));
    mv_buf_init(&out, SIZE_MAX);
    if (code == MV_OK && mv_spf_build(&senders, MV_BYTES("example.org"), MV_SPF_END_SOFTFAIL, &out) == MV_OK)
        build_again(arena, mv_buf_bytes(&out));
    mv_buf_free(&out);
    mv_arena_free(&arena);
    return 0;
}
