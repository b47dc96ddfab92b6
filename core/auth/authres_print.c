#include "core/auth/authres.h"
#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/domain.h"

#define MAX_ID_BYTES 255
#define MAX_VALUE_BYTES 255  /* of a property; one with more is left out, never cut */
#define MAX_UNFOLDED_REASON_BYTES 60 /* stands on a line of its own, with room for its name */
#define MAX_REASON_BYTES 300 /* more ends in "..." */
#define MAX_COMMENT_BYTES 600
#define MIN_B_BYTES 8  /* RFC 6008 4: at least */
#define MAX_B_BYTES 64 /* though signatures made up for it share more */
#define RESERVED_BYTES 2560 /* for what comes behind the signatures: arc, dmarc */

/* What stands before a piece. */
enum gap {
    GAP_NONE,
    GAP_RESULT, /* a new line */
    GAP_SPACE,  /* white space, or a fold */
    GAP_QUOTED  /* one space, inside a quoted string: a fold must add nothing */
};

/*
 * The field is written in pieces that are never broken.  A piece gets its place,
 * on this line or the next, when its length is known: when the next one begins.
 */
struct writer {
    struct mv_buf text;
    struct mv_buf piece;
    enum gap gap; /* before the piece */
};

static void writer_init(struct writer *w)
{
    mv_buf_init(&w->text, MV_AUTHRES_MAX_BYTES);
    mv_buf_init(&w->piece, MV_FIELD_MAX_COLUMN - sizeof "    "); /* no line is longer, RFC 5322 2.1.1 */
    w->gap = GAP_NONE;
}

static void writer_free(struct writer *w)
{
    mv_buf_free(&w->text);
    mv_buf_free(&w->piece);
}

static bool fits_on_line(const struct writer *w)
{
    struct mv_bytes text = mv_buf_bytes(&w->text);
    size_t newline = mv_bytes_find_last(text, '\n');
    size_t column = newline == text.len ? text.len : text.len - newline - 1;

    return column + 1 + mv_buf_bytes(&w->piece).len <= MV_FIELD_FOLD_COLUMN;
}

static const char *gap_text(const struct writer *w)
{
    switch (w->gap) {
    case GAP_NONE:
        return "";
    case GAP_RESULT:
        return "\r\n  ";
    case GAP_SPACE:
        return fits_on_line(w) ? " " : "\r\n    ";
    case GAP_QUOTED:
        return fits_on_line(w) ? " " : "\r\n ";
    }
    return "";
}

static void begin_piece(struct writer *w, enum gap gap)
{
    mv_buf_puts(&w->text, gap_text(w));
    mv_buf_put(&w->text, mv_buf_bytes(&w->piece));
    if (mv_buf_failed(&w->piece))
        mv_buf_fail(&w->text);
    mv_buf_reset(&w->piece);
    w->gap = gap;
}

static void begin_result(struct writer *w, const char *method, const char *result)
{
    mv_buf_putc(&w->piece, ';');
    begin_piece(w, GAP_RESULT);
    mv_buf_printf(&w->piece, "%s=%s", method, result);
}

/* RFC 8601 2.2, RFC 5322 3.2: what is no printable ASCII has no place in a field. */
static void put_escaped(struct mv_buf *out, struct mv_bytes text, const char *specials)
{
    struct mv_bytes special = mv_bytes_str(specials);

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.data[i];

        if (mv_bytes_find(special, c) < special.len)
            mv_buf_putc(out, '\\');
        mv_buf_putc(out, c == ' ' || mv_ascii_is(c, MV_ASCII_VCHAR) ? c : '?');
    }
}

static void put_quoted(struct mv_buf *out, struct mv_bytes text)
{
    mv_buf_putc(out, '"');
    put_escaped(out, text, "\"\\");
    mv_buf_putc(out, '"');
}

/* RFC 8601 2.2: value = token / quoted-string */
static void put_value(struct mv_buf *out, struct mv_bytes text)
{
    if (text.len > 0 && mv_bytes_all(text, MV_ASCII_TOKEN))
        mv_buf_put(out, text);
    else
        put_quoted(out, text);
}

