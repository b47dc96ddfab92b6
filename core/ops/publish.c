#include "core/ops/publish.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/trace.h"
#include "core/ops/child.h"

#define MAX_SCRIPT_BYTES 16384
#define MAX_SERVER_BYTES 80
#define MAX_SHOWN_BYTES 200 /* of what a program printed */
#define CHILD_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
/* nsupdate says so when the name has a record of the type already, or not this one (RFC 2136 2.2) */
#define SAYS_THERE_IS "YXRRSET"
#define SAYS_THERE_IS_NOT "NXRRSET"

struct job {
    struct mv_arena *arena;
    const struct mv_publication *publication;
    enum mv_publish_action action;
    struct mv_buf output; /* of the last program */
    struct mv_child_result result;
    struct mv_error *error;
};

static bool output_has(const struct job *job, const char *word)
{
    struct mv_bytes output = mv_buf_bytes(&job->output);
    size_t len = strlen(word);

    for (size_t at = 0; at + len <= output.len; at++)
        if (memcmp(output.data + at, word, len) == 0)
            return true;
    return false;
}

/* The last line of what a program printed, as one line that is safe in a log. */
static void put_last_line(const struct job *job, struct mv_buf *out)
{
    struct mv_bytes output = mv_bytes_trim(mv_buf_bytes(&job->output));
    size_t newline = mv_bytes_find_last(output, '\n');
    struct mv_bytes line = newline == output.len ? output : mv_bytes_slice(output, newline + 1, output.len);

    mv_buf_put_escaped(out, mv_bytes_slice(line, 0, MAX_SHOWN_BYTES));
}

static enum mv_publish_end fail(struct job *job, const char *program)
{
    struct mv_buf said;

    mv_buf_init(&said, 4 * MAX_SHOWN_BYTES + 1);
    put_last_line(job, &said);
    switch (job->result.end) {
    case MV_CHILD_EXITED:
        mv_error_set(job->error, MV_ERR_IO, "%s ended with status %d: %.*s", program, job->result.status,
                     MV_ARG(mv_buf_bytes(&said)));
        break;
    case MV_CHILD_KILLED:
        mv_error_set(job->error, MV_ERR_IO, "%s was ended by signal %d", program, job->result.status);
        break;
    case MV_CHILD_LATE:
        mv_error_set(job->error, MV_ERR_IO, "%s was not done after %d seconds, and was ended", program,
                     MV_PUBLISH_DEADLINE_MSECS / 1000);
        break;
    case MV_CHILD_MISSING:
        mv_error_set(job->error, MV_ERR_CONFIG, "%s cannot be started: %s", program, strerror(job->result.status));
        break;
    }
    mv_buf_free(&said);
    return MV_PUBLISH_FAILED;
}

static bool ended_well(const struct job *job)
{
    return job->result.end == MV_CHILD_EXITED && job->result.status == 0;
}

void mv_publish_put_script(const struct mv_key_record *record, enum mv_publish_action action, const char *server,
                           struct mv_buf *out)
{
    if (*server != '\0')
        mv_buf_printf(out, "server %s\n", server);
    if (action == MV_PUBLISH_ADD) {
        mv_buf_printf(out, "prereq nxrrset %.*s. IN TXT\n", MV_ARG(record->name));
        mv_buf_printf(out, "update add %.*s. %u IN TXT ", MV_ARG(record->name), record->ttl_secs);
        mv_key_record_put_strings(record->text, " ", out);
    } else {
        mv_buf_printf(out, "update delete %.*s. IN TXT", MV_ARG(record->name));
    }
    mv_buf_puts(out, "\nsend\n");
}

/* Asks whether the record is there as it is to be, and changes nothing. */
static void put_question(const struct mv_key_record *record, const char *server, struct mv_buf *out)
{
    if (*server != '\0')
        mv_buf_printf(out, "server %s\n", server);
    mv_buf_printf(out, "prereq yxrrset %.*s. IN TXT ", MV_ARG(record->name));
    mv_key_record_put_strings(record->text, " ", out);
    mv_buf_puts(out, "\nsend\n");
}

