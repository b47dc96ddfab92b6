/*
 * Writes what is made from the table of settings (core/config/settings.c), while building:
 *
 *   print_settings manual    the list in mailvouch.conf(5)
 *   print_settings example   conf/mailvouch.conf
 */
#include <stdio.h>
#include <string.h>

#include "core/config/config.h"

#define MAX_OUTPUT_BYTES (16 * 1024 * 1024)

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    struct mv_buf out;
    bool written;

    mv_buf_init(&out, MAX_OUTPUT_BYTES);
    if (strcmp(what, "manual") == 0)
        mv_config_print_manual(&out);
    else if (strcmp(what, "example") == 0)
        mv_config_print_example(&out);
    else
        mv_buf_fail(&out);
    written = !mv_buf_failed(&out) && fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    mv_buf_free(&out);
    if (!written)
        fputs("usage: print_settings manual|example\n", stderr);
    return written ? 0 : 1;
}
