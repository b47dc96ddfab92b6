#include "core/auth/redaction.h"

#include "core/auth/redaction_received.h"
#include "core/base/ascii.h"
#include "core/crypto/hmac.h"
#include "core/text/address.h"
#include "core/text/domain.h"
#include "core/text/taglist.h"

#define MAX_FIELDS 100                /* that are kept; the rest is not looked at */
#define MAX_VALUE_BYTES (64 * 1024)   /* of a field that is looked at */
#define MAX_TEXT_BYTES (128 * 1024)   /* hashed for one address */
#define MAX_SUBTYPE_BYTES 60
#define HIDDEN "redacted"

static void put_hex(const unsigned char *octets, size_t count, struct mv_buf *out)
{
    for (size_t i = 0; i < count; i++)
        mv_buf_printf(out, "%02x", octets[i]);
}

/* The scope ends in NUL, so that no two pairs of scope and address are one text. */
enum mv_code mv_redact_address(const struct mv_redaction *redaction, struct mv_bytes local_part, struct mv_bytes domain,
                               struct mv_buf *out)
{
    unsigned char mac[MV_SHA256_BYTES];
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MAX_TEXT_BYTES);
    mv_buf_put(&text, redaction->scope);
    mv_buf_putc(&text, '\0');
    mv_buf_put_lower(&text, local_part);
    mv_buf_putc(&text, '@');
    mv_buf_put(&text, domain);
    code = mv_buf_failed(&text) ? MV_ERR_MEMORY : mv_hmac(redaction->key, mv_buf_bytes(&text), mac);
    mv_buf_free(&text);
    if (code != MV_OK)
        return code;
    put_hex(mac, MV_REDACTED_BYTES / 2, out);
    mv_buf_putc(out, '@');
    mv_buf_put(out, domain);
    return MV_OK;
}

enum mv_code mv_redact_identity(struct mv_arena *arena, const struct mv_redaction *redaction, struct mv_bytes identity,
                                struct mv_buf *out)
{
    size_t at = mv_bytes_find_last(identity, '@');
    struct mv_bytes local_part = mv_bytes_slice(identity, 0, at), domain;
    enum mv_code code = mv_domain_parse(arena, mv_bytes_slice(identity, at + 1, identity.len), &domain);

    if (code == MV_ERR_SYNTAX || identity.len > MAX_VALUE_BYTES)
        return MV_OK;
    if (code != MV_OK || local_part.len > 0)
        return code != MV_OK ? code : mv_redact_address(redaction, local_part, domain, out);
    mv_buf_putc(out, '@');
    mv_buf_put(out, domain);
    return MV_OK;
}

enum mv_code mv_redact_path(struct mv_arena *arena, const struct mv_redaction *redaction, struct mv_bytes path,
                            struct mv_buf *out)
{
    struct mv_bytes local_part, written, domain;
    enum mv_code code;

    if (path.len > MAX_VALUE_BYTES || !mv_address_parse_path(arena, path, &local_part, &written) || written.len == 0)
        return MV_OK;
    code = mv_domain_parse(arena, written, &domain);
    if (code == MV_OK)
        return mv_redact_address(redaction, local_part, domain, out);
    return code == MV_ERR_SYNTAX ? MV_OK : code;
}

static enum mv_code add_mailboxes(struct mv_redacting *r, const struct mv_mailbox *mailboxes, size_t count)
{
    size_t kept = count < MV_REDACTION_MAX_ADDRESSES ? count : MV_REDACTION_MAX_ADDRESSES;
    enum mv_code code = MV_OK;

    for (size_t i = 0; i < kept && code == MV_OK; i++) {
        mv_buf_reset(&r->piece);
        code = mv_redact_address(r->redaction, mailboxes[i].local_part, mailboxes[i].domain, &r->piece);
        if (i + 1 < kept)
            mv_buf_putc(&r->piece, ',');
        mv_redacting_add(r, mv_buf_bytes(&r->piece));
    }
    return code;
}

static enum mv_code redact_mailboxes(struct mv_redacting *r, struct mv_bytes value)
{
    struct mv_mailbox *mailboxes, loose;
    size_t count;
    enum mv_from_code from = mv_address_parse_list(r->arena, value, &mailboxes, &count);
    enum mv_code code;

