/*
 * The commands below "mailvouch dmarc" that look at records and evidence, not at a message.
 */
#ifndef MV_CLI_DMARC_COMMANDS_H
#define MV_CLI_DMARC_COMMANDS_H

#include "cli/exit_code.h"

/* argv[0] is the command's last word. */
enum mv_exit mv_dmarc_cmd_build(int argc, char **argv);
enum mv_exit mv_dmarc_cmd_lint(int argc, char **argv);
enum mv_exit mv_dmarc_cmd_stage(int argc, char **argv);

#endif
