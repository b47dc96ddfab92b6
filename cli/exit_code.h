/*
 * What the command's exit says (sysexits.h numbers).
 */
#ifndef MV_CLI_EXIT_CODE_H
#define MV_CLI_EXIT_CODE_H

#include "core/base/error.h"

enum mv_exit {
    MV_EXIT_OK = 0,
    MV_EXIT_FINDING = 1,     /* a check failed, or there is something to act on */
    MV_EXIT_USAGE = 64,
    MV_EXIT_INPUT = 65,      /* the message, capture or argument does not parse */
    MV_EXIT_NO_DNS = 69,     /* every DNS question ended in an error */
    MV_EXIT_INTERNAL = 70,   /* memory, a defect of ours */
    MV_EXIT_TRY_AGAIN = 75,  /* temperror */
    MV_EXIT_PERMISSION = 77,
    MV_EXIT_CONFIG = 78,
    MV_EXIT_HELPED = 100     /* not for the world: --help was printed, and there is nothing more to do */
};

/* For our own errors; MV_OK is MV_EXIT_OK. */
enum mv_exit mv_exit_of_code(enum mv_code code);

#endif
