#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "tests/bench/bench.h"

#define MAX_RTT_MSECS 1000

static const char usage[] =
    "usage: bench [--rtt-msecs N] [PART...]\n"
    "parts: canon dkim sign worst memory import report write evidence dns; without any: all, memory first\n";

static unsigned rtt_msecs = 20;

static void run_dns(void)
{
    bench_dns(rtt_msecs);
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"memory", bench_memory}, /* first: what a child inherits counts as its own */
    {"import", bench_import}, /* the same */
    {"canon", bench_canon},
    {"dkim", bench_dkim},
    {"sign", bench_sign},
    {"worst", bench_worst},
    {"report", bench_report},
    {"write", bench_write},
    {"evidence", bench_evidence},
    {"dns", run_dns},
};

static void refuse(void)
{
    fputs(usage, stderr);
    exit(EXIT_FAILURE);
}

static void run_part(const char *name)
{
    bool found = name == NULL;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (name != NULL && strcmp(name, parts[i].name) != 0)
            continue;
        found = true;
        parts[i].run();
        fflush(stdout);
    }
    if (!found)
        refuse();
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"rtt-msecs", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0}};
    uint64_t msecs;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'r' || !mv_bytes_to_uint(mv_bytes_str(optarg), MAX_RTT_MSECS, &msecs))
            refuse();
        rtt_msecs = (unsigned)msecs;
    }
    bench_sides_open();
    if (optind == argc)
        run_part(NULL);
    for (int i = optind; i < argc; i++)
        run_part(argv[i]);
    bench_sides_close();
    return EXIT_SUCCESS;
}
