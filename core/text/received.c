#include "core/text/received.h"

#include "core/base/ascii.h"
#include "core/text/lexer.h"

/* Of host names (RFC 5321 4.1.2) and address literals (4.1.3). */
static bool is_host_byte(int c)
{
    return mv_ascii_is(c, MV_ASCII_LDH) || c == '.' || c == ':';
}

static struct mv_bytes take_host(struct mv_cursor *c)
{
    struct mv_cursor start = *c;

    while (is_host_byte(mv_cursor_peek(c)))
        mv_cursor_next(c);
    return mv_cursor_since(c, &start);
}

static bool skip_space(struct mv_cursor *c)
{
    struct mv_cursor start = *c;

    mv_lex_skip_fws(c);
    return c->at != start.at;
}

/* "[192.0.2.1]", and in Exim's comments a port behind it. */
static bool take_literal(struct mv_cursor *c, struct mv_ip *ip_r)
{
    struct mv_bytes inside;

    if (!mv_cursor_accept(c, '['))
        return false;
    inside = take_host(c);
    if (!mv_cursor_accept(c, ']'))
        return false;
    if (mv_bytes_equal(inside, MV_BYTES("local"))) /* OpenSMTPD */
        inside = MV_BYTES("127.0.0.1");
    if (!mv_ip_parse(inside, ip_r))
        return false;
    if (mv_cursor_accept(c, ':'))
        mv_cursor_take_while(c, MV_ASCII_DIGIT);
    return true;
}

/* What stands behind "from": a name, or an address, which is the client's only where the comment has none. */
struct from {
    struct mv_bytes name;
    struct mv_ip literal;
};

static bool take_from(struct mv_cursor *c, struct from *from_r)
{
    struct mv_cursor start = *c;

    *from_r = (struct from){.name = {NULL, 0}};
    if (mv_cursor_peek(c) == '[') {
        if (!take_literal(c, &from_r->literal))
            return false;
        from_r->name = mv_cursor_since(c, &start);
        return true;
    }
    from_r->name = take_host(c);
    return from_r->name.len > 0;
}

static bool take_helo(struct mv_cursor *c, struct mv_bytes *helo_r)
{
    struct mv_cursor start = *c;

    if (mv_cursor_accept(c, '[')) {
        take_host(c);
        if (!mv_cursor_accept(c, ']'))
            return false;
    } else {
        take_host(c);
    }
    *helo_r = mv_cursor_since(c, &start);
    return helo_r->len > 0;
}

/* The words of the comment: a name, an address, helo=, and what else a server writes there without brackets. */
static bool take_comment(struct mv_cursor *c, struct mv_received *received_r)
{
    mv_cursor_accept_nocase(c, MV_BYTES("<unknown> ")); /* OpenSMTPD */
    while (!mv_cursor_accept(c, ')')) {
        if (mv_cursor_peek(c) == '[') {
            if (received_r->ip.family != MV_IP_NONE || !take_literal(c, &received_r->ip))
                return false;
            mv_cursor_accept_nocase(c, MV_BYTES(" (may be forged)")); /* Sendmail */
        } else if (mv_cursor_accept_nocase(c, MV_BYTES("helo="))) {
            if (received_r->helo.len > 0 || !take_helo(c, &received_r->helo))
                return false;
        } else if (take_host(c).len == 0 && !skip_space(c) && !mv_cursor_accept(c, '=')) {
            return false;
        }
    }
    return true;
}

/* Sendmail's "(authenticated bits=0)"; there may be none. */
static bool skip_login_comment(struct mv_cursor *c)
{
    if (!mv_cursor_accept_nocase(c, MV_BYTES("(authenticated")))
        return true;
    while (mv_cursor_take_while(c, MV_ASCII_ALPHA | MV_ASCII_DIGIT).len > 0 || mv_cursor_accept(c, ' ') ||
           mv_cursor_accept(c, '=')) {
    }
    return mv_cursor_accept(c, ')') && skip_space(c);
}

/* RFC 3848, RFC 6531 4.3: what stands behind "with" for a client that had logged in. */
static bool tells_login(struct mv_cursor c)
{
    static const char *const protocols[] = {"ESMTPA", "ESMTPSA", "UTF8SMTPA", "UTF8SMTPSA"};
    struct mv_bytes word;

    skip_space(&c);
    if (mv_cursor_accept(&c, '(')) { /* the server's name for itself */
        mv_cursor_take_until(&c, ')');
        mv_cursor_accept(&c, ')');
        skip_space(&c);
    }
    if (!mv_cursor_accept_nocase(&c, MV_BYTES("with")) || !skip_space(&c))
        return false;
    word = mv_cursor_take_while(&c, MV_ASCII_ALPHA | MV_ASCII_DIGIT);
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (mv_bytes_equal_nocase(word, mv_bytes_str(protocols[i])))
            return true;
    return false;
}

static bool parse(struct mv_cursor *c, struct mv_received *received_r)
{
    struct from from;

    skip_space(c);
    if (!mv_cursor_accept_nocase(c, MV_BYTES("from")) || !skip_space(c) || !take_from(c, &from) || !skip_space(c))
        return false;
    if (mv_cursor_accept(c, '(') && (!take_comment(c, received_r) || !skip_space(c) || !skip_login_comment(c)))
        return false;
    if (received_r->ip.family == MV_IP_NONE) /* Exim: from [192.0.2.1] (helo=...) */
        received_r->ip = from.literal;
    if (received_r->helo.len == 0)
        received_r->helo = from.name;
    if (received_r->ip.family == MV_IP_NONE || !mv_cursor_accept_nocase(c, MV_BYTES("by")) || !skip_space(c))
        return false;
    received_r->by_name = take_host(c);
    received_r->authenticated = tells_login(*c);
    return received_r->by_name.len > 0 &&
           (mv_cursor_left(c) == 0 || mv_ascii_is(mv_cursor_peek(c), MV_ASCII_FWS) || mv_cursor_peek(c) == ';');
}

bool mv_received_parse(struct mv_bytes value, struct mv_received *received_r)
{
    struct mv_cursor c = mv_cursor_of(value);

    *received_r = (struct mv_received){.helo = {NULL, 0}};
    if (value.len <= MV_RECEIVED_MAX_BYTES && parse(&c, received_r))
        return true;
    *received_r = (struct mv_received){.helo = {NULL, 0}};
    return false;
}