/* Words one by one, so that lines can be folded between them: for what is too long to stand on one line. */
static void put_words(struct writer *w, struct mv_bytes text, const char *specials, enum gap gap)
{
    struct mv_cursor c = mv_cursor_of(text);
    bool first = true;

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes word = mv_cursor_take_until(&c, ' ');

        mv_cursor_accept(&c, ' ');
        if (word.len == 0)
            continue;
        if (!first)
            begin_piece(w, gap);
        first = false;
        put_escaped(&w->piece, word, specials);
    }
}

static void add_comment(struct writer *w, struct mv_bytes text)
{
    begin_piece(w, GAP_SPACE);
    mv_buf_putc(&w->piece, '(');
    put_words(w, text, "()\\", GAP_SPACE);
    mv_buf_putc(&w->piece, ')');
}

static void add_reason(struct writer *w, const char *reason)
{
    struct mv_bytes text = mv_bytes_str(reason);

    if (reason == NULL)
        return;
    begin_piece(w, GAP_SPACE);
    mv_buf_puts(&w->piece, "reason=");
    if (text.len <= MAX_UNFOLDED_REASON_BYTES) {
        put_quoted(&w->piece, text);
        return;
    }
    mv_buf_putc(&w->piece, '"');
    put_words(w, mv_bytes_slice(text, 0, MAX_REASON_BYTES), "\"\\", GAP_QUOTED);
    mv_buf_puts(&w->piece, text.len > MAX_REASON_BYTES ? "...\"" : "\"");
}

static void add_prop(struct writer *w, const char *name, struct mv_bytes value)
{
    if (value.len == 0 || value.len > MAX_VALUE_BYTES)
        return;
    begin_piece(w, GAP_SPACE);
    mv_buf_printf(&w->piece, "%s=", name);
    put_value(&w->piece, value);
}

/* What a stranger may choose freely: filters look for words such as "dmarc=pass" anywhere in our field. */
static void add_foreign(struct writer *w, const char *name, struct mv_bytes value)
{
    if (mv_bytes_find(value, '=') == value.len)
        add_prop(w, name, value);
}

static bool is_plain_domain(struct mv_bytes domain)
{
    for (size_t i = 0; i < domain.len; i++)
        if (domain.data[i] != '.' && !mv_ascii_is(domain.data[i], MV_ASCII_LDH))
            return false;
    return mv_domain_is_askable(domain);
}

/*
 * RFC 6376 3.5: without i= it is "@" and the d=.  The signer chooses its local
 * part: one that could hold a word as above is left out, which RFC 8601 2.2 allows.
 */
static void add_auid(struct writer *w, const struct mv_dkim_result *dkim)
{
    size_t at = mv_bytes_find_last(dkim->auid, '@');
    struct mv_bytes local_part = mv_bytes_slice(dkim->auid, 0, at);
    struct mv_bytes domain = mv_bytes_slice(dkim->auid, at + 1, dkim->auid.len);

    if (dkim->auid.len > MAX_VALUE_BYTES || !is_plain_domain(domain))
        return;
    for (size_t i = 0; i < local_part.len; i++)
        if (!mv_ascii_is(local_part.data[i], MV_ASCII_LDH) && local_part.data[i] != '.' && local_part.data[i] != '+')
            local_part = MV_BYTES("");
    if (local_part.len == 0 && mv_bytes_equal_nocase(domain, dkim->sdid))
        return;
    begin_piece(w, GAP_SPACE);
    mv_buf_puts(&w->piece, "header.i=");
    mv_buf_put(&w->piece, local_part);
    mv_buf_putc(&w->piece, '@');
    mv_buf_put(&w->piece, domain);
}

static void add_spf(struct writer *w, const struct mv_spf_result *spf)
{
    begin_result(w, "spf", mv_spf_code_text(spf->code));
    if (spf->from_helo)
        add_comment(w, MV_BYTES("null reverse-path")); /* RFC 7208 2.4: the MAIL FROM identity is postmaster@HELO */
    if (spf->code == MV_SPF_TEMPERROR || spf->code == MV_SPF_PERMERROR)
        add_reason(w, spf->reason);
    add_foreign(w, spf->from_helo ? "smtp.helo" : "smtp.mailfrom", spf->domain); /* where it was, RFC 8601 2.7.2 */
}

static size_t shared_prefix(struct mv_bytes a, struct mv_bytes b)
{
    size_t n = 0;

    while (n < a.len && n < b.len && a.data[n] == b.data[n])
        n++;
    return n;
}

