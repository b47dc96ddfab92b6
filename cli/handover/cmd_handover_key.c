/*
 * mailvouch handover-key: finds the subcommand and runs it.
 */
#include "cli/args.h"
#include "cli/check.h"
#include "cli/handover/commands.h"

static const struct mv_subcommand commands[] = {
    {"new", mv_handover_new, "make the file, with a key that signs"},
    {"add", mv_handover_add, "one more key, that is accepted and does not sign yet"},
    {"use", mv_handover_use, "the accepted key signs, the other is accepted"},
    {"drop", mv_handover_drop, "the accepted key goes"},
    {"list", mv_handover_list, "what is in the file, but for the secrets"},
    {"check", mv_handover_check_message, "is the Mailvouch-Result field of a message one of ours?"},
};

enum mv_exit mv_cmd_handover_key(int argc, char **argv)
{
    return mv_args_dispatch("handover-key", commands, sizeof commands / sizeof *commands, argc, argv);
}
