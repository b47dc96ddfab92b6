#include "core/spf/macro.h"

#include "core/base/ascii.h"

/* RFC 7208 7.3: 128 parts must be possible; no name has more labels. */
#define MV_SPF_MAX_KEEP 1000

enum token_kind {
    TOKEN_LITERAL,
    TOKEN_ESCAPE, /* %% %_ %- */
    TOKEN_LETTER
};

/* One piece of a macro-string. */
struct token {
    enum token_kind kind;
    struct mv_bytes text;       /* what it stands for: literal and escape */
    unsigned char letter;       /* in lower case */
    bool url_escape;            /* the letter was upper case */
    unsigned keep;              /* rightmost parts to keep; 0 is all */
    bool reverse;
    struct mv_bytes delimiters; /* empty is "." */
};

static const char fault_percent[] = "\"%\" is not followed by \"{\", \"%\", \"_\" or \"-\"";
static const char fault_macro[] = "a macro is not closed, or holds what does not belong in it";
static const char fault_zero[] = "a macro keeps zero parts";
static const char fault_letter[] = "a macro letter is unknown";
static const char fault_exp_letter[] = "the macro letters c, r and t belong in explanations only";
static const char fault_byte[] = "a byte is not printable ASCII";
static const char fault_end[] = "a domain does not end in a top label or a macro";
static const char fault_empty[] = "a domain is empty";

/* transformers = *DIGIT [ "r" ] */
static const char *parse_transformers(struct mv_cursor *c, struct token *token)
{
    struct mv_bytes digits = mv_cursor_take_while(c, MV_ASCII_DIGIT);
    uint64_t keep;

    if (digits.len > 0) {
        if (!mv_bytes_to_uint(digits, MV_SPF_MAX_KEEP, &keep))
            keep = MV_SPF_MAX_KEEP;
        if (keep == 0)
            return fault_zero;
        token->keep = (unsigned)keep;
    }
    token->reverse = mv_cursor_accept(c, 'r') || mv_cursor_accept(c, 'R');
    return NULL;
}

static bool is_delimiter_byte(int c)
{
    static const struct mv_bytes delimiters = {(const unsigned char *)".-+,/_=", 7};

    return c > 0 && mv_bytes_find(delimiters, (unsigned char)c) < delimiters.len;
}

/* After "%{": macro-letter transformers *delimiter "}" */
static const char *parse_letter(struct mv_cursor *c, struct token *token)
{
    struct mv_cursor start;
    int letter = mv_cursor_next(c);
    const char *fault;

    if (!mv_ascii_is(letter, MV_ASCII_ALPHA))
        return letter < 0 ? fault_macro : fault_letter;
    token->kind = TOKEN_LETTER;
    token->letter = mv_ascii_lower((unsigned char)letter);
    token->url_escape = token->letter != letter;
    fault = parse_transformers(c, token);
    if (fault != NULL)
        return fault;
    start = *c;
    while (is_delimiter_byte(mv_cursor_peek(c)))
        mv_cursor_next(c);
    token->delimiters = mv_cursor_since(c, &start);
    return mv_cursor_accept(c, '}') ? NULL : fault_macro;
}

/* The next piece; the cursor is not at its end. NULL, or what is wrong. */
static const char *next_token(struct mv_cursor *c, struct token *token_r)
{
    *token_r = (struct token){.kind = TOKEN_LITERAL, .text = mv_cursor_take_until(c, '%')};
    if (token_r->text.len > 0)
        return NULL;
    mv_cursor_next(c);
    token_r->kind = TOKEN_ESCAPE;
    switch (mv_cursor_next(c)) {
    case '{':
        return parse_letter(c, token_r);
    case '%':
        token_r->text = MV_BYTES("%");
        return NULL;
    case '_':
        token_r->text = MV_BYTES(" ");
        return NULL;
    case '-':
        token_r->text = MV_BYTES("%20");
        return NULL;
    default:
        return fault_percent;
    }
}

