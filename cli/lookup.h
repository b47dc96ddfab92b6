/*
 * DNS for commands that judge no message: the configuration, one memo, and where
 * its answers come from: the resolver, or a capture file (--dns).
 *
 *   mv_lookup_begin(...)
 *   mv_lookup_run(lookup, stage, context)    as often as wanted
 *   mv_lookup_save(lookup, path)             --save-dns
 *   mv_lookup_end(lookup)
 */
#ifndef MV_CLI_LOOKUP_H
#define MV_CLI_LOOKUP_H

#include "cli/exit_code.h"
#include "core/config/config.h"
#include "core/dns/resolver.h"

#define MV_LOOKUP_MAX_MEMORY_BYTES (512 * 1024 * 1024)
#define MV_LOOKUP_MAX_ROUNDS 1000 /* runs of one stage */

struct mv_lookup {
    const char *command;
    struct mv_config *config;
    const struct mv_settings *settings;
    struct mv_resolver *resolver;
    struct mv_arena *arena; /* lives until the end: for what the command keeps, too */
    struct mv_memo *memo;   /* of mv_lookup_begin(), or the latest mv_lookup_fresh() */
};

/* config NULL: the default file, which may be missing. dns NULL: ask. On failure says why; end it all the same. */
enum mv_exit mv_lookup_begin(const char *command, const char *config, const char *dns, struct mv_lookup *lookup_r);
/* A new memo, since one takes no more than MV_MEMO_MAX_QUESTIONS. MV_ERR_MEMORY. */
enum mv_code mv_lookup_fresh(struct mv_lookup *lookup);
/* The arena empty and a new memo, for who goes through many things one after the other. MV_ERR_MEMORY. */
enum mv_code mv_lookup_renew(struct mv_lookup *lookup);

/* Is run from its start until it needs nothing more. Answers are kept, so that it is pure but for its context. */
typedef enum mv_code (*mv_lookup_stage)(struct mv_memo *memo, void *context);
/*
 * What the stage came to; never MV_NEED_DNS.  Each round of questions has [server] dns_deadline, after which
 * they are answered TIMEOUT.
 */
enum mv_code mv_lookup_run(struct mv_lookup *lookup, mv_lookup_stage stage, void *context);

/* Writes the answers of the memo as a capture file. Says why it cannot. */
enum mv_exit mv_lookup_save(const struct mv_lookup *lookup, const char *path);
/* "mailvouch COMMAND: sentence" on stderr, and the exit code of the error. */
enum mv_exit mv_lookup_fail(const struct mv_lookup *lookup, const struct mv_error *error);
enum mv_exit mv_lookup_fail_code(const struct mv_lookup *lookup, enum mv_code code);
void mv_lookup_end(struct mv_lookup *lookup);

#endif
