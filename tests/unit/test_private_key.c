#include "core/crypto/private_key.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <check.h>

#include "core/base/base64.h"
#include "tests/unit/test_keys.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define MAX_BYTES 65536

static const unsigned char hash[MV_SHA256_BYTES] = "0123456789abcdef0123456789abcde";

static struct mv_buf text;

static void set_up(void)
{
    mv_buf_init(&text, MAX_BYTES);
}

static void tear_down(void)
{
    mv_buf_free(&text);
}

/* How a key is written to a file. */
enum form { PKCS8, PKCS1, PKCS8_ENCRYPTED, PKCS1_ENCRYPTED, PUBLIC, CERTIFICATE };

static void write_certificate(BIO *bio, EVP_PKEY *pkey)
{
    X509 *certificate = X509_new();

    ck_assert(X509_set_pubkey(certificate, pkey) == 1 && X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), 1000) != NULL);
    ck_assert_int_gt(X509_sign(certificate, pkey, EVP_sha256()), 0);
    ck_assert_int_eq(PEM_write_bio_X509(bio, certificate), 1);
    X509_free(certificate);
}

static void put_pem(EVP_PKEY *pkey, enum form form, struct mv_buf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const EVP_CIPHER *cipher = form == PKCS8_ENCRYPTED || form == PKCS1_ENCRYPTED ? EVP_aes_128_cbc() : NULL;
    unsigned char password[] = "secret";
    int len = cipher == NULL ? 0 : 6, done = 1;
    char *data;

    ck_assert_ptr_nonnull(pkey);
    if (form == PKCS8 || form == PKCS8_ENCRYPTED)
        done = PEM_write_bio_PKCS8PrivateKey(bio, pkey, cipher, (char *)password, len, NULL, NULL);
    else if (form == PKCS1 || form == PKCS1_ENCRYPTED)
        done = PEM_write_bio_PrivateKey_traditional(bio, pkey, cipher, password, len, NULL, NULL);
    else if (form == PUBLIC)
        done = PEM_write_bio_PUBKEY(bio, pkey);
    else
        write_certificate(bio, pkey);
    ck_assert_int_eq(done, 1);
    len = (int)BIO_get_mem_data(bio, &data);
    mv_buf_put(out, mv_bytes_of(data, (size_t)len));
    BIO_free(bio);
}

static void put_test_key(enum test_key_id id, enum form form, struct mv_buf *out)
{
    EVP_PKEY *pkey = test_key_load(id);

    put_pem(pkey, form, out);
    EVP_PKEY_free(pkey);
}

static struct mv_private_key *read_key(const char *name)
{
    struct mv_private_key *key;
    const char *reason;
    enum mv_code code = mv_private_key_read(mv_buf_bytes(&text), &key, &reason);

    ck_assert_msg(code == MV_OK && key != NULL, "%s: %d %s", name, code, reason);
    ck_assert_ptr_null(reason);
    return key;
}

static struct mv_private_key *read_test_key(enum test_key_id id)
{
    put_test_key(id, PKCS8, &text);
    return read_key(test_key_of(id)->name);
}

static void sign_and_verify(struct mv_private_key *key, const char *name)
{
    unsigned char signature[MV_MAX_SIGNATURE_BYTES];
    struct mv_public_key *public_key;
    struct mv_buf octets;
    const char *reason;
    size_t len;
    bool valid;

    mv_buf_init(&octets, MAX_BYTES);
    ck_assert_int_eq(mv_private_key_public_octets(key, &octets), MV_OK);
    ck_assert_int_eq(mv_public_key_new(mv_private_key_type(key), mv_buf_bytes(&octets), &public_key, &reason), MV_OK);
    ck_assert_uint_eq(mv_public_key_bits(public_key), mv_private_key_bits(key));
    for (int round = 0; round < 3; round++) { /* the later ones with the prepared context */
        ck_assert_int_eq(mv_private_key_sign(key, hash, signature, &len), MV_OK);
        ck_assert_int_eq(mv_public_key_verify(public_key, hash, mv_bytes_of(signature, len), &valid), MV_OK);
        ck_assert_msg(valid, "%s: round %d", name, round);
    }
    mv_public_key_free(&public_key);
    mv_buf_free(&octets);
    ck_assert_msg(ERR_peek_error() == 0, "%s: errors left in the library's queue", name);
}

