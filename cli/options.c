#include "cli/options.h"

#include <stdio.h>
#include <time.h>

#include "cli/args.h"

#define MAX_OPTIONS 24

/* What is typed and has to be looked at before it is an option. */
struct typed {
    const char *ip;
    struct mv_arg_texts spf, dkim, selectors, keys;
    int64_t split_bytes;
};

/* The rows of the sets, in the order of --help. */
static size_t select_rows(unsigned sets, struct mv_options *options, struct typed *typed,
                          struct mv_arg_option rows_r[MAX_OPTIONS])
{
    const struct {
        unsigned set;
        struct mv_arg_option row;
    } all[] = {
        {MV_OPT_ENVELOPE, {"ip", MV_ARG_TEXT, &typed->ip, "ADDRESS", "the client"}},
        {MV_OPT_ENVELOPE, {"helo", MV_ARG_TEXT, &options->helo, "NAME", "what it said at HELO"}},
        {MV_OPT_ENVELOPE, {"mail-from", MV_ARG_TEXT, &options->mail_from, "ADDRESS", "the sender; '' for bounces"}},
        {MV_OPT_AUTHOR, {"from", MV_ARG_TEXT, &options->from, "DOMAIN", "the domain of the From field"}},
        {MV_OPT_AUTHOR, {"spf", MV_ARG_TEXTS, &typed->spf, "DOMAIN=RESULT", "what SPF said; may be repeated"}},
        {MV_OPT_AUTHOR, {"dkim", MV_ARG_TEXTS, &typed->dkim, "DOMAIN=RESULT", "what DKIM said; may be repeated"}},
        {MV_OPT_SIGN, {"user", MV_ARG_TEXT, &options->user, "NAME", "sign as if this login had submitted it"}},
        {MV_OPT_KEYS, {"key", MV_ARG_TEXTS, &typed->keys, "FILE", "a private key"}},
        {MV_OPT_KEYS, {"selector", MV_ARG_TEXTS, &typed->selectors, "S", "of the key; else the name of its file"}},
        {MV_OPT_KEYS, {"domain", MV_ARG_TEXT, &options->domain, "DOMAIN", "what stands in d="}},
        {MV_OPT_SEAL, {"authserv-id", MV_ARG_TEXT, &options->authserv_id, "ID", "instead of the configured one"}},
        {MV_OPT_SEAL, {"headers", MV_ARG_TEXT, &options->headers, "LIST", "from:to:subject, not the usual ones"}},
        {MV_OPT_KEYS, {"message", MV_ARG_FLAG, &options->whole_message, NULL, "print the whole message"}},
        {MV_OPT_OUTPUT, {"explain", MV_ARG_FLAG, &options->explain, NULL, "say why, step by step"}},
        {MV_OPT_LEGACY, {"as-legacy", MV_ARG_FLAG, &options->as_legacy, NULL, "how libspf2 and OpenDMARC see it"}},
        {MV_OPT_OUTPUT, {"json", MV_ARG_FLAG, &options->json, NULL, "the result as JSON"}},
        {MV_OPT_DNS, {"dns", MV_ARG_TEXT, &options->dns, "FILE", "take the answers of DNS from such a file"}},
        {MV_OPT_DNS, {"save-dns", MV_ARG_TEXT, &options->save_dns, "FILE", "write every answer that was used"}},
        {MV_OPT_NOW, {"now", MV_ARG_NUMBER, &options->now_secs, "SECS", "as of this time (seconds since 1970)"}},
        {MV_OPT_MESSAGE, {"split", MV_ARG_NUMBER, &typed->split_bytes, "BYTES", "read the message in such pieces"}},
        {MV_OPT_CONFIG, {"config", MV_ARG_TEXT, &options->config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH}},
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof all / sizeof *all && count < MAX_OPTIONS; i++)
        if ((all[i].set & (sets | MV_OPT_CONFIG)) != 0)
            rows_r[count++] = all[i].row;
    return count;
}

