/*
 * mailvouch report import: evidence that the mail servers wrote, into the store.
 */
#include "cli/report/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/json.h"
#include "cli/report/import_file.h"
#include "cli/report/place.h"
#include "core/config/config.h"

#define COMMAND "report import"
#define MAX_OPERANDS 100000
#define LIST_BYTES (12u * 1024 * 1024) /* of names: MV_IMPORT_MAX_FILES of usual ones */
#define SHOWN_LINES 5
#define DAY_SECS 86400

struct options {
    bool json, quiet, keep_files;
    const char *store, *config;
    int64_t now;
};

struct session {
    struct options options;
    struct mv_config *config;
    struct mv_db *db;
    struct mv_arena *arena;
    struct mv_import_list list;
    struct mv_importer importer;
    size_t done; /* files */
    bool shows_progress;
    enum mv_exit worst; /* of what is wrong with files */
};

static enum mv_exit fail(const struct mv_error *error)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", error->text);
    return mv_exit_of_code(error->code);
}

static enum mv_exit no_memory(void)
{
    fputs("mailvouch " COMMAND ": no memory\n", stderr);
    return MV_EXIT_INTERNAL;
}

/* The line of progress makes room for another. */
static void clear_progress(const struct session *session)
{
    if (session->shows_progress)
        fputs("\r\033[K", stderr);
}

static void show_progress(void *to)
{
    const struct session *session = to;

    if (session->shows_progress)
        fprintf(stderr, "\r%zu of %zu files, %llu messages", session->done, session->list.count,
                (unsigned long long)session->importer.counts.messages);
}

static void put_escaped(const char *text)
{
    struct mv_buf shown;

    mv_buf_init(&shown, 8 * MV_IMPORT_MAX_PATH_BYTES);
    mv_buf_put_escaped(&shown, mv_bytes_str(text));
    fputs(mv_buf_cstr(&shown) == NULL ? "a file" : mv_buf_cstr(&shown), stderr);
    mv_buf_free(&shown);
}

static void put_path(const struct mv_import_item *item)
{
    put_escaped(item->directory);
    fputc('/', stderr);
    put_escaped(item->found);
}

static void show_refused(void *to, const struct mv_import_item *item, uint64_t line_number, const char *why)
{
    clear_progress(to);
    fputs("mailvouch " COMMAND ": ", stderr);
    put_path(item);
    fprintf(stderr, ", line %llu, is left out: %s\n", (unsigned long long)line_number, why);
}

static void show_problem(void *to, const struct mv_import_item *item, const char *what, const char *why)
{
    struct session *session = to;

    clear_progress(session);
    fprintf(stderr, "mailvouch " COMMAND ": cannot %s ", what);
    put_path(item);
    fprintf(stderr, ": %s\n", why);
    if (session->worst == MV_EXIT_OK)
        session->worst = MV_EXIT_INPUT;
}

static enum mv_exit open_store(struct session *session)
{
    const struct mv_report_settings *settings = &mv_config_settings(session->config)->report;
    const char *where = mv_report_place(settings, session->options.store);
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = mv_db_open(where, MV_STORE_WRITE, &session->db, &error);

    if (code == MV_OK)
        code = mv_db_durable(session->db, &error); /* a file is removed for what was committed */
    if (code == MV_OK)
        code = mv_ledger_open(session->db, &session->importer.ledger, &error);
    session->importer.polite = code == MV_OK && !mv_db_is_shared(session->db);
    session->importer.oldest_secs = session->options.now - (int64_t)settings->keep_days * DAY_SECS;
    return code == MV_OK ? MV_EXIT_OK : fail(&error);
}

/* A directory that is missing is no fault where no evidence is written. */
static enum mv_exit add_path(struct session *session, const char *path, bool is_default)
{
    int problem = 0;
    enum mv_code code = mv_import_list_add(&session->list, path, &problem);

    if (code == MV_OK)
        return MV_EXIT_OK;
    if (code == MV_ERR_MEMORY)
        return no_memory();
    if (is_default && problem == ENOENT && !mv_config_settings(session->config)->report.evidence) {
        if (!session->options.quiet)
            fputs("mailvouch " COMMAND ": no evidence is written: [report] evidence is no\n", stderr);
        return MV_EXIT_OK;
    }
    fputs("mailvouch " COMMAND ": cannot read ", stderr);
    put_escaped(path);
    fprintf(stderr, ": %s\n", strerror(problem));
    session->worst = problem == EACCES || problem == EPERM ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
    return MV_EXIT_OK;
}

static enum mv_exit list_files(struct session *session, char **paths, size_t count)
{
    struct mv_bytes directory = mv_config_settings(session->config)->report.evidence_directory;
    enum mv_exit result = MV_EXIT_OK;

    mv_import_list_begin(session->arena, &session->list);
    if (count == 0)
        result = add_path(session, (const char *)directory.data, true);
    for (size_t i = 0; i < count && result == MV_EXIT_OK; i++)
        result = add_path(session, paths[i], false);
    mv_import_list_sort(&session->list);
    if (session->list.full) { /* not the whole of a day: who goes on after a success is not to report it */
        fprintf(stderr, "mailvouch " COMMAND ": only %d files are taken in one run; run it again\n",
                MV_IMPORT_MAX_FILES);
        session->worst = MV_EXIT_INPUT;
    }
    return result;
}

static enum mv_exit import_all(struct session *session)
{
    struct mv_error error = {MV_OK, ""};

