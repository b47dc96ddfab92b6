#include <string.h>

#include "tests/bench/bench.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *const words[] = {
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on",
    "not", "he", "this", "are", "or", "his", "from", "at", "which", "but", "have", "an", "had", "they", "you",
    "were", "their", "one", "all", "we", "can", "her", "has", "there", "been", "if", "more", "when", "will",
    "would", "who", "so", "meeting", "message", "please", "attached", "regards", "tomorrow", "invoice",
    "question", "delivery", "information", "available", "department", "unfortunately", "understanding",
};

static const char *const elements[] = {"div", "table", "tr", "td", "p", "span", "a", "ul", "li", "h2"};

/* Repeatable, so that two runs measure the same octets. */
static uint64_t draw_state;

static size_t draw(size_t below)
{
    draw_state = draw_state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(draw_state >> 33) % below;
}

/* A wrapped line of words; one in ten ends a sentence, followed by the gap. */
static void put_line(struct mv_buf *out, const char *gap, const char *line_end)
{
    size_t start = mv_buf_bytes(out).len;

    while (mv_buf_bytes(out).len - start < 66) {
        mv_buf_puts(out, words[draw(COUNT(words))]);
        mv_buf_puts(out, draw(10) == 0 ? gap : " ");
    }
    mv_buf_puts(out, words[draw(COUNT(words))]);
    mv_buf_puts(out, line_end);
    if (draw(8) == 0)
        mv_buf_puts(out, "\r\n");
}

static void put_text(struct mv_buf *out)
{
    put_line(out, ". ", "\r\n");
}

static void put_flowed(struct mv_buf *out)
{
    put_line(out, ". ", " \r\n");
}

static void put_sentences(struct mv_buf *out)
{
    put_line(out, ".  ", "\r\n");
}

static void put_html(struct mv_buf *out)
{
    const char *element = elements[draw(COUNT(elements))];
    size_t depth = 2 * draw(10);

    mv_buf_put(out, mv_bytes_slice(MV_BYTES("                    "), 0, depth));
    mv_buf_printf(out, "<%s class=\"c%u\" style=\"padding:0;margin:%upx\">", element, (unsigned)draw(1000),
                  (unsigned)draw(40));
    for (size_t i = draw(8); i > 0; i--)
        mv_buf_printf(out, "%s%s", words[draw(COUNT(words))], i > 1 ? " " : "");
    mv_buf_printf(out, "</%s>\r\n", element);
}

static void put_base64(struct mv_buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (int i = 0; i < 76; i++)
        mv_buf_putc(out, (unsigned char)digits[draw(64)]);
    mv_buf_puts(out, "\r\n");
}

struct body {
    const char *name;
    void (*put)(struct mv_buf *out); /* or the same piece again and again */
    const char *piece;
    const char *first;
    const char *last;
};

static const struct body bodies[BENCH_BODIES] = {
    [BENCH_TEXT] = {"text", put_text, NULL, "", ""},
    [BENCH_HTML] = {"indented HTML", put_html, NULL, "", ""},
    [BENCH_FLOWED] = {"text, format=flowed", put_flowed, NULL, "", ""},
    [BENCH_SENTENCES] = {"text, two SP after sentences", put_sentences, NULL, "", ""},
    [BENCH_BASE64] = {"base64", put_base64, NULL, "", ""},
    [BENCH_SHORT_LINES] = {"lines of one octet", NULL, "a\r\n", "", ""},
    [BENCH_EMPTY_LINES] = {"empty lines, then text", NULL, "\r\n", "", "end\r\n"},
    [BENCH_EMPTY_TAIL] = {"text, then empty lines", NULL, "\r\n", "start\r\n", ""},
    [BENCH_BLANK] = {"SP alone", NULL, " ", "", ""},
    [BENCH_TABS] = {"HTAB alone", NULL, "\t", "", ""},
    [BENCH_RUNS] = {"runs: a  b  c", NULL, "a  b  c  ", "", "\r\n"},
    [BENCH_SECOND_EMPTY] = {"every second line empty", NULL, "words of a line\r\n\r\n", "", ""},
    [BENCH_WSP_LINE_ENDS] = {"white space before CRLF", NULL, "words of a line \t\r\n", "", ""},
    [BENCH_WSP_LINES] = {"lines of one SP, then text", NULL, " \r\n", "", "end\r\n"},
    [BENCH_ONE_LINE] = {"one line", NULL, "words-without-an-end ", "", "\r\n"},
    [BENCH_BARE_LF] = {"bare LF", NULL, "a\n", "", "\r\n"},
};

const char *bench_body_name(enum bench_body kind)
{
    return bodies[kind].name;
}

void bench_body(enum bench_body kind, size_t size_bytes, struct mv_buf *out)
{
    const struct body *body = &bodies[kind];
    size_t end = mv_buf_bytes(out).len + size_bytes;

    draw_state = 1;
    mv_buf_puts(out, body->first);
    while (mv_buf_bytes(out).len < end) {
        if (body->put != NULL)
            body->put(out);
        else
            mv_buf_puts(out, body->piece);
    }
    mv_buf_puts(out, body->last);
    bench_require(!mv_buf_failed(out), "no memory for a body");
}
