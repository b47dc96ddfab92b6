#include "core/crypto/public_key.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <check.h>

#include "core/crypto/der.h"
#include "tests/unit/test_keys.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static const unsigned char hash[MV_SHA256_BYTES] = "0123456789abcdef0123456789abcde";

static struct mv_buf octets;
static struct mv_buf signature;

static void set_up(void)
{
    mv_buf_init(&octets, 65536);
    mv_buf_init(&signature, 65536);
}

static void tear_down(void)
{
    mv_buf_free(&octets);
    mv_buf_free(&signature);
}

static struct mv_public_key *public_part(enum test_key_id id)
{
    struct mv_public_key *key;
    const char *reason;

    mv_buf_reset(&octets);
    if (id == TEST_ED25519)
        test_key_raw(id, &octets);
    else
        test_key_spki(id, &octets);
    ck_assert_int_eq(
        mv_public_key_new(id == TEST_ED25519 ? MV_KEY_ED25519 : MV_KEY_RSA, mv_buf_bytes(&octets), &key, &reason),
        MV_OK);
    ck_assert_ptr_null(reason);
    return key;
}

static bool is_valid(struct mv_public_key *key, const unsigned char *h, struct mv_bytes sig)
{
    bool valid;

    ck_assert_int_eq(mv_public_key_verify(key, h, sig, &valid), MV_OK);
    return valid;
}

/* Every size parses and verifies, also those that DKIM refuses as policy (RFC 8301 3.2). */
START_TEST(verify_each_key)
{
    const struct test_key *row = test_key_of((enum test_key_id)_i);
    struct mv_public_key *key = public_part((enum test_key_id)_i);
    unsigned char other_hash[MV_SHA256_BYTES];
    struct mv_bytes sig;

    ck_assert_msg(mv_public_key_bits(key) == row->bits, "%s: %u bits", row->name, mv_public_key_bits(key));
    test_key_sign((enum test_key_id)_i, hash, &signature);
    sig = mv_buf_bytes(&signature);
    memcpy(other_hash, hash, sizeof hash);
    other_hash[31] ^= 1;
    for (int round = 0; round < 2; round++) {
        ck_assert_msg(is_valid(key, hash, sig), "%s: round %d", row->name, round);
        ck_assert_msg(!is_valid(key, other_hash, sig), "%s: another hash", row->name);
        ck_assert_msg(!is_valid(key, hash, mv_bytes_slice(sig, 0, sig.len - 1)), "%s: short", row->name);
        ck_assert_msg(!is_valid(key, hash, mv_bytes_of(NULL, 0)), "%s: empty", row->name);
        mv_buf_putc(&signature, 0);
        ck_assert_msg(!is_valid(key, hash, mv_buf_bytes(&signature)), "%s: long", row->name);
        mv_buf_truncate(&signature, signature.len - 1);
        sig = mv_buf_bytes(&signature);
        for (size_t i = 0; i < sig.len; i += 31) {
            signature.data[i] ^= 0x10;
            ck_assert_msg(!is_valid(key, hash, sig), "%s: octet %zu changed", row->name, i);
            signature.data[i] ^= 0x10;
        }
    }
    ck_assert_msg(ERR_peek_error() == 0, "%s: errors left in the library's queue", row->name);
    mv_public_key_free(&key);
    ck_assert_ptr_null(key);
}
END_TEST

START_TEST(pkcs1_is_the_same_key)
{
    struct mv_public_key *key;
    const char *reason;

    test_key_pkcs1(TEST_RSA1024, &octets);
    ck_assert_int_eq(mv_public_key_new(MV_KEY_RSA, mv_buf_bytes(&octets), &key, &reason), MV_OK);
    test_key_sign(TEST_RSA1024, hash, &signature);
    ck_assert(is_valid(key, hash, mv_buf_bytes(&signature)));
    mv_public_key_free(&key);
}
END_TEST

/* RFC 8017 8.2.2: nothing but the whole DigestInfo of SHA-256 will do. */
START_TEST(other_digest_infos)
{
    static const struct {
        const char *name;
        int padding;
        const EVP_MD *(*md)(void);
        size_t len;
    } rows[] = {
        {"bare hash without DigestInfo", RSA_PKCS1_PADDING, NULL, 32},
        {"SHA-1", RSA_PKCS1_PADDING, EVP_sha1, 20},
        {"SHA-512/256 of the same length", RSA_PKCS1_PADDING, EVP_sha512_256, 32},
        {"SHA3-256 of the same length", RSA_PKCS1_PADDING, EVP_sha3_256, 32},
        {"PSS", RSA_PKCS1_PSS_PADDING, EVP_sha256, 32},
    };
    struct mv_public_key *key = public_part(TEST_RSA1024);
    EVP_PKEY *pkey = test_key_load(TEST_RSA1024);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    unsigned char sig[128];
    size_t len = sizeof sig;

    ck_assert_int_eq(EVP_PKEY_sign_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(context, rows[_i].padding), 1);
    if (rows[_i].md != NULL)
        ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(context, rows[_i].md()), 1);
    ck_assert_int_eq(EVP_PKEY_sign(context, sig, &len, hash, rows[_i].len), 1);
    ck_assert_msg(!is_valid(key, hash, mv_bytes_of(sig, len)), "%s", rows[_i].name);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(pkey);
    mv_public_key_free(&key);
}
END_TEST

