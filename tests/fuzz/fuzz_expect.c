/* Any file of what is expected is read or refused with a sentence; whatever DNS said is written so that it is no drift. */
#include "core/ops/expect.h"

#include "tests/fuzz/fuzz.h"

static const struct mv_finding_kind kind = {"x-y", MV_SEVERITY_NOTE, "", ""};

static struct mv_memo *make_memo(struct mv_arena *arena, struct mv_bytes text)
{
    const struct mv_dns_question question = {MV_BYTES("_dmarc.example.org"), MV_DNS_TXT};
    const struct mv_dns_record records[] = {{.data = text}, {.data = MV_BYTES("v=DMARC1")}};
    const struct mv_dns_answer answer = {.status = MV_DNS_FOUND, .count = 2, .records = records};
    struct mv_memo *memo = mv_memo_new(arena);

    fuzz_require(memo != NULL && mv_memo_answer(memo, &question, &answer) == MV_OK);
    return memo;
}

static void check_round(struct mv_arena *arena, struct mv_bytes text)
{
    const struct mv_deployment_request request = {.domain = MV_BYTES("example.org")};
    struct mv_findings *found = mv_findings_new(arena), *drift = mv_findings_new(arena);
    struct mv_memo *memo = make_memo(arena, text);
    struct mv_error error = {MV_OK, ""};
    struct mv_expect *expect = NULL;
    struct mv_bytes name;
    struct mv_buf file;

    mv_findings_add(found, &kind, text, "%s", "");
    mv_buf_init(&file, MV_EXPECT_MAX_BYTES);
    mv_expect_put_head(&file);
    fuzz_require(mv_expect_put(arena, &request, memo, found, &file, &name) == MV_OK);
    fuzz_require(mv_expect_parse(arena, mv_buf_bytes(&file), &expect, &error) == MV_OK);
    fuzz_require(mv_expect_compare(arena, expect, &request, memo, found, drift) == MV_OK);
    fuzz_require(mv_findings_count(drift) == 0);
    mv_buf_free(&file);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_error error = {MV_OK, ""};
    struct mv_expect *expect;
    enum mv_code code = mv_expect_parse(arena, mv_bytes_of(data, size), &expect, &error);

    fuzz_require(code == MV_OK || (code == MV_ERR_SYNTAX && error.text[0] != '\0'));
    check_round(arena, mv_bytes_of(data, size));
    mv_arena_free(&arena);
    return 0;
}