static const struct {
    enum test_key_id id;
    enum form form;
    enum mv_key_type type;
} readable[] = {
    {TEST_RSA1024, PKCS8, MV_KEY_RSA},    {TEST_RSA1024, PKCS1, MV_KEY_RSA}, {TEST_RSA2048, PKCS8, MV_KEY_RSA},
    {TEST_RSA2048, PKCS1, MV_KEY_RSA},    {TEST_RSA4096, PKCS8, MV_KEY_RSA}, {TEST_RSA4096, PKCS1, MV_KEY_RSA},
    {TEST_RSA8192, PKCS8, MV_KEY_RSA},    {TEST_RSA8192, PKCS1, MV_KEY_RSA}, {TEST_RSA1024_E3, PKCS8, MV_KEY_RSA},
    {TEST_ED25519, PKCS8, MV_KEY_ED25519}};

START_TEST(read_each_key)
{
    const struct test_key *row = test_key_of(readable[_i].id);
    struct mv_private_key *key;

    put_test_key(readable[_i].id, readable[_i].form, &text);
    key = read_key(row->name);
    ck_assert_uint_eq(mv_private_key_bits(key), row->bits);
    ck_assert_int_eq(mv_private_key_type(key), readable[_i].type);
    sign_and_verify(key, row->name);
    mv_private_key_free(&key);
    ck_assert_ptr_null(key);
    mv_private_key_free(&key);
}
END_TEST

/* RFC 8017 8.2.1 and RFC 8032 5.1.6 leave nothing to chance, so another signer makes the same octets. */
START_TEST(same_octets_as_another_signer)
{
    enum test_key_id id = readable[_i].id;
    struct mv_private_key *key = read_test_key(id);
    unsigned char signature[MV_MAX_SIGNATURE_BYTES];
    size_t len;

    mv_buf_reset(&text);
    test_key_sign(id, hash, &text);
    ck_assert_int_eq(mv_private_key_sign(key, hash, signature, &len), MV_OK);
    ck_assert(mv_bytes_equal(mv_bytes_of(signature, len), mv_buf_bytes(&text)));
    mv_private_key_free(&key);
}
END_TEST

START_TEST(write_and_read_again)
{
    struct mv_private_key *key = read_test_key(readable[_i].id), *again;
    struct mv_buf first;

    mv_buf_init(&first, MAX_BYTES);
    mv_buf_puts(&first, "before\n");
    ck_assert_int_eq(mv_private_key_write(key, &first), MV_OK);
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&first), "before\n-----BEGIN PRIVATE KEY-----\n"));
    mv_buf_reset(&text);
    mv_buf_put(&text, mv_bytes_slice(mv_buf_bytes(&first), 7, first.len));
    again = read_key("written");
    sign_and_verify(again, "written");
    mv_buf_truncate(&first, 7);
    ck_assert_int_eq(mv_private_key_write(again, &first), MV_OK);
    ck_assert(mv_bytes_equal(mv_bytes_slice(mv_buf_bytes(&first), 7, first.len), mv_buf_bytes(&text)));
    mv_private_key_free(&key);
    mv_private_key_free(&again);
    mv_buf_free(&first);
}
END_TEST

START_TEST(what_is_published)
{
    struct mv_private_key *key = read_test_key(readable[_i].id);
    struct mv_buf octets, expected;

    mv_buf_init(&octets, MAX_BYTES);
    mv_buf_init(&expected, MAX_BYTES);
    if (readable[_i].id == TEST_ED25519)
        test_key_raw(readable[_i].id, &expected);
    else
        test_key_spki(readable[_i].id, &expected);
    ck_assert_int_eq(mv_private_key_public_octets(key, &octets), MV_OK);
    ck_assert(mv_bytes_equal(mv_buf_bytes(&octets), mv_buf_bytes(&expected)));
    mv_private_key_free(&key);
    mv_buf_free(&octets);
    mv_buf_free(&expected);
}
END_TEST

static void replace(const char *find, const char *put)
{
    struct mv_buf copy;
    char *at = strstr(mv_buf_cstr(&text), find);

    ck_assert_ptr_nonnull(at);
    mv_buf_init(&copy, MAX_BYTES);
    mv_buf_put(&copy, mv_bytes_of(text.data, (size_t)(at - (char *)text.data)));
    mv_buf_puts(&copy, put);
    mv_buf_puts(&copy, at + strlen(find));
    mv_buf_free(&text);
    text = copy;
}

