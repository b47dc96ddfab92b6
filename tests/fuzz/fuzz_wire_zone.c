/*
 * The first byte picks the type, the next up to a zero byte are the name that
 * was asked for, the rest is what a server of the zone answered.
 */
#include "core/dns/wire.h"

#include "core/text/domain.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct mv_dns_question *question, const struct mv_zone_answer *answer)
{
    fuzz_require((answer->fault != NULL) == (answer->word == MV_ZONE_FAILURE));
    fuzz_require(answer->count <= MV_DNS_MAX_RECORDS);
    fuzz_require((answer->count > 0) == (answer->word == MV_ZONE_RECORDS || answer->word == MV_ZONE_ELSEWHERE));
    if (answer->word == MV_ZONE_ALIAS)
        fuzz_require(answer->name.len == 0 || mv_domain_is_askable(answer->name));
    if (answer->word == MV_ZONE_ELSEWHERE)
        fuzz_require(answer->name.len == 0 || mv_domain_is_within(question->name, answer->name));
    for (size_t i = 0; answer->word == MV_ZONE_ELSEWHERE && i < answer->count; i++)
        fuzz_require(answer->records[i].data.len == 0 || mv_domain_is_askable(answer->records[i].data));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const enum mv_dns_type types[] = {MV_DNS_TXT, MV_DNS_SOA, MV_DNS_NS, MV_DNS_A};
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(data, size));
    struct mv_dns_question question;
    struct mv_zone_answer answer;
    struct mv_arena *arena;

    if (size == 0)
        return 0;
    question.type = types[mv_cursor_next(&c) & 3];
    question.name = mv_cursor_take_until(&c, 0);
    mv_cursor_accept(&c, 0);
    arena = mv_arena_new(FUZZ_MAX_BYTES);
    fuzz_require(mv_dns_wire_zone_answer(arena, &question, mv_cursor_rest(&c), &answer) == MV_OK);
    check(&question, &answer);
    (void)mv_dns_wire_is_cut(mv_cursor_rest(&c));
    mv_arena_free(&arena);
    return 0;
}
