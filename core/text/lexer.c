#include "core/text/lexer.h"

#include "core/base/ascii.h"

#define TEXT_CLASSES (MV_ASCII_VCHAR | MV_ASCII_WSP | MV_ASCII_UTF8)
#define ATOM_CLASSES (MV_ASCII_ATEXT | MV_ASCII_UTF8)

/* RFC 5322 2.2.3: the CRLF, not the white space that makes it a fold. */
static bool skip_fold(struct mv_cursor *c)
{
    if (mv_cursor_peek(c) != '\r' || mv_cursor_peek_at(c, 1) != '\n')
        return false;
    if (!mv_ascii_is(mv_cursor_peek_at(c, 2), MV_ASCII_WSP))
        return false;
    mv_cursor_take(c, 2);
    return true;
}

void mv_lex_skip_fws(struct mv_cursor *c)
{
    do
        mv_cursor_take_while(c, MV_ASCII_WSP);
    while (skip_fold(c));
}

/* One byte of a comment or a quoted string, one quoted pair (RFC 5322 3.2.1), or the CRLF of a fold. */
static bool skip_text_unit(struct mv_cursor *c)
{
    if (skip_fold(c))
        return true;
    mv_cursor_accept(c, '\\');
    return mv_ascii_is(mv_cursor_next(c), TEXT_CLASSES);
}

/* RFC 5322 3.2.2; the cursor stands on "(". */
static bool skip_comment(struct mv_cursor *c)
{
    unsigned depth = 0;

    do {
        if (mv_cursor_accept(c, '('))
            depth++;
        else if (mv_cursor_accept(c, ')'))
            depth--;
        else if (!skip_text_unit(c))
            return false;
        if (depth > MV_MAX_COMMENT_DEPTH)
            return false;
    } while (depth > 0);
    return true;
}

bool mv_lex_skip_cfws(struct mv_cursor *c)
{
    mv_lex_skip_fws(c);
    while (mv_cursor_peek(c) == '(') {
        if (!skip_comment(c))
            return false;
        mv_lex_skip_fws(c);
    }
    return true;
}

struct mv_bytes mv_lex_atom(struct mv_cursor *c)
{
    return mv_cursor_take_while(c, ATOM_CLASSES);
}

struct mv_bytes mv_lex_dot_atom(struct mv_cursor *c)
{
    struct mv_cursor start = *c;

    if (mv_lex_atom(c).len == 0)
        return mv_bytes_str(NULL);
    while (mv_cursor_peek(c) == '.' && mv_ascii_is(mv_cursor_peek_at(c, 1), ATOM_CLASSES)) {
        mv_cursor_next(c);
        mv_lex_atom(c);
    }
    return mv_cursor_since(c, &start);
}

struct mv_bytes mv_lex_token(struct mv_cursor *c)
{
    return mv_cursor_take_while(c, MV_ASCII_TOKEN);
}

bool mv_lex_skip_quoted_string(struct mv_cursor *c)
{
    struct mv_cursor ahead = *c;

    if (!mv_cursor_accept(&ahead, '"'))
        return false;
    while (!mv_cursor_accept(&ahead, '"'))
        if (!skip_text_unit(&ahead))
            return false;
    *c = ahead;
    return true;
}

enum mv_code mv_lex_quoted_string(struct mv_cursor *c, struct mv_arena *arena, struct mv_bytes *text_r)
{
    struct mv_cursor start = *c, inner;
    struct mv_bytes raw;
    unsigned char *text;
    size_t len = 0;

    if (!mv_lex_skip_quoted_string(c))
        return MV_ERR_SYNTAX;
    raw = mv_cursor_since(c, &start);
    text = mv_arena_alloc(arena, raw.len);
    if (text == NULL)
        return MV_ERR_MEMORY;
    inner = mv_cursor_of(mv_bytes_slice(raw, 1, raw.len - 1));
    while (mv_cursor_left(&inner) > 0) {
        if (skip_fold(&inner))
            continue;
        mv_cursor_accept(&inner, '\\');
        text[len++] = (unsigned char)mv_cursor_next(&inner);
    }
    *text_r = mv_bytes_of(text, len);
    return MV_OK;
}
