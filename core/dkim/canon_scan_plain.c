#include "core/dkim/canon_scan.h"

static inline unsigned is_wsp(unsigned char c)
{
    return (c == ' ') | (c == '\t');
}

/* White space that is neither the last of its run nor kept before CRLF. No branches: mail is irregular. */
static inline unsigned is_dropped(const unsigned char *at)
{
    return is_wsp(at[0]) & (is_wsp(at[1]) | ((at[1] == '\r') & (at[2] == '\n')));
}

static unsigned changes(const unsigned char *block)
{
    unsigned found = 0;

    for (size_t i = 0; i < MV_CANON_BLOCK_BYTES; i++)
        found |= (block[i] == '\t') | ((block[i] == ' ') & (block[i + 1] <= ' '));
    return found;
}

static size_t clean_blocks(const unsigned char *in, size_t blocks)
{
    size_t n = 0;

    while (n < blocks && !changes(in + n * MV_CANON_BLOCK_BYTES))
        n++;
    return n;
}

static size_t squeeze(const unsigned char *in, size_t blocks, unsigned char *out)
{
    size_t written = 0;

    for (size_t i = 0; i < blocks * MV_CANON_BLOCK_BYTES; i++) {
        out[written] = in[i] == '\t' ? ' ' : in[i];
        written += !is_dropped(in + i);
    }
    return written;
}

const struct mv_canon_scan mv_canon_scan_plain = {"plain", clean_blocks, squeeze};
