/* The configuration on disk: who may write it, who can read it, conf.d. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/config/config.h"
#include "tests/unit/unit.h"

#define NOBODY 65534

static char dir[64];

static const char *path_of(const char *name)
{
    static char path[4][200];
    static unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static void make_dir(void)
{
    strcpy(dir, "/tmp/mv-config-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(path_of(name), "w");

    ck_assert_msg(file != NULL, "%s: %s", path_of(name), strerror(errno));
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path_of(name), mode), 0);
}

static void remove_dir(void)
{
    char command[200];

    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void assert_value(const struct mv_config *config, const char *key, const char *value, const char *source)
{
    struct mv_config_item item;

    for (size_t i = 0; mv_config_at(config, i, &item); i++) {
        if (strcmp(item.key, key) != 0)
            continue;
        ck_assert_str_eq(item.value, value);
        ck_assert_str_eq(item.source, source);
        return;
    }
    ck_abort_msg("no %s", key);
}

static void assert_refused(const char *path, const char *says)
{
    struct mv_config *config;
    struct mv_error error = {0};

    ck_assert_int_eq(mv_config_read(path, &config, &error), MV_ERR_CONFIG);
    ck_assert_ptr_null(config);
    ck_assert_msg(strstr(error.text, says) != NULL, "'%s' does not say '%s'", error.text, says);
}

START_TEST(test_conf_d)
{
    struct mv_config *config;
    struct mv_error error = {0};
    char source[250];

    make_dir();
    write_file("main.conf", "[policy]\nreject = never\nnot_signers = com\n[server]\nauthserv_id = mx.example\n",
    0644);
    ck_assert_int_eq(mkdir(path_of("conf.d"), 0755), 0);
    write_file("conf.d/20-later.conf", "[policy]\nnot_signers = org\nhonour_pct = yes\n", 0644);
    write_file("conf.d/10-first.conf", "[policy]\nnot_signers = net\non_temperror = accept\nhonour_pct = no\n", 0644);
    write_file("conf.d/Z.conf", "[policy]\nmax_spf_voids = 3\n", 0644);
    write_file("conf.d/a.conf", "[policy]\nmax_spf_voids = 4\n", 0644);
    write_file("conf.d/.hidden.conf", "nonsense", 0644);
    write_file("conf.d/30.conf.dpkg-dist", "nonsense", 0644);
    write_file("conf.d/README", "nonsense", 0644);
    ck_assert_msg(mv_config_read(path_of("main.conf"), &config, &error) == MV_OK, "%s", error.text);
    snprintf(source, sizeof source, "%s/main.conf:2", dir);
    assert_value(config, "reject", "never", source);
    snprintf(source, sizeof source, "%s/conf.d/20-later.conf:2", dir);
    assert_value(config, "not_signers", "org", source);
    snprintf(source, sizeof source, "%s/conf.d/20-later.conf:3", dir);
    assert_value(config, "honour_pct", "yes", source);
    snprintf(source, sizeof source, "%s/conf.d/a.conf:2", dir);
    assert_value(config, "max_spf_voids", "4", source);
    snprintf(source, sizeof source, "%s/conf.d/10-first.conf:3", dir);
    assert_value(config, "on_temperror", "accept", source);
    mv_config_free(&config);
    remove_dir();
}
END_TEST

START_TEST(test_fault_in_conf_d)
{
    make_dir();
    write_file("main.conf", "", 0644);
    ck_assert_int_eq(mkdir(path_of("conf.d"), 0755), 0);
    write_file("conf.d/x.conf", "[policy]\nreject = no\n", 0644);
    assert_refused(path_of("main.conf"), "/conf.d/x.conf:2: reject = 'no': must be");
    remove_dir();
}
END_TEST

/* The default file may be missing; one that was named may not. */
START_TEST(test_missing)
{
    struct mv_config *config;
    struct mv_error error = {0};

    make_dir();
    assert_refused(path_of("none.conf"), "/none.conf: there is no such file");
    assert_refused(path_of("none/none.conf"), "there is no such file");
    if (access(MV_CONFIG_DEFAULT_PATH, F_OK) != 0 && errno == ENOENT) {
        ck_assert_msg(mv_config_read(NULL, &config, &error) == MV_OK, "%s", error.text);
        mv_config_free(&config);
    }
    remove_dir();
}
END_TEST

static void age(const char *name)
{
    const struct timespec times[2] = {{1000000, 0}, {1000000, 0}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path_of(name), times, 0), 0);
}

/* An hour later: nothing is too young to tell. */
static bool is_current(const struct mv_config *config)
{
    return mv_config_is_current(config, (int64_t)time(NULL) + 3600);
}

static struct mv_config *read_main(void)
{
    struct mv_config *config;
    struct mv_error error = {0};

