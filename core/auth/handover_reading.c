#include "core/auth/handover_reading.h"

#include "core/dkim/signature.h"

static enum mv_code take_field(struct mv_handover_reading *reading, struct mv_arena *arena,
                               const struct mv_field *field, const struct mv_handover_keys *keys,
                               struct mv_dkim_bodies *bodies)
{
    struct mv_handover_claim *claim = &reading->claims[reading->claim_count];
    const struct mv_dkim_body_hash **hash = &reading->hashes[reading->claim_count];
    enum mv_code code = mv_handover_parse(arena, field->value, claim);

    if (code != MV_OK)
        return code;
    reading->claim_count++;
    mv_handover_check_key(keys, claim);
    if (claim->facts.code != MV_HANDOVER_VALID) /* what cannot be checked costs no hash */
        return MV_OK;
    return mv_dkim_bodies_want(bodies, claim->canon, MV_DKIM_NO_LENGTH, hash);
}

enum mv_code mv_handover_reading_header(struct mv_handover_reading *reading, struct mv_arena *arena,
                                        const struct mv_field *fields, size_t count,
                                        const struct mv_handover_keys *keys, struct mv_dkim_bodies *bodies)
{
    enum mv_code code = MV_OK;

    for (size_t i = 0; code == MV_OK && i < count; i++) {
        if (!mv_field_is(&fields[i], MV_BYTES(MV_HANDOVER_FIELD)))
            continue;
        reading->field_count++;
        if (reading->claim_count < MV_HANDOVER_MAX_FIELDS)
            code = take_field(reading, arena, &fields[i], keys, bodies);
    }
    return code;
}

/* Which of two tells more; of equal ones that which stands nearer to the top. */
static bool is_better(const struct mv_handover *facts, const struct mv_handover *best)
{
    if (facts->code != best->code)
        return facts->code > best->code;
    return facts->code == MV_HANDOVER_VALID && facts->made_secs > best->made_secs;
}

enum mv_code mv_handover_reading_end(struct mv_handover_reading *reading, struct mv_handover_cover cover,
                                     const struct mv_handover_keys *keys, int64_t now_secs,
                                     unsigned max_age_secs)
{
    reading->result = (struct mv_handover){.code = MV_HANDOVER_ABSENT};
    if (reading->unreadable)
        reading->result = (struct mv_handover){.code = MV_HANDOVER_MALFORMED, .why = "the header is too large"};
    for (size_t i = 0; i < reading->claim_count; i++) {
        struct mv_handover_claim *claim = &reading->claims[i];
        enum mv_code code;

        if (reading->hashes[i] != NULL)
            cover.body_hash = mv_dkim_body_hash_at(reading->hashes[i], MV_DKIM_NO_LENGTH);
        code = mv_handover_check(&cover, keys, now_secs, max_age_secs, claim);
        if (code != MV_OK)
            return code;
        if (is_better(&claim->facts, &reading->result))
            reading->result = claim->facts;
    }
    reading->result.field_count = reading->field_count;
    return MV_OK;
}
