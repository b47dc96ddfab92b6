#include "core/arc/seal.h"

#include "core/arc/seal_hash.h"
#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/dkim/body_defects.h"
#include "core/dkim/header_hash.h"
#include "core/dkim/sign_names.h"
#include "core/text/domain.h"
#include "core/text/message.h"

#define MV_ARC_MAX_TIME 999999999999 /* RFC 6376 3.5 t=: 12 digits */
#define MAX_SCRATCH_BYTES (4 * MV_MAX_HEADER_BYTES)
#define B_LINE_BYTES ((size_t)900) /* a key of 8192 bits needs more than a line may have */
#define MAX_BASE64_BYTES (MV_DKIM_MAX_B_OCTETS * 2)

struct mv_arc_sealer {
    struct mv_arena *arena;
    const struct mv_arc_seal_options *options;
    const struct mv_field *fields;
    size_t field_count;
    struct mv_arc_chain chain;
    unsigned instance;
    const char *cv;
    const struct mv_bytes *names; /* h= */
    size_t name_count;
    struct mv_dkim_body_defects defects;
    struct mv_dkim_body_hash *body; /* NULL: nothing is to be sealed */
    bool ended;
};

struct mv_arc_sealer *mv_arc_sealer_new(struct mv_arena *arena)
{
    struct mv_arc_sealer *sealer = mv_arena_alloc(arena, sizeof *sealer);

    if (sealer != NULL)
        sealer->arena = arena;
    return sealer;
}

static bool is_name(struct mv_bytes name, size_t min_labels)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] != '.' && !mv_ascii_is(name.data[i], MV_ASCII_LDH))
            return false;
    return name.len <= MV_DOMAIN_MAX_BYTES && mv_domain_labels(name) >= min_labels;
}

/* The value of one field: printable, and every CRLF folds. */
static bool is_value(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    while (mv_cursor_left(&c) > 0) {
        mv_cursor_take_while(&c, MV_ASCII_WSP | MV_ASCII_VCHAR | MV_ASCII_UTF8);
        if (mv_cursor_left(&c) == 0)
            break;
        if (!mv_cursor_accept(&c, '\r') || !mv_cursor_accept(&c, '\n') ||
            !mv_ascii_is(mv_cursor_peek(&c), MV_ASCII_WSP))
            return false;
    }
    return text.len > 0 && text.len <= MV_ARC_MAX_RESULTS_BYTES;
}

static bool are_names(const struct mv_bytes *names, size_t count)
{
    bool has_from = false;

    for (size_t i = 0; i < count; i++) {
        if (names[i].len == 0 || !mv_bytes_all(names[i], MV_ASCII_FTEXT) || mv_bytes_find(names[i], ';') < names[i].len)
            return false;
        has_from = has_from || mv_bytes_equal_nocase(names[i], MV_BYTES("From"));
    }
    return has_from && count <= MV_DKIM_MAX_SIGNED_NAMES;
}

static bool are_usable(const struct mv_arc_seal_options *options)
{
    return is_name(options->domain, 2) && is_name(options->selector, 1) && is_value(options->results) &&
           (options->names == NULL || are_names(options->names, options->name_count)) && options->now_secs >= 0 &&
           options->now_secs <= MV_ARC_MAX_TIME;
}

static const char *judge_defects(unsigned defects)
{
    for (unsigned bit = 1; bit <= MV_DEFECTS_FATAL; bit <<= 1)
        if ((defects & bit & MV_DEFECTS_FATAL) != 0)
            return mv_defect_text((enum mv_defect)bit);
    return NULL;
}

/* RFC 8617 4.1.2: what DKIM signatures of ours cover, and the DKIM signatures that are there. */
static enum mv_code choose_names(struct mv_arc_sealer *sealer, const char **reason_r)
{
    struct mv_dkim_signed_names *usual;
    struct mv_bytes *names;
    enum mv_code code;

