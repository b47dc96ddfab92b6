#include "core/dkim/canon_scan.h"

#include <immintrin.h>

#define HALF_BYTES 32

_Static_assert(MV_CANON_BLOCK_BYTES == 2 * HALF_BYTES, "a block is two registers");

static inline __m256i load(const unsigned char *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline void store(unsigned char *at, __m256i octets)
{
    _mm256_storeu_si256((__m256i *)(void *)at, octets);
}

static inline __m256i equal(__m256i octets, char c)
{
    return _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(c));
}

static inline __m256i wsp(__m256i octets)
{
    return _mm256_or_si256(equal(octets, ' '), equal(octets, '\t'));
}

static inline uint64_t bits(__m256i found)
{
    return (uint32_t)_mm256_movemask_epi8(found);
}

/* Zero for an SP before an octet up to SP: every run of white space has one, or an HTAB. */
static inline __m256i loose_sp(const unsigned char *at)
{
    return _mm256_or_si256(_mm256_xor_si256(load(at), _mm256_set1_epi8(' ')),
                           _mm256_subs_epu8(load(at + 1), _mm256_set1_epi8(' ')));
}

static inline bool is_clean(const unsigned char *at)
{
    __m256i sp = _mm256_min_epu8(loose_sp(at), loose_sp(at + HALF_BYTES));
    __m256i least = _mm256_min_epu8(load(at), load(at + HALF_BYTES));
    __m256i up_to_tab = _mm256_cmpeq_epi8(_mm256_min_epu8(least, _mm256_set1_epi8('\t')), least);

    return bits(_mm256_or_si256(equal(sp, 0), up_to_tab)) == 0;
}

static inline __m256i blank_half(const unsigned char *at, enum mv_canon canon)
{
    __m256i octets = load(at);
    __m256i cr = _mm256_and_si256(equal(octets, '\r'), equal(load(at + 1), '\n'));
    __m256i lf = _mm256_and_si256(equal(octets, '\n'), equal(load(at - 1), '\r'));
    __m256i line_ends = _mm256_or_si256(cr, lf);

    return canon == MV_CANON_RELAXED ? _mm256_or_si256(line_ends, wsp(octets)) : line_ends;
}

static inline bool is_blank(const unsigned char *at, enum mv_canon canon)
{
    return bits(_mm256_and_si256(blank_half(at, canon), blank_half(at + HALF_BYTES, canon))) == UINT32_MAX;
}

/* White space before white space, and before CRLF. */
static inline uint64_t dropped_half(const unsigned char *at)
{
    __m256i next = load(at + 1);
    __m256i line_end = _mm256_and_si256(equal(next, '\r'), equal(load(at + 2), '\n'));

    return bits(_mm256_and_si256(wsp(load(at)), _mm256_or_si256(wsp(next), line_end)));
}

static inline uint64_t dropped(const unsigned char *at)
{
    return dropped_half(at) | dropped_half(at + HALF_BYTES) << HALF_BYTES;
}

static inline __m256i tabs_to_sp(__m256i octets)
{
    return _mm256_blendv_epi8(octets, _mm256_set1_epi8(' '), equal(octets, '\t'));
}

static inline void copy_block(const unsigned char *in, unsigned char *out)
{
    __m256i low = tabs_to_sp(load(in)), high = tabs_to_sp(load(in + HALF_BYTES));

    store(out, low);
    store(out + HALF_BYTES, high);
}

/*
 * PACK(kept): for the set bits of an octet, from the lowest, their numbers as
 * the octets of a shuffle, which moves the kept octets of eight together.
 */
#define BITS_BELOW(kept, i) (uint64_t)__builtin_popcount((kept) & ((1u << (i)) - 1))
#define PLACE(kept, i) (((kept) >> (i) & 1) ? (uint64_t)(i) << 8 * BITS_BELOW(kept, i) : 0)
#define PACK(kept) (PLACE(kept, 0) | PLACE(kept, 1) | PLACE(kept, 2) | PLACE(kept, 3) | \
                    PLACE(kept, 4) | PLACE(kept, 5) | PLACE(kept, 6) | PLACE(kept, 7))
#define PACK_4(kept) PACK((kept) + 0u), PACK((kept) + 1u), PACK((kept) + 2u), PACK((kept) + 3u)
#define PACK_16(kept) PACK_4((kept) + 0u), PACK_4((kept) + 4u), PACK_4((kept) + 8u), PACK_4((kept) + 12u)
#define PACK_64(kept) PACK_16((kept) + 0u), PACK_16((kept) + 16u), PACK_16((kept) + 32u), PACK_16((kept) + 48u)

static const uint64_t packs[256] = {PACK_64(0u), PACK_64(64u), PACK_64(128u), PACK_64(192u)};

static inline size_t pack_8(const unsigned char *in, unsigned kept, unsigned char *out)
{
    __m128i octets = _mm_loadl_epi64((const __m128i *)(const void *)in);
    __m128i order = _mm_loadl_epi64((const __m128i *)(const void *)&packs[kept]);

    _mm_storel_epi64((__m128i *)(void *)out, _mm_shuffle_epi8(octets, order));
    return (size_t)__builtin_popcount(kept);
}

static size_t pack_block(const unsigned char *in, uint64_t drop, unsigned char *out)
{
    unsigned char octets[MV_CANON_BLOCK_BYTES];
    size_t written = 0;

    copy_block(in, octets);
    for (size_t i = 0; i < MV_CANON_BLOCK_BYTES; i += 8)
        written += pack_8(octets + i, ~drop >> i & 0xff, out + written);
    return written;
}

#define FEW_RUNS 2 /* measured */
#include "core/dkim/canon_scan_loops.h"

const struct mv_canon_scan mv_canon_scan_avx2 = {"avx2", clean_blocks, squeeze, blank_blocks};
