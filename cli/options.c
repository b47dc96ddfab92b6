#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <time.h>

enum option_id {
    OPT_IP = 256,
    OPT_HELO,
    OPT_MAIL_FROM,
    OPT_FROM,
    OPT_SPF,
    OPT_DKIM,
    OPT_DNS,
    OPT_SAVE_DNS,
    OPT_JSON,
    OPT_EXPLAIN,
    OPT_NOW,
    OPT_CONFIG,
    OPT_SPLIT,
    OPT_USER,
    OPT_DOMAIN,
    OPT_SELECTOR,
    OPT_KEY,
    OPT_WHOLE_MESSAGE,
    OPT_AUTHSERV_ID,
    OPT_HEADERS,
    OPT_AS_LEGACY
};

static const struct option long_options[] = {
    {"ip", required_argument, NULL, OPT_IP},
    {"helo", required_argument, NULL, OPT_HELO},
    {"mail-from", required_argument, NULL, OPT_MAIL_FROM},
    {"from", required_argument, NULL, OPT_FROM},
    {"spf", required_argument, NULL, OPT_SPF},
    {"dkim", required_argument, NULL, OPT_DKIM},
    {"dns", required_argument, NULL, OPT_DNS},
    {"save-dns", required_argument, NULL, OPT_SAVE_DNS},
    {"json", no_argument, NULL, OPT_JSON},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"now", required_argument, NULL, OPT_NOW},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"split", required_argument, NULL, OPT_SPLIT},
    {"user", required_argument, NULL, OPT_USER},
    {"domain", required_argument, NULL, OPT_DOMAIN},
    {"selector", required_argument, NULL, OPT_SELECTOR},
    {"key", required_argument, NULL, OPT_KEY},
    {"message", no_argument, NULL, OPT_WHOLE_MESSAGE},
    {"authserv-id", required_argument, NULL, OPT_AUTHSERV_ID},
    {"headers", required_argument, NULL, OPT_HEADERS},
    {"as-legacy", no_argument, NULL, OPT_AS_LEGACY},
    {NULL, 0, NULL, 0},
};

static unsigned set_of(int id)
{
    switch (id) {
    case OPT_IP:
    case OPT_HELO:
    case OPT_MAIL_FROM:
        return MV_OPT_ENVELOPE;
    case OPT_FROM:
    case OPT_SPF:
    case OPT_DKIM:
        return MV_OPT_AUTHOR;
    case OPT_DNS:
    case OPT_SAVE_DNS:
        return MV_OPT_DNS;
    case OPT_JSON:
    case OPT_EXPLAIN:
        return MV_OPT_OUTPUT;
    case OPT_NOW:
        return MV_OPT_NOW;
    case OPT_SPLIT:
        return MV_OPT_MESSAGE;
    case OPT_USER:
        return MV_OPT_SIGN;
    case OPT_DOMAIN:
    case OPT_SELECTOR:
    case OPT_KEY:
    case OPT_WHOLE_MESSAGE:
        return MV_OPT_KEYS;
    case OPT_AUTHSERV_ID:
    case OPT_HEADERS:
        return MV_OPT_SEAL;
    case OPT_AS_LEGACY:
        return MV_OPT_LEGACY;
    default:
        return MV_OPT_CONFIG;
    }
}

static enum mv_exit usage(const char *command, const char *problem, const char *value)
{
    fprintf(stderr, "mailvouch %s: %s%s%s; see 'mailvouch help'\n", command, problem, value == NULL ? "" : ": ",
            value == NULL ? "" : value);
    return MV_EXIT_USAGE;
}

static enum mv_exit refuse_option(const char *command, const char *name)
{
    fprintf(stderr, "mailvouch %s: this command has no option --%s; see 'mailvouch help'\n", command, name);
    return MV_EXIT_USAGE;
}

static enum mv_exit read_number(const char *command, const char *name, uint64_t max, uint64_t *value_r)
{
    if (mv_bytes_to_uint(mv_bytes_str(optarg), max, value_r))
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch %s: %s takes a whole number up to %llu, not '%s'\n", command, name,
            (unsigned long long)max, optarg);
    return MV_EXIT_USAGE;
}

/* The results that alignment knows apart; everything else did not authenticate. */
static bool read_auth(enum mv_dmarc_method method, struct mv_bytes text, enum mv_dmarc_auth *auth_r)
{
    enum mv_spf_code spf;
    enum mv_dkim_code dkim;

    *auth_r = MV_DMARC_AUTH_FAIL;
    if (mv_bytes_equal(text, MV_BYTES("pass")))
        *auth_r = MV_DMARC_AUTH_PASS;
    else if (mv_bytes_equal(text, MV_BYTES("temperror")))
        *auth_r = MV_DMARC_AUTH_TEMPERROR;
    return method == MV_DMARC_BY_SPF ? mv_spf_code_parse(text, &spf) : mv_dkim_code_parse(text, &dkim);
}

static enum mv_exit add_identifier(const char *command, enum mv_dmarc_method method, struct mv_options *options)
{
    struct mv_bytes text = mv_bytes_str(optarg);
    size_t equals = mv_bytes_find_last(text, '=');
    struct mv_identifier_option *identifier = &options->identifiers[options->identifier_count];

