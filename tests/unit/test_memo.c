#include "core/dns/memo.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct mv_arena *arena;
static struct mv_memo *memo;

static void set_up(void)
{
    arena = mv_arena_new(1024 * 1024);
    memo = mv_memo_new(arena);
    ck_assert_ptr_nonnull(memo);
}

static void tear_down(void)
{
    mv_arena_free(&arena);
}

static const struct mv_dns_answer *ask(const char *name, enum mv_dns_type type)
{
    return mv_memo_ask(memo, mv_bytes_str(name), type);
}

static enum mv_code answer(const char *name, enum mv_dns_type type, enum mv_dns_status status)
{
    struct mv_dns_question question = {mv_bytes_str(name), type};
    struct mv_dns_record record = {.data = MV_BYTES("text"), .rdata = MV_BYTES("\4text")};
    struct mv_dns_answer found = {.status = status, .ttl_secs = 60, .count = 1, .records = &record};

    return mv_memo_answer(memo, &question, &found);
}

static void assert_text(struct mv_bytes b, const char *expected)
{
    ck_assert_msg(mv_bytes_equal(b, mv_bytes_str(expected)), "\"%.*s\" is not \"%s\"", (int)b.len,
                  (const char *)b.data, expected);
}

START_TEST(a_miss_opens_a_question)
{
    struct mv_dns_question question;

    ck_assert_ptr_null(ask("Example.COM.", MV_DNS_TXT));
    ck_assert_int_eq(mv_memo_miss(memo), MV_NEED_DNS);
    ck_assert_uint_eq(mv_memo_wanted(memo), 1);
    ck_assert_uint_eq(mv_memo_open(memo), 0);

    ck_assert(mv_memo_next_question(memo, &question));
    assert_text(question.name, "example.com");
    ck_assert_int_eq(question.type, MV_DNS_TXT);
    ck_assert(!mv_memo_next_question(memo, &question));
    ck_assert_uint_eq(mv_memo_open(memo), 1);
    ck_assert_uint_eq(mv_memo_questions(memo), 1);

    ck_assert_ptr_null(ask("example.com", MV_DNS_TXT));
    ck_assert_msg(!mv_memo_next_question(memo, &question), "asked twice, sent once");
    ck_assert_uint_eq(mv_memo_wanted(memo), 1);
}
END_TEST

START_TEST(an_answer_is_copied)
{
    char text[] = "v=spf1 -all", rdata[] = "\13v=spf1 -all";
    struct mv_dns_question question = {MV_BYTES("example.com"), MV_DNS_TXT};
    struct mv_dns_record record = {mv_bytes_str(text), mv_bytes_str(rdata), 0};
    struct mv_dns_answer given = {MV_DNS_FOUND, true, 300, 1, &record, 0};
    const struct mv_dns_answer *got;

    ck_assert_ptr_null(ask("example.com", MV_DNS_TXT));
    ck_assert(mv_memo_next_question(memo, &question));
    ck_assert_int_eq(mv_memo_answer(memo, &question, &given), MV_OK);
    memset(text, 'x', sizeof text - 1);
    memset(rdata, 'x', sizeof rdata - 1);
    memset(&record, 0, sizeof record);
    memset(&given, 0, sizeof given);

    got = ask("EXAMPLE.com", MV_DNS_TXT);
    ck_assert_ptr_nonnull(got);
    ck_assert_int_eq(got->status, MV_DNS_FOUND);
    ck_assert(got->secure);
    ck_assert_uint_eq(got->ttl_secs, 300);
    ck_assert_uint_eq(got->count, 1);
    assert_text(got->records[0].data, "v=spf1 -all");
    assert_text(got->records[0].rdata, "\13v=spf1 -all");
    ck_assert_uint_eq(mv_memo_wanted(memo), 0);
    ck_assert_uint_eq(mv_memo_open(memo), 0);
    ck_assert_ptr_eq(mv_memo_peek(memo, MV_BYTES("example.com."), MV_DNS_TXT), got);
}
END_TEST

