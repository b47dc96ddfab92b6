#include "core/auth/authres.h"
#include "core/base/ascii.h"
#include "core/text/domain.h"

struct gathering {
    struct mv_arena *arena;
    struct mv_bytes id; /* as in struct mv_authres */
    struct mv_buf *out;
    struct mv_authres_chain *chain;
};

/* RFC 8601 2.2: as one method among others; of two opinions that differ none is taken for good. */
static void note_chain(struct gathering *g, const struct mv_authres *authres)
{
    for (size_t i = 0; i < authres->result_count; i++) {
        const struct mv_authres_result *result = &authres->results[i];
        enum mv_arc_code code = MV_ARC_FAIL;

        if (!mv_bytes_equal(result->method, MV_BYTES("arc")) || result->version != 1)
            continue;
        if (mv_bytes_equal(result->result, MV_BYTES("pass")))
            code = MV_ARC_PASS;
        else if (mv_bytes_equal(result->result, MV_BYTES("none")))
            code = MV_ARC_NONE;
        if (g->chain->known && g->chain->code != code)
            code = MV_ARC_FAIL;
        g->chain->known = true;
        g->chain->code = code;
    }
}

/* What stands behind the authserv-id, without the ";" at either end. */
static struct mv_bytes results_text(struct mv_bytes rest)
{
    struct mv_bytes text = mv_bytes_trim(rest);

    while (text.len > 0 && text.data[0] == ';')
        text = mv_bytes_trim(mv_bytes_slice(text, 1, text.len));
    while (text.len > 0 && text.data[text.len - 1] == ';')
        text = mv_bytes_trim(mv_bytes_slice(text, 0, text.len - 1));
    return text;
}

static enum mv_code gather_field(struct gathering *g, const struct mv_field *field)
{
    struct mv_authres authres;
    enum mv_code code = mv_authres_parse(g->arena, field->value, &authres);

    if (code == MV_ERR_MEMORY)
        return code;
    if (code != MV_OK || authres.version != MV_AUTHRES_VERSION || authres.result_count == 0 ||
        !mv_bytes_equal(authres.id, g->id))
        return MV_OK;
    note_chain(g, &authres);
    mv_buf_puts(g->out, ";\r\n    ");
    mv_buf_put(g->out, results_text(authres.rest));
    return MV_OK;
}

static enum mv_code normalize_id(struct gathering *g, struct mv_bytes id)
{
    struct mv_buf lower;
    enum mv_code code = mv_domain_parse(g->arena, id, &g->id);

    if (code != MV_ERR_SYNTAX)
        return code;
    mv_buf_init(&lower, id.len + 1);
    mv_buf_put_lower(&lower, id);
    code = mv_arena_copy(g->arena, mv_buf_bytes(&lower), &g->id) ? MV_OK : MV_ERR_MEMORY;
    mv_buf_free(&lower);
    return code;
}

enum mv_code mv_authres_gather(struct mv_arena *arena, const struct mv_field *fields, size_t count, struct mv_bytes id,
                               struct mv_buf *out, struct mv_authres_chain *chain_r)
{
    struct gathering g = {.arena = arena, .out = out, .chain = chain_r};
    size_t bare;
    enum mv_code code;

    *chain_r = (struct mv_authres_chain){.known = false, .code = MV_ARC_NONE};
    if (id.len == 0 || !mv_bytes_all(id, MV_ASCII_TOKEN))
        return MV_ERR_USAGE;
    code = normalize_id(&g, id);
    mv_buf_put(out, id);
    bare = mv_buf_bytes(out).len;
    for (size_t i = 0; i < count && code == MV_OK; i++)
        if (mv_field_is(&fields[i], MV_BYTES("Authentication-Results")))
            code = gather_field(&g, &fields[i]);
    if (mv_buf_bytes(out).len == bare)
        mv_buf_puts(out, "; none");
    if (code != MV_OK)
        return code;
    return mv_buf_failed(out) ? MV_ERR_LIMIT : MV_OK;
}
