#include "core/ops/expect.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/ops/expect_watch.h"
#include "core/text/domain.h"

#define HEAD "mailvouch-expect 1"
#define MAX_SHOWN_BYTES 60

enum expect_word { EXPECT_RECORD, EXPECT_NONE, EXPECT_ACCEPT };

struct expect_line {
    enum expect_word word;
    struct mv_bytes name;  /* of a record; of ACCEPT: the id */
    enum mv_dns_type type;
    struct mv_bytes text;  /* of a record; of ACCEPT: the subject */
    bool used;
};

struct mv_expect {
    struct expect_line *lines;
    size_t count;
};

enum drift_kind { DRIFT_UNKNOWN, DRIFT_NEW, DRIFT_GONE, DRIFT_UNANSWERED, DRIFT_FINDING, DRIFT_SETTLED, DRIFT_KINDS };

static const struct mv_finding_kind kinds[DRIFT_KINDS] = {
    [DRIFT_UNKNOWN] = {"drift-unknown", MV_SEVERITY_ERROR, "",
        "The file of what is expected says nothing of this name. When it is as it is to be, write the file "
        "anew: --write-expect."},
    [DRIFT_NEW] = {"drift-record-new", MV_SEVERITY_ERROR, "",
        "This record was not there when the file of what is expected was written. Who put it there? When it is "
        "to stay, write the file anew: --write-expect."},
    [DRIFT_GONE] = {"drift-record-gone", MV_SEVERITY_ERROR, "",
        "This record was there when the file of what is expected was written, and is not any more. Put it back, "
        "or write the file anew: --write-expect."},
    [DRIFT_UNANSWERED] = {"drift-unanswered", MV_SEVERITY_WARNING, "",
        "DNS gives no answer, so that it cannot be compared with what is expected. The next run may know more."},
    [DRIFT_FINDING] = {"drift-finding", MV_SEVERITY_ERROR, "",
        "This was not found when the file of what is expected was written. The finding itself says what to do."},
    [DRIFT_SETTLED] = {"drift-settled", MV_SEVERITY_NOTE, "",
        "What was accepted here is not found any more: its line can be taken out of the file."},
};

const struct mv_finding_kind *mv_expect_kind_at(size_t index)
{
    return index < DRIFT_KINDS ? &kinds[index] : NULL;
}

static bool read_escape(struct mv_cursor *c, unsigned char *byte_r)
{
    int high, low;

    if (mv_cursor_accept(c, '\\')) {
        *byte_r = '\\';
        return true;
    }
    if (!mv_cursor_accept(c, 'x'))
        return false;
    high = mv_ascii_hex_value(mv_cursor_next(c));
    low = mv_ascii_hex_value(mv_cursor_next(c));
    *byte_r = (unsigned char)((unsigned)high << 4 | (unsigned)low);
    return high >= 0 && low >= 0;
}

/* What mv_buf_put_escaped() wrote, and nothing else. */
static enum mv_code unescape(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes *bytes_r)
{
    unsigned char *bytes = mv_arena_room(arena, text.len + 1);
    struct mv_cursor c = mv_cursor_of(text);
    size_t len = 0;

    if (bytes == NULL)
        return MV_ERR_MEMORY;
    while (mv_cursor_left(&c) > 0) {
        int byte = mv_cursor_next(&c);

        if (byte == '\\' ? !read_escape(&c, &bytes[len]) : byte < ' ' || byte > '~')
            return MV_ERR_SYNTAX;
        if (byte != '\\')
            bytes[len] = (unsigned char)byte;
        len++;
    }
    *bytes_r = mv_bytes_of(bytes, len);
    return MV_OK;
}

static struct mv_bytes next_word(struct mv_cursor *c)
{
    struct mv_bytes word = mv_cursor_take_until(c, ' ');

    mv_cursor_accept(c, ' ');
    return word;
}

static bool read_word(struct mv_bytes word, enum expect_word *word_r)
{
    static const struct {
        const char *text;
        enum expect_word word;
    } words[] = {{"record", EXPECT_RECORD}, {"none", EXPECT_NONE}, {"accept", EXPECT_ACCEPT}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        *word_r = words[i].word;
        if (mv_bytes_equal(word, mv_bytes_str(words[i].text)))
            return true;
    }
    return false;
}

static enum mv_code read_line(struct mv_arena *arena, struct mv_bytes text, struct expect_line *line_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_bytes name;
    enum mv_code code;

    *line_r = (struct expect_line){.used = false};
    if (!read_word(next_word(&c), &line_r->word))
        return MV_ERR_SYNTAX;
    name = next_word(&c);
    if (line_r->word != EXPECT_ACCEPT && !mv_dns_type_parse(next_word(&c), &line_r->type))
        return MV_ERR_SYNTAX;
    if (name.len == 0 || (line_r->word == EXPECT_NONE && mv_cursor_left(&c) > 0))
        return MV_ERR_SYNTAX;
    code = unescape(arena, name, &line_r->name);
    return code == MV_OK ? unescape(arena, mv_cursor_rest(&c), &line_r->text) : code;
}