START_TEST(types_of_one_name_are_different_questions)
{
    ck_assert_ptr_null(ask("example.com", MV_DNS_A));
    ck_assert_ptr_null(ask("example.com", MV_DNS_AAAA));
    ck_assert_int_eq(answer("example.com", MV_DNS_A, MV_DNS_NXDOMAIN), MV_OK);
    ck_assert_ptr_nonnull(ask("example.com", MV_DNS_A));
    ck_assert_ptr_null(ask("example.com", MV_DNS_AAAA));
    ck_assert_ptr_null(mv_memo_peek(memo, MV_BYTES("example.com"), MV_DNS_MX));
    ck_assert_uint_eq(mv_memo_wanted(memo), 1);
}
END_TEST

START_TEST(a_second_answer_changes_nothing)
{
    ck_assert_ptr_null(ask("example.com", MV_DNS_TXT));
    ck_assert_int_eq(answer("example.com", MV_DNS_TXT, MV_DNS_SERVFAIL), MV_OK);
    ck_assert_int_eq(answer("example.com", MV_DNS_TXT, MV_DNS_FOUND), MV_OK);
    ck_assert_int_eq(ask("example.com", MV_DNS_TXT)->status, MV_DNS_SERVFAIL);
}
END_TEST

START_TEST(an_answer_to_no_question_is_kept)
{
    struct mv_dns_question question;
    const struct mv_dns_answer *got;

    ck_assert_int_eq(answer("Example.com.", MV_DNS_TXT, MV_DNS_FOUND), MV_OK);
    ck_assert_uint_eq(mv_memo_open(memo), 0);
    ck_assert_msg(!mv_memo_at(memo, 0, &question, &got), "nobody asked yet");
    ck_assert_ptr_nonnull(ask("example.com", MV_DNS_TXT));
    ck_assert(!mv_memo_next_question(memo, &question));
    ck_assert_uint_eq(mv_memo_wanted(memo), 0);
    ck_assert(mv_memo_at(memo, 0, &question, &got));
    assert_text(question.name, "example.com");
}
END_TEST

START_TEST(answers_to_no_question_are_limited)
{
    char name[32];

    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        ck_assert_int_eq(answer(name, MV_DNS_A, MV_DNS_NODATA), MV_OK);
    }
    ck_assert_int_eq(answer("one.more.example", MV_DNS_A, MV_DNS_NODATA), MV_ERR_LIMIT);
    ck_assert_ptr_null(ask("example.com", MV_DNS_TXT));
    ck_assert_int_eq(answer("example.com", MV_DNS_TXT, MV_DNS_FOUND), MV_OK);
}
END_TEST

START_TEST(prefetch_is_sent_but_nobody_waits)
{
    struct mv_dns_question question;

    mv_memo_prefetch(memo, MV_BYTES("example.com"), MV_DNS_TXT);
    mv_memo_prefetch(memo, MV_BYTES("EXAMPLE.com."), MV_DNS_TXT);
    ck_assert_uint_eq(mv_memo_wanted(memo), 0);
    ck_assert(mv_memo_next_question(memo, &question));
    ck_assert(!mv_memo_next_question(memo, &question));
    ck_assert_uint_eq(mv_memo_open(memo), 1);
    ck_assert_ptr_null(mv_memo_peek(memo, MV_BYTES("example.com"), MV_DNS_TXT));
    ck_assert_uint_eq(mv_memo_wanted(memo), 0);

    ck_assert_ptr_null(ask("example.com", MV_DNS_TXT));
    ck_assert_msg(!mv_memo_next_question(memo, &question), "it is on its way already");
    ck_assert_uint_eq(mv_memo_wanted(memo), 1);
    mv_memo_prefetch(memo, MV_BYTES("example.com"), MV_DNS_TXT);
    ck_assert_uint_eq(mv_memo_wanted(memo), 1);
    ck_assert_int_eq(answer("example.com", MV_DNS_TXT, MV_DNS_FOUND), MV_OK);
    ck_assert_uint_eq(mv_memo_wanted(memo), 0);
}
END_TEST