    if (from == MV_FROM_MEMORY)
        return MV_ERR_MEMORY;
    if (from == MV_FROM_OK)
        return add_mailboxes(r, mailboxes, count);
    code = mv_address_parse_loose(r->arena, value, &loose);
    if (code == MV_OK)
        return add_mailboxes(r, &loose, 1);
    mv_redacting_add(r, MV_BYTES(HIDDEN));
    return code == MV_ERR_SYNTAX ? MV_OK : code;
}

static enum mv_code redact_return_path(struct mv_redacting *r, struct mv_bytes value)
{
    enum mv_code code;

    mv_buf_reset(&r->piece);
    mv_buf_putc(&r->piece, '<');
    code = mv_redact_path(r->arena, r->redaction, mv_bytes_trim(value), &r->piece);
    mv_buf_putc(&r->piece, '>');
    mv_redacting_add(r, mv_buf_bytes(&r->piece));
    return code;
}

static enum mv_code redact_message_id(struct mv_redacting *r, struct mv_bytes value)
{
    struct mv_bytes id = mv_bytes_trim(value);
    enum mv_code code;

    if (id.len < 2 || id.data[0] != '<' || id.data[id.len - 1] != '>')
        return MV_OK;
    mv_buf_reset(&r->piece);
    mv_buf_putc(&r->piece, '<');
    code = mv_redact_identity(r->arena, r->redaction, mv_bytes_slice(id, 1, id.len - 1), &r->piece);
    mv_buf_putc(&r->piece, '>');
    if (mv_buf_bytes(&r->piece).len > 2)
        mv_redacting_add(r, mv_buf_bytes(&r->piece));
    return code;
}

static enum mv_code redact_date(struct mv_redacting *r, struct mv_bytes value)
{
    mv_redacting_add_date(r, value);
    return MV_OK;
}

static enum mv_code hide(struct mv_redacting *r, struct mv_bytes value)
{
    (void)value;
    mv_redacting_add(r, MV_BYTES(HIDDEN));
    return MV_OK;
}

static bool is_one_of(struct mv_bytes word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mv_bytes_equal_nocase(word, mv_bytes_str(words[i])))
            return true;
    return false;
}

static enum mv_code redact_version(struct mv_redacting *r, struct mv_bytes value)
{
    if (mv_bytes_equal(mv_bytes_trim(value), MV_BYTES("1.0")))
        mv_redacting_add(r, MV_BYTES("1.0"));
    return MV_OK;
}

static enum mv_code redact_type(struct mv_redacting *r, struct mv_bytes value)
{
    static const char *const types[] = {"application", "audio", "font", "image", "message", "model", "multipart",
                                        "text", "video"};
    struct mv_bytes whole = mv_bytes_trim(mv_bytes_slice(value, 0, mv_bytes_find(value, ';')));
    size_t slash = mv_bytes_find(whole, '/');
    struct mv_bytes subtype = mv_bytes_slice(whole, slash + 1, whole.len);

    if (is_one_of(mv_bytes_slice(whole, 0, slash), types, sizeof types / sizeof *types) && subtype.len > 0 &&
        subtype.len <= MAX_SUBTYPE_BYTES && mv_bytes_all(subtype, MV_ASCII_LDH))
        mv_redacting_add(r, whole);
    return MV_OK;
}

static enum mv_code redact_transfer(struct mv_redacting *r, struct mv_bytes value)
{
    static const char *const encodings[] = {"7bit", "8bit", "binary", "quoted-printable", "base64"};
    struct mv_bytes word = mv_bytes_trim(value);

    if (is_one_of(word, encodings, sizeof encodings / sizeof *encodings))
        mv_redacting_add(r, word);
    return MV_OK;
}

/* The value of a tag without white space; false for one that holds more than names, numbers and base64. */
static bool put_tag_value(struct mv_bytes value, struct mv_buf *out)
{
    const struct mv_bytes also = MV_BYTES("+/=:.");

    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = value.data[i];

        if (mv_ascii_is(c, MV_ASCII_FWS))
            continue;
        if (!mv_ascii_is(c, MV_ASCII_LDH) && mv_bytes_find(also, c) == also.len)
            return false;
        mv_buf_putc(out, c);
    }
    return true;
}

static enum mv_code redact_tag(struct mv_redacting *r, const struct mv_tag *tag)
{
    struct mv_buf identity;
    enum mv_code code;

