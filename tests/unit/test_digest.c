#include "core/crypto/digest.h"

#include <pthread.h>
#include <string.h>

#include <check.h>

#include "core/base/buf.h"

static void put_hex(struct mv_buf *out, const unsigned char hash[MV_SHA256_BYTES])
{
    for (size_t i = 0; i < MV_SHA256_BYTES; i++)
        mv_buf_printf(out, "%02x", hash[i]);
}

/* FIPS 180-4 examples, and the empty bodies of RFC 6376 3.4 in hexadecimal */
static const struct {
    const char *name;
    const char *input;
    size_t repeat;
    const char *hash;
} rows[] = {
    {"nothing", "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"a million a", "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {"an empty line", "\r\n", 1, "7eb70257593da06f682a3ddda54a9d260d4fc514f645237f5ca74b08f8da61a6"},
};

START_TEST(known_hashes)
{
    struct mv_digest *digest = mv_digest_new();
    unsigned char hash[MV_SHA256_BYTES];
    struct mv_buf hex;

    mv_buf_init(&hex, 100);
    for (size_t i = 0; i < rows[_i].repeat; i++)
        mv_digest_update(digest, mv_bytes_str(rows[_i].input));
    ck_assert_int_eq(mv_digest_final(digest, hash), MV_OK);
    put_hex(&hex, hash);
    ck_assert_msg(strcmp(mv_buf_cstr(&hex), rows[_i].hash) == 0, "%s: %s", rows[_i].name, mv_buf_cstr(&hex));
    mv_digest_free(&digest);
    ck_assert_ptr_null(digest);
    mv_buf_free(&hex);
}
END_TEST

/* 10 bodies at once, as one message may have: every context is its own. */
START_TEST(many_at_once)
{
    struct mv_digest *digests[40];
    unsigned char first[MV_SHA256_BYTES], hash[MV_SHA256_BYTES];

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 40; i++) {
            digests[i] = mv_digest_new();
            ck_assert_ptr_nonnull(digests[i]);
        }
        for (size_t i = 0; i < 40; i++)
            mv_digest_update(digests[i], i == 7 ? MV_BYTES("other") : MV_BYTES("same"));
        for (size_t i = 0; i < 40; i++) {
            ck_assert_int_eq(mv_digest_final(digests[i], i == 0 ? first : hash), MV_OK);
            ck_assert_msg(i == 0 || (memcmp(first, hash, sizeof hash) == 0) == (i != 7), "digest %zu", i);
            mv_digest_free(&digests[i]);
        }
    }
}
END_TEST

START_TEST(a_snapshot_changes_nothing)
{
    struct mv_digest *digest = mv_digest_new();
    unsigned char hash[MV_SHA256_BYTES];
    struct mv_buf hex;

    mv_buf_init(&hex, 100);
    ck_assert_int_eq(mv_digest_snapshot(digest, hash), MV_OK);
    put_hex(&hex, hash);
    ck_assert_str_eq(mv_buf_cstr(&hex), rows[0].hash);
    mv_digest_update(digest, MV_BYTES("a"));
    ck_assert_int_eq(mv_digest_snapshot(digest, hash), MV_OK);
    mv_digest_update(digest, MV_BYTES("bc"));
    ck_assert_int_eq(mv_digest_snapshot(digest, hash), MV_OK);
    mv_buf_reset(&hex);
    put_hex(&hex, hash);
    ck_assert_str_eq(mv_buf_cstr(&hex), rows[1].hash);
    ck_assert_int_eq(mv_digest_final(digest, hash), MV_OK);
    mv_buf_reset(&hex);
    put_hex(&hex, hash);
    ck_assert_str_eq(mv_buf_cstr(&hex), rows[1].hash);
    mv_digest_free(&digest);
    mv_buf_free(&hex);
}
END_TEST

/* A digest given back in the middle leaves nothing behind for the next. */
START_TEST(a_used_context_is_clean)
{
    struct mv_digest *digest = mv_digest_new();
    unsigned char hash[MV_SHA256_BYTES];
    struct mv_buf hex;

    mv_buf_init(&hex, 100);
    mv_digest_update(digest, MV_BYTES("left over"));
    mv_digest_free(&digest);
    digest = mv_digest_new();
    ck_assert_int_eq(mv_digest_final(digest, hash), MV_OK);
    put_hex(&hex, hash);
    ck_assert_str_eq(mv_buf_cstr(&hex), rows[0].hash);
    mv_digest_free(&digest);
    mv_digest_free(&digest);
    mv_buf_free(&hex);
}
END_TEST

static void *hash_in_thread(void *arg)
{
    unsigned char hash[MV_SHA256_BYTES];

    for (int i = 0; i < 500; i++) {
        struct mv_digest *digest = mv_digest_new();

        mv_digest_update(digest, MV_BYTES("abc"));
        mv_digest_final(digest, hash);
        mv_digest_free(&digest);
        if (hash[0] != 0xba)
            return NULL;
    }
    return arg;
}

START_TEST(threads_share_the_pool)
{
    pthread_t threads[4];
    void *result;

    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hash_in_thread, threads), 0);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], &result);
        ck_assert_ptr_nonnull(result);
    }
}
END_TEST

START_TEST(preload_twice)
{
    ck_assert_int_eq(mv_crypto_preload(), MV_OK);
    ck_assert_int_eq(mv_crypto_preload(), MV_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("digest");
    TCase *tcase = tcase_create("digest");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, known_hashes, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tcase, many_at_once);
    tcase_add_test(tcase, a_snapshot_changes_nothing);
    tcase_add_test(tcase, a_used_context_is_clean);
    tcase_add_test(tcase, threads_share_the_pool);
    tcase_add_test(tcase, preload_twice);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
