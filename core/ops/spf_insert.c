#include "core/ops/spf_insert.h"

#include "core/spf/record.h"

#define FIRST "v=spf1 ~all"

/* The place is the first of "all" and of modifiers: terms behind "all" are never reached (RFC 7208 5.1). */
static bool find_place(const struct mv_spf_record *record, struct mv_bytes term, size_t *at_r)
{
    struct mv_cursor walk = mv_spf_record_walk(record);
    struct mv_spf_term one;
    bool is_found = false;

    *at_r = record->text.len;
    while (mv_spf_record_next(&walk, &one)) {
        struct mv_bytes plain = one.text;

        if (one.qualifier != 0 && plain.len > 0 && plain.data[0] == (unsigned char)one.qualifier)
            plain = mv_bytes_slice(plain, 1, plain.len);
        if (mv_bytes_equal_nocase(plain, term))
            return false;
        if (!is_found && (one.kind == MV_SPF_TERM_ALL || one.kind >= MV_SPF_TERM_REDIRECT)) {
            *at_r = (size_t)(one.text.data - record->text.data);
            is_found = true;
        }
    }
    return true;
}

/* A term by itself is one that a record could have. */
static bool is_term(struct mv_arena *arena, struct mv_bytes term, bool *memory_r)
{
    struct mv_bytes parts[] = {MV_BYTES("v=spf1 "), term}, text;
    struct mv_spf_record record;
    struct mv_spf_fault fault;

    *memory_r = mv_arena_join(arena, parts, 2, &text);
    return *memory_r && mv_spf_record_parse(text, &record, &fault) && record.term_count == 1;
}

static enum mv_code join(struct mv_arena *arena, const struct mv_bytes parts[5], struct mv_bytes *text_r)
{
    return mv_arena_join(arena, parts, 5, text_r) ? MV_OK : MV_ERR_MEMORY;
}

enum mv_code mv_spf_insert(struct mv_arena *arena, struct mv_bytes record, struct mv_bytes term,
                           struct mv_spf_inserted *inserted_r)
{
    struct mv_bytes old = record.len == 0 ? MV_BYTES(FIRST) : record;
    struct mv_spf_record parsed;
    struct mv_spf_fault fault;
    size_t at;
    bool has_memory, is_last;

    *inserted_r = (struct mv_spf_inserted){.outcome = MV_SPF_IS_FAULTY};
    if (!is_term(arena, term, &has_memory))
        return has_memory ? MV_OK : MV_ERR_MEMORY;
    if (!mv_spf_record_is(old) || !mv_spf_record_parse(old, &parsed, &fault))
        return MV_OK;
    inserted_r->outcome = MV_SPF_IS_THERE;
    if (!find_place(&parsed, term, &at))
        return MV_OK;
    is_last = at == old.len;
    while (is_last && at > 0 && old.data[at - 1] == ' ')
        old.len = --at;
    inserted_r->outcome = MV_SPF_INSERTED;
    inserted_r->from = is_last ? at + 1 : at;
    inserted_r->bytes = term.len;
    return join(arena, (struct mv_bytes[]){mv_bytes_slice(old, 0, at), is_last ? MV_BYTES(" ") : MV_BYTES(""), term,
                                           is_last ? MV_BYTES("") : MV_BYTES(" "), mv_bytes_slice(old, at, old.len)},
                &inserted_r->text);
}
