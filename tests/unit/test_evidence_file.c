/* Lines appended by many processes, and what is done when they cannot be. */
#include "core/auth/evidence_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define NOW_SECS 1795651200 /* 2026-11-26 00:00 */
#define NAME "mx.example.org"
#define PROCESSES 32
#define LINES_EACH 300
#define MAX_TEXT_BYTES 8192

static char directory[64], path[128];
static struct mv_evidence_file file;
static struct mv_error error;

static void path_of(const char *hour)
{
    snprintf(path, sizeof path, "%s/" NAME ".%lu.%s.ndjson", directory, (unsigned long)geteuid(), hour);
}

static void begin(void)
{
    strcpy(directory, "/tmp/mv-evidence-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chmod(directory, 0750), 0);
    file = MV_EVIDENCE_NO_FILE;
    mv_error_clear(&error);
    path_of("2026112600");
}

static void end(void)
{
    char command[128];

    mv_evidence_file_close(&file);
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static enum mv_code append(int64_t now_secs, const char *line)
{
    mv_error_clear(&error);
    return mv_evidence_file_append(&file, directory, NAME, now_secs, mv_bytes_str(line), &error);
}

/* "" without a file. Valid until the next call. */
static const char *content(void)
{
    static char text[MAX_TEXT_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

    ck_assert_int_ge(n, 0);
    text[n] = '\0';
    if (fd >= 0)
        close(fd);
    return text;
}

START_TEST(appends_to_the_file_of_the_hour)
{
    struct stat st;

    umask(0077);
    ck_assert_msg(append(NOW_SECS, "one\n") == MV_OK, "%s", error.text);
    ck_assert_int_eq(append(NOW_SECS + 3599, "two\n"), MV_OK);
    ck_assert_str_eq(content(), "one\ntwo\n");
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0640);
    ck_assert_int_ne(fcntl(file.fd, F_GETFD) & FD_CLOEXEC, 0);
    ck_assert_int_eq(append(NOW_SECS + 3600, "three\n"), MV_OK);
    ck_assert_str_eq(content(), "one\ntwo\n");
    path_of("2026112601");
    ck_assert_str_eq(content(), "three\n");
    ck_assert_msg(append(NOW_SECS, "four\n") == MV_OK, "the clock was set back");
    path_of("2026112600");
    ck_assert_str_eq(content(), "one\ntwo\nfour\n");
}
END_TEST

/* Hosts of all time zones write the same names: hours are those of UTC. */
START_TEST(names_hours_of_utc)
{
    static const char *const zones[] = {"Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu", "EST5EDT", "<+14>-14"};

    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        ck_assert_int_eq(setenv("TZ", zones[i], 1), 0);
        tzset();
        ck_assert_msg(append(NOW_SECS - 1, "a\n") == MV_OK && append(NOW_SECS, "b\n") == MV_OK, "%s", error.text);
        path_of("2026112600");
        ck_assert_str_eq(content(), "b\n");
        ck_assert_int_eq(unlink(path), 0);
        path_of("2026112523");
        ck_assert_str_eq(content(), "a\n");
        ck_assert_int_eq(unlink(path), 0);
    }
    unsetenv("TZ");
    tzset();
}
END_TEST

START_TEST(goes_on_with_what_is_there)
{
    ck_assert_int_eq(append(NOW_SECS, "one\n"), MV_OK);
    mv_evidence_file_close(&file);
    mv_evidence_file_close(&file);
    ck_assert_int_eq(append(NOW_SECS, "two\n"), MV_OK);
    ck_assert_str_eq(content(), "one\ntwo\n");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(append(NOW_SECS, "three\n"), MV_OK);
    ck_assert_str_eq(content(), "three\n");
}
END_TEST

/* A server may close what it does not know, and get the same number for something of its own. */
START_TEST(leaves_another_descriptor_alone)
{
    int fd;

    ck_assert_int_eq(append(NOW_SECS, "one\n"), MV_OK);
    fd = file.fd;
    close(fd);
    ck_assert_int_eq(append(NOW_SECS, "two\n"), MV_OK);
    fd = file.fd;
    ck_assert_int_eq(dup2(open("/dev/null", O_RDWR | O_CLOEXEC), fd), fd);
    ck_assert_int_eq(append(NOW_SECS, "three\n"), MV_OK);
    ck_assert_int_ne(file.fd, fd);
    ck_assert_msg(fcntl(fd, F_GETFD) != -1, "it was closed");
    ck_assert_str_eq(content(), "one\ntwo\nthree\n");
}
END_TEST

static const struct {
    const char *host;
    const char *name;
} hosts[] = {
    {"mx", "mx"},
    {"MX.Example.ORG", "mx.example.org"},
    {"", "localhost"},
    {"../../etc/cron.d/x", "_._.._etc_cron.d_x"},
    {".hidden", "_hidden"},
    {"a b\n\xc3\xa9", "a_b___"},
    {"0123456789012345678901234567890123456789012345678901234567890123456789",
     "0123456789012345678901234567890123456789012345678901234567890123"},
};

START_TEST(names_hosts)
{
    char expected[256];

    ck_assert_int_eq(mv_evidence_file_append(&file, directory, hosts[_i].host, NOW_SECS, MV_BYTES("x\n"), &error),
                     MV_OK);
    snprintf(expected, sizeof expected, "%s/%s.%lu.2026112600.ndjson", directory, hosts[_i].name,
             (unsigned long)geteuid());
    ck_assert_msg(access(expected, F_OK) == 0, "%s", expected);
}
END_TEST

/* What is not to be written to */

static void make_link(void)
{
    ck_assert_int_eq(symlink("/tmp/mv-evidence-elsewhere", path), 0);
}

static void make_link_to_a_file(void)
{
    char target[80];
    int fd;

    snprintf(target, sizeof target, "%s/target", directory);
    fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(symlink(target, path), 0);
}

static void make_fifo(void)
{
    ck_assert_int_eq(mkfifo(path, 0640), 0);
}

static void make_directory(void)
{
    ck_assert_int_eq(mkdir(path, 0750), 0);
}

static void make_full_file(void)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, MV_EVIDENCE_MAX_FILE_BYTES - 1), 0); /* a hole: no blocks */
    close(fd);
}

