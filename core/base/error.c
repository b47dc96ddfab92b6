#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void mv_error_clear(struct mv_error *error)
{
    error->code = MV_OK;
    error->text[0] = '\0';
}

enum mv_code mv_error_set(struct mv_error *error, enum mv_code code, const char *format, ...)
{
    static const char cut[] = "...";
    va_list args;
    int n;

    if (error == NULL)
        return code;
    error->code = code;
    va_start(args, format);
    n = vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof error->text)
        memcpy(error->text + sizeof error->text - sizeof cut, cut, sizeof cut);
    return code;
}

const char *mv_code_text(enum mv_code code)
{
    switch (code) {
    case MV_OK:
        return "ok";
    case MV_NEED_DNS:
        return "waiting for DNS";
    case MV_ERR_MEMORY:
        return "out of memory";
    case MV_ERR_LIMIT:
        return "limit exceeded";
    case MV_ERR_SYNTAX:
        return "syntax error";
    case MV_ERR_CONFIG:
        return "configuration error";
    case MV_ERR_IO:
        return "input/output error";
    case MV_ERR_CRYPTO:
        return "cryptographic library error";
    case MV_ERR_USAGE:
        return "called out of order";
    }
    return "unknown";
}
