/*
 * mailvouch handover-key check: is the Mailvouch-Result field of a delivered message one of ours, and what does it say?
 */
#include <stdio.h>
#include <time.h>

#include "cli/args.h"
#include "cli/handover/commands.h"
#include "cli/input.h"
#include "cli/json.h"
#include "core/base/trace.h"

#define COMMAND "handover-key check"
#define MAX_TIME_TEXT_BYTES 32

struct job {
    const char *config_path;
    int64_t now_secs;
    bool json;
    struct mv_engine *engine;
    struct mv_msg *msg;
};

static enum mv_exit fail(const struct mv_error *error)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", error->text);
    return mv_exit_of_code(error->code);
}

static enum mv_exit read_message(struct job *job, const char *path)
{
    const struct mv_envelope envelope = {.now_secs = job->now_secs};
    struct mv_error error = {MV_OK, ""};
    const char *fault;
    enum mv_exit result;

    if (mv_engine_open(&job->engine, job->config_path, &error) != MV_OK ||
        mv_msg_begin(job->engine, &envelope, MV_WANT_HANDOVER, &job->msg, &error) != MV_OK)
        return fail(&error);
    result = mv_input_feed(COMMAND, path, 0, job->msg);
    fault = mv_engine_handover_fault(job->engine);
    if (result == MV_EXIT_OK && fault != NULL) {
        mv_error_set(&error, MV_ERR_CONFIG, "%s", fault);
        return fail(&error);
    }
    return result;
}

static enum mv_exit print_json(const struct mv_handover *handover)
{
    json_t *object = json_pack("{s:s, s:s?, s:I}", "result", mv_handover_code_text(handover->code), "why",
                               handover->why, "fields", (json_int_t)handover->field_count);

    if (handover->code == MV_HANDOVER_VALID) {
        json_object_set_new(object, "made", json_integer(handover->made_secs));
        json_object_set_new(object, "key", mv_json_bytes(handover->key_id));
        json_object_set_new(object, "authserv_id", mv_json_bytes(handover->authserv_id));
        json_object_set_new(object, "disposition", json_string(mv_action_text(handover->action)));
        json_object_set_new(object, "dmarc", json_string(mv_dmarc_code_text(handover->dmarc)));
        json_object_set_new(object, "policy", json_string(mv_dmarc_policy_text(handover->policy)));
        json_object_set_new(object, "from", mv_json_bytes(handover->author_domain));
        json_object_set_new(object, "spf", json_string(mv_spf_code_text(handover->spf)));
        json_object_set_new(object, "dkim", json_string(mv_dkim_code_text(handover->dkim)));
        json_object_set_new(object, "arc", json_string(mv_arc_code_text(handover->arc)));
        json_object_set_new(object, "reason", mv_json_bytes(handover->reason));
    }
    return mv_json_print(object) ? MV_EXIT_OK : MV_EXIT_INTERNAL;
}

static const char *why(const struct mv_handover *handover)
{
    return handover->code == MV_HANDOVER_ABSENT ? "there is no Mailvouch-Result field" : handover->why;
}

static void print_text(const struct mv_handover *handover)
{
    time_t made = (time_t)handover->made_secs;
    char room[MAX_TIME_TEXT_BYTES];
    struct tm tm;

    if (handover->code != MV_HANDOVER_VALID) {
        printf("%s: %s\n", mv_handover_code_text(handover->code), why(handover));
        return;
    }
    if (gmtime_r(&made, &tm) == NULL || strftime(room, sizeof room, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
        room[0] = '\0';
    printf("valid: made %s by %.*s with key %.*s\n", room, MV_ARG(handover->authserv_id), MV_ARG(handover->key_id));
    printf("disposition=%s dmarc=%s policy=%s from=%.*s spf=%s dkim=%s arc=%s\n", mv_action_text(handover->action),
           mv_dmarc_code_text(handover->dmarc), mv_dmarc_policy_text(handover->policy),
           MV_ARG(handover->author_domain), mv_spf_code_text(handover->spf), mv_dkim_code_text(handover->dkim),
           mv_arc_code_text(handover->arc));
    if (handover->reason.len > 0)
        printf("%.*s\n", MV_ARG(handover->reason));
}

static enum mv_exit report(const struct job *job)
{
    const struct mv_handover *handover = mv_msg_handover_result(job->msg);

    if (job->json && print_json(handover) != MV_EXIT_OK)
        return MV_EXIT_INTERNAL;
    if (!job->json)
        print_text(handover);
    return handover->code == MV_HANDOVER_VALID ? MV_EXIT_OK : MV_EXIT_FINDING;
}

enum mv_exit mv_handover_check_message(int argc, char **argv)
{
    struct job job = {.now_secs = (int64_t)time(NULL)};
    const struct mv_arg_option options[] = {
        {"json", MV_ARG_FLAG, &job.json, NULL, "the result as JSON"},
        {"now", MV_ARG_NUMBER, &job.now_secs, "SECS", "as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &job.config_path, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {COMMAND, "MESSAGE|-", "Is the Mailvouch-Result field of a message one of ours?",
                                 options, sizeof options / sizeof *options, 1, 1};
    char **operands;
    size_t count;
    bool done;
    enum mv_exit result = mv_args_read(&args, argc, argv, &done, &operands, &count);

    if (result == MV_EXIT_OK && !done)
        result = read_message(&job, operands[0]);
    if (result == MV_EXIT_OK && !done)
        result = report(&job);
    mv_msg_free(&job.msg);
    mv_engine_close(&job.engine);
    return result;
}
