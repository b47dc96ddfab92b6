#include "cli/report/watch.h"

#include "cli/report/gather.h"

#define DAY ((int64_t)MV_DAY_SECS)

static enum mv_code take_report(void *to, const struct mv_stored_report *report)
{
    (void)to;
    (void)report;
    return MV_OK;
}

/* A report belongs to the days that its middle is in. */
static enum mv_code take_record(void *to, const struct mv_stored_report *report,
                                const struct mv_aggregate_record *record)
{
    struct mv_report_watch *watch = to;
    const struct mv_aggregate_head *head = &report->head;
    int64_t middle = head->begin_secs + (head->end_secs - head->begin_secs) / 2;
    int64_t recent = (watch->survey.now_secs / DAY - MV_ALERT_RECENT_DAYS) * DAY; /* 00:00 UTC */

    if (middle < recent - MV_ALERT_BASE_DAYS * DAY)
        return MV_OK;
    return mv_report_to_evidence(middle < recent ? watch->base : watch->survey.evidence, head, record);
}

static enum mv_exit read_store(struct mv_report_watch *watch, struct mv_report_store *store)
{
    struct mv_report_survey *survey = &watch->survey;
    struct mv_report_query query = {survey->domain,
                                    survey->now_secs - (MV_ALERT_RECENT_DAYS + MV_ALERT_BASE_DAYS + 1) * DAY,
                                    survey->now_secs, MV_TRUST_FILE};
    struct mv_report_reader reader = {take_report, take_record, watch};
    struct mv_error error = {MV_OK, ""};

    if (mv_report_store_read(store, &query, &reader, &error) != MV_OK)
        return mv_lookup_fail(survey->lookup, &error);
    return MV_EXIT_OK;
}

static bool was_told(const void *to, const struct mv_alert *alert)
{
    const struct mv_report_watch *watch = to;

    return mv_alert_memory_knows(watch->memory, watch->survey.domain, alert);
}

static enum mv_exit find(struct mv_report_watch *watch)
{
    const struct mv_report_survey *survey = &watch->survey;
    struct mv_alert_input input = {.domain = survey->domain,
                                   .now_secs = survey->now_secs,
                                   .threshold = watch->threshold,
                                   .recent = survey->totals,
                                   .base = mv_evidence_totals(watch->base),
                                   .senders = survey->senders,
                                   .sender_count = survey->sender_count,
                                   .was_told = was_told,
                                   .to = watch};
    enum mv_code code;

    input.base_sources = mv_evidence_sources(watch->base, &input.base_source_count);
    code = mv_alert_find(survey->lookup->arena, &input, &watch->alerts, &watch->count);
    return code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(survey->lookup, code);
}

enum mv_exit mv_report_watch_look(struct mv_report_watch *watch, struct mv_report_store *store)
{
    struct mv_report_survey *survey = &watch->survey;
    enum mv_exit result;

    survey->days = MV_EVIDENCE_MAX_WINDOW_DAYS; /* what counts is decided here */
    watch->base = mv_evidence_new(survey->lookup->arena, survey->domain, survey->now_secs, survey->days);
    if (watch->base == NULL)
        return mv_lookup_fail_code(survey->lookup, MV_ERR_MEMORY);
    result = mv_report_survey_begin(survey);
    if (result == MV_EXIT_OK)
        result = read_store(watch, store);
    if (result != MV_EXIT_OK)
        return result;
    if (!watch->no_dns && mv_evidence_totals(survey->evidence)->failed >= watch->threshold)
        survey->dns = MV_REPORT_DNS_SENDERS;
    result = mv_report_survey_judge(survey);
    return result == MV_EXIT_OK ? find(watch) : result;
}