static enum mv_code run_nsupdate(struct job *job, struct mv_bytes script)
{
    const struct mv_bytes *key = &job->publication->settings->update_key;
    const char *argv[] = {MV_NSUPDATE_PATH, "-t", "20", key->len == 0 ? NULL : "-k", mv_arena_str(job->arena, *key),
                          NULL};
    static const char *const envp[] = {CHILD_PATH, "LC_ALL=C", NULL};
    struct mv_child child = {argv, envp, script, MV_PUBLISH_DEADLINE_MSECS};

    if (argv[4] == NULL)
        return MV_ERR_MEMORY;
    mv_buf_reset(&job->output);
    return mv_child_run(&child, &job->output, &job->result);
}

/* "192.0.2.1:53" and "[2001:db8::1]:53" to what nsupdate's server command takes. */
static void put_server(struct mv_bytes item, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(item);
    bool bracket = mv_cursor_accept(&c, '[');

    mv_buf_put(out, mv_cursor_take_until(&c, bracket ? ']' : ':'));
    if (bracket)
        (void)mv_cursor_accept(&c, ']');
    if (mv_cursor_accept(&c, ':')) {
        mv_buf_putc(out, ' ');
        mv_buf_put(out, mv_cursor_rest(&c));
    }
}

/* The name has a record: ours, or another one. */
static enum mv_code ask_whose(struct job *job, const char *server, struct mv_buf *script, enum mv_publish_end *end_r)
{
    const struct mv_key_record *record = &job->publication->record;
    enum mv_code code;

    mv_buf_reset(script);
    put_question(record, server, script);
    code = mv_buf_failed(script) ? MV_ERR_MEMORY : run_nsupdate(job, mv_buf_bytes(script));
    if (code != MV_OK)
        return code;
    *end_r = MV_PUBLISH_THERE;
    if (ended_well(job))
        return MV_OK;
    if (!output_has(job, SAYS_THERE_IS_NOT)) {
        *end_r = fail(job, "nsupdate");
        return MV_OK;
    }
    *end_r = MV_PUBLISH_FAILED;
    mv_error_set(job->error, MV_ERR_CONFIG,
                 "another record stands at %.*s, and is left alone: take it away, or give this key up with \"mailvouch "
                 "key retire\"",
                 MV_ARG(record->name));
    return MV_OK;
}

static enum mv_code update_at(struct job *job, const char *server, enum mv_publish_end *end_r)
{
    struct mv_buf script;
    enum mv_code code;

    mv_buf_init(&script, MAX_SCRIPT_BYTES);
    mv_publish_put_script(&job->publication->record, job->action, server, &script);
    code = mv_buf_failed(&script) ? MV_ERR_MEMORY : run_nsupdate(job, mv_buf_bytes(&script));
    *end_r = MV_PUBLISH_DONE;
    if (code == MV_OK && !ended_well(job)) {
        if (job->action == MV_PUBLISH_ADD && output_has(job, SAYS_THERE_IS))
            code = ask_whose(job, server, &script, end_r);
        else
            *end_r = fail(job, "nsupdate");
    }
    mv_buf_free(&script);
    return code;
}

static enum mv_code update(struct job *job, enum mv_publish_end *end_r)
{
    struct mv_cursor c = mv_cursor_of(job->publication->settings->update_servers);
    enum mv_code code;
    struct mv_buf server;

    mv_buf_init(&server, MAX_SERVER_BYTES);
    do {
        mv_buf_reset(&server);
        put_server(mv_bytes_trim(mv_cursor_take_until(&c, ',')), &server);
        code = mv_buf_cstr(&server) == NULL ? MV_ERR_MEMORY : update_at(job, mv_buf_cstr(&server), end_r);
    } while (code == MV_OK && *end_r == MV_PUBLISH_FAILED && mv_cursor_accept(&c, ','));
    mv_buf_free(&server);
    return code;
}

/* Nobody but root and ourselves may decide what runs. */
static const char *objection_to(const char *path)
{
    struct stat st;

    if (*path == '\0')
        return "publish = hook, but there is no publish_hook";
    if (stat(path, &st) != 0)
        return "cannot be found";
    if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
        return "is no program that can be run";
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "others may write it: take that away with chmod go-w";
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return "belongs to neither root nor the user who runs this";
    return NULL;
}

