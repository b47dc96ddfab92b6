/*
 * mailvouch report read: files, mails and mailboxes; what is in them, and into
 * the store with it.
 */
#include "cli/report/report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/args.h"
#include "cli/report/delivery.h"
#include "cli/report/files.h"
#include "cli/report/place.h"
#include "cli/report/print.h"
#include "core/config/config.h"

#define COMMAND "report read"
#define MAX_OPERANDS 100000

struct options {
    bool json, records, keep, trust_results, no_check, quiet;
    const char *store_path, *config, *dns;
    int64_t now;
};

struct session {
    struct options options;
    struct mv_report_checker checker;
    struct mv_config *config; /* where the store is; NULL: it was given */
    struct mv_report_store *store;
    struct mv_delivery *delivery;
    struct mv_error error;
    bool write_failed;
    char file[4200]; /* the name of what is being read */
    uint64_t counts[4]; /* enum mv_report_outcome */
};

static enum mv_report_format format_of(const struct session *session)
{
    return session->options.json ? MV_FORMAT_JSON : MV_FORMAT_TEXT;
}

static enum mv_code take_row(void *to, const struct mv_aggregate_head *head, const struct mv_aggregate_record *record)
{
    struct session *session = to;

    (void)head;
    if (mv_report_print_record(format_of(session), record))
        return MV_OK;
    session->write_failed = true;
    return MV_ERR_IO;
}

static enum mv_code begin_file(void *to, const char *name)
{
    struct session *session = to;

    snprintf(session->file, sizeof session->file, "%s", name);
    return mv_delivery_begin(session->delivery, &session->error);
}

static enum mv_code feed_file(void *to, struct mv_bytes bytes)
{
    struct session *session = to;

    return mv_delivery_feed(session->delivery, bytes, &session->error);
}

static enum mv_code end_file(void *to)
{
    struct session *session = to;
    enum mv_code code = mv_delivery_end(session->delivery, &session->error);
    const struct mv_report_sender *sender;
    const struct mv_report_result *results;
    const char *why;
    size_t count;

    if (code != MV_OK)
        return code;
    results = mv_delivery_results(session->delivery, &count);
    sender = mv_delivery_sender(session->delivery, &why);
    for (size_t i = 0; i < count; i++) {
        session->counts[results[i].outcome]++;
        if (session->options.quiet && results[i].outcome != MV_OUTCOME_REFUSED)
            continue;
        if (!mv_report_print_result(format_of(session), session->file, &results[i], sender, why)) {
            session->write_failed = true;
            return mv_error_set(&session->error, MV_ERR_IO, "cannot write the result");
        }
    }
    return MV_OK;
}

static enum mv_exit fail(const struct mv_error *error)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", error->text);
    return mv_exit_of_code(error->code);
}

static enum mv_exit open_store(struct session *session)
{
    const struct options *options = &session->options;
    const char *where = options->store_path;

    if (where == NULL && !options->keep)
        return MV_EXIT_OK;
    if (where == NULL) {
        if (mv_config_read(options->config, &session->config, &session->error) != MV_OK)
            return fail(&session->error);
        where = mv_report_place(&mv_config_settings(session->config)->report, NULL);
    }
    return mv_report_store_open(where, MV_STORE_WRITE, &session->store, &session->error) == MV_OK
               ? MV_EXIT_OK : fail(&session->error);
}

static enum mv_exit open_session(struct session *session)
{
    const struct options *options = &session->options;
    enum mv_report_check how = options->no_check ? MV_CHECK_NOTHING
                               : options->trust_results ? MV_CHECK_RESULTS : MV_CHECK_DKIM;
    struct mv_delivery_setup setup = {&session->checker, NULL, options->now, options->records ? take_row : NULL,
                                      session};
    enum mv_exit result =
        mv_report_checker_begin(COMMAND, how, options->config, options->dns, options->now, &session->checker);

