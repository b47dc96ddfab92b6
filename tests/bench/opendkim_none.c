#include "tests/bench/bench.h"

const bool bench_has_opendkim = false;

void bench_run_opendkim(void *context)
{
    (void)context;
    bench_require(false, "built without libopendkim");
}

bool bench_opendkim_signs(enum bench_keys keys)
{
    (void)keys;
    return false;
}

void bench_run_sign_opendkim(void *context)
{
    bench_run_opendkim(context);
}
