#include "core/dkim/sign.h"

#include "core/base/ascii.h"
#include "core/dkim/body_defects.h"
#include "core/dkim/body_hash.h"
#include "core/dkim/sign_field.h"
#include "core/dkim/sign_names.h"
#include "core/text/domain.h"
#include "core/text/message.h"

#define MV_DKIM_MAX_TIME 999999999999u /* RFC 6376 3.5 t=, x=: 12 digits */
#define USUAL_FIELD_BYTES 2048
/* Of canonical text; no field is longer in it than as it came. */
#define MAX_SCRATCH_BYTES (2 * MV_MAX_HEADER_BYTES)

struct mv_dkim_signer {
    struct mv_arena *arena;
    const struct mv_dkim_signing_options *options;
    struct mv_dkim_signed_names names;
    struct mv_dkim_body_defects defects;
    struct mv_dkim_body_hash *body; /* NULL: nothing is to be signed */
    bool ended;
};

struct mv_dkim_signer *mv_dkim_signer_new(struct mv_arena *arena)
{
    struct mv_dkim_signer *signer = mv_arena_alloc(arena, sizeof *signer);

    if (signer != NULL)
        signer->arena = arena;
    return signer;
}

static bool is_name(struct mv_bytes name, size_t min_labels)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] != '.' && !mv_ascii_is(name.data[i], MV_ASCII_LDH))
            return false;
    return name.len <= MV_DOMAIN_MAX_BYTES && mv_domain_labels(name) >= min_labels;
}

/* What a caller who reads the header of this module does not do wrong. */
static bool are_usable(const struct mv_dkim_signing_options *options)
{
    if (options->key_count == 0 || options->key_count > MV_DKIM_MAX_SIGNING_KEYS || !is_name(options->sdid, 2))
        return false;
    for (size_t i = 0; i < options->key_count; i++)
        if (!is_name(options->keys[i].selector, 1))
            return false;
    return options->now_secs >= 0 && (uint64_t)options->now_secs <= MV_DKIM_MAX_TIME &&
           options->lifetime_secs <= MV_DKIM_MAX_TIME - (uint64_t)options->now_secs;
}

static const char *judge_defects(unsigned defects)
{
    for (unsigned bit = 1; bit <= MV_DEFECTS_FATAL; bit <<= 1)
        if ((defects & bit & MV_DEFECTS_FATAL) != 0)
            return mv_defect_text((enum mv_defect)bit);
    return NULL;
}

/* RFC 5322 4.5: may be read, must not be made. Some verifiers cannot read the whole message then. */
static const char *judge_colons(const struct mv_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mv_bytes_find(fields[i].raw, ':') != fields[i].name.len)
            return "white space between the name of a header field and its colon";
    return NULL;
}

enum mv_code mv_dkim_signer_header(struct mv_dkim_signer *signer, const struct mv_dkim_signing_options *options,
                                   const struct mv_field *fields, size_t count, unsigned defects,
                                   const char **reason_r)
{
    struct mv_dkim_body_hash *body;
    enum mv_code code;

    *reason_r = NULL;
    if (signer->body != NULL || !are_usable(options))
        return MV_ERR_USAGE;
    *reason_r = judge_defects(defects);
    if (*reason_r == NULL)
        *reason_r = judge_colons(fields, count);
    if (*reason_r != NULL)
        return MV_ERR_SYNTAX;
    code = mv_dkim_sign_names(fields, count, &signer->names, reason_r);
    if (code != MV_OK)
        return code;
    body = mv_dkim_body_hash_new(signer->arena, options->body_canon);
    if (body == NULL)
        return MV_ERR_MEMORY;
    mv_dkim_body_hash_want(body, MV_DKIM_NO_LENGTH);
    mv_dkim_body_defects_init(&signer->defects, mv_body_scan_at(0));
    signer->options = options;
    signer->body = body;
    return MV_OK;
}

void mv_dkim_signer_body(struct mv_dkim_signer *signer, struct mv_bytes body)
{
    if (signer->body == NULL || signer->ended || signer->defects.reason != NULL)
        return;
    mv_dkim_body_defects_feed(&signer->defects, body);
    mv_dkim_body_hash_feed(signer->body, body);
}

