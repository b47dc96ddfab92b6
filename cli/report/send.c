/*
 * mailvouch report send: what was seen of others' mail, to those who ask for it (RFC 9990 3.5, 4; RFC 9989 5.3.8;
 * RFC 9991).
 */
#include "cli/report/report.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/args.h"
#include "cli/lookup.h"
#include "cli/report/place.h"
#include "cli/report/send_day.h"
#include "cli/report/send_failure.h"
#include "cli/report/send_mail.h"
#include "core/base/trace.h"
#include "core/report/report_time.h"
#include "core/text/domain.h"

#define COMMAND "report send"
#define LOCK "send"
#define DAY_SECS 86400

struct given {
    bool dry_run, json, quiet;
    const char *directory, *day, *domain, *store, *config, *dns;
    int64_t now, limit, wait;
};

struct session {
    const struct given *given;
    struct mv_lookup lookup;
    struct mv_post post;
    struct mv_db *db;
    struct mv_ledger *ledger;
    struct mv_outbox *outbox;
    struct mv_arena *arena; /* for what lives as long as the run */
    struct mv_send_plan plan;
    struct mv_send_show show;
    struct mv_send_run run;
    bool locked;
    bool idle;              /* there is nothing to do, and it was said why */
};

static enum mv_exit fail(const struct mv_error *error)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", error->text);
    return mv_exit_of_code(error->code);
}

static enum mv_exit refuse(const char *sentence)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", sentence);
    return MV_EXIT_USAGE;
}

static enum mv_send_mode mode_of(const struct given *given)
{
    return given->dry_run ? MV_SEND_DRY : given->directory != NULL ? MV_SEND_TO_DIRECTORY : MV_SEND_FOR_REAL;
}

static enum mv_exit read_day(struct session *session)
{
    struct mv_send_plan *plan = &session->plan;
    char text[40];

    if (session->given->day == NULL)
        return MV_EXIT_OK;
    plan->has_day = true;
    snprintf(text, sizeof text, "%.20sT00:00:00Z", session->given->day);
    if (mv_bytes_str(session->given->day).len != sizeof "2026-11-22" - 1 ||
        !mv_report_time_parse(mv_bytes_str(text), &plan->day_secs))
        return refuse("--day takes a day such as 2026-11-22");
    if (plan->day_secs + DAY_SECS + MV_SEND_WAIT_SECS > plan->now_secs)
        return refuse("that day has not been over for half an hour (UTC): its report would not be whole");
    return MV_EXIT_OK;
}

static enum mv_exit read_given(struct session *session)
{
    const struct given *given = session->given;
    struct stat st;

    session->plan.now_secs = given->now;
    if (given->dry_run && given->directory != NULL)
        return refuse("--dry-run writes nothing: leave out --to-dir");
    if (given->directory != NULL && (stat(given->directory, &st) != 0 || !S_ISDIR(st.st_mode)))
        return refuse("--to-dir takes a directory that is there");
    if (given->wait < 1 || given->wait > 3600)
        return refuse("--wait takes seconds, from 1 to 3600");
    if (given->domain != NULL &&
        !mv_domain_normalize(session->arena, mv_bytes_str(given->domain), &session->plan.domain))
        return refuse("--domain takes the name of a domain");
    return read_day(session);
}

/* Without address and keys nothing leaves; who only looks is told so, and goes on. */
static enum mv_exit check_settings(struct session *session)
{
    const struct mv_report_settings *report = &session->lookup.settings->report;
    enum mv_send_mode mode = mode_of(session->given);
    struct mv_error error = {MV_OK, ""};

    if (mode == MV_SEND_FOR_REAL && !report->send) {
        session->idle = true;
        if (!session->given->quiet)
            fputs("mailvouch " COMMAND ": nothing is sent, since send in [report] is no; "
                  "--dry-run shows what would be\n", stderr);
        return MV_EXIT_OK;
    }
    if (mv_post_check(&session->post, &error) == MV_OK)
        return MV_EXIT_OK;
    if (mode != MV_SEND_DRY || report->address.len == 0)
        return fail(&error);
    fprintf(stderr, "mailvouch " COMMAND ": as it is now, nothing would go out: %s\n", error.text);
    return MV_EXIT_OK;
}