START_TEST(asking_for_an_answered_prefetch_counts_nothing)
{
    mv_memo_prefetch(memo, MV_BYTES("example.com"), MV_DNS_TXT);
    ck_assert_int_eq(answer("example.com", MV_DNS_TXT, MV_DNS_NODATA), MV_OK);
    ck_assert_int_eq(ask("example.com", MV_DNS_TXT)->status, MV_DNS_NODATA);
    ck_assert_uint_eq(mv_memo_wanted(memo), 0);
    ck_assert_uint_eq(mv_memo_open(memo), 0);
}
END_TEST

START_TEST(an_answer_before_handing_out_saves_the_question)
{
    struct mv_dns_question question;

    ck_assert_ptr_null(ask("a.example", MV_DNS_TXT));
    ck_assert_ptr_null(ask("b.example", MV_DNS_TXT));
    ck_assert_int_eq(answer("a.example", MV_DNS_TXT, MV_DNS_NODATA), MV_OK);
    ck_assert(mv_memo_next_question(memo, &question));
    assert_text(question.name, "b.example");
    ck_assert(!mv_memo_next_question(memo, &question));
    ck_assert_uint_eq(mv_memo_questions(memo), 1);
    ck_assert_uint_eq(mv_memo_open(memo), 1);
}
END_TEST

/* RFC 1035 2.3.4 */
#define LABEL63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
static const struct {
    const char *name;
    const char *domain;
    bool askable;
} names[] = {
    {"the root", "", false},
    {"the root with its dot", ".", false},
    {"two final dots", "example.com..", false},
    {"leading dot", ".example.com", false},
    {"empty label inside", "example..com", false},
    {"label of 64", LABEL63 "x.com", false},
    {"label of 64 at the end", "com." LABEL63 "x", false},
    {"254 bytes", LABEL63 "." LABEL63 "." LABEL63 "." "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff" ".a", false},
    {"253 bytes", LABEL63 "." LABEL63 "." LABEL63 "." "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff" "a", true},
    {"253 bytes and the dot", LABEL63 "." LABEL63 "." LABEL63 "." "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff" "a.", true},
    {"label of 63", LABEL63 ".com", true},
    {"one label", "com", true},
    {"any byte", "\1 %\\\377.com", true},
};

START_TEST(names_that_cannot_be_asked)
{
    struct mv_dns_question question;
    const struct mv_dns_answer *got = ask(names[_i].domain, MV_DNS_A);

    if (names[_i].askable) {
        ck_assert_msg(got == NULL, "%s: answered", names[_i].name);
        ck_assert_msg(mv_memo_next_question(memo, &question), "%s: not asked", names[_i].name);
        return;
    }
    ck_assert_msg(got != NULL && got->status == MV_DNS_NXDOMAIN, "%s: not refused", names[_i].name);
    mv_memo_prefetch(memo, mv_bytes_str(names[_i].domain), MV_DNS_A);
    ck_assert_msg(!mv_memo_next_question(memo, &question), "%s: asked", names[_i].name);
    ck_assert_msg(!mv_memo_failed(memo), "%s: failed", names[_i].name);
    ck_assert_msg(mv_memo_peek(memo, mv_bytes_str(names[_i].domain), MV_DNS_A) == got, "%s: peek", names[_i].name);
    ck_assert_int_eq(answer(names[_i].domain, MV_DNS_A, MV_DNS_FOUND), MV_OK);
    ck_assert_msg(ask(names[_i].domain, MV_DNS_A) == got, "%s: an answer was believed", names[_i].name);
}
END_TEST

START_TEST(questions_are_limited)
{
    struct mv_dns_question question;
    const struct mv_dns_answer *got;
    char name[32];
    size_t sent = 0;

    for (int i = 0; i < MV_MEMO_MAX_QUESTIONS; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        ck_assert_ptr_null(ask(name, MV_DNS_A));
    }
    got = ask("one.more.example", MV_DNS_A);
    ck_assert_ptr_nonnull(got);
    ck_assert_int_eq(got->status, MV_DNS_LIMIT);
    ck_assert(mv_dns_is_error(got->status));
    mv_memo_prefetch(memo, MV_BYTES("and.another.example"), MV_DNS_A);
    while (mv_memo_next_question(memo, &question))
        sent++;
    ck_assert_uint_eq(sent, MV_MEMO_MAX_QUESTIONS);
    ck_assert_uint_eq(mv_memo_questions(memo), MV_MEMO_MAX_QUESTIONS);
    ck_assert_int_eq(answer("n7.example", MV_DNS_A, MV_DNS_NODATA), MV_OK);
    ck_assert_int_eq(ask("n7.example", MV_DNS_A)->status, MV_DNS_NODATA);
    ck_assert_int_eq(ask("one.more.example", MV_DNS_A)->status, MV_DNS_LIMIT);
}
END_TEST

