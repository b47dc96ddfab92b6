/* A key record under an attacker's control, down to the key in it. */
#include "core/dkim/key.h"

#include "core/crypto/key_cache.h"
#include "tests/fuzz/fuzz.h"

static void check_key(const struct mv_dkim_key *key)
{
    struct mv_public_key *first, *second;
    const char *reason;
    enum mv_code code = mv_key_cache_get(key->type, key->octets, &first, &reason);

    fuzz_require(key->octets.len > 0 && key->octets.len <= MV_DKIM_MAX_KEY_OCTETS);
    fuzz_require(code == MV_OK || (code == MV_ERR_SYNTAX && reason != NULL));
    fuzz_require(mv_key_cache_get(key->type, key->octets, &second, &reason) == code);
    fuzz_require(first == second);
    mv_public_key_free(&first);
    mv_public_key_free(&second);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_bytes text = mv_bytes_of(data, size);
    struct mv_dkim_key key;
    enum mv_dkim_key_code code = mv_dkim_key_parse(arena, text, &key);

    fuzz_require((code == MV_DKIM_KEY_FOREIGN) == !mv_dkim_key_is_shaped(text));
    fuzz_require(code != MV_DKIM_KEY_MEMORY && mv_dkim_key_code_text(code) != NULL);
    if (code == MV_DKIM_KEY_OK)
        check_key(&key);
    mv_arena_free(&arena);
    return 0;
}
