/* Programs that are run: what they get, what becomes of them, and that none of ours leaks into them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/dns/resolver.h"
#include "core/ops/child.h"
#include "core/ops/publish.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (4 * 1024 * 1024)

static char dir[64];
static struct mv_arena *arena;
static struct mv_domain_settings settings;

static const char *path_of(const char *name)
{
    static char path[200];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void begin(void)
{
    strcpy(dir, "/tmp/mv-publish-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    arena = mv_arena_new(MAX_BYTES);
}

static void end(void)
{
    char command[200];

    mv_arena_free(&arena);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void write_script(const char *text, mode_t mode)
{
    FILE *file = fopen(path_of("hook"), "w");

    ck_assert(file != NULL && fprintf(file, "#!/bin/sh\n%s\n", text) > 0 && fclose(file) == 0);
    ck_assert_int_eq(chmod(path_of("hook"), mode), 0);
}

static struct mv_child_result run(const char *script, const char *input, unsigned deadline_msecs, struct mv_buf *output)
{
    const char *argv[] = {path_of("hook"), "one", "two words", NULL};
    static const char *const envp[] = {"PATH=/usr/bin:/bin", "ONLY=this", NULL};
    struct mv_child child = {argv, envp, mv_bytes_str(input), deadline_msecs};
    struct mv_child_result result;

    write_script(script, 0755);
    mv_buf_init(output, MV_CHILD_MAX_OUTPUT_BYTES);
    ck_assert_int_eq(mv_child_run(&child, output, &result), MV_OK);
    return result;
}

static const struct {
    const char *name;
    const char *script;
    const char *input;
    enum mv_child_end end;
    int status;
    const char *output;
} children[] = {
    {"arguments", "echo \"$#:$1:$2\"", "", MV_CHILD_EXITED, 0, "2:one:two words\n"},
    {"input", "cat; echo $?", "a\nb\n", MV_CHILD_EXITED, 0, "a\nb\n0\n"},
    {"no input", "cat; echo end", "", MV_CHILD_EXITED, 0, "end\n"},
    {"both outputs", "echo out; echo err >&2", "", MV_CHILD_EXITED, 0, "out\nerr\n"},
    {"a status", "exit 3", "", MV_CHILD_EXITED, 3, ""},
    {"a signal", "kill -9 $$", "", MV_CHILD_KILLED, 9, ""},
    {"the environment and nothing else", "env | grep -v -E '^(PWD|SHLVL|_)='|sort", "", MV_CHILD_EXITED, 0,
     "ONLY=this\nPATH=/usr/bin:/bin\n"},
    {"a process that is left behind", "sleep 30 & echo done", "", MV_CHILD_EXITED, 0, "done\n"},
    {"input that nobody reads", "exit 0", "x", MV_CHILD_EXITED, 0, ""},
};

START_TEST(test_children)
{
    begin();
    for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
        struct mv_buf output;
        int64_t start_msecs = mv_resolver_now_msecs();
        struct mv_child_result result = run(children[i].script, children[i].input, 20000, &output);

        ck_assert_msg(result.end == children[i].end && result.status == children[i].status, "%s: end %d, status %d",
                      children[i].name, result.end, result.status);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&output), mv_bytes_str(children[i].output)), "%s: '%s'",
                      children[i].name, mv_buf_cstr(&output));
        ck_assert_msg(mv_resolver_now_msecs() - start_msecs < 15000, "%s: took long", children[i].name);
        mv_buf_free(&output);
    }
    end();
}
END_TEST

/* The child and what it started end at the deadline. */
START_TEST(test_deadline)
{
    struct mv_buf output;
    struct mv_child_result result;
    int64_t start_msecs = mv_resolver_now_msecs();

    begin();
    result = run("trap '' TERM; (sleep 40; echo late) & sleep 40", "", 300, &output);
    ck_assert_int_eq(result.end, MV_CHILD_LATE);
    ck_assert_int_lt(mv_resolver_now_msecs() - start_msecs, 10000);
    mv_buf_free(&output);
    end();
}
END_TEST

START_TEST(test_long_output)
{
    struct mv_buf output;
    struct mv_child_result result;

    begin();
    result = run("head -c 1000000 /dev/zero | tr '\\0' x", "", 20000, &output);
    ck_assert(result.end == MV_CHILD_EXITED && result.status == 0);
    ck_assert_uint_eq(output.len, MV_CHILD_MAX_OUTPUT_BYTES);
    ck_assert(!mv_buf_failed(&output));
    mv_buf_free(&output);
    end();
}
END_TEST

START_TEST(test_no_descriptor_of_ours)
{
    struct mv_buf output;
    struct mv_child_result result;
    int fd;

    begin();
    fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    result = run("for f in /proc/$$/fd/*; do readlink $f; done | grep -c -E 'passwd|memfd|pidfd'", "x", 20000, &output);
    ck_assert(result.end == MV_CHILD_EXITED);
    /* its input */
    ck_assert_str_eq(mv_buf_cstr(&output), "1\n");
    close(fd);
    mv_buf_free(&output);
    end();
}
END_TEST

START_TEST(test_missing_program)
{
    static const char *const argv[] = {"/nonexistent/program", NULL}, *const envp[] = {NULL};
    struct mv_child child = {argv, envp, {NULL, 0}, 1000};
    struct mv_child_result result;
    struct mv_buf output;

    mv_buf_init(&output, MV_CHILD_MAX_OUTPUT_BYTES);
    ck_assert_int_eq(mv_child_run(&child, &output, &result), MV_OK);
    ck_assert(result.end == MV_CHILD_MISSING && result.status == ENOENT);
    mv_buf_free(&output);
}
END_TEST

