#include "core/crypto/key_cache.h"

#include <pthread.h>
#include <stdlib.h>

#include <check.h>

#include "tests/unit/test_keys.h"

static struct mv_buf octets;

static void set_up(void)
{
    mv_buf_init(&octets, 65536);
}

static void tear_down(void)
{
    mv_buf_free(&octets);
    mv_key_cache_clear();
}

/* Ed25519 public keys are any 32 octets that are a point; the library looks when it verifies. */
static struct mv_public_key *get(unsigned number)
{
    unsigned char raw[MV_ED25519_KEY_BYTES] = {(unsigned char)number, (unsigned char)(number >> 8), 1};
    struct mv_public_key *key;
    const char *reason;

    ck_assert_int_eq(mv_key_cache_get(MV_KEY_ED25519, mv_bytes_of(raw, sizeof raw), &key, &reason), MV_OK);
    ck_assert_ptr_null(reason);
    return key;
}

/* Two gets give one object exactly when the first was kept. */
static bool is_kept(struct mv_public_key *key, unsigned number)
{
    struct mv_public_key *again = get(number);
    bool same = again == key;

    mv_public_key_free(&again);
    return same;
}

START_TEST(the_same_octets_are_the_same_key)
{
    struct mv_public_key *key = get(1), *other = get(2);

    ck_assert_ptr_ne(key, other);
    ck_assert(is_kept(key, 1));
    ck_assert(is_kept(other, 2));
    mv_public_key_free(&key);
    mv_public_key_free(&other);
}
END_TEST

START_TEST(type_is_part_of_the_key)
{
    unsigned char raw[MV_ED25519_KEY_BYTES] = {1, 0, 1};
    struct mv_public_key *key = get(1), *rsa;
    const char *reason;

    ck_assert_int_eq(mv_key_cache_get(MV_KEY_RSA, mv_bytes_of(raw, sizeof raw), &rsa, &reason), MV_ERR_SYNTAX);
    ck_assert_ptr_null(rsa);
    ck_assert_ptr_nonnull(reason);
    mv_public_key_free(&key);
}
END_TEST

START_TEST(bad_octets_are_refused_each_time)
{
    struct mv_public_key *key;
    const char *reason;

    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(mv_key_cache_get(MV_KEY_RSA, MV_BYTES("no key"), &key, &reason), MV_ERR_SYNTAX);
        ck_assert_ptr_null(key);
        ck_assert_ptr_nonnull(reason);
        ck_assert_int_eq(mv_key_cache_get(MV_KEY_RSA, mv_bytes_of(NULL, 0), &key, &reason), MV_ERR_SYNTAX);
    }
}
END_TEST

START_TEST(the_longest_unused_goes_first)
{
    struct mv_public_key *oldest = get(0), *busy = get(1), *key;

    for (unsigned i = 2; i < MV_KEY_CACHE_MAX; i++) {
        key = get(i);
        mv_public_key_free(&key);
    }
    ck_assert(is_kept(busy, 1));
    key = get(1000);
    mv_public_key_free(&key);
    ck_assert(is_kept(busy, 1));
    ck_assert(!is_kept(oldest, 0));
    mv_public_key_free(&oldest);
    mv_public_key_free(&busy);
}
END_TEST

/* A key in use outlives the cache's interest in it. */
START_TEST(dropped_keys_still_verify)
{
    static const unsigned char hash[MV_SHA256_BYTES];
    struct mv_public_key *key, *other;
    struct mv_buf signature;
    const char *reason;
    bool valid;

    mv_buf_init(&signature, 1024);
    test_key_spki(TEST_RSA1024, &octets);
    test_key_sign(TEST_RSA1024, hash, &signature);
    ck_assert_int_eq(mv_key_cache_get(MV_KEY_RSA, mv_buf_bytes(&octets), &key, &reason), MV_OK);
    for (unsigned i = 0; i < 2 * MV_KEY_CACHE_MAX; i++) {
        other = get(i);
        mv_public_key_free(&other);
    }
    mv_key_cache_clear();
    ck_assert_int_eq(mv_public_key_verify(key, hash, mv_buf_bytes(&signature), &valid), MV_OK);
    ck_assert(valid);
    mv_public_key_free(&key);
    mv_buf_free(&signature);
}
END_TEST

static void *churn(void *arg)
{
    for (unsigned i = 0; i < 1000; i++) {
        unsigned char raw[MV_ED25519_KEY_BYTES] = {(unsigned char)(i * 7 % 50)};
        struct mv_public_key *key;
        const char *reason;

        if (mv_key_cache_get(MV_KEY_ED25519, mv_bytes_of(raw, sizeof raw), &key, &reason) != MV_OK)
            return NULL;
        mv_public_key_free(&key);
        if (i % 100 == 0)
            mv_key_cache_clear();
    }
    return arg;
}

START_TEST(threads_share_the_cache)
{
    pthread_t threads[4];
    void *result;

    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, threads), 0);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], &result);
        ck_assert_ptr_nonnull(result);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key_cache");
    TCase *tc = tcase_create("key_cache");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, the_same_octets_are_the_same_key);
    tcase_add_test(tc, type_is_part_of_the_key);
    tcase_add_test(tc, bad_octets_are_refused_each_time);
    tcase_add_test(tc, the_longest_unused_goes_first);
    tcase_add_test(tc, dropped_keys_still_verify);
    tcase_add_test(tc, threads_share_the_cache);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
