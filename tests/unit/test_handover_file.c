/* The file of the keys of the hand-over: what it may be, and how a key is replaced. */
#include "core/keys/handover_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define NOW 1795651200 /* 2026-11-26 */
#define SECRET_1 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define SECRET_2 "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define SIGN_1 "sign one 1795651200 " SECRET_1 "\n"
#define ACCEPT_2 "accept two 0 " SECRET_2 "\n"

static const struct {
    const char *name;
    const char *text;
    const char *fault; /* NULL: none */
} files[] = {
    {"one key", SIGN_1, NULL},
    {"two keys", SIGN_1 ACCEPT_2, NULL},
    {"the other order", ACCEPT_2 SIGN_1, NULL},
    {"comments, empty lines, CRLF, spaces", "# a\n\n   \nsign  one   1   " SECRET_1 " \r\n# b", NULL},
    {"no line end", "sign one 1 " SECRET_1, NULL},
    {"nothing", "", "line 1: no key signs"},
    {"a comment alone", "# sign one 1 " SECRET_1 "\n", "line 2: no key signs"},
    {"none signs", ACCEPT_2, "line 2: no key signs"},
    {"two sign", SIGN_1 "sign two 1 " SECRET_2 "\n", "line 2: another key signs"},
    {"three keys", SIGN_1 ACCEPT_2 "accept three 1 " SECRET_1 "\n", "line 3: there are two keys"},
    {"one id", SIGN_1 "accept one 1 " SECRET_2 "\n", "line 2: another key has the same id"},
    {"another word", "use one 1 " SECRET_1 "\n", "line 1: begins with neither"},
    {"in capitals", "SIGN one 1 " SECRET_1 "\n", "line 1: begins with neither"},
    {"tabs", "sign\tone\t1\t" SECRET_1 "\n", "line 1: begins with neither"},
    {"no id", "sign\n", "line 1: the id"},
    {"a long id", "sign aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1 " SECRET_1 "\n", "line 1: the id"},
    {"an id that cannot stand in a tag", "sign a;b 1 " SECRET_1 "\n", "line 1: the id"},
    {"no time", "sign one " SECRET_1 "\n", "line 1: the third word"},
    {"a negative time", "sign one -1 " SECRET_1 "\n", "line 1: the third word"},
    {"no secret", "sign one 1\n", "line 1: the secret"},
    {"a short secret", "sign one 1 AQEBAQEBAQEBAQEBAQEBAQ==\n", "line 1: the secret"},
    {"a long secret", "sign one 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n", "line 1: the secret"},
    {"no base64", "sign one 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ-_\n", "line 1: the secret"},
    {"more", "sign one 1 " SECRET_1 " x\n", "line 1: something stands behind"},
};

START_TEST(parsing)
{
    struct mv_handover_keys keys, again;
    struct mv_error error = {0};
    struct mv_buf text;
    enum mv_code code = mv_handover_file_parse(mv_bytes_str(files[_i].text), &keys, &error);

    if (files[_i].fault != NULL) {
        ck_assert_msg(code == MV_ERR_SYNTAX && keys.count == 0, "%s", files[_i].name);
        ck_assert_msg(strncmp(error.text, files[_i].fault, strlen(files[_i].fault)) == 0, "%s: %s", files[_i].name,
                      error.text);
        ck_assert_msg(strstr(error.text, "AQEB") == NULL, "%s: the secret is told: %s", files[_i].name, error.text);
        return;
    }
    ck_assert_msg(code == MV_OK, "%s: %s", files[_i].name, error.text);
    mv_buf_init(&text, MV_HANDOVER_MAX_FILE_BYTES);
    mv_handover_file_print(&keys, &text);
    ck_assert_int_eq(mv_handover_file_parse(mv_buf_bytes(&text), &again, &error), MV_OK);
    ck_assert_msg(again.count == keys.count && memcmp(again.keys, keys.keys, sizeof keys.keys) == 0, "%s",
                  files[_i].name);
    mv_buf_free(&text);
}
END_TEST

static void add(struct mv_handover_keys *keys, unsigned char octet, int64_t now_secs, enum mv_code code)
{
    unsigned char secret[MV_HANDOVER_SECRET_BYTES];
    struct mv_error error = {0};

    memset(secret, octet, sizeof secret);
    ck_assert_int_eq(mv_handover_keys_add(keys, secret, now_secs, &error), code);
    ck_assert_int_eq(error.text[0] == '\0', code == MV_OK);
}

