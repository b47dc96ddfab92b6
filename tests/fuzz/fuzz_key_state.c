/* Any state file: refused with a sentence, or read so that what is printed of it reads the same. */
#include "core/keys/state_file.h"

#include "tests/fuzz/fuzz.h"

static void check_again(struct mv_arena *arena, const struct mv_key_entry *entry)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_key_entry again;
    struct mv_buf first, second;

    mv_buf_init(&first, MV_KEYS_MAX_STATE_BYTES);
    mv_buf_init(&second, MV_KEYS_MAX_STATE_BYTES);
    fuzz_require(mv_state_file_print(entry, &first, &error) == MV_OK);
    fuzz_require(mv_state_file_parse(arena, mv_buf_bytes(&first), &again, &error) == MV_OK);
    fuzz_require(mv_state_file_print(&again, &second, &error) == MV_OK);
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&first), mv_buf_bytes(&second)));
    mv_buf_free(&first);
    mv_buf_free(&second);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_error error = {MV_OK, ""};
    struct mv_key_entry entry;
    enum mv_code code = mv_state_file_parse(arena, mv_bytes_of(data, size), &entry, &error);

    fuzz_require(code == MV_OK || (code == MV_ERR_SYNTAX && error.text[0] != '\0'));
    if (code == MV_OK) {
        fuzz_require(mv_selector_is_normal(entry.selector) && mv_key_domain_is_normal(entry.domain));
        check_again(arena, &entry);
    }
    mv_arena_free(&arena);
    return 0;
}
