#include "core/auth/redaction_received.h"

#include "core/base/ascii.h"
#include "core/text/domain.h"
#include "core/text/ip.h"
#include "core/text/lexer.h"

#define MAX_DATE_WORDS 12
#define MAX_WORD_BYTES 255
#define MAX_ID_BYTES 64
#define MAX_CLAUSES 12 /* of one field */

static bool is_listed(struct mv_bytes word, const char *list)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(list));

    while (mv_cursor_left(&c) > 0) {
        if (mv_bytes_equal_nocase(word, mv_cursor_take_until(&c, ' ')))
            return true;
        mv_cursor_accept(&c, ' ');
    }
    return false;
}

/* "Thu,", "26", "12:00:00", "+0000", "(UTC)" */
static bool is_date_word(struct mv_bytes word)
{
    const struct mv_bytes also = MV_BYTES(":+-,");

    if (word.len > 2 && word.data[0] == '(' && word.data[word.len - 1] == ')')
        word = mv_bytes_slice(word, 1, word.len - 1);
    if (word.len > 0 && mv_ascii_is(word.data[0], MV_ASCII_ALPHA))
        return is_listed(mv_bytes_slice(word, 0, mv_bytes_find(word, ',')),
                         "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec UT UTC GMT EST "
                         "EDT CST CDT MST MDT PST PDT CET CEST") &&
               mv_bytes_find(word, ',') + 1 >= word.len;
    for (size_t i = 0; i < word.len; i++)
        if (!mv_ascii_is(word.data[i], MV_ASCII_DIGIT) && mv_bytes_find(also, word.data[i]) == also.len)
            return false;
    return word.len > 0 && word.len <= MAX_WORD_BYTES;
}

static struct mv_bytes take_word(struct mv_cursor *c)
{
    struct mv_cursor start;

    mv_cursor_take_while(c, MV_ASCII_FWS);
    start = *c;
    while (mv_cursor_left(c) > 0 && !mv_ascii_is(mv_cursor_peek(c), MV_ASCII_FWS))
        mv_cursor_next(c);
    return mv_cursor_since(c, &start);
}

static bool is_date(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_trim(value));
    size_t words = 0;

    for (; mv_cursor_left(&c) > 0; words++)
        if (words == MAX_DATE_WORDS || !is_date_word(take_word(&c)))
            return false;
    return words > 0;
}

void mv_redacting_add_date(struct mv_redacting *r, struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_trim(value));

    if (!is_date(value))
        return;
    while (mv_cursor_left(&c) > 0)
        mv_redacting_add(r, take_word(&c));
}

/* A name that is more than one word could be; those with one label are of people's own machines. */
static bool is_host_name(struct mv_bytes word)
{
    struct mv_bytes last = mv_bytes_slice(word, mv_bytes_find_last(word, '.') + 1, word.len);

    if (mv_domain_labels(word) < 2 || !mv_domain_is_askable(word) || mv_bytes_all(last, MV_ASCII_DIGIT))
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] != '.' && !mv_ascii_is(word.data[i], MV_ASCII_LDH))
            return false;
    return true;
}

/* In brackets, with a port behind them, or alone. */
static bool put_address(struct mv_bytes word, struct mv_buf *out)
{
    size_t end = mv_bytes_find(word, ']');
    struct mv_ip ip;

    if (!mv_ip_parse(end == word.len ? word : mv_bytes_slice(word, 0, end + 1), &ip))
        return false;
    mv_buf_putc(out, '[');
    mv_ip_print(&ip, out);
    mv_buf_putc(out, ']');
    return true;
}

/* *named_r: every word is such a name or an address, and there is an address. */
static void scan_comment(struct mv_bytes inside, bool *named_r, bool *has_address_r)
{
    struct mv_cursor c = mv_cursor_of(inside);
    struct mv_buf room;

    *named_r = true;
    *has_address_r = false;
    mv_buf_init(&room, MAX_WORD_BYTES);
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes word = take_word(&c);

        if (put_address(word, &room))
            *has_address_r = true;
        else if (word.len > 0 && !is_host_name(word))
            *named_r = false;
        mv_buf_reset(&room);
    }
    mv_buf_free(&room);
}

static bool put_comment_word(struct mv_redacting *r, struct mv_bytes word, bool named)
{
    if (put_address(word, &r->piece))
        return true;
    if (named)
        mv_buf_put(&r->piece, word);
    return named;
}

/* Names without an address beside them may be people's. */
static void add_comment(struct mv_redacting *r, struct mv_bytes inside)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_trim(inside));
    bool named, has_address, first = true;

    scan_comment(inside, &named, &has_address);
    if (!has_address)
        return;
    mv_buf_reset(&r->piece);
    mv_buf_putc(&r->piece, '(');
    while (mv_cursor_left(&c) > 0) {
        size_t len = mv_buf_bytes(&r->piece).len;

        if (!first)
            mv_buf_putc(&r->piece, ' ');
        if (put_comment_word(r, take_word(&c), named))
            first = false;
        else
            mv_buf_truncate(&r->piece, len);
    }
    mv_buf_putc(&r->piece, ')');
    mv_redacting_add(r, mv_buf_bytes(&r->piece));
}

enum clause { CLAUSE_NONE, CLAUSE_HOST, CLAUSE_WITH, CLAUSE_ID, CLAUSE_FOR };

