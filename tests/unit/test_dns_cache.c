#include "core/dns/cache.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define MAX_SECS 300
#define THEN 1000

static struct mv_dns_cache *cache;

static void set_up(void)
{
    cache = mv_dns_cache_new(MAX_SECS);
    ck_assert_ptr_nonnull(cache);
}

static void tear_down(void)
{
    mv_dns_cache_free(&cache);
}

static void keep(const char *name, enum mv_dns_type type, const struct mv_dns_answer *answer, int64_t now_secs)
{
    struct mv_dns_question question = {mv_bytes_str(name), type};

    mv_dns_cache_keep(cache, &question, answer, now_secs);
}

/* What a memo learns, in an arena of its own; NULL: it has to be asked. */
static const struct mv_dns_answer *ask(struct mv_arena *arena, const char *name, enum mv_dns_type type,
                                       int64_t now_secs)
{
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dns_question question;

    ck_assert_ptr_null(mv_memo_ask(memo, mv_bytes_str(name), type));
    ck_assert(mv_memo_next_question(memo, &question));
    if (!mv_dns_cache_answer(cache, memo, &question, now_secs)) {
        ck_assert_uint_eq(mv_memo_open(memo), 1);
        return NULL;
    }
    ck_assert_uint_eq(mv_memo_open(memo), 0);
    return mv_memo_ask(memo, mv_bytes_str(name), type);
}

static const struct mv_dns_record texts[] = {{MV_BYTES("one"), MV_BYTES("\3one"), 0},
                                             {MV_BYTES(""), MV_BYTES("\0"), 7}};

/* How long an answer is kept, by what it says. */
static const struct {
    const char *name;
    struct mv_dns_answer answer;
    unsigned secs; /* 0: not at all */
    uint32_t ttl_secs; /* as told at once */
} lives[] = {
    {"found", {MV_DNS_FOUND, true, 60, 2, texts, 0}, 60, 60},
    {"found, long-lived", {MV_DNS_FOUND, false, 86400, 1, texts, 0}, MAX_SECS, MAX_SECS},
    {"found, not to be kept", {MV_DNS_FOUND, false, 0, 1, texts, 0}, 0, 0},
    {"no such record", {MV_DNS_NODATA, false, 0, 0, NULL, 30}, 30, 0},
    {"no such name", {MV_DNS_NXDOMAIN, true, 0, 0, NULL, 30}, 30, 0},
    {"no such name, for long", {MV_DNS_NXDOMAIN, false, 0, 0, NULL, 10800}, MV_DNS_CACHE_MAX_NEGATIVE_SECS, 0},
    {"no such name behind an alias", {MV_DNS_NXDOMAIN, false, 20, 0, NULL, 20}, 20, 20},
    {"no such name, without SOA", {MV_DNS_NXDOMAIN, false, 300, 0, NULL, 0}, 0, 0},
    {"server failure", {MV_DNS_SERVFAIL, false, 60, 0, NULL, 60}, 0, 0},
    {"refused", {MV_DNS_REFUSED, false, 60, 0, NULL, 60}, 0, 0},
    {"timeout", {MV_DNS_TIMEOUT, false, 60, 0, NULL, 60}, 0, 0},
    {"limit", {MV_DNS_LIMIT, false, 60, 0, NULL, 60}, 0, 0},
};

static void check_same(const char *name, const struct mv_dns_answer *found, const struct mv_dns_answer *kept)
{
    ck_assert_msg(found->status == kept->status && found->secure == kept->secure && found->count == kept->count,
                  "%s: differs", name);
    for (size_t i = 0; i < kept->count; i++)
        ck_assert_msg(mv_bytes_equal(found->records[i].data, kept->records[i].data) &&
                          mv_bytes_equal(found->records[i].rdata, kept->records[i].rdata) &&
                          found->records[i].preference == kept->records[i].preference,
                      "%s: record %zu differs", name, i);
}

