/*
 * The program that runs, as a place: what was built or installed with it may lie beside it.
 *
 * The kernel says where it is, no variable of the environment.
 */
#ifndef MV_BASE_SELF_H
#define MV_BASE_SELF_H

#include <stdbool.h>

#include "core/base/buf.h"

#define MV_SELF_MAX_BYTES 4096

/* Appends the path of name, which may begin with directories, beside the program. False: not known, or no memory. */
bool mv_self_beside(const char *name, struct mv_buf *path_r);

#endif
