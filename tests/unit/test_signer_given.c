/* Signing with keys that are given by hand: no configuration, no table. */
#include <stdio.h>
#include <string.h>

#include "core/crypto/private_key.h"
#include "core/mailvouch.h"
#include "tests/unit/unit.h"

#define MESSAGE "From: alice@example.org\r\nSubject: x\r\n\r\nhello\r\n"
#define NOW_SECS 1795400000

static char rsa_pem[4096], ed25519_pem[4096], weak_pem[] =
    "-----BEGIN PRIVATE KEY-----\nMEYCAQAwDQYJKoZIhvcNAQEBBQAEMjAwAgEAAgcAwuHyAmpvAgMBAAECBi4jFaGz\n"
    "AQIEAOsEUQIEANRP3wIEAIyN0QIEALv9tQIDPlFR\n-----END PRIVATE KEY-----\n";

static void make_pem(enum mv_key_type type, char *pem, size_t size)
{
    struct mv_private_key *key;
    struct mv_buf text;

    mv_buf_init(&text, size);
    ck_assert_int_eq(mv_private_key_generate(type, 1024, &key), MV_OK);
    ck_assert_int_eq(mv_private_key_write(key, &text), MV_OK);
    snprintf(pem, size, "%s", mv_buf_cstr(&text));
    mv_buf_free(&text);
    mv_private_key_free(&key);
}

static const struct {
    const char *name;
    const char *domain;
    const char *selectors[2];
    const char *pems[2];
    enum mv_code code;
    const char *says; /* of the error, or in the fields */
} rows[] = {
    {"one key", "", {"s"}, {rsa_pem}, MV_OK, "d=example.org; s=s;"},
    {"two keys", "", {"a", "b"}, {rsa_pem, ed25519_pem}, MV_OK, "s=b;"},
    {"another domain", "Other.EXAMPLE", {"s"}, {rsa_pem}, MV_OK, "d=other.example;"},
    {"selector of two labels", "", {"a.b"}, {ed25519_pem}, MV_OK, "s=a.b;"},
    {"no key", "", {NULL}, {NULL}, MV_ERR_USAGE, "give 1 to 4 keys"},
    {"no selector", "", {""}, {rsa_pem}, MV_ERR_SYNTAX, "the selector that was given"},
    {"bad selector", "", {"a b"}, {rsa_pem}, MV_ERR_SYNTAX, "the selector that was given"},
    {"bad domain", "a..b", {"s"}, {rsa_pem}, MV_ERR_SYNTAX, "the domain that was given"},
    {"domain of one label", "org", {"s"}, {rsa_pem}, MV_ERR_SYNTAX, "the domain that was given"},
    {"garbage", "", {"s"}, {"garbage"}, MV_ERR_SYNTAX, "key.pem: "},
    {"second is garbage", "", {"a", "b"}, {rsa_pem, ""}, MV_ERR_SYNTAX, "key.pem: "},
    {"weak", "", {"s"}, {weak_pem}, MV_ERR_SYNTAX, "key.pem: "},
};

static enum mv_code begin(size_t row, struct mv_signer **signer_r, struct mv_error *error)
{
    struct mv_sign_given_key keys[2];
    struct mv_sign_given given = {.domain = mv_bytes_str(rows[row].domain), .keys = keys, .now_secs = NOW_SECS};

    for (; given.key_count < 2 && rows[row].pems[given.key_count] != NULL; given.key_count++)
        keys[given.key_count] = (struct mv_sign_given_key){mv_bytes_str(rows[row].selectors[given.key_count]),
                                                           mv_bytes_str(rows[row].pems[given.key_count]), "key.pem"};
    return mv_signer_begin_given(&given, signer_r, error);
}

START_TEST(test_rows)
{
    make_pem(MV_KEY_RSA, rsa_pem, sizeof rsa_pem);
    make_pem(MV_KEY_ED25519, ed25519_pem, sizeof ed25519_pem);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mv_error error = {0};
        struct mv_signer *signer;
        enum mv_code code = begin(i, &signer, &error);
        char fields[8192] = "";

        ck_assert_msg(code == rows[i].code, "%s: %s", rows[i].name, error.text);
        if (code != MV_OK) {
            ck_assert_ptr_null(signer);
            ck_assert_msg(strstr(error.text, rows[i].says) == error.text, "%s: %s", rows[i].name, error.text);
            continue;
        }
        ck_assert_int_eq(mv_signer_feed(signer, MV_BYTES(MESSAGE)), MV_OK);
        ck_assert_int_eq(mv_signer_end(signer), MV_OK);
        ck_assert_msg(mv_signer_outcome(signer)->action == MV_SIGN_SIGNED, "%s: %s", rows[i].name,
                      mv_signer_outcome(signer)->log);
        memcpy(fields, mv_signer_fields(signer).data, mv_signer_fields(signer).len);
        ck_assert_msg(strstr(fields, rows[i].says) != NULL, "%s: %s", rows[i].name, fields);
        mv_signer_free(&signer);
    }
}
END_TEST

/* What must not be signed is refused here too. */
START_TEST(test_malformed)
{
    static const char *const messages[] = {
        "Subject: x\r\n\r\n", "From: a@example.org\r\nFrom: b@example.org\r\n\r\n", "From: a@example.org\r\n\r\na\nb\r\n",
        "From: nobody\r\n\r\n",
    };

    make_pem(MV_KEY_RSA, rsa_pem, sizeof rsa_pem);
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct mv_error error = {0};
        struct mv_signer *signer;

        ck_assert_int_eq(begin(0, &signer, &error), MV_OK);
        ck_assert_int_eq(mv_signer_feed(signer, mv_bytes_str(messages[i])), MV_OK);
        ck_assert_int_eq(mv_signer_end(signer), MV_OK);
        ck_assert_msg(mv_signer_outcome(signer)->action == MV_SIGN_REFUSED, "%s", messages[i]);
        ck_assert_uint_eq(mv_signer_fields(signer).len, 0);
        mv_signer_free(&signer);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_malformed};

    return unit_run("signer given", tests, sizeof tests / sizeof tests[0]);
}