/* What people and tools do to a PEM file without harming the key. */
static const struct {
    const char *name;
    const char *before, *after;
    bool crlf;
} harmless[] = {
    {"text before", "Private-Key: (1024 bit)\nmodulus: 00:11\n", "", false},
    {"text after", "", "made on mx1\n", false},
    {"CRLF line ends", "", "", true},
    {"blank lines", "\n\n", "\n\n \n", false},
};

START_TEST(read_dressed)
{
    struct mv_private_key *key;
    struct mv_buf plain;
    unsigned char c;

    mv_buf_init(&plain, MAX_BYTES);
    mv_buf_puts(&plain, harmless[_i].before);
    put_test_key(TEST_RSA1024, PKCS8, &plain);
    mv_buf_puts(&plain, harmless[_i].after);
    for (size_t i = 0; i < plain.len; i++) {
        c = plain.data[i];
        if (c == '\n' && harmless[_i].crlf)
            mv_buf_putc(&text, '\r');
        mv_buf_putc(&text, c);
    }
    key = read_key(harmless[_i].name);
    sign_and_verify(key, harmless[_i].name);
    mv_private_key_free(&key);
    mv_buf_free(&plain);
}
END_TEST

static void refuse(const char *name, const char *reason_part)
{
    struct mv_private_key *key;
    const char *reason;
    enum mv_code code = mv_private_key_read(mv_buf_bytes(&text), &key, &reason);

    ck_assert_msg(code == MV_ERR_SYNTAX && key == NULL, "%s: %d", name, code);
    ck_assert_msg(reason != NULL && strstr(reason, reason_part) != NULL, "%s: %s", name, reason);
    ck_assert_msg(ERR_peek_error() == 0, "%s: errors left in the library's queue", name);
}

/* Keys that exist, and are none to sign with. */
static const struct {
    const char *name;
    enum test_key_id id;
    enum form form;
    const char *reason;
} refused_keys[] = {
    {"512 bits (RFC 8301 3.2)", TEST_RSA512, PKCS8, "shorter than 1024 bits"},
    {"512 bits, PKCS#1", TEST_RSA512, PKCS1, "shorter than 1024 bits"},
    {"768 bits", TEST_RSA768, PKCS8, "shorter than 1024 bits"},
    {"1023 bits", TEST_RSA1023, PKCS8, "shorter than 1024 bits"},
    {"encrypted PKCS#8", TEST_RSA1024, PKCS8_ENCRYPTED, "encrypted"},
    {"encrypted PKCS#8, Ed25519", TEST_ED25519, PKCS8_ENCRYPTED, "encrypted"},
    {"encrypted PKCS#1", TEST_RSA1024, PKCS1_ENCRYPTED, "encrypted"},
    {"public key", TEST_RSA1024, PUBLIC, "public key"},
    {"public Ed25519 key", TEST_ED25519, PUBLIC, "public key"},
    {"certificate", TEST_RSA1024, CERTIFICATE, "certificate"},
};

START_TEST(refuse_keys)
{
    put_test_key(refused_keys[_i].id, refused_keys[_i].form, &text);
    refuse(refused_keys[_i].name, refused_keys[_i].reason);
}
END_TEST

START_TEST(refuse_other_algorithms)
{
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-256"), EVP_PKEY_Q_keygen(NULL, NULL, "ED448"),
                        EVP_PKEY_Q_keygen(NULL, NULL, "X25519")};
    static const enum form forms[] = {PKCS8, PKCS1, PKCS8, PKCS8};

    put_pem(keys[_i], forms[_i], &text);
    refuse("another algorithm", "another algorithm");
    for (size_t i = 0; i < ROWS(keys); i++)
        EVP_PKEY_free(keys[i]);
}
END_TEST

static EVP_PKEY *make_rsa(unsigned bits, unsigned primes, const char *algorithm)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
    EVP_PKEY *pkey = NULL;

    ck_assert_int_eq(EVP_PKEY_keygen_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits), 1);
    if (primes > 2)
        ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_primes(context, (int)primes), 1);
    ck_assert_int_eq(EVP_PKEY_generate(context, &pkey), 1);
    EVP_PKEY_CTX_free(context);
    return pkey;
}

