/*
 * What "report show" and "report html" are asked for alike: which domain, of when, and by whose reports.
 */
#ifndef MV_CLI_REPORT_ASKED_H
#define MV_CLI_REPORT_ASKED_H

#include "cli/args.h"
#include "cli/report/gather.h"
#include "cli/report/survey.h"
#include "core/config/config.h"

#define MV_REPORT_ASKED_DAYS 30

struct mv_report_asked {
    const char *store, *config, *dns, *save_dns, *now;
    int64_t days;
    struct mv_arg_texts disowned, vouched;
    bool untrusted, no_dns;
};

/* Rows of struct mv_arg_option; asked: the struct, its days MV_REPORT_ASKED_DAYS. */
#define MV_REPORT_ASKED_OPTIONS(asked)                                                                             \
    {"days", MV_ARG_NUMBER, &(asked).days, "N", "reports of the last N days, at most 60; else 30"},                \
    {"untrusted", MV_ARG_FLAG, &(asked).untrusted, NULL, "count reports of unknown senders, too"},                 \
    {"ours", MV_ARG_TEXTS, &(asked).vouched, "SENDER", "a name, an address or a prefix that is ours"},             \
    {"not-ours", MV_ARG_TEXTS, &(asked).disowned, "SENDER", "one that is not, whatever it looks like"},            \
    {"store", MV_ARG_TEXT, &(asked).store, "STORE", "a file or an address, instead of [report] store"},            \
    {"no-dns", MV_ARG_FLAG, &(asked).no_dns, NULL, "do not ask who the addresses belong to"},                      \
    {"dns", MV_ARG_TEXT, &(asked).dns, "FILE", "take DNS answers from a file and ask nothing"},                    \
    {"save-dns", MV_ARG_TEXT, &(asked).save_dns, "FILE", "write every answer that was used"},                      \
    {"now", MV_ARG_TEXT, &(asked).now, "TIME", "as of this time"},                                                 \
    {"config", MV_ARG_TEXT, &(asked).config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH}

/* The time that it is, or that --now gives. Says what is wrong on stderr. */
enum mv_exit mv_report_asked_now(const char *command, const char *given, int64_t *secs_r);

/* Begins the survey, whose dns says what is asked unless --no-dns forbids it. Says what is wrong on stderr. */
enum mv_exit mv_report_asked_begin(const char *command, const struct mv_report_asked *asked, const char *domain,
                                   struct mv_lookup *lookup, enum mv_report_dns dns,
                                   struct mv_report_survey *survey_r);

/* For mv_report_gather(): the reports of the days of the survey; count 0: of the store. */
struct mv_report_gather mv_report_asked_gather(const char *command, const struct mv_report_asked *asked,
                                               const struct mv_report_survey *survey, char **paths, size_t count);

#endif