/* RFC 6008 4: as many characters as tell the signature from the others, where any number can. */
static struct mv_bytes unique_part(const struct mv_verdict *v, size_t index)
{
    struct mv_bytes own = v->dkim[index].value_text;
    size_t len = MIN_B_BYTES;

    for (size_t i = 0; i < v->dkim_count; i++) {
        size_t shared = shared_prefix(own, v->dkim[i].value_text);

        if (i != index && shared >= len && !mv_bytes_equal(own, v->dkim[i].value_text))
            len = shared + 1;
    }
    return mv_bytes_slice(own, 0, len < MAX_B_BYTES ? len : MAX_B_BYTES);
}

static void add_key_comment(struct writer *w, const struct mv_dkim_result *dkim)
{
    struct mv_buf text;

    if (dkim->key_bits == 0 && !dkim->test_key)
        return;
    mv_buf_init(&text, MAX_COMMENT_BYTES);
    if (dkim->key_bits != 0)
        mv_buf_printf(&text, "%u-bit key", dkim->key_bits);
    if (dkim->test_key)
        mv_buf_puts(&text, dkim->key_bits != 0 ? ", test mode" : "test mode");
    add_comment(w, mv_buf_bytes(&text));
    mv_buf_free(&text);
}

static void add_signature(struct writer *w, const struct mv_verdict *v, size_t index)
{
    const struct mv_dkim_result *dkim = &v->dkim[index];

    begin_result(w, "dkim", mv_dkim_code_text(dkim->code));
    add_key_comment(w, dkim);
    add_reason(w, dkim->reason);
    if (dkim->code == MV_DKIM_POLICY)
        add_prop(w, "policy.dkim-rules", mv_bytes_str(dkim->rule));
    add_prop(w, "header.d", dkim->sdid);
    add_auid(w, dkim);
    add_prop(w, "header.s", dkim->selector);
    add_foreign(w, "header.a", dkim->algorithm);
    add_prop(w, "header.b", unique_part(v, index));
}

/* How many signatures the field has room for, behind the bytes that are already in it. */
static size_t count_fitting(const struct mv_verdict *v, size_t used_bytes)
{
    size_t count = 0;

    for (; count < v->dkim_count; count++) {
        struct writer w;

        writer_init(&w);
        add_signature(&w, v, count);
        begin_piece(&w, GAP_NONE);
        used_bytes += mv_buf_bytes(&w.text).len;
        writer_free(&w);
        if (used_bytes + RESERVED_BYTES > MV_AUTHRES_MAX_BYTES)
            break;
    }
    return count;
}

static void add_dkim(struct writer *w, const struct mv_verdict *v)
{
    size_t count = count_fitting(v, mv_buf_bytes(&w->text).len + mv_buf_bytes(&w->piece).len);
    size_t left_out = v->dkim_count - count + v->dkim_skipped;
    struct mv_buf text;

    if (v->dkim_count == 0)
        begin_result(w, "dkim", mv_dkim_code_text(MV_DKIM_NONE));
    for (size_t i = 0; i < count; i++)
        add_signature(w, v, i);
    if (left_out == 0)
        return;
    mv_buf_init(&text, MAX_COMMENT_BYTES);
    mv_buf_printf(&text, "%zu more %s not shown", left_out, left_out == 1 ? "signature" : "signatures");
    add_comment(w, mv_buf_bytes(&text));
    mv_buf_free(&text);
}

/* "2 sets, sealed by list.example.net": of all sealers the one who handed the message on. */
static void add_sealer_comment(struct writer *w, const struct mv_arc_result *arc)
{
    struct mv_bytes domain;
    struct mv_buf text;

    if (arc->hop_count == 0)
        return;
    domain = arc->hops[arc->hop_count - 1].domain;
    mv_buf_init(&text, MAX_COMMENT_BYTES);
    mv_buf_printf(&text, "%zu set%s", arc->hop_count, arc->hop_count == 1 ? "" : "s");
    if (domain.len <= MV_DOMAIN_MAX_BYTES)
        mv_buf_printf(&text, ", sealed by %.*s", MV_ARG(domain));
    add_comment(w, mv_buf_bytes(&text));
    mv_buf_free(&text);
}

