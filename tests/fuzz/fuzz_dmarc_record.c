/* A record that was read prints as one that reads the same, in printable ASCII. */
#include <stdlib.h>

#include "core/base/ascii.h"
#include "core/dmarc/record.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static bool is_same_request(struct mv_dmarc_request a, struct mv_dmarc_request b)
{
    return (a.state == MV_DMARC_TAG_VALID) == (b.state == MV_DMARC_TAG_VALID) && a.policy == b.policy;
}

static bool are_same_uris(const struct mv_bytes *a, size_t a_count, const struct mv_bytes *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!mv_bytes_equal(a[i], b[i]))
            return false;
    return true;
}

static void check_same(const struct mv_dmarc_record *a, const struct mv_dmarc_record *b)
{
    require(is_same_request(a->p, b->p) && is_same_request(a->sp, b->sp) && is_same_request(a->np, b->np));
    require(a->psd == b->psd && a->test == b->test);
    require(a->strict_dkim == b->strict_dkim && a->strict_spf == b->strict_spf);
    require(a->pct == b->pct && a->pct_present == b->pct_present && a->pct <= 100);
    require(mv_bytes_equal(a->fo, b->fo));
    require(are_same_uris(a->rua, a->rua_count, b->rua, b->rua_count));
    require(are_same_uris(a->ruf, a->ruf_count, b->ruf, b->ruf_count));
    require(b->bad_tags == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_dmarc_record record, again;
    struct mv_buf printed;

    if (!mv_dmarc_record_parse(mv_bytes_of(data, size), &record))
        return 0;
    require(size <= MV_DMARC_MAX_RECORD_BYTES);
    mv_buf_init(&printed, 2 * MV_DMARC_MAX_RECORD_BYTES);
    mv_dmarc_record_print(&record, &printed);
    require(!mv_buf_failed(&printed));
    require(mv_bytes_all(mv_buf_bytes(&printed), MV_ASCII_VCHAR | MV_ASCII_WSP));
    require(mv_dmarc_record_parse(mv_buf_bytes(&printed), &again));
    check_same(&record, &again);
    mv_buf_free(&printed);
    return 0;
}
