/* Headers of stored messages taken apart and put together. */
#include <string.h>

#include "dovecot-plugin/header.h"
#include "tests/unit/unit.h"

static bool keeps_all(const void *context, const struct mv_field *field)
{
    (void)context;
    (void)field;
    return true;
}

/* Everything but fields whose name begins with X-. */
static bool keeps_known(const void *context, const struct mv_field *field)
{
    (void)context;
    return !mv_bytes_has_prefix_nocase(field->name, MV_BYTES("X-"));
}

static const struct {
    const char *name;
    const char *raw;
    const char *tags;
    const char *put;
    unsigned fields, removed;
} rows[] = {
    {"CRLF", "A: 1\r\nX-B: 2\r\nC: 3\r\n\r\n", "T: t\r\n", "T: t\r\nA: 1\r\nC: 3\r\n\r\n", 3, 1},
    {"LF", "A: 1\nX-B: 2\nC: 3\n\n", "T: t\r\n\tu\r\n", "T: t\n\tu\nA: 1\nC: 3\n\n", 3, 1},
    {"CRLF with a line in LF", "A: 1\r\nB: 2\nC: 3\r\n\r\n", "", "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", 3, 0},
    {"LF with a line in CRLF", "A: 1\nB: 2\r\n\n", "", "A: 1\nB: 2\n\n", 2, 0},
    {"folded", "X-A: 1\r\n 2\r\n\t3\r\nB: 4\r\n\r\n", "", "B: 4\r\n\r\n", 2, 1},
    {"folded after the colon", "X-A:\r\n 2\r\nB: 4\r\n\r\n", "", "B: 4\r\n\r\n", 2, 1},
    {"white space before the colon", "X-A : 1\r\nB: 2\r\n\r\n", "", "B: 2\r\n\r\n", 2, 1},
    {"case", "x-a: 1\r\nB: 2\r\n\r\n", "", "B: 2\r\n\r\n", 2, 1},
    {"the last one", "B: 2\r\nX-A: 1\r\n\r\n", "", "B: 2\r\n\r\n", 2, 1},
    {"all of them", "X-A: 1\r\nX-B: 1\r\n\r\n", "T: t\r\n", "T: t\r\n\r\n", 2, 2},
    {"no field at all", "\r\n", "T: t\r\n", "T: t\r\n\r\n", 0, 0},
    {"no field at all, LF", "\n", "T: t\r\n", "T: t\n\n", 0, 0},
    {"nothing", "", "T: t\r\n", "T: t\r\n", 0, 0},
    {"no empty line", "A: 1\r\n", "T: t\r\n", "T: t\r\nA: 1\r\n", 1, 0},
    {"no line end", "A: 1", "T: t\r\n", "T: t\r\nA: 1", 1, 0},
    {"a line that is no field", "A: 1\r\nnonsense\r\nX-B: 1\r\n\r\n", "", "A: 1\r\nnonsense\r\n\r\n", 3, 1},
    {"begins with a continuation", " x\r\nA: 1\r\n\r\n", "T: t\r\n", "T: t\r\n x\r\nA: 1\r\n\r\n", 2, 0},
    {"bare CR stays", "A: 1\r2\r\n\r\n", "", "A: 1\r2\r\n\r\n", 1, 0},
    {"bare CR stays, LF", "A: 1\r2\n\n", "", "A: 1\r2\n\n", 1, 0},
    {"white space alone is a continuation", "A: 1\r\n \r\nB: 2\r\n\r\n", "", "A: 1\r\n \r\nB: 2\r\n\r\n", 2, 0},
};

START_TEST(test_rows)
{
    struct mv_arena *arena = mv_arena_new(1 << 20);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_header header;
        struct mv_buf out;

        mv_buf_init(&out, 1 << 20);
        ck_assert_int_eq(mv_header_split(arena, mv_bytes_str(rows[i].raw), &header), MV_OK);
        ck_assert_msg(header.count == rows[i].fields, "%s: %zu fields", rows[i].name, header.count);
        ck_assert_msg(mv_header_put(&header, mv_bytes_str(rows[i].tags), keeps_known, NULL, &out) == rows[i].removed,
                      "%s: removed", rows[i].name);
        ck_assert_msg(strcmp(mv_buf_cstr(&out), rows[i].put) == 0, "%s: %s", rows[i].name, mv_buf_cstr(&out));
        mv_buf_free(&out);
    }
    mv_arena_free(&arena);
}
END_TEST

/* NUL is a byte like others. */
START_TEST(test_nul)
{
    static const unsigned char raw[] = "A: \0x\r\n\r\n";
    struct mv_arena *arena = mv_arena_new(1 << 20);
    struct mv_header header;
    struct mv_buf out;

    mv_buf_init(&out, 1 << 20);
    ck_assert_int_eq(mv_header_split(arena, mv_bytes_of(raw, sizeof raw - 1), &header), MV_OK);
    ck_assert_uint_eq(mv_header_put(&header, MV_BYTES(""), keeps_all, NULL, &out), 0);
    ck_assert(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_of(raw, sizeof raw - 1)));
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

static enum mv_code split_many(size_t fields, size_t field_bytes, size_t arena_bytes)
{
    struct mv_arena *arena = mv_arena_new(arena_bytes);
    struct mv_header header;
    struct mv_buf raw;
    enum mv_code code;

    mv_buf_init(&raw, 64 << 20);
    for (size_t i = 0; i < fields; i++) {
        mv_buf_puts(&raw, "A: ");
        for (size_t n = 5; n < field_bytes; n++)
            mv_buf_putc(&raw, 'x');
        mv_buf_puts(&raw, "\r\n");
    }
    code = mv_header_split(arena, mv_buf_bytes(&raw), &header);
    mv_buf_free(&raw);
    mv_arena_free(&arena);
    return code;
}

START_TEST(test_limits)
{
    ck_assert_int_eq(split_many(MV_HEADER_MAX_FIELDS, 10, 64 << 20), MV_OK);
    ck_assert_int_eq(split_many(MV_HEADER_MAX_FIELDS + 1, 10, 64 << 20), MV_ERR_LIMIT);
    ck_assert_int_eq(split_many(1, MV_HEADER_MAX_BYTES, 64 << 20), MV_OK);
    ck_assert_int_eq(split_many(1, MV_HEADER_MAX_BYTES + 1, 64 << 20), MV_ERR_LIMIT);
    ck_assert_int_eq(split_many(100, 100, 4096), MV_ERR_MEMORY);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_nul, test_limits};

    return unit_run("dovecot_header", tests, sizeof tests / sizeof *tests);
}
