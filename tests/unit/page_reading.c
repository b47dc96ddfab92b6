#include "tests/unit/page_reading.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

#define MAX_TEXT_BYTES (64 * 1024 * 1024)

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

static void keep(struct page_reading *reading, char (*list)[32], size_t *count, const char *value)
{
    if (*count == PAGE_MAX_IDS || strlen(value) >= sizeof *list)
        reading->fault = "too many or too long ids or links";
    else
        snprintf(list[(*count)++], sizeof *list, "%s", value);
}

static void take_attribute(struct page_reading *reading, const char *name, const char *value)
{
    static const char *const known[] = {"lang", "charset", "http-equiv", "content", "name", "class", "id", "scope",
                                        "colspan", "data-of", "role", "aria-labelledby", "aria-hidden", "height",
                                        "width", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "text-anchor",
                                        "href", NULL};

    if (!is_one_of(name, known))
        reading->fault = "an attribute that no page has";
    if (strcmp(name, "id") == 0)
        keep(reading, reading->ids, &reading->id_count, value);
    if (strcmp(name, "href") != 0)
        return;
    if (value[0] != '#')
        reading->fault = "a link that leads out of the page";
    else
        keep(reading, reading->targets, &reading->links, value + 1);
}

static void begin(void *to, const char *name, const char **attributes)
{
    static const char *const known[] = {"html", "head", "meta", "title", "style", "body", "header", "main", "footer",
                                        "section", "article", "div", "span", "p", "h1", "h2", "h3", "dl", "dt", "dd",
                                        "ul", "li", "a", "b", "small", "ins", "code", "bdi", "br", "figure",
                                        "figcaption", "details", "summary", "table", "thead", "tbody", "tr", "th",
                                        "td", "svg", "desc", "g", "rect", "line", "circle", "text", NULL};
    struct page_reading *reading = to;

    if (!is_one_of(name, known))
        reading->fault = "an element that no page has";
    reading->in_style += strcmp(name, "style") == 0 ? 1 : 0;
    reading->rows += strcmp(name, "tr") == 0 ? 1 : 0;
    reading->rects += strcmp(name, "rect") == 0 ? 1 : 0;
    for (; *attributes != NULL; attributes += 2)
        take_attribute(reading, attributes[0], attributes[1]);
}

static void end(void *to, const char *name)
{
    struct page_reading *reading = to;

    reading->in_style -= strcmp(name, "style") == 0 ? 1 : 0;
    if (strcmp(name, "bdi") != 0 && strcmp(name, "b") != 0 && strcmp(name, "ins") != 0)
        mv_buf_putc(&reading->text, '\n');
}

static void take_text(void *to, const char *data, int len)
{
    struct page_reading *reading = to;

    if (reading->in_style == 0)
        mv_buf_put(&reading->text, mv_bytes_of(data, (size_t)len));
}

static void comment(void *to, const char *data)
{
    (void)data;
    ((struct page_reading *)to)->fault = "a comment";
}

static void check_links(struct page_reading *reading)
{
    for (size_t i = 0; i < reading->links; i++) {
        size_t found = 0;

        for (size_t k = 0; k < reading->id_count; k++)
            found += strcmp(reading->targets[i], reading->ids[k]) == 0 ? 1 : 0;
        if (found != 1)
            reading->fault = "a link that leads nowhere, or to two places";
    }
    for (size_t i = 0; i < reading->id_count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(reading->ids[i], reading->ids[k]) == 0)
                reading->fault = "an id twice";
}

void page_read(struct mv_bytes page, struct page_reading *reading_r)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");

    memset(reading_r, 0, sizeof *reading_r);
    mv_buf_init(&reading_r->text, MAX_TEXT_BYTES);
    XML_SetUserData(parser, reading_r);
    XML_SetElementHandler(parser, begin, end);
    XML_SetCharacterDataHandler(parser, take_text);
    XML_SetCommentHandler(parser, comment);
    if (XML_Parse(parser, (const char *)page.data, (int)page.len, XML_TRUE) != XML_STATUS_OK)
        reading_r->fault = XML_ErrorString(XML_GetErrorCode(parser));
    XML_ParserFree(parser);
    check_links(reading_r);
}

void page_reading_free(struct page_reading *reading)
{
    mv_buf_free(&reading->text);
}