static enum mv_code refuse(struct mv_error *error, size_t number, struct mv_bytes text)
{
    struct mv_buf shown;
    enum mv_code code;

    mv_buf_init(&shown, 4 * MAX_SHOWN_BYTES + 1);
    mv_buf_put_escaped(&shown, mv_bytes_slice(text, 0, MAX_SHOWN_BYTES));
    code = mv_error_set(error, MV_ERR_SYNTAX, "line %zu: '%s' is no line of such a file; write it anew: --write-expect",
                        number, mv_buf_cstr(&shown) == NULL ? "" : mv_buf_cstr(&shown));
    mv_buf_free(&shown);
    return code;
}

static enum mv_code add_line(struct mv_arena *arena, struct mv_expect *expect, struct mv_bytes text)
{
    struct expect_line *lines;

    if (expect->count == MV_EXPECT_MAX_LINES)
        return MV_ERR_LIMIT;
    lines = mv_arena_grow(arena, expect->lines, expect->count, sizeof *lines);
    if (lines == NULL)
        return MV_ERR_MEMORY;
    expect->lines = lines;
    return read_line(arena, text, &lines[expect->count++]);
}

enum mv_code mv_expect_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_expect **expect_r,
                             struct mv_error *error)
{
    struct mv_expect *expect = mv_arena_alloc(arena, sizeof *expect);
    struct mv_cursor c = mv_cursor_of(text);

    if (expect == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    if (text.len > MV_EXPECT_MAX_BYTES)
        return mv_error_set(error, MV_ERR_LIMIT, "more than %d bytes", MV_EXPECT_MAX_BYTES);
    for (size_t number = 1; mv_cursor_left(&c) > 0 || number == 1; number++) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');
        enum mv_code code = MV_OK;

        mv_cursor_accept(&c, '\n');
        if (number == 1)
            code = mv_bytes_equal(line, MV_BYTES(HEAD)) ? MV_OK : MV_ERR_SYNTAX;
        else if (line.len > 0 && line.data[0] != '#')
            code = add_line(arena, expect, line);
        if (code == MV_ERR_SYNTAX)
            return refuse(error, number, line);
        if (code != MV_OK)
            return mv_error_set(error, code, "line %zu: %s", number, mv_code_text(code));
    }
    *expect_r = expect;
    return MV_OK;
}

struct compare {
    struct mv_arena *arena;
    struct mv_expect *expect;
    const struct mv_findings *found;
    struct mv_findings *drift;
    bool failed;
};

/* A line that has not been used yet, which it then is. NULL text: any. */
static struct expect_line *take(struct mv_expect *expect, enum expect_word word, struct mv_bytes name,
                                enum mv_dns_type type, const struct mv_bytes *text)
{
    for (size_t i = 0; i < expect->count; i++) {
        struct expect_line *line = &expect->lines[i];

        if (line->used || line->word != word || line->type != type || !mv_bytes_equal(line->name, name) ||
            (text != NULL && !mv_bytes_equal(line->text, *text)))
            continue;
        line->used = true;
        return line;
    }
    return NULL;
}

static bool knows(const struct mv_expect *expect, const struct mv_watch *watch)
{
    for (size_t i = 0; i < expect->count; i++)
        if (expect->lines[i].word != EXPECT_ACCEPT && expect->lines[i].type == watch->type &&
            mv_bytes_equal(expect->lines[i].name, watch->name))
            return true;
    return false;
}

static void say(struct compare *compare, enum drift_kind kind, const struct mv_watch *watch, struct mv_bytes text)
{
    mv_findings_add(compare->drift, &kinds[kind], watch->name, "%s %.*s", mv_dns_type_text(watch->type), MV_ARG(text));
}

static void compare_records(struct compare *compare, const struct mv_watch *watch, const struct mv_dns_answer *answer)
{
    const struct expect_line *line;
    struct mv_bytes text;

    for (size_t i = 0; i < answer->count; i++) {
        if (!mv_watch_text(compare->arena, watch, &answer->records[i], &text, &compare->failed))
            continue;
        if (take(compare->expect, EXPECT_RECORD, watch->name, watch->type, &text) == NULL)
            say(compare, DRIFT_NEW, watch, text);
    }
    while ((line = take(compare->expect, EXPECT_RECORD, watch->name, watch->type, NULL)) != NULL) {
        say(compare, DRIFT_GONE, watch, line->text);
        mv_findings_suggest(compare->drift, watch->name, mv_dns_type_text(watch->type), line->text);
    }
}

