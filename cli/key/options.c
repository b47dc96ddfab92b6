#include "cli/key/options.h"

#include <getopt.h>
#include <stdio.h>
#include <time.h>

enum option_id { OPT_CONFIG = 256, OPT_NOW, OPT_JSON, OPT_TYPE, OPT_BITS, OPT_STYLE, OPT_DO, OPT_FORCE, OPT_DRY_RUN };

static const struct option long_options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"now", required_argument, NULL, OPT_NOW},
    {"json", no_argument, NULL, OPT_JSON},
    {"type", required_argument, NULL, OPT_TYPE},
    {"bits", required_argument, NULL, OPT_BITS},
    {"style", required_argument, NULL, OPT_STYLE},
    {"do", no_argument, NULL, OPT_DO},
    {"force", no_argument, NULL, OPT_FORCE},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {NULL, 0, NULL, 0},
};

static unsigned set_of(int id)
{
    switch (id) {
    case OPT_JSON:
        return MV_KEY_OPT_JSON;
    case OPT_TYPE:
    case OPT_BITS:
        return MV_KEY_OPT_TYPE;
    case OPT_STYLE:
    case OPT_DO:
        return MV_KEY_OPT_STYLE;
    case OPT_FORCE:
        return MV_KEY_OPT_FORCE;
    case OPT_DRY_RUN:
        return MV_KEY_OPT_DRY_RUN;
    default:
        return ~0u;
    }
}

static enum mv_exit usage(const char *command, const char *problem, const char *value)
{
    fprintf(stderr, "mailvouch key %s: %s%s%s; see 'mailvouch help'\n", command, problem, value == NULL ? "" : ": ",
            value == NULL ? "" : value);
    return MV_EXIT_USAGE;
}

static bool read_type(struct mv_key_options *options)
{
    struct mv_bytes text = mv_bytes_str(optarg);

    options->has_type = true;
    options->type = mv_bytes_equal(text, MV_BYTES("rsa")) ? MV_KEY_RSA : MV_KEY_ED25519;
    return options->type == MV_KEY_RSA || mv_bytes_equal(text, MV_BYTES("ed25519"));
}

static enum mv_exit take_value(const char *command, int id, struct mv_key_options *options)
{
    uint64_t number = 0;

    switch (id) {
    case OPT_CONFIG:
        options->config = optarg;
        break;
    case OPT_NOW:
        if (!mv_bytes_to_uint(mv_bytes_str(optarg), INT64_C(253402300799), &number))
            return usage(command, "--now takes seconds since 1970, not", optarg);
        options->now_secs = (int64_t)number;
        break;
    case OPT_TYPE:
        if (!read_type(options))
            return usage(command, "--type takes rsa or ed25519, not", optarg);
        break;
    case OPT_BITS:
        if (!mv_bytes_to_uint(mv_bytes_str(optarg), MV_RSA_MAX_BITS, &number) || number < MV_RSA_MIN_SIGNING_BITS)
            return usage(command, "--bits takes 1024 to 8192, not", optarg);
        options->bits = (unsigned)number;
        break;
    case OPT_STYLE:
        if (!mv_record_style_parse(mv_bytes_str(optarg), &options->style))
            return usage(command, "--style takes bind, oneline, provider or json, not", optarg);
        break;
    default:
        break;
    }
    return MV_EXIT_OK;
}

static void take_flag(int id, struct mv_key_options *options)
{
    options->json = options->json || id == OPT_JSON;
    options->act = options->act || id == OPT_DO;
    options->force = options->force || id == OPT_FORCE;
    options->dry_run = options->dry_run || id == OPT_DRY_RUN;
}

static enum mv_exit take_operands(const char *command, int argc, char **argv, size_t min_operands,
                                  size_t max_operands, struct mv_key_options *options)
{
    options->operands = (const char *const *)argv + optind;
    options->operand_count = (size_t)(argc - optind);
    if (options->operand_count < min_operands)
        return usage(command, min_operands == 2 ? "give a domain and a selector" : "give a domain", NULL);
    if (options->operand_count > max_operands)
        return usage(command, "unexpected argument", argv[optind + (int)max_operands]);
    return MV_EXIT_OK;
}

enum mv_exit mv_key_options_read(int argc, char **argv, unsigned option_sets, size_t min_operands,
                                 size_t max_operands, struct mv_key_options *options_r)
{
    const char *command = argv[0];

    *options_r = (struct mv_key_options){.now_secs = (int64_t)time(NULL)};
    optind = 1;
    opterr = 0;
    for (;;) {
        int index = -1;
        int id = getopt_long(argc, argv, ":", long_options, &index);
        enum mv_exit result;

        if (id == -1)
            break;
        if (id == ':')
            return usage(command, "option needs a value", argv[optind - 1]);
        if (id == '?')
            return usage(command, "unknown option", argv[optind - 1]);
        if (set_of(id) != ~0u && (set_of(id) & option_sets) == 0)
            return usage(command, "this command has no option of the name", long_options[index].name);
        take_flag(id, options_r);
        result = take_value(command, id, options_r);
        if (result != MV_EXIT_OK)
            return result;
    }
    return take_operands(command, argc, argv, min_operands, max_operands, options_r);
}
