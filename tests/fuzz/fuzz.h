/* What the fuzz targets share. */
#ifndef MV_TESTS_FUZZ_H
#define MV_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define FUZZ_MAX_BYTES (16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A property that holds for every input. */
static inline void fuzz_require(bool holds)
{
    if (!holds)
        abort();
}

#endif