static enum mv_code run_hook(struct job *job, const char *path)
{
    const struct mv_publication *p = job->publication;
    const char *action = job->action == MV_PUBLISH_ADD ? "publish" : "withdraw";
    const char *name = mv_arena_str(job->arena, p->record.name), *text = mv_arena_str(job->arena, p->record.text);
    const char *ttl = mv_arena_printf(job->arena, "%u", p->record.ttl_secs);
    const char *argv[] = {path, action, name, ttl, text, NULL};
    const char *envp[9];
    struct mv_child child = {argv, envp, {NULL, 0}, MV_PUBLISH_DEADLINE_MSECS};
    struct mv_buf strings;
    size_t n = 0;

    mv_buf_init(&strings, MAX_SCRIPT_BYTES);
    mv_key_record_put_strings(p->record.text, " ", &strings);
    envp[n++] = CHILD_PATH;
    envp[n++] = mv_arena_printf(job->arena, "MAILVOUCH_ACTION=%s", action);
    envp[n++] = mv_arena_printf(job->arena, "MAILVOUCH_DOMAIN=%.*s", MV_ARG(p->domain));
    envp[n++] = mv_arena_printf(job->arena, "MAILVOUCH_SELECTOR=%.*s", MV_ARG(p->selector));
    envp[n++] = mv_arena_printf(job->arena, "MAILVOUCH_NAME=%.*s", MV_ARG(p->record.name));
    envp[n++] = mv_arena_printf(job->arena, "MAILVOUCH_TTL=%u", p->record.ttl_secs);
    envp[n++] = mv_arena_printf(job->arena, "MAILVOUCH_TEXT=%.*s", MV_ARG(p->record.text));
    envp[n++] = mv_arena_printf(job->arena, "MAILVOUCH_STRINGS=%.*s", MV_ARG(mv_buf_bytes(&strings)));
    envp[n] = NULL;
    mv_buf_free(&strings);
    for (size_t i = 0; i < n; i++)
        if (envp[i] == NULL)
            return MV_ERR_MEMORY;
    if (name == NULL || text == NULL || ttl == NULL)
        return MV_ERR_MEMORY;
    mv_buf_reset(&job->output);
    return mv_child_run(&child, &job->output, &job->result);
}

static enum mv_code call_hook(struct job *job, enum mv_publish_end *end_r)
{
    const char *path = mv_arena_str(job->arena, job->publication->settings->publish_hook);
    const char *objection = path == NULL ? NULL : objection_to(path);
    enum mv_code code;

    if (path == NULL)
        return MV_ERR_MEMORY;
    if (objection != NULL) {
        mv_error_set(job->error, MV_ERR_CONFIG, "%s%s%s", path, *path == '\0' ? "" : ": ", objection);
        *end_r = MV_PUBLISH_FAILED;
        return MV_OK;
    }
    code = run_hook(job, path);
    if (code == MV_OK)
        *end_r = ended_well(job) ? MV_PUBLISH_DONE : fail(job, path);
    return code;
}

enum mv_code mv_publish(struct mv_arena *arena, const struct mv_publication *publication,
                        enum mv_publish_action action, enum mv_publish_end *end_r, struct mv_error *error)
{
    struct job job = {.arena = arena, .publication = publication, .action = action, .error = error};
    enum mv_code code = MV_OK;

    *end_r = MV_PUBLISH_BY_HAND;
    mv_buf_init(&job.output, MV_CHILD_MAX_OUTPUT_BYTES);
    switch (publication->settings->publish) {
    case MV_PUBLISH_MANUAL:
        break;
    case MV_PUBLISH_NSUPDATE:
        code = update(&job, end_r);
        break;
    case MV_PUBLISH_HOOK:
        code = call_hook(&job, end_r);
        break;
    }
    if (code != MV_OK)
        mv_error_set(error, code, "no memory or no descriptors to run a program");
    mv_buf_free(&job.output);
    return code;
}
