/* Any file: what is read does not depend on the split, and each report that begins has one end. */
#include "core/report/intake.h"

#include "core/base/buf.h"
#include "tests/fuzz/fuzz.h"

struct seen {
    struct mv_buf text;
    bool open;
};

static enum mv_code begin(void *to, const struct mv_intake_item *item)
{
    struct seen *seen = to;

    fuzz_require(!seen->open && item->kind != MV_REPORT_KIND_NONE);
    seen->open = true;
    return MV_OK;
}

static enum mv_code head(void *to, const struct mv_aggregate_head *h)
{
    struct seen *seen = to;

    fuzz_require(seen->open);
    mv_buf_put(&seen->text, h->policy.domain);
    return MV_OK;
}

static enum mv_code record(void *to, const struct mv_aggregate_head *h, const struct mv_aggregate_record *r)
{
    struct seen *seen = to;

    (void)h;
    fuzz_require(seen->open && r->count > 0);
    mv_buf_put(&seen->text, r->header_from);
    return MV_OK;
}

static enum mv_code failure(void *to, const struct mv_failure *f)
{
    struct seen *seen = to;

    fuzz_require(seen->open && f->reported_domain.len > 0 && f->incidents > 0);
    mv_buf_put(&seen->text, f->reported_domain);
    return MV_OK;
}

static enum mv_code tls_policy(void *to, const struct mv_tls_head *h, const struct mv_tls_policy *p)
{
    struct seen *seen = to;

    fuzz_require(seen->open && h->end_secs >= h->begin_secs);
    mv_buf_put(&seen->text, p->domain);
    return MV_OK;
}

static enum mv_code tls_failure(void *to, const struct mv_tls_head *h, const struct mv_tls_policy *p,
                                const struct mv_tls_failure *f)
{
    struct seen *seen = to;

    (void)h;
    (void)p;
    fuzz_require(seen->open);
    mv_buf_put(&seen->text, f->result);
    return MV_OK;
}

static enum mv_code end(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                        const struct mv_aggregate_totals *totals)
{
    struct seen *seen = to;

    (void)totals;
    fuzz_require(seen->open == (item->kind != MV_REPORT_KIND_NONE));
    fuzz_require(fault->code == MV_OK || fault->text[0] != '\0');
    fuzz_require(item->name.len <= MV_INTAKE_MAX_NAME_BYTES);
    mv_buf_printf(&seen->text, "<%d,%d>", (int)item->kind, (int)fault->code);
    seen->open = false;
    return MV_OK;
}

static void read_in(struct mv_bytes bytes, size_t step, struct seen *seen)
{
    struct mv_intake_sink sink = {begin, head, record, failure, tls_policy, tls_failure, end, seen};
    struct mv_intake *intake = mv_intake_new(&sink);

    mv_buf_init(&seen->text, FUZZ_MAX_BYTES);
    seen->open = false;
    for (size_t at = 0; at < bytes.len; at += step)
        fuzz_require(mv_intake_feed(intake, mv_bytes_slice(bytes, at, at + step)) == MV_OK);
    fuzz_require(mv_intake_end(intake) == MV_OK);
    fuzz_require(!seen->open);
    mv_intake_free(&intake);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct seen whole, pieces;

    read_in(mv_bytes_of(data, size), size + 1, &whole);
    read_in(mv_bytes_of(data, size), 5, &pieces);
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&whole.text), mv_buf_bytes(&pieces.text)));
    mv_buf_free(&whole.text);
    mv_buf_free(&pieces.text);
    return 0;
}
