#include "core/dkim/canon_scan.h"

/* No branches on the octets: mail is irregular, and so a compiler can use vectors. */
static unsigned char is_wsp(unsigned char c)
{
    return (c == ' ') | (c == '\t');
}

/* An SP before an octet up to SP, or an HTAB: every run of white space has one. */
static bool is_clean(const unsigned char *at)
{
    unsigned char changes = 0;

    for (size_t i = 0; i < MV_CANON_BLOCK_BYTES; i++)
        changes |= (at[i] == '\t') | ((at[i] == ' ') & (at[i + 1] <= ' '));
    return changes == 0;
}

static size_t clean_blocks(const unsigned char *in, size_t blocks)
{
    size_t n = 0;

    while (n < blocks && is_clean(in + n * MV_CANON_BLOCK_BYTES))
        n++;
    return n;
}

static unsigned char is_kept(const unsigned char *at)
{
    unsigned char line_end = (at[1] == '\r') & (at[2] == '\n');

    return 1 ^ (is_wsp(at[0]) & (is_wsp(at[1]) | line_end));
}

static size_t squeeze_block(const unsigned char *in, unsigned char *out)
{
    unsigned char octets[MV_CANON_BLOCK_BYTES], kept[MV_CANON_BLOCK_BYTES];
    size_t written = 0;

    for (size_t i = 0; i < MV_CANON_BLOCK_BYTES; i++) {
        octets[i] = in[i] == '\t' ? ' ' : in[i];
        kept[i] = is_kept(in + i);
    }
    for (size_t i = 0; i < MV_CANON_BLOCK_BYTES; i++) {
        out[written] = octets[i];
        written += kept[i];
    }
    return written;
}

static size_t squeeze(const unsigned char *in, size_t blocks, unsigned char *out)
{
    unsigned char *at = out;

    for (; blocks > 0; blocks--, in += MV_CANON_BLOCK_BYTES)
        at += squeeze_block(in, at);
    return (size_t)(at - out);
}

static bool is_blank(const unsigned char *at, unsigned char wsp)
{
    const unsigned char *before = at - 1, *after = at + 1;
    unsigned char text = 0;

    for (size_t i = 0; i < MV_CANON_BLOCK_BYTES; i++) {
        unsigned char cr = (at[i] == '\r') & (after[i] == '\n');
        unsigned char lf = (at[i] == '\n') & (before[i] == '\r');

        text |= !(cr | lf | (wsp & is_wsp(at[i])));
    }
    return text == 0;
}

static size_t blank_blocks(const unsigned char *end, size_t blocks, enum mv_canon canon)
{
    unsigned char wsp = canon == MV_CANON_RELAXED;
    size_t n = 0;

    while (n < blocks && is_blank(end - (n + 1) * MV_CANON_BLOCK_BYTES, wsp))
        n++;
    return n;
}

const struct mv_canon_scan mv_canon_scan_plain = {"plain", clean_blocks, squeeze, blank_blocks};
