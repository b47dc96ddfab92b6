/*
 * mailvouch handover-key new, add, use, drop, list: the file of the keys, step by step.
 */
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/handover/commands.h"
#include "cli/json.h"
#include "core/keys/handover_file.h"
#include "core/keys/store.h"

#define LOCK_WAIT_MSECS 10000
#define MAX_TIME_TEXT_BYTES 32

struct job {
    const char *command; /* "handover-key new" */
    const char *config_path;
    int64_t now_secs;
    bool json;
    bool force;
    struct mv_config *config;
    const char *path;
    int lock_fd; /* -1: only read */
    struct mv_handover_keys keys;
};

enum access { READS, WRITES, WRITES_BY_FORCE };

static enum mv_exit fail(const struct job *job, const struct mv_error *error)
{
    fprintf(stderr, "mailvouch %s: %s\n", job->command, error->text);
    if (error->code == MV_ERR_IO)
        return MV_EXIT_PERMISSION;
    return mv_exit_of_code(error->code);
}

/* What a step of a rotation asks for before it can be done. */
static enum mv_exit refuse(const struct job *job, const char *text)
{
    fprintf(stderr, "mailvouch %s: %s\n", job->command, text);
    return MV_EXIT_FINDING;
}

static const char *time_text(int64_t secs, char room[MAX_TIME_TEXT_BYTES])
{
    time_t at = (time_t)secs;
    struct tm tm;

    if (gmtime_r(&at, &tm) == NULL || strftime(room, MAX_TIME_TEXT_BYTES, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        return "?";
    return room;
}

/* *done_r: there is nothing more to do. */
static enum mv_exit begin(const char *summary, enum access access, int argc, char **argv, struct job *job, bool *done_r)
{
    const struct mv_arg_option options[] = {
        {"force", MV_ARG_FLAG, &job->force, NULL, "also where mail on its way loses its hand-over by it"},
        {"json", MV_ARG_FLAG, &job->json, NULL, "what is in the file afterwards, as JSON"},
        {"now", MV_ARG_NUMBER, &job->now_secs, "SECS", "as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &job->config_path, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    size_t first = access == WRITES_BY_FORCE ? 0 : 1;
    const struct mv_args args = {job->command, "", summary, options + first, sizeof options / sizeof *options - first,
                                 0, 0};
    struct mv_error error = {MV_OK, ""};
    char **operands;
    size_t count;
    enum mv_exit result = mv_args_read(&args, argc, argv, done_r, &operands, &count);

    if (result != MV_EXIT_OK || *done_r)
        return result;
    if (mv_config_read(job->config_path, &job->config, &error) != MV_OK)
        return fail(job, &error);
    job->path = (const char *)mv_config_settings(job->config)->handover_keys.data;
    if (access != READS && mv_handover_file_lock(job->path, LOCK_WAIT_MSECS, &job->lock_fd, &error) != MV_OK) {
        fprintf(stderr, "mailvouch %s: %s\n", job->command, error.text);
        return error.code == MV_ERR_LIMIT ? MV_EXIT_TRY_AGAIN : MV_EXIT_PERMISSION;
    }
    if (mv_handover_file_read(job->path, &job->keys, &error) != MV_OK && !job->force)
        return fail(job, &error);
    return MV_EXIT_OK;
}

static struct job job_of(const char *command)
{
    return (struct job){.command = command, .now_secs = (int64_t)time(NULL), .lock_fd = -1};
}

static void end(struct job *job)
{
    mv_handover_keys_wipe(&job->keys);
    mv_config_free(&job->config);
    if (job->lock_fd >= 0)
        close(job->lock_fd);
}

static const char *role_text(const struct mv_handover_key *key)
{
    return key->role == MV_HANDOVER_SIGNS ? "sign" : "accept";
}

static enum mv_exit print_json(const struct job *job)
{
    json_t *list = json_array();

    for (size_t i = 0; i < job->keys.count; i++) {
        const struct mv_handover_key *key = &job->keys.keys[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "id", key->id, "role", role_text(key), "since",
                                              (json_int_t)key->since_secs));
    }
    return mv_json_print(json_pack("{s:s, s:o}", "file", job->path, "keys", list)) ? MV_EXIT_OK : MV_EXIT_INTERNAL;
}

static enum mv_exit print_keys(const struct job *job)
{
    char room[MAX_TIME_TEXT_BYTES];

    if (job->json)
        return print_json(job);
    if (job->keys.count == 0)
        printf("%s: there is no such file, and no hand-over: \"mailvouch handover-key new\" makes it\n", job->path);
    for (size_t i = 0; i < job->keys.count; i++)
        printf("%s %s since %s\n", job->keys.keys[i].id,
               job->keys.keys[i].role == MV_HANDOVER_SIGNS ? "signs" : "is accepted",
               time_text(job->keys.keys[i].since_secs, room));
    return MV_EXIT_OK;
}

static void warn_without_group(const struct job *job)
{
    if (getgrnam(MV_KEYS_GROUP) == NULL)
        fprintf(stderr,
                "mailvouch %s: there is no group " MV_KEYS_GROUP ", so no server may read the file: "
                "\"systemd-sysusers && chgrp " MV_KEYS_GROUP " %s\"\n",
                job->command, job->path);
}

/* Writes, says what there is now, and what comes next. */
static enum mv_exit finish(struct job *job, const char *next)
{
    struct mv_error error = {MV_OK, ""};
    enum mv_exit result;

    if (mv_handover_file_write(job->path, &job->keys, &error) != MV_OK)
        return fail(job, &error);
    result = print_keys(job);
    if (result == MV_EXIT_OK && !job->json)
        printf("Next: %s\n", next);
    warn_without_group(job);
    return result;
}

static enum mv_exit add_key(struct job *job)
{
    unsigned char secret[MV_HANDOVER_SECRET_BYTES];
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = MV_OK;

    if (getentropy(secret, sizeof secret) != 0)
        code = mv_error_set(&error, MV_ERR_CRYPTO, "the system has no random octets");
    if (code == MV_OK)
        code = mv_handover_keys_add(&job->keys, secret, job->now_secs, &error);
    explicit_bzero(secret, sizeof secret);
    return code == MV_OK ? MV_EXIT_OK : fail(job, &error);
}

enum mv_exit mv_handover_new(int argc, char **argv)
{
    struct job job = job_of("handover-key new");
    bool done;
    enum mv_exit result = begin("Makes the file with a key that signs.", WRITES_BY_FORCE, argc, argv, &job, &done);

    if (result == MV_EXIT_OK && !done && job.keys.count > 0 && !job.force)
        result = refuse(&job, "there is a file with keys: \"mailvouch handover-key add\" begins to replace its key; "
                              "with --force what was made with it is not believed any more");
    if (result == MV_EXIT_OK && !done) {
        mv_handover_keys_wipe(&job.keys);
        result = add_key(&job);
        if (result == MV_EXIT_OK)
            result = finish(&job, "copy the file as it is, and readable for nobody else, to the other hosts that make "
                                  "or check hand-overs. Servers read it by themselves.");
    }
    end(&job);
    return result;
}

enum mv_exit mv_handover_add(int argc, char **argv)
{
    struct job job = job_of("handover-key add");
    bool done;
    enum mv_exit result = begin("One more key, that is accepted and does not sign yet.", WRITES, argc, argv, &job,
                                &done);

    if (result == MV_EXIT_OK && !done && job.keys.count == 0)
        result = refuse(&job, "there is no file yet: \"mailvouch handover-key new\" makes it");
    if (result == MV_EXIT_OK && !done && job.keys.count == MV_HANDOVER_MAX_KEYS)
        result = refuse(&job, "there are two keys already: \"mailvouch handover-key use\" and \"drop\" come first");
    if (result == MV_EXIT_OK && !done) {
        result = add_key(&job);
        if (result == MV_EXIT_OK)
            result = finish(&job, "copy the file to the other hosts; when all have it, \"mailvouch handover-key "
                                  "use\".");
    }
    end(&job);
    return result;
}

enum mv_exit mv_handover_use(int argc, char **argv)
{
    struct job job = job_of("handover-key use");
    struct mv_error error = {MV_OK, ""};
    bool done;
    enum mv_exit result = begin("The accepted key signs from now on, the other is accepted.", WRITES, argc, argv, &job,
                                &done);

    if (result == MV_EXIT_OK && !done && mv_handover_keys_use(&job.keys, job.now_secs, &error) != MV_OK)
        result = refuse(&job, error.text);
    if (result == MV_EXIT_OK && !done)
        result = finish(&job, "copy the file to the other hosts; when what the old key made is delivered, or too old "
                              "([server] handover_max_age), \"mailvouch handover-key drop\".");
    end(&job);
    return result;
}

/* What the key made that goes may still be on its way. */
static enum mv_exit check_age(const struct job *job)
{
    const struct mv_handover_key *signer = mv_handover_keys_signer(&job->keys);
    int64_t until_secs;
    char room[MAX_TIME_TEXT_BYTES];

    if (job->force || signer == NULL)
        return MV_EXIT_OK;
    until_secs = signer->since_secs + mv_config_settings(job->config)->handover_max_age_secs;
    if (job->keys.count < MV_HANDOVER_MAX_KEYS || job->now_secs >= until_secs)
        return MV_EXIT_OK;
    fprintf(stderr,
            "mailvouch %s: what the old key made may be on its way until %s ([server] handover_max_age); --force drops "
            "it all the same\n",
            job->command, time_text(until_secs, room));
    return MV_EXIT_FINDING;
}

enum mv_exit mv_handover_drop(int argc, char **argv)
{
    struct job job = job_of("handover-key drop");
    struct mv_error error = {MV_OK, ""};
    bool done;
    enum mv_exit result = begin("The accepted key goes.", WRITES_BY_FORCE, argc, argv, &job, &done);

    if (result == MV_EXIT_OK && !done)
        result = check_age(&job);
    if (result == MV_EXIT_OK && !done && mv_handover_keys_drop(&job.keys, &error) != MV_OK)
        result = refuse(&job, error.text);
    if (result == MV_EXIT_OK && !done)
        result = finish(&job, "copy the file to the other hosts.");
    end(&job);
    return result;
}

enum mv_exit mv_handover_list(int argc, char **argv)
{
    struct job job = job_of("handover-key list");
    bool done;
    enum mv_exit result = begin("What is in the file, but for the secrets.", READS, argc, argv, &job, &done);

    if (result == MV_EXIT_OK && !done)
        result = print_keys(&job);
    end(&job);
    return result;
}
