#include "core/dkim/canon_scan.h"

#include <emmintrin.h>

#define QUARTER_BYTES 16

_Static_assert(MV_CANON_BLOCK_BYTES == 4 * QUARTER_BYTES, "a block is four registers");

static inline __m128i load(const unsigned char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline __m128i equal(__m128i octets, char c)
{
    return _mm_cmpeq_epi8(octets, _mm_set1_epi8(c));
}

static inline __m128i wsp(__m128i octets)
{
    return _mm_or_si128(equal(octets, ' '), equal(octets, '\t'));
}

static inline uint64_t bits(__m128i found)
{
    return (uint32_t)_mm_movemask_epi8(found);
}

/* An SP before an octet up to SP, or an HTAB: every run of white space has one. */
static inline __m128i changes(const unsigned char *at)
{
    __m128i octets = load(at);
    __m128i up_to_sp = equal(_mm_subs_epu8(load(at + 1), _mm_set1_epi8(' ')), 0);

    return _mm_or_si128(equal(octets, '\t'), _mm_and_si128(equal(octets, ' '), up_to_sp));
}

static inline bool is_clean(const unsigned char *at)
{
    __m128i low = _mm_or_si128(changes(at), changes(at + QUARTER_BYTES));
    __m128i high = _mm_or_si128(changes(at + 2 * QUARTER_BYTES), changes(at + 3 * QUARTER_BYTES));

    return bits(_mm_or_si128(low, high)) == 0;
}

static inline __m128i blank(const unsigned char *at, enum mv_canon canon)
{
    __m128i octets = load(at);
    __m128i cr = _mm_and_si128(equal(octets, '\r'), equal(load(at + 1), '\n'));
    __m128i lf = _mm_and_si128(equal(octets, '\n'), equal(load(at - 1), '\r'));
    __m128i line_ends = _mm_or_si128(cr, lf);

    return canon == MV_CANON_RELAXED ? _mm_or_si128(line_ends, wsp(octets)) : line_ends;
}

static inline bool is_blank(const unsigned char *at, enum mv_canon canon)
{
    __m128i low = _mm_and_si128(blank(at, canon), blank(at + QUARTER_BYTES, canon));
    __m128i high = _mm_and_si128(blank(at + 2 * QUARTER_BYTES, canon), blank(at + 3 * QUARTER_BYTES, canon));

    return bits(_mm_and_si128(low, high)) == UINT16_MAX;
}

/* White space before white space, and before CRLF. */
static inline uint64_t dropped_quarter(const unsigned char *at)
{
    __m128i next = load(at + 1);
    __m128i line_end = _mm_and_si128(equal(next, '\r'), equal(load(at + 2), '\n'));

    return bits(_mm_and_si128(wsp(load(at)), _mm_or_si128(wsp(next), line_end)));
}

static inline uint64_t dropped(const unsigned char *at)
{
    return dropped_quarter(at) | dropped_quarter(at + QUARTER_BYTES) << QUARTER_BYTES |
           dropped_quarter(at + 2 * QUARTER_BYTES) << 2 * QUARTER_BYTES |
           dropped_quarter(at + 3 * QUARTER_BYTES) << 3 * QUARTER_BYTES;
}

static inline void copy_quarter(const unsigned char *in, unsigned char *out)
{
    __m128i octets = load(in);
    __m128i difference = _mm_and_si128(equal(octets, '\t'), _mm_set1_epi8(' ' - '\t'));

    _mm_storeu_si128((__m128i *)(void *)out, _mm_add_epi8(octets, difference));
}

static inline void copy_block(const unsigned char *in, unsigned char *out)
{
    copy_quarter(in, out);
    copy_quarter(in + QUARTER_BYTES, out + QUARTER_BYTES);
    copy_quarter(in + 2 * QUARTER_BYTES, out + 2 * QUARTER_BYTES);
    copy_quarter(in + 3 * QUARTER_BYTES, out + 3 * QUARTER_BYTES);
}

/* Without a shuffle: octet by octet, but without branches. */
static size_t pack_block(const unsigned char *in, uint64_t drop, unsigned char *out)
{
    unsigned char octets[MV_CANON_BLOCK_BYTES];
    size_t written = 0;

    copy_block(in, octets);
    for (size_t i = 0; i < MV_CANON_BLOCK_BYTES; i++, drop >>= 1) {
        out[written] = octets[i];
        written += ~drop & 1;
    }
    return written;
}

#define FEW_RUNS 6 /* measured */
#include "core/dkim/canon_scan_loops.h"

const struct mv_canon_scan mv_canon_scan_sse2 = {"sse2", clean_blocks, squeeze, blank_blocks};
