#include "core/config/senders.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/domain.h"

#define ANY 256 /* a "*" of a pattern, beside the bytes */

/* A pattern while it is compared: its %n stands for the name, byte for byte, also where that holds a "*". */
struct pattern {
    struct mv_cursor rest;
    struct mv_cursor name; /* what is left of the %n that the rest begins behind */
    const struct mv_sender *sender; /* NULL: %n has no meaning */
};

static struct pattern pattern_of(struct mv_bytes text, const struct mv_sender *sender)
{
    return (struct pattern){.rest = mv_cursor_of(text), .name = mv_cursor_of(mv_bytes_str("")), .sender = sender};
}

/* A byte, ANY, or -1 at the end. */
static int pattern_peek(struct pattern *p)
{
    int c;

    while (p->sender != NULL && mv_cursor_left(&p->name) == 0 && mv_cursor_accept_nocase(&p->rest, MV_BYTES("%n")))
        p->name = mv_cursor_of(p->sender->name);
    if (mv_cursor_left(&p->name) > 0)
        return mv_cursor_peek(&p->name);
    c = mv_cursor_peek(&p->rest);
    return c == '*' ? ANY : c;
}

static void pattern_next(struct pattern *p)
{
    mv_cursor_next(mv_cursor_left(&p->name) > 0 ? &p->name : &p->rest);
}

/* When the rest does not fit, the last "*" takes one more byte: no other one needs to be tried again. */
static bool matches(struct pattern p, struct mv_bytes text)
{
    struct mv_cursor t = mv_cursor_of(text), retry = t;
    struct pattern behind_any = p;
    bool has_any = false;

    while (mv_cursor_left(&t) > 0) {
        int want = pattern_peek(&p);

        if (want == ANY) {
            pattern_next(&p);
            behind_any = p;
            retry = t;
            has_any = true;
        } else if (want >= 0 && mv_ascii_lower((unsigned char)want) ==
                                    mv_ascii_lower((unsigned char)mv_cursor_peek(&t))) {
            pattern_next(&p);
            mv_cursor_next(&t);
        } else if (has_any) {
            mv_cursor_next(&retry);
            p = behind_any;
            t = retry;
        } else {
            return false;
        }
    }
    while (pattern_peek(&p) == ANY)
        pattern_next(&p);
    return pattern_peek(&p) < 0;
}

enum mv_code mv_sender_split(struct mv_arena *arena, struct mv_bytes login, struct mv_sender *sender_r)
{
    size_t at = mv_bytes_find_last(login, '@');
    enum mv_code code = MV_OK;

    *sender_r = (struct mv_sender){.login = login, .name = mv_bytes_slice(login, 0, at)};
    if (login.len > MV_SENDERS_MAX_LOGIN_BYTES || mv_bytes_find(login, '\0') < login.len)
        return MV_ERR_LIMIT;
    if (at < login.len)
        code = mv_domain_parse(arena, mv_bytes_slice(login, at + 1, login.len), &sender_r->domain);
    return code == MV_ERR_MEMORY ? code : MV_OK;
}

bool mv_sender_is(struct mv_bytes user_pattern, const struct mv_sender *sender)
{
    return matches(pattern_of(user_pattern, NULL), sender->login);
}

static bool is_domain_of(struct mv_bytes pattern, const struct mv_sender *sender, struct mv_bytes domain)
{
    if (mv_bytes_equal(pattern, MV_BYTES("%d")))
        return sender->domain.len > 0 && mv_bytes_equal(sender->domain, domain);
    if (pattern.len > 0 && pattern.data[0] == '.')
        return mv_domain_is_within(domain, mv_bytes_slice(pattern, 1, pattern.len));
    return mv_bytes_equal(pattern, domain);
}

bool mv_sender_may(struct mv_bytes author_pattern, const struct mv_sender *sender, struct mv_bytes local_part,
                   struct mv_bytes domain)
{
    size_t at = mv_bytes_find_last(author_pattern, '@');
    struct mv_bytes local_pattern = mv_bytes_slice(author_pattern, 0, at);

