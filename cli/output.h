/*
 * A file that is replaced whole: whoever reads it sees the old one or the new one.
 */
#ifndef MV_CLI_OUTPUT_H
#define MV_CLI_OUTPUT_H

#include <sys/types.h>

#include "cli/exit_code.h"
#include "core/base/bytes.h"

/*
 * Written beside it and renamed; mode is less the umask.  Refused where path is something else than a file.
 * Says on stderr what is wrong; then nothing was changed.
 */
enum mv_exit mv_output_replace(const char *command, const char *path, struct mv_bytes content, mode_t mode);

#endif
