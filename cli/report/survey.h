/*
 * What reports and DNS together say of one domain: who fails and why, and the next step of its policy.
 *
 *   survey = {lookup, domain, now_secs, days, ...}
 *   mv_report_survey_begin(&survey)
 *   mv_report_gather(..., survey.evidence, ...)
 *   mv_report_survey_judge(&survey)
 *
 * All lives in the arena of the lookup.
 */
#ifndef MV_CLI_REPORT_SURVEY_H
#define MV_CLI_REPORT_SURVEY_H

#include "cli/args.h"
#include "cli/lookup.h"
#include "core/dmarc/policy.h"
#include "core/ops/stage.h"

enum mv_report_dns { MV_REPORT_DNS_NONE, MV_REPORT_DNS_SENDERS, MV_REPORT_DNS_ALL };

enum mv_report_published {
    MV_PUBLISHED_UNKNOWN, /* DNS was not asked, or does not say */
    MV_PUBLISHED_NOTHING,
    MV_PUBLISHED_ABOVE,   /* the record of a domain above it speaks for it */
    MV_PUBLISHED_HERE
};

struct mv_report_survey {
    struct mv_lookup *lookup;
    struct mv_bytes domain; /* normalised */
    int64_t now_secs;
    unsigned days;
    enum mv_report_dns dns; /* what is asked: whose addresses are, and the policy as well */
    const struct mv_arg_texts *vouched, *disowned;

    struct mv_evidence *evidence;
    const struct mv_evidence_totals *totals;
    struct mv_evidence_source *sources; /* most failing first */
    struct mv_source_facts *facts;      /* one for each */
    size_t source_count;
    struct mv_stage_sender *senders; /* that fail, most first */
    size_t sender_count;
    uint64_t legitimate; /* failing messages of those that block */

    enum mv_report_published published;
    struct mv_dmarc_walk walk;
    struct mv_dmarc_choice choice;
    const struct mv_dmarc_record *record; /* HERE, ABOVE */
    struct mv_bytes record_domain;        /* where it is */
    struct mv_stage_advice advice;        /* NOTHING, HERE */
};

/* Each says why it fails on stderr. */
enum mv_exit mv_report_survey_begin(struct mv_report_survey *survey);
enum mv_exit mv_report_survey_judge(struct mv_report_survey *survey);

#endif
