/*
 * Any bytes as a field's value, and as a message in front of a mailbox server: read within limits, and never believed.
 * What a border adds to the same message is.
 */
#include "core/auth/authres.h"
#include "core/auth/handover_reading.h"
#include "core/dkim/signature.h"
#include "core/text/message.h"

#include "tests/fuzz/fuzz.h"

#define NOW_SECS 1795651200
#define MAX_AGE_SECS 86400
#define ID "mx.example.org"
#define RESULTS "Authentication-Results: " ID "; none\r\n"

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

/* Of one whole message. */
struct reading {
    struct mv_reader *reader;
    struct mv_dkim_bodies *bodies;
    struct mv_handover_cover cover;
    struct mv_bytes body;
};

/* False when its header is beyond a limit. */
static bool split(struct mv_bytes text, struct mv_arena *arena, struct reading *r)
{
    *r = (struct reading){.reader = mv_reader_new(arena), .bodies = mv_dkim_bodies_new(arena)};
    fuzz_require(r->bodies != NULL && r->reader != NULL);
    if (mv_reader_feed(r->reader, text, &r->body) != MV_OK || mv_reader_end(r->reader) != MV_OK)
        return false;
    r->cover.fields = mv_reader_fields(r->reader, &r->cover.count);
    r->cover.defects = mv_reader_defects(r->reader);
    return true;
}

static void hash(struct reading *r)
{
    mv_dkim_bodies_feed(r->bodies, r->body);
    fuzz_require(mv_dkim_bodies_end(r->bodies) == MV_OK);
}

static enum mv_handover_code read_message(struct mv_bytes text, struct mv_arena *arena)
{
    struct mv_handover_reading reading = {.claim_count = 0};
    struct reading r;
    enum mv_handover_code code;

    if (!split(text, arena, &r))
        return MV_HANDOVER_ABSENT;
    fuzz_require(mv_handover_reading_header(&reading, arena, r.cover.fields, r.cover.count, &keys, r.bodies) == MV_OK);
    hash(&r);
    fuzz_require(mv_handover_reading_end(&reading, r.cover, &keys, NOW_SECS, MAX_AGE_SECS) == MV_OK);
    code = reading.result.code;
    fuzz_require((code == MV_HANDOVER_ABSENT) == (reading.field_count == 0));
    mv_dkim_bodies_free(&r.bodies);
    return code;
}

/* What no border leaves in a message, or puts its fields before. */
static bool passes_the_border(struct mv_bytes text, const struct reading *r, struct mv_arena *arena)
{
    const struct mv_bytes id = MV_BYTES(ID);

    if (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        return false;
    for (size_t i = 0; i < r->cover.count; i++)
        if (mv_authres_is_forged(arena, &r->cover.fields[i], &id, 1))
            return false;
    return true;
}

/* What a border adds holds, whatever the message is. */
static void hand_over(struct mv_bytes text, struct mv_arena *arena)
{
    const struct mv_verdict verdict = {.reason = "50%; of  all"};
    const struct mv_dkim_body_hash *body_hash;
    enum mv_handover_code code;
    enum mv_canon canon;
    struct reading r;
    struct mv_buf out;

    if (!split(text, arena, &r) || !passes_the_border(text, &r, arena))
        return;
    fuzz_require(mv_dkim_bodies_want_any(r.bodies, &canon, &body_hash) == MV_OK);
    hash(&r);
    r.cover.results = MV_BYTES(RESULTS);
    r.cover.body_hash = mv_dkim_body_hash_at(body_hash, MV_DKIM_NO_LENGTH);
    mv_buf_init(&out, FUZZ_MAX_BYTES);
    mv_buf_puts(&out, RESULTS);
    fuzz_require(mv_handover_print(&verdict, MV_BYTES(ID), canon, &r.cover, &keys.keys[0], NOW_SECS, &out) ==
                 MV_OK);
    mv_buf_put(&out, text);
    code = read_message(mv_buf_bytes(&out), arena);
    fuzz_require(code == MV_HANDOVER_VALID || text.len + MV_HANDOVER_MAX_FIELD_BYTES > MV_MAX_HEADER_BYTES);
    mv_buf_free(&out);
    mv_dkim_bodies_free(&r.bodies);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_handover_claim claim;

    fuzz_require(mv_handover_parse(arena, mv_bytes_of(data, size), &claim) == MV_OK);
    check_claim(&claim);
    /* without the secret nobody makes a right one */
    fuzz_require(read_message(mv_bytes_of(data, size), arena) < MV_HANDOVER_EXPIRED);
    hand_over(mv_bytes_of(data, size), arena);
    mv_arena_free(&arena);
    return 0;
}
