#include "tests/bench/bench.h"

const bool bench_has_opendkim = false;

void bench_run_opendkim(void *context)
{
    (void)context;
    bench_require(false, "built without libopendkim");
}
