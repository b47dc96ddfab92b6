/*
 * mailvouch dkim sign: the DKIM-Signature fields of a message, as a server would
 * make them for a user, or with keys that are given.
 */
#include <stdio.h>
#include <string.h>

#include "cli/check.h"
#include "cli/filter.h"

#define COMMAND "dkim sign"
#define SUMMARY "Prints the signatures that a message gets here, or by a given key."
#define MAX_KEY_FILE_BYTES (16 * 1024)

struct job {
    struct mv_options options;
    struct mv_engine *engine; /* NULL: keys are given */
    struct mv_config *config; /* NULL: there is an engine */
    struct mv_buf pems[MV_SIGN_MAX_GIVEN_KEYS];
    struct mv_signer *signer;
    struct mv_filter filter;
};

static enum mv_exit say(const struct mv_error *error)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", error->text);
    return mv_exit_of_code(error->code);
}

static enum mv_exit begin_as_server(struct job *job)
{
    const struct mv_options *options = &job->options;
    struct mv_sign_request request = {
        .user = mv_bytes_str(options->user),
        .now_secs = options->now_secs,
        .trust = options->user == NULL ? MV_SIGN_OPERATOR : MV_SIGN_ASK_TABLE,
    };
    struct mv_error error = {0};

    if (mv_engine_open(&job->engine, options->config, &error) != MV_OK ||
        mv_signer_begin(job->engine, &request, &job->signer, &error) != MV_OK)
        return say(&error);
    return MV_EXIT_OK;
}

/* Without --config the file of the system is not asked: it may be of any kind. */
static enum mv_exit read_config(struct job *job)
{
    struct mv_error error = {0};
    enum mv_code code = job->options.config == NULL
                            ? mv_config_read_text(mv_bytes_str(""), "", &job->config, &error)
                            : mv_config_read(job->options.config, &job->config, &error);

    return code == MV_OK ? MV_EXIT_OK : say(&error);
}

static enum mv_exit begin_with_keys(struct job *job)
{
    const struct mv_options *options = &job->options;
    struct mv_sign_given_key keys[MV_SIGN_MAX_GIVEN_KEYS];
    struct mv_sign_given given = {.domain = mv_bytes_str(options->domain), .keys = keys, .now_secs = options->now_secs};
    const struct mv_domain_settings *settings;
    struct mv_error error = {0};
    enum mv_exit result = read_config(job);

    for (; result == MV_EXIT_OK && given.key_count < options->key_count; given.key_count++) {
        size_t i = given.key_count;

        result = mv_input_read_file(COMMAND, options->keys[i], &job->pems[i]);
        keys[i] = (struct mv_sign_given_key){
            .selector = mv_options_selector(options, i),
            .pem = mv_buf_bytes(&job->pems[i]),
            .name = options->keys[i],
        };
    }
    if (result != MV_EXIT_OK)
        return result;
    settings = &mv_config_settings(job->config)->every_domain;
    given.canonicalization = settings->canonicalization;
    given.lifetime_secs = settings->expire_secs;
    if (mv_signer_begin_given(&given, &job->signer, &error) != MV_OK)
        return say(&error);
    return MV_EXIT_OK;
}

static enum mv_exit check_options(const struct mv_options *options)
{
    const char *problem = NULL;

    if (options->key_count == 0 && (options->domain != NULL || options->selector_count > 0))
        problem = "--domain and --selector go with --key: without it, the configuration says which key signs";
    else if (options->key_count > 0 && options->user != NULL)
        problem = "--user goes with the keys of the configuration, not with --key";
    else if (options->selector_count > options->key_count)
        problem = "there are more --selector options than --key options";
    if (problem == NULL)
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch " COMMAND ": %s; see 'mailvouch " COMMAND " --help'\n", problem);
    return MV_EXIT_USAGE;
}

static enum mv_code feed(void *to, struct mv_bytes bytes)
{
    return mv_signer_feed(to, bytes);
}

static enum mv_code end(void *to)
{
    return mv_signer_end(to);
}

static enum mv_exit run(struct job *job)
{
    struct mv_input_sink sink = {feed, end, job->signer};

    return mv_filter_run(&job->filter, COMMAND, &job->options, &sink);
}

static enum mv_exit print_result(const struct job *job)
{
    const struct mv_sign_outcome *outcome = mv_signer_outcome(job->signer);
    bool is_forbidden = outcome->reply != NULL &&
                        mv_bytes_has_prefix_nocase(mv_bytes_str(outcome->reply), MV_BYTES("550 5.7"));

    if (outcome->action == MV_SIGN_SIGNED)
        mv_filter_print(&job->filter, mv_signer_fields(job->signer), job->options.whole_message);
    if (outcome->reason != NULL)
        fprintf(stderr, "mailvouch " COMMAND ": %s: %s\n", job->options.message, outcome->reason);
    switch (outcome->action) {
    case MV_SIGN_SIGNED:
        return MV_EXIT_OK;
    case MV_SIGN_UNSIGNED:
        return MV_EXIT_FINDING;
    case MV_SIGN_REFUSED:
        return is_forbidden ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
    case MV_SIGN_DEFERRED:
        break;
    }
    return MV_EXIT_TRY_AGAIN;
}

static void forget(struct job *job)
{
    mv_signer_free(&job->signer);
    mv_engine_close(&job->engine);
    mv_config_free(&job->config);
    mv_filter_free(&job->filter);
    for (size_t i = 0; i < MV_SIGN_MAX_GIVEN_KEYS; i++) {
        if (job->pems[i].data != NULL)
            explicit_bzero(job->pems[i].data, job->pems[i].size);
        mv_buf_free(&job->pems[i]);
    }
}

enum mv_exit mv_cmd_dkim_sign(int argc, char **argv)
{
    struct job job = {.engine = NULL};
    enum mv_exit result = mv_options_read(COMMAND, SUMMARY, argc, argv,
                                          MV_OPT_SIGN | MV_OPT_KEYS | MV_OPT_NOW | MV_OPT_MESSAGE, &job.options);

    if (result == MV_EXIT_OK)
        result = check_options(&job.options);
    if (result != MV_EXIT_OK)
        return result;
    mv_filter_init(&job.filter);
    for (size_t i = 0; i < MV_SIGN_MAX_GIVEN_KEYS; i++)
        mv_buf_init(&job.pems[i], MAX_KEY_FILE_BYTES);
    result = job.options.key_count > 0 ? begin_with_keys(&job) : begin_as_server(&job);
    if (result == MV_EXIT_OK)
        result = run(&job);
    if (result == MV_EXIT_OK)
        result = print_result(&job);
    forget(&job);
    return result;
}
