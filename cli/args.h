/*
 * Options of one command as a table, and its operands.
 *
 *   static const struct mv_arg arguments[] = {
 *       {"ip4", MV_ARG_TEXTS, &given.ip4, "ADDRESS", "a network that sends"}, ...
 *
 * "-o" is --output, where a command has that.  Every command also takes --help,
 * which prints the table; a typo gets the one sentence that helps: the option that
 * was probably meant, or the command's own --help.
 */
#ifndef MV_CLI_ARGS_H
#define MV_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/exit_code.h"
#include "core/base/bytes.h"

#define MV_ARGS_MAX_TEXTS 256 /* of one option */

struct mv_arg_texts {
    const char *items[MV_ARGS_MAX_TEXTS];
    size_t count;
};

enum mv_arg_kind {
    MV_ARG_FLAG,  /* bool */
    MV_ARG_TEXT,  /* const char * */
    MV_ARG_TEXTS, /* struct mv_arg_texts: may be given again and again */
    MV_ARG_NUMBER /* int64_t, from 0 on */
};

struct mv_arg_option {
    const char *name; /* without "--" */
    enum mv_arg_kind kind;
    void *value;
    const char *value_name; /* for --help: "FILE"; NULL for a flag */
    const char *help;       /* half a sentence */
};

struct mv_args {
    const char *command;  /* "spf build": for messages */
    const char *operands; /* for --help: "DOMAIN..."; "" for none */
    const char *summary;  /* for --help: one sentence */
    const struct mv_arg_option *options;
    size_t option_count;
    size_t min_operands, max_operands;
};

/*
 * argv[0] is the command's last word.  Strings borrow from argv, whose operands are moved to the end.
 * MV_EXIT_USAGE after a sentence on stderr.  *help_r: --help was given and has been printed; there is nothing
 * more to do, and MV_EXIT_OK is the exit.
 */
enum mv_exit mv_args_read(const struct mv_args *args, int argc, char **argv, bool *help_r, char ***operands_r,
                          size_t *operand_count_r);

/* Which of some words was probably meant? */
struct mv_args_nearest {
    struct mv_bytes typed;
    const char *word; /* NULL: none of those that were tried */
    size_t letters;   /* that differ */
};

struct mv_args_nearest mv_args_nearest_to(struct mv_bytes typed);
void mv_args_nearest_try(struct mv_args_nearest *nearest, const char *word);

/* On stderr, what somebody typed: cut where it is very long, and safe on a terminal. */
void mv_args_put_typed(const char *typed);

/* One of several subcommands. */
struct mv_subcommand {
    const char *name;
    enum mv_exit (*run)(int argc, char **argv); /* argv[0] is the name */
    const char *help; /* half a sentence */
};

/* Runs the one that argv[1] names; else says what there is. --help lists them. command: "spf". */
enum mv_exit mv_args_dispatch(const char *command, const struct mv_subcommand *subcommands, size_t count, int argc,
                              char **argv);

#endif
