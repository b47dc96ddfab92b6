/*
 * What every subcommand of "mailvouch key" works with, and how it says what is
 * wrong.
 */
#ifndef MV_CLI_KEY_SESSION_H
#define MV_CLI_KEY_SESSION_H

#include "cli/key/options.h"
#include "core/ops/keeper.h"

struct mv_key_session {
    const char *command;
    struct mv_key_options options;
    struct mv_config *config;
    const struct mv_settings *settings;
    struct mv_key_store *store;
    struct mv_resolver *resolver;
    struct mv_arena *arena;
    struct mv_keeper keeper;
};

/* Says what is wrong; end with mv_key_session_end() all the same. */
enum mv_exit mv_key_session_begin(const char *command, const struct mv_key_options *options,
                                  struct mv_key_session *session_r);
void mv_key_session_end(struct mv_key_session *session);

/* "mailvouch key COMMAND: sentence" on stderr, and the exit code of the error. */
enum mv_exit mv_key_session_fail(const struct mv_key_session *session, const struct mv_error *error);
enum mv_exit mv_key_session_no_memory(const struct mv_key_session *session);
/* The operand as the name of a domain, or as a selector, in normal form. */
enum mv_exit mv_key_session_domain(const struct mv_key_session *session, size_t operand, struct mv_bytes *domain_r);
/* The keys of a domain, and the one that the operand names; NULL when there is no such operand. */
enum mv_exit mv_key_session_keys(const struct mv_key_session *session, struct mv_bytes domain, size_t operand,
                                 struct mv_key_entries *entries_r, const struct mv_key_entry **named_r);
/* The domains that are meant: those that are given, or all there are. */
enum mv_exit mv_key_session_domains(const struct mv_key_session *session, const struct mv_bytes **domains_r,
                                    size_t *count_r);

/* The subcommands; argv[0] is their name. */
enum mv_exit mv_key_new(int argc, char **argv);
enum mv_exit mv_key_roll(int argc, char **argv);
enum mv_exit mv_key_list(int argc, char **argv);
enum mv_exit mv_key_publish(int argc, char **argv);
enum mv_exit mv_key_check(int argc, char **argv);
enum mv_exit mv_key_retire(int argc, char **argv);
enum mv_exit mv_key_status(int argc, char **argv);
enum mv_exit mv_key_auto(int argc, char **argv);

#endif