    if (!mv_bytes_equal(tag->name, MV_BYTES("i")))
        return put_tag_value(tag->value, &r->piece) ? MV_OK : MV_ERR_SYNTAX;
    mv_buf_init(&identity, MV_REDACTION_MAX_FIELD_BYTES);
    code = mv_redact_identity(r->arena, r->redaction, tag->value, &identity);
    mv_buf_put(&r->piece, mv_buf_bytes(&identity));
    if (code == MV_OK && mv_buf_bytes(&identity).len == 0)
        code = MV_ERR_SYNTAX;
    mv_buf_free(&identity);
    return code;
}

static enum mv_code redact_signature(struct mv_redacting *r, struct mv_bytes value)
{
    static const char *const names[] = {"a", "b", "bh", "c", "d", "h", "i", "l", "q", "s", "t", "v", "x"};
    struct mv_cursor c = mv_cursor_of(value);
    struct mv_tag tag;

    while (mv_taglist_next(&c, &tag)) {
        enum mv_code code;

        if (tag.name.len == 0 || tag.name.len > 2 || !is_one_of(tag.name, names, sizeof names / sizeof *names))
            continue;
        mv_buf_reset(&r->piece);
        mv_buf_put(&r->piece, tag.name);
        mv_buf_putc(&r->piece, '=');
        code = redact_tag(r, &tag);
        mv_buf_putc(&r->piece, ';');
        if (code == MV_OK)
            mv_redacting_add(r, mv_buf_bytes(&r->piece));
        else if (code != MV_ERR_SYNTAX)
            return code;
    }
    return MV_OK;
}

static const struct kept {
    const char *name;
    enum mv_code (*redact)(struct mv_redacting *r, struct mv_bytes value);
} kept[] = {
    {"Received", mv_redact_received},
    {"From", redact_mailboxes},
    {"Sender", redact_mailboxes},
    {"Reply-To", redact_mailboxes},
    {"To", redact_mailboxes},
    {"Cc", redact_mailboxes},
    {"Return-Path", redact_return_path},
    {"Message-ID", redact_message_id},
    {"Date", redact_date},
    {"Subject", hide},
    {"MIME-Version", redact_version},
    {"Content-Type", redact_type},
    {"Content-Transfer-Encoding", redact_transfer},
    {"DKIM-Signature", redact_signature},
};

static const struct kept *find_kept(const struct mv_field *field)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (mv_field_is(field, mv_bytes_str(kept[i].name)))
            return &kept[i];
    return NULL;
}

void mv_redacting_add(struct mv_redacting *r, struct mv_bytes piece)
{
    if (mv_buf_failed(&r->piece))
        mv_buf_fail(&r->field);
    mv_field_add_piece(&r->field, piece);
    r->pieces++;
}

/* A field of which nothing may be told is not there. */
static enum mv_code redact_field(struct mv_redacting *r, const struct kept *how, struct mv_bytes value,
                                 struct mv_buf *out)
{
    enum mv_code code;

    mv_buf_reset(&r->field);
    mv_buf_reset(&r->piece);
    r->pieces = 0;
    mv_buf_printf(&r->field, "%s:", how->name);
    code = how->redact(r, value);
    mv_buf_puts(&r->field, "\r\n");
    if (r->pieces > 0 && code == MV_OK && !mv_buf_failed(&r->field) &&
        mv_buf_bytes(out).len + mv_buf_bytes(&r->field).len <= MV_REDACTION_MAX_HEADER_BYTES)
        mv_buf_put(out, mv_buf_bytes(&r->field));
    return code;
}

enum mv_code mv_redact_header(struct mv_arena *arena, const struct mv_redaction *redaction,
                              const struct mv_field *fields, size_t count, struct mv_buf *out)
{
    struct mv_redacting r = {.arena = arena, .redaction = redaction};
    enum mv_code code = MV_OK;

    mv_buf_init(&r.field, MV_REDACTION_MAX_FIELD_BYTES);
    mv_buf_init(&r.piece, MV_FIELD_MAX_COLUMN - sizeof "    ");
    for (size_t i = 0, looked = 0; i < count && looked < MAX_FIELDS && code == MV_OK; i++) {
        const struct kept *how = find_kept(&fields[i]);

        if (how == NULL || fields[i].value.len > MAX_VALUE_BYTES)
            continue;
        looked++;
        code = redact_field(&r, how, fields[i].value, out);
    }
    mv_buf_free(&r.field);
    mv_buf_free(&r.piece);
    return code == MV_OK && mv_buf_failed(out) ? MV_ERR_MEMORY : code;
}
