/*
 * What the commands below "mailvouch spf" print alike.
 */
#ifndef MV_CLI_SPF_SHOW_H
#define MV_CLI_SPF_SHOW_H

#include "cli/exit_code.h"
#include "core/base/bytes.h"

/* "word     text", the text escaped. false when writing failed. */
bool mv_spf_show_line(const char *word, struct mv_bytes text);
/* "mailvouch COMMAND: 'typed' REST" on stderr, typed escaped and cut. MV_EXIT_USAGE. */
enum mv_exit mv_spf_refuse(const char *command, const char *typed, const char *rest);

#endif