/* What lax readers of EMSA-PKCS1-v1_5 have taken for a signature (RFC 8017 9.2). */
static const struct {
    const char *name;
    const char *begin;
    size_t begin_len;
    unsigned char fill;
    size_t fill_len; /* 0: as much as there is room for */
    const char *info;
    size_t info_len;
    size_t hash_len;
    bool valid;
} encodings[] = {
#define INFO "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
#define TEXT(text) text, sizeof(text) - 1
    {"as it must be", TEXT("\0\1"), 0xff, 0, TEXT("\0" INFO), 32, true},
    {"block type 2", TEXT("\0\2"), 0xff, 0, TEXT("\0" INFO), 32, false},
    {"block type 0", TEXT("\0\0"), 0, 0, TEXT("\0" INFO), 32, false},
    {"first octet 1", TEXT("\1\1"), 0xff, 0, TEXT("\0" INFO), 32, false},
    {"padding other than ff", TEXT("\0\1"), 0xfe, 0, TEXT("\0" INFO), 32, false},
    {"short padding, rubbish behind the hash (CVE-2006-4339)", TEXT("\0\1"), 0xff, 8, TEXT("\0" INFO), 32, false},
    {"no zero before the DigestInfo", TEXT("\0\1"), 0xff, 0, TEXT(INFO), 32, false},
    {"no NULL for parameters", TEXT("\0\1"), 0xff, 0,
     TEXT("\0\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20"), 32, false},
    {"rubbish for parameters (CVE-2006-4340)", TEXT("\0\1"), 0xff, 0,
     TEXT("\0\x30\x33\x30\x0f\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x02\x61\x62\x04\x20"), 32, false},
    {"long form of a length (CVE-2014-1568)", TEXT("\0\1"), 0xff, 0,
     TEXT("\0\x30\x81\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"), 32, false},
    {"31 octets of the hash", TEXT("\0\1"), 0xff, 0, TEXT("\0" INFO), 31, false},
};

