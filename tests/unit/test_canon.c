#include "core/dkim/canon.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/dkim/canon_scan.h"
#include "tests/unit/canon_naive.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define MAX_BYTES (64 * 1024 * 1024)

static struct mv_arena *arena;
static struct mv_buf got, wanted;

static void set_up(void)
{
    arena = mv_arena_new(MAX_BYTES);
    mv_buf_init(&got, MAX_BYTES);
    mv_buf_init(&wanted, MAX_BYTES);
}

static void tear_down(void)
{
    mv_buf_free(&got);
    mv_buf_free(&wanted);
    mv_arena_free(&arena);
}

static void into_buf(void *context, struct mv_bytes octets)
{
    mv_buf_put(context, octets);
}

static void assert_got(struct mv_bytes expected, const char *name, const char *how)
{
    struct mv_buf seen;

    if (mv_bytes_equal(mv_buf_bytes(&got), expected))
        return;
    mv_buf_init(&seen, MAX_BYTES);
    mv_buf_put_escaped(&seen, mv_buf_bytes(&got));
    mv_buf_puts(&seen, " instead of ");
    mv_buf_put_escaped(&seen, expected);
    ck_abort_msg("%s (%s): %s", name, how, mv_buf_cstr(&seen));
}

/* In memory of its own, so that the sanitizers see a step past the end. */
static void feed_copy(struct mv_canon_body *machine, struct mv_bytes piece)
{
    unsigned char *copy = malloc(piece.len + 1);

    ck_assert_ptr_nonnull(copy);
    if (piece.len > 0)
        memcpy(copy + 1, piece.data, piece.len);
    mv_canon_body_feed(machine, mv_bytes_of(copy + 1, piece.len));
    free(copy);
}

/* The body in pieces of at most piece octets, the first one of first octets. */
static void run(enum mv_canon canon, const struct mv_canon_scan *scan, struct mv_bytes body, size_t first, size_t piece)
{
    struct mv_arena *own = mv_arena_new(MAX_BYTES);
    struct mv_canon_body *machine = mv_canon_body_new_with(own, canon, scan, into_buf, &got);

    ck_assert_ptr_nonnull(machine);
    mv_buf_reset(&got);
    feed_copy(machine, mv_bytes_slice(body, 0, first));
    for (size_t at = first; at < body.len; at += piece)
        feed_copy(machine, mv_bytes_slice(body, at, at + piece));
    mv_canon_body_end(machine);
    mv_arena_free(&own);
}

static void assert_same_in_every_split(enum mv_canon canon, struct mv_bytes body, struct mv_bytes expected,
                                       const char *name)
{
    const struct mv_canon_scan *scan;

    for (size_t i = 0; (scan = mv_canon_scan_at(i)) != NULL; i++) {
        run(canon, scan, body, body.len, 1);
        assert_got(expected, name, "whole");
        run(canon, scan, body, 0, 1);
        assert_got(expected, name, "octet by octet");
        run(canon, scan, body, 0, 3);
        assert_got(expected, name, "three octets at a time");
        for (size_t at = 0; at <= body.len; at++) {
            run(canon, scan, body, at, body.len);
            assert_got(expected, name, "in two pieces");
        }
    }
}

struct body_row {
    const char *name;
    struct mv_bytes body;
    struct mv_bytes simple;
    struct mv_bytes relaxed;
};

#define ROW(name, body, simple, relaxed) {name, {(const unsigned char *)(body), sizeof(body) - 1}, \
    {(const unsigned char *)(simple), sizeof(simple) - 1}, {(const unsigned char *)(relaxed), sizeof(relaxed) - 1}}

