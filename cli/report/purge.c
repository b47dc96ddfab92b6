/*
 * mailvouch report purge: what is too old goes, from all parts of the store.
 */
#include "cli/report/report.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/json.h"
#include "cli/report/place.h"
#include "core/config/config.h"
#include "core/report/ledger.h"
#include "core/report/outbox.h"
#include "core/report/store.h"

#define COMMAND "report purge"
#define DAY_SECS 86400
#define MAX_DAYS 36500

struct options {
    bool json, dry_run;
    const char *store, *config;
    int64_t days, now; /* -1: not given */
};

struct session {
    struct options options;
    enum mv_purge how;
    struct mv_config *config;
    struct mv_db *db;
    struct mv_report_store *store;
    struct mv_ledger *ledger;
    struct mv_outbox *outbox;
    int64_t before_secs;
    struct mv_report_purged reports;
    uint64_t days, mails;
};

static enum mv_exit fail(const struct mv_error *error)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", error->text);
    return mv_exit_of_code(error->code);
}

static enum mv_code open_parts(struct session *session, const char *where, struct mv_error *error)
{
    enum mv_code code = mv_db_open(where, MV_STORE_WRITE, &session->db, error);

    if (code == MV_OK)
        code = mv_report_store_open_on(session->db, &session->store, error);
    if (code == MV_OK)
        code = mv_ledger_open(session->db, &session->ledger, error);
    return code == MV_OK ? mv_outbox_open(session->db, &session->outbox, error) : code;
}

static void close_parts(struct session *session)
{
    mv_outbox_close(&session->outbox);
    mv_ledger_close(&session->ledger);
    mv_report_store_close(&session->store);
    mv_db_close(&session->db);
}

static enum mv_code count_parts(struct session *session, struct mv_error *error)
{
    enum mv_code code = mv_report_store_purge(session->store, session->before_secs, MV_PURGE_COUNT, &session->reports,
                                              error);

    if (code == MV_OK)
        code = mv_ledger_count_old(session->ledger, session->before_secs, &session->days, error);
    return code == MV_OK ? mv_outbox_count_old(session->outbox, session->before_secs, &session->mails, error) : code;
}

/* What was removed before an error stays removed; the next run does the rest. */
static enum mv_code purge_parts(struct session *session, struct mv_error *error)
{
    enum mv_code code = mv_report_store_purge(session->store, session->before_secs, MV_PURGE_REMOVE, &session->reports,
                                              error);

    if (code == MV_OK)
        code = mv_ledger_purge(session->ledger, session->before_secs, &session->days, error);
    if (code == MV_OK)
        code = mv_outbox_purge(session->outbox, session->before_secs, &session->mails, error);
    return code == MV_OK ? mv_db_shrink(session->db, error) : code;
}

static bool print_json(const struct session *session)
{
    return mv_json_print(json_pack("{s:b,s:I,s:I,s:I,s:I,s:I}", "dry_run", session->options.dry_run ? 1 : 0, "before",
                                   (json_int_t)session->before_secs, "reports", (json_int_t)session->reports.reports,
                                   "records", (json_int_t)session->reports.rows, "evidence_days",
                                   (json_int_t)session->days, "mails", (json_int_t)session->mails));
}

static bool print_text(const struct session *session)
{
    if (session->reports.reports + session->days + session->mails == 0)
        return printf("nothing is older than %lld days\n", (long long)session->options.days) > 0;
    return printf("%s: %llu reports that came, with %llu rows; %llu days of evidence; %llu mails that went out\n",
                  session->options.dry_run ? "would be removed" : "removed",
                  (unsigned long long)session->reports.reports, (unsigned long long)session->reports.rows,
                  (unsigned long long)session->days, (unsigned long long)session->mails) > 0;
}

static enum mv_exit print(const struct session *session)
{
    if ((session->options.json ? print_json(session) : print_text(session)) && fflush(stdout) == 0)
        return MV_EXIT_OK;
    fputs("mailvouch: cannot write the result\n", stderr);
    return MV_EXIT_INTERNAL;
}

static enum mv_exit prepare(struct session *session)
{
    struct options *options = &session->options;
    struct mv_error error = {MV_OK, ""};

    if (mv_config_read(options->config, &session->config, &error) != MV_OK)
        return fail(&error);
    if (options->days == -1)
        options->days = mv_config_settings(session->config)->report.keep_days;
    if (options->days < 1 || options->days > MAX_DAYS) {
        fputs("mailvouch " COMMAND ": --older-than takes a number of days from 1 to 36500\n", stderr);
        return MV_EXIT_USAGE;
    }
    session->before_secs = options->now - options->days * DAY_SECS;
    return MV_EXIT_OK;
}

/* Where nothing was kept yet nothing is old, and no store is made. */
static enum mv_exit purge(struct session *session)
{
    const char *where = mv_report_place(&mv_config_settings(session->config)->report, session->options.store);
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = MV_OK;

    if (!mv_db_is_file(where) || access(where, F_OK) == 0) {
        code = open_parts(session, where, &error);
        if (code == MV_OK)
            code = session->options.dry_run ? count_parts(session, &error) : purge_parts(session, &error);
        close_parts(session);
    }
    return code == MV_OK ? print(session) : fail(&error);
}

enum mv_exit mv_report_cmd_purge(int argc, char **argv)
{
    struct session session = {.options = {.days = -1, .now = (int64_t)time(NULL)}};
    struct options *o = &session.options;
    const struct mv_arg_option options[] = {
        {"older-than", MV_ARG_NUMBER, &o->days, "DAYS", "instead of [report] keep_days"},
        {"dry-run", MV_ARG_FLAG, &o->dry_run, NULL, "say how much it is, and remove nothing"},
        {"json", MV_ARG_FLAG, &o->json, NULL, "the result as JSON"},
        {"store", MV_ARG_TEXT, &o->store, "STORE", "a file or an address, instead of [report] store"},
        {"now", MV_ARG_NUMBER, &o->now, "SECS", "as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &o->config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {COMMAND, "", "Removes reports, evidence and mails that are older than they are to be "
                                 "kept.", options, sizeof options / sizeof *options, 0, 0};
    bool helped;
    char **operands;
    size_t count;
    enum mv_exit result = mv_args_read(&args, argc, argv, &helped, &operands, &count);

    if (result != MV_EXIT_OK || helped)
        return result;
    result = prepare(&session);
    if (result == MV_EXIT_OK)
        result = purge(&session);
    mv_config_free(&session.config);
    return result;
}
