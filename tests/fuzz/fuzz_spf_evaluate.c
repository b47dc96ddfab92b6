/*
 * An evaluation under an attacker who owns client and DNS: it ends, within the
 * limits, with the same result in whatever pace the answers come.
 *
 * Input: lines with the client's address, HELO, MAIL FROM, and then a zone
 * (tests/unit/spf_zone.h).
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"
#include "tests/unit/spf_zone.h"

#define MAX_INPUT_BYTES 4096
#define MAX_MEMORY_BYTES (256 * 1024 * 1024)
/* The first record, ten terms, ten hosts for each, PTR with ten names, an explanation; and what was asked ahead. */
#define MAX_QUESTIONS (1 + 10 + 10 * 10 + 11 + 1 + MV_MEMO_MAX_AHEAD)

static void must(bool condition)
{
    if (!condition)
        abort();
}

static struct mv_bytes take_line(struct mv_cursor *c)
{
    struct mv_bytes line = mv_cursor_take_until(c, '\n');

    mv_cursor_next(c);
    return line;
}

static void check_limits(const struct mv_spf_result *result, const struct mv_memo *memo,
                         const struct mv_spf_request *request)
{
    must(result->lookups <= MV_SPF_MAX_LOOKUPS && result->voids <= request->max_voids + 1);
    must(result->record_count <= MV_SPF_MAX_LOOKUPS + 1);
    must(mv_memo_questions(memo) <= MAX_QUESTIONS);
    must(result->explanation.len <= MV_SPF_MAX_EXPLANATION_BYTES);
    must(result->explanation.len == 0 || result->code == MV_SPF_FAIL);
    must(mv_bytes_all(result->explanation, MV_ASCII_VCHAR | MV_ASCII_WSP));
    must(mv_bytes_all(mv_bytes_str(result->reason), MV_ASCII_VCHAR | MV_ASCII_WSP));
    must(mv_bytes_all(result->domain, MV_ASCII_VCHAR));
}

static bool is_same(const struct mv_spf_result *a, const struct mv_spf_result *b)
{
    return a->code == b->code && a->lookups == b->lookups && a->voids == b->voids &&
           a->record_count == b->record_count && mv_bytes_equal(a->explanation, b->explanation) &&
           mv_bytes_equal(a->mechanism, b->mechanism);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(data, size));
    struct mv_spf_request request = {.now_secs = 1700000000, .max_voids = MV_SPF_MAX_VOIDS};
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_spf_result by_rounds, one_by_one;
    struct mv_memo *memo;
    const char *zone;

    if (size > MAX_INPUT_BYTES || !mv_ip_parse(take_line(&c), &request.ip)) {
        mv_arena_free(&arena);
        return 0;
    }
    request.helo = take_line(&c);
    request.mail_from = take_line(&c);
    zone = mv_arena_str(arena, mv_cursor_rest(&c));
    must(spf_zone_evaluate(arena, zone, SPF_ZONE_ROUNDS, &request, mv_trace_new(arena), &by_rounds, &memo) == MV_OK);
    check_limits(&by_rounds, memo, &request);
    must(spf_zone_evaluate(arena, zone, SPF_ZONE_ONE_BY_ONE, &request, NULL, &one_by_one, &memo) == MV_OK);
    must(is_same(&by_rounds, &one_by_one));
    mv_arena_free(&arena);
    return 0;
}