/* RFC 6376 3.4.3 (simple), 3.4.4 (relaxed), 3.4.5 (example). */
static const struct body_row body_rows[] = {
    ROW("3.4.5 example", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"),
    ROW("3.4.3 empty body is one CRLF, 3.4.4 stays empty", "", "\r\n", ""),
    ROW("one empty line", "\r\n", "\r\n", ""),
    ROW("many empty lines", "\r\n\r\n\r\n\r\n", "\r\n", ""),
    ROW("text without CRLF gets one", "a", "a\r\n", "a\r\n"),
    ROW("text with CRLF", "a\r\n", "a\r\n", "a\r\n"),
    ROW("empty lines at the end", "a\r\n\r\n\r\n", "a\r\n", "a\r\n"),
    ROW("empty lines at the start stay", "\r\n\r\na", "\r\n\r\na\r\n", "\r\n\r\na\r\n"),
    ROW("empty lines inside stay", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"),
    ROW("one space", " ", " \r\n", ""),
    ROW("one tab and CRLF", "\t\r\n", "\t\r\n", ""),
    ROW("lines of white space at the end", "a\r\n \r\n\t\t\r\n", "a\r\n \r\n\t\t\r\n", "a\r\n"),
    ROW("last line of white space without CRLF", "a\r\n  ", "a\r\n  \r\n", "a\r\n"),
    ROW("line of white space inside becomes empty", "a\r\n \t\r\nb", "a\r\n \t\r\nb\r\n", "a\r\n\r\nb\r\n"),
    ROW("line of white space at the start", "  \r\nb", "  \r\nb\r\n", "\r\nb\r\n"),
    ROW("white space at the end without CRLF", "a \t", "a \t\r\n", "a\r\n"),
    ROW("white space at the start of a line", "  a", "  a\r\n", " a\r\n"),
    ROW("tab between words", "a\tb", "a\tb\r\n", "a b\r\n"),
    ROW("mixed run", "a \t \tb", "a \t \tb\r\n", "a b\r\n"),
    ROW("lone CR", "\r", "\r\r\n", "\r\r\n"),
    ROW("lone LF", "\n", "\n\r\n", "\n\r\n"),
    ROW("LF CR", "\n\r", "\n\r\r\n", "\n\r\r\n"),
    ROW("CR CR LF", "\r\r\n", "\r\r\n", "\r\r\n"),
    ROW("CR LF LF", "a\r\n\n", "a\r\n\n\r\n", "a\r\n\n\r\n"),
    ROW("lone CR at the end", "a\r", "a\r\r\n", "a\r\r\n"),
    ROW("lone CR after empty lines", "a\r\n\r\n\r", "a\r\n\r\n\r\r\n", "a\r\n\r\n\r\r\n"),
    ROW("white space before a lone CR stays", "a  \rb", "a  \rb\r\n", "a \rb\r\n"),
    ROW("white space before a lone CR at the end stays", "a \t\r", "a \t\r\r\n", "a \r\r\n"),
    ROW("white space before a lone LF stays", "a  \nb\n", "a  \nb\n\r\n", "a \nb\n\r\n"),
    ROW("white space after a lone CR", "\r  ", "\r  \r\n", "\r\r\n"),
    ROW("CR white space LF is no line end", "a\r \nb", "a\r \nb\r\n", "a\r \nb\r\n"),
    ROW("vertical tab and form feed are text", "a\v\f b\v\r\n", "a\v\f b\v\r\n", "a\v\f b\v\r\n"),
    ROW("NUL is text", "a\0 \0\r\n", "a\0 \0\r\n", "a\0 \0\r\n"),
    ROW("octets above 127 are text", "\xa0\xc3\xa9  \xff\r\n", "\xa0\xc3\xa9  \xff\r\n", "\xa0\xc3\xa9 \xff\r\n"),
    ROW("a block and a half of blanks inside",
        "a                                                                                                b",
        "a                                                                                                b\r\n",
        "a b\r\n"),
};

START_TEST(a_body_is_canonical_in_any_split)
{
    const struct body_row *row = &body_rows[_i];

    assert_same_in_every_split(MV_CANON_SIMPLE, row->body, row->simple, row->name);
    assert_same_in_every_split(MV_CANON_RELAXED, row->body, row->relaxed, row->name);
}
END_TEST

START_TEST(the_reference_agrees_with_the_table)
{
    const struct body_row *row = &body_rows[_i];

    canon_naive_body(MV_CANON_SIMPLE, row->body, &got);
    assert_got(row->simple, row->name, "reference");
    mv_buf_reset(&got);
    canon_naive_body(MV_CANON_RELAXED, row->body, &got);
    assert_got(row->relaxed, row->name, "reference");
}
END_TEST

/* Repeatable numbers, so that a failure can be repeated. */
static unsigned next_random(uint64_t *state, unsigned below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33) % below;
}

/* Words, runs, line ends, broken line ends: in which measure is drawn for each body. */
static struct mv_bytes random_body(uint64_t *random, unsigned char *body, size_t size)
{
    static const char *const pieces[] = {"a", "\r\n", " ", "\t", "\r", "\n", "  \t", "\r\n\r\n \r\n",
                                         "only words in here, single-spaced, for a whole block or two of them",
                                         "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"};
    unsigned kinds = 1 + next_random(random, ROWS(pieces));
    unsigned shift = next_random(random, ROWS(pieces));
    size_t len = 0;

    for (;;) {
        const char *piece = pieces[(next_random(random, kinds) + shift) % ROWS(pieces)];

        if (len + strlen(piece) > size)
            return mv_bytes_of(body, len);
        memcpy(body + len, piece, strlen(piece));
        len += strlen(piece);
    }
}

static void assert_like_reference(struct mv_bytes body, uint64_t *random)
{
    const struct mv_canon_scan *scan;

    for (enum mv_canon canon = MV_CANON_SIMPLE; canon <= MV_CANON_RELAXED; canon++) {
        mv_buf_reset(&wanted);
        canon_naive_body(canon, body, &wanted);
        for (size_t i = 0; (scan = mv_canon_scan_at(i)) != NULL; i++) {
            size_t first = next_random(random, (unsigned)body.len + 1);
            size_t piece = 1 + next_random(random, (unsigned)body.len + 1);

            run(canon, scan, body, body.len, 1);
            assert_got(mv_buf_bytes(&wanted), scan->name, "random body, whole");
            run(canon, scan, body, first, piece);
            assert_got(mv_buf_bytes(&wanted), scan->name, "random body, in pieces");
        }
    }
}

START_TEST(random_bodies_are_like_the_reference)
{
    static unsigned char body[3000];
    uint64_t random = (uint64_t)_i + 1;

    for (int round = 0; round < 200; round++) {
        size_t size = 1 + next_random(&random, round % 10 == 0 ? sizeof(body) : 300);

        assert_like_reference(random_body(&random, body, size), &random);
    }
}
END_TEST

/* Larger than every block that the machine has of its own. */
START_TEST(large_random_bodies_are_like_the_reference)
{
    static unsigned char body[200 * 1000];
    uint64_t random = 4711;

    for (int round = 0; round < 20; round++)
        assert_like_reference(random_body(&random, body, sizeof(body)), &random);
}
END_TEST

struct count {
    size_t octets;
    size_t calls;
};

static void into_count(void *context, struct mv_bytes octets)
{
    struct count *count = context;

    count->octets += octets.len;
    count->calls++;
}

START_TEST(a_million_empty_lines_cost_nothing_until_text_follows)
{
    struct count count = {0, 0};
    struct mv_canon_body *machine = mv_canon_body_new(arena, MV_CANON_RELAXED, into_count, &count);

    mv_canon_body_feed(machine, MV_BYTES("a"));
    for (int i = 0; i < 1000000; i++)
        mv_canon_body_feed(machine, MV_BYTES(" \r\n"));
    ck_assert_uint_eq(count.calls, 0);
    mv_canon_body_feed(machine, MV_BYTES("b"));
    mv_canon_body_end(machine);
    ck_assert_uint_eq(count.octets, 2000000 + 4);
    ck_assert_uint_lt(count.calls, 2000);
}
END_TEST

START_TEST(small_pieces_are_collected)
{
    struct count count = {0, 0};
    struct mv_canon_body *machine = mv_canon_body_new(arena, MV_CANON_RELAXED, into_count, &count);

    for (int i = 0; i < 10000; i++)
        mv_canon_body_feed(machine, MV_BYTES("a short  line\r\n"));
    mv_canon_body_end(machine);
    ck_assert_uint_eq(count.octets, 10000 * strlen("a short line\r\n"));
    ck_assert_uint_lt(count.calls, 20);
}
END_TEST

START_TEST(no_memory_is_said)
{
    struct mv_arena *small = mv_arena_new(100);

    ck_assert_ptr_null(mv_canon_body_new(small, MV_CANON_SIMPLE, into_count, NULL));
    mv_arena_free(&small);
}
END_TEST

struct header_row {
    const char *name;
    const char *field_name;
    const char *raw;
    const char *value;
    const char *relaxed;
};

/* RFC 6376 3.4.2 */
static const struct header_row header_rows[] = {
    {"3.4.5 example A", "A", "A: X\r\n", " X", "a:X\r\n"},
    {"3.4.5 example B", "B", "B : Y\t\r\n\tZ  \r\n", " Y\t\r\n\tZ  ", "b:Y Z\r\n"},
    {"name in lower case", "SUBJect", "SUBJect: AbC\r\n", " AbC", "subject:AbC\r\n"},
    {"no white space", "A", "A:x\r\n", "x", "a:x\r\n"},
    {"empty value", "A", "A:\r\n", "", "a:\r\n"},
    {"white space alone", "A", "A: \t \r\n", " \t ", "a:\r\n"},
    {"fold before any content", "A", "A:\r\n x\r\n", "\r\n x", "a:x\r\n"},
    {"fold in a run", "A", "A: x \r\n\t y\r\n", " x \r\n\t y", "a:x y\r\n"},
    {"two folds without text between", "A", "A: x\r\n \r\n y\r\n", " x\r\n \r\n y", "a:x y\r\n"},
    {"fold of white space at the end", "A", "A: x\r\n \r\n", " x\r\n ", "a:x\r\n"},
    {"a CR alone is text", "A", "A: x \r y\r\n", " x \r y", "a:x \r y\r\n"},
    {"a LF alone is text", "A", "A: x\ny\r\n", " x\ny", "a:x\ny\r\n"},
    {"octets above 127 are kept", "A", "A: \xc3\x84  b\r\n", " \xc3\x84  b", "a:\xc3\x84 b\r\n"},
    {"only ASCII letters of the name change", "X-\xc3\x84", "X-\xc3\x84: y\r\n", " y", "x-\xc3\x84:y\r\n"},
};

static struct mv_field field_of(const struct header_row *row)
{
    return (struct mv_field){mv_bytes_str(row->raw), mv_bytes_str(row->field_name), mv_bytes_str(row->value)};
}

START_TEST(a_relaxed_field)
{
    const struct header_row *row = &header_rows[_i];
    struct mv_field field = field_of(row);

    mv_canon_header(MV_CANON_RELAXED, &field, &got);
    assert_got(mv_bytes_str(row->relaxed), row->name, "relaxed");
}
END_TEST

START_TEST(a_simple_field_is_as_it_came)
{
    const struct header_row *row = &header_rows[_i];
    struct mv_field field = field_of(row);

    mv_canon_header(MV_CANON_SIMPLE, &field, &got);
    assert_got(mv_bytes_str(row->raw), row->name, "simple");
}
END_TEST

START_TEST(a_field_without_line_end_gets_one)
{
    struct mv_field field = {MV_BYTES("A: x"), MV_BYTES("A"), MV_BYTES(" x")};

    mv_canon_header(MV_CANON_SIMPLE, &field, &got);
    mv_canon_header(MV_CANON_RELAXED, &field, &got);
    assert_got(MV_BYTES("A: x\r\na:x\r\n"), "no line end", "both");
}
END_TEST

START_TEST(random_values_are_like_the_reference)
{
    static unsigned char value[400];
    uint64_t random = (uint64_t)_i + 1;

    for (int round = 0; round < 500; round++) {
        struct mv_field field = {.name = MV_BYTES("N"), .value = random_body(&random, value, 1 + next_random(&random, 400))};

        mv_buf_reset(&wanted);
        mv_buf_reset(&got);
        mv_buf_puts(&wanted, "n:");
        canon_naive_value(field.value, &wanted);
        mv_buf_puts(&wanted, "\r\n");
        mv_canon_header(MV_CANON_RELAXED, &field, &got);
        assert_got(mv_buf_bytes(&wanted), "random value", "relaxed");
    }
}
END_TEST

START_TEST(a_full_buffer_is_said)
{
    struct mv_field field = field_of(&header_rows[1]);
    struct mv_buf small;

    mv_buf_init(&small, 4);
    mv_canon_header(MV_CANON_RELAXED, &field, &small);
    ck_assert(mv_buf_failed(&small));
    mv_buf_free(&small);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("canon");
    TCase *tcase = tcase_create("canon");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_body_is_canonical_in_any_split, 0, (int)ROWS(body_rows));
    tcase_add_loop_test(tcase, the_reference_agrees_with_the_table, 0, (int)ROWS(body_rows));
    tcase_add_loop_test(tcase, random_bodies_are_like_the_reference, 0, 5);
    tcase_add_test(tcase, large_random_bodies_are_like_the_reference);
    tcase_add_test(tcase, a_million_empty_lines_cost_nothing_until_text_follows);
    tcase_add_test(tcase, small_pieces_are_collected);
    tcase_add_test(tcase, no_memory_is_said);
    tcase_add_loop_test(tcase, a_relaxed_field, 0, (int)ROWS(header_rows));
    tcase_add_loop_test(tcase, a_simple_field_is_as_it_came, 0, (int)ROWS(header_rows));
    tcase_add_test(tcase, a_field_without_line_end_gets_one);
    tcase_add_loop_test(tcase, random_values_are_like_the_reference, 0, 5);
    tcase_add_test(tcase, a_full_buffer_is_said);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