START_TEST(refuse_odd_rsa)
{
    static const struct {
        const char *name, *algorithm;
        unsigned primes;
        const char *reason;
    } rows[] = {
        {"three primes", "RSA", 3, "two primes"},
        {"restricted to PSS (RFC 4055 1.2)", "RSA-PSS", 2, "another algorithm"},
    };
    EVP_PKEY *pkey = make_rsa(1024, rows[_i].primes, rows[_i].algorithm);

    put_pem(pkey, PKCS8, &text);
    refuse(rows[_i].name, rows[_i].reason);
    EVP_PKEY_free(pkey);
}
END_TEST

static const struct {
    const char *name;
    const char *pem;
    const char *reason;
} refused_texts[] = {
    {"empty", "", "no PEM"},
    {"a line", "hello\n", "no PEM"},
    {"base64 alone", "MC4CAQAwBQYDK2VwBCIEIA==\n", "no PEM"},
    {"four dashes", "----BEGIN PRIVATE KEY----\n----END PRIVATE KEY----\n", "no PEM"},
    {"BEGIN is not at the start of its line", "x -----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "no PEM"},
    {"BEGIN with overlapping dashes", "-----BEGIN ---\n", "no PEM"},
    {"nothing after BEGIN", "-----BEGIN PRIVATE KEY-----", "END line"},
    {"END of something else", "-----BEGIN PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n", "END line"},
    {"END is not at the start of its line", "-----BEGIN PRIVATE KEY-----\nMA==-----END PRIVATE KEY-----\n", "END line"},
    {"empty block", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "PKCS#8"},
    {"empty block, PKCS#1", "-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n", "damaged"},
    {"no base64", "-----BEGIN PRIVATE KEY-----\n****\n-----END PRIVATE KEY-----\n", "base64"},
    {"header lines", "-----BEGIN RSA PRIVATE KEY-----\nX-Note: a\n\nMAA=\n-----END RSA PRIVATE KEY-----\n", "base64"},
    {"empty sequence", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", "PKCS#8"},
    {"empty sequence, PKCS#1", "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n", "damaged"},
    {"DSA", "-----BEGIN DSA PRIVATE KEY-----\nMAA=\n-----END DSA PRIVATE KEY-----\n", "another algorithm"},
    {"OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n", "OpenSSH"},
    {"PKCS#1 public key", "-----BEGIN RSA PUBLIC KEY-----\nMAA=\n-----END RSA PUBLIC KEY-----\n", "public key"},
    {"certificate request", "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n",
     "no private key"},
    {"parameters", "-----BEGIN EC PARAMETERS-----\nMAA=\n-----END EC PARAMETERS-----\n", "no private key"},
    {"no label", "-----BEGIN -----\nMAA=\n-----END -----\n", "no private key"},
    {"Ed25519 of 31 octets", "-----BEGIN PRIVATE KEY-----\n"
     "MC0CAQAwBQYDK2VwBCEEHwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4=\n-----END PRIVATE KEY-----\n", "32 octets"},
    {"Ed25519 without the inner OCTET STRING", "-----BEGIN PRIVATE KEY-----\n"
     "MCwCAQAwBQYDK2VwBCAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw==\n-----END PRIVATE KEY-----\n", "32 octets"},
};

START_TEST(refuse_texts)
{
    mv_buf_puts(&text, refused_texts[_i].pem);
    refuse(refused_texts[_i].name, refused_texts[_i].reason);
}
END_TEST

/* What is done to a good key. */
static const struct {
    const char *name;
    enum { TWICE, WITH_CERTIFICATE, INDENTED_SECOND, CUT, WRONG_LABEL, PKCS1_AS_PKCS8, TOO_LONG, NUL_INSIDE } what;
    const char *reason;
} spoiled[] = {
    {"two keys", TWICE, "more than one"},
    {"a certificate behind it", WITH_CERTIFICATE, "more than one"},
    {"a second key, indented", INDENTED_SECOND, "more than one"},
    {"cut", CUT, "END line"},
    {"PKCS#8 called PKCS#1", WRONG_LABEL, "damaged"},
    {"PKCS#1 called PKCS#8", PKCS1_AS_PKCS8, "PKCS#8"},
    {"longer than 16 KiB", TOO_LONG, "16 KiB"},
    {"NUL in the base64", NUL_INSIDE, "base64"},
};

static void rename_block(const char *from, const char *to)
{
    char find[64], put[64];

    for (int i = 0; i < 2; i++) {
        snprintf(find, sizeof find, "-----%s %s-----", i == 0 ? "BEGIN" : "END", from);
        snprintf(put, sizeof put, "-----%s %s-----", i == 0 ? "BEGIN" : "END", to);
        replace(find, put);
    }
}

START_TEST(refuse_spoiled)
{
    put_test_key(TEST_RSA1024, spoiled[_i].what == PKCS1_AS_PKCS8 ? PKCS1 : PKCS8, &text);
    switch (spoiled[_i].what) {
    case TWICE:
        put_test_key(TEST_RSA2048, PKCS8, &text);
        break;
    case WITH_CERTIFICATE:
        put_test_key(TEST_RSA1024, CERTIFICATE, &text);
        break;
    case INDENTED_SECOND:
        mv_buf_puts(&text, "  -----BEGIN PRIVATE KEY-----\n");
        break;
    case CUT:
        mv_buf_truncate(&text, text.len / 2);
        break;
    case WRONG_LABEL:
        rename_block("PRIVATE KEY", "RSA PRIVATE KEY");
        break;
    case PKCS1_AS_PKCS8:
        rename_block("RSA PRIVATE KEY", "PRIVATE KEY");
        break;
    case TOO_LONG:
        while (text.len <= MV_PRIVATE_KEY_MAX_PEM_BYTES)
            mv_buf_putc(&text, '\n');
        break;
    case NUL_INSIDE:
        text.data[100] = '\0';
        break;
    }
    refuse(spoiled[_i].name, spoiled[_i].reason);
}
END_TEST

/*
 * One number of the key at a time is another.  The library signs by d when the
 * CRT numbers lead astray, so such a key may still be good; but never is one read that makes wrong signatures.
 */
START_TEST(never_a_wrong_signature)
{
    struct mv_buf der, base64;
    EVP_PKEY *pkey = test_key_load(TEST_RSA1024);
    unsigned char *pkcs1 = NULL;
    int len = i2d_PrivateKey(pkey, &pkcs1); /* for RSA: PKCS#1 */
    struct mv_private_key *key;
    const char *reason;

    ck_assert_int_gt(len, 0);
    mv_buf_init(&der, MAX_BYTES);
    mv_buf_init(&base64, MAX_BYTES);
    mv_buf_put(&der, mv_bytes_of(pkcs1, (size_t)len));
    der.data[40 + 64 * _i] ^= 0x14; /* n, n, d, d, p, q, ... */
    mv_base64_encode(mv_buf_bytes(&der), &base64);
    mv_buf_puts(&text, "-----BEGIN RSA PRIVATE KEY-----\n");
    mv_buf_put(&text, mv_buf_bytes(&base64));
    mv_buf_puts(&text, "\n-----END RSA PRIVATE KEY-----\n");
    if (mv_private_key_read(mv_buf_bytes(&text), &key, &reason) == MV_OK) {
        ck_assert_int_ge(_i, 2);
        sign_and_verify(key, "another number");
        mv_private_key_free(&key);
    } else {
        refuse("another number", "damaged");
    }
    OPENSSL_free(pkcs1);
    EVP_PKEY_free(pkey);
    mv_buf_free(&der);
    mv_buf_free(&base64);
}
END_TEST

static const struct {
    enum mv_key_type type;
    unsigned asked, bits; /* bits 0: MV_ERR_LIMIT */
} generated[] = {
    {MV_KEY_RSA, 1024, 1024}, {MV_KEY_RSA, 2048, 2048}, {MV_KEY_ED25519, 0, 256}, {MV_KEY_ED25519, 5, 256},
    {MV_KEY_RSA, 0, 0},       {MV_KEY_RSA, 512, 0},     {MV_KEY_RSA, 1023, 0},    {MV_KEY_RSA, 8193, 0},
    {MV_KEY_RSA, 16384, 0},   {MV_KEY_RSA, 0xffffffffu, 0},
};

START_TEST(generate)
{
    struct mv_private_key *key, *again;
    enum mv_code code = mv_private_key_generate(generated[_i].type, generated[_i].asked, &key);

    if (generated[_i].bits == 0) {
        ck_assert_int_eq(code, MV_ERR_LIMIT);
        ck_assert_ptr_null(key);
        return;
    }
    ck_assert_int_eq(code, MV_OK);
    ck_assert_uint_eq(mv_private_key_bits(key), generated[_i].bits);
    sign_and_verify(key, "generated");
    ck_assert_int_eq(mv_private_key_write(key, &text), MV_OK);
    again = read_key("generated");
    mv_private_key_free(&key);
    mv_private_key_free(&again);
}
END_TEST

START_TEST(generated_keys_differ)
{
    struct mv_private_key *key;
    struct mv_buf other;

    mv_buf_init(&other, MAX_BYTES);
    ck_assert_int_eq(mv_private_key_generate(MV_KEY_ED25519, 0, &key), MV_OK);
    ck_assert_int_eq(mv_private_key_write(key, &text), MV_OK);
    mv_private_key_free(&key);
    ck_assert_int_eq(mv_private_key_generate(MV_KEY_ED25519, 0, &key), MV_OK);
    ck_assert_int_eq(mv_private_key_write(key, &other), MV_OK);
    mv_private_key_free(&key);
    ck_assert(!mv_bytes_equal(mv_buf_bytes(&text), mv_buf_bytes(&other)));
    mv_buf_free(&other);
}
END_TEST

/* Nothing is written half. */
START_TEST(no_room)
{
    struct mv_private_key *key = read_test_key(TEST_RSA1024);
    struct mv_buf small;

    mv_buf_init(&small, 100);
    ck_assert_int_eq(mv_private_key_write(key, &small), MV_ERR_MEMORY);
    mv_buf_reset(&small);
    ck_assert_int_eq(mv_private_key_public_octets(key, &small), MV_ERR_MEMORY);
    mv_buf_free(&small);
    mv_private_key_free(&key);
}
END_TEST

struct job {
    struct mv_private_key *key;
    unsigned right;
};

static struct mv_buf expected_signature;

static void *sign_in_thread(void *arg)
{
    struct job *job = arg;
    unsigned char signature[MV_MAX_SIGNATURE_BYTES];
    size_t len;

    for (int i = 0; i < 100; i++)
        if (mv_private_key_sign(job->key, hash, signature, &len) == MV_OK &&
            mv_bytes_equal(mv_bytes_of(signature, len), mv_buf_bytes(&expected_signature)))
            job->right++;
    mv_private_key_free(&job->key);
    return NULL;
}

START_TEST(threads_share_a_key)
{
    struct mv_private_key *key = read_test_key((enum test_key_id)_i);
    struct job jobs[4];
    pthread_t threads[4];

    mv_buf_init(&expected_signature, MAX_BYTES);
    test_key_sign((enum test_key_id)_i, hash, &expected_signature);
    for (size_t i = 0; i < 4; i++)
        jobs[i] = (struct job){mv_private_key_ref(key), 0};
    mv_private_key_free(&key);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, sign_in_thread, &jobs[i]), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(jobs[i].right, 100);
    mv_buf_free(&expected_signature);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("private_key");
    TCase *tc = tcase_create("private_key");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, read_each_key, 0, ROWS(readable));
    tcase_add_loop_test(tc, same_octets_as_another_signer, 0, ROWS(readable));
    tcase_add_loop_test(tc, write_and_read_again, 0, ROWS(readable));
    tcase_add_loop_test(tc, what_is_published, 0, ROWS(readable));
    tcase_add_loop_test(tc, read_dressed, 0, ROWS(harmless));
    tcase_add_loop_test(tc, refuse_keys, 0, ROWS(refused_keys));
    tcase_add_loop_test(tc, refuse_other_algorithms, 0, 4);
    tcase_add_loop_test(tc, refuse_odd_rsa, 0, 2);
    tcase_add_loop_test(tc, refuse_texts, 0, ROWS(refused_texts));
    tcase_add_loop_test(tc, refuse_spoiled, 0, ROWS(spoiled));
    tcase_add_loop_test(tc, never_a_wrong_signature, 0, 9);
    tcase_add_loop_test(tc, generate, 0, ROWS(generated));
    tcase_add_test(tc, generated_keys_differ);
    tcase_add_test(tc, no_room);
    tcase_add_loop_test(tc, threads_share_a_key, TEST_RSA1024, TEST_RSA1024 + 1);
    tcase_add_loop_test(tc, threads_share_a_key, TEST_ED25519, TEST_ED25519 + 1);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