    ck_assert_msg(mv_config_read(path_of("main.conf"), &config, &error) == MV_OK, "%s", error.text);
    ck_assert(is_current(config));
    return config;
}

START_TEST(test_current)
{
    static const struct {
        const char *name;
        const char *file;
    } changes[] = {
        {"the main file", "main.conf"},
        {"a file of conf.d", "conf.d/a.conf"},
        {"a new file in conf.d", "conf.d/b.conf"},
    };
    struct mv_config *config;

    make_dir();
    write_file("main.conf", "[policy]\nreject = never\n", 0644);
    config = read_main();
    ck_assert_msg(!mv_config_is_current(config, (int64_t)time(NULL)), "too young to tell");
    ck_assert_int_eq(mkdir(path_of("conf.d"), 0755), 0);
    ck_assert_msg(!is_current(config), "conf.d has come");
    mv_config_free(&config);
    write_file("conf.d/a.conf", "", 0644);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        config = read_main();
        write_file(changes[i].file, "[policy]\nreject = always\n", 0644);
        age(changes[i].file);
        ck_assert_msg(!is_current(config), "%s has changed", changes[i].name);
        mv_config_free(&config);
    }
    config = read_main();
    ck_assert_int_eq(unlink(path_of("main.conf")), 0);
    ck_assert_msg(!is_current(config), "the main file has gone");
    mv_config_free(&config);
    remove_dir();
}
END_TEST

START_TEST(test_not_a_file)
{
    make_dir();
    assert_refused(dir, "is not a plain file");
    ck_assert_int_eq(mkfifo(path_of("fifo.conf"), 0600), 0);
    assert_refused(path_of("fifo.conf"), "is not a plain file");
    remove_dir();
}
END_TEST

START_TEST(test_everybody_may_write)
{
    make_dir();
    write_file("main.conf", "", 0666);
    assert_refused(path_of("main.conf"), "/main.conf: everybody may write it: take that away with chmod o-w");
    write_file("main.conf", "", 0644);
    ck_assert_int_eq(mkdir(path_of("conf.d"), 0755), 0);
    ck_assert_int_eq(chmod(path_of("conf.d"), 01777), 0);
    assert_refused(path_of("main.conf"), "/conf.d: everybody may put files there");
    ck_assert_int_eq(chmod(path_of("conf.d"), 0755), 0);
    write_file("conf.d/x.conf", "", 0602);
    assert_refused(path_of("main.conf"), "/conf.d/x.conf: everybody may write it");
    remove_dir();
}
END_TEST

START_TEST(test_too_large)
{
    make_dir();
    write_file("main.conf", "", 0644);
    ck_assert_int_eq(truncate(path_of("main.conf"), MV_CONFIG_MAX_FILE_BYTES + 1), 0);
    assert_refused(path_of("main.conf"), "is larger than 1048576 bytes");
    remove_dir();
}
END_TEST

START_TEST(test_too_many)
{
    char name[64];

    make_dir();
    write_file("main.conf", "", 0644);
    ck_assert_int_eq(mkdir(path_of("conf.d"), 0755), 0);
    for (int i = 0; i <= MV_CONFIG_MAX_FILES; i++) {
        snprintf(name, sizeof name, "conf.d/%d.conf", i);
        write_file(name, "", 0644);
    }
    assert_refused(path_of("main.conf"), "/conf.d: holds more than 100 files");
    remove_dir();
}
END_TEST

/* Only root can become somebody who may not read; the rest of the cases run for everybody. */
START_TEST(test_unreadable)
{
    if (geteuid() != 0)
        return;
    make_dir();
    ck_assert_int_eq(chmod(dir, 0755), 0);
    write_file("main.conf", "", 0600);
    ck_assert_int_eq(mkdir(path_of("conf.d"), 0755), 0);
    write_file("conf.d/x.conf", "", 0600);
    ck_assert_int_eq(seteuid(NOBODY), 0);
    assert_refused(path_of("main.conf"), "/main.conf: user nobody may not read it: give the file read permission");
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chmod(path_of("main.conf"), 0644), 0);
    ck_assert_int_eq(seteuid(NOBODY), 0);
    assert_refused(path_of("main.conf"), "/conf.d/x.conf: user nobody may not read it");
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chmod(path_of("conf.d"), 0700), 0);
    ck_assert_int_eq(seteuid(NOBODY), 0);
    assert_refused(path_of("main.conf"), "/conf.d: user nobody may not read it");
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chown(path_of("conf.d"), NOBODY, 0), 0);
    assert_refused(path_of("main.conf"), "/conf.d: belongs to user number 65534");
    remove_dir();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_conf_d,    test_fault_in_conf_d, test_missing,  test_not_a_file, test_current,
    test_everybody_may_write,
                                  test_too_large, test_too_many,        test_unreadable};

    return unit_run("config file", tests, sizeof tests / sizeof tests[0]);
}
