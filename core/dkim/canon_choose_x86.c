#include "core/dkim/canon_scan.h"

static const struct mv_canon_scan *const scans[] = {
    &mv_canon_scan_avx2, &mv_canon_scan_sse2, &mv_canon_scan_plain,
};

#define SCANS (sizeof(scans) / sizeof(scans[0]))

/* The compiler's run-time library has asked the CPU before main(). */
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

const struct mv_canon_scan *mv_canon_scan_at(size_t index)
{
    if (!has_avx2())
        index++;
    return index < SCANS ? scans[index] : NULL;
}