static enum mv_exit open_store(struct session *session)
{
    const struct given *given = session->given;
    const char *where = mv_report_place(&session->lookup.settings->report, given->store);
    struct mv_error error = {MV_OK, ""};
    enum mv_store_access access = given->dry_run ? MV_STORE_READ : MV_STORE_WRITE;

    if (mv_db_open(where, access, &session->db, &error) != MV_OK)
        return fail(&error);
    if (!given->dry_run && mv_db_lock(session->db, LOCK, &session->locked, &error) != MV_OK)
        return fail(&error);
    if (!given->dry_run && !session->locked) {
        session->idle = true;
        if (!given->quiet)
            fputs("mailvouch " COMMAND ": another process is sending reports of this store; this one leaves it to it\n",
                  stderr);
        return MV_EXIT_OK;
    }
    if (mv_ledger_open(session->db, &session->ledger, &error) != MV_OK ||
        mv_outbox_open(session->db, &session->outbox, &error) != MV_OK)
        return fail(&error);
    return MV_EXIT_OK;
}

/* How many mails may leave: what is left of the day, or --limit. */
static enum mv_exit count_caps(struct session *session)
{
    struct mv_send_run *run = &session->run;
    uint64_t most = session->lookup.settings->report.max_per_day, before;

    if (mv_outbox_count(session->outbox, mv_bytes_str(NULL), session->given->now - MV_SEND_CAP_SECS, &before,
                        &run->error) != MV_OK)
        return fail(&run->error);
    run->left = run->mode == MV_SEND_TO_DIRECTORY ? UINT64_MAX : before < most ? most - before : 0;
    run->left_fate = MV_SEND_CAP;
    if (session->given->limit > 0 && (uint64_t)session->given->limit < run->left) {
        run->left = (uint64_t)session->given->limit;
        run->left_fate = MV_SEND_LIMIT;
    }
    return MV_EXIT_OK;
}

static enum mv_exit prepare(struct session *session)
{
    const struct given *given = session->given;
    enum mv_exit result;

    session->arena = mv_arena_new(1 << 20);
    if (session->arena == NULL)
        return mv_lookup_fail_code(&session->lookup, MV_ERR_MEMORY);
    result = read_given(session);
    if (result == MV_EXIT_OK)
        result = mv_post_begin(COMMAND, given->config, session->lookup.settings, given->now, &session->post);
    session->post.wait_secs = (unsigned)given->wait;
    if (result == MV_EXIT_OK)
        result = check_settings(session);
    if (result == MV_EXIT_OK && !session->idle)
        result = open_store(session);
    if (result != MV_EXIT_OK || session->idle)
        return result;
    session->plan.ledger = session->ledger;
    session->plan.outbox = session->outbox;
    session->plan.settings = session->lookup.settings;
    session->show = (struct mv_send_show){.mode = mode_of(given), .json = given->json, .quiet = given->quiet};
    session->run.mode = mode_of(given);
    session->run.directory = given->directory;
    session->run.plan = &session->plan;
    session->run.show = &session->show;
    session->run.post = &session->post;
    return count_caps(session);
}

/* The next few days; *skip counts those that stay due. */
static enum mv_code run_batch(struct session *session, uint64_t *skip)
{
    struct mv_send_plan *plan = &session->plan;
    struct mv_send_run *run = &session->run;
    enum mv_code code = mv_lookup_renew(&session->lookup);

    plan->arena = session->lookup.arena;
    if (code == MV_OK)
        code = mv_send_plan_gather(plan, *skip, &run->error);
    if (code == MV_OK)
        code = mv_lookup_run(&session->lookup, mv_send_plan_ask, plan);
    if (code == MV_OK)
        code = mv_send_plan_judge(plan, &run->error);
    mv_send_show_batch(&session->show);
    for (size_t i = 0; i < plan->count && code == MV_OK && !run->ended; i++) {
        bool waits;

        code = mv_send_day_run(run, &plan->days[i], &waits);
        *skip += waits ? 1 : 0;
    }
    if (code != MV_OK && run->error.code == MV_OK)
        mv_error_set(&run->error, code, "%s", mv_code_text(code));
    return code;
}

