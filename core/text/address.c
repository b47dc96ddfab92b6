#include "core/text/address.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/text/domain.h"
#include "core/text/lexer.h"

#define FIRST_MAILBOXES 4

struct list {
    struct mv_arena *arena;
    struct mv_cursor c;
    struct mv_mailbox *mailboxes;
    size_t count;
    size_t size;
    enum mv_from_code domain_fault; /* of the first mailbox whose domain is of no use */
};

/* A run of words and dots: the beginning of whatever address comes (RFC 5322 3.2.5, 3.4.1, 4.1, 4.4). */
struct words {
    struct mv_bytes text; /* as written, without the white space and comments around it */
    bool is_phrase;       /* begins with a word */
    bool is_dotted;       /* words with exactly one dot between: a local part */
    bool has_quoted;      /* and so no domain */
};

enum word_kind { NO_WORD, WORD, QUOTED_WORD, DOT };

static enum word_kind skip_word(struct mv_cursor *c)
{
    if (mv_cursor_accept(c, '.'))
        return DOT;
    if (mv_lex_atom(c).len > 0)
        return WORD;
    return mv_lex_skip_quoted_string(c) ? QUOTED_WORD : NO_WORD;
}

/* Goes over the run, also none, and the white space and comments around it; false when one of them is broken. */
static bool scan_words(struct mv_cursor *c, struct words *words_r)
{
    enum word_kind kind, last = NO_WORD;
    struct mv_cursor start;

    if (!mv_lex_skip_cfws(c))
        return false;
    start = *c;
    *words_r = (struct words){.is_dotted = true};
    while ((kind = skip_word(c)) != NO_WORD) {
        words_r->text = mv_cursor_since(c, &start);
        if (!mv_lex_skip_cfws(c))
            return false;
        if (last == NO_WORD)
            words_r->is_phrase = kind != DOT;
        if ((kind == DOT) != (last == WORD || last == QUOTED_WORD))
            words_r->is_dotted = false;
        if (kind == QUOTED_WORD)
            words_r->has_quoted = true;
        last = kind;
    }
    if (last == NO_WORD || last == DOT)
        words_r->is_dotted = false;
    return true;
}

/* What a dotted run means: no comments, no white space, no quotes. */
static enum mv_from_code join_words(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes *joined_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    unsigned char *joined = mv_arena_alloc(arena, text.len);
    size_t len = 0;

    if (joined == NULL)
        return MV_FROM_MEMORY;
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes word;

        if (mv_cursor_accept(&c, '.'))
            word = MV_BYTES(".");
        else if (mv_cursor_peek(&c) != '"')
            word = mv_lex_atom(&c);
        else if (mv_lex_quoted_string(&c, arena, &word) != MV_OK)
            return MV_FROM_MEMORY; /* the syntax has been seen to be right */
        if (word.len > 0)
            memcpy(joined + len, word.data, word.len);
        len += word.len;
        if (!mv_lex_skip_cfws(&c))
            return MV_FROM_SYNTAX;
    }
    *joined_r = mv_bytes_of(joined, len);
    return MV_FROM_OK;
}

/* RFC 5322 3.4.1, 4.4; false, the cursor anywhere, when it is none. */
static bool skip_domain_literal(struct mv_cursor *c)
{
    if (!mv_cursor_accept(c, '['))
        return false;
    for (;;) {
        int byte;

        mv_lex_skip_fws(c);
        byte = mv_cursor_next(c);
        if (byte == ']')
            return true;
        if (byte == '\\')
            byte = mv_cursor_next(c);
        else if (byte == '[')
            return false;
        if (!mv_ascii_is(byte, MV_ASCII_VCHAR | MV_ASCII_WSP | MV_ASCII_UTF8))
            return false;
    }
}

/* A domain with what may stand around it; text_r is a literal with its brackets, or dotted words. */
static bool scan_domain(struct mv_cursor *c, struct mv_bytes *text_r)
{
    struct words words;
    struct mv_cursor start;

    if (!scan_words(c, &words))
        return false;
    *text_r = words.text;
    if (words.text.len > 0)
        return words.is_dotted && !words.has_quoted;
    start = *c;
    if (!skip_domain_literal(c))
        return false;
    *text_r = mv_cursor_since(c, &start);
    return mv_lex_skip_cfws(c);
}

/* RFC 5322 4.4: obs-route, "@a,@b:", which says nothing about the author. */
static bool skip_route(struct mv_cursor *c)
{
    bool may_name = true, named = false;

    for (;;) {
        struct mv_bytes ignored;

        if (!mv_lex_skip_cfws(c))
            return false;
        if (mv_cursor_accept(c, ':'))
            return named;
        if (mv_cursor_accept(c, ',')) {
            may_name = true;
            continue;
        }
        if (!may_name || !mv_cursor_accept(c, '@') || !scan_domain(c, &ignored))
            return false;
        may_name = false;
        named = true;
    }
}

