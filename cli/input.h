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

/* What takes the message. */
struct mv_input_sink {
    enum mv_code (*feed)(void *to, struct mv_bytes bytes);
    enum mv_code (*end)(void *to);
    void *to;
};

/* path "-": standard input. split_bytes 0: as it is read. Says what is wrong on stderr. */
enum mv_exit mv_input_feed(const char *command, const char *path, size_t split_bytes, struct mv_msg *msg);
/*
 * The same from memory, for who needs the file again.  *message_r is the part of it that is the message, and
 * *is_lf_r tells whether its lines end in LF there.
 */
enum mv_exit mv_input_feed_text(const char *command, const char *path, struct mv_bytes text, size_t split_bytes,
                                const struct mv_input_sink *sink, struct mv_bytes *message_r, bool *is_lf_r);

/* A whole small file (a capture). The buffer is the caller's. */
enum mv_exit mv_input_read_file(const char *command, const char *path, struct mv_buf *out);

#endif
