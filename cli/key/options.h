/*
 * The options of "mailvouch key".
 */
#ifndef MV_CLI_KEY_OPTIONS_H
#define MV_CLI_KEY_OPTIONS_H

#include "cli/exit_code.h"
#include "core/ops/key_record.h"

/* Which options a subcommand takes beside --config and --now. */
enum mv_key_option_set {
    MV_KEY_OPT_JSON = 1 << 0,
    MV_KEY_OPT_TYPE = 1 << 1,    /* --type --bits */
    MV_KEY_OPT_STYLE = 1 << 2,   /* --style --do */
    MV_KEY_OPT_FORCE = 1 << 3,
    MV_KEY_OPT_DRY_RUN = 1 << 4
};

struct mv_key_options {
    const char *config; /* NULL: the default file */
    int64_t now_secs;
    bool json;
    bool has_type;
    enum mv_key_type type;
    unsigned bits; /* 0: as configured */
    enum mv_record_style style;
    bool act; /* --do */
    bool force;
    bool dry_run;
    const char *const *operands; /* domains, or a domain and selectors */
    size_t operand_count;
};

/* What a subcommand takes. */
struct mv_key_usage {
    unsigned option_sets;
    const char *operands; /* for --help: "DOMAIN [SELECTOR]" */
    const char *summary;  /* one sentence */
    size_t min_operands, max_operands;
};

/* argv[0] is the subcommand.  MV_EXIT_HELPED, or MV_EXIT_USAGE after a sentence on stderr. */
enum mv_exit mv_key_options_read(const struct mv_key_usage *usage, int argc, char **argv,
                                 struct mv_key_options *options_r);

#endif