/* At every step the key that signs is one that was accepted the step before. */
START_TEST(rotation)
{
    struct mv_handover_keys keys = {.count = 0};
    struct mv_error error = {0};
    char first[MV_HANDOVER_MAX_ID_BYTES + 1];

    ck_assert_ptr_null(mv_handover_keys_signer(&keys));
    add(&keys, 1, NOW, MV_OK);
    ck_assert_msg(strncmp(keys.keys[0].id, "20261126-", 9) == 0 && strlen(keys.keys[0].id) == 15, "%s",
                  keys.keys[0].id);
    strcpy(first, mv_handover_keys_signer(&keys)->id);
    ck_assert_int_eq(mv_handover_keys_use(&keys, NOW, &error), MV_ERR_USAGE);
    ck_assert_int_eq(mv_handover_keys_drop(&keys, &error), MV_ERR_USAGE);
    add(&keys, 1, NOW, MV_ERR_USAGE); /* the very same octets */
    add(&keys, 2, NOW + 10, MV_OK);
    ck_assert_str_eq(mv_handover_keys_signer(&keys)->id, first);
    add(&keys, 3, NOW + 20, MV_ERR_LIMIT);
    ck_assert_int_eq(mv_handover_keys_use(&keys, NOW + 30, &error), MV_OK);
    ck_assert_str_ne(mv_handover_keys_signer(&keys)->id, first);
    ck_assert_int_eq(mv_handover_keys_find(&keys, mv_bytes_str(first))->role, MV_HANDOVER_ACCEPTED);
    ck_assert_int_eq(mv_handover_keys_find(&keys, mv_bytes_str(first))->since_secs, NOW + 30);
    ck_assert_int_eq(mv_handover_keys_drop(&keys, &error), MV_OK);
    ck_assert_ptr_null(mv_handover_keys_find(&keys, mv_bytes_str(first)));
    ck_assert_int_eq((int)keys.count, 1);
    ck_assert_ptr_nonnull(mv_handover_keys_signer(&keys));
}
END_TEST

static char directory[] = "/tmp/mv-test-handover-file-XXXXXX";

START_TEST(on_disk)
{
    struct mv_handover_keys keys = {.count = 0}, again;
    struct mv_error error = {0};
    char path[128], link_path[128];
    struct stat st;
    int fd, second;

    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/below/handover.keys", directory);
    snprintf(link_path, sizeof link_path, "%s/below/link", directory);
    ck_assert_int_eq(mv_handover_file_read(path, &again, &error), MV_OK); /* not even a directory */
    ck_assert_int_eq((int)again.count, 0);
    add(&keys, 7, NOW, MV_OK);
    ck_assert_int_eq(mv_handover_file_lock(path, 0, &fd, &error), MV_OK);
    ck_assert_int_eq(mv_handover_file_lock(path, 0, &second, &error), MV_ERR_LIMIT);
    ck_assert_int_eq(mv_handover_file_read(path, &again, &error), MV_OK); /* no file */
    ck_assert_int_eq((int)again.count, 0);
    ck_assert_msg(mv_handover_file_write(path, &keys, &error) == MV_OK, "%s", error.text);
    close(fd);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0640);
    ck_assert_int_eq(mv_handover_file_read(path, &again, &error), MV_OK);
    ck_assert(again.count == 1 && memcmp(again.keys, keys.keys, sizeof keys.keys) == 0);
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_int_eq(mv_handover_file_read(path, &again, &error), MV_ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.text, "handover-key new --force"));
    ck_assert_int_eq((int)again.count, 0);
    ck_assert_int_eq(chmod(path, 0660), 0);
    ck_assert_int_eq(mv_handover_file_read(path, &again, &error), MV_ERR_CONFIG);
    ck_assert_int_eq(chmod(path, 0640), 0);
    ck_assert_int_eq(symlink(path, link_path), 0);
    ck_assert_int_eq(mv_handover_file_read(link_path, &again, &error), MV_ERR_CONFIG);
    unlink(link_path);
    ck_assert_int_eq(mkfifo(link_path, 0640), 0);
    ck_assert_int_eq(mv_handover_file_read(link_path, &again, &error), MV_ERR_CONFIG);
    unlink(link_path);
    unlink(path);
    snprintf(path, sizeof path, "%s/below/.handover.keys.lock", directory);
    unlink(path);
    snprintf(path, sizeof path, "%s/below", directory);
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("handover_file");
    TCase *tcase = tcase_create("handover_file");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, parsing, 0, sizeof files / sizeof files[0]);
    tcase_add_test(tcase, rotation);
    tcase_add_test(tcase, on_disk);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