static struct mv_publication publication(enum mv_publish_mode mode)
{
    settings = (struct mv_domain_settings){.publish = mode, .publish_hook = mv_bytes_str(path_of("hook"))};
    return (struct mv_publication){
        .settings = &settings,
        .domain = MV_BYTES("example.org"),
        .selector = MV_BYTES("s1"),
        .record = {MV_BYTES("s1._domainkey.example.org"), MV_BYTES("v=DKIM1; p=AAAA"), 600},
    };
}

#define SAY_ALL                                                                                                       \
    "echo \"$*|$MAILVOUCH_ACTION|$MAILVOUCH_DOMAIN|$MAILVOUCH_SELECTOR|$MAILVOUCH_NAME|$MAILVOUCH_TTL|"                \
    "$MAILVOUCH_TEXT|$MAILVOUCH_STRINGS\" > "

START_TEST(test_hook)
{
    struct mv_publication p;
    struct mv_error error = {MV_OK, ""};
    enum mv_publish_end ended;
    char script[500], said[500] = "";
    FILE *file;

    begin();
    p = publication(MV_PUBLISH_HOOK);
    snprintf(script, sizeof script, "%s%s/said", SAY_ALL, dir);
    write_script(script, 0755);
    ck_assert_int_eq(mv_publish(arena, &p, MV_PUBLISH_ADD, &ended, &error), MV_OK);
    ck_assert_msg(ended == MV_PUBLISH_DONE, "%s", error.text);
    file = fopen(path_of("said"), "r");
    ck_assert(file != NULL && fgets(said, sizeof said, file) != NULL);
    fclose(file);
    ck_assert_str_eq(said, "publish s1._domainkey.example.org 600 v=DKIM1; p=AAAA|publish|example.org|s1|"
                           "s1._domainkey.example.org|600|v=DKIM1; p=AAAA|\"v=DKIM1; p=AAAA\"\n");
    end();
}
END_TEST

static const struct {
    const char *name;
    const char *script;
    mode_t mode;
    const char *says;
} hooks[] = {
    {"fails", "echo some; echo 'the reason' >&2; exit 4", 0755, "ended with status 4: the reason"},
    {"fails and says nothing", "exit 1", 0755, "ended with status 1"},
    {"prints an escape sequence", "printf '\\033[31mred'; exit 1", 0755, "\\x1b[31mred"},
    {"is no program", "exit 0", 0644, "is no program that can be run"},
    {"the group may write it", "exit 0", 0775, "chmod go-w"},
    {"everybody may write it", "exit 0", 0757, "chmod go-w"},
    {"is killed", "kill -15 $$", 0755, "signal 15"},
};

START_TEST(test_hooks_that_fail)
{
    begin();
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
        struct mv_publication p = publication(MV_PUBLISH_HOOK);
        struct mv_error error = {MV_OK, ""};
        enum mv_publish_end ended;

        write_script(hooks[i].script, hooks[i].mode);
        ck_assert_int_eq(mv_publish(arena, &p, MV_PUBLISH_REMOVE, &ended, &error), MV_OK);
        ck_assert_msg(ended == MV_PUBLISH_FAILED, "%s: end %d", hooks[i].name, ended);
        ck_assert_msg(strstr(error.text, hooks[i].says) != NULL, "%s: '%s'", hooks[i].name, error.text);
    }
    end();
}
END_TEST

START_TEST(test_no_hook)
{
    struct mv_publication p;
    struct mv_error error = {MV_OK, ""};
    enum mv_publish_end ended;

    begin();
    p = publication(MV_PUBLISH_HOOK);
    ck_assert_int_eq(mv_publish(arena, &p, MV_PUBLISH_ADD, &ended, &error), MV_OK);
    ck_assert(ended == MV_PUBLISH_FAILED && strstr(error.text, "cannot be found") != NULL);
    settings.publish_hook = (struct mv_bytes){NULL, 0};
    ck_assert_int_eq(mv_publish(arena, &p, MV_PUBLISH_ADD, &ended, &error), MV_OK);
    ck_assert(ended == MV_PUBLISH_FAILED && strstr(error.text, "no publish_hook") != NULL);
    p = publication(MV_PUBLISH_MANUAL);
    ck_assert_int_eq(mv_publish(arena, &p, MV_PUBLISH_ADD, &ended, &error), MV_OK);
    ck_assert_int_eq(ended, MV_PUBLISH_BY_HAND);
    end();
}
END_TEST

START_TEST(test_scripts)
{
    struct mv_key_record record = {MV_BYTES("s1._domainkey.example.org"), MV_BYTES("v=DKIM1; p=AAAA"), 600};
    struct mv_buf out;

    mv_buf_init(&out, 4096);
    mv_publish_put_script(&record, MV_PUBLISH_ADD, "192.0.2.1 53", &out);
    ck_assert_str_eq(mv_buf_cstr(&out), "server 192.0.2.1 53\nprereq nxrrset s1._domainkey.example.org. IN TXT\n"
                                        "update add s1._domainkey.example.org. 600 IN TXT \"v=DKIM1; p=AAAA\"\nsend\n");
    mv_buf_reset(&out);
    mv_publish_put_script(&record, MV_PUBLISH_REMOVE, "", &out);
    ck_assert_str_eq(mv_buf_cstr(&out), "update delete s1._domainkey.example.org. IN TXT\nsend\n");
    mv_buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_children, test_deadline, test_long_output, test_no_descriptor_of_ours,
                                  test_missing_program, test_hook, test_hooks_that_fail, test_no_hook, test_scripts};

    return unit_run("publish", tests, sizeof tests / sizeof *tests);
}
