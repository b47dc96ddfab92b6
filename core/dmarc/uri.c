#include "core/dmarc/uri.h"

#include "core/base/ascii.h"
#include "core/text/domain.h"

static bool is_one_of(int c, struct mv_bytes set)
{
    return c > 0 && mv_bytes_find(set, (unsigned char)c) < set.len;
}

/* RFC 3986 2.2, 2.3 without what RFC 9989 4.8 wants encoded ("!", ",") and without ";", which ends the tag. */
static bool is_plain(int c)
{
    return mv_ascii_is(c, MV_ASCII_ALNUM) || is_one_of(c, MV_BYTES("-._~$&'()*+="));
}

static bool accept_percent(struct mv_cursor *c)
{
    if (mv_cursor_peek(c) != '%' || !mv_ascii_is(mv_cursor_peek_at(c, 1), MV_ASCII_HEX) ||
        !mv_ascii_is(mv_cursor_peek_at(c, 2), MV_ASCII_HEX))
        return false;
    mv_cursor_take(c, 3);
    return true;
}

/* The run of unreserved, sub-delims, percent-encoded and extra characters. */
static struct mv_bytes take_chars(struct mv_cursor *c, struct mv_bytes extra)
{
    struct mv_cursor start = *c;

    for (;;) {
        int next = mv_cursor_peek(c);

        if (is_plain(next) || is_one_of(next, extra))
            mv_cursor_next(c);
        else if (!accept_percent(c))
            break;
    }
    return mv_cursor_since(c, &start);
}

/* RFC 3986 3.1, with its colon. */
static bool take_scheme(struct mv_cursor *c, struct mv_bytes *scheme_r)
{
    struct mv_cursor start = *c;

    if (!mv_ascii_is(mv_cursor_peek(c), MV_ASCII_ALPHA))
        return false;
    while (mv_ascii_is(mv_cursor_peek(c), MV_ASCII_ALNUM) || is_one_of(mv_cursor_peek(c), MV_BYTES("+-.")))
        mv_cursor_next(c);
    *scheme_r = mv_cursor_since(c, &start);
    return mv_cursor_accept(c, ':');
}

/* RFC 3986 3.2: [ userinfo "@" ] host [ ":" port ]. A host in brackets is not looked into. */
static bool skip_authority(struct mv_cursor *c)
{
    struct mv_cursor userinfo = *c;

    take_chars(&userinfo, MV_BYTES(":"));
    if (mv_cursor_accept(&userinfo, '@'))
        *c = userinfo;
    if (mv_cursor_accept(c, '[')) {
        take_chars(c, MV_BYTES(":"));
        if (!mv_cursor_accept(c, ']'))
            return false;
    } else if (take_chars(c, MV_BYTES("")).len == 0) {
        return false;
    }
    if (mv_cursor_accept(c, ':'))
        mv_cursor_take_while(c, MV_ASCII_DIGIT);
    return mv_cursor_left(c) == 0 || is_one_of(mv_cursor_peek(c), MV_BYTES("/?#"));
}

/* RFC 6068 2: addr-spec. */
static bool is_mailbox(struct mv_bytes path)
{
    size_t at = mv_bytes_find_last(path, '@');
    struct mv_bytes domain = mv_bytes_slice(path, at + 1, path.len);

    if (at == 0 || at == path.len || mv_bytes_find(path, '@') != at || mv_bytes_find(path, '/') < path.len)
        return false;
    return mv_domain_is_ldh(domain);
}

static bool is_uri(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_bytes scheme, path;

    if (!take_scheme(&c, &scheme))
        return false;
    if (mv_cursor_peek(&c) == '/' && mv_cursor_peek_at(&c, 1) == '/') {
        mv_cursor_take(&c, 2);
        if (!skip_authority(&c))
            return false;
    }
    path = take_chars(&c, MV_BYTES(":@/"));
    if (mv_cursor_accept(&c, '?'))
        take_chars(&c, MV_BYTES(":@/?"));
    if (mv_cursor_accept(&c, '#'))
        take_chars(&c, MV_BYTES(":@/?"));
    if (mv_cursor_left(&c) > 0)
        return false;
    return !mv_bytes_equal_nocase(scheme, MV_BYTES("mailto")) || is_mailbox(path);
}

/* "!" 1*DIGIT [ "k" / "m" / "g" / "t" ] (RFC 7489 6.4) */
static bool is_size_limit(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    if (!mv_cursor_accept(&c, '!') || mv_cursor_take_while(&c, MV_ASCII_DIGIT).len == 0)
        return false;
    if (is_one_of(mv_cursor_peek(&c), MV_BYTES("kmgtKMGT")))
        mv_cursor_next(&c);
    return mv_cursor_left(&c) == 0;
}

bool mv_dmarc_uri_parse(struct mv_bytes item, struct mv_bytes *uri_r)
{
    size_t mark = mv_bytes_find(item, '!');
    struct mv_bytes uri = mv_bytes_slice(item, 0, mark);

    if (mark < item.len && !is_size_limit(mv_bytes_slice(item, mark, item.len)))
        return false;
    if (!is_uri(uri))
        return false;
    *uri_r = uri;
    return true;
}
