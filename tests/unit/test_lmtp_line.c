#include "lmtp-hook/line.h"

#include <string.h>

#include "tests/unit/unit.h"

/* What comes in, and what is made of it: lines, "!long", "!bare", one behind the other with "|". */
static const struct {
    const char *name;
    struct mv_bytes input;
    const char *lines;
} rows[] = {
    {"one", MV_BYTES("NOOP\r\n"), "NOOP|"},
    {"two", MV_BYTES("NOOP\r\nQUIT\r\n"), "NOOP|QUIT|"},
    {"empty", MV_BYTES("\r\n"), "|"},
    {"not ended", MV_BYTES("NOOP\r"), ""},
    {"RFC 5321 2.3.8: LF alone", MV_BYTES("NOOP\nQUIT\r\n"), "!bare|QUIT|"},
    {"CR inside", MV_BYTES("NO\rOP\r\nQUIT\r\n"), "!bare|QUIT|"},
    {"CR CR LF", MV_BYTES("NOOP\r\r\n"), "!bare|"},
    {"NUL", MV_BYTES("NO\0OP\r\n"), "!bare|"},
    {"LF only", MV_BYTES("\n\n"), "!bare|!bare|"},
};

static void collect(struct mv_line *line, struct mv_bytes input, size_t step, struct mv_buf *out)
{
    for (size_t at = 0; at < input.len; at += step) {
        struct mv_cursor c = mv_cursor_of(mv_bytes_slice(input, at, at + step));
        struct mv_bytes text;
        enum mv_line_code code;

        while ((code = mv_line_feed(line, &c, &text)) != MV_LINE_MORE) {
            mv_buf_puts(out, code == MV_LINE_TOO_LONG ? "!long" : code == MV_LINE_BARE ? "!bare" : "");
            mv_buf_put(out, text);
            mv_buf_putc(out, '|');
        }
    }
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t step = 1; step <= 20; step += 3) {
            struct mv_line line;
            struct mv_buf out;

            mv_line_init(&line);
            mv_buf_init(&out, 1000);
            collect(&line, rows[i].input, step, &out);
            ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(rows[i].lines)), "%s by %zu: %s", rows[i].name,
                          step, mv_buf_cstr(&out));
            mv_buf_free(&out);
            mv_line_free(&line);
        }
    }
}
END_TEST

/* A line of a megabyte is one error, and what it holds is no command. */
START_TEST(test_long)
{
    size_t size = 1024 * 1024;
    char *input = malloc(size + 8);
    struct mv_line line;
    struct mv_buf out;

    ck_assert_ptr_nonnull(input);
    memset(input, 'x', size);
    memcpy(input + size, "\r\nQUIT\r\n", 8);
    mv_line_init(&line);
    mv_buf_init(&out, 1000);
    collect(&line, mv_bytes_of(input, size + 8), 1000, &out);
    ck_assert_str_eq(mv_buf_cstr(&out), "!long|QUIT|");
    ck_assert_uint_le(line.buf.size, 2 * MV_LINE_MAX_BYTES + 16);
    mv_buf_free(&out);
    mv_line_free(&line);
    free(input);
}
END_TEST

/* The longest that is taken, and one byte more. */
START_TEST(test_limit)
{
    static char input[MV_LINE_MAX_BYTES + 3];
    struct mv_line line;

    memset(input, 'x', sizeof input);
    mv_line_init(&line);
    for (size_t len = MV_LINE_MAX_BYTES; len <= MV_LINE_MAX_BYTES + 1; len++) {
        struct mv_bytes text;
        struct mv_cursor c;

        memset(input, 'x', sizeof input);
        memcpy(input + len, "\r\n", 2);
        c = mv_cursor_of(mv_bytes_of(input, len + 2));
        ck_assert_int_eq(mv_line_feed(&line, &c, &text), len == MV_LINE_MAX_BYTES ? MV_LINE_READY : MV_LINE_TOO_LONG);
        ck_assert_uint_eq(text.len, len == MV_LINE_MAX_BYTES ? len : 0);
    }
    mv_line_free(&line);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_long, test_limit};

    return unit_run("lmtp_line", tests, sizeof tests / sizeof tests[0]);
}
