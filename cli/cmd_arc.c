/*
 * mailvouch arc seal: the ARC set of a message that a list or a forwarder sends on (RFC 8617 5.1).
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/check.h"
#include "cli/filter.h"

#define COMMAND "arc seal"
#define SUMMARY "Makes the ARC set of a message that a list or a forwarder sends on (RFC 8617)."
#define MAX_KEY_FILE_BYTES (16 * 1024)

struct job {
    struct mv_options options;
    struct mv_config *config; /* NULL: the authserv-id is given */
    struct mv_buf pem;
    struct mv_seal *seal;
    struct mv_filter filter;
};

static enum mv_exit say(const struct mv_error *error)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", error->text);
    return mv_exit_of_code(error->code);
}

static enum mv_exit check_options(const struct mv_options *options)
{
    const char *problem = NULL;

    if (options->key_count != 1)
        problem = "one --key is needed";
    else if (options->domain == NULL)
        problem = "--domain is needed: whose seal it is";
    else if (options->selector_count > 1)
        problem = "there are more --selector options than --key options";
    if (problem == NULL)
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch " COMMAND ": %s; see 'mailvouch " COMMAND " --help'\n", problem);
    return MV_EXIT_USAGE;
}

static enum mv_exit find_authserv_id(struct job *job, struct mv_bytes *id_r)
{
    struct mv_error error = {0};

    *id_r = mv_bytes_str(job->options.authserv_id);
    if (job->options.authserv_id != NULL)
        return MV_EXIT_OK;
    if (mv_config_read(job->options.config, &job->config, &error) != MV_OK)
        return say(&error);
    *id_r = mv_config_settings(job->config)->authserv_id;
    return MV_EXIT_OK;
}

static enum mv_exit begin(struct job *job)
{
    const struct mv_options *options = &job->options;
    struct mv_seal_request request = {
        .domain = mv_bytes_str(options->domain),
        .selector = mv_options_selector(options, 0),
        .pem_name = options->keys[0],
        .names = mv_bytes_str(options->headers),
        .now_secs = options->now_secs,
    };
    struct mv_error error = {0};
    enum mv_exit result = find_authserv_id(job, &request.authserv_id);

    if (result == MV_EXIT_OK)
        result = mv_input_read_file(COMMAND, options->keys[0], &job->pem);
    if (result != MV_EXIT_OK)
        return result;
    request.pem = mv_buf_bytes(&job->pem);
    return mv_seal_begin(&request, &job->seal, &error) == MV_OK ? MV_EXIT_OK : say(&error);
}

static enum mv_code feed(void *to, struct mv_bytes bytes)
{
    return mv_seal_feed(to, bytes);
}

static enum mv_code end(void *to)
{
    return mv_seal_end(to);
}

static enum mv_exit run(struct job *job)
{
    struct mv_input_sink sink = {feed, end, job->seal};

    return mv_filter_run(&job->filter, COMMAND, &job->options, &sink);
}

/* Also without a seal the message goes on: a filter must not lose it. */
static enum mv_exit print_result(const struct job *job)
{
    const char *reason = mv_seal_reason(job->seal);

    mv_filter_print(&job->filter, mv_seal_fields(job->seal), job->options.whole_message);
    if (fflush(stdout) != 0)
        return MV_EXIT_INTERNAL;
    if (reason == NULL)
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch " COMMAND ": %s: not sealed: %s\n", job->options.message, reason);
    return job->options.whole_message ? MV_EXIT_OK : MV_EXIT_FINDING;
}

static void forget(struct job *job)
{
    mv_seal_free(&job->seal);
    mv_config_free(&job->config);
    mv_filter_free(&job->filter);
    if (job->pem.data != NULL)
        explicit_bzero(job->pem.data, job->pem.size);
    mv_buf_free(&job->pem);
}

static enum mv_exit seal(int argc, char **argv)
{
    struct job job = {.config = NULL};
    enum mv_exit result = mv_options_read(COMMAND, SUMMARY, argc, argv,
                                          MV_OPT_KEYS | MV_OPT_SEAL | MV_OPT_NOW | MV_OPT_MESSAGE, &job.options);

    if (result == MV_EXIT_OK)
        result = check_options(&job.options);
    if (result != MV_EXIT_OK)
        return result;
    mv_filter_init(&job.filter);
    mv_buf_init(&job.pem, MAX_KEY_FILE_BYTES);
    result = begin(&job);
    if (result == MV_EXIT_OK)
        result = run(&job);
    if (result == MV_EXIT_OK)
        result = print_result(&job);
    forget(&job);
    return result;
}

enum mv_exit mv_cmd_arc(int argc, char **argv)
{
    static const struct mv_subcommand subcommands[] = {
        {"seal", seal, "add a set to a message that goes on, for lists"},
    };

    return mv_args_dispatch("arc", subcommands, sizeof subcommands / sizeof *subcommands, argc, argv);
}
