/* An address is printed as text that parses to the same address, shorter or of equal length. */
#include "core/text/ip.h"

#include "tests/fuzz/fuzz.h"

static bool equal(const struct mv_ip *a, const struct mv_ip *b)
{
    return mv_ip_in_prefix(a, b, a->family == MV_IP_V4 ? 32 : 128);
}

static void check_print(const struct mv_ip *ip, size_t max_len)
{
    struct mv_ip again;
    struct mv_buf out;

    mv_buf_init(&out, FUZZ_MAX_BYTES);
    mv_ip_print(ip, &out);
    fuzz_require(mv_ip_parse(mv_buf_bytes(&out), &again) && equal(ip, &again));
    fuzz_require(mv_buf_bytes(&out).len <= max_len);
    mv_buf_reset(&out);
    mv_ip_print_reverse(ip, &out);
    fuzz_require(mv_bytes_has_suffix_nocase(mv_buf_bytes(&out), MV_BYTES(".arpa")));
    mv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes input = mv_bytes_of(data, size);
    struct mv_ip ip;

    if (mv_ip_from_octets(input, &ip))
        check_print(&ip, 39);
    if (mv_ip_parse(input, &ip))
        check_print(&ip, ip.family == MV_IP_V4 ? 15 : 39);
    return 0;
}