/* RFC 6376 3.7: the same for all keys. */
static void put_canonical_fields(const struct mv_dkim_signer *signer, struct mv_buf *canonical)
{
    const struct mv_dkim_signed_names *names = &signer->names;
    size_t room = 0;

    for (size_t i = 0; i < names->field_count; i++)
        room += names->fields[i]->raw.len;
    mv_buf_reserve(canonical, room + USUAL_FIELD_BYTES);
    for (size_t i = 0; i < names->field_count; i++)
        mv_canon_header(signer->options->header_canon, names->fields[i], canonical);
}

/* The hash of the fields and, behind them, of the signature's own field, which ends in "b=" (RFC 6376 3.7). */
static enum mv_code hash_with_own(enum mv_canon canon, struct mv_bytes own, struct mv_buf *canonical,
                                  unsigned char hash_r[MV_SHA256_BYTES])
{
    struct mv_field field = mv_field_split(own);
    size_t shared = mv_buf_bytes(canonical).len;
    struct mv_digest *digest = mv_digest_new();
    enum mv_code code;

    if (digest == NULL)
        return MV_ERR_CRYPTO;
    mv_canon_header(canon, &field, canonical);
    mv_buf_truncate(canonical, mv_buf_bytes(canonical).len - 2);
    mv_digest_update(digest, mv_buf_bytes(canonical));
    code = mv_buf_failed(canonical) ? MV_ERR_MEMORY : mv_digest_final(digest, hash_r);
    mv_buf_truncate(canonical, shared);
    mv_digest_free(&digest);
    return code;
}

static void put_tags(const struct mv_dkim_signer *signer, const struct mv_dkim_signing_key *key, struct mv_buf *out)
{
    const struct mv_dkim_signing_options *options = signer->options;
    uint64_t now_secs = (uint64_t)options->now_secs;
    struct mv_dkim_tags tags = {
        .key_type = mv_private_key_type(key->key),
        .header_canon = options->header_canon,
        .body_canon = options->body_canon,
        .sdid = options->sdid,
        .selector = key->selector,
        .created_secs = now_secs,
        .expires_secs = options->lifetime_secs == 0 ? 0 : now_secs + options->lifetime_secs,
        .names = &signer->names,
        .body_hash = mv_dkim_body_hash_at(signer->body, MV_DKIM_NO_LENGTH),
    };

    mv_buf_reserve(out, USUAL_FIELD_BYTES);
    mv_dkim_put_tags(&tags, out);
}

static enum mv_code put_signature(const struct mv_dkim_signer *signer, const struct mv_dkim_signing_key *key,
                                  struct mv_buf *canonical, struct mv_buf *out)
{
    size_t start = mv_buf_bytes(out).len, signature_len;
    unsigned char hash[MV_SHA256_BYTES], signature[MV_MAX_SIGNATURE_BYTES];
    enum mv_code code;

    put_tags(signer, key, out);
    if (mv_buf_failed(out))
        return MV_ERR_MEMORY;
    code = hash_with_own(signer->options->header_canon, mv_bytes_slice(mv_buf_bytes(out), start, out->len), canonical,
                         hash);
    if (code == MV_OK)
        code = mv_private_key_sign(key->key, hash, signature, &signature_len);
    if (code != MV_OK)
        return code;
    mv_dkim_put_b(mv_bytes_of(signature, signature_len), out);
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

enum mv_code mv_dkim_signer_end(struct mv_dkim_signer *signer, struct mv_buf *out, const char **reason_r)
{
    struct mv_buf canonical;
    enum mv_code code;

    *reason_r = NULL;
    if (signer->body == NULL || signer->ended)
        return MV_ERR_USAGE;
    signer->ended = true;
    *reason_r = mv_dkim_body_defects_end(&signer->defects);
    if (*reason_r != NULL)
        return MV_ERR_SYNTAX;
    code = mv_dkim_body_hash_end(signer->body);
    mv_buf_init(&canonical, MAX_SCRATCH_BYTES);
    put_canonical_fields(signer, &canonical);
    for (size_t i = 0; code == MV_OK && i < signer->options->key_count; i++)
        code = put_signature(signer, &signer->options->keys[i], &canonical, out);
    mv_buf_free(&canonical);
    return code;
}

void mv_dkim_signer_free(struct mv_dkim_signer **signer)
{
    if (*signer != NULL)
        mv_dkim_body_hash_release((*signer)->body);
    *signer = NULL;
}
