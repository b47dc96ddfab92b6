#include "tests/unit/dkim_sign_run.h"

#include <check.h>

#include "core/text/message.h"

static struct mv_private_key *keys[TEST_KEY_COUNT];

struct mv_private_key *dkim_sign_key(enum test_key_id id)
{
    struct mv_buf pem;
    const char *reason;

    if (keys[id] != NULL)
        return keys[id];
    mv_buf_init(&pem, 16384);
    mv_buf_printf(&pem, "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", test_key_of(id)->pkcs8);
    ck_assert_int_eq(mv_private_key_read(mv_buf_bytes(&pem), &keys[id], &reason), MV_OK);
    mv_buf_free(&pem);
    return keys[id];
}

void dkim_sign_forget_keys(void)
{
    for (size_t i = 0; i < TEST_KEY_COUNT; i++)
        mv_private_key_free(&keys[i]);
}

struct mv_dkim_signing_options dkim_sign_dual(void)
{
    static struct mv_dkim_signing_key both[2];

    both[0] = (struct mv_dkim_signing_key){dkim_sign_key(TEST_RSA1024), MV_BYTES("mx1-20261123-r")};
    both[1] = (struct mv_dkim_signing_key){dkim_sign_key(TEST_ED25519), MV_BYTES("mx1-20261123-e")};
    return (struct mv_dkim_signing_options){.sdid = MV_BYTES("example.com"),
                                            .keys = both,
                                            .key_count = 2,
                                            .now_secs = DKIM_TEST_NOW,
                                            .lifetime_secs = DKIM_SIGN_LIFETIME_SECS,
                                            .header_canon = MV_CANON_RELAXED,
                                            .body_canon = MV_CANON_RELAXED};
}

static enum mv_code begin(struct mv_dkim_signer *signer, const struct mv_dkim_signing_options *options,
                          const struct mv_reader *reader, const char **reason_r)
{
    size_t count;
    const struct mv_field *fields = mv_reader_fields(reader, &count);

    return mv_dkim_signer_header(signer, options, fields, count, mv_reader_defects(reader), reason_r);
}

struct dkim_sign_outcome dkim_sign_run(const struct mv_dkim_signing_options *options, struct mv_bytes message,
                                       size_t piece_bytes, struct mv_buf *out)
{
    struct mv_arena *arena = mv_arena_new(DKIM_TEST_MAX_BYTES);
    struct mv_reader *reader = mv_reader_new(arena);
    struct mv_dkim_signer *signer = mv_dkim_signer_new(arena);
    size_t piece = piece_bytes == 0 ? message.len + 1 : piece_bytes;
    struct mv_bytes body;
    struct dkim_sign_outcome outcome = {MV_OK, NULL};
    bool begun = false;

    for (size_t at = 0; at < message.len && outcome.code == MV_OK; at += piece) {
        ck_assert_int_eq(mv_reader_feed(reader, mv_bytes_slice(message, at, at + piece), &body), MV_OK);
        if (!begun && mv_reader_header_done(reader)) {
            begun = true;
            outcome.code = begin(signer, options, reader, &outcome.reason);
        }
        if (begun)
            mv_dkim_signer_body(signer, body);
    }
    ck_assert_int_eq(mv_reader_end(reader), MV_OK);
    if (!begun)
        outcome.code = begin(signer, options, reader, &outcome.reason);
    if (outcome.code == MV_OK)
        outcome.code = mv_dkim_signer_end(signer, out, &outcome.reason);
    mv_dkim_signer_free(&signer);
    ck_assert_ptr_null(signer);
    mv_arena_free(&arena);
    return outcome;
}
