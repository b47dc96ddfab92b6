/*
 * mailvouch report show: sources ranked by what fails, and what to do about each.
 */
#include "cli/report/report.h"

#include <stdio.h>
#include <time.h>

#include "cli/args.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/report/show.h"
#include "cli/report/survey.h"
#include "core/report/report_time.h"
#include "core/text/domain.h"

#define COMMAND "report show"
#define MAX_OPERANDS 100000

struct given {
    const char *store_path, *config, *dns, *save_dns, *now;
    int64_t days;
    struct mv_arg_texts disowned, vouched;
    bool json, untrusted, no_dns;
};

struct run {
    const struct given *given;
    struct mv_lookup lookup;
    struct mv_report_survey survey;
    struct mv_report_picture picture;
};

static enum mv_exit refuse(const char *sentence)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", sentence);
    return MV_EXIT_USAGE;
}

static enum mv_exit prepare(struct run *run, const char *domain)
{
    const struct given *given = run->given;
    struct mv_report_survey *survey = &run->survey;

    *survey = (struct mv_report_survey){.lookup = &run->lookup,
                                        .now_secs = (int64_t)time(NULL),
                                        .days = (unsigned)given->days,
                                        .dns = given->no_dns ? MV_REPORT_DNS_NONE : MV_REPORT_DNS_SENDERS,
                                        .vouched = &given->vouched,
                                        .disowned = &given->disowned};
    if (given->now != NULL && !mv_report_time_parse(mv_bytes_str(given->now), &survey->now_secs))
        return refuse("--now takes seconds since 1970, or 2026-11-22T00:00:00Z");
    if (given->days < 1 || given->days > MV_EVIDENCE_MAX_WINDOW_DAYS)
        return refuse("--days takes a number from 1 to 60");
    if (!mv_domain_normalize(run->lookup.arena, mv_bytes_str(domain), &survey->domain))
        return refuse("give the name of a domain first");
    return mv_report_survey_begin(survey);
}

static enum mv_exit gather(struct run *run, char **paths, size_t count)
{
    const struct given *given = run->given;
    const struct mv_report_survey *survey = &run->survey;
    struct mv_report_gather how = {.command = COMMAND,
                                   .paths = paths,
                                   .count = count,
                                   .store_path = given->store_path,
                                   .settings = run->lookup.settings,
                                   .trust = given->untrusted ? MV_TRUST_NONE : MV_TRUST_FILE,
                                   .domain = survey->domain,
                                   .from_secs = survey->now_secs - given->days * MV_DAY_SECS,
                                   .to_secs = survey->now_secs};

    return mv_report_gather(&how, survey->evidence, &run->picture.gathered);
}

static enum mv_exit print(const struct run *run)
{
    const struct mv_report_picture *picture = &run->picture;

    if (run->given->json ? !mv_json_print(mv_report_json(picture)) : !mv_report_show(picture))
        return MV_EXIT_INTERNAL;
    return picture->survey->legitimate > 0 || picture->gathered.refused > 0 ? MV_EXIT_FINDING : MV_EXIT_OK;
}

static enum mv_exit show(const struct given *given, char **operands, size_t count)
{
    struct run run = {.given = given, .picture.survey = &run.survey};
    enum mv_exit result = mv_lookup_begin(COMMAND, given->config, given->dns, &run.lookup);

    if (result == MV_EXIT_OK)
        result = prepare(&run, operands[0]);
    if (result == MV_EXIT_OK)
        result = gather(&run, operands + 1, count - 1);
    if (result == MV_EXIT_OK)
        result = mv_report_survey_judge(&run.survey);
    if (result == MV_EXIT_OK && given->save_dns != NULL)
        result = mv_lookup_save(&run.lookup, given->save_dns);
    if (result == MV_EXIT_OK)
        result = print(&run);
    mv_lookup_end(&run.lookup);
    return result;
}

enum mv_exit mv_report_cmd_show(int argc, char **argv)
{
    struct given given = {.days = 30};
    const struct mv_arg_option options[] = {
        {"days", MV_ARG_NUMBER, &given.days, "N", "reports of the last N days, at most 60; else 30"},
        {"untrusted", MV_ARG_FLAG, &given.untrusted, NULL, "count reports of unknown senders, too"},
        {"ours", MV_ARG_TEXTS, &given.vouched, "SENDER", "a name, an address or a prefix that is ours"},
        {"not-ours", MV_ARG_TEXTS, &given.disowned, "SENDER", "one that is not, whatever it looks like"},
        {"store", MV_ARG_TEXT, &given.store_path, "STORE", "a file or an address, instead of [report] store"},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON"},
        {"no-dns", MV_ARG_FLAG, &given.no_dns, NULL, "do not ask who the addresses belong to"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take DNS answers from a file and ask nothing"},
        {"save-dns", MV_ARG_TEXT, &given.save_dns, "FILE", "write every answer that was used"},
        {"now", MV_ARG_TEXT, &given.now, "TIME", "as of this time"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {COMMAND, "DOMAIN [FILE|DIRECTORY|MAILDIR|MBOX|-]...",
                                 "Who sends in the name of a domain, what fails, and what to do: from the store, or "
                                 "from files.",
                                 options, sizeof options / sizeof *options, 1, MAX_OPERANDS};
    bool helped;
    char **operands;
    size_t count;
    enum mv_exit result = mv_args_read(&args, argc, argv, &helped, &operands, &count);

    return result != MV_EXIT_OK || helped ? result : show(&given, operands, count);
}
