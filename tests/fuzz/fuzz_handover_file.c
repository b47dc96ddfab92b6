/* Any key file: refused without keys and with a sentence, or read so that what is printed of it reads the same. */
#include "core/keys/handover_file.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_handover_keys keys, again;
    struct mv_buf text;
    enum mv_code code = mv_handover_file_parse(mv_bytes_of(data, size), &keys, &error);

    if (code != MV_OK) {
        fuzz_require(code == MV_ERR_SYNTAX && error.text[0] != '\0' && keys.count == 0);
        return 0;
    }
    fuzz_require(mv_handover_keys_signer(&keys) != NULL);
    mv_buf_init(&text, MV_HANDOVER_MAX_FILE_BYTES);
    mv_handover_file_print(&keys, &text);
    fuzz_require(mv_handover_file_parse(mv_buf_bytes(&text), &again, &error) == MV_OK);
    fuzz_require(again.count == keys.count && memcmp(again.keys, keys.keys, sizeof keys.keys) == 0);
    mv_buf_free(&text);
    return 0;
}
