/*
 * mailvouch key: finds the subcommand and runs it.
 */
#include "cli/check.h"

#include <stdio.h>
#include <string.h>

#include "cli/key/session.h"

static const struct {
    const char *name;
    enum mv_exit (*run)(int argc, char **argv);
} commands[] = {
    {"new", mv_key_new},     {"list", mv_key_list},     {"publish", mv_key_publish}, {"check", mv_key_check},
    {"roll", mv_key_roll},   {"retire", mv_key_retire}, {"status", mv_key_status},   {"auto", mv_key_auto},
};

enum mv_exit mv_cmd_key(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fputs("mailvouch key: give one of new, list, publish, check, roll, retire, status, auto; see mailvouch-key(1)\n",
          stderr);
    return MV_EXIT_USAGE;
}
