/*
 * A file that is replaced whole: whoever reads it sees the old one or the new one.
 */
#ifndef MV_CLI_OUTPUT_H
#define MV_CLI_OUTPUT_H

#include <sys/types.h>

#include "cli/exit_code.h"
#include "core/base/buf.h"
#include "core/base/bytes.h"
#include "core/base/error.h"

#define MV_OUTPUT_MAX_CAPTURE_BYTES (64 * 1024 * 1024)

/*
 * Written beside it and renamed; mode is less the umask.  Refused where path is something else than a file.
 * Says on stderr what is wrong; then nothing was changed.
 */
enum mv_exit mv_output_replace(const char *command, const char *path, struct mv_bytes content, mode_t mode);
/*
 * --save-dns: code and json, what capturing the answers came to, written to path in place: it may be a pipe.
 * Says on stderr why not.
 */
enum mv_exit mv_output_capture(const char *command, const char *path, enum mv_code code, const struct mv_buf *json);

#endif
