#include "core/auth/seal.h"

#include <stdlib.h>

#include "core/arc/seal.h"
#include "core/auth/authres.h"
#include "core/base/ascii.h"
#include "core/dkim/signature.h"
#include "core/text/domain.h"
#include "core/text/message.h"

#define MV_SEAL_MAX_MEMORY_BYTES (16 * 1024 * 1024)

struct mv_seal {
    struct mv_arena *arena;
    struct mv_reader *reader;
    struct mv_arc_sealer *sealer;
    struct mv_arc_seal_options options;
    struct mv_bytes authserv_id;
    struct mv_buf results;
    struct mv_buf fields;
    const char *reason; /* why it is not sealed */
    bool header_done;
    enum mv_code code;  /* of the first error of ours */
};

static enum mv_code no_memory(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
}

static enum mv_code take_name(struct mv_seal *seal, const char *what, struct mv_bytes name, size_t min_labels,
                              struct mv_bytes *name_r, struct mv_error *error)
{
    enum mv_code code = mv_domain_parse(seal->arena, name, name_r);

    if (code == MV_ERR_MEMORY)
        return no_memory(error);
    if (code == MV_OK && mv_domain_labels(*name_r) >= min_labels)
        return MV_OK;
    return mv_error_set(error, MV_ERR_SYNTAX, "the %s that was given is no name that can stand in DNS", what);
}

/* "from:to:subject" */
static enum mv_code take_names(struct mv_seal *seal, struct mv_bytes list, struct mv_error *error)
{
    struct mv_bytes *names = mv_arena_array(seal->arena, MV_DKIM_MAX_SIGNED_NAMES, sizeof *names), copy;
    struct mv_cursor c;
    size_t count = 0;
    bool has_from = false;

    if (list.len == 0)
        return MV_OK;
    if (names == NULL || !mv_arena_copy(seal->arena, list, &copy))
        return no_memory(error);
    c = mv_cursor_of(copy);
    do {
        struct mv_bytes name = mv_bytes_trim(mv_cursor_take_until(&c, ':'));

        if (name.len == 0 || !mv_bytes_all(name, MV_ASCII_FTEXT) || mv_bytes_find(name, ';') < name.len ||
            count == MV_DKIM_MAX_SIGNED_NAMES)
            return mv_error_set(error, MV_ERR_SYNTAX, "the header fields to be signed are no list of names");
        has_from = has_from || mv_bytes_equal_nocase(name, MV_BYTES("From"));
        names[count++] = name;
    } while (mv_cursor_accept(&c, ':'));
    if (!has_from)
        return mv_error_set(error, MV_ERR_SYNTAX, "From is not among the header fields to be signed");
    seal->options.names = names;
    seal->options.name_count = count;
    return MV_OK;
}

static enum mv_code take_request(struct mv_seal *seal, const struct mv_seal_request *request, struct mv_error *error)
{
    const char *reason = NULL;
    enum mv_code code = take_name(seal, "domain", request->domain, 2, &seal->options.domain, error);

    seal->options.now_secs = request->now_secs;
    if (code == MV_OK)
        code = take_name(seal, "selector", request->selector, 1, &seal->options.selector, error);
    if (code == MV_OK)
        code = take_names(seal, request->names, error);
    if (code != MV_OK)
        return code;
    if (request->authserv_id.len == 0 || !mv_bytes_all(request->authserv_id, MV_ASCII_TOKEN))
        return mv_error_set(error, MV_ERR_SYNTAX, "the authserv-id that was given is no word");
    if (!mv_arena_copy(seal->arena, request->authserv_id, &seal->authserv_id))
        return no_memory(error);
    code = mv_private_key_read(request->pem, &seal->options.key, &reason);
    if (code != MV_OK)
        mv_error_set(error, code, "%s: %s", request->pem_name, reason == NULL ? mv_code_text(code) : reason);
    return code;
}

enum mv_code mv_seal_begin(const struct mv_seal_request *request, struct mv_seal **seal_r, struct mv_error *error)
{
    struct mv_seal *seal = calloc(1, sizeof *seal);
    enum mv_code code;

