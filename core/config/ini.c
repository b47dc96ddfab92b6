#include "core/config/ini.h"

#include <ini.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/base/trace.h"

#define LINE_END_BYTES 3  /* libinih's room for CR, LF and NUL */
#define STAND_IN "[s]"    /* what libinih sees of a section's line: it cuts long names */

struct reader {
    struct mv_cursor rest;
    struct mv_bytes section; /* a part of the text */
    const char *file;
    unsigned number;  /* of the line that libinih has now */
    bool indented;    /* that line */
    bool has_key;     /* a key that an indented line would continue */
    bool failed;
    enum mv_code code;
    mv_ini_handler *handler;
    void *context;
    struct mv_error *error;
};

static void fail(struct reader *r, enum mv_code code)
{
    r->failed = true;
    r->code = code;
}

static bool is_comment(struct mv_bytes trimmed)
{
    return trimmed.len == 0 || trimmed.data[0] == '#' || trimmed.data[0] == ';';
}

/* Up to " ;", which libinih leaves in continued lines. */
static struct mv_bytes without_comment(struct mv_bytes value)
{
    for (size_t i = 1; i < value.len; i++)
        if (value.data[i] == ';' && mv_ascii_is(value.data[i - 1], MV_ASCII_WSP))
            return mv_bytes_trim(mv_bytes_slice(value, 0, i));
    return value;
}

/* libinih would drop what stands behind "]". */
static bool open_section(struct reader *r, struct mv_bytes line)
{
    size_t close = mv_bytes_find(line, ']');
    struct mv_bytes behind = mv_bytes_trim(mv_bytes_slice(line, close + 1, line.len));
    struct mv_ini_line opened = {.file = r->file, .number = r->number, .opens_section = true};
    enum mv_code code;

    if (close == line.len) {
        fail(r, mv_error_set(r->error, MV_ERR_CONFIG, "%s:%u: the section's closing \"]\" is missing", r->file,
                             r->number));
        return false;
    }
    if (!is_comment(behind)) {
        fail(r, mv_error_set(r->error, MV_ERR_CONFIG,
                             "%s:%u: text behind the section's \"]\": put it on a line of its own", r->file,
                             r->number));
        return false;
    }
    r->section = mv_bytes_trim(mv_bytes_slice(line, 1, close));
    r->has_key = false;
    opened.section = r->section;
    code = r->handler(r->context, &opened, r->error);
    if (code != MV_OK)
        fail(r, code);
    return code == MV_OK;
}

static bool check_line(struct reader *r, struct mv_bytes line, size_t room_bytes)
{
    for (size_t i = 0; i < line.len; i++) {
        if (mv_ascii_is(line.data[i], MV_ASCII_CTL) && line.data[i] != '\t') {
            fail(r, mv_error_set(r->error, MV_ERR_CONFIG, "%s:%u: holds the control character 0x%02x: remove it",
                                 r->file, r->number, (unsigned)line.data[i]));
            return false;
        }
    }
    if (line.len > room_bytes) {
        fail(r, mv_error_set(r->error, MV_ERR_CONFIG,
                             "%s:%u: the line has %zu bytes, and libinih reads no more than %zu: spread a list over "
                             "several lines, each further one beginning with a space",
                             r->file, r->number, line.len, room_bytes));
        return false;
    }
    return true;
}

/* fgets() for libinih: one line, measured and checked. */
static char *read_line(char *line_r, int size, void *stream)
{
    struct reader *r = stream;
    struct mv_bytes line, trimmed;

    if (r->failed || mv_cursor_left(&r->rest) == 0)
        return NULL;
    line = mv_cursor_take_until(&r->rest, '\n');
    mv_cursor_accept(&r->rest, '\n');
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    r->number++;
    if (r->number == 1 && mv_bytes_has_prefix_nocase(line, MV_BYTES("\xef\xbb\xbf")))
        line = mv_bytes_slice(line, 3, line.len);
    r->indented = line.len > 0 && mv_ascii_is(line.data[0], MV_ASCII_WSP);
    trimmed = mv_bytes_trim(line);
    if (is_comment(trimmed))
        line.len = 0; /* may be of any length and hold anything */
    else if (!check_line(r, line, size > LINE_END_BYTES ? (size_t)size - LINE_END_BYTES : 0))
        return NULL;
    if (line.len > 0 && trimmed.data[0] == '[' && !(r->indented && r->has_key)) {
        if (!open_section(r, trimmed))
            return NULL;
        line = MV_BYTES(STAND_IN);
    }
    if (line.len > 0)
        memcpy(line_r, line.data, line.len);
    memcpy(line_r + line.len, "\n", 2);
    return line_r;
}

static int take_pair(void *user, const char *section, const char *key, const char *value)
{
    struct reader *r = user;
    struct mv_ini_line line = {
        .file = r->file,
        .number = r->number,
        .section = r->section,
        .key = mv_bytes_str(key),
        .value = mv_bytes_str(value),
        .continued = r->indented && r->has_key,
    };
    enum mv_code code;

    (void)section; /* the stand-in */
    if (r->failed)
        return 0;
    if (line.continued)
        line.value = without_comment(line.value);
    r->has_key = true;
    code = r->handler(r->context, &line, r->error);
    if (code != MV_OK)
        fail(r, code);
    return code == MV_OK;
}

enum mv_code mv_ini_parse(struct mv_bytes text, const char *file, mv_ini_handler *handler, void *context,
                          struct mv_error *error)
{
    struct reader r = {
        .rest = mv_cursor_of(text),
        .file = file,
        .handler = handler,
        .context = context,
        .error = error,
    };
    int bad_line = ini_parse_stream(read_line, &r, take_pair, &r);

    /* libinih goes on behind a line that it cannot read: the first fault is the one to name. */
    if (bad_line > 0 && (!r.failed || (unsigned)bad_line < r.number))
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s:%d: is neither \"[section]\", \"key = value\" nor a \"#\" comment", file, bad_line);
    if (bad_line < 0 && !r.failed)
        return mv_error_set(error, MV_ERR_MEMORY, "%s: no memory to read it", file);
    return r.failed ? r.code : MV_OK;
}
