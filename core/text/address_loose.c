#include "core/text/address.h"

#include "core/base/ascii.h"
#include "core/text/domain.h"
#include "core/text/lexer.h"

/* The parts of "what a person would read as a name <local@domain>"; without brackets the name is empty. */
struct loose {
    struct mv_bytes name;
    struct mv_bytes address;
};

/* Lines that no fold ends, NUL and other controls: programs cut the field there, each in its own way. */
static bool has_control(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(value);

    while (mv_cursor_left(&c) > 0) {
        mv_lex_skip_fws(&c);
        if (mv_ascii_is(mv_cursor_next(&c), MV_ASCII_CTL))
            return true;
    }
    return false;
}

/* One pair of brackets, and nothing behind it; or none. */
static bool split(struct mv_bytes value, struct loose *loose_r)
{
    size_t open = mv_bytes_find(value, '<'), close = mv_bytes_find(value, '>');

    *loose_r = (struct loose){.address = value};
    if (open == value.len && close == value.len)
        return true;
    if (open > close || close + 1 != value.len || mv_bytes_find_last(value, '<') != open)
        return false;
    loose_r->name = mv_bytes_trim(mv_bytes_slice(value, 0, open));
    loose_r->address = mv_bytes_trim(mv_bytes_slice(value, open + 1, close));
    return true;
}

/* Quotes and comments end before the address does; outside of them anything may stand. */
static bool is_closed(struct mv_bytes name)
{
    struct mv_cursor c = mv_cursor_of(name);

    while (mv_cursor_left(&c) > 0) {
        if (!mv_lex_skip_cfws(&c))
            return false;
        if (mv_lex_skip_quoted_string(&c))
            continue;
        if (mv_cursor_peek(&c) == '"')
            return false;
        mv_cursor_accept(&c, '\\');
        mv_cursor_next(&c);
    }
    return true;
}

/* Words that are decoded for display, by some before they look for the address (RFC 2047 6.2). */
static bool has_encoded_word(struct mv_bytes name)
{
    struct mv_cursor c = mv_cursor_of(name);

    while (mv_cursor_left(&c) > 0) {
        mv_cursor_take_until(&c, '=');
        mv_cursor_next(&c);
        if (mv_cursor_peek(&c) == '?')
            return true;
    }
    return false;
}

/* The domain stands here, and does not go on behind white space or a comment (RFC 5322 4.4: obs-domain). */
static enum mv_code is_next(struct mv_arena *arena, struct mv_cursor *c, struct mv_bytes domain)
{
    struct mv_cursor start = *c, behind;
    struct mv_bytes other;
    enum mv_code code;

    do
        mv_cursor_take_while(c, MV_ASCII_LDH | MV_ASCII_UTF8);
    while (mv_cursor_accept(c, '.'));
    code = mv_domain_parse(arena, mv_cursor_since(c, &start), &other);
    if (code != MV_OK)
        return code;
    behind = *c;
    if (!mv_bytes_equal(other, domain) || !mv_lex_skip_cfws(&behind) || mv_cursor_peek(&behind) == '.')
        return MV_ERR_SYNTAX;
    return MV_OK;
}

/* Every "@" of the name has the very domain behind it. */
static enum mv_code names_only(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes domain)
{
    struct mv_cursor c = mv_cursor_of(name);
    enum mv_code code = MV_OK;

    while (code == MV_OK) {
        mv_cursor_take_until(&c, '@');
        if (!mv_cursor_accept(&c, '@'))
            return MV_OK;
        code = is_next(arena, &c, domain);
    }
    return code;
}

enum mv_code mv_address_parse_loose(struct mv_arena *arena, struct mv_bytes value, struct mv_mailbox *mailbox_r)
{
    struct mv_mailbox mailbox = {.is_loose = true};
    struct loose loose;
    enum mv_code code;

    *mailbox_r = (struct mv_mailbox){.domain = {NULL, 0}};
    value = mv_bytes_trim(value);
    if (has_control(value) || !split(value, &loose) || loose.address.len == 0 || loose.address.data[0] == '@')
        return MV_ERR_SYNTAX;
    if (!is_closed(loose.name) || has_encoded_word(loose.name))
        return MV_ERR_SYNTAX;
    if (mv_arena_alloc(arena, loose.address.len) == NULL) /* which the parser below does not tell from a fault */
        return MV_ERR_MEMORY;
    if (!mv_address_parse_path(arena, loose.address, &mailbox.local_part, &mailbox.domain_as_written))
        return MV_ERR_SYNTAX;
    code = mv_domain_parse(arena, mailbox.domain_as_written, &mailbox.domain);
    if (code == MV_OK)
        code = names_only(arena, loose.name, mailbox.domain);
    if (code == MV_OK && !mv_arena_copy(arena, loose.name, &mailbox.display_name))
        code = MV_ERR_MEMORY;
    if (code == MV_OK)
        *mailbox_r = mailbox;
    return code;
}
