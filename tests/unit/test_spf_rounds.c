/* How many round trips an evaluation takes: the depth of the record, not its length. */
#include "core/spf/evaluate.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/spf_zone.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define MAX_BYTES (16 * 1024 * 1024)

struct row {
    const char *name;
    const char *zone;
    enum mv_spf_code code;
    unsigned rounds;
    size_t questions;
};

#define INCLUDE(n) n ".example TXT v=spf1 a:h." n ".example -all\nh." n ".example A 198.51.100.1\n"

static const struct row rows[] = {
    {"record only", "example.com TXT v=spf1 -all", MV_SPF_FAIL, 1, 1},
    {"a and mx, mx hosts after MX",
     "example.com TXT v=spf1 a mx -all\nexample.com A 198.51.100.1\nexample.com MX 1 a.example\n"
     "a.example A 198.51.100.2", MV_SPF_FAIL, 3, 4},
    {"a, mx, five includes",
     "example.com TXT v=spf1 a mx include:i1.example include:i2.example include:i3.example -all\n"
     "example.com A 198.51.100.1\nexample.com MX 1 m1.example\nexample.com MX 2 m2.example\n"
     "m1.example A 198.51.100.2\nm2.example A 198.51.100.3\n" INCLUDE("i1") INCLUDE("i2") INCLUDE("i3"),
     MV_SPF_FAIL, 3, 11},
    {"a, mx, five includes that ask nothing",
     "example.com TXT v=spf1 a mx include:i1.example include:i2.example include:i3.example include:i4.example "
     "include:i5.example -all\nexample.com A 198.51.100.1\nexample.com MX 1 m1.example\nm1.example A 198.51.100.2\n"
     "i1.example TXT v=spf1 ip4:198.51.100.1 -all\ni2.example TXT v=spf1 mx -all\ni2.example MX 1 m1.example\n"
     "i3.example TXT v=spf1 ip4:198.51.100.1 -all\ni4.example TXT v=spf1 -all\ni5.example TXT v=spf1 ?all",
     MV_SPF_FAIL, 3, 10},
    {"chain of redirects", "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 redirect=b.example\n"
     "b.example TXT v=spf1 redirect=c.example\nc.example TXT v=spf1 -all", MV_SPF_FAIL, 4, 4},
    {"redirect beside mechanisms", "example.com TXT v=spf1 a redirect=b.example\nexample.com A 198.51.100.1\n"
     "b.example TXT v=spf1 a -all\nb.example A 198.51.100.1", MV_SPF_FAIL, 3, 4},
    {"ptr and its names", "example.com TXT v=spf1 ptr ptr:b.example a -all\nexample.com A 198.51.100.1\n"
     "1.2.0.192.in-addr.arpa PTR a.example.com\n1.2.0.192.in-addr.arpa PTR a.b.example\n"
     "a.example.com A 198.51.100.1\na.b.example A 198.51.100.2", MV_SPF_FAIL, 3, 5},
    {"%{p} of two terms", "example.com TXT v=spf1 exists:%{p}.a.example exists:%{p}.b.example -all\n"
     "1.2.0.192.in-addr.arpa PTR a.example.com\na.example.com A 192.0.2.1\na.example.com.a.example TXT x\n"
     "a.example.com.b.example TXT x", MV_SPF_FAIL, 4, 5},
    {"macros expand at once", "example.com TXT v=spf1 exists:%{i}.a.example exists:%{l}.%{d}.b.example a:%{h} -all\n"
     "192.0.2.1.a.example TXT x\na.example.com.b.example TXT x\nmail.example.com A 198.51.100.1", MV_SPF_FAIL, 2, 4},
    {"exp after the result", "example.com TXT v=spf1 a -all exp=e.example\nexample.com A 198.51.100.1\n"
     "e.example TXT no", MV_SPF_FAIL, 3, 3},
    /* nothing is asked that cannot matter */
    {"nothing behind all", "example.com TXT v=spf1 a -all mx include:b.example redirect=c.example\n"
     "example.com A 198.51.100.1", MV_SPF_FAIL, 2, 2},
    {"nothing behind a network that holds the client",
     "example.com TXT v=spf1 a ip4:192.0.2.0/24 mx include:b.example -all\nexample.com A 198.51.100.1", MV_SPF_PASS, 2,
     2},
    {"nothing at all where a network comes first", "example.com TXT v=spf1 ip4:192.0.2.1 a mx include:b.example -all",
     MV_SPF_PASS, 1, 1},
    {"nothing behind an include that is known to pass",
     "example.com TXT v=spf1 include:b.example a -all\nexample.com A 198.51.100.1\n"
     "b.example TXT v=spf1 include:c.example ip4:192.0.2.1 mx -all\nc.example TXT v=spf1 a:d.example -all\n"
     "d.example A 198.51.100.1", MV_SPF_PASS, 4, 5},
    {"no exp for a pass", "example.com TXT v=spf1 a -all exp=e.example\nexample.com A 192.0.2.1", MV_SPF_PASS, 2, 2},
    {"not past the budget", "example.com TXT v=spf1 a:1.example a:2.example a:3.example a:4.example a:5.example "
     "a:6.example a:7.example a:8.example a:9.example a:10.example a:11.example a:12.example -all\n"
     "1.example A 192.0.2.1", MV_SPF_PASS, 2, 11},
    {"eleven MX hosts are not asked for", "example.com TXT v=spf1 mx -all\n"
     "example.com MX 1 1.example\nexample.com MX 1 2.example\nexample.com MX 1 3.example\nexample.com MX 1 4.example\n"
     "example.com MX 1 5.example\nexample.com MX 1 6.example\nexample.com MX 1 7.example\nexample.com MX 1 8.example\n"
     "example.com MX 1 9.example\nexample.com MX 1 10.example\nexample.com MX 1 11.example", MV_SPF_PERMERROR, 2, 2},
};

