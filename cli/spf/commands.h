/*
 * The commands below "mailvouch spf" that look at records, not at a message.
 */
#ifndef MV_CLI_SPF_COMMANDS_H
#define MV_CLI_SPF_COMMANDS_H

#include "cli/exit_code.h"

/* argv[0] is the command's last word. */
enum mv_exit mv_spf_cmd_build(int argc, char **argv);
enum mv_exit mv_spf_cmd_flatten(int argc, char **argv);
enum mv_exit mv_spf_cmd_lint(int argc, char **argv);

#endif