static enum mv_from_code add_mailbox(struct list *list, struct mv_mailbox mailbox)
{
    if (list->count == MV_MAX_FROM_MAILBOXES)
        return MV_FROM_LIMIT;
    if (list->count == list->size) {
        size_t size = list->size == 0 ? FIRST_MAILBOXES : 2 * list->size;
        struct mv_mailbox *mailboxes = mv_arena_array(list->arena, size, sizeof *mailboxes);

        if (mailboxes == NULL)
            return MV_FROM_MEMORY;
        if (list->count > 0)
            memcpy(mailboxes, list->mailboxes, list->count * sizeof *mailboxes);
        list->mailboxes = mailboxes;
        list->size = size;
    }
    list->mailboxes[list->count++] = mailbox;
    return MV_FROM_OK;
}

static void note_domain_fault(struct list *list, enum mv_from_code fault)
{
    if (list->domain_fault == MV_FROM_OK)
        list->domain_fault = fault;
}

/* The cursor stands behind the "@". */
static enum mv_from_code parse_domain(struct list *list, struct mv_mailbox *mailbox)
{
    struct mv_bytes text;
    enum mv_from_code code;

    if (!scan_domain(&list->c, &text))
        return MV_FROM_SYNTAX;
    if (text.data[0] == '[') {
        note_domain_fault(list, MV_FROM_NO_DOMAIN);
        return mv_arena_copy(list->arena, text, &mailbox->domain_as_written) ? MV_FROM_OK : MV_FROM_MEMORY;
    }
    code = join_words(list->arena, text, &mailbox->domain_as_written);
    if (code != MV_FROM_OK)
        return code;
    switch (mv_domain_parse(list->arena, mailbox->domain_as_written, &mailbox->domain)) {
    case MV_OK:
        return MV_FROM_OK;
    case MV_ERR_MEMORY:
        return MV_FROM_MEMORY;
    default:
        note_domain_fault(list, MV_FROM_BAD_DOMAIN);
        return MV_FROM_OK;
    }
}

/* RFC 5322 3.4.1: the local part has been scanned, "@" and the domain come. */
static enum mv_from_code parse_addr_spec(struct list *list, const struct words *local, struct mv_bytes display_name)
{
    struct mv_mailbox mailbox = {.domain = {NULL, 0}};
    enum mv_from_code code;

    if (!local->is_dotted)
        return MV_FROM_SYNTAX;
    code = join_words(list->arena, local->text, &mailbox.local_part);
    if (code == MV_FROM_OK && !mv_arena_copy(list->arena, display_name, &mailbox.display_name))
        code = MV_FROM_MEMORY;
    if (code != MV_FROM_OK)
        return code;
    if (mv_cursor_accept(&list->c, '@'))
        code = parse_domain(list, &mailbox);
    else
        note_domain_fault(list, MV_FROM_NO_DOMAIN);
    return code == MV_FROM_OK ? add_mailbox(list, mailbox) : code;
}

/* RFC 5322 3.4, 4.4: angle-addr and obs-angle-addr; the cursor stands on "<". */
static enum mv_from_code parse_angle_addr(struct list *list, struct mv_bytes display_name)
{
    enum mv_from_code code;
    struct words local;
    int first;

    mv_cursor_accept(&list->c, '<');
    if (!mv_lex_skip_cfws(&list->c))
        return MV_FROM_SYNTAX;
    first = mv_cursor_peek(&list->c);
    if ((first == '@' || first == ',') && !skip_route(&list->c))
        return MV_FROM_SYNTAX;
    if (!scan_words(&list->c, &local))
        return MV_FROM_SYNTAX;
    code = parse_addr_spec(list, &local, display_name);
    if (code == MV_FROM_OK && !mv_cursor_accept(&list->c, '>'))
        code = MV_FROM_SYNTAX;
    return code;
}

/* RFC 5322 3.4: a mailbox, or the beginning of a group up to its ":". */
static enum mv_from_code parse_address(struct list *list, bool *in_group)
{
    struct words lead;

    if (!scan_words(&list->c, &lead))
        return MV_FROM_SYNTAX;
    switch (mv_cursor_peek(&list->c)) {
    case '<':
        if (lead.text.len > 0 && !lead.is_phrase)
            return MV_FROM_SYNTAX;
        return parse_angle_addr(list, lead.text);
    case ':':
        if (*in_group || !lead.is_phrase)
            return MV_FROM_SYNTAX;
        mv_cursor_accept(&list->c, ':');
        *in_group = true;
        return MV_FROM_OK;
    default:
        return parse_addr_spec(list, &lead, mv_bytes_str(NULL));
    }
}

/* RFC 5322 3.4, RFC 6854 2.1; RFC 5322 4.4 lets elements of the list be empty. */
static enum mv_from_code parse_elements(struct list *list)
{
    bool in_group = false, need_comma = false;

