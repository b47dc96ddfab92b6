/* The first line is a domain, the rest a list: the answer is a part of the domain that ends where it ends. */
#include "core/ops/public_suffix.h"
#include "core/text/domain.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes all = mv_bytes_of(data, size), domain, org;
    size_t end = mv_bytes_find(all, '\n');
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);

    if (mv_domain_normalize(arena, mv_bytes_slice(all, 0, end), &domain)) {
        org = mv_public_suffix_org(arena, mv_bytes_slice(all, end + 1, size), domain);
        fuzz_require(org.len > 0 && mv_domain_is_within(domain, org));
        fuzz_require(org.data + org.len == domain.data + domain.len);
    }
    mv_arena_free(&arena);
    return 0;
}