START_TEST(limits_of_many_subjects)
{
    char name[32];

    mv_memo_widen(memo, 3);
    mv_memo_widen(memo, 2);
    for (int i = 0; i < 3 * MV_MEMO_MAX_QUESTIONS; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        ck_assert_ptr_null(ask(name, MV_DNS_A));
    }
    ck_assert_int_eq(ask("one.more.example", MV_DNS_A)->status, MV_DNS_LIMIT);
}
END_TEST

START_TEST(asking_ahead_is_limited)
{
    struct mv_dns_question question;
    char name[32];
    size_t sent = 0;

    for (int i = 0; i < MV_MEMO_MAX_AHEAD + 50; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        mv_memo_prefetch(memo, mv_bytes_str(name), MV_DNS_A);
    }
    while (mv_memo_next_question(memo, &question))
        sent++;
    ck_assert_uint_eq(sent, MV_MEMO_MAX_AHEAD);
    ck_assert_ptr_null(ask("n320.example", MV_DNS_A));
    ck_assert_msg(mv_memo_next_question(memo, &question), "a dropped one can still be asked for");
    ck_assert_ptr_null(ask("n0.example", MV_DNS_A));
    mv_memo_prefetch(memo, MV_BYTES("n330.example"), MV_DNS_A);
    ck_assert_msg(mv_memo_next_question(memo, &question), "a question that is wanted now makes room");
}
END_TEST

START_TEST(close_answers_what_is_open)
{
    struct mv_dns_question question;

    ck_assert_ptr_null(ask("sent.example", MV_DNS_A));
    ck_assert(mv_memo_next_question(memo, &question));
    ck_assert_ptr_null(ask("answered.example", MV_DNS_A));
    ck_assert_int_eq(answer("answered.example", MV_DNS_A, MV_DNS_NODATA), MV_OK);
    mv_memo_prefetch(memo, MV_BYTES("ahead.example"), MV_DNS_A);
    ck_assert_ptr_null(ask("waiting.example", MV_DNS_A));

    mv_memo_close(memo, MV_DNS_TIMEOUT);
    ck_assert_int_eq(ask("sent.example", MV_DNS_A)->status, MV_DNS_TIMEOUT);
    ck_assert_int_eq(ask("ahead.example", MV_DNS_A)->status, MV_DNS_TIMEOUT);
    ck_assert_int_eq(ask("waiting.example", MV_DNS_A)->status, MV_DNS_TIMEOUT);
    ck_assert_int_eq(ask("answered.example", MV_DNS_A)->status, MV_DNS_NODATA);
    ck_assert_uint_eq(mv_memo_open(memo), 0);
    ck_assert_uint_eq(mv_memo_wanted(memo), 0);
    ck_assert(!mv_memo_next_question(memo, &question));

    ck_assert_int_eq(answer("sent.example", MV_DNS_A, MV_DNS_FOUND), MV_OK);
    ck_assert_msg(ask("sent.example", MV_DNS_A)->status == MV_DNS_TIMEOUT, "too late is too late");
    ck_assert_ptr_null(ask("new.example", MV_DNS_A));
}
END_TEST

