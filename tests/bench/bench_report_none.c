#include <stdio.h>

#include "tests/bench/bench.h"

void bench_import(void)
{
    printf("\nImport: not built, for want of the command.\n");
}

void bench_report(void)
{
    printf("\nReports: not built, for want of the command.\n");
}

void bench_write(void)
{
}

void bench_evidence(void)
{
    printf("\nEvidence: not built, for want of the command.\n");
}
