#include "core/config/senders_file.h"

#include "core/base/ascii.h"

#define CHECK_MAX_MEMORY_BYTES (4 * 1024 * 1024) /* of one entry while it is checked */

/* Lines of the text, with their numbers. */
struct lines {
    struct mv_cursor rest;
    unsigned number; /* of the line taken last */
};

/* A user, and the authors in what follows, over the lines that go on with it. */
struct entry {
    struct mv_bytes user; /* not parsed yet */
    const char *fault;    /* of the line itself */
    unsigned number;
    struct mv_bytes first; /* what stands behind the user in his line */
    struct lines more;     /* from the next line on */
};

static bool is_nothing(struct mv_bytes line)
{
    struct mv_bytes trimmed = mv_bytes_trim(line);

    return trimmed.len == 0 || trimmed.data[0] == '#';
}

static bool take_line(struct lines *lines, struct mv_bytes *line_r)
{
    if (mv_cursor_left(&lines->rest) == 0)
        return false;
    *line_r = mv_cursor_take_until(&lines->rest, '\n');
    mv_cursor_accept(&lines->rest, '\n');
    lines->number++;
    return true;
}

static bool goes_on(struct mv_bytes line)
{
    return line.len > 0 && mv_ascii_is(line.data[0], MV_ASCII_WSP);
}

static struct mv_bytes take_login(struct mv_cursor *c, const char **fault_r)
{
    struct mv_cursor start = *c;
    struct mv_bytes login;

    *fault_r = NULL;
    if (mv_cursor_accept(c, '"')) {
        login = mv_cursor_take_until(c, '"');
        if (!mv_cursor_accept(c, '"'))
            *fault_r = "the login's closing quote is missing";
        return login;
    }
    while (mv_cursor_left(c) > 0 && mv_cursor_peek(c) != ':' && !mv_ascii_is(mv_cursor_peek(c), MV_ASCII_FWS))
        mv_cursor_next(c);
    return mv_cursor_since(c, &start);
}

/* false at the end. Lines that go on with nothing are skipped but for the fault that they are. */
static bool next_entry(struct lines *lines, struct entry *entry_r)
{
    struct mv_bytes line = {NULL, 0};
    struct mv_cursor c;

    do {
        if (!take_line(lines, &line))
            return false;
    } while (is_nothing(line));
    *entry_r = (struct entry){.number = lines->number, .more = *lines};
    if (goes_on(line)) {
        entry_r->fault = "goes on with no entry above it";
        return true;
    }
    c = mv_cursor_of(line);
    entry_r->user = take_login(&c, &entry_r->fault);
    mv_cursor_take_while(&c, MV_ASCII_WSP);
    mv_cursor_accept(&c, ':');
    entry_r->first = mv_cursor_rest(&c);
    for (struct lines ahead = *lines; take_line(&ahead, &line) && (goes_on(line) || is_nothing(line));)
        *lines = ahead;
    return true;
}

static bool is_separator(int c)
{
    return c == ',' || mv_ascii_is(c, MV_ASCII_FWS);
}

/* Empty at the end of the line. */
static struct mv_bytes next_item(struct mv_cursor *c)
{
    struct mv_cursor start;

    while (mv_cursor_left(c) > 0 && is_separator(mv_cursor_peek(c)))
        mv_cursor_next(c);
    start = *c;
    while (mv_cursor_left(c) > 0 && !is_separator(mv_cursor_peek(c)))
        mv_cursor_next(c);
    return mv_cursor_since(c, &start);
}

/* What is asked of each author of an entry; false ends the entry. */
struct question {
    const struct mv_sender *sender; /* NULL: only whether it can be read */
    struct mv_bytes local_part;
    struct mv_bytes domain;
    bool may;
};