    if (sealer->options->names != NULL) {
        sealer->names = sealer->options->names;
        sealer->name_count = sealer->options->name_count;
        return MV_OK;
    }
    usual = mv_arena_alloc(sealer->arena, sizeof *usual);
    names = mv_arena_array(sealer->arena, MV_DKIM_MAX_SIGNED_NAMES, sizeof *names);
    if (usual == NULL || names == NULL)
        return MV_ERR_MEMORY;
    code = mv_dkim_sign_names(sealer->fields, sealer->field_count, usual, reason_r);
    if (code != MV_OK)
        return code;
    for (; sealer->name_count < usual->name_count; sealer->name_count++)
        names[sealer->name_count] = usual->names[sealer->name_count];
    for (size_t i = 0; i < sealer->field_count && sealer->name_count < MV_DKIM_MAX_SIGNED_NAMES; i++)
        if (mv_field_is(&sealer->fields[i], MV_BYTES("DKIM-Signature")))
            names[sealer->name_count++] = MV_BYTES("DKIM-Signature");
    sealer->names = names;
    return MV_OK;
}

/* RFC 8617 5.1 steps 2 to 4 */
static enum mv_code choose_place(struct mv_arc_sealer *sealer, const char **reason_r)
{
    const struct mv_arc_chain *chain = &sealer->chain;
    enum mv_arc_code status = sealer->options->status;
    bool ended;
    unsigned highest = mv_arc_highest_instance(sealer->fields, sealer->field_count, &ended);

    if (ended) {
        *reason_r = "the newest ARC-Seal says that the chain has failed";
        return MV_ERR_SYNTAX;
    }
    if (highest == MV_ARC_MAX_SETS) {
        *reason_r = "there are 50 ARC sets already";
        return MV_ERR_SYNTAX;
    }
    if (chain->state == MV_ARC_ABSENT && status != MV_ARC_NONE)
        return MV_ERR_USAGE;
    sealer->instance = highest + 1;
    sealer->cv = "fail";
    if (chain->state == MV_ARC_ABSENT)
        sealer->cv = "none";
    else if (chain->state == MV_ARC_WHOLE && status == MV_ARC_PASS)
        sealer->cv = "pass";
    return MV_OK;
}

enum mv_code mv_arc_sealer_header(struct mv_arc_sealer *sealer, const struct mv_arc_seal_options *options,
                                  const struct mv_field *fields, size_t count, unsigned defects,
                                  const char **reason_r)
{
    enum mv_code code;

    *reason_r = NULL;
    if (sealer->options != NULL || !are_usable(options))
        return MV_ERR_USAGE;
    sealer->options = options;
    sealer->fields = fields;
    sealer->field_count = count;
    *reason_r = judge_defects(defects);
    if (*reason_r != NULL)
        return MV_ERR_SYNTAX;
    code = mv_arc_collect(sealer->arena, fields, count, &sealer->chain);
    if (code == MV_OK)
        code = choose_place(sealer, reason_r);
    if (code == MV_OK)
        code = choose_names(sealer, reason_r);
    if (code != MV_OK)
        return code;
    sealer->body = mv_dkim_body_hash_new(sealer->arena, MV_CANON_RELAXED);
    if (sealer->body == NULL)
        return MV_ERR_MEMORY;
    mv_dkim_body_hash_want(sealer->body, MV_DKIM_NO_LENGTH);
    mv_dkim_body_defects_init(&sealer->defects, mv_body_scan_at(0));
    return MV_OK;
}

void mv_arc_sealer_body(struct mv_arc_sealer *sealer, struct mv_bytes body)
{
    if (sealer->body == NULL || sealer->ended || sealer->defects.reason != NULL)
        return;
    mv_dkim_body_defects_feed(&sealer->defects, body);
    mv_dkim_body_hash_feed(sealer->body, body);
}

static const char *algorithm_of(const struct mv_arc_sealer *sealer)
{
    return mv_private_key_type(sealer->options->key) == MV_KEY_RSA ? "rsa-sha256" : "ed25519-sha256";
}

