/*
 * Fields that may claim to be ours (RFC 8601 5).  One that our own reader takes
 * for ours is found; one of another name never, if it is a name.
 */
#include "core/auth/authres.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const struct mv_bytes ids[] = {MV_BYTES("mx.example.com"), MV_BYTES(".example.org")};
    struct mv_field field = mv_field_split(mv_bytes_of(data, size));
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    bool forged = mv_authres_is_forged(arena, &field, ids, 2);
    struct mv_authres authres;

    if (!mv_field_is(&field, MV_BYTES("Authentication-Results")))
        fuzz_require(!forged || field.name.len == 0);
    else if (mv_authres_parse(arena, field.value, &authres) == MV_OK && mv_bytes_equal(authres.id, ids[0]))
        fuzz_require(forged);
    mv_arena_free(&arena);
    return 0;
}