START_TEST(encoded_messages)
{
    struct mv_public_key *key = public_part(TEST_RSA1024);
    EVP_PKEY *pkey = test_key_load(TEST_RSA1024);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    size_t fixed = encodings[_i].begin_len + encodings[_i].info_len + encodings[_i].hash_len, len = 128;
    size_t fill = encodings[_i].fill_len == 0 ? len - fixed : encodings[_i].fill_len;
    unsigned char message[128] = {0}, sig[128];

    memcpy(message, encodings[_i].begin, encodings[_i].begin_len);
    memset(message + encodings[_i].begin_len, encodings[_i].fill, fill);
    memcpy(message + encodings[_i].begin_len + fill, encodings[_i].info, encodings[_i].info_len);
    memcpy(message + encodings[_i].begin_len + fill + encodings[_i].info_len, hash, encodings[_i].hash_len);
    ck_assert_int_eq(EVP_PKEY_sign_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
    ck_assert_int_eq(EVP_PKEY_sign(context, sig, &len, message, sizeof message), 1);
    ck_assert_msg(is_valid(key, hash, mv_bytes_of(sig, len)) == encodings[_i].valid, "%s", encodings[_i].name);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(pkey);
    mv_public_key_free(&key);
}
END_TEST

/* RFC 8017 5.2.2: s is below n, or every signature had more forms. */
START_TEST(rsa_is_not_malleable)
{
    struct mv_public_key *key = public_part(TEST_RSA1023); /* s + n still has 1024 bits */
    struct mv_bytes modulus, exponent;
    unsigned carry = 0;

    test_key_sign(TEST_RSA1023, hash, &signature);
    ck_assert(is_valid(key, hash, mv_buf_bytes(&signature)));
    ck_assert_int_eq(mv_der_read_rsa(mv_buf_bytes(&octets), &modulus, &exponent), MV_DER_RSA_OK);
    ck_assert_uint_eq(modulus.len, signature.len);
    for (size_t i = modulus.len; i-- > 0;) {
        carry += (unsigned)signature.data[i] + modulus.data[i];
        signature.data[i] = (unsigned char)carry;
        carry >>= 8;
    }
    ck_assert_uint_eq(carry, 0);
    ck_assert(!is_valid(key, hash, mv_buf_bytes(&signature)));
    mv_public_key_free(&key);
}
END_TEST

/* The DER of RSAPublicKey with numbers made up. */
static void put_integer(struct mv_buf *out, size_t len, unsigned char first, unsigned char last)
{
    size_t with_sign = len + (first >= 0x80);

    mv_buf_putc(out, 0x02);
    if (with_sign >= 0x100)
        mv_buf_putc(out, 0x82);
    else if (with_sign >= 0x80)
        mv_buf_putc(out, 0x81);
    if (with_sign >= 0x100)
        mv_buf_putc(out, (unsigned char)(with_sign >> 8));
    mv_buf_putc(out, (unsigned char)with_sign);
    if (with_sign > len)
        mv_buf_putc(out, 0);
    for (size_t i = 0; i < len; i++)
        mv_buf_putc(out, i == len - 1 ? last : i == 0 ? first : 0x55);
}

static const struct {
    const char *name;
    size_t n_len;
    unsigned char n_first, n_last;
    size_t e_len;
    unsigned char e_first, e_last;
    unsigned bits; /* 0: refused */
} numbers[] = {
    {"8192 bits", 1024, 0x80, 1, 3, 1, 1, 8192},
    {"256 bits", 32, 0x80, 1, 1, 3, 3, 256},
    {"e = 3", 128, 0x80, 1, 1, 3, 3, 1024},
    {"1017 bits", 128, 0x01, 1, 3, 1, 1, 1017},
    {"e just below 2^33 (RFC 6376 8.13)", 128, 0x80, 1, 5, 1, 0xff, 1024},
    {"8193 bits", 1025, 0x01, 1, 3, 1, 1, 0},
    {"16384 bits", 2048, 0x80, 1, 3, 1, 1, 0},
    {"255 bits", 32, 0x7f, 1, 3, 1, 1, 0},
    {"8 bits", 1, 0xc5, 0xc5, 1, 3, 3, 0},
    {"even modulus", 128, 0x80, 2, 3, 1, 1, 0},
    {"even exponent", 128, 0x80, 1, 3, 1, 2, 0},
    {"e = 1", 128, 0x80, 1, 1, 1, 1, 0},
    {"e = 2", 128, 0x80, 1, 1, 2, 2, 0},
    {"e = 2^33 + something", 128, 0x80, 1, 5, 2, 1, 0},
    {"e of 64 bits", 128, 0x80, 1, 8, 0x80, 1, 0},
    {"e of 72 bits", 128, 0x80, 1, 9, 1, 1, 0},
    {"e as long as n", 128, 0x80, 1, 128, 0x80, 1, 0},
};

START_TEST(judge_numbers)
{
    struct mv_buf body;
    struct mv_public_key *key;
    const char *reason;
    enum mv_code code;

    mv_buf_init(&body, 65536);
    put_integer(&body, numbers[_i].n_len, numbers[_i].n_first, numbers[_i].n_last);
    put_integer(&body, numbers[_i].e_len, numbers[_i].e_first, numbers[_i].e_last);
    mv_buf_putc(&octets, 0x30);
    mv_buf_putc(&octets, body.len >= 0x100 ? 0x82 : body.len >= 0x80 ? 0x81 : (unsigned char)body.len);
    if (body.len >= 0x100)
        mv_buf_putc(&octets, (unsigned char)(body.len >> 8));
    if (body.len >= 0x80)
        mv_buf_putc(&octets, (unsigned char)body.len);
    mv_buf_put(&octets, mv_buf_bytes(&body));
    code = mv_public_key_new(MV_KEY_RSA, mv_buf_bytes(&octets), &key, &reason);
    if (numbers[_i].bits == 0) {
        ck_assert_msg(code == MV_ERR_SYNTAX && reason != NULL && key == NULL, "%s: %d", numbers[_i].name, code);
    } else {
        ck_assert_msg(code == MV_OK && reason == NULL, "%s: %s", numbers[_i].name, reason);
        ck_assert_msg(mv_public_key_bits(key) == numbers[_i].bits, "%s: %u", numbers[_i].name, mv_public_key_bits(key));
        mv_buf_reset(&signature);
        for (size_t i = 0; i < (numbers[_i].bits + 7) / 8; i++)
            mv_buf_putc(&signature, 0xff); /* larger than n */
        ck_assert(!is_valid(key, hash, mv_buf_bytes(&signature)));
    }
    mv_public_key_free(&key);
    mv_buf_free(&body);
}
END_TEST

static const struct {
    const char *name;
    enum mv_key_type type;
    enum test_key_id id;
    enum { AS_IS, SPKI, CUT, LONG, NOTHING } form;
} refused[] = {
    {"RSA, empty", MV_KEY_RSA, TEST_RSA1024, NOTHING},
    {"RSA, cut", MV_KEY_RSA, TEST_RSA1024, CUT},
    {"RSA, followed by an octet", MV_KEY_RSA, TEST_RSA1024, LONG},
    {"RSA, but the octets are Ed25519", MV_KEY_RSA, TEST_ED25519, AS_IS},
    {"RSA, but the DER is Ed25519", MV_KEY_RSA, TEST_ED25519, SPKI},
    {"Ed25519, empty", MV_KEY_ED25519, TEST_ED25519, NOTHING},
    {"Ed25519, 31 octets", MV_KEY_ED25519, TEST_ED25519, CUT},
    {"Ed25519, 33 octets", MV_KEY_ED25519, TEST_ED25519, LONG},
    {"Ed25519 in DER (RFC 8463 4.2 wants it bare)", MV_KEY_ED25519, TEST_ED25519, SPKI},
    {"Ed25519, but the DER is RSA", MV_KEY_ED25519, TEST_RSA1024, SPKI},
};

START_TEST(refuse_octets)
{
    struct mv_public_key *key;
    const char *reason;
    enum mv_code code;

    if (refused[_i].id == TEST_ED25519 && refused[_i].form != SPKI)
        test_key_raw(refused[_i].id, &octets);
    else
        test_key_spki(refused[_i].id, &octets);
    if (refused[_i].form == LONG)
        mv_buf_putc(&octets, 0);
    if (refused[_i].form == CUT || refused[_i].form == NOTHING)
        mv_buf_truncate(&octets, refused[_i].form == CUT ? octets.len - 1 : 0);
    code = mv_public_key_new(refused[_i].type, mv_buf_bytes(&octets), &key, &reason);
    ck_assert_msg(code == MV_ERR_SYNTAX && key == NULL && reason != NULL, "%s: %d", refused[_i].name, code);
    ck_assert_msg(ERR_peek_error() == 0, "%s: errors left in the library's queue", refused[_i].name);
}
END_TEST

/* RFC 8032 5.1.7: S must be below the order of the group, or every signature had a second form. */
START_TEST(ed25519_is_not_malleable)
{
    static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                            0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                            0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    struct mv_public_key *key = public_part(TEST_ED25519);
    unsigned carry = 0;

    test_key_sign(TEST_ED25519, hash, &signature);
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)signature.data[32 + i] + order[i];
        signature.data[32 + i] = (unsigned char)carry;
        carry >>= 8;
    }
    ck_assert(!is_valid(key, hash, mv_buf_bytes(&signature)));
    mv_public_key_free(&key);
}
END_TEST