START_TEST(at_lists_in_the_order_of_asking)
{
    static const char *const expected[] = {"c.example", "a.example", "b.example"};
    struct mv_dns_question question;
    const struct mv_dns_answer *got;

    ck_assert_ptr_null(ask("c.example", MV_DNS_A));
    mv_memo_prefetch(memo, MV_BYTES("a.example"), MV_DNS_A);
    ck_assert_ptr_null(ask("open.example", MV_DNS_A));
    ck_assert_ptr_null(ask("b.example", MV_DNS_A));
    answer("b.example", MV_DNS_A, MV_DNS_FOUND);
    answer("a.example", MV_DNS_A, MV_DNS_NODATA);
    answer("c.example", MV_DNS_A, MV_DNS_NXDOMAIN);
    for (size_t i = 0; i < ROWS(expected); i++) {
        ck_assert(mv_memo_at(memo, i, &question, &got));
        assert_text(question.name, expected[i]);
        ck_assert_ptr_eq(got, ask(expected[i], MV_DNS_A));
    }
    ck_assert(!mv_memo_at(memo, ROWS(expected), &question, &got));
    ck_assert(!mv_memo_at(memo, SIZE_MAX, &question, &got));
}
END_TEST

static size_t hand_out(void)
{
    struct mv_dns_question question;
    size_t sent = 0;

    while (mv_memo_next_question(memo, &question))
        sent++;
    return sent;
}

START_TEST(rounds_are_the_depth_of_the_chain)
{
    ck_assert_uint_eq(mv_memo_rounds(memo), 0);
    ck_assert_ptr_null(ask("a.example", MV_DNS_A));
    ck_assert_msg(mv_memo_rounds(memo) == 0, "nothing was handed out");
    mv_memo_prefetch(memo, MV_BYTES("b.example"), MV_DNS_A);
    ck_assert_uint_eq(hand_out(), 2);
    ck_assert_uint_eq(mv_memo_rounds(memo), 1);
    ck_assert_ptr_null(ask("late.example", MV_DNS_A));
    ck_assert_uint_eq(hand_out(), 1);
    ck_assert_msg(mv_memo_rounds(memo) == 1, "asked before any answer: it travels with the first");

    answer("a.example", MV_DNS_A, MV_DNS_NODATA);
    ck_assert_ptr_null(ask("c.example", MV_DNS_A));
    ck_assert_uint_eq(hand_out(), 1);
    ck_assert_uint_eq(mv_memo_rounds(memo), 2);
    answer("b.example", MV_DNS_A, MV_DNS_NODATA);
    ck_assert_ptr_null(ask("d.example", MV_DNS_A));
    ck_assert_uint_eq(hand_out(), 1);
    ck_assert_msg(mv_memo_rounds(memo) == 2, "another answer of the first round opens no third");
    answer("c.example", MV_DNS_A, MV_DNS_NODATA);
    answer("free.example", MV_DNS_A, MV_DNS_NODATA);
    ck_assert_ptr_nonnull(ask("free.example", MV_DNS_A));
    ck_assert_uint_eq(hand_out(), 0);
    ck_assert_uint_eq(mv_memo_rounds(memo), 2);
    ck_assert_ptr_null(ask("e.example", MV_DNS_A));
    ck_assert_uint_eq(hand_out(), 1);
    ck_assert_uint_eq(mv_memo_rounds(memo), 3);
}
END_TEST

START_TEST(status_and_records_agree)
{
    struct mv_dns_question question = {MV_BYTES("a.example"), MV_DNS_A};
    struct mv_dns_answer empty = {.status = MV_DNS_FOUND};

    ck_assert_int_eq(mv_memo_answer(memo, &question, &empty), MV_OK);
    ck_assert_msg(ask("a.example", MV_DNS_A)->status == MV_DNS_NODATA, "found, but nothing");
    ck_assert_int_eq(answer("b.example", MV_DNS_A, MV_DNS_SERVFAIL), MV_OK);
    ck_assert_msg(ask("b.example", MV_DNS_A)->count == 0, "a failure has no records");
}
END_TEST

START_TEST(no_memory_is_remembered)
{
    struct mv_arena *small = mv_arena_new(20000);
    struct mv_memo *starved = mv_memo_new(small);
    char name[32];

    ck_assert_ptr_nonnull(starved);
    for (int i = 0; i < MV_MEMO_MAX_QUESTIONS; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        ck_assert_ptr_null(mv_memo_ask(starved, mv_bytes_str(name), MV_DNS_A));
    }
    ck_assert(mv_memo_failed(starved));
    ck_assert_int_eq(mv_memo_miss(starved), MV_ERR_MEMORY);
    mv_memo_close(starved, MV_DNS_TIMEOUT);
    ck_assert_uint_eq(mv_memo_wanted(starved), 0);
    mv_arena_free(&small);
}
END_TEST

