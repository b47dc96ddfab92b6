#include "cli/key/options.h"

#include <stdio.h>
#include <time.h>

#include "cli/args.h"
#include "core/config/config.h"

#define MAX_OPTIONS 16
#define MAX_COMMAND_BYTES 32
#define MAX_NOW_SECS INT64_C(253402300799) /* the end of the year 9999 */

/* What is typed and has to be looked at before it is an option. */
struct typed {
    const char *type, *style;
    int64_t bits;
};

/* The rows of the sets, in the order of --help. */
static size_t select_rows(unsigned sets, struct mv_key_options *options, struct typed *typed,
                          struct mv_arg_option rows_r[MAX_OPTIONS])
{
    const struct {
        unsigned set;
        struct mv_arg_option row;
    } all[] = {
        {MV_KEY_OPT_TYPE, {"type", MV_ARG_TEXT, &typed->type, "TYPE", "rsa or ed25519 alone"}},
        {MV_KEY_OPT_TYPE, {"bits", MV_ARG_NUMBER, &typed->bits, "BITS", "of an RSA key, instead of those configured"}},
        {MV_KEY_OPT_STYLE, {"style", MV_ARG_TEXT, &typed->style, "STYLE", "bind, oneline, provider or json"}},
        {MV_KEY_OPT_STYLE, {"do", MV_ARG_FLAG, &options->act, NULL, "publish it, in the way that is configured"}},
        {MV_KEY_OPT_FORCE, {"force", MV_ARG_FLAG, &options->force, NULL, "also the last key that signs"}},
        {MV_KEY_OPT_DRY_RUN, {"dry-run", MV_ARG_FLAG, &options->dry_run, NULL, "say it, and do nothing"}},
        {MV_KEY_OPT_JSON, {"json", MV_ARG_FLAG, &options->json, NULL, "the result as JSON"}},
        {~0u, {"now", MV_ARG_NUMBER, &options->now_secs, "SECS", "as of this time (seconds since 1970)"}},
        {~0u, {"config", MV_ARG_TEXT, &options->config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH}},
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof all / sizeof *all && count < MAX_OPTIONS; i++)
        if (all[i].set == ~0u || (all[i].set & sets) != 0)
            rows_r[count++] = all[i].row;
    return count;
}

static enum mv_exit refuse(const char *command, const char *takes, const char *typed)
{
    fprintf(stderr, "mailvouch %s: %s", command, takes);
    if (typed != NULL) {
        fputs(", not '", stderr);
        mv_args_put_typed(typed);
        fputs("'", stderr);
    }
    fputs("\n", stderr);
    return MV_EXIT_USAGE;
}

static bool read_type(const char *typed, struct mv_key_options *options)
{
    struct mv_bytes text = mv_bytes_str(typed);

    options->has_type = true;
    options->type = mv_bytes_equal(text, MV_BYTES("rsa")) ? MV_KEY_RSA : MV_KEY_ED25519;
    return options->type == MV_KEY_RSA || mv_bytes_equal(text, MV_BYTES("ed25519"));
}

static enum mv_exit take_typed(const char *command, const struct typed *typed, struct mv_key_options *options)
{
    if (options->now_secs > MAX_NOW_SECS)
        return refuse(command, "--now takes seconds since 1970, before the year 10000", NULL);
    if (typed->type != NULL && !read_type(typed->type, options))
        return refuse(command, "--type takes rsa or ed25519", typed->type);
    if (typed->style != NULL && !mv_record_style_parse(mv_bytes_str(typed->style), &options->style))
        return refuse(command, "--style takes bind, oneline, provider or json", typed->style);
    if (typed->bits != 0 && (typed->bits < MV_RSA_MIN_SIGNING_BITS || typed->bits > MV_RSA_MAX_BITS))
        return refuse(command, "--bits takes 1024 to 8192", NULL);
    options->bits = (unsigned)typed->bits;
    return MV_EXIT_OK;
}

enum mv_exit mv_key_options_read(const struct mv_key_usage *usage, int argc, char **argv,
                                 struct mv_key_options *options_r)
{
    char command[MAX_COMMAND_BYTES];
    struct mv_arg_option rows[MAX_OPTIONS];
    struct typed typed = {.type = NULL};
    struct mv_args args = {command, usage->operands, usage->summary, rows, 0, usage->min_operands,
                           usage->max_operands};
    char **operands;
    bool help;
    enum mv_exit result;

    snprintf(command, sizeof command, "key %s", argv[0]);
    *options_r = (struct mv_key_options){.now_secs = (int64_t)time(NULL)};
    args.option_count = select_rows(usage->option_sets, options_r, &typed, rows);
    result = mv_args_read(&args, argc, argv, &help, &operands, &options_r->operand_count);
    if (result == MV_EXIT_OK && help)
        return MV_EXIT_HELPED;
    options_r->operands = (const char *const *)operands;
    return result == MV_EXIT_OK ? take_typed(command, &typed, options_r) : result;
}
