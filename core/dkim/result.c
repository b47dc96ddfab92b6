#include "core/dkim/result.h"

static const char *const texts[] = {
    [MV_DKIM_NONE] = "none",           [MV_DKIM_PASS] = "pass",           [MV_DKIM_FAIL] = "fail",
    [MV_DKIM_POLICY] = "policy",       [MV_DKIM_NEUTRAL] = "neutral",     [MV_DKIM_TEMPERROR] = "temperror",
    [MV_DKIM_PERMERROR] = "permerror",
};

#define TEXT_COUNT (sizeof texts / sizeof texts[0])

void mv_dkim_conclude(struct mv_dkim_result *result, enum mv_dkim_code code, const char *section, const char *reason)
{
    result->code = code;
    result->rule = NULL;
    result->section = section;
    result->reason = reason;
}

void mv_dkim_conclude_policy(struct mv_dkim_result *result, const char *rule, const char *section, const char *reason)
{
    mv_dkim_conclude(result, MV_DKIM_POLICY, section, reason);
    result->rule = rule;
}

const char *mv_dkim_code_text(enum mv_dkim_code code)
{
    return (size_t)code < TEXT_COUNT ? texts[code] : "unknown";
}

bool mv_dkim_code_parse(struct mv_bytes text, enum mv_dkim_code *code_r)
{
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (mv_bytes_equal_nocase(text, mv_bytes_str(texts[i]))) {
            *code_r = (enum mv_dkim_code)i;
            return true;
        }
    }
    return false;
}