static void make_nothing(void)
{
}

static const struct {
    const char *name;
    void (*make)(void);
    const char *below; /* the directory that is given; "": the one that is there */
    enum mv_code code;
    const char *says;
} refused[] = {
    {"a symbolic link to nothing", make_link, "", MV_ERR_CONFIG, "is a symbolic link"},
    {"a symbolic link to a file", make_link_to_a_file, "", MV_ERR_CONFIG, "is a symbolic link"},
    {"a FIFO", make_fifo, "", MV_ERR_CONFIG, "is no file"},
    {"a directory", make_directory, "", MV_ERR_IO, "cannot be opened"},
    {"a full file", make_full_file, "", MV_ERR_LIMIT, "report import"},
    {"no directory", make_nothing, "/none", MV_ERR_IO, "install -d -o mailvouch"},
    {"a file as directory", make_link_to_a_file, "/target", MV_ERR_IO, "there is no such directory"},
};

START_TEST(refuses)
{
    char given[80];
    enum mv_code code;

    refused[_i].make();
    snprintf(given, sizeof given, "%s%s", directory, refused[_i].below);
    for (int again = 0; again < 2; again++) {
        mv_error_clear(&error);
        code = mv_evidence_file_append(&file, given, NAME, NOW_SECS, MV_BYTES("x\n"), &error);
        ck_assert_msg(code == refused[_i].code, "%s: %s", refused[_i].name, error.text);
        ck_assert_msg(strstr(error.text, refused[_i].says) != NULL, "%s: %s", refused[_i].name, error.text);
    }
    ck_assert_msg(access("/tmp/mv-evidence-elsewhere", F_OK) != 0, "%s: written through the link", refused[_i].name);
}
END_TEST

#define USER 54321 /* without a name; only root can be others */

START_TEST(keeps_users_apart)
{
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(chmod(directory, 01777), 0);
    ck_assert_int_eq(append(NOW_SECS, "one\n"), MV_OK);
    ck_assert_int_eq(seteuid(USER), 0);
    ck_assert_msg(append(NOW_SECS, "two\n") == MV_OK, "%s", error.text);
    path_of("2026112600");
    ck_assert_str_eq(content(), "two\n");
    ck_assert_int_eq(seteuid(0), 0);
    path_of("2026112600");
    ck_assert_str_eq(content(), "one\n");
}
END_TEST

/* Put there by another, who could read and change what we write. */
START_TEST(refuses_a_file_of_another_user)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    ck_assert_int_ge(fd, 0);
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(fchown(fd, USER, USER), 0);
    ck_assert_int_eq(append(NOW_SECS, "x\n"), MV_ERR_CONFIG);
    ck_assert_msg(strstr(error.text, "belongs to user 54321") != NULL, "%s", error.text);
    close(fd);
}
END_TEST

START_TEST(says_who_may_not)
{
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(seteuid(65534), 0);
    ck_assert_int_eq(append(NOW_SECS, "x\n"), MV_ERR_IO);
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_msg(strstr(error.text, "user nobody may not make files in it") != NULL, "%s", error.text);
}
END_TEST

/* A full disk */

