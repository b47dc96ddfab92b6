/* Any JSON: refused with a sentence, or read within the limits. */
#include "core/report/tlsrpt.h"

#include "tests/fuzz/fuzz.h"

static void check(struct mv_bytes text)
{
    fuzz_require(text.len <= MV_TLSRPT_MAX_TEXT_BYTES);
    fuzz_require(mv_bytes_is_utf8(text));
}

static enum mv_code policy(void *to, const struct mv_tls_head *head, const struct mv_tls_policy *p)
{
    (void)to;
    fuzz_require(head->end_secs >= head->begin_secs && head->begin_secs >= 0);
    check(head->organization);
    check(head->report_id);
    check(p->domain);
    fuzz_require(p->domain.len > 0 && p->succeeded <= MV_TLSRPT_MAX_COUNT && p->failed <= MV_TLSRPT_MAX_COUNT);
    return MV_OK;
}

static enum mv_code failure(void *to, const struct mv_tls_head *head, const struct mv_tls_policy *p,
                            const struct mv_tls_failure *f)
{
    (void)head;
    (void)p;
    ++*(size_t *)to;
    check(f->result);
    check(f->mx);
    fuzz_require(f->count <= MV_TLSRPT_MAX_COUNT);
    return MV_OK;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    size_t failures = 0;
    struct mv_tls_sink sink = {policy, failure, &failures};
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = mv_tlsrpt_read(mv_bytes_of(data, size), &sink, &error);

    fuzz_require(code == MV_OK || (code == MV_ERR_SYNTAX && error.text[0] != '\0'));
    fuzz_require(failures <= size);
    return 0;
}
