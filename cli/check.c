#include "cli/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/output.h"
#include "core/dns/capture.h"

static enum mv_exit engine_error(const struct mv_check *check, const struct mv_error *error)
{
    fprintf(stderr, "mailvouch %s: %s\n", check->command, error->text);
    return mv_exit_of_code(error->code);
}

static enum mv_exit use_capture(struct mv_check *check)
{
    struct mv_error error = {0};
    struct mv_buf json;
    enum mv_exit result;

    mv_buf_init(&json, MV_CAPTURE_MAX_BYTES);
    result = mv_input_read_file(check->command, check->options.dns, &json);
    if (result == MV_EXIT_OK && mv_engine_use_capture(check->engine, mv_buf_bytes(&json), &error) != MV_OK) {
        fprintf(stderr, "mailvouch %s: %s: %s\n", check->command, check->options.dns, error.text);
        result = MV_EXIT_INPUT;
    }
    mv_buf_free(&json);
    return result;
}

enum mv_exit mv_check_begin(const char *command, const char *summary, int argc, char **argv, unsigned option_sets,
                            unsigned want, struct mv_check *check_r)
{
    struct mv_options *options = &check_r->options;
    struct mv_envelope envelope = {0};
    struct mv_error error = {0};
    enum mv_exit result;

    *check_r = (struct mv_check){.command = command};
    result = mv_options_read(command, summary, argc, argv, option_sets, options);
    if (result != MV_EXIT_OK)
        return result;
    if (mv_engine_open(&check_r->engine, options->config, &error) != MV_OK)
        return engine_error(check_r, &error);
    if (options->dns != NULL) {
        result = use_capture(check_r);
        if (result != MV_EXIT_OK)
            return result;
    }
    envelope.client_ip = options->ip;
    envelope.helo = mv_bytes_str(options->helo);
    envelope.mail_from = mv_bytes_str(options->mail_from);
    envelope.now_secs = options->now_secs;
    if (options->explain)
        want |= MV_WANT_EXPLAIN;
    if (mv_msg_begin(check_r->engine, &envelope, want, &check_r->msg, &error) != MV_OK)
        return engine_error(check_r, &error);
    return MV_EXIT_OK;
}

static enum mv_exit save_dns(const struct mv_check *check)
{
    struct mv_buf json;
    enum mv_exit result;

    mv_buf_init(&json, MV_OUTPUT_MAX_CAPTURE_BYTES);
    result = mv_output_capture(check->command, check->options.save_dns, mv_msg_capture(check->msg, &json), &json);
    mv_buf_free(&json);
    return result;
}

enum mv_exit mv_check_run(struct mv_check *check)
{
    const struct mv_options *options = &check->options;
    enum mv_exit result = MV_EXIT_OK;
    enum mv_code code;

    if (options->message != NULL)
        result = mv_input_feed(check->command, options->message, options->split_bytes, check->msg);
    if (result != MV_EXIT_OK)
        return result;
    code = mv_msg_run(check->msg, options->message == NULL && options->from == NULL ? MV_UNTIL_SPF : MV_UNTIL_VERDICT);
    if (code != MV_OK) {
        fprintf(stderr, "mailvouch %s: %s\n", check->command, mv_msg_error(check->msg)->text);
        return mv_exit_of_code(code);
    }
    if (options->as_legacy)
        result = mv_legacy_ask(check->command, options, check->msg, &check->legacy);
    return result != MV_EXIT_OK || options->save_dns == NULL ? result : save_dns(check);
}

enum mv_exit mv_check_explain(const struct mv_check *check)
{
    struct mv_buf text;
    enum mv_code code;

    if (!check->options.explain)
        return MV_EXIT_OK;
    mv_buf_init(&text, MV_OUTPUT_MAX_CAPTURE_BYTES);
    code = mv_msg_explain(check->msg, &text);
    if (code == MV_OK)
        fwrite(text.data, 1, text.len, check->options.json ? stderr : stdout);
    mv_buf_free(&text);
    return mv_exit_of_code(code);
}

void mv_check_end(struct mv_check *check)
{
    mv_legacy_free(&check->legacy);
    mv_msg_free(&check->msg);
    mv_engine_close(&check->engine);
}

enum mv_exit mv_check_temperror(const struct mv_check *check)
{
    return mv_msg_dns_unavailable(check->msg) ? MV_EXIT_NO_DNS : MV_EXIT_TRY_AGAIN;
}