    if (result != MV_EXIT_OK)
        return result;
    result = open_store(session);
    if (result != MV_EXIT_OK)
        return result;
    setup.store = session->store;
    session->delivery = mv_delivery_new(&setup);
    if (session->delivery != NULL)
        return MV_EXIT_OK;
    mv_error_set(&session->error, MV_ERR_MEMORY, "no memory");
    return fail(&session->error);
}

/* On the terminal, at the end of many. */
static void print_counts(const struct session *session)
{
    static const char *const words[] = {"read", "stored", "seen before", "refused"};
    uint64_t all = 0;

    for (size_t i = 0; i < 4; i++)
        all += session->counts[i];
    if (session->options.json || all < 2)
        return;
    printf("%llu reports:", (unsigned long long)all);
    for (size_t i = 0, shown = 0; i < 4; i++)
        if (session->counts[i] > 0)
            printf("%s %llu %s", shown++ == 0 ? "" : ",", (unsigned long long)session->counts[i], words[i]);
    putchar('\n');
}

static enum mv_exit read_all(struct session *session, char **paths, size_t count)
{
    struct mv_report_file_sink sink = {begin_file, feed_file, end_file, session};
    enum mv_exit worst = MV_EXIT_OK;

    for (size_t i = 0; i < count; i++) {
        enum mv_exit result = mv_report_files_read(COMMAND, paths[i], &sink);

        if (session->write_failed) {
            fputs("mailvouch: cannot write the result\n", stderr);
            return MV_EXIT_INTERNAL;
        }
        if (session->error.code != MV_OK)
            return fail(&session->error);
        if (worst == MV_EXIT_OK)
            worst = result;
    }
    print_counts(session);
    if (worst == MV_EXIT_OK && session->counts[MV_OUTCOME_REFUSED] > 0)
        worst = MV_EXIT_FINDING;
    return worst;
}

enum mv_exit mv_report_cmd_read(int argc, char **argv)
{
    struct session session = {.options = {.now = (int64_t)time(NULL)}};
    struct options *o = &session.options;
    const struct mv_arg_option options[] = {
        {"keep", MV_ARG_FLAG, &o->keep, NULL, "keep what is read, each report once, in [report] store"},
        {"store", MV_ARG_TEXT, &o->store_path, "STORE", "keep it in this file, or at this address, instead"},
        {"json", MV_ARG_FLAG, &o->json, NULL, "one line of JSON for each report"},
        {"records", MV_ARG_FLAG, &o->records, NULL, "and one for each record"},
        {"quiet", MV_ARG_FLAG, &o->quiet, NULL, "say only what was refused"},
        {"trust-results", MV_ARG_FLAG, &o->trust_results, NULL, "believe our Authentication-Results in the mails"},
        {"no-check", MV_ARG_FLAG, &o->no_check, NULL, "do not ask who sent them: all mails are untrusted"},
        {"dns", MV_ARG_TEXT, &o->dns, "FILE", "take DNS answers from a file and ask nothing"},
        {"now", MV_ARG_NUMBER, &o->now, "SECS", "judge mails as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &o->config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {COMMAND, "FILE|DIRECTORY|MAILDIR|MBOX|-...",
                                 "Reads DMARC aggregate, failure and TLS reports: XML, JSON, gzip, zip, mails.",
                                 options, sizeof options / sizeof *options, 1, MAX_OPERANDS};
    bool helped;
    char **paths;
    size_t count;
    enum mv_exit result = mv_args_read(&args, argc, argv, &helped, &paths, &count);

    if (result != MV_EXIT_OK || helped)
        return result;
    result = open_session(&session);
    if (result == MV_EXIT_OK)
        result = read_all(&session, paths, count);
    mv_delivery_free(&session.delivery);
    mv_report_store_close(&session.store);
    mv_report_checker_end(&session.checker);
    mv_config_free(&session.config);
    return result;
}
