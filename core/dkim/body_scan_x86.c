#include "core/dkim/body_scan.h"

#include <immintrin.h>

#define SSE2_BYTES 16
#define AVX2_BYTES 32

/* Octets that differ from zero at each fault; the smallest octets, to find NUL, are gathered beside them. */
static inline void look_sse2(const unsigned char *at, __m128i *faults, __m128i *least)
{
    __m128i octets = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(at - 1));
    __m128i lf = _mm_cmpeq_epi8(octets, _mm_set1_epi8('\n')), cr = _mm_cmpeq_epi8(before, _mm_set1_epi8('\r'));

    *faults = _mm_or_si128(*faults, _mm_xor_si128(lf, cr));
    *least = _mm_min_epu8(*least, octets);
}

static size_t scan_sse2(const unsigned char *in, size_t blocks)
{
    size_t n = 0;

    for (; n < blocks; n++) {
        __m128i faults = _mm_setzero_si128(), least = _mm_set1_epi8(-1);

        for (size_t i = 0; i < MV_BODY_SCAN_BLOCK_BYTES; i += SSE2_BYTES)
            look_sse2(in + n * MV_BODY_SCAN_BLOCK_BYTES + i, &faults, &least);
        if (_mm_movemask_epi8(_mm_or_si128(faults, _mm_cmpeq_epi8(least, _mm_setzero_si128()))) != 0)
            break;
    }
    return n;
}

__attribute__((target("avx2"))) static inline void look_avx2(const unsigned char *at, __m256i *faults, __m256i *least)
{
    __m256i octets = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i before = _mm256_loadu_si256((const __m256i *)(const void *)(at - 1));
    __m256i lf = _mm256_cmpeq_epi8(octets, _mm256_set1_epi8('\n'));
    __m256i cr = _mm256_cmpeq_epi8(before, _mm256_set1_epi8('\r'));

    *faults = _mm256_or_si256(*faults, _mm256_xor_si256(lf, cr));
    *least = _mm256_min_epu8(*least, octets);
}

__attribute__((target("avx2"))) static size_t scan_avx2(const unsigned char *in, size_t blocks)
{
    size_t n = 0;

    for (; n < blocks; n++) {
        const unsigned char *at = in + n * MV_BODY_SCAN_BLOCK_BYTES;
        __m256i faults = _mm256_setzero_si256(), least = _mm256_set1_epi8(-1);

        for (size_t i = 0; i < MV_BODY_SCAN_BLOCK_BYTES; i += AVX2_BYTES)
            look_avx2(at + i, &faults, &least);
        faults = _mm256_or_si256(faults, _mm256_cmpeq_epi8(least, _mm256_setzero_si256()));
        if (!_mm256_testz_si256(faults, faults))
            break;
    }
    return n;
}

static mv_body_scan *const scans[] = {scan_avx2, scan_sse2, mv_body_scan_plain};

#define SCANS (sizeof scans / sizeof scans[0])

mv_body_scan *mv_body_scan_at(size_t index)
{
    if (!__builtin_cpu_supports("avx2")) /* the compiler's run-time library has asked the CPU before main() */
        index++;
    return index < SCANS ? scans[index] : NULL;
}
