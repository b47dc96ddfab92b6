#include "core/auth/handover.h"

#include <inttypes.h>

#include "core/auth/handover_cover.h"
#include "core/base/ascii.h"
#include "core/base/base64.h"

#define MAX_PIECE_BYTES (MV_FIELD_MAX_COLUMN - sizeof "    ") /* no line is longer, RFC 5322 2.1.1 */

/* A space can stand alone between two words: white space is made one space on the way. */
static bool stands_for_itself(struct mv_bytes text, size_t at)
{
    unsigned char c = text.data[at];

    if (c != ' ')
        return mv_ascii_is(c, MV_ASCII_VCHAR) && c != ';' && c != '%';
    return at > 0 && at + 1 < text.len && text.data[at - 1] != ' ';
}

static void put_encoded(struct mv_bytes text, struct mv_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.data[i];

        if (c != ' ' && !mv_ascii_is(c, MV_ASCII_VCHAR))
            mv_buf_putc(out, '?');
        else if (stands_for_itself(text, i))
            mv_buf_putc(out, c);
        else
            mv_buf_printf(out, "%%%02X", c);
    }
}

static void add_piece(struct mv_bytes piece, struct mv_buf *out)
{
    if (piece.len > MAX_PIECE_BYTES)
        mv_buf_fail(out);
    mv_field_add_piece(out, piece);
}

/* name=value; with folds where the value has spaces. */
static void add_tag(const char *name, struct mv_bytes value, struct mv_buf *out)
{
    struct mv_buf tag;
    struct mv_cursor c;

    mv_buf_init(&tag, MV_HANDOVER_MAX_FIELD_BYTES);
    mv_buf_printf(&tag, "%s=", name);
    put_encoded(value, &tag);
    mv_buf_putc(&tag, ';');
    if (mv_buf_failed(&tag))
        mv_buf_fail(out);
    c = mv_cursor_of(mv_buf_bytes(&tag));
    while (mv_cursor_left(&c) > 0) {
        add_piece(mv_cursor_take_until(&c, ' '), out);
        mv_cursor_accept(&c, ' ');
    }
    mv_buf_free(&tag);
}

static void add_word(const char *name, const char *word, struct mv_buf *out)
{
    add_tag(name, mv_bytes_str(word), out);
}

static void add_reason(const char *reason, struct mv_buf *out)
{
    struct mv_bytes text = mv_bytes_str(reason);
    struct mv_buf cut;

    mv_buf_init(&cut, MV_HANDOVER_MAX_REASON_BYTES);
    if (text.len <= MV_HANDOVER_MAX_REASON_BYTES)
        mv_buf_put(&cut, text);
    else {
        mv_buf_put(&cut, mv_bytes_slice(text, 0, MV_HANDOVER_MAX_REASON_BYTES - 3));
        mv_buf_puts(&cut, "...");
    }
    if (mv_buf_failed(&cut))
        mv_buf_fail(out);
    add_tag("reason", mv_buf_bytes(&cut), out);
    mv_buf_free(&cut);
}

static void add_results(const struct mv_verdict *v, struct mv_buf *out)
{
    const struct mv_dkim_result *signature = mv_verdict_signature(v);
    bool has_policy = v->has_dmarc && v->dmarc.has_record;

    add_word("disposition", mv_action_text(v->action), out);
    add_word("dmarc", mv_dmarc_code_text(v->has_dmarc ? v->dmarc.code : MV_DMARC_NONE), out);
    add_word("policy", has_policy ? mv_dmarc_policy_text(v->dmarc.effective) : "", out);
    add_tag("from", v->author_domain, out);
    add_word("spf", mv_spf_code_text(v->has_spf ? v->spf.code : MV_SPF_NONE), out);
    add_word("dkim", mv_dkim_code_text(signature == NULL ? MV_DKIM_NONE : signature->code), out);
    add_word("arc", mv_arc_code_text(v->has_arc ? v->arc.code : MV_ARC_NONE), out);
    add_reason(v->reason, out);
}

static void add_time(int64_t now_secs, struct mv_buf *out)
{
    struct mv_buf text;

    mv_buf_init(&text, 32);
    mv_buf_printf(&text, "%" PRId64, now_secs < 0 ? 0 : now_secs);
    add_tag("t", mv_buf_bytes(&text), out);
    mv_buf_free(&text);
}

static void add_mac(const unsigned char mac[MV_SHA256_BYTES], struct mv_buf *out)
{
    struct mv_buf tag;

    mv_buf_init(&tag, 64);
    mv_buf_puts(&tag, "h=");
    mv_base64_encode(mv_bytes_of(mac, MV_SHA256_BYTES), &tag);
    if (mv_buf_failed(&tag))
        mv_buf_fail(out);
    add_piece(mv_buf_bytes(&tag), out);
    mv_buf_puts(out, "\r\n");
    mv_buf_free(&tag);
}

static enum mv_code finish(struct mv_bytes authserv_id, const struct mv_handover_cover *cover,
                           const struct mv_handover_key *key, struct mv_buf *field)
{
    struct mv_field written = mv_field_split(mv_buf_bytes(field));
    unsigned char mac[MV_SHA256_BYTES];
    enum mv_code code = mv_buf_failed(field)
                            ? MV_ERR_LIMIT
                            : mv_handover_mac(written.value, authserv_id, cover, key, mac);

    if (code != MV_OK)
        return code;
    add_mac(mac, field);
    return mv_buf_failed(field) ? MV_ERR_LIMIT : MV_OK;
}

enum mv_code mv_handover_print(const struct mv_verdict *verdict, struct mv_bytes authserv_id, enum mv_canon canon,
                               const struct mv_handover_cover *cover, const struct mv_handover_key *key,
                               int64_t now_secs, struct mv_buf *out)
{
    struct mv_buf field;
    enum mv_code code;

    mv_buf_init(&field, MV_HANDOVER_MAX_FIELD_BYTES);
    mv_buf_puts(&field, MV_HANDOVER_FIELD ":");
    add_word("v", "1", &field);
    add_time(now_secs, &field);
    add_word("k", key->id, &field);
    add_tag("id", authserv_id, &field);
    add_word("c", canon == MV_CANON_RELAXED ? "relaxed" : "simple", &field);
    add_results(verdict, &field);
    code = finish(authserv_id, cover, key, &field);
    if (code == MV_OK)
        mv_buf_put(out, mv_buf_bytes(&field));
    mv_buf_free(&field);
    return code;
}