    if (options->identifier_count == MV_CLI_MAX_IDENTIFIERS)
        return usage(command, "too many --spf and --dkim options", NULL);
    identifier->method = method;
    identifier->domain = mv_bytes_slice(text, 0, equals);
    if (identifier->domain.len == 0 || equals == text.len ||
        !read_auth(method, mv_bytes_slice(text, equals + 1, text.len), &identifier->auth))
        return usage(command, "--spf and --dkim take DOMAIN=RESULT with a result such as pass or fail, not", optarg);
    options->identifier_count++;
    return MV_EXIT_OK;
}

static enum mv_exit add_text(const char *command, const char **texts, size_t *count)
{
    if (*count == MV_SIGN_MAX_GIVEN_KEYS)
        return usage(command, "no more than 4 keys sign one message", NULL);
    texts[(*count)++] = optarg;
    return MV_EXIT_OK;
}

static enum mv_exit take_value(const char *command, int id, struct mv_options *options)
{
    uint64_t number = 0;
    enum mv_exit code = MV_EXIT_OK;

    switch (id) {
    case OPT_IP:
        if (!mv_ip_parse(mv_bytes_str(optarg), &options->ip))
            return usage(command, "--ip takes an IPv4 or IPv6 address, not", optarg);
        break;
    case OPT_SPF:
        return add_identifier(command, MV_DMARC_BY_SPF, options);
    case OPT_DKIM:
        return add_identifier(command, MV_DMARC_BY_DKIM, options);
    case OPT_NOW:
        code = read_number(command, "--now", INT64_MAX, &number);
        options->now_secs = (int64_t)number;
        break;
    case OPT_SPLIT:
        code = read_number(command, "--split", SIZE_MAX, &number);
        options->split_bytes = (size_t)number;
        break;
    case OPT_SELECTOR:
        return add_text(command, options->selectors, &options->selector_count);
    case OPT_KEY:
        return add_text(command, options->keys, &options->key_count);
    default:
        break;
    }
    return code;
}

static void take_text(int id, struct mv_options *options)
{
    switch (id) {
    case OPT_HELO:
        options->helo = optarg;
        break;
    case OPT_MAIL_FROM:
        options->mail_from = optarg;
        break;
    case OPT_FROM:
        options->from = optarg;
        break;
    case OPT_DNS:
        options->dns = optarg;
        break;
    case OPT_SAVE_DNS:
        options->save_dns = optarg;
        break;
    case OPT_CONFIG:
        options->config = optarg;
        break;
    case OPT_JSON:
        options->json = true;
        break;
    case OPT_AS_LEGACY:
        options->as_legacy = true;
        break;
    case OPT_EXPLAIN:
        options->explain = true;
        break;
    case OPT_USER:
        options->user = optarg;
        break;
    case OPT_DOMAIN:
        options->domain = optarg;
        break;
    case OPT_WHOLE_MESSAGE:
        options->whole_message = true;
        break;
    case OPT_AUTHSERV_ID:
        options->authserv_id = optarg;
        break;
    case OPT_HEADERS:
        options->headers = optarg;
        break;
    default:
        break;
    }
}

static enum mv_exit take_operands(const char *command, int operands, char **operand, unsigned option_sets,
                                  struct mv_options *options)
{
    if ((option_sets & MV_OPT_MESSAGE) == 0)
        return operands == 0 ? MV_EXIT_OK : usage(command, "unexpected argument", *operand);
    if (operands != 1)
        return usage(command, operands == 0 ? "which message? Give a file, or - for standard input"
                                            : "one message at a time, please", NULL);
    options->message = *operand;
    return MV_EXIT_OK;
}

enum mv_exit mv_options_read(const char *command, int argc, char **argv, unsigned option_sets,
                             struct mv_options *options_r)
{
    *options_r = (struct mv_options){.now_secs = (int64_t)time(NULL)};
    optind = 1;
    opterr = 0;
    for (;;) {
        int index = -1;
        int id = getopt_long(argc, argv, ":", long_options, &index);
        enum mv_exit code;

        if (id == -1)
            break;
        if (id == ':')
            return usage(command, "option needs a value", argv[optind - 1]);
        if (id == '?')
            return usage(command, "unknown option", argv[optind - 1]);
        if ((set_of(id) & (option_sets | MV_OPT_CONFIG)) == 0)
            return refuse_option(command, long_options[index].name);
        take_text(id, options_r);
        code = take_value(command, id, options_r);
        if (code != MV_EXIT_OK)
            return code;
    }
    return take_operands(command, argc - optind, argv + optind, option_sets, options_r);
}

struct mv_bytes mv_options_selector(const struct mv_options *options, size_t key)
{
    struct mv_bytes name = mv_bytes_str(options->keys[key]), ending = MV_BYTES(".pem");
    size_t slash = mv_bytes_find_last(name, '/');

    if (key < options->selector_count)
        return mv_bytes_str(options->selectors[key]);
    if (slash < name.len)
        name = mv_bytes_slice(name, slash + 1, name.len);
    if (mv_bytes_has_suffix_nocase(name, ending))
        name = mv_bytes_slice(name, 0, name.len - ending.len);
    return name;
}
