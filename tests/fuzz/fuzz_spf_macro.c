/* What the check accepts, the expansion understands; it is bounded. First line: the values. Rest: the macro string. */
#include <stdlib.h>

#include "core/base/ascii.h"
#include "core/spf/macro.h"

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void expand(struct mv_bytes text, enum mv_spf_macro_use use, struct mv_bytes value)
{
    struct mv_spf_macro_values values = {value, value, value, value, value, value, value, value, value, value, value};
    unsigned uses;
    bool good = mv_spf_macro_fault(text, use, &uses) == NULL;
    struct mv_buf out;
    enum mv_code code;

    mv_buf_init(&out, SIZE_MAX);
    code = mv_spf_macro_expand(text, &values, &out);
    must(!good || code == MV_OK || code == MV_ERR_LIMIT);
    must(mv_buf_bytes(&out).len <= MV_SPF_MAX_EXPANSION_BYTES + 3 * (value.len + text.len));
    /* with a name for every value, a checked text expands to printable bytes and spaces */
    if (good && code == MV_OK && mv_bytes_all(value, MV_ASCII_VCHAR))
        must(mv_bytes_all(mv_buf_bytes(&out), MV_ASCII_VCHAR | MV_ASCII_WSP));
    mv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(data, size));
    struct mv_bytes value = mv_cursor_take_until(&c, '\n'), text;
    unsigned uses, in_exp;

    mv_cursor_next(&c);
    text = mv_cursor_rest(&c);
    expand(text, MV_SPF_MACRO_IN_DOMAIN, value);
    expand(text, MV_SPF_MACRO_IN_EXP, value);
    if (mv_spf_domain_spec_fault(text, &uses) == NULL) {
        must(mv_spf_macro_fault(text, MV_SPF_MACRO_IN_DOMAIN, &in_exp) == NULL && in_exp == uses);
        must(mv_spf_macro_fault(text, MV_SPF_MACRO_IN_EXP, &in_exp) == NULL && in_exp == uses);
    }
    return 0;
}
