#include "core/dkim/select.h"

#include <stdlib.h>

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

/* Signatures that nobody can read, 100 of them, above and below the good one. */
static void add_junk(size_t above, size_t below)
{
    struct mv_buf copy;

    mv_buf_init(&copy, DKIM_TEST_MAX_BYTES);
    for (size_t i = 0; i < below; i++) {
        mv_buf_reset(&copy);
        mv_buf_printf(&copy, "\r\nDKIM-Signature: junk %zu\r\nContent-Type:", i);
        dkim_test_edit(&message, "\r\nContent-Type:", mv_buf_cstr(&copy));
    }
    mv_buf_reset(&copy);
    for (size_t i = 0; i < above; i++)
        mv_buf_printf(&copy,
                      "DKIM-Signature: v=1; a=rsa-sha256; d=junk%zu.example.net; s=s; h=from; bh=AA==; b=AA==\r\n", i);
    mv_buf_put(&copy, mv_buf_bytes(&message));
    mv_buf_free(&message);
    message = copy;
}

START_TEST(junk_does_not_push_out_the_author)
{
    static const struct {
        const char *name;
        size_t above, below;
        const char *sdid, *author;
        bool found;
    } cases[] = {
        {"last", 100, 0, "example.com", "example.com", true},
        {"first", 0, 100, "example.com", "example.com", true},
        {"in the middle", 50, 50, "example.com", "example.com", true},
        {"below the Author Domain", 100, 0, "mail.example.com", "example.com", true},
        {"above the Author Domain", 100, 0, "example.com", "mail.example.com", true},
        {"another domain, last", 100, 0, "example.com", "example.org", false},
        {"a suffix is not a parent", 100, 0, "example.com", "ample.com", false},
        {"no Author Domain, last", 100, 0, "example.com", "", false},
        {"another domain, first", 0, 100, "example.com", "example.org", true},
        {"another domain, the tenth", 9, 90, "example.com", "example.org", true},
        {"another domain, the eleventh", 10, 90, "example.com", "example.org", false},
    };
    struct mv_dkim_options options = {.author_domain = mv_bytes_str(cases[_i].author)};
    struct dkim_test_run run;
    bool found = false;

    dkim_test_sign_as(&message, cases[_i].sdid, MV_CANON_RELAXED, "", DKIM_TEST_WHOLE_BODY);
    add_junk(cases[_i].above, cases[_i].below);
    dkim_test_run_signed(&run, &options, mv_buf_bytes(&message));
    ck_assert_uint_eq(run.count, MV_DKIM_MAX_SIGNATURES);
    ck_assert_uint_eq(mv_dkim_verifier_skipped(run.verifier), cases[_i].above + cases[_i].below + 1 - run.count);
    for (size_t i = 0; i < run.count; i++)
        found = found || run.results[i].code == MV_DKIM_PASS;
    ck_assert_msg(found == cases[_i].found, "%s", cases[_i].name);
    ck_assert_msg(run.questions == cases[_i].found, "%s: %zu questions", cases[_i].name, run.questions);
    dkim_test_end(&run);
}
END_TEST

START_TEST(no_signature)
{
    struct mv_dkim_options options = {0};
    struct dkim_test_run run;

    mv_buf_puts(&message, dkim_test_plain);
    dkim_test_run_signed(&run, &options, mv_buf_bytes(&message));
    ck_assert_uint_eq(run.count, 0);
    ck_assert_uint_eq(run.questions, 0);
    ck_assert_uint_eq(mv_dkim_verifier_skipped(run.verifier), 0);
    dkim_test_end(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_select");
    TCase *tc = tcase_create("dkim_select");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, junk_does_not_push_out_the_author, 0, 11);
    tcase_add_test(tc, no_signature);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
