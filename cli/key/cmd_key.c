/*
 * mailvouch key: finds the subcommand and runs it.
 */
#include "cli/args.h"
#include "cli/check.h"
#include "cli/key/session.h"

static const struct mv_subcommand commands[] = {
    {"status", mv_key_status, "what is, and what comes next"},
    {"auto", mv_key_auto, "does what is to be done: what the timer runs"},
    {"list", mv_key_list, "the keys and their states"},
    {"check", mv_key_check, "does DNS show them?"},
    {"new", mv_key_new, "make keys for a domain"},
    {"roll", mv_key_roll, "make their successors"},
    {"publish", mv_key_publish, "the records to put into DNS"},
    {"retire", mv_key_retire, "let a key sign no more"},
};

enum mv_exit mv_cmd_key(int argc, char **argv)
{
    return mv_args_dispatch("key", commands, sizeof commands / sizeof *commands, argc, argv);
}
