/*
 * A message from a user, signed by an RSA and an Ed25519 key.  The first octet
 * says how: canonicalisations and the size of the pieces.  Either it is refused with
 * a reason, the same in any split, or our own verifier passes both signatures.
 */
#include "core/dkim/sign.h"

#include "core/base/base64.h"
#include "core/dkim/verify.h"
#include "core/text/message.h"
#include "tests/fuzz/fuzz.h"

#define NOW_SECS 1700000000

struct signing {
    struct mv_arena *arena;
    enum mv_code code;
    const char *reason;
    struct mv_buf fields;
};

static struct mv_private_key *keys[2];
static struct mv_buf records[2];

static void open_key(size_t i, enum mv_key_type type, const char *record)
{
    struct mv_buf octets;

    mv_buf_init(&octets, FUZZ_MAX_BYTES);
    mv_buf_init(&records[i], FUZZ_MAX_BYTES);
    fuzz_require(mv_private_key_generate(type, MV_RSA_MIN_SIGNING_BITS, &keys[i]) == MV_OK);
    fuzz_require(mv_private_key_public_octets(keys[i], &octets) == MV_OK);
    mv_buf_puts(&records[i], record);
    mv_base64_encode(mv_buf_bytes(&octets), &records[i]);
    mv_buf_free(&octets);
}

static struct mv_dkim_signing_options options_of(unsigned char how, struct mv_dkim_signing_key *list)
{
    if (keys[0] == NULL) {
        open_key(0, MV_KEY_RSA, "v=DKIM1; p=");
        open_key(1, MV_KEY_ED25519, "v=DKIM1; k=ed25519; p=");
    }
    list[0] = (struct mv_dkim_signing_key){keys[0], MV_BYTES("r")};
    list[1] = (struct mv_dkim_signing_key){keys[1], MV_BYTES("e")};
    return (struct mv_dkim_signing_options){.sdid = MV_BYTES("example.com"),
                                            .keys = list,
                                            .key_count = 2,
                                            .now_secs = NOW_SECS,
                                            .lifetime_secs = 100,
                                            .header_canon = how & 1 ? MV_CANON_SIMPLE : MV_CANON_RELAXED,
                                            .body_canon = how & 2 ? MV_CANON_SIMPLE : MV_CANON_RELAXED};
}

/* Reads the message and hands it on; take_header is called once. */
static enum mv_code feed(struct mv_arena *arena, struct mv_bytes message, size_t piece, void *context,
                         enum mv_code (*take_header)(void *context, const struct mv_reader *reader),
                         void (*take_body)(void *context, struct mv_bytes body))
{
    struct mv_reader *reader = mv_reader_new(arena);
    bool header_done = false;
    enum mv_code code = MV_OK;
    struct mv_bytes body;

    for (size_t at = 0; at < message.len && code == MV_OK; at += piece) {
        code = mv_reader_feed(reader, mv_bytes_slice(message, at, at + piece), &body);
        if (code != MV_OK || !mv_reader_header_done(reader))
            continue;
        if (!header_done)
            code = take_header(context, reader);
        header_done = true;
        if (code == MV_OK)
            take_body(context, body);
    }
    if (code == MV_OK)
        code = mv_reader_end(reader);
    return code == MV_OK && !header_done ? take_header(context, reader) : code;
}

struct signer {
    struct mv_dkim_signer *signer;
    const struct mv_dkim_signing_options *options;
    const char *reason;
};

static enum mv_code begin_signing(void *context, const struct mv_reader *reader)
{
    struct signer *s = context;
    size_t count;
    const struct mv_field *fields = mv_reader_fields(reader, &count);

    return mv_dkim_signer_header(s->signer, s->options, fields, count, mv_reader_defects(reader), &s->reason);
}

static void sign_body(void *context, struct mv_bytes body)
{
    mv_dkim_signer_body(((struct signer *)context)->signer, body);
}