static enum mv_exit usage(const char *command, const char *problem, const char *value)
{
    fprintf(stderr, "mailvouch %s: %s", command, problem);
    if (value != NULL) {
        fputs(" '", stderr);
        mv_args_put_typed(value);
        fputs("'", stderr);
    }
    fprintf(stderr, "; see 'mailvouch %s --help'\n", command);
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

static enum mv_exit add_identifier(const char *command, enum mv_dmarc_method method, const char *typed,
                                   struct mv_options *options)
{
    struct mv_bytes text = mv_bytes_str(typed);
    size_t equals = mv_bytes_find_last(text, '=');
    struct mv_identifier_option *identifier = &options->identifiers[options->identifier_count];

    if (options->identifier_count == MV_CLI_MAX_IDENTIFIERS)
        return usage(command, "too many --spf and --dkim options", NULL);
    identifier->method = method;
    identifier->domain = mv_bytes_slice(text, 0, equals);
    if (identifier->domain.len == 0 || equals == text.len ||
        !read_auth(method, mv_bytes_slice(text, equals + 1, text.len), &identifier->auth))
        return usage(command, "--spf and --dkim take DOMAIN=RESULT with a result such as pass or fail, not", typed);
    options->identifier_count++;
    return MV_EXIT_OK;
}

static enum mv_exit add_identifiers(const char *command, enum mv_dmarc_method method, const struct mv_arg_texts *texts,
                                    struct mv_options *options)
{
    enum mv_exit result = MV_EXIT_OK;

    for (size_t i = 0; i < texts->count && result == MV_EXIT_OK; i++)
        result = add_identifier(command, method, texts->items[i], options);
    return result;
}

static enum mv_exit take_texts(const char *command, const struct mv_arg_texts *texts, const char **items,
                               size_t *count)
{
    if (texts->count > MV_SIGN_MAX_GIVEN_KEYS)
        return usage(command, "no more than 4 keys sign one message", NULL);
    for (size_t i = 0; i < texts->count; i++)
        items[(*count)++] = texts->items[i];
    return MV_EXIT_OK;
}

static enum mv_exit take_typed(const char *command, const struct typed *typed, struct mv_options *options)
{
    enum mv_exit result;

    options->split_bytes = (size_t)typed->split_bytes;
    if (typed->ip != NULL && !mv_ip_parse(mv_bytes_str(typed->ip), &options->ip))
        return usage(command, "--ip takes an IPv4 or IPv6 address, not", typed->ip);
    result = add_identifiers(command, MV_DMARC_BY_SPF, &typed->spf, options);
    if (result == MV_EXIT_OK)
        result = add_identifiers(command, MV_DMARC_BY_DKIM, &typed->dkim, options);
    if (result == MV_EXIT_OK)
        result = take_texts(command, &typed->selectors, options->selectors, &options->selector_count);
    if (result == MV_EXIT_OK)
        result = take_texts(command, &typed->keys, options->keys, &options->key_count);
    return result;
}

enum mv_exit mv_options_read(const char *command, const char *summary, int argc, char **argv, unsigned option_sets,
                             struct mv_options *options_r)
{
    struct mv_arg_option rows[MAX_OPTIONS];
    struct typed typed = {.ip = NULL};
    bool with_message = (option_sets & MV_OPT_MESSAGE) != 0, help;
    struct mv_args args = {command, with_message ? "MESSAGE|-" : "", summary, rows, 0, with_message, with_message};
    char **operands;
    size_t count;
    enum mv_exit result;

    *options_r = (struct mv_options){.now_secs = (int64_t)time(NULL)};
    args.option_count = select_rows(option_sets, options_r, &typed, rows);
    result = mv_args_read(&args, argc, argv, &help, &operands, &count);
    if (result == MV_EXIT_OK && help)
        return MV_EXIT_HELPED;
    if (result != MV_EXIT_OK)
        return result;
    if (count > 0)
        options_r->message = operands[0];
    return take_typed(command, &typed, options_r);
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
