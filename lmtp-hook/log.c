#include "lmtp-hook/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "core/base/ascii.h"
#include "core/base/trace.h"

static _Atomic unsigned destination; /* enum mv_lmtp_log */

void mv_log_open(enum mv_lmtp_log where)
{
    if (where == MV_LMTP_LOG_SYSLOG)
        openlog("mailvouch-lmtpd", LOG_PID | LOG_NDELAY, LOG_MAIL);
    atomic_store(&destination, where);
}

/* One write, so that the lines of two threads do not mix. */
static void write_line(struct mv_bytes line)
{
    struct mv_buf whole;

    mv_buf_init(&whole, MV_LOG_MAX_BYTES + 1);
    mv_buf_put(&whole, line);
    mv_buf_putc(&whole, '\n');
    if (write(STDERR_FILENO, mv_buf_bytes(&whole).data, mv_buf_bytes(&whole).len) < 0) {
        /* nobody is left to be told */
    }
    mv_buf_free(&whole);
}

void mv_log_line(enum mv_log_level level, struct mv_bytes line)
{
    static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO};

    line = mv_bytes_slice(line, 0, MV_LOG_MAX_BYTES);
    if (atomic_load(&destination) == MV_LMTP_LOG_SYSLOG)
        syslog(priorities[level], "%.*s", MV_ARG(line));
    else
        write_line(line);
}

void mv_log(enum mv_log_level level, const char *format, ...)
{
    char line[MV_LOG_MAX_BYTES];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof line)
        line[sizeof line - 2] = line[sizeof line - 3] = line[sizeof line - 4] = '.';
    mv_log_line(level, mv_bytes_str(line));
}

static bool is_word(struct mv_bytes value)
{
    for (size_t i = 0; i < value.len; i++)
        if (!mv_ascii_is(value.data[i], MV_ASCII_VCHAR) || value.data[i] == '"' || value.data[i] == '=')
            return false;
    return value.len > 0;
}

void mv_log_put_pair(struct mv_buf *out, const char *key, struct mv_bytes value)
{
    mv_buf_printf(out, " %s=", key);
    if (is_word(value)) {
        mv_buf_put_escaped(out, value);
        return;
    }
    mv_buf_putc(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] == '"')
            mv_buf_puts(out, "\\x22");
        else
            mv_buf_put_escaped(out, mv_bytes_slice(value, i, i + 1));
    }
    mv_buf_putc(out, '"');
}