START_TEST(an_answer_lives_as_long_as_it_may)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    const char *name = lives[_i].name;
    const struct mv_dns_answer *found;

    keep("a.example", MV_DNS_TXT, &lives[_i].answer, THEN);
    found = ask(arena, "A.Example.", MV_DNS_TXT, THEN);
    ck_assert_msg((found != NULL) == (lives[_i].secs > 0), "%s: kept or not", name);
    if (found != NULL) {
        check_same(name, found, &lives[_i].answer);
        ck_assert_msg(found->ttl_secs == lives[_i].ttl_secs, "%s: ttl %u", name, found->ttl_secs);
        found = ask(arena, "a.example", MV_DNS_TXT, THEN + lives[_i].secs - 1);
        ck_assert_msg(found != NULL && found->ttl_secs <= 1, "%s: gone too early, or older than it says", name);
        ck_assert_msg(ask(arena, "a.example", MV_DNS_TXT, THEN + lives[_i].secs) == NULL, "%s: kept too long", name);
    }
    ck_assert_ptr_null(ask(arena, "a.example", MV_DNS_A, THEN));
    ck_assert_ptr_null(ask(arena, "b.example", MV_DNS_TXT, THEN));
    mv_arena_free(&arena);
}
END_TEST

START_TEST(a_newer_answer_takes_the_place)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_dns_answer nothing = {.status = MV_DNS_NXDOMAIN, .negative_secs = 50};

    keep("a.example", MV_DNS_TXT, &lives[0].answer, THEN);
    keep("a.example.", MV_DNS_TXT, &nothing, THEN + 1);
    ck_assert_int_eq(ask(arena, "a.example", MV_DNS_TXT, THEN + 1)->status, MV_DNS_NXDOMAIN);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(large_answers_are_not_kept)
{
    static char text[MV_DNS_CACHE_MAX_ANSWER_BYTES];
    struct mv_dns_record record = {mv_bytes_of(text, sizeof text), MV_BYTES(""), 0};
    struct mv_dns_answer large = {.status = MV_DNS_FOUND, .ttl_secs = 60, .count = 1, .records = &record};
    struct mv_arena *arena = mv_arena_new(1024 * 1024);

    keep("a.example", MV_DNS_TXT, &large, THEN);
    ck_assert_ptr_null(ask(arena, "a.example", MV_DNS_TXT, THEN));
    record.data.len = 4000;
    keep("a.example", MV_DNS_TXT, &large, THEN);
    ck_assert_uint_eq(ask(arena, "a.example", MV_DNS_TXT, THEN)->records[0].data.len, 4000);
    mv_arena_free(&arena);
}
END_TEST

/* Far more than there is room for: the number stays bounded, and what was kept last is there. */
START_TEST(it_is_bounded)
{
    enum { MANY = 10 * MV_DNS_CACHE_MAX_ENTRIES };
    struct mv_arena *arena = mv_arena_new(256 * 1024 * 1024);
    char name[32];
    unsigned found = 0;

    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        keep(name, MV_DNS_TXT, &lives[1].answer, THEN + i / 1000);
        ck_assert_ptr_nonnull(ask(arena, name, MV_DNS_TXT, THEN + i / 1000));
        mv_arena_free(&arena);
        arena = mv_arena_new(256 * 1024 * 1024);
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        found += ask(arena, name, MV_DNS_TXT, THEN + MANY / 1000) != NULL;
    }
    ck_assert_uint_le(found, MV_DNS_CACHE_MAX_ENTRIES);
    ck_assert_uint_ge(found, MV_DNS_CACHE_MAX_ENTRIES / 2);
    mv_arena_free(&arena);
}
END_TEST

static void *keep_and_ask(void *argument)
{
    struct mv_arena *arena = mv_arena_new(64 * 1024 * 1024);
    char name[32];

    (void)argument;
    for (int i = 0; i < 5000; i++) {
        const struct mv_dns_answer *found;

        snprintf(name, sizeof name, "n%d.example", i % 97);
        keep(name, MV_DNS_TXT, &lives[0].answer, THEN);
        found = ask(arena, name, MV_DNS_TXT, THEN);
        if (found != NULL)
            check_same(name, found, &lives[0].answer);
    }
    mv_arena_free(&arena);
    return NULL;
}

START_TEST(threads_share_it)
{
    pthread_t threads[4];

    for (size_t i = 0; i < ROWS(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, keep_and_ask, NULL), 0);
    for (size_t i = 0; i < ROWS(threads); i++)
        pthread_join(threads[i], NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dns_cache");
    TCase *tests = tcase_create("dns_cache");
    SRunner *runner;

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, an_answer_lives_as_long_as_it_may, 0, ROWS(lives));
    tcase_add_test(tests, a_newer_answer_takes_the_place);
    tcase_add_test(tests, large_answers_are_not_kept);
    tcase_add_test(tests, it_is_bounded);
    tcase_add_test(tests, threads_share_it);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
