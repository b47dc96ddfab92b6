#include "core/base/buf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct mv_buf buf;

static void set_up(void)
{
    mv_buf_init(&buf, 1000);
}

static void tear_down(void)
{
    mv_buf_free(&buf);
}

static void assert_holds(const char *expected)
{
    ck_assert_str_eq(mv_buf_cstr(&buf), expected);
    ck_assert_uint_eq(mv_buf_bytes(&buf).len, strlen(expected));
}

START_TEST(what_is_put_is_held)
{
    mv_buf_puts(&buf, "a");
    mv_buf_put(&buf, MV_BYTES("bc"));
    mv_buf_putc(&buf, 'd');
    mv_buf_printf(&buf, "%d", 5);
    assert_holds("abcd5");
    mv_buf_truncate(&buf, 2);
    assert_holds("ab");
    mv_buf_reset(&buf);
    assert_holds("");
}
END_TEST

START_TEST(only_what_was_written_is_committed)
{
    unsigned char *room;

    mv_buf_puts(&buf, "a");
    room = mv_buf_reserve(&buf, 900);
    ck_assert_ptr_nonnull(room);
    memset(room, 'b', 900);
    mv_buf_commit(&buf, 2);
    assert_holds("abb");
}
END_TEST

START_TEST(no_room_beyond_the_limit)
{
    mv_buf_puts(&buf, "a");
    ck_assert_ptr_null(mv_buf_reserve(&buf, 1000));
    ck_assert(mv_buf_failed(&buf));
    ck_assert_ptr_null(mv_buf_cstr(&buf));
    ck_assert_ptr_null(mv_buf_reserve(&buf, 1));
    mv_buf_reset(&buf);
    ck_assert_ptr_nonnull(mv_buf_reserve(&buf, 1000));
}
END_TEST

START_TEST(writers_are_cut_nowhere)
{
    for (int i = 0; i < 1001; i++)
        mv_buf_putc(&buf, 'a');
    ck_assert(mv_buf_failed(&buf));
    mv_buf_reset(&buf);
    mv_buf_put_lower(&buf, mv_bytes_of((const unsigned char[1001]){'A'}, 1001));
    ck_assert(mv_buf_failed(&buf));
}
END_TEST

START_TEST(a_writer_can_fail_it)
{
    mv_buf_puts(&buf, "a");
    mv_buf_fail(&buf);
    mv_buf_puts(&buf, "b");
    ck_assert(mv_buf_failed(&buf));
    ck_assert_ptr_null(mv_buf_cstr(&buf));
    mv_buf_reset(&buf);
    mv_buf_puts(&buf, "c");
    assert_holds("c");
}
END_TEST

START_TEST(lower_case_is_ascii)
{
    mv_buf_put_lower(&buf, MV_BYTES("AZ[@az\xc3\x84"));
    assert_holds("az[@az\xc3\x84");
}
END_TEST

START_TEST(escapes_are_printable)
{
    mv_buf_put_escaped(&buf, MV_BYTES("a b\\\r\n\t\x7f\xc3"));
    assert_holds("a b\\\\\\x0d\\x0a\\x09\\x7f\\xc3");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("buf");
    TCase *tcase = tcase_create("buf");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_is_put_is_held);
    tcase_add_test(tcase, only_what_was_written_is_committed);
    tcase_add_test(tcase, no_room_beyond_the_limit);
    tcase_add_test(tcase, writers_are_cut_nowhere);
    tcase_add_test(tcase, a_writer_can_fail_it);
    tcase_add_test(tcase, lower_case_is_ascii);
    tcase_add_test(tcase, escapes_are_printable);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
