/*
 * Who sends for a domain, as "spf build" is told it: by options and operands, by a file, or asked for on a terminal.
 */
#ifndef MV_CLI_SPF_SENDERS_H
#define MV_CLI_SPF_SENDERS_H

#include "cli/args.h"
#include "core/ops/spf_senders.h"

struct mv_spf_senders_given {
    bool mx, a, nobody;
    struct mv_arg_texts ips, hosts, includes, providers;
    const char *file;     /* "-": standard input */
    char **words;         /* operands */
    size_t word_count;
};

/*
 * Says on stderr what cannot be read, or that nobody was named.  Asks only where standard input and standard error
 * are a terminal and nothing was given.
 */
enum mv_exit mv_spf_senders_gather(struct mv_arena *arena, const char *domain,
                                   const struct mv_spf_senders_given *given, struct mv_spf_senders *senders_r);

#endif
