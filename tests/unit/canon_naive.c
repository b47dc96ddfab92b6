#include "tests/unit/canon_naive.h"

#include <stdlib.h>
#include <string.h>

/* A text that is changed in place. */
struct text {
    char *data;
    size_t len;
};

static struct text copy_of(struct mv_bytes b)
{
    struct text text = {malloc(b.len + 3), b.len};

    if (text.data == NULL)
        abort();
    if (b.len > 0)
        memcpy(text.data, b.data, b.len);
    return text;
}

static bool ends_with(const struct text *text, const char *suffix)
{
    size_t n = strlen(suffix);

    return text->len >= n && memcmp(text->data + text->len - n, suffix, n) == 0;
}

static bool is_at(const struct text *text, size_t at, const char *what)
{
    size_t n = strlen(what);

    return text->len - at >= n && memcmp(text->data + at, what, n) == 0;
}

static bool wsp_at(const struct text *text, size_t at)
{
    return is_at(text, at, " ") || is_at(text, at, "\t");
}

/* "Ignore all whitespace at the end of lines." */
static void strip_line_ends(struct text *text)
{
    struct text out = copy_of(MV_BYTES(""));

    out.data = realloc(out.data, text->len + 3);
    if (out.data == NULL)
        abort();
    for (size_t at = 0; at < text->len; at++) {
        if (is_at(text, at, "\r\n"))
            while (ends_with(&out, " ") || ends_with(&out, "\t"))
                out.len--;
        out.data[out.len++] = text->data[at];
    }
    free(text->data);
    *text = out;
}

/* "Reduce all sequences of WSP within a line to a single SP character." */
static void reduce_runs(struct text *text)
{
    size_t n = 0;

    for (size_t at = 0; at < text->len; at++) {
        if (wsp_at(text, at) && at + 1 < text->len && wsp_at(text, at + 1))
            continue;
        text->data[n++] = text->data[at] == '\t' ? ' ' : text->data[at];
    }
    text->len = n;
}

void canon_naive_body(enum mv_canon canon, struct mv_bytes body, struct mv_buf *out)
{
    struct text text = copy_of(body);

    if (!ends_with(&text, "\r\n")) {
        memcpy(text.data + text.len, "\r\n", 2);
        text.len += 2;
    }
    if (canon == MV_CANON_RELAXED) {
        strip_line_ends(&text);
        reduce_runs(&text);
    }
    while (ends_with(&text, "\r\n\r\n"))
        text.len -= 2;
    if (canon == MV_CANON_RELAXED && text.len == 2)
        text.len = 0;
    mv_buf_put(out, mv_bytes_of(text.data, text.len));
    free(text.data);
}

void canon_naive_value(struct mv_bytes value, struct mv_buf *out)
{
    struct text text = copy_of(value);
    size_t n = 0;

    for (size_t at = 0; at < text.len; at++) {
        if (is_at(&text, at, "\r\n"))
            at++;
        else
            text.data[n++] = text.data[at];
    }
    text.len = n;
    reduce_runs(&text);
    while (ends_with(&text, " "))
        text.len--;
    n = text.len > 0 && text.data[0] == ' ' ? 1 : 0;
    mv_buf_put(out, mv_bytes_of(text.data + n, text.len - n));
    free(text.data);
}
