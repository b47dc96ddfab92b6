#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "core/crypto/key_cache.h"
#include "core/dkim/verify.h"
#include "core/text/message.h"
#include "tests/bench/bench.h"
#include "tests/unit/test_keys.h"

#define NOW_SECS 1794744000 /* when the messages were written */

/* The floor: all of it ready before the first message. */
static EVP_MD *sha256;
static EVP_MD_CTX *digest;
static EVP_PKEY *pkey;
static EVP_PKEY_CTX *rsa;
static struct mv_buf signature;

void bench_sides_open(void)
{
    static const unsigned char hash[MV_SHA256_BYTES];

    mv_buf_init(&signature, BENCH_MAX_BYTES);
    test_key_sign(TEST_RSA2048, hash, &signature);
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    digest = EVP_MD_CTX_new();
    pkey = test_key_load(TEST_RSA2048);
    rsa = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bench_require(sha256 != NULL && digest != NULL && rsa != NULL && EVP_PKEY_verify_init(rsa) == 1 &&
                      EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_PADDING) == 1 &&
                      EVP_PKEY_CTX_set_signature_md(rsa, sha256) == 1,
                  "no SHA-256 or RSA");
}

void bench_sides_close(void)
{
    EVP_PKEY_CTX_free(rsa);
    EVP_PKEY_free(pkey);
    EVP_MD_CTX_free(digest);
    EVP_MD_free(sha256);
    mv_buf_free(&signature);
}

void bench_run_hash(void *context)
{
    const struct bench_message *message = context;
    unsigned char hash[MV_SHA256_BYTES];

    bench_require(EVP_DigestInit_ex2(digest, sha256, NULL) == 1 &&
                      EVP_DigestUpdate(digest, message->raw.data, message->raw.len) == 1 &&
                      EVP_DigestFinal_ex(digest, hash, NULL) == 1,
                  "SHA-256 failed");
}

void bench_run_floor(void *context)
{
    static const unsigned char hash[MV_SHA256_BYTES];
    struct mv_bytes value = mv_buf_bytes(&signature);

    bench_run_hash(context);
    bench_require(EVP_PKEY_verify(rsa, value.data, value.len, hash, sizeof hash) == 1, "RSA failed");
}

static void read_header(struct mv_reader *reader, struct mv_dkim_verifier *verifier,
                        const struct mv_dkim_options *options)
{
    size_t count;
    const struct mv_field *fields = mv_reader_fields(reader, &count);

    bench_require(mv_reader_defects(reader) == 0 &&
                      mv_dkim_verifier_header(verifier, options, fields, count) == MV_OK,
                  "the header cannot be read");
}

static void feed(struct mv_arena *arena, struct mv_dkim_verifier *verifier, struct mv_dkim_bodies *bodies,
                 const struct mv_dkim_options *options, struct mv_bytes raw)
{
    struct mv_reader *reader = mv_reader_new(arena);
    struct mv_bytes body;
    bool in_body = false;

    for (size_t at = 0; at < raw.len; at += BENCH_PIECE_BYTES) {
        body = mv_bytes_slice(raw, at, at + BENCH_PIECE_BYTES);
        if (!in_body) {
            bench_require(mv_reader_feed(reader, body, &body) == MV_OK, "the message cannot be read");
            in_body = mv_reader_header_done(reader);
            if (in_body)
                read_header(reader, verifier, options);
        }
        if (in_body)
            mv_dkim_bodies_feed(bodies, body);
    }
    bench_require(in_body && mv_dkim_bodies_end(bodies) == MV_OK, "the body cannot be hashed");
}

static void answer(struct mv_memo *memo, struct mv_bytes key_record)
{
    struct mv_dns_record record = {.data = key_record};
    struct mv_dns_answer found = {.status = MV_DNS_FOUND, .ttl_secs = 300, .count = 1, .records = &record};
    struct mv_dns_question question;

    while (mv_memo_next_question(memo, &question))
        bench_require(mv_memo_answer(memo, &question, &found) == MV_OK, "no memory for an answer");
}

static void require_passes(const struct mv_dkim_verifier *verifier, size_t passes)
{
    size_t count;
    const struct mv_dkim_result *results = mv_dkim_verifier_results(verifier, &count);

    for (size_t i = 0; i < count; i++)
        passes -= results[i].code == MV_DKIM_PASS;
    bench_require(passes == 0, "not every signature passes");
}

void bench_run_ours_cached(void *context)
{
    const struct bench_message *message = context;
    const struct mv_dkim_options options = {.now_secs = NOW_SECS, .author_domain = MV_BYTES(BENCH_SDID)};
    struct mv_arena *arena = mv_arena_new(BENCH_MAX_BYTES);
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dkim_bodies *bodies = mv_dkim_bodies_new(arena);
    struct mv_dkim_verifier *verifier = mv_dkim_verifier_new(arena, bodies);

    feed(arena, verifier, bodies, &options, message->raw);
    mv_dkim_verifier_prefetch(verifier, memo);
    answer(memo, message->key_record);
    bench_require(mv_dkim_verifier_run(verifier, memo, NULL) == MV_OK, "no result");
    require_passes(verifier, message->passes);
    mv_dkim_verifier_free(&verifier);
    mv_dkim_bodies_free(&bodies);
    mv_arena_free(&arena);
}

void bench_run_ours(void *context)
{
    mv_key_cache_clear();
    bench_run_ours_cached(context);
}
