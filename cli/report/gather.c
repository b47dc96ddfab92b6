#include "cli/report/gather.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/report/delivery.h"
#include "cli/report/files.h"
#include "cli/report/place.h"

#define MAX_NAME_BYTES 4200
#define PCT_OF_A_TEST "0" /* RFC 7489: hold back by one step (core/ops/stage_step.h) */

/* Of an enforcing policy it matters whether it was tried out; old reporters say that by pct, some by nothing. */
static enum mv_stage_step step_of(const struct mv_aggregate_policy *policy)
{
    bool test = policy->testing == MV_REPORT_YES || mv_bytes_equal(policy->pct, MV_BYTES(PCT_OF_A_TEST));

    if (policy->p == MV_REPORT_P_ABSENT || policy->p == MV_REPORT_P_NONE)
        return MV_STAGE_MONITOR;
    if (policy->testing == MV_REPORT_YESNO_ABSENT && policy->pct.len == 0)
        return MV_STAGE_STEPS;
    return mv_stage_step_of(policy->p == MV_REPORT_P_REJECT ? MV_DMARC_P_REJECT : MV_DMARC_P_QUARANTINE, test);
}

static enum mv_dmarc_policy what_was_done(enum mv_report_disposition disposition)
{
    if (disposition == MV_REPORT_DISPOSITION_REJECT)
        return MV_DMARC_P_REJECT;
    return disposition == MV_REPORT_DISPOSITION_QUARANTINE ? MV_DMARC_P_QUARANTINE : MV_DMARC_P_NONE;
}

static bool is_forwarded(const struct mv_aggregate_record *record)
{
    for (size_t i = 0; i < record->reason_count; i++) {
        enum mv_report_override type = record->reasons[i].type;

        if (type == MV_REPORT_FORWARDED || type == MV_REPORT_TRUSTED_FORWARDER || type == MV_REPORT_MAILING_LIST)
            return true;
    }
    return false;
}

enum mv_code mv_report_to_evidence(struct mv_evidence *evidence, const struct mv_aggregate_head *head,
                                   const struct mv_aggregate_record *record)
{
    struct mv_evidence_dkim dkim[MV_AGGREGATE_MAX_DKIM];
    struct mv_evidence_row row = {.source = record->source,
                                  .count = record->count,
                                  .begin_secs = head->begin_secs,
                                  .end_secs = head->end_secs,
                                  .reporter = head->org_name,
                                  .header_from = record->header_from,
                                  .disposition = what_was_done(record->disposition),
                                  .dkim_aligned = record->dkim_aligned == MV_REPORT_ALIGNED_PASS,
                                  .spf_aligned = record->spf_aligned == MV_REPORT_ALIGNED_PASS,
                                  .forwarded = is_forwarded(record),
                                  .dkim = dkim,
                                  .dkim_count = record->dkim_count,
                                  .published = step_of(&head->policy)};

    if (record->has_spf) {
        row.spf_domain = record->spf.domain;
        row.spf_pass = record->spf.result == MV_REPORT_AUTH_PASS;
    }
    for (size_t i = 0; i < record->dkim_count; i++)
        dkim[i] = (struct mv_evidence_dkim){record->dkim[i].domain, record->dkim[i].selector,
                                            record->dkim[i].result == MV_REPORT_AUTH_PASS};
    return mv_evidence_add(evidence, &row);
}

/* Files are read into a store of their own first: it keeps each report once and whole, and goes when it is closed. */
struct filling {
    const char *command;
    struct mv_delivery *delivery;
    struct mv_error error;
    struct mv_report_gathered *gathered;
    char file[MAX_NAME_BYTES];
};

static enum mv_code begin_file(void *to, const char *name)
{
    struct filling *filling = to;

    snprintf(filling->file, sizeof filling->file, "%s", name);
    return mv_delivery_begin(filling->delivery, &filling->error);
}

static enum mv_code feed_file(void *to, struct mv_bytes bytes)
{
    struct filling *filling = to;

    return mv_delivery_feed(filling->delivery, bytes, &filling->error);
}

static void say_refused(const struct filling *filling, const struct mv_report_result *result)
{
    struct mv_buf line;

    mv_buf_init(&line, 8 * MAX_NAME_BYTES);
    mv_buf_put_escaped(&line, mv_bytes_str(filling->file));
    mv_buf_puts(&line, " is left out: ");
    mv_buf_put_escaped(&line, mv_bytes_str(result->fault));
    fprintf(stderr, "mailvouch %s: %s\n", filling->command,
            mv_buf_cstr(&line) == NULL ? "a file is left out" : mv_buf_cstr(&line));
    mv_buf_free(&line);
}

static enum mv_code end_file(void *to)
{
    struct filling *filling = to;
    enum mv_code code = mv_delivery_end(filling->delivery, &filling->error);
    const struct mv_report_result *results;
    size_t count;

    if (code != MV_OK)
        return code;
    results = mv_delivery_results(filling->delivery, &count);
    for (size_t i = 0; i < count; i++) {
        if (results[i].outcome != MV_OUTCOME_REFUSED)
            continue;
        filling->gathered->refused++;
        say_refused(filling, &results[i]);
    }
    return MV_OK;
}

