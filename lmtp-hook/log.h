/*
 * Log lines: one call, one line, to stderr or to syslog, from any thread.
 */
#ifndef MV_LMTP_LOG_H
#define MV_LMTP_LOG_H

#include "core/base/buf.h"
#include "core/config/config.h"

#define MV_LOG_MAX_BYTES 4096 /* of a line; what does not fit is left out, and the line ends in "..." */

enum mv_log_level { MV_LOG_ERROR, MV_LOG_WARNING, MV_LOG_INFO };

/* Before the first line and before threads; again only after a reload. */
void mv_log_open(enum mv_lmtp_log where);
void mv_log(enum mv_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line that is text already. */
void mv_log_line(enum mv_log_level level, struct mv_bytes line);
/* " key=value", the value escaped, in quotes where it is empty or holds more than a word. */
void mv_log_put_pair(struct mv_buf *out, const char *key, struct mv_bytes value);

#endif