    *seal_r = NULL;
    if (seal == NULL)
        return no_memory(error);
    mv_buf_init(&seal->results, MV_ARC_MAX_RESULTS_BYTES);
    mv_buf_init(&seal->fields, MV_ARC_MAX_MADE_BYTES);
    seal->arena = mv_arena_new(MV_SEAL_MAX_MEMORY_BYTES);
    seal->reader = seal->arena == NULL ? NULL : mv_reader_new(seal->arena);
    seal->sealer = seal->arena == NULL ? NULL : mv_arc_sealer_new(seal->arena);
    code = seal->reader == NULL || seal->sealer == NULL ? no_memory(error) : take_request(seal, request, error);
    if (code != MV_OK) {
        mv_seal_free(&seal);
        return code;
    }
    *seal_r = seal;
    return MV_OK;
}

/* Not to be sealed is no error. */
static enum mv_code refuse(struct mv_seal *seal, const char *reason)
{
    seal->reason = reason;
    return MV_OK;
}

static enum mv_code fail(struct mv_seal *seal, enum mv_code code)
{
    if (seal->code == MV_OK)
        seal->code = code;
    return seal->code;
}

static enum mv_code take_header(struct mv_seal *seal)
{
    size_t count;
    const struct mv_field *fields = mv_reader_fields(seal->reader, &count);
    struct mv_authres_chain chain;
    const char *reason = NULL;
    bool ended;
    enum mv_code code;

    seal->header_done = true;
    code = mv_authres_gather(seal->arena, fields, count, seal->authserv_id, &seal->results, &chain);
    if (code == MV_ERR_LIMIT)
        return refuse(seal, "the results of its Authentication-Results fields are too long");
    if (code != MV_OK)
        return code;
    if (!chain.known && mv_arc_highest_instance(fields, count, &ended) > 0 && !ended)
        return refuse(seal, "it has an ARC chain, and no Authentication-Results field of ours says what that came to");
    if (chain.code != MV_ARC_NONE && mv_arc_highest_instance(fields, count, &ended) == 0)
        return refuse(seal, "its Authentication-Results fields tell of an ARC chain that is not there");
    seal->options.status = chain.code;
    seal->options.results = mv_buf_bytes(&seal->results);
    code = mv_arc_sealer_header(seal->sealer, &seal->options, fields, count, mv_reader_defects(seal->reader), &reason);
    return code == MV_ERR_SYNTAX ? refuse(seal, reason) : code;
}

enum mv_code mv_seal_feed(struct mv_seal *seal, struct mv_bytes bytes)
{
    struct mv_bytes body = bytes;
    enum mv_code code = MV_OK;

    if (seal->code != MV_OK || seal->reason != NULL)
        return seal->code;
    if (!seal->header_done) {
        code = mv_reader_feed(seal->reader, bytes, &body);
        if (code == MV_ERR_LIMIT)
            return refuse(seal, "its header block is beyond the limits");
        if (code == MV_OK && mv_reader_header_done(seal->reader))
            code = take_header(seal);
        if (code != MV_OK)
            return fail(seal, code);
    }
    if (seal->header_done && seal->reason == NULL)
        mv_arc_sealer_body(seal->sealer, body);
    return MV_OK;
}

enum mv_code mv_seal_end(struct mv_seal *seal)
{
    const char *reason = NULL;
    enum mv_code code = MV_OK;

    if (seal->code != MV_OK || seal->reason != NULL)
        return seal->code;
    if (!seal->header_done) {
        code = mv_reader_end(seal->reader);
        if (code == MV_ERR_LIMIT)
            return refuse(seal, "its header block is beyond the limits");
        if (code == MV_OK)
            code = take_header(seal);
    }
    if (code == MV_OK && seal->reason == NULL)
        code = mv_arc_sealer_end(seal->sealer, &seal->fields, &reason);
    if (code == MV_ERR_SYNTAX)
        return refuse(seal, reason);
    return code == MV_OK ? MV_OK : fail(seal, code);
}

struct mv_bytes mv_seal_fields(const struct mv_seal *seal)
{
    if (seal->code != MV_OK || seal->reason != NULL)
        return mv_bytes_of(NULL, 0);
    return mv_buf_bytes(&seal->fields);
}

const char *mv_seal_reason(const struct mv_seal *seal)
{
    return seal->reason;
}

void mv_seal_free(struct mv_seal **seal)
{
    struct mv_seal *s = *seal;

    *seal = NULL;
    if (s == NULL)
        return;
    mv_arc_sealer_free(&s->sealer);
    mv_private_key_free(&s->options.key);
    mv_buf_free(&s->results);
    mv_buf_free(&s->fields);
    mv_arena_free(&s->arena);
    free(s);
}