static void put_base64(struct mv_bytes octets, struct mv_buf *out)
{
    struct mv_buf base64;
    struct mv_bytes text;

    mv_buf_init(&base64, MAX_BASE64_BYTES);
    mv_base64_encode(octets, &base64);
    if (mv_buf_failed(&base64))
        mv_buf_fail(out);
    text = mv_buf_bytes(&base64);
    for (size_t at = 0; at < text.len; at += B_LINE_BYTES) {
        mv_buf_puts(out, at == 0 ? "" : "\r\n    ");
        mv_buf_put(out, mv_bytes_slice(text, at, at + B_LINE_BYTES));
    }
    mv_buf_free(&base64);
}

/* Each on the line that it has room on. */
static void put_names(const struct mv_arc_sealer *sealer, struct mv_buf *out)
{
    size_t line_at = mv_buf_bytes(out).len - sizeof "    h=";

    for (size_t i = 0; i < sealer->name_count; i++) {
        if (i > 0)
            mv_buf_putc(out, ':');
        if (mv_buf_bytes(out).len - line_at + sealer->names[i].len + 1 > MV_FIELD_FOLD_COLUMN) {
            line_at = mv_buf_bytes(out).len + 2;
            mv_buf_puts(out, "\r\n      ");
        }
        mv_buf_put(out, sealer->names[i]);
    }
}

/* RFC 8617 4.1.2, with this value of b=. */
static void put_signature(const struct mv_arc_sealer *sealer, struct mv_bytes value, struct mv_buf *out)
{
    const struct mv_arc_seal_options *options = sealer->options;

    mv_buf_printf(out, "ARC-Message-Signature: a=%s;\r\n    b=", algorithm_of(sealer));
    put_base64(value, out);
    mv_buf_puts(out, ";\r\n    bh=");
    put_base64(mv_dkim_body_hash_at(sealer->body, MV_DKIM_NO_LENGTH), out);
    mv_buf_printf(out, "; c=relaxed/relaxed;\r\n    d=%.*s;\r\n    h=", MV_ARG(options->domain));
    put_names(sealer, out);
    mv_buf_printf(out, ";\r\n    i=%u; s=%.*s; t=%lld\r\n", sealer->instance, MV_ARG(options->selector),
                  (long long)options->now_secs);
}

/* RFC 8617 4.1.3, with this value of b=. */
static void put_seal(const struct mv_arc_sealer *sealer, struct mv_bytes value, struct mv_buf *out)
{
    const struct mv_arc_seal_options *options = sealer->options;

    mv_buf_printf(out, "ARC-Seal: a=%s;\r\n    b=", algorithm_of(sealer));
    put_base64(value, out);
    mv_buf_printf(out, ";\r\n    cv=%s; d=%.*s;\r\n    i=%u; s=%.*s; t=%lld\r\n", sealer->cv, MV_ARG(options->domain),
                  sealer->instance, MV_ARG(options->selector), (long long)options->now_secs);
}

typedef void put_function(const struct mv_arc_sealer *sealer, struct mv_bytes value, struct mv_buf *out);

/* A field as it is hashed, or as it goes out; in the arena. */
static enum mv_code make_field(const struct mv_arc_sealer *sealer, put_function *put, struct mv_bytes value,
                               struct mv_field *field_r)
{
    enum mv_code code = MV_ERR_MEMORY;
    struct mv_bytes raw;
    struct mv_buf text;

    mv_buf_init(&text, MV_ARC_MAX_MADE_BYTES);
    put(sealer, value, &text);
    if (!mv_buf_failed(&text) && mv_arena_copy(sealer->arena, mv_buf_bytes(&text), &raw)) {
        *field_r = mv_field_split(raw);
        code = MV_OK;
    }
    mv_buf_free(&text);
    return code;
}

static void put_results(const struct mv_arc_sealer *sealer, struct mv_bytes value, struct mv_buf *out)
{
    (void)value;
    mv_buf_printf(out, "ARC-Authentication-Results: i=%u; ", sealer->instance);
    mv_buf_put(out, sealer->options->results);
    mv_buf_puts(out, "\r\n");
}

