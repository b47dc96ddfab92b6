#include "core/dkim/body_defects.h"

static const char nul[] = "a NUL byte in the body";
static const char bare_cr[] = "a CR without LF in the body";
static const char bare_lf[] = "an LF without CR in the body";

#define BLOCK_BYTES MV_BODY_SCAN_BLOCK_BYTES

void mv_dkim_body_defects_init(struct mv_dkim_body_defects *defects, mv_body_scan *scan)
{
    *defects = (struct mv_dkim_body_defects){.scan = scan};
}

static void judge(struct mv_dkim_body_defects *defects, unsigned char octet)
{
    if (defects->after_cr && octet != '\n')
        defects->reason = bare_cr;
    else if (octet == '\n' && !defects->after_cr)
        defects->reason = bare_lf;
    else if (octet == '\0')
        defects->reason = nul;
    defects->after_cr = octet == '\r';
}

/* Up to where the body is clean from `at` on, which is not 0: in blocks, the last of which may overlap another. */
static size_t clean_until(const struct mv_dkim_body_defects *defects, struct mv_bytes body, size_t at)
{
    size_t blocks = (body.len - at) / BLOCK_BYTES;
    size_t clean = defects->scan(body.data + at, blocks);

    if (clean < blocks)
        return at + clean * BLOCK_BYTES;
    if (body.len > BLOCK_BYTES && defects->scan(body.data + body.len - BLOCK_BYTES, 1) == 1)
        return body.len;
    return at + blocks * BLOCK_BYTES;
}

void mv_dkim_body_defects_feed(struct mv_dkim_body_defects *defects, struct mv_bytes body)
{
    size_t at = 0;

    if (defects->reason != NULL || body.len == 0)
        return;
    judge(defects, body.data[at++]);
    if (defects->reason == NULL) {
        at = clean_until(defects, body, at);
        defects->after_cr = body.data[at - 1] == '\r';
    }
    while (defects->reason == NULL && at < body.len)
        judge(defects, body.data[at++]);
}

const char *mv_dkim_body_defects_end(struct mv_dkim_body_defects *defects)
{
    if (defects->reason == NULL && defects->after_cr)
        defects->reason = bare_cr;
    return defects->reason;
}