struct job {
    struct mv_public_key *key;
    struct mv_bytes signature;
    unsigned right;
};

static void *verify_in_thread(void *arg)
{
    struct job *job = arg;
    bool valid;

    for (int i = 0; i < 200; i++)
        if (mv_public_key_verify(job->key, hash, job->signature, &valid) == MV_OK && valid)
            job->right++;
    mv_public_key_free(&job->key);
    return NULL;
}

START_TEST(threads_share_a_key)
{
    struct mv_public_key *key = public_part((enum test_key_id)_i);
    struct job jobs[4];
    pthread_t threads[4];

    test_key_sign((enum test_key_id)_i, hash, &signature);
    for (size_t i = 0; i < 4; i++)
        jobs[i] = (struct job){mv_public_key_ref(key), mv_buf_bytes(&signature), 0};
    mv_public_key_free(&key);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, verify_in_thread, &jobs[i]), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(jobs[i].right, 200);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("public_key");
    TCase *tc = tcase_create("public_key");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, verify_each_key, 0, TEST_KEY_COUNT);
    tcase_add_test(tc, pkcs1_is_the_same_key);
    tcase_add_loop_test(tc, other_digest_infos, 0, 5);
    tcase_add_loop_test(tc, encoded_messages, 0, ROWS(encodings));
    tcase_add_test(tc, rsa_is_not_malleable);
    tcase_add_loop_test(tc, judge_numbers, 0, ROWS(numbers));
    tcase_add_loop_test(tc, refuse_octets, 0, ROWS(refused));
    tcase_add_test(tc, ed25519_is_not_malleable);
    tcase_add_loop_test(tc, threads_share_a_key, TEST_RSA1024, TEST_RSA1024 + 1);
    tcase_add_loop_test(tc, threads_share_a_key, TEST_ED25519, TEST_ED25519 + 1);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
