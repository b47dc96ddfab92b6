#include "core/arc/set.h"

#include "core/base/ascii.h"
#include "core/text/lexer.h"
#include "core/text/taglist.h"

#define MV_ARC_MAX_INSTANCE_DIGITS 2 /* RFC 8617 4.2.1 */

enum kind { NOT_ARC, RESULTS, SIGNATURE, SEAL };

struct collector {
    struct mv_arena *arena;
    struct mv_arc_set *sets;
    struct mv_arc_chain *chain;
};

/* The chain is final. Takes a reason fresh from the arena: NULL is no memory. */
static enum mv_code conclude(struct collector *c, enum mv_arc_state state, const char *section, const char *reason)
{
    c->chain->state = state;
    c->chain->section = section;
    c->chain->reason = reason;
    return reason == NULL ? MV_ERR_MEMORY : MV_OK;
}

static enum kind kind_of(const struct mv_field *field)
{
    if (mv_field_is(field, MV_BYTES("ARC-Seal")))
        return SEAL;
    if (mv_field_is(field, MV_BYTES("ARC-Message-Signature")))
        return SIGNATURE;
    return mv_field_is(field, MV_BYTES("ARC-Authentication-Results")) ? RESULTS : NOT_ARC;
}

/* RFC 8617 4.2.1: 1 to 50; 0 for anything else. */
static unsigned instance_of(struct mv_bytes digits)
{
    uint64_t instance = 0;

    if (digits.len > MV_ARC_MAX_INSTANCE_DIGITS || !mv_bytes_to_uint(digits, MV_ARC_MAX_SETS, &instance))
        return 0;
    return (unsigned)instance;
}

unsigned mv_arc_results_instance(struct mv_bytes value, struct mv_bytes *payload_r)
{
    struct mv_cursor c = mv_cursor_of(value);
    struct mv_bytes digits;

    if (!mv_lex_skip_cfws(&c) || !mv_cursor_accept(&c, 'i') || !mv_lex_skip_cfws(&c) || !mv_cursor_accept(&c, '=') ||
        !mv_lex_skip_cfws(&c))
        return 0;
    digits = mv_cursor_take_while(&c, MV_ASCII_DIGIT);
    if (!mv_lex_skip_cfws(&c) || !mv_cursor_accept(&c, ';'))
        return 0;
    *payload_r = mv_cursor_rest(&c);
    return instance_of(digits);
}

/* The first i=: where there are two, the field does not verify. */
static unsigned tag_instance(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(value);
    struct mv_tag tag;

    while (mv_taglist_next(&c, &tag))
        if (mv_bytes_equal(tag.name, MV_BYTES("i")))
            return instance_of(tag.value);
    return 0;
}

/* The payload is that of RESULTS only. */
static unsigned instance_in(const struct mv_field *field, enum kind kind, struct mv_bytes *payload_r)
{
    if (kind == NOT_ARC)
        return 0;
    return kind == RESULTS ? mv_arc_results_instance(field->value, payload_r) : tag_instance(field->value);
}

static bool says_fail(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(value);
    struct mv_tag tag;

    while (mv_taglist_next(&c, &tag))
        if (mv_bytes_equal(tag.name, MV_BYTES("cv")))
            return mv_bytes_equal(tag.value, MV_BYTES("fail"));
    return false;
}

unsigned mv_arc_highest_instance(const struct mv_field *fields, size_t count, bool *ended_r)
{
    struct mv_bytes payload;
    unsigned highest = 0;

    *ended_r = false;
    for (size_t i = 0; i < count; i++) {
        enum kind kind = kind_of(&fields[i]);
        unsigned instance = instance_in(&fields[i], kind, &payload);

        if (instance > highest)
            *ended_r = false;
        if (instance > highest)
            highest = instance;
        if (kind == SEAL && instance == highest && says_fail(fields[i].value))
            *ended_r = true;
    }
    return highest;
}

static enum mv_code add_field(struct collector *c, const struct mv_field *field, enum kind kind)
{
    struct mv_bytes payload = {NULL, 0};
    unsigned instance = instance_in(field, kind, &payload);
    const struct mv_field **place;
    struct mv_arc_set *set;