/* RFC 8617 6, 10.2. [ours] A message without ARC fields has no result: that there is no chain is nothing to tell. */
static void add_arc(struct writer *w, const struct mv_verdict *v)
{
    const struct mv_arc_result *arc = &v->arc;
    struct mv_buf text;

    begin_result(w, "arc", mv_arc_code_text(arc->code));
    add_sealer_comment(w, arc);
    add_reason(w, arc->reason);
    mv_buf_init(&text, MAX_COMMENT_BYTES);
    if (v->client_ip.family != MV_IP_NONE)
        mv_ip_print(&v->client_ip, &text);
    add_prop(w, "smtp.remote-ip", mv_buf_bytes(&text));
    mv_buf_reset(&text);
    mv_buf_printf(&text, "%zu", arc->oldest_pass);
    if (arc->code == MV_ARC_PASS)
        add_prop(w, "header.oldest-pass", mv_buf_bytes(&text));
    mv_buf_free(&text);
}

/* "p=reject t=y; policy domain example.com; override trusted_forwarder" */
static void add_policy_comment(struct writer *w, const struct mv_verdict *v)
{
    const struct mv_dmarc_result *dmarc = &v->dmarc;
    struct mv_buf text;

    mv_buf_init(&text, MAX_COMMENT_BYTES);
    mv_buf_printf(&text, "%s=%s", dmarc->policy_tag == NULL ? "p" : dmarc->policy_tag,
                  mv_dmarc_policy_text(dmarc->published));
    if (dmarc->test_mode)
        mv_buf_puts(&text, " t=y");
    if (dmarc->policy_domain.len <= MV_DOMAIN_MAX_BYTES)
        mv_buf_printf(&text, "; policy domain %.*s", MV_ARG(dmarc->policy_domain));
    if (v->override != MV_OVERRIDE_NO)
        mv_buf_printf(&text, "; override %s", mv_override_text(v->override));
    add_comment(w, mv_buf_bytes(&text));
    mv_buf_free(&text);
}

/* RFC 9989 9.1, 9.2 */
static void add_dmarc(struct writer *w, const struct mv_verdict *v)
{
    const struct mv_dmarc_result *dmarc = &v->dmarc;
    const char *no_author = mv_verdict_no_author(v);

    if (no_author != NULL) {
        begin_result(w, "dmarc", mv_dmarc_code_text(MV_DMARC_PERMERROR));
        add_reason(w, no_author);
        return;
    }
    begin_result(w, "dmarc", mv_dmarc_code_text(dmarc->code));
    if (dmarc->has_record)
        add_policy_comment(w, v);
    if (dmarc->code != MV_DMARC_PASS)
        add_reason(w, dmarc->reason);
    add_prop(w, "header.from", v->author_domain);
    if (dmarc->has_record)
        add_prop(w, "policy.dmarc", mv_bytes_str(mv_dmarc_policy_text(dmarc->effective)));
}

static bool is_usable_id(struct mv_bytes id)
{
    return id.len > 0 && id.len <= MAX_ID_BYTES && mv_bytes_all(id, MV_ASCII_VCHAR);
}

enum mv_code mv_authres_print(const struct mv_verdict *verdict, struct mv_bytes authserv_id, struct mv_buf *out)
{
    bool has_arc = verdict->has_arc && verdict->arc.has_fields;
    struct writer w;
    enum mv_code code = MV_OK;

    if (!is_usable_id(authserv_id))
        return MV_ERR_USAGE;
    writer_init(&w);
    mv_buf_puts(&w.piece, "Authentication-Results: ");
    put_value(&w.piece, authserv_id);
    if (!verdict->has_spf && !verdict->has_dkim && !has_arc && !verdict->has_dmarc)
        mv_buf_puts(&w.piece, "; none"); /* RFC 8601 2.2: no-result */
    if (verdict->has_spf)
        add_spf(&w, &verdict->spf);
    if (verdict->has_dkim)
        add_dkim(&w, verdict);
    if (has_arc)
        add_arc(&w, verdict);
    if (verdict->has_dmarc)
        add_dmarc(&w, verdict);
    begin_piece(&w, GAP_NONE);
    mv_buf_puts(&w.text, "\r\n");
    if (mv_buf_failed(&w.text))
        code = MV_ERR_MEMORY;
    else
        mv_buf_put(out, mv_buf_bytes(&w.text));
    writer_free(&w);
    return code == MV_OK && mv_buf_failed(out) ? MV_ERR_MEMORY : code;
}
