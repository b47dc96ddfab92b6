/* RFC 5322 2.2, RFC 6376 3.4: a CR or LF alone, slipped in anywhere, is no line end for us and might be one for others. */
#include "core/dkim/verify.h"

#include <check.h>

#include "tests/unit/dkim_test_run.h"

static void insert(struct mv_bytes message, size_t at, char byte, struct mv_buf *out)
{
    mv_buf_reset(out);
    mv_buf_put(out, mv_bytes_slice(message, 0, at));
    mv_buf_putc(out, (unsigned char)byte);
    mv_buf_put(out, mv_bytes_slice(message, at, message.len));
}

static bool passes(struct mv_bytes message)
{
    struct mv_dkim_options options = {.now_secs = 0};
    struct dkim_test_run run;
    bool passed = false;

    dkim_test_run_signed(&run, &options, message);
    for (size_t i = 0; i < run.count; i++)
        passed = passed || run.results[i].code == MV_DKIM_PASS;
    dkim_test_end(&run);
    return passed;
}

static void try_everywhere(enum mv_canon canon, char byte)
{
    struct mv_buf message, changed;

    mv_buf_init(&message, DKIM_TEST_MAX_BYTES);
    mv_buf_init(&changed, DKIM_TEST_MAX_BYTES);
    dkim_test_sign_as(&message, "example.com", canon, "", DKIM_TEST_WHOLE_BODY);
    ck_assert(passes(mv_buf_bytes(&message)));
    for (size_t at = 0; at <= message.len; at++) {
        insert(mv_buf_bytes(&message), at, byte, &changed);
        ck_assert_msg(!passes(mv_buf_bytes(&changed)), "0x%02x at %zu passes", (unsigned)byte, at);
    }
    mv_buf_free(&changed);
    mv_buf_free(&message);
}

START_TEST(nothing_can_be_slipped_in)
{
    try_everywhere(_i % 2 == 0 ? MV_CANON_SIMPLE : MV_CANON_RELAXED, _i < 2 ? '\r' : '\n');
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_line_ends");
    TCase *tcase = tcase_create("dkim_line_ends");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, nothing_can_be_slipped_in, 0, 4);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
