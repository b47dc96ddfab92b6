#include "core/auth/authres.h"
#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/domain.h"
#include "core/text/lexer.h"

/*
 * What a value without quotes may hold here: a token (RFC 2045 5.1), an address, and
 * what others forget to quote: "2001:db8::1", "ab/cd==".
 */
#define BARE_CLASSES (MV_ASCII_TOKEN | MV_ASCII_ATEXT | MV_ASCII_UTF8)
#define ID_CLASSES (MV_ASCII_TOKEN | MV_ASCII_UTF8)
#define KEYWORD_CLASSES MV_ASCII_LDH
#define MAX_VERSION UINT32_MAX

struct parser {
    struct mv_arena *arena;
    struct mv_cursor c;
    enum mv_code code; /* of the first fault */
};

static bool fail(struct parser *p, enum mv_code code)
{
    if (p->code == MV_OK)
        p->code = code;
    return false;
}

static bool skip(struct parser *p)
{
    return mv_lex_skip_cfws(&p->c) || fail(p, MV_ERR_SYNTAX);
}

static bool expect(struct parser *p, unsigned char byte)
{
    return mv_cursor_accept(&p->c, byte) || fail(p, MV_ERR_SYNTAX);
}

static bool at_end_of_result(const struct parser *p)
{
    return mv_cursor_left(&p->c) == 0 || mv_cursor_peek(&p->c) == ';';
}

static bool lower(struct parser *p, struct mv_bytes text, struct mv_bytes *lower_r)
{
    unsigned char *copy = mv_arena_alloc(p->arena, text.len);

    if (copy == NULL)
        return fail(p, MV_ERR_MEMORY);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = mv_ascii_lower(text.data[i]);
    *lower_r = mv_bytes_of(copy, text.len);
    return true;
}

static bool parse_keyword(struct parser *p, struct mv_bytes *keyword_r)
{
    struct mv_bytes word = mv_cursor_take_while(&p->c, KEYWORD_CLASSES);

    return word.len > 0 ? lower(p, word, keyword_r) : fail(p, MV_ERR_SYNTAX);
}

static bool parse_quoted(struct parser *p, struct mv_bytes *text_r)
{
    enum mv_code code = mv_lex_quoted_string(&p->c, p->arena, text_r);

    return code == MV_OK || fail(p, code);
}

static bool parse_version(struct parser *p, uint64_t *version_r)
{
    struct mv_bytes digits = mv_cursor_take_while(&p->c, MV_ASCII_DIGIT);

    if (mv_bytes_to_uint(digits, MAX_VERSION, version_r))
        return true;
    *version_r = 0;
    return fail(p, MV_ERR_SYNTAX);
}

/* A domain in normal form, or lower case. */
static bool normalize_id(struct parser *p, struct mv_bytes text, struct mv_bytes *id_r)
{
    struct mv_bytes trimmed = mv_bytes_trim(text);
    enum mv_code code = mv_domain_parse(p->arena, trimmed, id_r);

    if (code == MV_ERR_SYNTAX)
        return lower(p, trimmed, id_r);
    return code == MV_OK || fail(p, code);
}

/* RFC 8601 2.2: [CFWS] authserv-id [ CFWS authres-version ], and the CFWS behind it. */
static bool parse_head(struct parser *p, struct mv_bytes *id_r, uint64_t *version_r)
{
    struct mv_bytes id;

    *version_r = MV_AUTHRES_VERSION;
    if (!skip(p))
        return false;
    if (mv_cursor_peek(&p->c) != '"')
        id = mv_cursor_take_while(&p->c, ID_CLASSES);
    else if (!parse_quoted(p, &id))
        return false;
    if (id.len == 0)
        return fail(p, MV_ERR_SYNTAX);
    if (!skip(p) || !normalize_id(p, id, id_r))
        return false;
    if (mv_ascii_is(mv_cursor_peek(&p->c), MV_ASCII_DIGIT) && !parse_version(p, version_r))
        return false;
    if (!skip(p))
        return false;
    return at_end_of_result(p) || fail(p, MV_ERR_SYNTAX);
}

/* A run of BARE_CLASSES and of the marks that addresses have. */
static struct mv_bytes take_bare(struct parser *p)
{
    struct mv_cursor start = p->c;

    do
        mv_cursor_take_while(&p->c, BARE_CLASSES);
    while (mv_cursor_accept(&p->c, '@') || mv_cursor_accept(&p->c, ':') || mv_cursor_accept(&p->c, '[') ||
           mv_cursor_accept(&p->c, ']'));
    return mv_cursor_since(&p->c, &start);
}

/* A quoted string; where it is the local part of an address, the address without the quotes. */
static bool parse_quoted_value(struct parser *p, struct mv_bytes *value_r)
{
    struct mv_bytes rest;
    const char *joined;

    if (!parse_quoted(p, value_r))
        return false;
    if (mv_cursor_peek(&p->c) != '@')
        return true;
    rest = take_bare(p);
    joined = mv_arena_printf(p->arena, "%.*s%.*s", MV_ARG(*value_r), MV_ARG(rest));
    if (joined == NULL)
        return fail(p, MV_ERR_MEMORY);
    *value_r = mv_bytes_str(joined);
    return true;
}

