#include "core/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "tests/unit/unit.h"

#define PLENTY_BYTES (1 << 20)

START_TEST(memory_is_zeroed_aligned_and_apart)
{
    struct mv_arena *arena = mv_arena_new(PLENTY_BYTES);
    unsigned char *last = NULL;

    for (size_t size = 0; size < 600; size++) {
        unsigned char *at = mv_arena_alloc(arena, size);

        ck_assert_ptr_nonnull(at);
        ck_assert_uint_eq((uintptr_t)at % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_msg(at[i] == 0, "byte %zu of %zu", i, size);
        memset(at, 0xff, size);
        ck_assert_ptr_ne(at, last);
        last = at;
    }
    mv_arena_free(&arena);
    ck_assert_ptr_null(arena);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(joins_parts)
{
    struct mv_arena *arena = mv_arena_new(PLENTY_BYTES);
    const struct mv_bytes parts[] = {MV_BYTES("a"), MV_BYTES(""), {NULL, 0}, MV_BYTES("bc")};
    struct mv_bytes joined;
    struct mv_arena *small = mv_arena_new(0);

    ck_assert(mv_arena_join(arena, parts, 4, &joined));
    ck_assert(mv_bytes_equal(joined, MV_BYTES("abc")));
    ck_assert_int_eq(joined.data[3], '\0');
    ck_assert(mv_arena_join(arena, parts, 0, &joined));
    ck_assert_uint_eq(joined.len, 0);
    ck_assert(!mv_arena_join(small, parts, 4, &joined));
    mv_arena_free(&small);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(large_blocks_leave_the_current_one_open)
{
    struct mv_arena *arena = mv_arena_new(PLENTY_BYTES);
    unsigned char *before = mv_arena_alloc(arena, 16);
    unsigned char *large = mv_arena_alloc(arena, 100000);
    unsigned char *after = mv_arena_alloc(arena, 16);

    memset(large, 0xff, 100000);
    ck_assert_uint_lt((uintptr_t)after - (uintptr_t)before, 100);
    ck_assert_int_eq(after[0], 0);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(stops_at_its_limit)
{
    struct mv_arena *arena = mv_arena_new(PLENTY_BYTES);
    size_t count = 0;

    while (mv_arena_alloc(arena, 1000) != NULL)
        count++;
    ck_assert_uint_gt(count, PLENTY_BYTES / 1000 / 2);
    ck_assert_uint_le(count, PLENTY_BYTES / 1000);
    mv_arena_free(&arena);
}
END_TEST

static const struct {
    const char *name;
    size_t limit, count, size;
    bool ok;
} array_rows[] = {
    {"fits", PLENTY_BYTES, 10, 10, true},
    {"none", PLENTY_BYTES, 0, 10, true},
    {"of nothing", PLENTY_BYTES, 10, 0, true},
    {"no limit left", 0, 1, 1, false},
    {"no block under the limit", 1000, 1, 1, false},
    {"more than the limit", PLENTY_BYTES, PLENTY_BYTES, 2, false},
    {"largest size", SIZE_MAX, 1, SIZE_MAX, false},
    {"largest size but a little", SIZE_MAX, 1, SIZE_MAX - 20, false},
    {"product overflows", SIZE_MAX, SIZE_MAX / 2, 3, false},
    {"product overflows to little", SIZE_MAX, SIZE_MAX / 16 + 2, 16, false},
};

START_TEST(arrays_do_not_overflow)
{
    for (size_t i = 0; i < sizeof array_rows / sizeof array_rows[0]; i++) {
        struct mv_arena *arena = mv_arena_new(array_rows[i].limit);
        bool ok = mv_arena_array(arena, array_rows[i].count, array_rows[i].size) != NULL;

        ck_assert_msg(ok == array_rows[i].ok, "%s", array_rows[i].name);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(copies_end_in_a_nul)
{
    struct mv_arena *arena = mv_arena_new(PLENTY_BYTES);
    struct mv_bytes copy;

    ck_assert(mv_arena_copy(arena, MV_BYTES("a\0b"), &copy));
    ck_assert(mv_bytes_equal(copy, MV_BYTES("a\0b")));
    ck_assert_int_eq(copy.data[copy.len], 0);
    ck_assert_str_eq(mv_arena_str(arena, mv_bytes_str(NULL)), "");
    ck_assert_str_eq(mv_arena_printf(arena, "%d %s", 5, "x"), "5 x");
    ck_assert_uint_eq(strlen(mv_arena_printf(arena, "%5000d", 1)), 5000);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(copies_need_memory)
{
    struct mv_arena *arena = mv_arena_new(0);
    struct mv_bytes copy;

    ck_assert(!mv_arena_copy(arena, MV_BYTES("a"), &copy));
    ck_assert_ptr_null(mv_arena_str(arena, MV_BYTES("")));
    ck_assert_ptr_null(mv_arena_printf(arena, "x"));
    mv_arena_free(&arena);
}
END_TEST

START_TEST(grows_lists)
{
    struct mv_arena *arena = mv_arena_new(PLENTY_BYTES);
    size_t *items = NULL;

    for (size_t count = 0; count < 1000; count++) {
        items = mv_arena_grow(arena, items, count, sizeof *items);
        ck_assert_ptr_nonnull(items);
        items[count] = count;
    }
    for (size_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(items[i], i);
    ck_assert_ptr_null(mv_arena_grow(arena, items, (size_t)1 << 40, sizeof *items));
    ck_assert_ptr_null(mv_arena_grow(arena, items, (size_t)1 << 63, sizeof *items));
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {memory_is_zeroed_aligned_and_apart, large_blocks_leave_the_current_one_open,
                                  joins_parts,
                                  stops_at_its_limit, arrays_do_not_overflow, copies_end_in_a_nul,
                                  copies_need_memory, grows_lists};

    return unit_run("arena", tests, sizeof tests / sizeof tests[0]);
}
