#include "cli/spf/show.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "core/text/domain.h"

#define MAX_LINE_BYTES (128 * 1024)

bool mv_spf_show_line(const char *word, struct mv_bytes text)
{
    struct mv_buf line;
    bool written;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "%-8s ", word);
    mv_buf_put_escaped(&line, text);
    written = mv_buf_cstr(&line) != NULL && puts(mv_buf_cstr(&line)) != EOF;
    mv_buf_free(&line);
    return written;
}

enum mv_exit mv_spf_refuse(const char *command, const char *typed, const char *rest)
{
    struct mv_buf shown;

    mv_buf_init(&shown, 4 * MV_DOMAIN_MAX_BYTES);
    mv_buf_put_escaped(&shown, mv_bytes_slice(mv_bytes_str(typed), 0, MV_DOMAIN_MAX_BYTES / 2));
    fprintf(stderr, "mailvouch %s: '%s' %s\n", command, mv_buf_cstr(&shown) == NULL ? "" : mv_buf_cstr(&shown), rest);
    mv_buf_free(&shown);
    return MV_EXIT_USAGE;
}