static enum mv_exit fail(const char *command, const struct mv_error *error)
{
    fprintf(stderr, "mailvouch %s: %s\n", command, error->text);
    return mv_exit_of_code(error->code);
}

static enum mv_exit fill(const struct mv_report_gather *how, struct mv_report_store *store,
                         struct mv_report_gathered *gathered)
{
    struct mv_report_checker checker;
    struct mv_delivery_setup setup = {&checker, store, how->to_secs, NULL, NULL};
    struct filling filling = {.command = how->command, .gathered = gathered};
    struct mv_report_file_sink sink = {begin_file, feed_file, end_file, &filling};
    enum mv_exit result = mv_report_checker_begin(how->command, MV_CHECK_NOTHING, NULL, NULL, 0, &checker);

    filling.delivery = mv_delivery_new(&setup);
    if (filling.delivery == NULL)
        mv_error_set(&filling.error, MV_ERR_MEMORY, "no memory");
    for (size_t i = 0; i < how->count && result == MV_EXIT_OK && filling.error.code == MV_OK; i++)
        result = mv_report_files_read(how->command, how->paths[i], &sink);
    if (filling.error.code != MV_OK)
        result = fail(how->command, &filling.error);
    mv_delivery_free(&filling.delivery);
    mv_report_checker_end(&checker);
    return result;
}

struct taking {
    struct mv_evidence *evidence; /* NULL: count alone */
    struct mv_report_gathered *gathered;
    enum mv_report_trust trust;
    int64_t counted_from_secs;
    const struct mv_report_reader *also; /* or NULL */
};

static enum mv_code take_report(void *to, const struct mv_stored_report *report)
{
    struct taking *taking = to;
    struct mv_report_gathered *gathered = taking->gathered;
    bool is_counted = report->head.end_secs >= taking->counted_from_secs;

    if (report->sender.trust < taking->trust) {
        gathered->untrusted += is_counted ? 1 : 0;
        return MV_OK;
    }
    if (taking->also != NULL) {
        enum mv_code code = taking->also->report(taking->also->to, report);

        if (code != MV_OK)
            return code;
    }
    if (!is_counted)
        return MV_OK;
    if (gathered->reports++ == 0 || report->head.begin_secs < gathered->first_secs)
        gathered->first_secs = report->head.begin_secs;
    if (report->head.end_secs > gathered->last_secs)
        gathered->last_secs = report->head.end_secs;
    return MV_OK;
}

static enum mv_code take_record(void *to, const struct mv_stored_report *report,
                                const struct mv_aggregate_record *record)
{
    struct taking *taking = to;
    enum mv_code code;

    if (report->sender.trust < taking->trust)
        return MV_OK;
    code = mv_report_to_evidence(taking->evidence, &report->head, record);
    return code != MV_OK || taking->also == NULL ? code : taking->also->record(taking->also->to, report, record);
}

static enum mv_exit take_all(const struct mv_report_gather *how, struct mv_db *db, struct taking *taking)
{
    struct mv_report_query query = {how->domain, how->from_secs, how->to_secs, MV_TRUST_NONE};
    struct mv_report_reader reader = {take_report, take_record, taking};
    struct mv_error error = {MV_OK, ""};
    struct mv_report_store *store;
    enum mv_exit result = MV_EXIT_OK;
    enum mv_code code = mv_report_store_open_on(db, &store, &error);

    if (code == MV_OK && how->count > 0)
        result = fill(how, store, taking->gathered);
    if (code == MV_OK && result == MV_EXIT_OK)
        code = mv_report_store_read(store, &query, &reader, &error);
    if (code == MV_OK && result == MV_EXIT_OK && how->over != NULL)
        code = how->over(how->over_to, db, taking->trust, &error);
    mv_report_store_close(&store);
    return code == MV_OK ? result : fail(how->command, &error);
}

enum mv_exit mv_report_gather(const struct mv_report_gather *how, struct mv_evidence *evidence,
                              struct mv_report_gathered *gathered_r)
{
    const char *path = mv_report_place(&how->settings->report, how->store_path);
    struct taking taking = {evidence, gathered_r, how->count > 0 ? MV_TRUST_NONE : how->trust, how->counted_from_secs,
                            how->also};
    struct mv_error error = {MV_OK, ""};
    struct mv_db *db;
    enum mv_exit result;

    *gathered_r = (struct mv_report_gathered){.reports = 0};
    if (how->count == 0 && mv_db_is_file(path) && access(path, F_OK) != 0) {
        mv_error_set(&error, MV_ERR_IO,
                     "there is no store %s: 'mailvouch report read --keep' makes it; or give reports as files", path);
        return fail(how->command, &error);
    }
    if (mv_db_open(how->count > 0 ? "" : path, how->count > 0 ? MV_STORE_WRITE : MV_STORE_READ, &db, &error) != MV_OK)
        return fail(how->command, &error);
    result = take_all(how, db, &taking);
    mv_db_close(&db);
    return result;
}
