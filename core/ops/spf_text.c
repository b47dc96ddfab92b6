#include "core/ops/spf_text.h"

#include "core/base/ascii.h"
#include "core/base/buf.h"

#define FWS MV_ASCII_FWS

/* "\" and three digits, or "\" and a character (RFC 1035 5.1). */
static void take_escaped(struct mv_cursor *c, struct mv_buf *out)
{
    struct mv_cursor start = *c;
    uint64_t octet;

    if (mv_bytes_to_uint(mv_cursor_take(c, 3), 255, &octet)) {
        mv_buf_putc(out, (unsigned char)octet);
        return;
    }
    *c = start;
    if (mv_cursor_left(c) > 0)
        mv_buf_putc(out, (unsigned char)mv_cursor_next(c));
}

static void take_string(struct mv_cursor *c, struct mv_buf *out, struct mv_spf_text *text)
{
    size_t start = out->len, bytes;

    mv_cursor_next(c);
    while (mv_cursor_left(c) > 0 && mv_cursor_peek(c) != '"') {
        if (mv_cursor_accept(c, '\\'))
            take_escaped(c, out);
        else
            mv_buf_putc(out, (unsigned char)mv_cursor_next(c));
    }
    text->is_open = !mv_cursor_accept(c, '"');
    bytes = out->len - start;
    if (bytes > text->longest_bytes)
        text->longest_bytes = bytes;
    text->ends[text->string_count++] = out->len;
}

static void take_strings(struct mv_cursor *c, struct mv_buf *out, struct mv_spf_text *text)
{
    while (text->string_count < MV_SPF_TEXT_MAX_STRINGS) {
        mv_cursor_take_until(c, '"');
        if (mv_cursor_left(c) == 0)
            return;
        take_string(c, out, text);
    }
}

static bool is_word(struct mv_bytes word, struct mv_bytes wanted)
{
    return mv_bytes_equal_nocase(word, wanted);
}

/* Moves behind the type of a zone line; leaves the cursor where it is when there is none. */
static void skip_owner(struct mv_cursor *c, struct mv_spf_text *text)
{
    struct mv_cursor at = *c;

    while (mv_cursor_left(&at) > 0) {
        struct mv_bytes word = mv_cursor_take_until(&at, ' ');

        mv_cursor_take_while(&at, FWS);
        if (mv_bytes_has_prefix_nocase(word, MV_BYTES("v=")) || mv_bytes_find(word, '"') < word.len)
            return;
        text->is_spf_type = is_word(word, MV_BYTES("SPF"));
        if (text->is_spf_type || is_word(word, MV_BYTES("TXT"))) {
            *c = at;
            return;
        }
    }
}

/* Tabs between the words of a zone line are spaces. */
static struct mv_bytes spaced(struct mv_arena *arena, struct mv_bytes typed, size_t len)
{
    unsigned char *copy = mv_arena_alloc(arena, typed.len);

    for (size_t i = 0; copy != NULL && i < typed.len; i++)
        copy[i] = i < len && mv_ascii_is(typed.data[i], FWS) ? ' ' : typed.data[i];
    return copy == NULL ? MV_BYTES("") : mv_bytes_of(copy, typed.len);
}

/* Where the record begins, or the first string. */
static size_t owner_bytes(struct mv_bytes typed)
{
    size_t quote = mv_bytes_find(typed, '"');

    for (size_t i = 0; i < quote; i++)
        if (mv_bytes_has_prefix_nocase(mv_bytes_slice(typed, i, typed.len), MV_BYTES("v=")))
            return i;
    return quote;
}

enum mv_code mv_spf_text_read(struct mv_arena *arena, struct mv_bytes typed, struct mv_spf_text *text_r)
{
    struct mv_bytes whole;
    struct mv_cursor c;
    struct mv_buf out;
    enum mv_code code = MV_OK;

    *text_r = (struct mv_spf_text){.string_count = 0};
    whole = spaced(arena, typed, owner_bytes(typed));
    if (whole.data == NULL || (whole.len == 0 && typed.len > 0))
        return MV_ERR_MEMORY;
    c = mv_cursor_of(whole);
    skip_owner(&c, text_r);
    text_r->text = mv_cursor_rest(&c);
    if (mv_ascii_is(mv_cursor_peek(&c), FWS))
        mv_cursor_take_while(&c, FWS);
    if (mv_cursor_peek(&c) != '"' && mv_cursor_peek(&c) != '(')
        return MV_OK;
    mv_buf_init(&out, typed.len + 1);
    take_strings(&c, &out, text_r);
    if (!mv_arena_copy(arena, mv_buf_bytes(&out), &text_r->text) || mv_buf_failed(&out))
        code = MV_ERR_MEMORY;
    mv_buf_free(&out);
    return code;
}
