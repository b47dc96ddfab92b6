#include "core/dkim/explain.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/unit/dkim_test_run.h"

static struct mv_buf message;

static void set_up(void)
{
    mv_buf_init(&message, DKIM_TEST_MAX_BYTES);
}

static void tear_down(void)
{
    mv_buf_free(&message);
}

static void assert_says(const char *text, const char *what)
{
    ck_assert_msg(strstr(text, what) != NULL, "\"%s\" is not in:\n%s", what, text);
}

START_TEST(explain_what_was_changed)
{
    struct mv_dkim_options options = {0};
    struct dkim_test_run run;
    struct mv_buf text;

    mv_buf_init(&text, 100000);
    dkim_test_sign_as(&message, "example.com", MV_CANON_RELAXED, "", DKIM_TEST_WHOLE_BODY);
    dkim_test_edit(&message, "Hello", "Hullo");
    dkim_test_run_signed(&run, &options, mv_buf_bytes(&message));
    dkim_test_explain(&run, &text);
    assert_says(mv_buf_cstr(&text), "d=example.com s=sel a=rsa-sha256: fail: the body hash does not match");
    assert_says(mv_buf_cstr(&text), "signed header fields: From, To, Subject, Date");
    assert_says(mv_buf_cstr(&text), "body: 33 octets (relaxed), all signed");
    assert_says(mv_buf_cstr(&text), "key from " DKIM_TEST_KEY_NAME);
    assert_says(mv_buf_cstr(&text), "RSA, 1024 bits");
    assert_says(mv_buf_cstr(&text), "the body was changed after signing: bh= has ");
    assert_says(mv_buf_cstr(&text), "the signed header fields (relaxed) are as they were signed");
    dkim_test_end(&run);
    mv_buf_free(&text);
}
END_TEST

START_TEST(explain_what_strangers_wrote)
{
    struct mv_dkim_options options = {0};
    struct dkim_test_run run;
    struct mv_buf text;

    mv_buf_init(&text, 100000);
    mv_buf_puts(
        &message,
        "DKIM-Signature: v=1; a=x\x1b[31m; d=example.com; s=sel; h=From:%n%s; bh=AA==; b=AA==\r\nFrom: a\r\n\r\n");
    dkim_test_run_signed(&run, &options, mv_buf_bytes(&message));
    dkim_test_explain(&run, &text);
    assert_says(mv_buf_cstr(&text), "neutral: the field does not parse");
    ck_assert_ptr_null(strchr(mv_buf_cstr(&text), '\x1b'));
    dkim_test_end(&run);
    mv_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_explain");
    TCase *tc = tcase_create("dkim_explain");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, explain_what_was_changed);
    tcase_add_test(tc, explain_what_strangers_wrote);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
