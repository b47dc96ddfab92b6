#include "core/auth/authres.h"
#include "core/base/ascii.h"
#include "core/text/domain.h"

static const char field_name[] = "Authentication-Results";
static const char field_start[] = "Authentication-Results:";

#define MAX_U_LABEL_NAMES 400 /* looked at in one field */
#define MAX_NAME_BYTES 200 /* of a field that is not well-formed: where its name is looked for */

/* What is taken away before one of our ids is looked for in a field that cannot be read. */
enum stripping {
    STRIP_NOTHING,
    STRIP_MARKS,         /* quotes, backslashes, white space, controls */
    STRIP_PARENTHESES,   /* and what is in parentheses, wherever they stand */
    STRIP_COMMENTS,      /* and what is in comments; parentheses that are quoted are none */
    STRIPPINGS
};

static bool is_mark(unsigned char c)
{
    return c == '"' || c == '\\' || mv_ascii_is(c, MV_ASCII_WSP | MV_ASCII_CTL);
}

/* Where in comments and quoted strings a byte stands. */
struct place {
    size_t depth;
    bool quoted;
    bool escaped; /* by the backslash before it */
};

/* Goes on to the byte; true when it belongs to a comment. */
static bool step(struct place *at, enum stripping how, unsigned char c)
{
    bool plain = how == STRIP_PARENTHESES || (!at->escaped && !at->quoted);
    bool inside = at->depth > 0;

    if (how < STRIP_PARENTHESES)
        return false;
    if (c == '"' && !at->escaped && at->depth == 0)
        at->quoted = !at->quoted;
    at->escaped = c == '\\' && !at->escaped;
    if (plain && c == '(')
        at->depth++;
    if (plain && c == ')' && inside)
        at->depth--;
    return inside || at->depth > 0;
}

/* The text in lower case, stripped. NULL data without memory. */
static struct mv_bytes strip(struct mv_arena *arena, struct mv_bytes text, enum stripping how)
{
    unsigned char *copy = mv_arena_alloc(arena, text.len);
    struct place at = {0};
    size_t len = 0;

    if (copy == NULL)
        return (struct mv_bytes){NULL, 0};
    for (size_t i = 0; i < text.len; i++) {
        bool in_comment = step(&at, how, text.data[i]);

        if (!in_comment && (how == STRIP_NOTHING || !is_mark(text.data[i])))
            copy[len++] = mv_ascii_lower(text.data[i]);
    }
    return mv_bytes_of(copy, len);
}

static bool contains(struct mv_bytes text, struct mv_bytes part)
{
    struct mv_cursor c = mv_cursor_of(text);

    while (part.len > 0 && mv_cursor_left(&c) >= part.len) {
        mv_cursor_take_until(&c, part.data[0]);
        if (mv_bytes_equal(mv_bytes_slice(mv_cursor_rest(&c), 0, part.len), part))
            return true;
        mv_cursor_next(&c);
    }
    return false;
}

/* A run of letters, digits, hyphens, dots and UTF-8. */
static struct mv_bytes take_name(struct mv_cursor *c)
{
    struct mv_cursor start = *c;

    do
        mv_cursor_take_while(c, MV_ASCII_LDH | MV_ASCII_UTF8);
    while (mv_cursor_accept(c, '.'));
    return mv_cursor_since(c, &start);
}

/* One of our ids as it is compared. */
struct own_id {
    struct mv_bytes name; /* a domain in normal form, or lower case */
    bool and_below;
};

static enum mv_code read_own_id(struct mv_arena *arena, struct mv_bytes id, struct own_id *own_r)
{
    enum mv_code code;

    own_r->and_below = id.len > 0 && id.data[0] == '.';
    if (own_r->and_below)
        id = mv_bytes_slice(id, 1, id.len);
    code = mv_domain_parse(arena, id, &own_r->name);
    if (code != MV_ERR_SYNTAX)
        return code;
    own_r->name = strip(arena, id, STRIP_NOTHING);
    return own_r->name.data == NULL ? MV_ERR_MEMORY : MV_OK;
}

/* "mx.example.org", and "mx.example.org/4F2A", as some write with the number of a job. */
static enum mv_code compare(struct mv_arena *arena, struct mv_bytes id, const struct own_id *own, bool *found_r)
{
    struct mv_bytes host = mv_bytes_slice(id, 0, mv_bytes_find(id, '/')), domain;