static const char *letter_fault(unsigned char letter, enum mv_spf_macro_use use, unsigned *uses)
{
    switch (letter) {
    case 's':
    case 'l':
        *uses |= MV_SPF_USES_LOCAL_PART;
        return NULL;
    case 'p':
        *uses |= MV_SPF_USES_PTR;
        return NULL;
    case 'o':
    case 'd':
    case 'i':
    case 'v':
    case 'h':
        return NULL;
    case 'c':
    case 'r':
    case 't':
        return use == MV_SPF_MACRO_IN_EXP ? NULL : fault_exp_letter;
    default:
        return fault_letter;
    }
}

/* macro-literal = %x21-24 / %x26-7E; an explanation has spaces too (RFC 7208 12). */
static bool is_literal(struct mv_bytes text, enum mv_spf_macro_use use)
{
    if (use == MV_SPF_MACRO_IN_DOMAIN)
        return mv_bytes_all(text, MV_ASCII_VCHAR);
    return mv_bytes_all(text, MV_ASCII_VCHAR | MV_ASCII_WSP) && mv_bytes_find(text, '\t') == text.len;
}

/* Also gives the last token, which decides whether a domain-spec ends well. */
static const char *check(struct mv_bytes text, enum mv_spf_macro_use use, unsigned *uses_r, struct token *last_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    const char *fault = NULL;

    *uses_r = 0;
    while (fault == NULL && mv_cursor_left(&c) > 0) {
        fault = next_token(&c, last_r);
        if (fault != NULL)
            break;
        if (last_r->kind == TOKEN_LETTER)
            fault = letter_fault(last_r->letter, use, uses_r);
        else if (last_r->kind == TOKEN_LITERAL && !is_literal(last_r->text, use))
            fault = fault_byte;
    }
    return fault;
}

const char *mv_spf_macro_fault(struct mv_bytes text, enum mv_spf_macro_use use, unsigned *uses_r)
{
    struct token last;

    return check(text, use, uses_r, &last);
}

/* toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum ) */
static bool is_top_label(struct mv_bytes label)
{
    return mv_bytes_all(label, MV_ASCII_LDH) && mv_bytes_find(label, '_') == label.len &&
           !mv_bytes_all(label, MV_ASCII_DIGIT) && /* true for the empty label */
           !mv_bytes_has_prefix_nocase(label, MV_BYTES("-")) && !mv_bytes_has_suffix_nocase(label, MV_BYTES("-"));
}

/* domain-end = ( "." toplabel [ "." ] ) / macro-expand */
static bool is_domain_end(const struct token *last)
{
    struct mv_bytes text = last->text;
    size_t dot;

    if (last->kind != TOKEN_LITERAL)
        return true;
    if (mv_bytes_has_suffix_nocase(text, MV_BYTES(".")))
        text = mv_bytes_slice(text, 0, text.len - 1);
    dot = mv_bytes_find_last(text, '.');
    return dot < text.len && is_top_label(mv_bytes_slice(text, dot + 1, text.len));
}

const char *mv_spf_domain_spec_fault(struct mv_bytes text, unsigned *uses_r)
{
    struct token last;
    const char *fault;

    *uses_r = 0;
    if (text.len == 0)
        return fault_empty;
    fault = check(text, MV_SPF_MACRO_IN_DOMAIN, uses_r, &last);
    if (fault != NULL)
        return fault;
    return is_domain_end(&last) ? NULL : fault_end;
}

static struct mv_bytes value_of(unsigned char letter, const struct mv_spf_macro_values *values)
{
    switch (letter) {
    case 's': return values->sender;
    case 'l': return values->local_part;
    case 'o': return values->sender_domain;
    case 'd': return values->domain;
    case 'i': return values->ip_dotted;
    case 'c': return values->ip_text;
    case 'v': return values->ip_version;
    case 'p': return values->validated;
    case 'h': return values->helo;
    case 'r': return values->receiver;
    default: return values->now;
    }
}

static bool delimits(const struct token *token, int byte)
{
    if (token->delimiters.len == 0)
        return byte == '.';
    return byte >= 0 && mv_bytes_find(token->delimiters, (unsigned char)byte) < token->delimiters.len;
}

/* Up to the next delimiter, which stays under the cursor. */
static struct mv_bytes take_part(struct mv_cursor *c, const struct token *token)
{
    struct mv_cursor start = *c;