static enum clause clause_of(struct mv_bytes word)
{
    if (is_listed(word, "from by"))
        return CLAUSE_HOST;
    if (is_listed(word, "with"))
        return CLAUSE_WITH;
    if (is_listed(word, "id"))
        return CLAUSE_ID;
    return is_listed(word, "for") ? CLAUSE_FOR : CLAUSE_NONE;
}

/* Up to white space or a comment; quoted strings and what stands in <> are one word with what touches them. */
static struct mv_bytes take_value(struct mv_cursor *c)
{
    struct mv_cursor start = *c;
    bool bracket = false;

    for (;;) {
        int byte = mv_cursor_peek(c);

        if (byte == '"' && mv_lex_skip_quoted_string(c))
            continue;
        if (byte < 0 || (!bracket && (mv_ascii_is(byte, MV_ASCII_FWS) || byte == '(')))
            return mv_cursor_since(c, &start);
        bracket = (bracket || byte == '<') && byte != '>';
        mv_cursor_next(c);
    }
}

static bool contains_nocase(struct mv_bytes word, struct mv_bytes part)
{
    for (size_t i = 0; i + part.len <= word.len; i++)
        if (mv_bytes_has_prefix_nocase(mv_bytes_slice(word, i, word.len), part))
            return true;
    return false;
}

/* RFC 5321 7.2, RFC 3848; HTTP of web mail. */
static bool is_protocol(struct mv_bytes word)
{
    return word.len <= 12 && mv_bytes_all(word, MV_ASCII_ALNUM) &&
           (contains_nocase(word, MV_BYTES("SMTP")) || contains_nocase(word, MV_BYTES("LMTP")) ||
            contains_nocase(word, MV_BYTES("HTTP")) || is_listed(word, "local"));
}

static bool is_queue_id(struct mv_bytes word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] != '.' && !mv_ascii_is(word.data[i], MV_ASCII_LDH))
            return false;
    return word.len > 0 && word.len <= MAX_ID_BYTES;
}

static enum mv_code put_value(struct mv_redacting *r, enum clause clause, struct mv_bytes value)
{
    struct mv_bytes before = mv_buf_bytes(&r->piece);
    size_t len = before.len;
    enum mv_code code = MV_OK;

    if (clause == CLAUSE_FOR)
        code = mv_redact_path(r->arena, r->redaction, value, &r->piece);
    else if (clause == CLAUSE_HOST && !put_address(value, &r->piece) && is_host_name(value))
        mv_buf_put(&r->piece, value);
    else if ((clause == CLAUSE_WITH && is_protocol(value)) || (clause == CLAUSE_ID && is_queue_id(value)))
        mv_buf_put(&r->piece, value);
    if (mv_buf_bytes(&r->piece).len == len)
        mv_buf_puts(&r->piece, "redacted");
    return code;
}

static enum mv_code add_clause(struct mv_redacting *r, struct mv_bytes keyword, struct mv_bytes value)
{
    enum mv_code code;

    mv_buf_reset(&r->piece);
    mv_buf_put_lower(&r->piece, keyword);
    mv_buf_putc(&r->piece, ' ');
    code = put_value(r, clause_of(keyword), value);
    if (code == MV_OK)
        mv_redacting_add(r, mv_buf_bytes(&r->piece));
    return code;
}

/* A comment, with its brackets gone over; false where it is not closed. */
static bool take_comment(struct mv_cursor *c, struct mv_bytes *inside_r)
{
    struct mv_cursor start = *c;
    struct mv_bytes whole;

    if (!mv_lex_skip_cfws(c))
        return false;
    whole = mv_bytes_trim(mv_cursor_since(c, &start));
    *inside_r = mv_bytes_slice(whole, 1, whole.len < 2 ? 1 : whole.len - 1);
    return true;
}

static enum mv_code add_clauses(struct mv_redacting *r, struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);
    enum mv_code code = MV_OK;
    enum clause last = CLAUSE_NONE;
    struct mv_bytes inside;

    for (size_t clauses = 0; code == MV_OK && clauses < MAX_CLAUSES;) {
        struct mv_bytes word;

        mv_cursor_take_while(&c, MV_ASCII_FWS);
        if (mv_cursor_left(&c) == 0)
            break;
        if (mv_cursor_peek(&c) == '(') {
            if (!take_comment(&c, &inside))
                break;
            if (last == CLAUSE_HOST)
                add_comment(r, inside);
            continue;
        }
        word = take_value(&c);
        if (clause_of(word) == CLAUSE_NONE)
            continue;
        last = clause_of(word);
        clauses++;
        mv_cursor_take_while(&c, MV_ASCII_FWS);
        code = add_clause(r, word, take_value(&c));
    }
    return code;
}

/* RFC 5321 4.4 */
enum mv_code mv_redact_received(struct mv_redacting *r, struct mv_bytes value)
{
    size_t semicolon = mv_bytes_find_last(value, ';');
    struct mv_bytes date = mv_bytes_slice(value, semicolon + 1, value.len);
    enum mv_code code = add_clauses(r, mv_bytes_slice(value, 0, semicolon));

    if (code != MV_OK || !is_date(date))
        return code;
    mv_redacting_add(r, MV_BYTES(";"));
    mv_redacting_add_date(r, date);
    return MV_OK;
}
