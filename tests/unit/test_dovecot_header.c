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
    {"a first line that would continue the tag", " x\r\nA: 1\r\n\r\n", "T: t\r\n", "T: t\r\nA: 1\r\n\r\n", 2, 1},
    {"the same with more lines, LF", "\tx\n y\nA: 1\n\n", "T: t\r\n", "T: t\nA: 1\n\n", 2, 1},
    {"begins with white space, without tags", " x\r\nA: 1\r\n\r\n", "", " x\r\nA: 1\r\n\r\n", 2, 0},
    {"bare CR stays", "A: 1\r2\r\n\r\n", "", "A: 1\r2\r\n\r\n", 1, 0},
    {"bare CR stays, LF", "A: 1\r2\n\n", "", "A: 1\r2\n\n", 1, 0},
    {"bare CR at the end of a line, LF", "A: 1\r\r\n\r\r\nB: 2\r\r\n\r\n", "", "A: 1\r\r\n\r\r\nB: 2\r\r\n\r\n", 3, 0},
    {"bare CR before CRLF among LF", "A: 1\n\r\r\nB: 2\r\r\n\n", "", "A: 1\n\r\r\nB: 2\r\r\n\n", 3, 0},
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
        ck_assert_msg(header.used_bytes == strlen(rows[i].raw) && !header.cut, "%s: used", rows[i].name);
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

#define MEMORY_BYTES (64 << 20)
#define TAG "T: a\r\n b\r\n"

static unsigned rewrite(struct mv_arena *arena, struct mv_bytes raw, const char *tags, struct mv_header *header,
                        struct mv_buf *out)
{
    ck_assert_int_eq(mv_header_split(arena, raw, header), MV_OK);
    return mv_header_put(header, mv_bytes_str(tags), keeps_known, NULL, out);
}

/* What is handed in goes on behind the empty line: nothing of that is looked at. */
START_TEST(test_body_is_left_alone)
{
    struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
    struct mv_buf out = {.max_bytes = 1000};
    struct mv_header header;

    ck_assert_uint_eq(rewrite(arena, MV_BYTES("A: 1\n\nX-A: 2\n\n"), "", &header, &out), 0);
    ck_assert_uint_eq(header.used_bytes, 6);
    ck_assert_str_eq(mv_buf_cstr(&out), "A: 1\n\n");
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

/* Beyond a limit the header ends, the rest is text of the body, and nothing is lost. */
static void check_cut(struct mv_bytes raw, size_t used, size_t count)
{
    struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
    struct mv_buf out = {.max_bytes = 3 * MV_HEADER_MAX_BYTES};
    struct mv_header header;
    struct mv_bytes text;

    ck_assert_uint_eq(rewrite(arena, raw, TAG, &header, &out), 0);
    ck_assert(header.cut && !header.separated);
    ck_assert_uint_eq(header.used_bytes, used);
    ck_assert_uint_eq(header.count, count);
    text = mv_buf_bytes(&out);
    ck_assert(!mv_buf_failed(&out) && mv_bytes_has_suffix_nocase(text, MV_BYTES("\n\r\n")));
    ck_assert_uint_eq(text.len, strlen(TAG) + used + 2);
    mv_buf_free(&out);
    mv_arena_free(&arena);
}

START_TEST(test_limit_of_fields)
{
    struct mv_buf raw = {.max_bytes = MV_HEADER_MAX_BYTES};
    struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
    struct mv_header header;

    for (size_t i = 0; i < MV_HEADER_MAX_FIELDS; i++)
        mv_buf_puts(&raw, "A: 1\r\n");
    ck_assert_int_eq(mv_header_split(arena, mv_buf_bytes(&raw), &header), MV_OK);
    ck_assert(!header.cut);
    mv_buf_puts(&raw, "\r\n");
    ck_assert_int_eq(mv_header_split(arena, mv_buf_bytes(&raw), &header), MV_OK);
    ck_assert(!header.cut && header.separated);
    mv_arena_free(&arena);
    mv_buf_truncate(&raw, mv_buf_bytes(&raw).len - 2);
    mv_buf_puts(&raw, "X-A: 2\r\n\r\n");
    check_cut(mv_buf_bytes(&raw), MV_HEADER_MAX_FIELDS * 6, MV_HEADER_MAX_FIELDS);
    mv_buf_free(&raw);
}
END_TEST

/* The field that passes the limit goes to the body as a whole, whatever of it would fit. */
START_TEST(test_limit_of_bytes)
{
    static const char *const ends[] = {"\r\n", "\r\n\r\n", "\r\nX-A: 3\r\n\r\n"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct mv_buf raw = {.max_bytes = 2 * MV_HEADER_MAX_BYTES};

        mv_buf_puts(&raw, "A: 1\r\nX-A: 2");
        while (mv_buf_bytes(&raw).len <= MV_HEADER_MAX_BYTES)
            mv_buf_puts(&raw, "\r\n folded");
        mv_buf_puts(&raw, ends[i]);
        check_cut(mv_buf_bytes(&raw), 6, 1);
        mv_buf_free(&raw);
    }
}
END_TEST

START_TEST(test_one_endless_line)
{
    struct mv_buf raw = {.max_bytes = 2 * MV_HEADER_MAX_BYTES};
    struct mv_arena *arena = mv_arena_new(MEMORY_BYTES);
    struct mv_buf out = {.max_bytes = 1000};
    struct mv_header header;

    while (mv_buf_bytes(&raw).len <= MV_HEADER_MAX_BYTES)
        mv_buf_puts(&raw, "X-A: endless ");
    ck_assert_uint_eq(rewrite(arena, mv_buf_bytes(&raw), TAG, &header, &out), 0);
    ck_assert_uint_eq(header.used_bytes, 0);
    ck_assert_str_eq(mv_buf_cstr(&out), TAG "\r\n");
    mv_buf_free(&raw);
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_arena *arena = mv_arena_new(64);
    struct mv_header header;

    ck_assert_int_eq(mv_header_split(arena, MV_BYTES("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n"), &header),
                     MV_ERR_MEMORY);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows,           test_nul,            test_body_is_left_alone, test_limit_of_fields,
                                  test_limit_of_bytes, test_one_endless_line, test_no_memory};

    return unit_run("dovecot_header", tests, sizeof tests / sizeof *tests);
}