START_TEST(rounds)
{
    const struct row *row = &rows[_i];
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = spf_zone_request("192.0.2.1", "mail.example.com", "a@example.com");
    struct mv_spf_result result;
    struct mv_memo *memo;

    ck_assert_int_eq(spf_zone_evaluate(arena, row->zone, SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
    ck_assert_msg(result.code == row->code, "%s: %s (%s)", row->name, mv_spf_code_text(result.code),
                  result.reason == NULL ? "" : result.reason);
    ck_assert_msg(mv_memo_rounds(memo) == row->rounds, "%s: %u rounds", row->name, mv_memo_rounds(memo));
    ck_assert_msg(mv_memo_questions(memo) == row->questions, "%s: %zu questions", row->name, mv_memo_questions(memo));
    mv_arena_free(&arena);
}
END_TEST

/* The worst legal record that is wide: ten mx with ten hosts each. */
START_TEST(widest_record)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = spf_zone_request("192.0.2.1", "mail.example.com", "a@example.com");
    struct mv_spf_result result;
    struct mv_memo *memo;
    struct mv_buf zone;

    mv_buf_init(&zone, MAX_BYTES);
    mv_buf_puts(&zone, "example.com TXT v=spf1 mx:0.example mx:1.example mx:2.example mx:3.example mx:4.example "
                       "mx:5.example mx:6.example mx:7.example mx:8.example mx:9.example -all\n");
    for (int i = 0; i < 10; i++)
        for (int j = 0; j < 10; j++)
            mv_buf_printf(&zone, "%d.example MX %d %d.%d.example\n%d.%d.example A 198.51.100.%d\n", i, j, j, i, j, i,
                          10 * i + j);
    ck_assert_int_eq(spf_zone_evaluate(arena, mv_buf_cstr(&zone), SPF_ZONE_ROUNDS, &request, NULL, &result, &memo),
                     MV_OK);
    ck_assert_int_eq(result.code, MV_SPF_FAIL);
    ck_assert_uint_eq(result.lookups, 10);
    ck_assert_uint_eq(mv_memo_rounds(memo), 3);
    ck_assert_uint_eq(mv_memo_questions(memo), 1 + 10 + 100);
    mv_buf_free(&zone);
    mv_arena_free(&arena);
}
END_TEST

/*
 * A loop of includes that multiplies.  Each round may ask ahead what is left of
 * the limit when the records that are known have been counted: 10, 9, 8, ...
 */
START_TEST(doubling_loop)
{
    static const char zone[] = "* TXT v=spf1 include:a.%{d} include:b.%{d} include:c.%{d}\n";
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = spf_zone_request("192.0.2.1", "mail.example.com", "a@example.com");
    struct mv_spf_result result;
    struct mv_memo *memo;

    ck_assert_int_eq(spf_zone_evaluate(arena, zone, SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
    ck_assert_int_eq(result.code, MV_SPF_PERMERROR);
    ck_assert_uint_le(mv_memo_questions(memo), 1 + MV_SPF_MAX_LOOKUPS * (MV_SPF_MAX_LOOKUPS + 1) / 2);
    ck_assert_uint_eq(result.lookups, MV_SPF_MAX_LOOKUPS);
    mv_arena_free(&arena);
}
END_TEST

/* A question that timed out is not asked again, and the others are still used. */
START_TEST(deadline)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = spf_zone_request("192.0.2.1", "mail.example.com", "a@example.com");
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dns_question question;
    struct mv_spf_result result;

    ck_assert_int_eq(mv_spf_evaluate(arena, &request, memo, NULL, &result), MV_NEED_DNS);
    ck_assert(mv_memo_next_question(memo, &question));
    ck_assert(!mv_memo_next_question(memo, &question));
    mv_memo_close(memo, MV_DNS_TIMEOUT);
    ck_assert_int_eq(mv_spf_evaluate(arena, &request, memo, NULL, &result), MV_OK);
    ck_assert_int_eq(result.code, MV_SPF_TEMPERROR);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spf_rounds");
    TCase *tcase = tcase_create("spf_rounds");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, rounds, 0, ROWS(rows));
    tcase_add_test(tcase, widest_record);
    tcase_add_test(tcase, doubling_loop);
    tcase_add_test(tcase, deadline);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
