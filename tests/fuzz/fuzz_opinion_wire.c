/*
 * A request or a reply, by its magic.  What can be read can be written, and what was written reads back to the same
 * bytes.
 */
#include "core/ops/opinion_wire.h"
#include "tests/fuzz/fuzz.h"

static void check_request(struct mv_arena *arena, struct mv_bytes bytes)
{
    struct mv_opinion_request request, again;
    struct mv_buf first, second;

    if (mv_opinion_request_read(arena, bytes, &request) != MV_OK)
        return;
    mv_buf_init(&first, FUZZ_MAX_BYTES);
    mv_buf_init(&second, FUZZ_MAX_BYTES);
    fuzz_require(mv_opinion_request_write(&request, &first) == MV_OK);
    fuzz_require(mv_opinion_request_read(arena, mv_buf_bytes(&first), &again) == MV_OK);
    fuzz_require(again.answer_count == request.answer_count && again.identifier_count == request.identifier_count);
    fuzz_require(mv_opinion_request_write(&again, &second) == MV_OK);
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&first), mv_buf_bytes(&second)));
    mv_buf_free(&first);
    mv_buf_free(&second);
}

static void check_reply(struct mv_bytes bytes)
{
    struct mv_opinion_reply reply;
    struct mv_buf written;

    if (mv_opinion_reply_read(bytes, &reply) != MV_OK)
        return;
    fuzz_require(reply.pct <= 100 && reply.said.len <= MV_OPINION_MAX_SAID_BYTES);
    mv_buf_init(&written, FUZZ_MAX_BYTES);
    fuzz_require(mv_opinion_reply_write(&reply, &written) == MV_OK);
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&written), bytes));
    mv_buf_free(&written);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(64 * 1024 * 1024);

    fuzz_require(arena != NULL);
    check_request(arena, mv_bytes_of(data, size));
    check_reply(mv_bytes_of(data, size));
    mv_arena_free(&arena);
    return 0;
}
