#include "cli/dmarc/show.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/trace.h"

#define MAX_LINE_BYTES (64 * 1024)
#define MAX_FATE_BYTES 64
#define WORD_COLUMNS 9  /* a word, and a space */
#define WRAP_COLUMNS 91 /* behind them */

static const char *const authors[MV_DMARC_AUTHORS] = {[MV_DMARC_OWN] = "the domain itself",
                                                      [MV_DMARC_BELOW] = "names below it",
                                                      [MV_DMARC_MISSING] = "names that do not exist"};
static const char *const keys[MV_DMARC_AUTHORS] = {
    [MV_DMARC_OWN] = "own", [MV_DMARC_BELOW] = "below", [MV_DMARC_MISSING] = "missing"};

/* Broken at spaces; what stands before the first word is the indent of all lines. */
static void print_wrapped(struct mv_bytes text)
{
    size_t indent = 0, column;

    while (indent < text.len && text.data[indent] == ' ')
        indent++;
    column = indent;
    printf("%*s", (int)indent, "");
    text = mv_bytes_slice(text, indent, text.len);
    while (text.len > 0) {
        struct mv_bytes word = mv_bytes_slice(text, 0, mv_bytes_find(text, ' '));

        text = mv_bytes_slice(text, word.len + 1, text.len);
        if (column > indent && column + 1 + word.len > WRAP_COLUMNS)
            column = (size_t)printf("\n%*s", (int)(WORD_COLUMNS + indent), "") - 1 - WORD_COLUMNS;
        else if (column > indent)
            column += (size_t)printf(" ");
        column += (size_t)printf("%.*s", MV_ARG(word));
    }
    putchar('\n');
}

void mv_dmarc_show_line(const char *word, struct mv_bytes text)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put_escaped(&line, text);
    printf("%-*s", WORD_COLUMNS, word);
    if (!mv_buf_failed(&line))
        print_wrapped(mv_buf_bytes(&line));
    mv_buf_free(&line);
}

static void put_fate(const struct mv_dmarc_view *view, enum mv_dmarc_author author, struct mv_buf *out)
{
    if (view->applies)
        mv_dmarc_fate_print(view->fates[author], out);
    else
        mv_buf_puts(out, "no DMARC");
}

void mv_dmarc_show_view(const struct mv_dmarc_record *record)
{
    struct mv_dmarc_view now, then;
    struct mv_buf left, right;

    mv_dmarc_look(record, MV_DMARC_RFC9989, &now);
    mv_dmarc_look(record, MV_DMARC_RFC7489, &then);
    printf("%-8s %-26s %-26s %s\n", "fails", "mail from", "receivers of RFC 9989", "of RFC 7489");
    for (enum mv_dmarc_author author = MV_DMARC_OWN; author < MV_DMARC_AUTHORS; author++) {
        mv_buf_init(&left, MAX_FATE_BYTES);
        mv_buf_init(&right, MAX_FATE_BYTES);
        put_fate(&now, author, &left);
        put_fate(&then, author, &right);
        printf("%-8s %-26s %-26s %s\n", "", authors[author], mv_buf_cstr(&left), mv_buf_cstr(&right));
        mv_buf_free(&left);
        mv_buf_free(&right);
    }
}

static json_t *json_generation(const struct mv_dmarc_record *record, enum mv_dmarc_generation generation)
{
    struct mv_dmarc_view view;
    json_t *object;

    mv_dmarc_look(record, generation, &view);
    object = json_pack("{s:b}", "applies", view.applies);
    for (enum mv_dmarc_author author = MV_DMARC_OWN; author < MV_DMARC_AUTHORS; author++) {
        struct mv_buf text;

        mv_buf_init(&text, MAX_FATE_BYTES);
        put_fate(&view, author, &text);
        json_object_set_new(object, keys[author], json_string(mv_buf_cstr(&text)));
        mv_buf_free(&text);
    }
    return object;
}

json_t *mv_dmarc_json_view(const struct mv_dmarc_record *record)
{
    return json_pack("{s:o*, s:o*}", "rfc9989", json_generation(record, MV_DMARC_RFC9989), "rfc7489",
                     json_generation(record, MV_DMARC_RFC7489));
}
