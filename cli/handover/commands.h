/*
 * The subcommands of "mailvouch handover-key".
 */
#ifndef MV_CLI_HANDOVER_COMMANDS_H
#define MV_CLI_HANDOVER_COMMANDS_H

#include "cli/exit_code.h"

enum mv_exit mv_handover_new(int argc, char **argv);
enum mv_exit mv_handover_add(int argc, char **argv);
enum mv_exit mv_handover_use(int argc, char **argv);
enum mv_exit mv_handover_drop(int argc, char **argv);
enum mv_exit mv_handover_list(int argc, char **argv);
enum mv_exit mv_handover_check_message(int argc, char **argv);

#endif