/* value, or pvalue = ( value / [ [ local-part ] "@" ] domain-name ), with CFWS before it */
static bool parse_value(struct parser *p, struct mv_bytes *value_r)
{
    if (!skip(p))
        return false;
    if (mv_cursor_peek(&p->c) == '"')
        return parse_quoted_value(p, value_r);
    *value_r = take_bare(p);
    return value_r->len > 0 || fail(p, MV_ERR_SYNTAX);
}

/* Behind the ptype: "." property "=" pvalue */
static bool parse_prop(struct parser *p, struct mv_bytes type, struct mv_authres_result *result)
{
    struct mv_authres_prop prop = {.type = type};
    struct mv_authres_prop *props;

    if (!skip(p) || !parse_keyword(p, &prop.name) || !skip(p) || !expect(p, '=') || !parse_value(p, &prop.value))
        return false;
    if (result->prop_count == MV_AUTHRES_MAX_PROPS)
        return fail(p, MV_ERR_LIMIT);
    props = mv_arena_grow(p->arena, result->props, result->prop_count, sizeof *props);
    if (props == NULL)
        return fail(p, MV_ERR_MEMORY);
    props[result->prop_count++] = prop;
    result->props = props;
    return true;
}

/* reasonspec and propspecs in any order */
static bool parse_details(struct parser *p, struct mv_authres_result *result)
{
    while (skip(p) && !at_end_of_result(p)) {
        struct mv_bytes word;

        if (!parse_keyword(p, &word) || !skip(p))
            return false;
        if (mv_cursor_accept(&p->c, '.')) {
            if (!parse_prop(p, word, result))
                return false;
            continue;
        }
        if (!mv_bytes_equal(word, MV_BYTES("reason")) || !expect(p, '=') || !parse_value(p, &result->reason))
            return fail(p, MV_ERR_SYNTAX);
    }
    return p->code == MV_OK;
}

/* methodspec: method [ "/" version ] "=" result; *none_r for the "none" that is a method without a result. */
static bool parse_method(struct parser *p, struct mv_authres_result *result, bool *none_r)
{
    *none_r = false;
    if (!parse_keyword(p, &result->method) || !skip(p))
        return false;
    if (mv_bytes_equal(result->method, MV_BYTES("none")) && at_end_of_result(p)) {
        *none_r = true;
        return true;
    }
    if (mv_cursor_accept(&p->c, '/') && (!skip(p) || !parse_version(p, &result->version) || !skip(p)))
        return false;
    return expect(p, '=') && skip(p) && parse_keyword(p, &result->result);
}

static bool add_result(struct parser *p, struct mv_authres *authres, const struct mv_authres_result *result)
{
    struct mv_authres_result *results;

    if (authres->result_count == MV_AUTHRES_MAX_RESULTS)
        return fail(p, MV_ERR_LIMIT);
    results = mv_arena_grow(p->arena, authres->results, authres->result_count, sizeof *results);
    if (results == NULL)
        return fail(p, MV_ERR_MEMORY);
    results[authres->result_count++] = *result;
    authres->results = results;
    return true;
}

/* no-result / 1*resinfo; a ";" with nothing behind it is taken for an end. */
static bool parse_results(struct parser *p, struct mv_authres *authres)
{
    bool none = false;

    while (mv_cursor_accept(&p->c, ';')) {
        struct mv_authres_result result = {.version = MV_AUTHRES_VERSION};

        if (!skip(p))
            return false;
        if (mv_cursor_left(&p->c) == 0)
            break;
        if (none || !parse_method(p, &result, &none))
            return fail(p, MV_ERR_SYNTAX);
        if (none && authres->result_count > 0)
            return fail(p, MV_ERR_SYNTAX);
        if (!none && (!parse_details(p, &result) || !add_result(p, authres, &result)))
            return false;
    }
    return mv_cursor_left(&p->c) == 0 || fail(p, MV_ERR_SYNTAX);
}

enum mv_code mv_authres_parse(struct mv_arena *arena, struct mv_bytes value, struct mv_authres *authres_r)
{
    struct parser p = {.arena = arena, .c = mv_cursor_of(value)};

    *authres_r = (struct mv_authres){.id = {NULL, 0}};
    if (value.len > MV_AUTHRES_MAX_FIELD_BYTES)
        return MV_ERR_LIMIT;
    if (!parse_head(&p, &authres_r->id, &authres_r->version))
        return p.code;
    authres_r->rest = mv_cursor_rest(&p.c);
    return parse_results(&p, authres_r) ? MV_OK : p.code;
}

enum mv_code mv_authres_authserv_id(struct mv_arena *arena, struct mv_bytes value, struct mv_bytes *id_r,
                                    uint64_t *version_r)
{
    struct parser p = {.arena = arena, .c = mv_cursor_of(value)};

    *id_r = (struct mv_bytes){NULL, 0};
    if (value.len > MV_AUTHRES_MAX_FIELD_BYTES)
        return MV_ERR_LIMIT;
    parse_head(&p, id_r, version_r);
    return p.code;
}

const struct mv_authres_prop *mv_authres_prop(const struct mv_authres_result *result, const char *type,
                                              const char *name)
{
    for (size_t i = 0; i < result->prop_count; i++) {
        const struct mv_authres_prop *prop = &result->props[i];

        if (mv_bytes_equal(prop->type, mv_bytes_str(type)) && mv_bytes_equal(prop->name, mv_bytes_str(name)))
            return prop;
    }
    return NULL;
}
