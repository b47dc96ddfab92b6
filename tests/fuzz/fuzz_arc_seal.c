/*
 * A message under an attacker's control is sealed (RFC 8617 5.1).  The fields are
 * the same for a message fed whole and byte by byte; a first set verifies, and one
 * on top of a chain that was said to have failed never passes.
 */
#include "core/auth/seal.h"

#include "core/arc/verify.h"
#include "core/crypto/private_key.h"
#include "core/text/message.h"
#include "tests/fuzz/fuzz.h"

static struct mv_buf pem, record;

/* One key for all inputs. */
static void make_key(void)
{
    struct mv_private_key *key;
    struct mv_buf octets;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    mv_buf_init(&pem, 10000);
    mv_buf_init(&record, 10000);
    mv_buf_init(&octets, 100);
    fuzz_require(mv_private_key_generate(MV_KEY_ED25519, 0, &key) == MV_OK);
    fuzz_require(mv_private_key_write(key, &pem) == MV_OK && mv_private_key_public_octets(key, &octets) == MV_OK);
    mv_buf_puts(&record, "v=DKIM1; k=ed25519; p=");
    for (size_t i = 0; i < octets.len; i += 3) {
        unsigned bits = octets.data[i] << 16 | (i + 1 < octets.len ? octets.data[i + 1] << 8 : 0) |
                        (i + 2 < octets.len ? octets.data[i + 2] : 0);

        mv_buf_putc(&record, (unsigned char)digits[bits >> 18]);
        mv_buf_putc(&record, (unsigned char)digits[bits >> 12 & 63]);
        mv_buf_putc(&record, (unsigned char)(i + 1 < octets.len ? digits[bits >> 6 & 63] : '='));
        mv_buf_putc(&record, (unsigned char)(i + 2 < octets.len ? digits[bits & 63] : '='));
    }
    mv_private_key_free(&key);
    mv_buf_free(&octets);
}

static struct mv_seal *seal(struct mv_bytes message, size_t piece)
{
    struct mv_seal_request request = {.authserv_id = MV_BYTES("mx.example.com"), .domain = MV_BYTES("example.net"),
                                      .selector = MV_BYTES("s"), .pem = mv_buf_bytes(&pem), .now_secs = 1795435200};
    struct mv_error error = {0};
    struct mv_seal *one;

    fuzz_require(mv_seal_begin(&request, &one, &error) == MV_OK);
    for (size_t at = 0; at < message.len; at += piece)
        fuzz_require(mv_seal_feed(one, mv_bytes_slice(message, at, at + piece)) == MV_OK);
    fuzz_require(mv_seal_end(one) == MV_OK);
    return one;
}

static enum mv_arc_code verify(struct mv_bytes message)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_dkim_bodies *bodies = mv_dkim_bodies_new(arena);
    struct mv_arc_verifier *verifier = mv_arc_verifier_new(arena, bodies);
    struct mv_dkim_options options = {.now_secs = 1795435200};
    struct mv_reader *reader = mv_reader_new(arena);
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dns_record text = {.data = mv_buf_bytes(&record)};
    struct mv_dns_answer answer = {MV_DNS_FOUND, false, 60, 1, &text, 0};
    struct mv_dns_question question;
    const struct mv_field *fields;
    enum mv_arc_code code;
    struct mv_bytes body;
    size_t count;

    fuzz_require(mv_reader_feed(reader, message, &body) == MV_OK && mv_reader_end(reader) == MV_OK);
    fields = mv_reader_fields(reader, &count);
    options.defects = mv_reader_defects(reader);
    fuzz_require(mv_arc_verifier_header(verifier, &options, fields, count) == MV_OK);
    mv_dkim_bodies_feed(bodies, body);
    fuzz_require(mv_dkim_bodies_end(bodies) == MV_OK);
    while (mv_arc_verifier_run(verifier, memo, NULL) == MV_NEED_DNS)
        while (mv_memo_next_question(memo, &question))
            mv_memo_answer(memo, &question, &answer);
    code = mv_arc_verifier_result(verifier)->code;
    mv_arc_verifier_free(&verifier);
    mv_dkim_bodies_free(&bodies);
    mv_arena_free(&arena);
    return code;
}

/* Where the word begins; the length of the text when it does not. */
static size_t find(struct mv_bytes text, struct mv_bytes word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (mv_bytes_equal(mv_bytes_slice(text, i, i + word.len), word))
            return i;
    return text.len;
}

static bool holds(struct mv_bytes text, struct mv_bytes word)
{
    return find(text, word) < text.len;
}

/* The fields, which come first, and the message. */
static void check_sealed(struct mv_bytes fields, struct mv_bytes message)
{
    struct mv_bytes own = mv_bytes_slice(fields, 0, find(fields, MV_BYTES("ARC-Message-Signature:")));
    enum mv_arc_code code;
    struct mv_buf whole;

    mv_buf_init(&whole, FUZZ_MAX_BYTES);
    mv_buf_put(&whole, fields);
    mv_buf_put(&whole, message);
    code = verify(mv_buf_bytes(&whole));
    if (holds(own, MV_BYTES(" cv=none;")))
        fuzz_require(code == MV_ARC_PASS);
    if (holds(own, MV_BYTES(" cv=fail;")))
        fuzz_require(code != MV_ARC_PASS);
    mv_buf_free(&whole);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes message = mv_bytes_of(data, size);
    struct mv_seal *whole, *split;

    if (pem.data == NULL)
        make_key();
    whole = seal(message, size + 1);
    split = seal(message, 1);
    fuzz_require(mv_seal_reason(whole) == mv_seal_reason(split));
    fuzz_require(mv_bytes_equal(mv_seal_fields(whole), mv_seal_fields(split)));
    fuzz_require((mv_seal_reason(whole) == NULL) == (mv_seal_fields(whole).len > 0));
    if (mv_seal_reason(whole) == NULL)
        check_sealed(mv_seal_fields(whole), message);
    mv_seal_free(&whole);
    mv_seal_free(&split);
    return 0;
}