    if (own->name.len == 0)
        return MV_OK;
    if (mv_bytes_equal(id, own->name) || mv_bytes_equal(host, own->name))
        *found_r = true;
    if (mv_domain_parse(arena, host, &domain) == MV_ERR_MEMORY)
        return MV_ERR_MEMORY;
    if (domain.len > 0 && mv_bytes_equal(domain, own->name))
        *found_r = true;
    if (own->and_below && domain.len > 0 && mv_domain_is_within(domain, own->name))
        *found_r = true;
    return MV_OK;
}

/* A field that nobody can be sure how others read it, in all the ways that it is looked at. */
struct unreadable {
    struct mv_bytes texts[STRIPPINGS];
    struct mv_bytes names[MAX_U_LABEL_NAMES]; /* that are in it with U-labels, normalised: RFC 8601 5 */
    size_t name_count;
};

static enum mv_code collect_names(struct mv_arena *arena, struct mv_bytes text, struct unreadable *u)
{
    struct mv_cursor c = mv_cursor_of(text);

    for (; mv_cursor_left(&c) > 0; mv_cursor_next(&c)) {
        struct mv_bytes name = take_name(&c);
        enum mv_code code;

        if (mv_bytes_all(name, MV_ASCII_VCHAR))
            continue;
        if (u->name_count == MAX_U_LABEL_NAMES)
            return MV_ERR_LIMIT;
        code = mv_domain_parse(arena, name, &u->names[u->name_count++]);
        if (code == MV_ERR_MEMORY)
            return code;
    }
    return MV_OK;
}

static enum mv_code look_at(struct mv_arena *arena, struct mv_bytes text, struct unreadable *u)
{
    *u = (struct unreadable){.name_count = 0};
    for (enum stripping how = STRIP_NOTHING; how < STRIPPINGS; how++) {
        enum mv_code code;

        u->texts[how] = strip(arena, text, how);
        if (u->texts[how].data == NULL)
            return MV_ERR_MEMORY;
        code = collect_names(arena, u->texts[how], u);
        if (code != MV_OK)
            return code;
    }
    return MV_OK;
}

static bool mentions(const struct unreadable *u, const struct own_id *own)
{
    for (size_t i = 0; i < STRIPPINGS; i++)
        if (contains(u->texts[i], own->name))
            return true;
    for (size_t i = 0; i < u->name_count; i++)
        if (contains(u->names[i], own->name))
            return true;
    return false;
}

/* The name, also when white space or a fold before the colon makes the field one that is not well-formed. */
static enum mv_code is_named(struct mv_arena *arena, const struct mv_field *field, bool *is_r)
{
    struct mv_bytes start;

    *is_r = mv_field_is(field, mv_bytes_str(field_name));
    if (field->name.len > 0)
        return MV_OK;
    start = strip(arena, mv_bytes_slice(field->raw, 0, MAX_NAME_BYTES), STRIP_MARKS);
    if (start.data == NULL)
        return MV_ERR_MEMORY;
    *is_r = mv_bytes_has_prefix_nocase(start, mv_bytes_str(field_start));
    return MV_OK;
}

static enum mv_code examine(struct mv_arena *arena, struct mv_bytes value, const struct mv_bytes *ids,
                            size_t id_count, bool *forged_r)
{
    struct mv_authres authres;
    struct unreadable unreadable = {.name_count = 0};
    enum mv_code parsed = mv_authres_parse(arena, value, &authres), code = MV_OK;

    if (parsed == MV_ERR_MEMORY)
        return parsed;
    if (authres.id.len > 0 && authres.version != MV_AUTHRES_VERSION)
        *forged_r = true; /* RFC 8601 5: nobody here knows what it says */
    if (parsed != MV_OK)
        code = look_at(arena, value, &unreadable);
    for (size_t i = 0; code == MV_OK && i < id_count; i++) {
        struct own_id own;

        code = read_own_id(arena, ids[i], &own);
        if (code == MV_OK)
            code = compare(arena, authres.id, &own, forged_r);
        if (code == MV_OK && parsed != MV_OK && mentions(&unreadable, &own))
            *forged_r = true;
    }
    return code;
}

bool mv_authres_is_forged(struct mv_arena *arena, const struct mv_field *field, const struct mv_bytes *ids,
                          size_t id_count)
{
    bool named = false, forged = false;

    if (is_named(arena, field, &named) != MV_OK)
        return true;
    if (!named)
        return false;
    if (field->value.len > MV_AUTHRES_MAX_FIELD_BYTES)
        return true;
    return examine(arena, field->value, ids, id_count, &forged) != MV_OK || forged;
}
