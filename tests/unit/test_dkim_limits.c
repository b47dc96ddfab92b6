#include "core/dkim/verify.h"

#include <stdlib.h>
#include <time.h>

#include <check.h>

#include "core/text/message.h"
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

START_TEST(called_out_of_order)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_dkim_bodies *bodies = mv_dkim_bodies_new(arena);
    struct mv_dkim_verifier *verifier = mv_dkim_verifier_new(arena, bodies);
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dkim_options options = {.now_secs = DKIM_TEST_NOW};
    size_t count;

    ck_assert_int_eq(mv_dkim_verifier_run(verifier, memo, NULL), MV_ERR_USAGE);
    mv_dkim_verifier_results(verifier, &count);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(mv_dkim_verifier_header(verifier, &options, NULL, 0), MV_OK);
    ck_assert_int_eq(mv_dkim_bodies_end(bodies), MV_OK);
    ck_assert_int_eq(mv_dkim_bodies_end(bodies), MV_ERR_USAGE);
    ck_assert_int_eq(mv_dkim_verifier_run(verifier, memo, NULL), MV_OK);
    mv_dkim_verifier_free(&verifier);
    mv_dkim_verifier_free(&verifier);
    mv_dkim_bodies_free(&bodies);
    mv_dkim_bodies_free(&bodies);
    mv_arena_free(&arena);
}
END_TEST

/* Freed in the middle: what lies outside the arena is given back (the sanitizer build looks). */
START_TEST(freed_before_the_end)
{
    struct mv_arena *arena = mv_arena_new(8 * 1024 * 1024);
    struct mv_dkim_bodies *bodies = mv_dkim_bodies_new(arena);
    struct mv_dkim_verifier *verifier = mv_dkim_verifier_new(arena, bodies);
    struct mv_dkim_options options = {.now_secs = DKIM_TEST_NOW};
    struct mv_reader *reader = mv_reader_new(arena);
    const struct mv_field *list;
    struct mv_bytes body;
    size_t count;

    dkim_test_sign_as(&message, "example.com", MV_CANON_SIMPLE, "", DKIM_TEST_WHOLE_BODY);
    ck_assert_int_eq(mv_reader_feed(reader, mv_buf_bytes(&message), &body), MV_OK);
    list = mv_reader_fields(reader, &count);
    ck_assert_int_eq(mv_dkim_verifier_header(verifier, &options, list, count), MV_OK);
    mv_dkim_bodies_feed(bodies, body);
    mv_dkim_verifier_free(&verifier);
    mv_dkim_bodies_free(&bodies);
    mv_arena_free(&arena);
}
END_TEST

/* Every arena limit ends in MV_ERR_MEMORY or in the right result, never in another one. */
START_TEST(little_memory)
{
    struct mv_buf record;

    mv_buf_init(&record, 10000);
    dkim_test_record("v=DKIM1; p={p}", TEST_RSA1024, &record);
    dkim_test_sign_as(&message, "example.com", MV_CANON_RELAXED, "", DKIM_TEST_WHOLE_BODY);
    for (size_t limit = 0; limit < 200 * 1024; limit += 4 * 1024) {
        struct mv_arena *fixed = mv_arena_new(1024 * 1024), *arena = mv_arena_new(limit);
        struct mv_dkim_bodies *bodies = mv_dkim_bodies_new(arena);
    struct mv_dkim_verifier *verifier = mv_dkim_verifier_new(arena, bodies);
        struct mv_dkim_options options = {.now_secs = DKIM_TEST_NOW};
        struct mv_reader *reader = mv_reader_new(fixed);
        struct mv_memo *memo = mv_memo_new(fixed);
        struct mv_dns_record txt = {.data = mv_buf_bytes(&record)};
        struct mv_dns_answer answer = {.status = MV_DNS_FOUND, .count = 1, .records = &txt};
        struct mv_dns_question question = {MV_BYTES(DKIM_TEST_KEY_NAME), MV_DNS_TXT};
        const struct mv_field *list;
        enum mv_code code = MV_ERR_MEMORY;
        struct mv_bytes body;
        size_t count;

        ck_assert_int_eq(mv_reader_feed(reader, mv_buf_bytes(&message), &body), MV_OK);
        list = mv_reader_fields(reader, &count);
        mv_memo_answer(memo, &question, &answer);
        if (bodies != NULL && verifier != NULL)
            code = mv_dkim_verifier_header(verifier, &options, list, count);
        if (code == MV_OK) {
            mv_dkim_bodies_feed(bodies, body);
            code = mv_dkim_bodies_end(bodies);
        }
        if (code == MV_OK)
            code = mv_dkim_verifier_run(verifier, memo, NULL);
        if (code == MV_OK)
            ck_assert_int_eq(mv_dkim_verifier_results(verifier, &count)->code, MV_DKIM_PASS);
        else
            ck_assert_int_eq(code, MV_ERR_MEMORY);
        mv_dkim_verifier_free(&verifier);
        mv_dkim_bodies_free(&bodies);
        mv_arena_free(&arena);
        mv_arena_free(&fixed);
    }
    mv_buf_free(&record);
}
END_TEST

/* 10 signatures of 200 names over 8,000 fields of one name: linear, or this would take minutes. */
START_TEST(many_fields_and_names)
{
    struct mv_dkim_options options = {0};
    struct dkim_test_run run;
    struct mv_buf names;
    clock_t start;

    mv_buf_init(&names, 10000);
    for (int i = 0; i < 199; i++)
        mv_buf_printf(&names, i % 2 ? ":X-%d" : ":Received", i);
    for (int i = 0; i < 10; i++)
        mv_buf_printf(&message,
                      "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=sel; h=From%s;\r\n"
                      " bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=AAAA\r\n",
                      mv_buf_cstr(&names));
    for (int i = 0; i < 8000; i++)
        mv_buf_printf(&message, "%s: by mx%d.example.net\r\n", i % 2 ? "Received" : "received", i);
    mv_buf_puts(&message, "From: a@example.com\r\n\r\n");
    start = clock();
    dkim_test_run_signed(&run, &options, mv_buf_bytes(&message));
    ck_assert_uint_eq(run.count, 10);
    ck_assert_int_eq(run.results[9].code, MV_DKIM_FAIL);
    ck_assert_msg(clock() - start < CLOCKS_PER_SEC, "took %ld ms", (long)((clock() - start) * 1000 / CLOCKS_PER_SEC));
    dkim_test_end(&run);
    mv_buf_free(&names);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_limits");
    TCase *tc = tcase_create("dkim_limits");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, called_out_of_order);
    tcase_add_test(tc, freed_before_the_end);
    tcase_add_test(tc, little_memory);
    tcase_add_test(tc, many_fields_and_names);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