static const struct {
    const char *text;
    int type; /* 0: refused */
} type_texts[] = {
    {"A", MV_DNS_A},     {"NS", MV_DNS_NS},   {"CNAME", MV_DNS_CNAME}, {"SOA", MV_DNS_SOA}, {"PTR", MV_DNS_PTR},
    {"MX", MV_DNS_MX},   {"TXT", MV_DNS_TXT}, {"AAAA", MV_DNS_AAAA},   {"aaaa", MV_DNS_AAAA},
    {"", 0},             {"AA", 0},           {"TXT ", 0},             {"SPF", 0},          {"TYPE16", 0},
    {"16", 0},           {"ANY", 0},          {"TX", 0},               {"MXX", 0},          {"*", 0},
};

START_TEST(type_names)
{
    enum mv_dns_type type = MV_DNS_SOA;
    bool known = mv_dns_type_parse(mv_bytes_str(type_texts[_i].text), &type);

    ck_assert_msg(known == (type_texts[_i].type != 0), "%s", type_texts[_i].text);
    if (!known)
        return;
    ck_assert_msg((int)type == type_texts[_i].type, "%s", type_texts[_i].text);
    ck_assert_msg(mv_bytes_equal_nocase(mv_bytes_str(mv_dns_type_text(type)), mv_bytes_str(type_texts[_i].text)),
                  "%s: printed as %s", type_texts[_i].text, mv_dns_type_text(type));
}
END_TEST

static const struct {
    enum mv_dns_status status;
    const char *rcode;
    bool error;
} statuses[] = {
    {MV_DNS_FOUND, "NOERROR", false},    {MV_DNS_NODATA, "NOERROR", false}, {MV_DNS_NXDOMAIN, "NXDOMAIN", false},
    {MV_DNS_SERVFAIL, "SERVFAIL", true}, {MV_DNS_REFUSED, "REFUSED", true}, {MV_DNS_TIMEOUT, "TIMEOUT", true},
    {MV_DNS_LIMIT, "SERVFAIL", true},
};

START_TEST(status_names)
{
    ck_assert_str_eq(mv_dns_status_rcode(statuses[_i].status), statuses[_i].rcode);
    ck_assert_msg(mv_dns_is_error(statuses[_i].status) == statuses[_i].error, "%s", statuses[_i].rcode);
    ck_assert_uint_gt(strlen(mv_dns_status_text(statuses[_i].status)), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memo");
    TCase *tc = tcase_create("memo");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_miss_opens_a_question);
    tcase_add_test(tc, an_answer_is_copied);
    tcase_add_test(tc, types_of_one_name_are_different_questions);
    tcase_add_test(tc, a_second_answer_changes_nothing);
    tcase_add_test(tc, an_answer_to_no_question_is_kept);
    tcase_add_test(tc, answers_to_no_question_are_limited);
    tcase_add_test(tc, prefetch_is_sent_but_nobody_waits);
    tcase_add_test(tc, asking_for_an_answered_prefetch_counts_nothing);
    tcase_add_test(tc, an_answer_before_handing_out_saves_the_question);
    tcase_add_loop_test(tc, names_that_cannot_be_asked, 0, ROWS(names));
    tcase_add_test(tc, questions_are_limited);
    tcase_add_test(tc, limits_of_many_subjects);
    tcase_add_test(tc, asking_ahead_is_limited);
    tcase_add_test(tc, close_answers_what_is_open);
    tcase_add_test(tc, at_lists_in_the_order_of_asking);
    tcase_add_test(tc, rounds_are_the_depth_of_the_chain);
    tcase_add_test(tc, status_and_records_agree);
    tcase_add_test(tc, no_memory_is_remembered);
    tcase_add_loop_test(tc, type_names, 0, ROWS(type_texts));
    tcase_add_loop_test(tc, status_names, 0, ROWS(statuses));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
