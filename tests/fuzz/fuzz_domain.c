/* A normal name is a fixed point, can be asked in DNS, and falls into labels that make it up again. */
#include "core/text/domain.h"

#include "core/base/ascii.h"
#include "tests/fuzz/fuzz.h"

static void check_labels(struct mv_bytes domain)
{
    size_t labels = mv_domain_labels(domain);
    struct mv_bytes parent = domain;

    fuzz_require(labels > 0 && labels <= MV_DOMAIN_MAX_LABELS);
    for (size_t n = labels; n > 0; n--) {
        fuzz_require(mv_bytes_equal(parent, mv_domain_suffix(domain, n)));
        fuzz_require(mv_domain_labels(parent) == n);
        fuzz_require(mv_domain_is_within(domain, parent));
        fuzz_require(mv_domain_equal(domain, parent) == (n == labels));
        fuzz_require(mv_domain_is_within(parent, domain) == (n == labels));
        parent = mv_domain_parent(parent);
    }
    fuzz_require(parent.len == 0);
}

static void check_normal(struct mv_arena *arena, struct mv_bytes domain)
{
    struct mv_bytes again;

    fuzz_require(mv_domain_normalize(arena, domain, &again));
    fuzz_require(mv_bytes_equal(domain, again));
    fuzz_require(mv_domain_is_askable(domain));
    for (size_t i = 0; i < domain.len; i++)
        fuzz_require(domain.data[i] == '.' || mv_ascii_is(domain.data[i], MV_ASCII_LDH));
    check_labels(domain);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes name = mv_bytes_of(data, size), domain;
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);

    fuzz_require(mv_domain_equal(name, name));
    mv_domain_suffix(name, size / 2);
    mv_domain_parent(name);
    mv_domain_is_askable(name);
    if (mv_domain_normalize(arena, name, &domain))
        check_normal(arena, domain);
    else
        fuzz_require(domain.len == 0);
    mv_arena_free(&arena);
    return 0;
}
