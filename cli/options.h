/*
 * The options that the checking commands share.
 */
#ifndef MV_CLI_OPTIONS_H
#define MV_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/exit_code.h"
#include "core/mailvouch.h"

/* Which options a command takes. */
enum mv_option_set {
    MV_OPT_ENVELOPE = 1 << 0, /* --ip --helo --mail-from */
    MV_OPT_AUTHOR = 1 << 1,   /* --from --spf --dkim */
    MV_OPT_DNS = 1 << 2,      /* --dns --save-dns */
    MV_OPT_OUTPUT = 1 << 3,   /* --json --explain */
    MV_OPT_NOW = 1 << 4,
    MV_OPT_MESSAGE = 1 << 5,  /* one operand: a file or "-" */
    MV_OPT_CONFIG = 1 << 6,   /* --config, which every command takes */
    MV_OPT_SIGN = 1 << 7,     /* --user */
    MV_OPT_KEYS = 1 << 8,     /* --domain --selector --key --message */
    MV_OPT_SEAL = 1 << 9,     /* --authserv-id --headers */
    MV_OPT_LEGACY = 1 << 10   /* --as-legacy */
};

#define MV_CLI_MAX_IDENTIFIERS MV_DMARC_MAX_IDENTIFIERS

struct mv_identifier_option {
    enum mv_dmarc_method method;
    struct mv_bytes domain;
    enum mv_dmarc_auth auth;
};

struct mv_options {
    const char *config;    /* NULL: the default file */
    const char *dns;       /* capture to replay */
    const char *save_dns;  /* where to write one */
    struct mv_ip ip;
    const char *helo;
    const char *mail_from;
    const char *from;
    struct mv_identifier_option identifiers[MV_CLI_MAX_IDENTIFIERS];
    size_t identifier_count;
    bool json;
    bool explain;
    bool as_legacy;
    int64_t now_secs;
    size_t split_bytes;    /* feed the message in pieces of this size; 0: as it is read */
    const char *message;
    const char *user;      /* NULL: the operator */
    const char *domain;    /* d= */
    const char *selectors[MV_SIGN_MAX_GIVEN_KEYS];
    size_t selector_count;
    const char *keys[MV_SIGN_MAX_GIVEN_KEYS]; /* files */
    size_t key_count;
    bool whole_message;    /* print it, not its new fields alone */
    const char *authserv_id; /* NULL: that of the configuration */
    const char *headers;   /* "from:to:subject"; NULL: the usual ones */
};

/*
 * Reads argv[1] and what follows.  MV_EXIT_OK, MV_EXIT_HELPED, or MV_EXIT_USAGE after a sentence on stderr that names
 * the command.  Strings borrow from argv.  summary: one sentence, for --help.
 */
enum mv_exit mv_options_read(const char *command, const char *summary, int argc, char **argv, unsigned option_sets,
                             struct mv_options *options_r);
/* The selector of a key: as given, or the name of its file: "/somewhere/mx1-20261123-r.pem" is mx1-20261123-r. */
struct mv_bytes mv_options_selector(const struct mv_options *options, size_t key);

#endif
