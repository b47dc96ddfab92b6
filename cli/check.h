/*
 * One check from options to output: what verify, spf check, dmarc check and
 * dkim verify have in common.
 */
#ifndef MV_CLI_CHECK_H
#define MV_CLI_CHECK_H

#include "cli/legacy.h"
#include "cli/options.h"

struct mv_check {
    const char *command; /* for messages on stderr */
    struct mv_options options;
    struct mv_engine *engine;
    struct mv_msg *msg;
    struct mv_legacy legacy; /* after --as-legacy */
};

/* Reads options, opens the engine and begins the message. On failure says why; end with mv_check_end() all the same. */
enum mv_exit mv_check_begin(const char *command, const char *summary, int argc, char **argv, unsigned option_sets,
                            unsigned want, struct mv_check *check_r);
/* Feeds the message when there is one, waits for the verdict, asks for second opinions, writes --save-dns. */
enum mv_exit mv_check_run(struct mv_check *check);
/* Prints the reason tree after --explain (to stderr beside --json, so that each stays readable). */
enum mv_exit mv_check_explain(const struct mv_check *check);
void mv_check_end(struct mv_check *check);

/* temperror: MV_EXIT_TRY_AGAIN, or MV_EXIT_NO_DNS when no question was answered at all. */
enum mv_exit mv_check_temperror(const struct mv_check *check);

/* The commands. */
enum mv_exit mv_cmd_verify(int argc, char **argv);
enum mv_exit mv_cmd_spf(int argc, char **argv);
enum mv_exit mv_cmd_dmarc(int argc, char **argv);
enum mv_exit mv_cmd_report(int argc, char **argv);
enum mv_exit mv_cmd_dkim(int argc, char **argv);
enum mv_exit mv_cmd_dkim_sign(int argc, char **argv);
enum mv_exit mv_cmd_arc(int argc, char **argv);
enum mv_exit mv_cmd_config(int argc, char **argv);
enum mv_exit mv_cmd_key(int argc, char **argv);
enum mv_exit mv_cmd_handover_key(int argc, char **argv);
enum mv_exit mv_cmd_check(int argc, char **argv);
enum mv_exit mv_cmd_init(int argc, char **argv);

#endif
