#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "core/base/base64.h"
#include "core/dkim/sign.h"
#include "core/text/message.h"
#include "tests/bench/bench.h"
#include "tests/unit/test_keys.h"

#define NOW_SECS 1794744000 /* when the messages were written */
#define LIFETIME_SECS (7 * 86400)
#define SIDES 2

/* By RSA and Ed25519. */
static const enum test_key_id ids[SIDES] = {TEST_RSA2048, TEST_ED25519};
static struct mv_buf pems[SIDES];
static struct mv_dkim_signing_key keys[SIDES];

/* The floor: all of it ready before the first message. */
static EVP_MD *sha256;
static EVP_MD_CTX *digest;
static EVP_PKEY *pkeys[SIDES];
static EVP_PKEY_CTX *rsa;
static EVP_MD_CTX *ed25519;

static void open_key(size_t i)
{
    const char *reason;

    mv_buf_init(&pems[i], BENCH_MAX_BYTES);
    mv_buf_printf(&pems[i], "-----BEGIN PRIVATE KEY-----\n");
    for (struct mv_bytes left = mv_bytes_str(test_key_of(ids[i])->pkcs8); left.len > 0;
         left = mv_bytes_slice(left, 64, left.len)) {
        mv_buf_put(&pems[i], mv_bytes_slice(left, 0, 64));
        mv_buf_putc(&pems[i], '\n');
    }
    mv_buf_printf(&pems[i], "-----END PRIVATE KEY-----\n");
    bench_require(mv_private_key_read(mv_buf_bytes(&pems[i]), &keys[i].key, &reason) == MV_OK, "a key cannot be read");
    keys[i].selector = MV_BYTES(BENCH_SELECTOR);
    pkeys[i] = test_key_load(ids[i]);
}

void bench_signers_open(void)
{
    for (size_t i = 0; i < SIDES; i++)
        open_key(i);
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    digest = EVP_MD_CTX_new();
    rsa = EVP_PKEY_CTX_new_from_pkey(NULL, pkeys[0], NULL);
    ed25519 = EVP_MD_CTX_new();
    bench_require(sha256 != NULL && digest != NULL && rsa != NULL && EVP_PKEY_sign_init(rsa) == 1 &&
                      EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_PADDING) == 1 &&
                      EVP_PKEY_CTX_set_signature_md(rsa, sha256) == 1 && ed25519 != NULL &&
                      EVP_DigestSignInit_ex(ed25519, NULL, NULL, NULL, NULL, pkeys[1], NULL) == 1,
                  "no SHA-256, RSA or Ed25519");
}

void bench_signers_close(void)
{
    EVP_PKEY_CTX_free(rsa);
    EVP_MD_CTX_free(ed25519);
    EVP_MD_CTX_free(digest);
    EVP_MD_free(sha256);
    for (size_t i = 0; i < SIDES; i++) {
        EVP_PKEY_free(pkeys[i]);
        mv_private_key_free(&keys[i].key);
        mv_buf_free(&pems[i]);
    }
}

const char *bench_private_pem(enum bench_keys key)
{
    return mv_buf_cstr(&pems[key == BENCH_ED25519]);
}

void bench_run_sign_floor(void *context)
{
    const struct bench_signing *signing = context;
    unsigned char hash[MV_SHA256_BYTES], signature[MV_MAX_SIGNATURE_BYTES];
    size_t len = sizeof signature;

    bench_require(EVP_DigestInit_ex2(digest, sha256, NULL) == 1 &&
                      EVP_DigestUpdate(digest, signing->raw.data, signing->raw.len) == 1 &&
                      EVP_DigestFinal_ex(digest, hash, NULL) == 1,
                  "SHA-256 failed");
    if ((signing->keys & BENCH_RSA) != 0)
        bench_require(EVP_PKEY_sign(rsa, signature, &len, hash, sizeof hash) == 1, "RSA failed");
    len = sizeof signature;
    if ((signing->keys & BENCH_ED25519) != 0)
        bench_require(EVP_DigestSignInit_ex(ed25519, NULL, NULL, NULL, NULL, NULL, NULL) == 1 &&
                          EVP_DigestSign(ed25519, signature, &len, hash, sizeof hash) == 1,
                      "Ed25519 failed");
}

static void feed(struct mv_arena *arena, struct mv_dkim_signer *signer, const struct mv_dkim_signing_options *options,
                 struct mv_bytes raw)
{
    struct mv_reader *reader = mv_reader_new(arena);
    const struct mv_field *fields;
    struct mv_bytes body;
    bool in_body = false;
    const char *reason;
    size_t count;

    for (size_t at = 0; at < raw.len; at += BENCH_PIECE_BYTES) {
        body = mv_bytes_slice(raw, at, at + BENCH_PIECE_BYTES);
        if (!in_body) {
            bench_require(mv_reader_feed(reader, body, &body) == MV_OK && mv_reader_header_done(reader),
                          "the message cannot be read");
            in_body = true;
            fields = mv_reader_fields(reader, &count);
            bench_require(mv_dkim_signer_header(signer, options, fields, count, mv_reader_defects(reader), &reason) ==
                              MV_OK,
                          "the message is not to be signed");
        }
        mv_dkim_signer_body(signer, body);
    }
}

static void sign(const struct bench_signing *signing, struct mv_buf *out)
{
    struct mv_dkim_signing_options options = {.sdid = MV_BYTES(BENCH_SDID),
                                              .keys = signing->keys == BENCH_ED25519 ? &keys[1] : &keys[0],
                                              .key_count = signing->keys == BENCH_BOTH ? 2 : 1,
                                              .now_secs = NOW_SECS,
                                              .lifetime_secs = LIFETIME_SECS,
                                              .header_canon = MV_CANON_RELAXED,
                                              .body_canon = MV_CANON_RELAXED};
    struct mv_arena *arena = mv_arena_new(BENCH_MAX_BYTES);
    struct mv_dkim_signer *signer = mv_dkim_signer_new(arena);
    const char *reason;

    feed(arena, signer, &options, signing->raw);
    bench_require(mv_dkim_signer_end(signer, out, &reason) == MV_OK, "the message is not signed");
    mv_dkim_signer_free(&signer);
    mv_arena_free(&arena);
}

void bench_run_sign_ours(void *context)
{
    struct mv_buf out;

    mv_buf_init(&out, BENCH_MAX_BYTES);
    sign(context, &out);
    mv_buf_free(&out);
}

void bench_check_signer(const struct bench_signing *signing)
{
    static const char *const types[SIDES] = {"v=DKIM1; k=rsa; p=", "v=DKIM1; k=ed25519; p="};
    struct bench_message message = {.passes = 1};
    struct mv_buf out, record;

    mv_buf_init(&out, BENCH_MAX_BYTES);
    mv_buf_init(&record, BENCH_MAX_BYTES);
    sign(signing, &out);
    mv_buf_put(&out, signing->raw);
    message.raw = mv_buf_bytes(&out);
    for (size_t i = 0; i < SIDES; i++) {
        if ((signing->keys & (1u << i)) == 0)
            continue;
        mv_buf_reset(&record);
        mv_buf_puts(&record, types[i]);
        test_key_p(ids[i], &record);
        message.key_record = mv_buf_bytes(&record);
        bench_run_ours(&message);
    }
    mv_buf_free(&record);
    mv_buf_free(&out);
}
