/*
 * A message from a file, as SMTP would have carried it.
 *
 * Files on Unix end their lines in LF.  When the first line does, every LF that
 * has no CR before it is fed as CRLF; a file whose first line ends in CRLF is
 * fed byte for byte.  An mbox "From " line at the very top is left out.
 */
#ifndef MV_CLI_INPUT_H
#define MV_CLI_INPUT_H

#include "cli/exit_code.h"
#include "core/mailvouch.h"

/* path "-": standard input. split_bytes 0: as it is read. Says what is wrong on stderr. */
enum mv_exit mv_input_feed(const char *command, const char *path, size_t split_bytes, struct mv_msg *msg);

/* A whole small file (a capture). The buffer is the caller's. */
enum mv_exit mv_input_read_file(const char *command, const char *path, struct mv_buf *out);

#endif