static void sign(const struct mv_dkim_signing_options *options, struct mv_bytes message, size_t piece,
                 struct signing *signing)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct signer s = {mv_dkim_signer_new(arena), options, NULL};

    *signing = (struct signing){.arena = arena};
    mv_buf_init(&signing->fields, 2 * MV_DKIM_MAX_MADE_BYTES);
    signing->code = feed(arena, message, piece, &s, begin_signing, sign_body);
    if (signing->code == MV_OK)
        signing->code = mv_dkim_signer_end(s.signer, &signing->fields, &s.reason);
    signing->reason = s.reason;
    fuzz_require(signing->code == MV_OK || signing->code == MV_ERR_SYNTAX || signing->code == MV_ERR_LIMIT);
    fuzz_require((signing->code == MV_ERR_SYNTAX) == (s.reason != NULL));
    mv_dkim_signer_free(&s.signer);
}

static void end_signing(struct signing *signing)
{
    mv_buf_free(&signing->fields);
    mv_arena_free(&signing->arena);
}

struct verifier {
    struct mv_dkim_bodies *bodies;
    struct mv_dkim_verifier *verifier;
    struct mv_dkim_options options;
};

static enum mv_code begin_verifying(void *context, const struct mv_reader *reader)
{
    struct verifier *v = context;
    size_t count;
    const struct mv_field *fields = mv_reader_fields(reader, &count);

    v->options.defects = mv_reader_defects(reader);
    return mv_dkim_verifier_header(v->verifier, &v->options, fields, count);
}

static void verify_body(void *context, struct mv_bytes body)
{
    mv_dkim_bodies_feed(((struct verifier *)context)->bodies, body);
}

static void answer(struct mv_memo *memo, const struct mv_dns_question *question)
{
    bool rsa = mv_bytes_has_prefix_nocase(question->name, MV_BYTES("r._domainkey."));
    bool ours = rsa || mv_bytes_has_prefix_nocase(question->name, MV_BYTES("e._domainkey."));
    struct mv_dns_record record = {.data = mv_buf_bytes(&records[rsa ? 0 : 1])};
    struct mv_dns_answer reply = {
        .status = ours ? MV_DNS_FOUND : MV_DNS_NXDOMAIN, .ttl_secs = 60, .count = ours, .records = &record};

    mv_memo_answer(memo, question, &reply);
}

/* Both of ours stand on top; what the message brought along may fail as it likes. */
static void require_both_pass(const struct mv_dkim_verifier *verifier)
{
    size_t count;
    const struct mv_dkim_result *results = mv_dkim_verifier_results(verifier, &count);

    fuzz_require(count >= 2 && results[0].code == MV_DKIM_PASS && results[1].code == MV_DKIM_PASS);
}

static void verify(struct mv_bytes message)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct verifier v = {.bodies = mv_dkim_bodies_new(arena)};
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dns_question question;

    v.options = (struct mv_dkim_options){.now_secs = NOW_SECS, .author_domain = MV_BYTES("example.com")};
    v.verifier = mv_dkim_verifier_new(arena, v.bodies);
    fuzz_require(feed(arena, message, message.len, &v, begin_verifying, verify_body) == MV_OK);
    fuzz_require(mv_dkim_bodies_end(v.bodies) == MV_OK);
    while (mv_dkim_verifier_run(v.verifier, memo, NULL) == MV_NEED_DNS)
        while (mv_memo_next_question(memo, &question))
            answer(memo, &question);
    require_both_pass(v.verifier);
    mv_dkim_verifier_free(&v.verifier);
    mv_dkim_bodies_free(&v.bodies);
    mv_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes message = mv_bytes_slice(mv_bytes_of(data, size), 1, size);
    unsigned char how = size == 0 ? 0 : data[0];
    struct mv_dkim_signing_key list[2];
    struct mv_dkim_signing_options options = options_of(how, list);
    struct signing whole, split;

    sign(&options, message, size + 1, &whole);
    sign(&options, message, (size_t)(how >> 2) + 1, &split);
    fuzz_require(whole.code == split.code);
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&whole.fields), mv_buf_bytes(&split.fields)));
    if (whole.code == MV_OK) {
        mv_buf_reset(&split.fields);
        split.fields.max_bytes = FUZZ_MAX_BYTES;
        mv_buf_put(&split.fields, mv_buf_bytes(&whole.fields));
        mv_buf_put(&split.fields, message);
        verify(mv_buf_bytes(&split.fields));
    }
    end_signing(&whole);
    end_signing(&split);
    return 0;
}
