#include "core/base/self.h"

#include <sys/stat.h>

#include "tests/unit/unit.h"

START_TEST(finds_what_lies_beside)
{
    const char *const names[] = {"test_self", "../unit/test_self"};
    struct stat self, beside;
    struct mv_buf path;

    ck_assert_int_eq(stat("/proc/self/exe", &self), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        mv_buf_init(&path, MV_SELF_MAX_BYTES);
        ck_assert(mv_self_beside(names[i], &path));
        ck_assert_msg(stat(mv_buf_cstr(&path), &beside) == 0, "%s: nothing at %s", names[i], mv_buf_cstr(&path));
        ck_assert_msg(beside.st_dev == self.st_dev && beside.st_ino == self.st_ino, "%s: another file", names[i]);
        mv_buf_free(&path);
    }
}
END_TEST

START_TEST(half_a_path_is_none)
{
    struct mv_buf path;

    mv_buf_init(&path, 3);
    ck_assert(!mv_self_beside("test_self", &path));
    mv_buf_free(&path);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {finds_what_lies_beside, half_a_path_is_none};

    return unit_run("self", tests, sizeof tests / sizeof tests[0]);
}
