#include "core/dkim/body_defects.h"

static const char nul[] = "a NUL byte in the body";
static const char bare_cr[] = "a CR without LF in the body";
static const char bare_lf[] = "an LF without CR in the body";

/* So many octets at once, in steps as wide as the compiler knows the CPU to be. */
#define BLOCK_BYTES 128

/* No NUL, and each octet is an LF exactly if a CR is before it; one octet must stand before the first. */
static bool is_clean(const unsigned char *at)
{
    const unsigned char *before = at - 1;
    unsigned char faults = 0;

    for (size_t i = 0; i < BLOCK_BYTES; i++)
        faults |= (unsigned char)(((at[i] == '\n') ^ (before[i] == '\r')) | (at[i] == '\0'));
    return faults == 0;
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

void mv_dkim_body_defects_feed(struct mv_dkim_body_defects *defects, struct mv_bytes body)
{
    size_t at = 0;

    while (defects->reason == NULL && at < body.len) {
        if (at > 0 && body.len - at >= BLOCK_BYTES && is_clean(body.data + at)) {
            at += BLOCK_BYTES;
            defects->after_cr = body.data[at - 1] == '\r';
        } else {
            judge(defects, body.data[at++]);
        }
    }
}

const char *mv_dkim_body_defects_end(struct mv_dkim_body_defects *defects)
{
    if (defects->reason == NULL && defects->after_cr)
        defects->reason = bare_cr;
    return defects->reason;
}