static void limit_file_to(rlim_t bytes)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(ends_a_line_that_was_torn)
{
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(append(NOW_SECS, "one\n"), MV_OK);
    limit_file_to(6);
    ck_assert_int_eq(append(NOW_SECS, "torn\n"), MV_ERR_IO);
    ck_assert_msg(strstr(error.text, "reports will lack messages") != NULL, "%s", error.text);
    ck_assert_int_eq(append(NOW_SECS, "lost\n"), MV_ERR_IO);
    limit_file_to(0);
    ck_assert_int_eq(append(NOW_SECS, "two\n"), MV_OK);
    ck_assert_int_eq(append(NOW_SECS, "three\n"), MV_OK);
    ck_assert_str_eq(content(), "one\nto\ntwo\nthree\n");
}
END_TEST

/* By a process that is gone, or by one that is still there. */
START_TEST(ends_a_line_that_another_has_torn)
{
    int fd;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(append(NOW_SECS, "one\n"), MV_OK);
    limit_file_to(6);
    ck_assert_int_eq(append(NOW_SECS, "torn\n"), MV_ERR_IO);
    limit_file_to(0);
    mv_evidence_file_close(&file);
    ck_assert_int_eq(append(NOW_SECS, "two\n"), MV_OK);
    ck_assert_str_eq(content(), "one\nto\ntwo\n");
    fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    ck_assert_int_eq(write(fd, "torn", 4), 4);
    close(fd);
    ck_assert_int_eq(append(NOW_SECS, "three\n"), MV_OK);
    ck_assert_str_eq(content(), "one\nto\ntwo\ntorn\nthree\n");
}
END_TEST

/* Many at once */

static void put_line(char *line, size_t size, int process, int number)
{
    int n = snprintf(line, size, "%d %d ", process, number);

    memset(line + n, 'a' + process % 26, (size_t)(number * 7 % 700));
    strcpy(line + n + number * 7 % 700, ".\n");
}

static int write_lines(int process, bool inherited)
{
    char line[MAX_TEXT_BYTES];

    if (!inherited)
        mv_evidence_file_close(&file);
    for (int i = 0; i < LINES_EACH; i++) {
        put_line(line, sizeof line, process, i);
        if (append(NOW_SECS, line) != MV_OK)
            return 1;
    }
    mv_evidence_file_close(&file);
    return 0;
}

static void count_lines(int seen[PROCESSES][LINES_EACH])
{
    char line[MAX_TEXT_BYTES], expected[MAX_TEXT_BYTES];
    FILE *stream = fopen(path, "r");

    ck_assert_ptr_nonnull(stream);
    while (fgets(line, sizeof line, stream) != NULL) {
        int process = -1, number = -1;

        if (strcmp(line, "\n") == 0) /* who looked amid a write of another took that line for a torn one */
            continue;
        ck_assert_int_eq(sscanf(line, "%d %d", &process, &number), 2);
        ck_assert(process >= 0 && process < PROCESSES && number >= 0 && number < LINES_EACH);
        put_line(expected, sizeof expected, process, number);
        ck_assert_str_eq(line, expected);
        seen[process][number]++;
    }
    fclose(stream);
}

/* Half of the processes go on with a descriptor of before the fork. */
START_TEST(many_processes_lose_and_tear_nothing)
{
    static int seen[PROCESSES][LINES_EACH];
    pid_t pids[PROCESSES];
    int status;

    ck_assert_int_eq(append(NOW_SECS, ""), MV_OK);
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        ck_assert_int_ge(pids[i], 0);
        if (pids[i] == 0)
            _exit(write_lines(i, i % 2 == 0));
    }
    for (int i = 0; i < PROCESSES; i++) {
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
    count_lines(seen);
    for (int i = 0; i < PROCESSES; i++)
        for (int n = 0; n < LINES_EACH; n++)
            ck_assert_msg(seen[i][n] == 1, "line %d of process %d: %d times", n, i, seen[i][n]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("evidence_file");
    TCase *tcase = tcase_create("evidence_file");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, appends_to_the_file_of_the_hour);
    tcase_add_test(tcase, names_hours_of_utc);
    tcase_add_test(tcase, goes_on_with_what_is_there);
    tcase_add_test(tcase, leaves_another_descriptor_alone);
    tcase_add_loop_test(tcase, names_hosts, 0, sizeof hosts / sizeof hosts[0]);
    tcase_add_loop_test(tcase, refuses, 0, sizeof refused / sizeof refused[0]);
    tcase_add_test(tcase, keeps_users_apart);
    tcase_add_test(tcase, refuses_a_file_of_another_user);
    tcase_add_test(tcase, says_who_may_not);
    tcase_add_test(tcase, ends_a_line_that_was_torn);
    tcase_add_test(tcase, ends_a_line_that_another_has_torn);
    tcase_add_test(tcase, many_processes_lose_and_tear_nothing);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
