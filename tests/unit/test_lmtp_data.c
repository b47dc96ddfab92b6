/* The end of DATA, and DATA written. */
#include "lmtp-hook/data_end.h"
#include "lmtp-hook/dot_stuff.h"

#include <string.h>

#include "tests/unit/unit.h"

static const struct {
    const char *name;
    struct mv_bytes input;
    struct mv_bytes message;
    struct mv_bytes rest; /* what is left behind the end */
    bool ended;
    const char *fault; /* part of it; NULL: none */
} rows[] = {
    {"plain", MV_BYTES("a\r\n.\r\nQUIT\r\n"), MV_BYTES("a\r\n"), MV_BYTES("QUIT\r\n"), true, NULL},
    {"empty", MV_BYTES(".\r\nQUIT\r\n"), MV_BYTES(""), MV_BYTES("QUIT\r\n"), true, NULL},
    {"RFC 5321 4.5.2: stuffed dot", MV_BYTES("..a\r\n...\r\n.\r\n"), MV_BYTES(".a\r\n..\r\n"), MV_BYTES(""), true, NULL},
    {"dot that was not stuffed", MV_BYTES(".a\r\n.\r\n"), MV_BYTES("a\r\n"), MV_BYTES(""), true, NULL},
    {"dots inside", MV_BYTES("a.\r\nb.c\r\n.\r\n"), MV_BYTES("a.\r\nb.c\r\n"), MV_BYTES(""), true, NULL},
    {"NUL and 8-bit", MV_BYTES("a\0\xff\r\n.\r\n"), MV_BYTES("a\0\xff\r\n"), MV_BYTES(""), true, NULL},
    {"bare CR", MV_BYTES("a\rb\r\n.\r\n"), MV_BYTES("a\rb\r\n"), MV_BYTES(""), true, NULL},
    {"CR CR LF", MV_BYTES("a\r\r\n.\r\n"), MV_BYTES("a\r\r\n"), MV_BYTES(""), true, NULL},
    {"not ended", MV_BYTES("a\r\n.\r"), MV_BYTES("a\r\n"), MV_BYTES(""), false, NULL},
    {"LF.LF", MV_BYTES("a\n.\nMAIL\r\n.\r\n"), MV_BYTES("a\n.\nMAIL\r\n"), MV_BYTES(""), true, "line feed"},
    {"LF.CRLF", MV_BYTES("a\n.\r\nMAIL\r\n.\r\n"), MV_BYTES("a\n.\r\nMAIL\r\n"), MV_BYTES(""), true, "line feed"},
    {"CRLF.LF", MV_BYTES("a\r\n.\nMAIL\r\n.\r\n"), MV_BYTES("a\r\n\nMAIL\r\n"), MV_BYTES(""), true, "line feed"},
    {"CR.CR", MV_BYTES("a\r.\rMAIL\r\n.\r\n"), MV_BYTES("a\r.\rMAIL\r\n"), MV_BYTES(""), true, "dot"},
    {"CR.CRLF", MV_BYTES("a\r.\r\nMAIL\r\n.\r\n"), MV_BYTES("a\r.\r\nMAIL\r\n"), MV_BYTES(""), true, "dot"},
    {"CRLF.CR", MV_BYTES("a\r\n.\rMAIL\r\n.\r\n"), MV_BYTES("a\r\n\rMAIL\r\n"), MV_BYTES(""), true, "dot"},
    {"CRLF.CR CRLF", MV_BYTES("a\r\n.\r\r\n.\r\n"), MV_BYTES("a\r\n\r\r\n"), MV_BYTES(""), true, "dot"},
    {"bare LF alone", MV_BYTES("a\nb\r\n.\r\n"), MV_BYTES("a\nb\r\n"), MV_BYTES(""), true, "line feed"},
};

static bool feed(struct mv_data_end *data, struct mv_bytes input, size_t step, struct mv_buf *out, size_t *used_r)
{
    *used_r = 0;
    while (*used_r < input.len) {
        struct mv_cursor c = mv_cursor_of(mv_bytes_slice(input, *used_r, *used_r + step)), start = c;
        bool ended = mv_data_end_feed(data, &c, out);

        *used_r += mv_cursor_since(&c, &start).len;
        if (ended)
            return true;
    }
    return false;
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t step = 1; step <= rows[i].input.len; step++) {
            struct mv_data_end data = {.after_cr = false};
            struct mv_buf out;
            const char *fault;
            size_t used;
            bool ended;

            mv_buf_init(&out, 1000);
            ended = feed(&data, rows[i].input, step, &out, &used);
            fault = mv_data_end_fault(&data);
            ck_assert_msg(ended == rows[i].ended, "%s by %zu: ended %d", rows[i].name, step, ended);
            ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), rows[i].message), "%s by %zu: message", rows[i].name, step);
            ck_assert_msg(mv_bytes_equal(mv_bytes_slice(rows[i].input, used, rows[i].input.len), rows[i].rest),
                          "%s by %zu: rest", rows[i].name, step);
            ck_assert_msg((fault == NULL) == (rows[i].fault == NULL), "%s by %zu: fault", rows[i].name, step);
            ck_assert_msg(fault == NULL || strstr(fault, rows[i].fault) != NULL, "%s: %s", rows[i].name, fault);
            mv_buf_free(&out);
        }
    }
}
END_TEST

static const struct {
    const char *name;
    struct mv_bytes message, data;
} stuffed[] = {
    {"plain", MV_BYTES("a\r\n"), MV_BYTES("a\r\n.\r\n")},
    {"empty", MV_BYTES(""), MV_BYTES(".\r\n")},
    {"dots", MV_BYTES(".\r\n..a\r\nb.\r\n"), MV_BYTES("..\r\n...a\r\nb.\r\n.\r\n")},
    {"no final CRLF", MV_BYTES("a"), MV_BYTES("a\r\n.\r\n")},
    {"bare CR is no line end", MV_BYTES("a\rb\r\n"), MV_BYTES("a\rb\r\n.\r\n")},
};

START_TEST(test_stuffing)
{
    for (size_t i = 0; i < sizeof stuffed / sizeof stuffed[0]; i++) {
        for (size_t step = 1; step <= stuffed[i].message.len + 1; step++) {
            struct mv_dot_stuff stuff = {.in_line = false};
            struct mv_buf out;

            mv_buf_init(&out, 1000);
            for (size_t at = 0; at < stuffed[i].message.len; at += step)
                mv_dot_stuff_put(&stuff, mv_bytes_slice(stuffed[i].message, at, at + step), &out);
            mv_dot_stuff_end(&stuff, &out);
            ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), stuffed[i].data), "%s by %zu", stuffed[i].name, step);
            mv_buf_free(&out);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_stuffing};

    return unit_run("lmtp_data", tests, sizeof tests / sizeof tests[0]);
}