/* The field again, with the signature over the hash in its b=. */
static enum mv_code sign_field(const struct mv_arc_sealer *sealer, put_function *put,
                               const unsigned char hash[MV_SHA256_BYTES], struct mv_field *field)
{
    unsigned char signature[MV_MAX_SIGNATURE_BYTES];
    size_t signature_len;
    enum mv_code code = mv_private_key_sign(sealer->options->key, hash, signature, &signature_len);

    return code == MV_OK ? make_field(sealer, put, mv_bytes_of(signature, signature_len), field) : code;
}

static enum mv_code make_signature(const struct mv_arc_sealer *sealer, struct mv_buf *scratch, struct mv_field *field_r)
{
    struct mv_dkim_header_index *index =
        mv_dkim_header_index_new(sealer->arena, sealer->fields, sealer->field_count);
    enum mv_code code = index == NULL ? MV_ERR_MEMORY
                                      : make_field(sealer, put_signature, mv_bytes_of(NULL, 0), field_r);
    struct mv_dkim_header_input input = {sealer->names, sealer->name_count, MV_CANON_RELAXED, field_r};
    unsigned char hash[MV_SHA256_BYTES];

    if (code == MV_OK)
        code = mv_dkim_header_hash(index, &input, scratch, hash);
    return code == MV_OK ? sign_field(sealer, put_signature, hash, field_r) : code;
}

/* RFC 8617 5.1.1, 5.1.2: the sets below are covered where the chain goes on. */
static enum mv_code make_seal(const struct mv_arc_sealer *sealer, struct mv_buf *scratch, const struct mv_arc_set *own,
                              struct mv_field *field_r)
{
    struct mv_arc_set sets[MV_ARC_MAX_SETS];
    unsigned char hashes[MV_ARC_MAX_SETS][MV_SHA256_BYTES];
    size_t below = sealer->chain.state == MV_ARC_WHOLE && sealer->cv[0] == 'p' ? sealer->chain.count : 0;
    enum mv_code code = make_field(sealer, put_seal, mv_bytes_of(NULL, 0), field_r);

    for (size_t i = 0; i < below; i++)
        sets[i] = sealer->chain.sets[i];
    sets[below] = *own;
    sets[below].seal = field_r;
    if (code == MV_OK)
        code = mv_arc_seal_hashes(sets, below + 1, scratch, hashes);
    return code == MV_OK ? sign_field(sealer, put_seal, hashes[below], field_r) : code;
}

static enum mv_code make_set(const struct mv_arc_sealer *sealer, struct mv_buf *scratch, struct mv_buf *out)
{
    struct mv_field results, signature, seal;
    struct mv_arc_set own = {.results = &results, .signature = &signature};
    enum mv_code code = make_field(sealer, put_results, mv_bytes_of(NULL, 0), &results);

    if (code == MV_OK)
        code = make_signature(sealer, scratch, &signature);
    if (code == MV_OK)
        code = make_seal(sealer, scratch, &own, &seal);
    if (code != MV_OK)
        return code;
    mv_buf_put(out, seal.raw);
    mv_buf_put(out, signature.raw);
    mv_buf_put(out, results.raw);
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

enum mv_code mv_arc_sealer_end(struct mv_arc_sealer *sealer, struct mv_buf *out, const char **reason_r)
{
    struct mv_buf scratch;
    enum mv_code code;

    *reason_r = NULL;
    if (sealer->body == NULL || sealer->ended)
        return MV_ERR_USAGE;
    sealer->ended = true;
    *reason_r = mv_dkim_body_defects_end(&sealer->defects);
    if (*reason_r != NULL)
        return MV_ERR_SYNTAX;
    code = mv_dkim_body_hash_end(sealer->body);
    mv_buf_init(&scratch, MAX_SCRATCH_BYTES);
    if (code == MV_OK)
        code = make_set(sealer, &scratch, out);
    mv_buf_free(&scratch);
    return code;
}

void mv_arc_sealer_free(struct mv_arc_sealer **sealer)
{
    if (*sealer != NULL)
        mv_dkim_body_hash_release((*sealer)->body);
    *sealer = NULL;
}
