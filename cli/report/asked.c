#include "cli/report/asked.h"

#include <stdio.h>
#include <time.h>

#include "core/report/report_time.h"
#include "core/text/domain.h"

static enum mv_exit refuse(const char *command, const char *sentence)
{
    fprintf(stderr, "mailvouch %s: %s\n", command, sentence);
    return MV_EXIT_USAGE;
}

enum mv_exit mv_report_asked_now(const char *command, const char *given, int64_t *secs_r)
{
    *secs_r = (int64_t)time(NULL);
    if (given != NULL && !mv_report_time_parse(mv_bytes_str(given), secs_r))
        return refuse(command, "--now takes seconds since 1970, or 2026-11-22T00:00:00Z");
    return MV_EXIT_OK;
}

enum mv_exit mv_report_asked_begin(const char *command, const struct mv_report_asked *asked, const char *domain,
                                   struct mv_lookup *lookup, enum mv_report_dns dns,
                                   struct mv_report_survey *survey_r)
{
    enum mv_exit result;

    *survey_r = (struct mv_report_survey){.lookup = lookup,
                                          .days = (unsigned)asked->days,
                                          .dns = asked->no_dns ? MV_REPORT_DNS_NONE : dns,
                                          .vouched = &asked->vouched,
                                          .disowned = &asked->disowned};
    result = mv_report_asked_now(command, asked->now, &survey_r->now_secs);
    if (result != MV_EXIT_OK)
        return result;
    if (asked->days < 1 || asked->days > MV_EVIDENCE_MAX_WINDOW_DAYS)
        return refuse(command, "--days takes a number from 1 to 60");
    if (!mv_domain_normalize(lookup->arena, mv_bytes_str(domain), &survey_r->domain))
        return refuse(command, "give the name of a domain first");
    return mv_report_survey_begin(survey_r);
}

struct mv_report_gather mv_report_asked_gather(const char *command, const struct mv_report_asked *asked,
                                               const struct mv_report_survey *survey, char **paths, size_t count)
{
    return (struct mv_report_gather){.command = command,
                                     .paths = paths,
                                     .count = count,
                                     .store_path = asked->store,
                                     .settings = survey->lookup->settings,
                                     .trust = asked->untrusted ? MV_TRUST_NONE : MV_TRUST_FILE,
                                     .domain = survey->domain,
                                     .from_secs = survey->now_secs - (int64_t)survey->days * MV_DAY_SECS,
                                     .to_secs = survey->now_secs};
}
