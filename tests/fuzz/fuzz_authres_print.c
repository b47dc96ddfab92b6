/*
 * Everything that strangers write into a verdict, pieces separated by NUL: what
 * is printed says the facts and nothing else (tests/unit/authres_facts.h).
 */
#include "core/auth/authres.h"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/authres_facts.h"

#define MAX_OUT_BYTES 65536

/* The next piece; empty at the end. */
static struct mv_bytes take(struct mv_cursor *c)
{
    struct mv_bytes piece = mv_cursor_take_until(c, '\0');

    mv_cursor_accept(c, '\0');
    return piece;
}

/* A sentence of ours: without NUL, as it is a string. */
static const char *take_reason(struct mv_arena *arena, struct mv_cursor *c)
{
    struct mv_bytes piece = take(c);

    return piece.len == 0 ? NULL : mv_arena_str(arena, piece);
}

static void take_signature(struct mv_arena *arena, struct mv_cursor *c, struct mv_dkim_result *dkim)
{
    int kind = mv_cursor_next(c);

    *dkim = (struct mv_dkim_result){.code = kind < 0 ? MV_DKIM_FAIL : (enum mv_dkim_code)(kind % 7),
                                    .sdid = take(c),
                                    .auid = take(c),
                                    .selector = take(c),
                                    .algorithm = take(c),
                                    .value_text = take(c),
                                    .rule = "sha1",
                                    .reason = take_reason(arena, c)};
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(data, size));
    struct mv_bytes id = MV_BYTES("mx.example.com");
    struct mv_dkim_result dkim[2];
    struct mv_arc_hop hop;
    struct mv_verdict verdict = {.has_spf = true, .has_dkim = true, .dkim = dkim, .dkim_count = 2, .has_arc = true,
                                 .has_dmarc = true};
    struct mv_buf out;

    verdict.spf = (struct mv_spf_result){.code = MV_SPF_PERMERROR, .domain = take(&c), .reason = take_reason(arena, &c)};
    take_signature(arena, &c, &dkim[0]);
    take_signature(arena, &c, &dkim[1]);
    hop = (struct mv_arc_hop){.domain = take(&c)};
    verdict.arc = (struct mv_arc_result){
        .code = MV_ARC_FAIL, .has_fields = true, .hops = &hop, .hop_count = 1, .reason = take_reason(arena, &c)};
    verdict.author_domain = take(&c);
    verdict.dmarc = (struct mv_dmarc_result){
        .code = MV_DMARC_FAIL, .has_record = true, .policy_domain = take(&c), .reason = take_reason(arena, &c)};
    mv_buf_init(&out, MAX_OUT_BYTES);
    fuzz_require(mv_authres_print(&verdict, id, &out) == MV_OK);
    fuzz_require(authres_fault(&verdict, id, mv_buf_bytes(&out)) == NULL);
    mv_buf_free(&out);
    mv_arena_free(&arena);
    return 0;
}
