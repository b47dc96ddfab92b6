/* Whatever is taken has an address, a HELO and a name of the server, all inside the input. */
#include "core/text/received.h"

#include "tests/fuzz/fuzz.h"

static bool is_inside(struct mv_bytes part, struct mv_bytes whole)
{
    return part.len > 0 && part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes input = mv_bytes_of(data, size);
    struct mv_received received;

    if (!mv_received_parse(input, &received)) {
        fuzz_require(received.ip.family == MV_IP_NONE && received.helo.len == 0 && received.by_name.len == 0 &&
                     !received.authenticated);
        return 0;
    }
    fuzz_require(received.ip.family != MV_IP_NONE);
    fuzz_require(is_inside(received.helo, input) && is_inside(received.by_name, input));
    return 0;
}
