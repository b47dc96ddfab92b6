/*
 * Keys for tests, and for nothing else: their private parts are public.
 */
#ifndef TEST_KEYS_H
#define TEST_KEYS_H

#include <stdbool.h>
#include <openssl/evp.h>

#include "core/base/buf.h"

struct test_key {
    const char *name;  /* "rsa2048", "ed25519" */
    unsigned bits;
    const char *pkcs8; /* base64 */
};

enum test_key_id {
    TEST_RSA1024, /* the usual one */
    TEST_RSA512,
    TEST_RSA768,
    TEST_RSA1023,
    TEST_RSA1024_E3,
    TEST_RSA2048,
    TEST_RSA4096,
    TEST_RSA8192,
    TEST_ED25519,
    TEST_KEY_COUNT
};

const struct test_key *test_key_of(enum test_key_id id);
/* The key pair; EVP_PKEY_free() it. Stops the test when it cannot be read. */
EVP_PKEY *test_key_load(enum test_key_id id);
/* Appends SubjectPublicKeyInfo, PKCS#1 RSAPublicKey, or the 32 octets of an Ed25519 key. */
void test_key_spki(enum test_key_id id, struct mv_buf *out);
void test_key_pkcs1(enum test_key_id id, struct mv_buf *out);
void test_key_raw(enum test_key_id id, struct mv_buf *out);
/* What goes into p=: SubjectPublicKeyInfo or the 32 octets, in base64. */
void test_key_p(enum test_key_id id, struct mv_buf *out);
/* Appends the signature over the SHA-256 (RSA: PKCS#1 v1.5; Ed25519: over the 32 octets). */
void test_key_sign(enum test_key_id id, const unsigned char hash[32], struct mv_buf *out);

/* Ends the program unless it holds. The bench signs outside of any Check test, where ck_assert() cannot be used. */
void test_must(bool condition);

#endif
