#include "core/dkim/sign_field.h"

#include "core/base/base64.h"

#define FOLD "\r\n    "
#define FOLD_COLUMNS 4
#define B_LINE_BYTES ((size_t)(MV_FIELD_FOLD_COLUMN - FOLD_COLUMNS - 2)) /* "b=" stands before the first */
#define MAX_BASE64_BYTES (MV_DKIM_MAX_B_OCTETS * 2)
#define MAX_DIGITS 20

struct writer {
    struct mv_buf *out;
    size_t line_at; /* where in out the line begins */
};

static void fold(struct writer *w)
{
    mv_buf_put(w->out, MV_BYTES(FOLD));
    w->line_at = mv_buf_bytes(w->out).len - FOLD_COLUMNS;
}

/* The gap, or a fold in its place where the line would become too long. */
static void put_gap(struct writer *w, struct mv_bytes gap, size_t columns)
{
    if (mv_buf_bytes(w->out).len - w->line_at + gap.len + columns > MV_FIELD_FOLD_COLUMN)
        fold(w);
    else
        mv_buf_put(w->out, gap);
}

/* No fold may stand in such a value; it is longer than a line only when it is a long domain name. */
static void put_tag(struct writer *w, struct mv_bytes name, struct mv_bytes value)
{
    put_gap(w, MV_BYTES(" "), name.len + 1 + value.len + 1);
    mv_buf_put(w->out, name);
    mv_buf_putc(w->out, '=');
    mv_buf_put(w->out, value);
    mv_buf_putc(w->out, ';');
}

static void put_time(struct writer *w, struct mv_bytes name, uint64_t secs)
{
    unsigned char digits[MAX_DIGITS];
    size_t at = sizeof digits;

    do
        digits[--at] = (unsigned char)('0' + secs % 10);
    while ((secs /= 10) > 0);
    put_tag(w, name, mv_bytes_of(digits + at, sizeof digits - at));
}

/* RFC 6376 3.5 h=: a fold may stand after each colon. */
static void put_names(struct writer *w, const struct mv_dkim_signed_names *names)
{
    struct mv_bytes before = MV_BYTES("h=");

    put_gap(w, MV_BYTES(" "), before.len + names->names[0].len + 1);
    for (size_t i = 0; i < names->name_count; i++) {
        if (i > 0)
            put_gap(w, MV_BYTES(""), names->names[i].len + 1);
        mv_buf_put(w->out, i == 0 ? before : MV_BYTES(""));
        mv_buf_put(w->out, names->names[i]);
        mv_buf_putc(w->out, i + 1 < names->name_count ? ':' : ';');
    }
}

static void put_body_hash(struct writer *w, struct mv_bytes hash)
{
    struct mv_buf base64;

    mv_buf_init(&base64, MAX_BASE64_BYTES);
    mv_base64_encode(hash, &base64);
    if (mv_buf_failed(&base64))
        mv_buf_fail(w->out);
    put_tag(w, MV_BYTES("bh"), mv_buf_bytes(&base64));
    mv_buf_free(&base64);
}

void mv_dkim_put_tags(const struct mv_dkim_tags *tags, struct mv_buf *out)
{
    static const char *const canons[2][2] = {
        [MV_CANON_SIMPLE] = {[MV_CANON_SIMPLE] = "simple/simple", [MV_CANON_RELAXED] = "simple/relaxed"},
        [MV_CANON_RELAXED] = {[MV_CANON_SIMPLE] = "relaxed/simple", [MV_CANON_RELAXED] = "relaxed/relaxed"},
    };
    struct writer w = {out, mv_buf_bytes(out).len};

    mv_buf_put(out, MV_BYTES("DKIM-Signature:"));
    put_tag(&w, MV_BYTES("v"), MV_BYTES("1"));
    put_tag(&w, MV_BYTES("a"), tags->key_type == MV_KEY_RSA ? MV_BYTES("rsa-sha256") : MV_BYTES("ed25519-sha256"));
    put_tag(&w, MV_BYTES("c"), mv_bytes_str(canons[tags->header_canon][tags->body_canon]));
    put_tag(&w, MV_BYTES("d"), tags->sdid);
    put_tag(&w, MV_BYTES("s"), tags->selector);
    put_time(&w, MV_BYTES("t"), tags->created_secs);
    if (tags->expires_secs != 0)
        put_time(&w, MV_BYTES("x"), tags->expires_secs);
    put_names(&w, tags->names);
    put_body_hash(&w, tags->body_hash);
    fold(&w);
    mv_buf_put(out, MV_BYTES("b="));
}

void mv_dkim_put_b(struct mv_bytes octets, struct mv_buf *out)
{
    struct mv_buf base64;
    struct mv_bytes text;

    mv_buf_init(&base64, MAX_BASE64_BYTES);
    mv_base64_encode(octets, &base64);
    if (mv_buf_failed(&base64))
        mv_buf_fail(out);
    text = mv_buf_bytes(&base64);
    for (size_t at = 0; at < text.len; at += B_LINE_BYTES) {
        if (at > 0)
            mv_buf_put(out, MV_BYTES(FOLD));
        mv_buf_put(out, mv_bytes_slice(text, at, at + B_LINE_BYTES));
    }
    mv_buf_put(out, MV_BYTES("\r\n"));
    mv_buf_free(&base64);
}