    if (instance == 0)
        return conclude(c, MV_ARC_BROKEN, "RFC 8617 4.2.1", "an ARC field has no instance (i=) from 1 to 50");
    set = &c->sets[instance - 1];
    if (kind == RESULTS)
        set->payload = payload;
    place = kind == RESULTS ? &set->results : kind == SIGNATURE ? &set->signature : &set->seal;
    if (*place != NULL)
        return conclude(c, MV_ARC_BROKEN, "RFC 8617 5.2",
                        mv_arena_printf(c->arena, "ARC set %u has a field twice", instance));
    *place = field;
    if (c->chain->count < instance)
        c->chain->count = instance;
    return MV_OK;
}

static enum mv_code add_fields(struct collector *c, const struct mv_field *fields, size_t count)
{
    enum mv_code code = MV_OK;

    for (size_t i = 0; i < count && code == MV_OK && c->chain->state == MV_ARC_ABSENT; i++) {
        enum kind kind = kind_of(&fields[i]);

        if (kind == NOT_ARC)
            continue;
        if (c->sets == NULL)
            c->sets = mv_arena_array(c->arena, MV_ARC_MAX_SETS, sizeof *c->sets);
        code = c->sets == NULL ? MV_ERR_MEMORY : add_field(c, &fields[i], kind);
    }
    c->chain->sets = c->sets;
    return code;
}

static const char *missing_field(const struct mv_arc_set *set)
{
    if (set->seal == NULL)
        return "ARC-Seal";
    if (set->signature == NULL)
        return "ARC-Message-Signature";
    return set->results == NULL ? "ARC-Authentication-Results" : NULL;
}

/* RFC 8617 5.2 step 3: no gaps. */
static enum mv_code check_fields(struct collector *c)
{
    for (size_t i = 0; i < c->chain->count; i++) {
        const char *missing = missing_field(&c->sets[i]);

        if (missing != NULL)
            return conclude(c, MV_ARC_BROKEN, "RFC 8617 5.2",
                            mv_arena_printf(c->arena, "ARC set %zu has no %s", i + 1, missing));
    }
    return MV_OK;
}

/* RFC 8617 4.1.3 cv=, 5.2 steps 2 and 3 */
static enum mv_code check_seal(struct collector *c, size_t instance)
{
    struct mv_taglist tags;
    const struct mv_tag *cv;

    if (mv_taglist_parse(c->sets[instance - 1].seal->value, &tags) != MV_TAGLIST_OK)
        return conclude(c, MV_ARC_BROKEN, "RFC 8617 4.1.3",
                        mv_arena_printf(c->arena, "ARC-Seal %zu is no list of tags", instance));
    if (mv_taglist_get(&tags, MV_BYTES("h")) != NULL)
        return conclude(c, MV_ARC_BROKEN, "RFC 8617 4.1.3", mv_arena_printf(c->arena, "ARC-Seal %zu has h=", instance));
    cv = mv_taglist_get(&tags, MV_BYTES("cv"));
    if (cv != NULL && mv_bytes_equal(cv->value, MV_BYTES("fail")))
        return conclude(c, MV_ARC_ENDED, "RFC 8617 5.1.2",
                        mv_arena_printf(c->arena, "ARC-Seal %zu says that the chain had failed before it", instance));
    if (cv != NULL && mv_bytes_equal(cv->value, instance == 1 ? MV_BYTES("none") : MV_BYTES("pass")))
        return MV_OK;
    return conclude(c, MV_ARC_BROKEN, "RFC 8617 5.2",
                    mv_arena_printf(c->arena, "cv= of ARC-Seal %zu is not what it must be there", instance));
}

static enum mv_code check_structure(struct collector *c)
{
    enum mv_code code = check_fields(c);

    for (size_t i = c->chain->count; i > 0 && code == MV_OK && c->chain->state == MV_ARC_ABSENT; i--)
        code = check_seal(c, i);
    if (code == MV_OK && c->chain->state == MV_ARC_ABSENT)
        c->chain->state = MV_ARC_WHOLE;
    return code;
}

enum mv_code mv_arc_collect(struct mv_arena *arena, const struct mv_field *fields, size_t count,
                            struct mv_arc_chain *chain_r)
{
    struct collector c = {.arena = arena, .chain = chain_r};
    enum mv_code code;

    *chain_r = (struct mv_arc_chain){.state = MV_ARC_ABSENT};
    code = add_fields(&c, fields, count);
    if (code != MV_OK || chain_r->count == 0 || chain_r->state != MV_ARC_ABSENT)
        return code;
    return check_structure(&c);
}
