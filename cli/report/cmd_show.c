/*
 * mailvouch report show: sources ranked by what fails, and what to do about each.
 */
#include "cli/report/report.h"

#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/report/asked.h"
#include "cli/report/show.h"

#define COMMAND "report show"
#define MAX_OPERANDS 100000

struct given {
    struct mv_report_asked asked;
    bool json;
};

struct run {
    const struct given *given;
    struct mv_lookup lookup;
    struct mv_report_survey survey;
    struct mv_report_picture picture;
};

static enum mv_exit gather(struct run *run, char **paths, size_t count)
{
    struct mv_report_gather how = mv_report_asked_gather(COMMAND, &run->given->asked, &run->survey, paths, count);

    return mv_report_gather(&how, run->survey.evidence, &run->picture.gathered);
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
    const struct mv_report_asked *asked = &given->asked;
    enum mv_exit result = mv_lookup_begin(COMMAND, asked->config, asked->dns, &run.lookup);

    if (result == MV_EXIT_OK)
        result = mv_report_asked_begin(COMMAND, asked, operands[0], &run.lookup, MV_REPORT_DNS_SENDERS, &run.survey);
    if (result == MV_EXIT_OK)
        result = gather(&run, operands + 1, count - 1);
    if (result == MV_EXIT_OK)
        result = mv_report_survey_judge(&run.survey);
    if (result == MV_EXIT_OK && asked->save_dns != NULL)
        result = mv_lookup_save(&run.lookup, asked->save_dns);
    if (result == MV_EXIT_OK)
        result = print(&run);
    mv_lookup_end(&run.lookup);
    return result;
}

enum mv_exit mv_report_cmd_show(int argc, char **argv)
{
    struct given given = {.asked.days = MV_REPORT_ASKED_DAYS};
    const struct mv_arg_option options[] = {
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON"},
        MV_REPORT_ASKED_OPTIONS(given.asked),
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
