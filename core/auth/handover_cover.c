#include "core/auth/handover_cover.h"

#include "core/auth/authres.h"
#include "core/crypto/hmac.h"
#include "core/text/message.h"

#define MAX_READING_BYTES (32 * 1024 * 1024) /* of all Authentication-Results fields */
#define MAX_TEXT_BYTES (4 * MV_MAX_HEADER_BYTES) /* fields may be much shorter than the length before them */

static const char *const names[] = {
    "From", "Sender", "Reply-To", "Date", "Message-ID", "Subject", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
};

/* With its length before it, so that no two lists of parts give the same text. */
static void put_part(struct mv_bytes part, struct mv_buf *out)
{
    mv_buf_printf(out, "%zu:", part.len);
    mv_buf_put(out, part);
}

static void put_field(const struct mv_field *field, struct mv_buf *scratch, struct mv_buf *out)
{
    mv_buf_reset(scratch);
    mv_canon_header(MV_CANON_RELAXED, field, scratch);
    if (mv_buf_failed(scratch))
        mv_buf_fail(out);
    put_part(mv_buf_bytes(scratch), out);
}

static void put_named(const struct mv_handover_cover *cover, struct mv_bytes name, struct mv_buf *scratch,
                      struct mv_buf *out)
{
    for (size_t i = 0; i < cover->count; i++)
        if (mv_field_is(&cover->fields[i], name))
            put_field(&cover->fields[i], scratch, out);
}

/*
 * The one that is about to be added, or those that are there.  What reading them takes is no part of the message's own
 * memory: a stranger may have sent very many.
 */
static void put_results(struct mv_bytes id, const struct mv_handover_cover *cover, struct mv_buf *scratch,
                        struct mv_buf *out)
{
    struct mv_field added = mv_field_split(cover->results);
    struct mv_arena *arena;

    if (cover->results.len > 0) {
        put_field(&added, scratch, out);
        return;
    }
    arena = mv_arena_new(MAX_READING_BYTES);
    if (arena == NULL)
        mv_buf_fail(out);
    for (size_t i = 0; arena != NULL && i < cover->count; i++)
        if (mv_authres_is_forged(arena, &cover->fields[i], &id, 1))
            put_field(&cover->fields[i], scratch, out);
    mv_arena_free(&arena);
}

static void put_all(struct mv_bytes signed_text, struct mv_bytes authserv_id, const struct mv_handover_cover *cover,
                    struct mv_buf *scratch, struct mv_buf *out)
{
    struct mv_field own = {.name = MV_BYTES(MV_HANDOVER_FIELD), .value = signed_text};

    put_field(&own, scratch, out);
    put_part((cover->defects & MV_DEFECTS_FATAL) != 0 ? MV_BYTES("malformed") : MV_BYTES(""), out);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put_named(cover, mv_bytes_str(names[i]), scratch, out);
    put_results(authserv_id, cover, scratch, out);
    put_part(cover->body_hash, out);
}

enum mv_code mv_handover_mac(struct mv_bytes signed_text, struct mv_bytes authserv_id,
                             const struct mv_handover_cover *cover, const struct mv_handover_key *key,
                             unsigned char mac_r[MV_SHA256_BYTES])
{
    struct mv_buf scratch, text;
    enum mv_code code;

    if (cover->body_hash.len != MV_SHA256_BYTES)
        return MV_ERR_USAGE;
    mv_buf_init(&scratch, MAX_TEXT_BYTES);
    mv_buf_init(&text, MAX_TEXT_BYTES);
    put_all(signed_text, authserv_id, cover, &scratch, &text);
    code = mv_buf_failed(&text) ? MV_ERR_MEMORY
                                : mv_hmac(mv_bytes_of(key->secret, sizeof key->secret), mv_buf_bytes(&text), mac_r);
    mv_buf_free(&scratch);
    mv_buf_free(&text);
    return code;
}
