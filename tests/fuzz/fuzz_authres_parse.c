/*
 * The value of an Authentication-Results field (RFC 8601 2.2): what is parsed is
 * as the header says, and the authserv-id alone is read in the same way.
 */
#include "core/auth/authres.h"

#include "core/base/ascii.h"
#include "tests/fuzz/fuzz.h"

static void require_keyword(struct mv_bytes word)
{
    fuzz_require(word.len > 0 && mv_bytes_all(word, MV_ASCII_LDH));
    for (size_t i = 0; i < word.len; i++)
        fuzz_require(word.data[i] == mv_ascii_lower(word.data[i]));
}

static void require_result(const struct mv_authres_result *result)
{
    require_keyword(result->method);
    require_keyword(result->result);
    fuzz_require(result->prop_count <= MV_AUTHRES_MAX_PROPS);
    for (size_t i = 0; i < result->prop_count; i++) {
        require_keyword(result->props[i].type);
        require_keyword(result->props[i].name);
        fuzz_require(mv_bytes_find(result->props[i].value, '\0') == result->props[i].value.len);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_authres authres;
    enum mv_code code = mv_authres_parse(arena, mv_bytes_of(data, size), &authres);
    struct mv_bytes id;
    uint64_t version;

    fuzz_require(code == MV_OK || code == MV_ERR_SYNTAX || code == MV_ERR_LIMIT);
    if (code == MV_OK) {
        fuzz_require(authres.result_count <= MV_AUTHRES_MAX_RESULTS);
        for (size_t i = 0; i < authres.result_count; i++)
            require_result(&authres.results[i]);
        fuzz_require(mv_authres_authserv_id(arena, mv_bytes_of(data, size), &id, &version) == MV_OK);
        fuzz_require(mv_bytes_equal(id, authres.id) && version == authres.version);
    }
    mv_arena_free(&arena);
    return 0;
}
