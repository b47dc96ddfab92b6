#include "cli/show_findings.h"

#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "cli/show.h"
#include "core/base/buf.h"
#include "core/base/trace.h"

#define MAX_STRING_BYTES 255 /* of a character-string (RFC 1035 3.3) */
#define MAX_LINE_BYTES (64 * 1024)
#define WRAP_COLUMNS 100
#define INDENT "      "

/* In double quotes, as zone files write it. */
static void put_quoted(struct mv_buf *line, struct mv_bytes text)
{
    mv_buf_putc(line, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.data[i];

        if (c == '"' || c == '\\')
            mv_buf_printf(line, "\\%c", c);
        else if (c < 0x20 || c > 0x7e)
            mv_buf_printf(line, "\\%03u", c);
        else
            mv_buf_putc(line, c);
    }
    mv_buf_putc(line, '"');
}

static void put_text(struct mv_buf *line, const char *type, struct mv_bytes text)
{
    size_t at = 0;

    if (strcmp(type, "TXT") != 0) {
        mv_buf_put_escaped(line, text);
        return;
    }
    do {
        if (at > 0)
            mv_buf_putc(line, ' ');
        put_quoted(line, mv_bytes_slice(text, at, at + MAX_STRING_BYTES));
        at += MAX_STRING_BYTES;
    } while (at < text.len);
}

static void print_buffer(struct mv_buf *line)
{
    if (mv_buf_cstr(line) != NULL)
        fputs(mv_buf_cstr(line), stdout);
    mv_buf_free(line);
}

void mv_show_record(struct mv_bytes name, const char *type, struct mv_bytes text)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put_escaped(&line, name);
    mv_buf_printf(&line, ". %s ", type);
    put_text(&line, type, text);
    mv_buf_putc(&line, '\n');
    print_buffer(&line);
}

/* Words, indented and broken before WRAP_COLUMNS. */
static void print_wrapped(struct mv_bytes text)
{
    size_t column = 0;

    while (text.len > 0) {
        struct mv_bytes word = mv_bytes_slice(text, 0, mv_bytes_find(text, ' '));

        text = mv_bytes_slice(text, word.len + 1, text.len);
        if (word.len == 0)
            continue;
        if (column > 0 && column + 1 + word.len > WRAP_COLUMNS)
            column = 0;
        if (column == 0)
            column = (size_t)printf("%s" INDENT "%.*s", "\n", MV_ARG(word)) - 1;
        else
            column += (size_t)printf(" %.*s", MV_ARG(word));
    }
}

static enum mv_tone tone_of(enum mv_severity severity)
{
    switch (severity) {
    case MV_SEVERITY_ERROR:
        return MV_TONE_BAD;
    case MV_SEVERITY_WARNING:
        return MV_TONE_WARN;
    case MV_SEVERITY_NOTE:
        break;
    }
    return MV_TONE_PLAIN;
}

static void print_head(const struct mv_finding *finding)
{
    struct mv_buf line;

    mv_show_toned(tone_of(finding->kind->severity), mv_severity_text(finding->kind->severity));
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, " %s", finding->kind->id);
    if (finding->subject.len > 0) {
        mv_buf_putc(&line, ' ');
        mv_buf_put_escaped(&line, finding->subject);
    }
    if (finding->detail.len > 0) {
        mv_buf_puts(&line, ": ");
        mv_buf_put_escaped(&line, finding->detail);
    }
    if (*finding->kind->section != '\0')
        mv_buf_printf(&line, " (%s)", finding->kind->section);
    print_buffer(&line);
}

static void print_finding(const struct mv_finding *finding)
{
    print_head(finding);
    print_wrapped(mv_bytes_str(finding->kind->meaning));
    putchar('\n');
    if (finding->record.len == 0)
        return;
    fputs(INDENT "publish  ", stdout);
    mv_show_record(finding->record_name, (const char *)finding->record_type.data, finding->record);
}

void mv_show_findings(const struct mv_findings *findings)
{
    size_t count = mv_findings_count(findings);

    if (count == 0)
        puts("Nothing to find fault with.");
    for (int severity = MV_SEVERITY_ERROR; severity >= MV_SEVERITY_NOTE; severity--)
        for (size_t i = 0; i < count; i++)
            if ((int)mv_findings_at(findings, i)->kind->severity == severity)
                print_finding(mv_findings_at(findings, i));
    if (mv_findings_dropped(findings) > 0)
        printf("and %zu more\n", mv_findings_dropped(findings));
}

static json_t *json_record(const struct mv_finding *finding)
{
    if (finding->record.len == 0)
        return json_null();
    return json_pack("{s:o*, s:o*, s:o*}", "name", mv_json_bytes(finding->record_name), "type",
                     mv_json_bytes(finding->record_type), "text", mv_json_bytes(finding->record));
}

json_t *mv_json_findings(const struct mv_findings *findings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < mv_findings_count(findings) && list != NULL; i++) {
        const struct mv_finding *finding = mv_findings_at(findings, i);
        json_t *item = json_pack("{s:s, s:s, s:s, s:o*, s:o*, s:s, s:o*}", "id", finding->kind->id, "severity",
                                 mv_severity_text(finding->kind->severity), "section", finding->kind->section,
                                 "subject", mv_json_bytes(finding->subject), "detail", mv_json_bytes(finding->detail),
                                 "meaning", finding->kind->meaning, "record", json_record(finding));

        if (item == NULL || json_array_append_new(list, item) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

enum mv_exit mv_findings_exit(const struct mv_findings *findings)
{
    enum mv_severity worst;

    return mv_findings_worst(findings, &worst) && worst > MV_SEVERITY_NOTE ? MV_EXIT_FINDING : MV_EXIT_OK;
}
