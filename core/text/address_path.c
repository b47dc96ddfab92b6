#include "core/text/address.h"

#include "core/base/ascii.h"
#include "core/text/lexer.h"

/* Dot-string and Domain of RFC 5321 4.1.2, but with dots anywhere. */
static struct mv_bytes take_atoms_and_dots(struct mv_cursor *c)
{
    struct mv_cursor start = *c;

    while (mv_lex_atom(c).len > 0 || mv_cursor_accept(c, '.'))
        continue;
    return mv_cursor_since(c, &start);
}

/* RFC 5321 4.1.2, 4.1.3; empty when there is none. */
static struct mv_bytes take_domain(struct mv_cursor *c)
{
    struct mv_cursor start = *c;

    if (!mv_cursor_accept(c, '['))
        return take_atoms_and_dots(c);
    mv_cursor_take_until(c, ']');
    if (!mv_cursor_accept(c, ']'))
        return mv_bytes_str(NULL);
    return mv_cursor_since(c, &start);
}

/* RFC 5321 4.1.2: A-d-l, which must be accepted and should be ignored. */
static bool skip_route(struct mv_cursor *c)
{
    do {
        if (!mv_cursor_accept(c, '@') || take_domain(c).len == 0)
            return false;
    } while (mv_cursor_accept(c, ','));
    return mv_cursor_accept(c, ':');
}

static bool take_local_part(struct mv_cursor *c, struct mv_arena *arena, struct mv_bytes *local_part_r)
{
    if (mv_cursor_peek(c) == '"')
        return mv_lex_quoted_string(c, arena, local_part_r) == MV_OK;
    return mv_arena_copy(arena, take_atoms_and_dots(c), local_part_r) && local_part_r->len > 0;
}

static bool has_control(struct mv_bytes path)
{
    for (size_t i = 0; i < path.len; i++)
        if (mv_ascii_is(path.data[i], MV_ASCII_CTL))
            return true;
    return false;
}

static bool parse_mailbox(struct mv_arena *arena, struct mv_bytes path,
                          struct mv_bytes *local_part_r, struct mv_bytes *domain_r)
{
    struct mv_cursor c = mv_cursor_of(path);
    struct mv_bytes domain;

    if (mv_cursor_peek(&c) == '@' && !skip_route(&c))
        return false;
    if (!take_local_part(&c, arena, local_part_r) || !mv_cursor_accept(&c, '@'))
        return false;
    domain = take_domain(&c);
    return domain.len > 0 && mv_cursor_left(&c) == 0 && mv_arena_copy(arena, domain, domain_r);
}

bool mv_address_parse_path(struct mv_arena *arena, struct mv_bytes path,
                           struct mv_bytes *local_part_r, struct mv_bytes *domain_r)
{
    *local_part_r = *domain_r = mv_bytes_str(NULL);
    if (has_control(path) || !mv_bytes_is_utf8(path))
        return false;
    if (path.len >= 2 && path.data[0] == '<' && path.data[path.len - 1] == '>')
        path = mv_bytes_slice(path, 1, path.len - 1);
    if (path.len == 0 || parse_mailbox(arena, path, local_part_r, domain_r))
        return true;
    *local_part_r = *domain_r = mv_bytes_str(NULL);
    return false;
}
