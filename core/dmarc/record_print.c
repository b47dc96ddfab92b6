#include "core/dmarc/record.h"

#include "core/base/trace.h"

static void print_request(const char *tag, struct mv_dmarc_request request, struct mv_buf *out)
{
    if (request.state == MV_DMARC_TAG_VALID)
        mv_buf_printf(out, "; %s=%s", tag, mv_dmarc_policy_text(request.policy));
}

static void print_uris(const char *tag, const struct mv_bytes *uris, size_t count, struct mv_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0)
            mv_buf_printf(out, "; %s=", tag);
        else
            mv_buf_putc(out, ',');
        mv_buf_put(out, uris[i]);
    }
}

static void print_psd(enum mv_dmarc_psd psd, struct mv_buf *out)
{
    if (psd != MV_DMARC_PSD_UNKNOWN)
        mv_buf_puts(out, psd == MV_DMARC_PSD_YES ? "; psd=y" : "; psd=n");
}

void mv_dmarc_record_print(const struct mv_dmarc_record *record, struct mv_buf *out)
{
    mv_buf_puts(out, "v=DMARC1");
    /* p comes second, since receivers of RFC 7489 want it there */
    print_request("p", record->p, out);
    print_request("sp", record->sp, out);
    print_request("np", record->np, out);
    print_psd(record->psd, out);
    mv_buf_puts(out, record->test ? "; t=y" : "");
    mv_buf_puts(out, record->strict_dkim ? "; adkim=s" : "");
    mv_buf_puts(out, record->strict_spf ? "; aspf=s" : "");
    if (record->pct_present)
        mv_buf_printf(out, "; pct=%u", record->pct);
    if (record->fo.len > 0)
        mv_buf_printf(out, "; fo=%.*s", MV_ARG(record->fo));
    print_uris("rua", record->rua, record->rua_count, out);
    print_uris("ruf", record->ruf, record->ruf_count, out);
}