    for (session->done = 0; session->done < session->list.count; session->done++) {
        const struct mv_import_item *item = &session->list.items[session->done];

        if (mv_import_file(&session->importer, item, &error) == MV_OK)
            continue;
        clear_progress(session);
        fputs("mailvouch " COMMAND ": stopped at ", stderr);
        put_path(item);
        fprintf(stderr, ": %s; nothing is lost, the next import goes on from there\n", error.text);
        return mv_exit_of_code(error.code);
    }
    return MV_EXIT_OK;
}

static enum mv_exit print_json(const struct session *session, uint64_t late)
{
    const struct mv_import_counts *c = &session->importer.counts;
    json_t *object = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "messages", (json_int_t)c->messages,
                               "failures", (json_int_t)c->failures, "refused", (json_int_t)c->refused, "late",
                               (json_int_t)late, "bytes", (json_int_t)c->bytes, "files", (json_int_t)c->files,
                               "removed", (json_int_t)c->removed, "waiting", (json_int_t)c->waiting, "ahead",
                               (json_int_t)c->ahead);

    return mv_json_print(object) ? MV_EXIT_OK : MV_EXIT_INTERNAL;
}

static void print_part(uint64_t count, const char *one, const char *many)
{
    if (count > 0)
        printf(", %llu %s", (unsigned long long)count, count == 1 ? one : many);
}

static void print_text(const struct session *session)
{
    const struct mv_import_counts *c = &session->importer.counts;

    printf("%llu message%s from %llu file%s", (unsigned long long)c->messages, c->messages == 1 ? "" : "s",
           (unsigned long long)c->files, c->files == 1 ? "" : "s");
    print_part(c->failures, "line for failure reports", "lines for failure reports");
    print_part(c->refused, "line left out", "lines left out");
    print_part(c->removed, "file done and removed", "files done and removed");
    print_part(c->waiting, "file still being written", "files still being written");
    putchar('\n');
}

static void print_ahead(uint64_t files)
{
    if (files > 0)
        fprintf(stderr, "mailvouch " COMMAND ": %llu file%s left for later, as the hour in the name is more than a day "
                "away: is a clock wrong, here or where it was written?\n", (unsigned long long)files,
                files == 1 ? " is" : "s are");
}

/* With --quiet only what should not be. */
static enum mv_exit print_result(const struct session *session)
{
    const struct mv_import_counts *c = &session->importer.counts;
    uint64_t late = mv_ledger_late(session->importer.ledger);

    print_ahead(c->ahead);
    if (session->options.json)
        return print_json(session, late);
    if (!session->options.quiet)
        print_text(session);
    else if (c->refused > 0)
        fprintf(stderr, "mailvouch " COMMAND ": %llu line%s left out\n", (unsigned long long)c->refused,
                c->refused == 1 ? "" : "s");
    if (late > 0)
        fprintf(stderr, "mailvouch " COMMAND ": %llu message%s came after the day had been reported, and will be in no "
                "report; import more often, or report later\n", (unsigned long long)late, late == 1 ? "" : "s");
    return MV_EXIT_OK;
}

static enum mv_exit run(struct session *session, char **paths, size_t count)
{
    struct mv_error error = {MV_OK, ""};
    enum mv_exit result, printed;

    if (mv_config_read(session->options.config, &session->config, &error) != MV_OK)
        return fail(&error);
    session->arena = mv_arena_new(LIST_BYTES);
    if (session->arena == NULL)
        return no_memory();
    result = list_files(session, paths, count);
    if (result == MV_EXIT_OK)
        result = open_store(session);
    if (result != MV_EXIT_OK)
        return result;
    result = import_all(session);
    clear_progress(session);
    printed = print_result(session);
    if (result == MV_EXIT_OK)
        result = printed;
    if (result == MV_EXIT_OK)
        result = session->worst;
    return result == MV_EXIT_OK && session->importer.counts.refused + session->importer.counts.ahead > 0
               ? MV_EXIT_FINDING
               : result;
}

static void close_session(struct session *session)
{
    mv_ledger_close(&session->importer.ledger);
    mv_db_close(&session->db);
    mv_arena_free(&session->arena);
    mv_config_free(&session->config);
}

enum mv_exit mv_report_cmd_import(int argc, char **argv)
{
    static struct session session; /* with a block of a file in it */
    struct options *o = &session.options;
    const struct mv_arg_option options[] = {
        {"store", MV_ARG_TEXT, &o->store, "STORE", "instead of [report] store"},
        {"keep-files", MV_ARG_FLAG, &o->keep_files, NULL, "do not remove files that are done"},
        {"json", MV_ARG_FLAG, &o->json, NULL, "the result as JSON"},
        {"quiet", MV_ARG_FLAG, &o->quiet, NULL, "say only what is wrong"},
        {"now", MV_ARG_NUMBER, &o->now, "SECS", "as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &o->config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {COMMAND, "[DIRECTORY|FILE...]",
                                 "Takes the evidence that the mail servers wrote into the store, each line once.",
                                 options, sizeof options / sizeof *options, 0, MAX_OPERANDS};
    bool helped;
    char **paths;
    size_t count;
    enum mv_exit result;

    o->now = (int64_t)time(NULL);
    result = mv_args_read(&args, argc, argv, &helped, &paths, &count);
    if (result != MV_EXIT_OK || helped)
        return result;
    session.importer.now_secs = o->now;
    session.importer.after = o->keep_files ? MV_IMPORT_KEEP : MV_IMPORT_REMOVE;
    session.importer.refused = show_refused;
    session.importer.problem = show_problem;
    session.importer.progress = show_progress;
    session.importer.to = &session;
    session.importer.max_shown = SHOWN_LINES;
    session.shows_progress = !o->quiet && !o->json && isatty(STDERR_FILENO) == 1;
    result = run(&session, paths, count);
    close_session(&session);
    return result;
}
