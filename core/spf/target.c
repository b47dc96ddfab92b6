#include "core/base/ascii.h"
#include "core/spf/check.h"
#include "core/text/domain.h"

/* RFC 7208 7.3: a name that is too long loses labels on the left. Without a final dot. */
static struct mv_bytes fit(struct mv_bytes name)
{
    if (mv_bytes_has_suffix_nocase(name, MV_BYTES(".")))
        name = mv_bytes_slice(name, 0, name.len - 1);
    while (name.len > MV_DOMAIN_MAX_BYTES) {
        size_t dot = mv_bytes_find(name, '.');

        if (dot == name.len)
            break;
        name = mv_bytes_slice(name, dot + 1, name.len);
    }
    return name;
}

static bool copy_lower(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes *copy_r)
{
    unsigned char *copy = mv_arena_alloc(arena, name.len);

    if (copy == NULL)
        return false;
    for (size_t i = 0; i < name.len; i++)
        copy[i] = mv_ascii_lower(name.data[i]);
    *copy_r = mv_bytes_of(copy, name.len);
    return true;
}

/* What the letters need that is not always there. MV_SPF_MATCH: go on. */
static enum mv_spf_match prepare_values(struct mv_spf_check *check, struct mv_bytes domain, unsigned uses)
{
    check->values.domain = domain;
    if ((uses & MV_SPF_USES_LOCAL_PART) != 0 && !check->local_part_is_ascii) {
        mv_trace_note(check->trace, "RFC 8616 4", "the local part is not ASCII: a term with it never matches");
        return MV_SPF_NO_MATCH;
    }
    if ((uses & MV_SPF_USES_PTR) != 0)
        return mv_spf_ptr_name(check, domain, &check->values.validated);
    return MV_SPF_MATCH;
}

enum mv_spf_match mv_spf_target(struct mv_spf_check *check, struct mv_bytes domain, const struct mv_spf_term *term,
                                struct mv_bytes *name_r)
{
    enum mv_spf_match ready;
    enum mv_code code;

    *name_r = domain;
    if (term->domain_spec.len == 0)
        return MV_SPF_MATCH;
    ready = prepare_values(check, domain, term->uses);
    if (ready != MV_SPF_MATCH)
        return ready;
    mv_buf_reset(&check->scratch);
    code = mv_spf_macro_expand(term->domain_spec, &check->values, &check->scratch);
    if (code == MV_ERR_LIMIT)
        return mv_spf_throw(check, MV_SPF_PERMERROR, "RFC 7208 7.3", "a domain with macros grows too long");
    if (code != MV_OK)
        return mv_spf_abort(check, code);
    if (!copy_lower(check->arena, fit(mv_buf_bytes(&check->scratch)), name_r))
        return mv_spf_abort(check, MV_ERR_MEMORY);
    return MV_SPF_MATCH;
}
