#include "core/base/trace.h"

#include <string.h>

#include "core/base/buf.h"
#include "tests/unit/unit.h"

#define ARENA_BYTES (8 * 1024 * 1024)

/* "a(b c(d)) e" */
static void print_tree(const struct mv_trace_node *node, struct mv_buf *out)
{
    for (; node != NULL; node = node->next) {
        mv_buf_put(out, node->text);
        if (node->first_child != NULL) {
            mv_buf_putc(out, '(');
            print_tree(node->first_child, out);
            mv_buf_putc(out, ')');
        }
        if (node->next != NULL)
            mv_buf_putc(out, ' ');
    }
}

static void check_tree(const struct mv_trace *trace, const char *expected)
{
    struct mv_buf out;

    mv_buf_init(&out, 10000);
    print_tree(mv_trace_first(trace), &out);
    ck_assert_str_eq(mv_buf_cstr(&out), expected);
    mv_buf_free(&out);
}

START_TEST(builds_a_tree)
{
    struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
    struct mv_trace *trace = mv_trace_new(arena);

    check_tree(trace, "");
    mv_trace_note(trace, NULL, "a%d", 1);
    mv_trace_enter(trace, "RFC 9989 4.10", "b");
    mv_trace_note(trace, NULL, "c");
    mv_trace_enter(trace, NULL, "d");
    mv_trace_leave(trace);
    mv_trace_enter(trace, NULL, "e");
    mv_trace_note(trace, NULL, "f");
    mv_trace_leave(trace);
    mv_trace_leave(trace);
    mv_trace_note(trace, NULL, "g");
    check_tree(trace, "a1 b(c d e(f)) g");
    ck_assert_ptr_null(mv_trace_first(trace)->section);
    ck_assert_str_eq(mv_trace_first(trace)->next->section, "RFC 9989 4.10");
    mv_arena_free(&arena);
}
END_TEST

START_TEST(nothing_is_a_valid_trace)
{
    mv_trace_enter(NULL, NULL, "a");
    mv_trace_note(NULL, NULL, "b");
    mv_trace_leave(NULL);
    ck_assert_ptr_null(mv_trace_first(NULL));
}
END_TEST

START_TEST(survives_more_leaves_than_enters)
{
    struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
    struct mv_trace *trace = mv_trace_new(arena);

    mv_trace_leave(trace);
    mv_trace_enter(trace, NULL, "a");
    mv_trace_leave(trace);
    mv_trace_leave(trace);
    mv_trace_note(trace, NULL, "b");
    check_tree(trace, "a b");
    mv_arena_free(&arena);
}
END_TEST

START_TEST(deep_levels_fold_into_one)
{
    struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
    struct mv_trace *trace = mv_trace_new(arena);

    for (int i = 0; i < 100; i++)
        mv_trace_enter(trace, NULL, "x");
    for (int i = 0; i < 100; i++)
        mv_trace_leave(trace);
    mv_trace_note(trace, NULL, "y");
    ck_assert(mv_bytes_equal(mv_trace_first(trace)->next->text, MV_BYTES("y")));
    mv_arena_free(&arena);
}
END_TEST

static size_t count_nodes(const struct mv_trace *trace)
{
    size_t count = 0;

    for (const struct mv_trace_node *node = mv_trace_first(trace); node != NULL; node = node->next)
        count++;
    return count;
}

START_TEST(limits_nodes_and_text)
{
    struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
    struct mv_trace *trace = mv_trace_new(arena);
    struct mv_bytes text;

    mv_trace_note(trace, NULL, "%*d", 2 * MV_TRACE_MAX_TEXT_BYTES, 1);
    text = mv_trace_first(trace)->text;
    ck_assert_uint_lt(text.len, MV_TRACE_MAX_TEXT_BYTES);
    ck_assert(mv_bytes_has_suffix_nocase(text, MV_BYTES(" ...")));
    for (int i = 0; i < MV_TRACE_MAX_NODES + 10; i++)
        mv_trace_note(trace, NULL, "x");
    ck_assert_uint_eq(count_nodes(trace), MV_TRACE_MAX_NODES);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(keeps_what_fits_without_memory)
{
    struct mv_arena *arena = mv_arena_new(20000);
    struct mv_trace *trace = mv_trace_new(arena);

    for (int i = 0; i < 1000; i++) {
        mv_trace_enter(trace, NULL, "%100d", i);
        mv_trace_leave(trace);
    }
    ck_assert_uint_gt(count_nodes(trace), 10);
    ck_assert_uint_lt(count_nodes(trace), 1000);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {builds_a_tree, nothing_is_a_valid_trace, survives_more_leaves_than_enters,
                                  deep_levels_fold_into_one, limits_nodes_and_text, keeps_what_fits_without_memory};

    return unit_run("trace", tests, sizeof tests / sizeof tests[0]);
}