    if (mv_bytes_equal(author_pattern, MV_BYTES("*")))
        return true;
    if (mv_bytes_equal(author_pattern, MV_BYTES("self")))
        return sender->domain.len > 0 && mv_bytes_equal(sender->domain, domain) &&
               mv_bytes_equal_nocase(sender->name, local_part);
    if (at == author_pattern.len)
        return is_domain_of(author_pattern, sender, domain);
    return local_part.len <= MV_SENDERS_MAX_LOCAL_BYTES &&
           is_domain_of(mv_bytes_slice(author_pattern, at + 1, author_pattern.len), sender, domain) &&
           matches(pattern_of(local_pattern, sender), local_part);
}

const char *mv_sender_user_fault(struct mv_bytes text)
{
    if (text.len == 0)
        return "a user is missing before the \":\"";
    if (text.len > MV_SENDERS_MAX_PATTERN_BYTES)
        return "is longer than 320 bytes";
    if (text.data[0] == '@')
        return "is no login: write *@ for all logins of a domain";
    if (mv_bytes_find(text, '%') < text.len)
        return "holds a %, which has a meaning in addresses only";
    return NULL;
}

/* Only %n has a meaning; of what would need quotes (RFC 5322 3.2.3) nothing is taken but "@". */
static const char *fault_of_local(struct mv_bytes local)
{
    struct mv_cursor c = mv_cursor_of(local);

    while (mv_cursor_left(&c) > 0) {
        if (mv_cursor_accept_nocase(&c, MV_BYTES("%n")))
            continue;
        if (mv_cursor_peek(&c) == '%')
            return "holds a % that is not %n";
        if (!mv_ascii_is(mv_cursor_peek(&c), MV_ASCII_ATEXT | MV_ASCII_UTF8) && mv_cursor_peek(&c) != '.' &&
            mv_cursor_peek(&c) != '@')
            return "holds a byte that no address has without quotes";
        mv_cursor_next(&c);
    }
    return NULL;
}

static enum mv_code parse_domain(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes *domain_r,
                                 const char **reason_r)
{
    bool below = text.len > 0 && text.data[0] == '.';
    enum mv_code code;

    if (mv_bytes_equal_nocase(text, MV_BYTES("%d"))) {
        *domain_r = MV_BYTES("%d");
        return MV_OK;
    }
    code = mv_domain_parse(arena, mv_bytes_slice(text, below, text.len), domain_r);
    if (code == MV_ERR_SYNTAX)
        *reason_r = "is neither an address, a domain, self nor *";
    if (code == MV_OK && below) {
        const char *dotted = mv_arena_printf(arena, ".%.*s", MV_ARG(*domain_r));

        *domain_r = mv_bytes_str(dotted);
        code = dotted == NULL ? MV_ERR_MEMORY : MV_OK;
    }
    return code;
}

static enum mv_code join(struct mv_arena *arena, struct mv_bytes local, struct mv_bytes domain,
                         struct mv_bytes *author_r)
{
    const char *joined = mv_arena_printf(arena, "%.*s@%.*s", MV_ARG(local), MV_ARG(domain));

    *author_r = mv_bytes_str(joined);
    return joined == NULL ? MV_ERR_MEMORY : MV_OK;
}

enum mv_code mv_sender_author_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes *author_r,
                                    const char **reason_r)
{
    size_t at = mv_bytes_find_last(text, '@');
    struct mv_bytes local = mv_bytes_slice(text, 0, at), domain;
    enum mv_code code;

    *author_r = (struct mv_bytes){NULL, 0};
    *reason_r = text.len > MV_SENDERS_MAX_PATTERN_BYTES ? "is longer than 320 bytes" : fault_of_local(local);
    if (mv_bytes_equal(text, MV_BYTES("*")) || mv_bytes_equal_nocase(text, MV_BYTES("self"))) {
        *author_r = text.len == 1 ? MV_BYTES("*") : MV_BYTES("self");
        return MV_OK;
    }
    if (at == text.len) { /* no "@": it is a domain, and its own faults are to be named */
        local = (struct mv_bytes){NULL, 0};
        *reason_r = text.len > MV_SENDERS_MAX_PATTERN_BYTES ? *reason_r : NULL;
    }
    if (*reason_r != NULL)
        return MV_ERR_SYNTAX;
    code = parse_domain(arena, mv_bytes_slice(text, at == text.len ? 0 : at + 1, text.len), &domain, reason_r);
    if (code != MV_OK)
        return code;
    if (local.len == 0 || mv_bytes_equal(local, MV_BYTES("*"))) {
        *author_r = domain;
        return MV_OK;
    }
    return join(arena, local, domain, author_r);
}
