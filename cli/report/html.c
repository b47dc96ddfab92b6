/*
 * mailvouch report html: what reports say about a domain, as one HTML file.
 */
#include "cli/report/report.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/report/asked.h"
#include "cli/report/page_model.h"
#include "core/mailvouch.h"
#include "core/report/store_overview.h"

#define COMMAND "report html"
#define MAX_OPERANDS 100000
#define PAGE_MODE 0644

struct given {
    struct mv_report_asked asked;
    const char *output;
};

struct run {
    const struct given *given;
    struct mv_lookup lookup;
    struct mv_report_survey survey;
    struct mv_report_tally tally;
    struct mv_report_gathered gathered;
    struct mv_report_overview overview;
};

static enum mv_exit prepare(struct run *run, const char *domain)
{
    struct mv_report_survey *survey = &run->survey;
    enum mv_exit result =
        mv_report_asked_begin(COMMAND, &run->given->asked, domain, &run->lookup, MV_REPORT_DNS_ALL, survey);

    run->tally = (struct mv_report_tally){.arena = run->lookup.arena, .domain = survey->domain,
                                          .now_secs = survey->now_secs, .window_days = survey->days};
    if (result == MV_EXIT_OK)
        mv_report_tally_begin(&run->tally);
    return result;
}

/* Failure reports and TLS reports. */
static enum mv_code look_over(void *to, struct mv_db *db, enum mv_report_trust trust, struct mv_error *error)
{
    struct run *run = to;
    const struct mv_report_survey *survey = &run->survey;
    const struct mv_report_query query = {survey->domain, survey->now_secs - (int64_t)survey->days * MV_DAY_SECS,
                                          survey->now_secs, trust};

    return mv_report_overview_read(db, run->lookup.arena, &query, &run->overview, error);
}

/* From the beginning, since the evidence looks for the day on which the policy was published. */
static enum mv_exit gather(struct run *run, char **paths, size_t count)
{
    const struct mv_report_survey *survey = &run->survey;
    struct mv_report_reader also = mv_report_tally_reader(&run->tally);
    struct mv_report_gather how = mv_report_asked_gather(COMMAND, &run->given->asked, survey, paths, count);
    enum mv_exit result;

    how.counted_from_secs = how.from_secs;
    how.from_secs = 0;
    how.also = &also;
    how.over = look_over;
    how.over_to = run;
    result = mv_report_gather(&how, survey->evidence, &run->gathered);
    mv_report_tally_end(&run->tally);
    return result;
}

static enum mv_exit write_page(const struct run *run, const struct mv_page *page)
{
    struct mv_buf html;
    enum mv_exit result;

    mv_buf_init(&html, MV_PAGE_MAX_BYTES);
    mv_page_render(page, &html);
    if (mv_buf_failed(&html))
        result = mv_lookup_fail_code(&run->lookup, MV_ERR_MEMORY);
    else if (strcmp(run->given->output, "-") != 0)
        result = mv_output_replace(COMMAND, run->given->output, mv_buf_bytes(&html), PAGE_MODE);
    else
        result = fwrite(html.data, 1, html.len, stdout) == html.len && fflush(stdout) == 0 ? MV_EXIT_OK
                                                                                         : MV_EXIT_INTERNAL;
    mv_buf_free(&html);
    return result;
}

static enum mv_exit make(struct run *run)
{
    struct mv_page page;
    struct mv_buf maker;
    enum mv_code code = mv_report_page_fill(&run->survey, &run->tally, &page);
    enum mv_exit result;

    if (code != MV_OK)
        return mv_lookup_fail_code(&run->lookup, code);
    if (run->given->asked.save_dns != NULL) {
        result = mv_lookup_save(&run->lookup, run->given->asked.save_dns);
        if (result != MV_EXIT_OK)
            return result;
    }
    mv_buf_init(&maker, 200);
    mv_buf_printf(&maker, "mailvouch %s", mv_engine_version());
    page.maker = mv_buf_bytes(&maker);
    page.untrusted = run->gathered.untrusted;
    page.refused = run->gathered.refused;
    page.tls = run->overview.tls;
    page.tls_count = run->overview.tls_count;
    page.tls_faults = run->overview.tls_faults;
    page.tls_fault_count = run->overview.tls_fault_count;
    page.failures = run->overview.failures;
    page.failure_count = run->overview.failure_count;
    result = write_page(run, &page);
    mv_buf_free(&maker);
    return result == MV_EXIT_OK && run->gathered.refused > 0 ? MV_EXIT_FINDING : result;
}

static enum mv_exit html(const struct given *given, char **operands, size_t count)
{
    struct run run = {.given = given};
    enum mv_exit result;

    if (given->output == NULL) {
        fputs("mailvouch " COMMAND ": say where the page goes: -o FILE\n", stderr);
        return MV_EXIT_USAGE;
    }
    result = mv_lookup_begin(COMMAND, given->asked.config, given->asked.dns, &run.lookup);
    if (result == MV_EXIT_OK)
        result = prepare(&run, operands[0]);
    if (result == MV_EXIT_OK)
        result = gather(&run, operands + 1, count - 1);
    if (result == MV_EXIT_OK)
        result = mv_report_survey_judge(&run.survey);
    if (result == MV_EXIT_OK)
        result = make(&run);
    mv_lookup_end(&run.lookup);
    return result;
}

enum mv_exit mv_report_cmd_html(int argc, char **argv)
{
    struct given given = {.asked.days = MV_REPORT_ASKED_DAYS};
    const struct mv_arg_option options[] = {
        {"output", MV_ARG_TEXT, &given.output, "FILE", "where the page goes, replaced whole (or -o FILE); - prints it"},
        MV_REPORT_ASKED_OPTIONS(given.asked),
    };
    const struct mv_args args = {COMMAND, "DOMAIN [FILE|DIRECTORY|MAILDIR|MBOX|-]...",
                                 "What reports say about a domain, and what to do, as one HTML file: from the store, "
                                 "or from files.",
                                 options, sizeof options / sizeof *options, 1, MAX_OPERANDS};
    bool helped;
    char **operands;
    size_t count;
    enum mv_exit result = mv_args_read(&args, argc, argv, &helped, &operands, &count);

    return result != MV_EXIT_OK || helped ? result : html(&given, operands, count);
}