static void compare_watch(struct compare *compare, const struct mv_watch *watch, const struct mv_memo *memo)
{
    const struct mv_dns_answer *answer = mv_memo_peek(memo, watch->name, watch->type);

    if (answer == NULL)
        return; /* a part that does not look there had its reason, such as a null MX */
    if (!knows(compare->expect, watch))
        say(compare, DRIFT_UNKNOWN, watch, MV_BYTES(""));
    else if (mv_dns_is_error(answer->status))
        say(compare, DRIFT_UNANSWERED, watch, mv_bytes_str(mv_dns_status_text(answer->status)));
    else
        compare_records(compare, watch, answer);
}

static void compare_finding(struct compare *compare, const struct mv_finding *finding)
{
    struct mv_bytes id = mv_bytes_str(finding->kind->id);

    if (take(compare->expect, EXPECT_ACCEPT, id, (enum mv_dns_type)0, &finding->subject) != NULL)
        return;
    mv_findings_add(compare->drift, &kinds[DRIFT_FINDING], finding->subject, "%s", finding->kind->id);
    mv_findings_add(compare->drift, finding->kind, finding->subject, "%.*s", MV_ARG(finding->detail));
    if (finding->record_type.len > 0)
        mv_findings_suggest(compare->drift, finding->record_name, (const char *)finding->record_type.data,
                            finding->record);
}

/* Findings of the domain, or of a name below it, that are not there any more. */
static void say_settled(struct compare *compare, struct mv_bytes domain)
{
    for (size_t i = 0; i < compare->expect->count; i++) {
        struct expect_line *line = &compare->expect->lines[i];

        if (line->used || line->word != EXPECT_ACCEPT || !mv_domain_is_within(line->text, domain))
            continue;
        line->used = true;
        mv_findings_add(compare->drift, &kinds[DRIFT_SETTLED], line->text, "%.*s", MV_ARG(line->name));
    }
}

enum mv_code mv_expect_compare(struct mv_arena *arena, struct mv_expect *expect,
                               const struct mv_deployment_request *request, const struct mv_memo *memo,
                               const struct mv_findings *found, struct mv_findings *drift_r)
{
    struct compare compare = {arena, expect, found, drift_r, false};
    struct mv_watches *watches = mv_arena_alloc(arena, sizeof *watches);

    if (watches == NULL || mv_watches_of(arena, request, watches) != MV_OK)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < watches->count; i++)
        compare_watch(&compare, &watches->items[i], memo);
    for (size_t i = 0; i < mv_findings_count(found); i++)
        compare_finding(&compare, mv_findings_at(found, i));
    say_settled(&compare, request->domain);
    return compare.failed || mv_findings_failed(drift_r) ? MV_ERR_MEMORY : MV_OK;
}

void mv_expect_put_head(struct mv_buf *out)
{
    mv_buf_puts(out, HEAD "\n");
}

/* A name is one word: it has no blank, and an escaped one has none either. */
static void put_name(struct mv_buf *out, const char *word, struct mv_bytes name)
{
    mv_buf_printf(out, "%s ", word);
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == ' ')
            mv_buf_puts(out, "\\x20");
        else
            mv_buf_put_escaped(out, mv_bytes_slice(name, i, i + 1));
    }
}

static bool put_watch(struct mv_arena *arena, const struct mv_watch *watch, const struct mv_dns_answer *answer,
                      struct mv_buf *out)
{
    struct mv_bytes text;
    size_t count = 0;
    bool failed = false;

    for (size_t i = 0; i < answer->count; i++) {
        if (!mv_watch_text(arena, watch, &answer->records[i], &text, &failed))
            continue;
        put_name(out, "record", watch->name);
        mv_buf_printf(out, " %s ", mv_dns_type_text(watch->type));
        mv_buf_put_escaped(out, text);
        mv_buf_putc(out, '\n');
        count++;
    }
    if (count == 0) {
        put_name(out, "none", watch->name);
        mv_buf_printf(out, " %s\n", mv_dns_type_text(watch->type));
    }
    return !failed;
}

enum mv_code mv_expect_put(struct mv_arena *arena, const struct mv_deployment_request *request,
                           const struct mv_memo *memo, const struct mv_findings *found, struct mv_buf *out,
                           struct mv_bytes *name_r)
{
    struct mv_watches *watches = mv_arena_alloc(arena, sizeof *watches);

    if (watches == NULL || mv_watches_of(arena, request, watches) != MV_OK)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < watches->count; i++) {
        const struct mv_dns_answer *answer = mv_memo_peek(memo, watches->items[i].name, watches->items[i].type);

        *name_r = watches->items[i].name;
        if (answer != NULL && mv_dns_is_error(answer->status))
            return MV_ERR_IO;
        if (answer != NULL && !put_watch(arena, &watches->items[i], answer, out))
            return MV_ERR_MEMORY;
    }
    for (size_t i = 0; i < mv_findings_count(found); i++) {
        put_name(out, "accept", mv_bytes_str(mv_findings_at(found, i)->kind->id));
        mv_buf_putc(out, ' ');
        mv_buf_put_escaped(out, mv_findings_at(found, i)->subject);
        mv_buf_putc(out, '\n');
    }
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}
