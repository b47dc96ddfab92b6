#include "core/base/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static char path[] = "/tmp/mv-stamp-XXXXXX";

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void date(time_t secs)
{
    const struct timespec times[2] = {{secs, 0}, {secs, 0}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static struct mv_stamp take(void)
{
    struct mv_stamp stamp;

    ck_assert_int_eq(mv_stamp_take(path, &stamp), 0);
    return stamp;
}

START_TEST(tells_what_has_changed)
{
    struct mv_stamp before, after;

    close(mkstemp(path));
    write_file("one");
    date(1000000);
    before = take();
    after = take();
    ck_assert_msg(mv_stamp_equal(&before, &after), "nothing has changed");
    date(1000001);
    after = take();
    ck_assert_msg(!mv_stamp_equal(&before, &after), "the time has");
    write_file("longer");
    date(1000000);
    after = take();
    ck_assert_msg(!mv_stamp_equal(&before, &after), "the size has");
    before = take();
    ck_assert_int_eq(chmod(path, 0640), 0);
    after = take();
    ck_assert_msg(!mv_stamp_equal(&before, &after), "the permissions have");
    unlink(path);
}
END_TEST

START_TEST(a_missing_file_is_a_state_too)
{
    struct mv_stamp missing = {.size_bytes = 7}, other;

    ck_assert_int_eq(mv_stamp_take("/tmp/mv-stamp-none/x", &missing), ENOENT);
    ck_assert_int_eq(mv_stamp_take("/etc/passwd/x", &other), ENOTDIR);
    ck_assert(mv_stamp_equal(&missing, &other));
    ck_assert(mv_stamp_is_settled(&missing, 1000000));
    ck_assert_int_eq(mv_stamp_take("/", &other), 0);
    ck_assert(!mv_stamp_equal(&missing, &other));
}
END_TEST

/* What changes twice within a tick of the clock keeps its stamp. */
START_TEST(young_is_not_settled)
{
    const struct mv_stamp stamp = {.modified = {1000, 0}, .changed = {1010, 0}};
    const struct mv_stamp future = {.modified = {5000, 0}, .changed = {1010, 0}};

    ck_assert(!mv_stamp_is_settled(&stamp, 1010));
    ck_assert(!mv_stamp_is_settled(&stamp, 1011));
    ck_assert(mv_stamp_is_settled(&stamp, 1012));
    ck_assert(!mv_stamp_is_settled(&future, 1012));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {tells_what_has_changed, a_missing_file_is_a_state_too, young_is_not_settled};

    return unit_run("stamp", tests, sizeof tests / sizeof tests[0]);
}
