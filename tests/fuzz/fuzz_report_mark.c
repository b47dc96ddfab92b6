/* A Subject and a Content-Type, whatever they hold. */
#include "core/auth/report_mark.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const char *const names[] = {"Subject:", "Content-Type:"};
    struct mv_buf field;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct mv_field split;

        mv_buf_init(&field, FUZZ_MAX_BYTES);
        mv_buf_puts(&field, names[i]);
        mv_buf_put(&field, mv_bytes_of(data, size));
        split = mv_field_split(mv_buf_bytes(&field));
        (void)mv_fields_mark_report(&split, 1);
        mv_buf_free(&field);
    }
    return 0;
}