static const char *why_ended(const struct mv_send_run *run)
{
    if (run->ended)
        return run->why_ended.text;
    if (!run->held)
        return run->failures_held ? "failure_per_hour in [report] is reached; the rest waits" : NULL;
    return run->left_fate == MV_SEND_LIMIT ? "--limit is reached"
                                           : "max_per_day in [report] is reached; the rest waits";
}

static bool sends_failures(const struct session *session)
{
    const struct mv_send_run *run = &session->run;

    return session->lookup.settings->report.failure && !session->plan.has_day && !run->ended && !run->held &&
           !session->show.write_failed;
}

/* What is behind the cap waits for the next run, and is not looked at in this one. */
static enum mv_exit run_all(struct session *session)
{
    struct mv_send_run *run = &session->run;
    uint64_t skip = 0;
    enum mv_code code;

    do
        code = run_batch(session, &skip);
    while (code == MV_OK && session->plan.count > 0 && !run->ended && !run->held && !session->show.write_failed);
    if (code == MV_OK && sends_failures(session))
        code = mv_send_failures(run, &session->lookup);
    if (code != MV_OK)
        return fail(&run->error);
    mv_send_show_summary(&session->show, why_ended(run));
    if (session->show.write_failed) {
        fputs("mailvouch: cannot write the result\n", stderr);
        return MV_EXIT_INTERNAL;
    }
    if (!run->ended)
        return session->show.counts[MV_SEND_DID_FAIL] > 0 ? MV_EXIT_TRY_AGAIN : MV_EXIT_OK;
    fail(&run->why_ended);
    return run->why_ended.code == MV_ERR_CONFIG ? MV_EXIT_CONFIG : MV_EXIT_TRY_AGAIN;
}

static void forget(struct session *session)
{
    mv_send_run_end(&session->run);
    mv_send_plan_end(&session->plan);
    mv_outbox_close(&session->outbox);
    mv_ledger_close(&session->ledger);
    if (session->locked)
        mv_db_unlock(session->db, LOCK);
    mv_db_close(&session->db);
    mv_post_end(&session->post);
    mv_lookup_end(&session->lookup);
    mv_arena_free(&session->arena);
}

static enum mv_exit send(const struct given *given)
{
    struct session session = {.given = given};
    enum mv_exit result = mv_lookup_begin(COMMAND, given->config, given->dns, &session.lookup);

    if (result == MV_EXIT_OK)
        result = prepare(&session);
    if (result == MV_EXIT_OK && !session.idle)
        result = run_all(&session);
    forget(&session);
    return result;
}

enum mv_exit mv_report_cmd_send(int argc, char **argv)
{
    struct given g = {.now = (int64_t)time(NULL), .wait = MV_POST_WAIT_SECS};
    const struct mv_arg_option options[] = {
        {"dry-run", MV_ARG_FLAG, &g.dry_run, NULL, "show each mail that would go out, and why others would\n"
         "                           not; change nothing"},
        {"to-dir", MV_ARG_TEXT, &g.directory, "DIRECTORY", "write the mails and the reports there instead"},
        {"day", MV_ARG_TEXT, &g.day, "YYYY-MM-DD", "this day alone, however old it is"},
        {"domain", MV_ARG_TEXT, &g.domain, "DOMAIN", "reports about this policy domain alone"},
        {"limit", MV_ARG_NUMBER, &g.limit, "N", "no more than so many mails"},
        {"wait", MV_ARG_NUMBER, &g.wait, "SECS", "how long sendmail may take for a mail (120)"},
        {"json", MV_ARG_FLAG, &g.json, NULL, "one line of JSON for each mail"},
        {"quiet", MV_ARG_FLAG, &g.quiet, NULL, "say only what failed"},
        {"store", MV_ARG_TEXT, &g.store, "STORE", "instead of store in [report]"},
        {"dns", MV_ARG_TEXT, &g.dns, "FILE", "take DNS answers from a file and ask nothing"},
        {"now", MV_ARG_NUMBER, &g.now, "SECS", "as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &g.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {COMMAND, "", "Sends reports to the owners of domains that ask for them.",
                                 options, sizeof options / sizeof *options, 0, 0};
    bool helped;
    char **operands;
    size_t count;
    enum mv_exit result = mv_args_read(&args, argc, argv, &helped, &operands, &count);

    return result != MV_EXIT_OK || helped ? result : send(&g);
}