static enum mv_code read_authors(struct mv_arena *arena, struct mv_bytes line, struct question *question,
                                 unsigned *count, const char **reason_r)
{
    struct mv_cursor c = mv_cursor_of(line);
    struct mv_bytes item, author;
    enum mv_code code = MV_OK;

    while (code == MV_OK && (item = next_item(&c)).len > 0) {
        if (++*count > MV_SENDERS_MAX_AUTHORS) {
            *reason_r = "has more than 1000 addresses";
            return MV_ERR_SYNTAX;
        }
        code = mv_sender_author_parse(arena, item, &author, reason_r);
        if (code == MV_OK && question->sender != NULL)
            question->may = question->may ||
                            mv_sender_may(author, question->sender, question->local_part, question->domain);
    }
    return code;
}

/* MV_ERR_SYNTAX with *line_r and *reason_r. */
static enum mv_code read_entry(struct mv_arena *arena, const struct entry *entry, struct question *question,
                               unsigned *line_r, const char **reason_r)
{
    struct lines more = entry->more;
    struct mv_bytes line = entry->first;
    unsigned count = 0;
    enum mv_code code;

    *line_r = entry->number;
    for (;;) {
        code = is_nothing(line) ? MV_OK : read_authors(arena, line, question, &count, reason_r);
        if (code != MV_OK)
            return code;
        if (!take_line(&more, &line) || !(goes_on(line) || is_nothing(line)))
            break;
        *line_r = more.number;
    }
    if (count > 0)
        return MV_OK;
    *line_r = entry->number;
    *reason_r = "has no address behind the login";
    return MV_ERR_SYNTAX;
}

/* An entry whose login cannot be read is about nobody. */
static enum mv_code ask_entry(struct mv_arena *arena, const struct entry *entry, struct question *question,
                              struct mv_senders_answer *answer)
{
    const char *reason;
    unsigned line;
    enum mv_code code;

    if (entry->fault != NULL || mv_sender_user_fault(entry->user) != NULL ||
        !mv_sender_is(entry->user, question->sender))
        return MV_OK;
    answer->known = true;
    code = read_entry(arena, entry, question, &line, &reason);
    if (code != MV_ERR_SYNTAX)
        return code;
    if (answer->bad_line == 0) {
        answer->bad_line = line;
        answer->reason = reason;
    }
    return MV_OK;
}

enum mv_code mv_senders_file_ask(struct mv_arena *arena, struct mv_bytes text, const struct mv_sender *sender,
                                 struct mv_bytes local_part, struct mv_bytes domain,
                                 struct mv_senders_answer *answer_r)
{
    struct question question = {.sender = sender, .local_part = local_part, .domain = domain};
    struct lines lines = {mv_cursor_of(text), 0};
    struct entry entry;
    enum mv_code code = MV_OK;

    *answer_r = (struct mv_senders_answer){0};
    while (code == MV_OK && next_entry(&lines, &entry))
        code = ask_entry(arena, &entry, &question, answer_r);
    answer_r->may = question.may;
    return code;
}

static enum mv_code check_entry(const struct entry *entry, struct mv_error *error)
{
    struct mv_arena *arena = mv_arena_new(CHECK_MAX_MEMORY_BYTES);
    struct question question = {0};
    const char *reason = entry->fault == NULL ? mv_sender_user_fault(entry->user) : entry->fault;
    unsigned line = entry->number;
    enum mv_code code = arena == NULL ? MV_ERR_MEMORY : MV_OK;

    if (code == MV_OK && reason != NULL)
        code = MV_ERR_SYNTAX;
    if (code == MV_OK)
        code = read_entry(arena, entry, &question, &line, &reason);
    mv_arena_free(&arena);
    if (code == MV_ERR_SYNTAX)
        return mv_error_set(error, MV_ERR_CONFIG, "%u: %s", line, reason);
    return code == MV_OK ? MV_OK : mv_error_set(error, code, "no memory to read it");
}

enum mv_code mv_senders_file_check(struct mv_bytes text, size_t *entries_r, struct mv_error *error)
{
    struct lines lines = {mv_cursor_of(text), 0};
    struct entry entry;
    enum mv_code code = MV_OK;

    for (*entries_r = 0; code == MV_OK && next_entry(&lines, &entry); ++*entries_r)
        code = check_entry(&entry, error);
    return code;
}
