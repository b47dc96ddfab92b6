#include "core/report/mime_header.h"

#include "core/base/ascii.h"
#include "core/text/lexer.h"

/* The next field with its folds; lines that are none come along by themselves. */
static struct mv_bytes take_field(struct mv_cursor *c)
{
    struct mv_cursor start = *c;

    do {
        mv_cursor_take_until(c, '\n');
        mv_cursor_accept(c, '\n');
    } while (mv_ascii_is(mv_cursor_peek(c), MV_ASCII_WSP));
    return mv_cursor_since(c, &start);
}

/* Without CR and LF. */
static bool unfold(struct mv_arena *arena, struct mv_bytes raw, struct mv_bytes *value_r)
{
    unsigned char *value = mv_arena_room(arena, raw.len + 1);
    size_t len = 0;

    if (value == NULL)
        return false;
    for (size_t i = 0; i < raw.len; i++)
        if (raw.data[i] != '\r' && raw.data[i] != '\n')
            value[len++] = raw.data[i];
    *value_r = mv_bytes_trim(mv_bytes_of(value, len));
    return true;
}

enum mv_code mv_mime_header_value(struct mv_arena *arena, struct mv_bytes block, struct mv_bytes name,
                                  struct mv_bytes *value_r)
{
    struct mv_cursor c = mv_cursor_of(block);

    *value_r = MV_BYTES("");
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes field = take_field(&c);
        size_t colon = mv_bytes_find(field, ':');

        if (colon == field.len || !mv_bytes_equal_nocase(mv_bytes_trim(mv_bytes_slice(field, 0, colon)), name))
            continue;
        return unfold(arena, mv_bytes_slice(field, colon + 1, field.len), value_r) ? MV_OK : MV_ERR_MEMORY;
    }
    return MV_OK;
}

static enum mv_code lower(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes *lower_r)
{
    unsigned char *copy = mv_arena_room(arena, text.len + 1);

    if (copy == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = mv_ascii_lower(text.data[i]);
    *lower_r = mv_bytes_of(copy, text.len);
    return MV_OK;
}

/* token "=" ( token / quoted-string ); a value that is neither goes up to ";" as it is. */
static enum mv_code take_value(struct mv_cursor *c, struct mv_arena *arena, struct mv_bytes *value_r)
{
    if (mv_cursor_peek(c) == '"') {
        enum mv_code code = mv_lex_quoted_string(c, arena, value_r);

        if (code != MV_ERR_SYNTAX)
            return code;
    }
    *value_r = mv_bytes_trim(mv_cursor_take_until(c, ';'));
    return MV_OK;
}

/* Parameters behind ";": the first of each of the two names. */
static enum mv_code take_parameters(struct mv_cursor *c, struct mv_arena *arena, struct mv_bytes name,
                                    struct mv_bytes *value_r, struct mv_bytes *boundary_r)
{
    while (mv_lex_skip_cfws(c) && mv_cursor_accept(c, ';') && mv_lex_skip_cfws(c)) {
        struct mv_bytes attribute = mv_lex_token(c), value;
        enum mv_code code;

        if (!mv_lex_skip_cfws(c) || !mv_cursor_accept(c, '=') || !mv_lex_skip_cfws(c)) {
            mv_cursor_take_until(c, ';');
            continue;
        }
        code = take_value(c, arena, &value);
        if (code != MV_OK)
            return code;
        if (mv_bytes_equal_nocase(attribute, name) && value_r->len == 0)
            *value_r = value;
        if (boundary_r != NULL && mv_bytes_equal_nocase(attribute, MV_BYTES("boundary")) && boundary_r->len == 0)
            *boundary_r = value;
    }
    return MV_OK;
}

/* "type/subtype" */
static enum mv_code take_type(struct mv_cursor *c, struct mv_arena *arena, struct mv_bytes *type_r)
{
    struct mv_cursor start;

    if (!mv_lex_skip_cfws(c))
        return MV_OK;
    start = *c;
    mv_lex_token(c);
    if (mv_cursor_accept(c, '/'))
        mv_lex_token(c);
    return lower(arena, mv_cursor_since(c, &start), type_r);
}

enum mv_code mv_mime_header_parse(struct mv_arena *arena, struct mv_bytes block, struct mv_mime_header *header_r)
{
    struct mv_bytes type = MV_BYTES(""), disposition = type, encoding = type, disposition_type, name = type;
    struct mv_cursor c;
    enum mv_code code;

    *header_r = (struct mv_mime_header){.type = MV_BYTES("")};
    code = mv_mime_header_value(arena, block, MV_BYTES("Content-Type"), &type);
    if (code == MV_OK)
        code = mv_mime_header_value(arena, block, MV_BYTES("Content-Disposition"), &disposition);
    if (code == MV_OK)
        code = mv_mime_header_value(arena, block, MV_BYTES("Content-Transfer-Encoding"), &encoding);
    c = mv_cursor_of(type);
    if (code == MV_OK)
        code = take_type(&c, arena, &header_r->type);
    if (code == MV_OK)
        code = take_parameters(&c, arena, MV_BYTES("name"), &name, &header_r->boundary);
    c = mv_cursor_of(disposition);
    if (code == MV_OK)
        code = take_type(&c, arena, &disposition_type);
    if (code == MV_OK)
        code = take_parameters(&c, arena, MV_BYTES("filename"), &header_r->name, NULL);
    if (header_r->name.len == 0)
        header_r->name = name;
    if (header_r->type.len == 0)
        header_r->type = MV_BYTES("text/plain");
    c = mv_cursor_of(encoding);
    header_r->bad_transfer =
        !mv_lex_skip_cfws(&c) || !mv_transfer_find(mv_lex_token(&c), &header_r->transfer);
    return code;
}
