#include "core/spf/evaluate.h"

static const char *const texts[] = {
    [MV_SPF_NONE] = "none",           [MV_SPF_NEUTRAL] = "neutral",     [MV_SPF_PASS] = "pass",
    [MV_SPF_FAIL] = "fail",           [MV_SPF_SOFTFAIL] = "softfail",   [MV_SPF_TEMPERROR] = "temperror",
    [MV_SPF_PERMERROR] = "permerror",
};

const char *mv_spf_code_text(enum mv_spf_code code)
{
    return texts[code];
}

bool mv_spf_code_parse(struct mv_bytes text, enum mv_spf_code *code_r)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!mv_bytes_equal_nocase(text, mv_bytes_str(texts[i])))
            continue;
        *code_r = (enum mv_spf_code)i;
        return true;
    }
    return false;
}
