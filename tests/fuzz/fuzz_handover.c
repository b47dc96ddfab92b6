/* Any bytes as a field's value, and as a message in front of a mailbox server: read within limits, and never believed. */
#include "core/auth/handover_reading.h"
#include "core/text/message.h"

#include "tests/fuzz/fuzz.h"

#define NOW_SECS 1795651200
#define MAX_AGE_SECS 86400

static const struct mv_handover_keys keys = {
    .keys = {{.role = MV_HANDOVER_SIGNS, .id = "key-one", .secret = {1}},
             {.role = MV_HANDOVER_ACCEPTED, .id = "key-two", .secret = {2}}},
    .count = 2,
};

static void check_claim(const struct mv_handover_claim *claim)
{
    const struct mv_handover *facts = &claim->facts;

    fuzz_require(facts->code == MV_HANDOVER_VALID || facts->code == MV_HANDOVER_MALFORMED);
    fuzz_require((facts->code == MV_HANDOVER_MALFORMED) == (facts->why != NULL));
    if (facts->code == MV_HANDOVER_VALID)
        fuzz_require(facts->authserv_id.len > 0 && facts->reason.len <= MV_HANDOVER_MAX_REASON_BYTES);
}

/* Reads a whole message; ABSENT also when its header is beyond a limit. */
static enum mv_handover_code read_message(struct mv_bytes text, struct mv_arena *arena)
{
    struct mv_handover_reading reading = {.claim_count = 0};
    struct mv_handover_cover cover = {.count = 0};
    struct mv_dkim_bodies *bodies = mv_dkim_bodies_new(arena);
    struct mv_reader *reader = mv_reader_new(arena);
    struct mv_bytes body;
    enum mv_handover_code code;

    fuzz_require(bodies != NULL && reader != NULL);
    if (mv_reader_feed(reader, text, &body) != MV_OK || mv_reader_end(reader) != MV_OK)
        return MV_HANDOVER_ABSENT;
    cover.fields = mv_reader_fields(reader, &cover.count);
    cover.defects = mv_reader_defects(reader);
    fuzz_require(mv_handover_reading_header(&reading, arena, cover.fields, cover.count, &keys, bodies) == MV_OK);
    mv_dkim_bodies_feed(bodies, body);
    fuzz_require(mv_dkim_bodies_end(bodies) == MV_OK);
    fuzz_require(mv_handover_reading_end(&reading, arena, cover, &keys, NOW_SECS, MAX_AGE_SECS) == MV_OK);
    code = reading.result.code;
    fuzz_require((code == MV_HANDOVER_ABSENT) == (reading.field_count == 0));
    mv_dkim_bodies_free(&bodies);
    return code;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_handover_claim claim;

    fuzz_require(mv_handover_parse(arena, mv_bytes_of(data, size), &claim) == MV_OK);
    check_claim(&claim);
    /* without the secret nobody makes a right one */
    fuzz_require(read_message(mv_bytes_of(data, size), arena) < MV_HANDOVER_EXPIRED);
    mv_arena_free(&arena);
    return 0;
}