    while (mv_cursor_left(c) > 0 && !delimits(token, mv_cursor_peek(c)))
        mv_cursor_next(c);
    return mv_cursor_since(c, &start);
}

static size_t count_parts(struct mv_bytes value, const struct token *token)
{
    struct mv_cursor c = mv_cursor_of(value);
    size_t count = 1;

    while (mv_cursor_left(&c) > 0)
        count += delimits(token, mv_cursor_next(&c));
    return count;
}

/* RFC 7208 7.3: upper case letters are expanded and then URL-escaped. */
static void put_byte(struct mv_buf *out, unsigned char c, bool url_escape)
{
    bool unreserved = mv_ascii_is(c, MV_ASCII_ALNUM) || c == '-' || c == '.' || c == '_' || c == '~';

    if (!url_escape || unreserved)
        mv_buf_putc(out, c);
    else
        mv_buf_printf(out, "%%%02X", (unsigned)c);
}

static void put_part(struct mv_buf *out, struct mv_bytes part, bool url_escape)
{
    struct mv_cursor c = mv_cursor_of(part);

    if (!url_escape)
        mv_buf_put(out, part);
    else
        while (mv_cursor_left(&c) > 0)
            put_byte(out, (unsigned char)mv_cursor_next(&c), true);
}

/* The rightmost parts to keep, in their order. */
static void put_forward(struct mv_buf *out, struct mv_bytes value, const struct token *token)
{
    struct mv_cursor c = mv_cursor_of(value);
    size_t count = count_parts(value, token);
    size_t skip = token->keep > 0 && token->keep < count ? count - token->keep : 0;

    for (size_t i = 0; i < count; i++) {
        struct mv_bytes part = take_part(&c, token);

        mv_cursor_next(&c);
        if (i < skip)
            continue;
        if (i > skip)
            mv_buf_putc(out, '.');
        put_part(out, part, token->url_escape);
    }
}

/* After reversal the rightmost parts are the leftmost of the value. */
static struct mv_bytes leftmost_parts(struct mv_bytes value, const struct token *token)
{
    struct mv_cursor start = mv_cursor_of(value), c = start;

    if (token->keep == 0)
        return value;
    take_part(&c, token);
    for (unsigned i = 1; i < token->keep && mv_cursor_left(&c) > 0; i++) {
        mv_cursor_next(&c);
        take_part(&c, token);
    }
    return mv_cursor_since(&c, &start);
}

/* Where the last part begins. */
static size_t last_part(struct mv_bytes value, const struct token *token)
{
    size_t from = value.len;

    while (from > 0 && !delimits(token, value.data[from - 1]))
        from--;
    return from;
}

static void put_reversed(struct mv_buf *out, struct mv_bytes value, const struct token *token)
{
    struct mv_bytes left = leftmost_parts(value, token);
    size_t from = last_part(left, token);

    put_part(out, mv_bytes_slice(left, from, left.len), token->url_escape);
    while (from > 0) {
        left = mv_bytes_slice(left, 0, from - 1);
        from = last_part(left, token);
        mv_buf_putc(out, '.');
        put_part(out, mv_bytes_slice(left, from, left.len), token->url_escape);
    }
}

/*
 * RFC 7208 7.3.  Two delimiters side by side leave an empty part between them, as
 * every implementation in use has it ("one or more of the specified delimiter
 * characters" names a set, not a run).
 */
static void put_value(struct mv_buf *out, struct mv_bytes value, const struct token *token)
{
    if (token->reverse)
        put_reversed(out, value, token);
    else
        put_forward(out, value, token);
}

enum mv_code mv_spf_macro_expand(struct mv_bytes text, const struct mv_spf_macro_values *values, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(text);
    size_t start = mv_buf_bytes(out).len;
    struct token token;

    while (mv_cursor_left(&c) > 0) {
        if (next_token(&c, &token) != NULL)
            return MV_ERR_SYNTAX;
        if (token.kind == TOKEN_LETTER)
            put_value(out, value_of(token.letter, values), &token);
        else
            mv_buf_put(out, token.text);
        if (mv_buf_bytes(out).len - start > MV_SPF_MAX_EXPANSION_BYTES)
            return MV_ERR_LIMIT;
    }
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}
