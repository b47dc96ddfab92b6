/* mbox files (RFC 4155). */
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/report/mbox.h"
#include "tests/unit/unit.h"

static enum mv_code begin(void *to)
{
    mv_buf_puts(to, "{");
    return MV_OK;
}

static enum mv_code feed(void *to, struct mv_bytes bytes)
{
    mv_buf_put(to, bytes);
    return MV_OK;
}

static enum mv_code end(void *to)
{
    mv_buf_puts(to, "}");
    return MV_OK;
}

static enum mv_code refuse(void *to)
{
    (void)to;
    return MV_ERR_IO;
}

static const struct {
    const char *name, *mbox, *mails;
} rows[] = {
    {"nothing", "", ""},
    {"one", "From a\nX: 1\n\nhi\n", "{X: 1\n\nhi\n}"},
    {"two", "From a\nX: 1\n\nhi\n\nFrom b\nY: 2\n\n", "{X: 1\n\nhi\n}{Y: 2\n}"},
    {"CRLF", "From a\r\nX: 1\r\n\r\nhi\r\n\r\nFrom b\r\nY: 2\r\n", "{X: 1\r\n\r\nhi\r\n}{Y: 2\r\n}"},
    {"no empty line before", "From a\nX: 1\n\nhi\nFrom b\nho\n", "{X: 1\n\nhi\nFrom b\nho\n}"},
    {"From with a colon is a field", "From a\nX: 1\n\nhi\n\nFrom : b\n", "{X: 1\n\nhi\n\nFrom : b\n}"},
    {"quoted", "From a\n\n>From b\n>>From c\n> From d\n>>>Fro\n", "{\nFrom b\n>From c\n> From d\n>>>Fro\n}"},
    {"two empty lines", "From a\nX: 1\n\n\n\nFrom b\n", "{X: 1\n\n\n}{}"},
    {"no line end at the end", "From a\nX: 1\n\nhi", "{X: 1\n\nhi}"},
    {"what is before the first mail", "hello\n\nFrom a\nX: 1\n", "{X: 1\n}"},
    {"nothing but a From line", "From a", "{}"},
};

START_TEST(test_rows)
{
    struct mv_buf out;

    mv_buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t step = 1; step < 9; step += 7) {
            struct mv_mbox_sink sink = {begin, feed, end, &out};
            struct mv_mbox *mbox = mv_mbox_new(&sink);
            struct mv_bytes text = mv_bytes_str(rows[i].mbox);

            mv_buf_reset(&out);
            for (size_t at = 0; at < text.len; at += step)
                ck_assert_int_eq(mv_mbox_feed(mbox, mv_bytes_slice(text, at, at + step)), MV_OK);
            ck_assert_int_eq(mv_mbox_end(mbox), MV_OK);
            ck_assert_msg(strcmp(mv_buf_cstr(&out), rows[i].mails) == 0, "%s: %s", rows[i].name, mv_buf_cstr(&out));
            mv_mbox_free(&mbox);
        }
    }
    mv_buf_free(&out);
}
END_TEST

/* Lines past the limit lose nothing. */
START_TEST(test_long)
{
    struct mv_buf text, out;
    struct mv_mbox_sink sink = {begin, feed, end, &out};
    struct mv_mbox *mbox = mv_mbox_new(&sink);

    mv_buf_init(&text, 1 << 20);
    mv_buf_init(&out, 1 << 20);
    mv_buf_puts(&text, "From ");
    for (int i = 0; i < 20000; i++)
        mv_buf_putc(&text, 'f');
    mv_buf_puts(&text, "\nX: ");
    for (int i = 0; i < 20000; i++)
        mv_buf_putc(&text, 'x');
    mv_buf_puts(&text, "\n\nFrom b\n");
    ck_assert_int_eq(mv_mbox_feed(mbox, mv_buf_bytes(&text)), MV_OK);
    ck_assert_int_eq(mv_mbox_end(mbox), MV_OK);
    ck_assert_uint_eq(mv_buf_bytes(&out).len, 2 + 3 + 20000 + 1 + 2);
    mv_mbox_free(&mbox);
    mv_buf_free(&text);
    mv_buf_free(&out);
}
END_TEST

START_TEST(test_sink)
{
    struct mv_mbox_sink sink = {refuse, feed, end, NULL};
    struct mv_mbox *mbox = mv_mbox_new(&sink);

    ck_assert(mv_mbox_is(MV_BYTES("From a")));
    ck_assert(!mv_mbox_is(MV_BYTES("From: a")));
    ck_assert(!mv_mbox_is(MV_BYTES("From \t: a")));
    ck_assert(!mv_mbox_is(MV_BYTES("From")));
    ck_assert(!mv_mbox_is(MV_BYTES("from a")));
    ck_assert_int_eq(mv_mbox_feed(mbox, MV_BYTES("From a\nX: 1\n")), MV_ERR_IO);
    ck_assert_int_eq(mv_mbox_feed(mbox, MV_BYTES("From a\nX: 1\n")), MV_ERR_IO);
    ck_assert_int_eq(mv_mbox_end(mbox), MV_ERR_IO);
    mv_mbox_free(&mbox);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_long, test_sink};

    return unit_run("mbox", tests, sizeof tests / sizeof *tests);
}