    for (;;) {
        bool was_in_group = in_group;
        enum mv_from_code code;

        if (!mv_lex_skip_cfws(&list->c))
            return MV_FROM_SYNTAX;
        if (mv_cursor_accept(&list->c, ',')) {
            need_comma = false;
            continue;
        }
        if (in_group && mv_cursor_accept(&list->c, ';')) {
            in_group = false;
            need_comma = true;
            continue;
        }
        if (mv_cursor_left(&list->c) == 0)
            return in_group ? MV_FROM_SYNTAX : MV_FROM_OK;
        if (need_comma)
            return MV_FROM_SYNTAX;
        code = parse_address(list, &in_group);
        if (code != MV_FROM_OK)
            return code;
        need_comma = in_group == was_in_group;
    }
}

enum mv_from_code mv_address_parse_list(struct mv_arena *arena, struct mv_bytes value,
                                        struct mv_mailbox **mailboxes_r, size_t *count_r)
{
    struct list list = {.arena = arena, .c = mv_cursor_of(value)};
    enum mv_from_code code = mv_bytes_is_utf8(value) ? parse_elements(&list) : MV_FROM_SYNTAX; /* RFC 6532 3.1 */

    if (code == MV_FROM_OK && list.count == 0)
        code = MV_FROM_NO_DOMAIN;
    if (code == MV_FROM_OK)
        code = list.domain_fault;
    *mailboxes_r = code == MV_FROM_OK ? list.mailboxes : NULL;
    *count_r = code == MV_FROM_OK ? list.count : 0;
    return code;
}

static enum mv_from_code find_from(const struct mv_field *fields, size_t count, struct mv_bytes *value_r)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (!mv_field_is(&fields[i], MV_BYTES("From")))
            continue;
        *value_r = fields[i].value;
        found++;
    }
    if (found == 0)
        return MV_FROM_MISSING;
    return found == 1 ? MV_FROM_OK : MV_FROM_SEVERAL_FIELDS; /* RFC 5322 3.6, RFC 9989 11.5 */
}

enum mv_from_code mv_author_mailboxes(struct mv_arena *arena, const struct mv_field *fields, size_t count,
                                      struct mv_mailbox **mailboxes_r, size_t *mailbox_count_r)
{
    struct mv_bytes value;
    enum mv_from_code code = find_from(fields, count, &value);

    if (code == MV_FROM_OK)
        code = mv_address_parse_list(arena, value, mailboxes_r, mailbox_count_r);
    for (size_t i = 1; code == MV_FROM_OK && i < *mailbox_count_r; i++)
        if (!mv_bytes_equal((*mailboxes_r)[i].domain, (*mailboxes_r)[0].domain))
            code = MV_FROM_SEVERAL_DOMAINS; /* RFC 9989 5.3.1 */
    if (code != MV_FROM_OK) {
        *mailboxes_r = NULL;
        *mailbox_count_r = 0;
    }
    return code;
}

/* Whether it was read, or what is wrong with it. */
static enum mv_from_code read_loosely(struct mv_arena *arena, const struct mv_field *fields, size_t count,
                                      enum mv_from_code fault, struct mv_mailbox *mailbox_r)
{
    struct mv_bytes value;

    if (find_from(fields, count, &value) != MV_FROM_OK)
        return fault;
    switch (mv_address_parse_loose(arena, value, mailbox_r)) {
    case MV_OK:
        return MV_FROM_OK;
    case MV_ERR_MEMORY:
        return MV_FROM_MEMORY;
    default:
        return fault;
    }
}

enum mv_from_code mv_author_domain(struct mv_arena *arena, const struct mv_field *fields, size_t count,
                                   struct mv_mailbox *mailbox_r)
{
    struct mv_mailbox *mailboxes;
    size_t mailbox_count;
    enum mv_from_code code = mv_author_mailboxes(arena, fields, count, &mailboxes, &mailbox_count);

    *mailbox_r = code == MV_FROM_OK ? mailboxes[0] : (struct mv_mailbox){.domain = {NULL, 0}};
    if (code == MV_FROM_SYNTAX || code == MV_FROM_NO_DOMAIN)
        return read_loosely(arena, fields, count, code, mailbox_r);
    return code;
}

const char *mv_from_code_text(enum mv_from_code code)
{
    switch (code) {
    case MV_FROM_OK:
        return "one author domain";
    case MV_FROM_MISSING:
        return "the message has no From field";
    case MV_FROM_SEVERAL_FIELDS:
        return "the message has more than one From field";
    case MV_FROM_SYNTAX:
        return "the From field is not a list of addresses";
    case MV_FROM_NO_DOMAIN:
        return "the From field has an author without a domain name";
    case MV_FROM_BAD_DOMAIN:
        return "the From field has a domain that is no valid name";
    case MV_FROM_SEVERAL_DOMAINS:
        return "the From field has authors of several domains";
    case MV_FROM_LIMIT:
        return "the From field has more than 100 authors";
    case MV_FROM_MEMORY:
        return "no memory to read the From field";
    }
    return "unknown";
}
