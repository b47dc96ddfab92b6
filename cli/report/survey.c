#include "cli/report/survey.h"

#include <stdio.h>

#include "core/base/trace.h"
#include "core/ops/dmarc_build.h"

enum mv_exit mv_report_survey_begin(struct mv_report_survey *survey)
{
    survey->evidence = mv_evidence_new(survey->lookup->arena, survey->domain, survey->now_secs, survey->days);
    return survey->evidence == NULL ? mv_lookup_fail_code(survey->lookup, MV_ERR_MEMORY) : MV_EXIT_OK;
}

/* Names of addresses, SPF, known services; and the DMARC record. */
static enum mv_code ask(struct mv_memo *memo, void *context)
{
    struct mv_report_survey *survey = context;
    struct mv_arena *arena = survey->lookup->arena;
    enum mv_code code = MV_OK, other;

    if (survey->dns == MV_REPORT_DNS_ALL) {
        mv_dmarc_walk_prefetch(arena, survey->domain, memo);
        code = mv_dmarc_walk_run(arena, survey->domain, survey->lookup->settings->suffix_hardening, memo, NULL,
                                 &survey->walk);
        if (code == MV_OK)
            code = mv_dmarc_choose(&survey->walk, memo, NULL, &survey->choice);
    }
    other = mv_source_facts_find(arena, survey->domain, survey->sources, survey->source_count, survey->now_secs, memo,
                                 survey->facts);
    return code == MV_OK || (code == MV_NEED_DNS && other != MV_OK) ? other : code;
}

static void learn_record(struct mv_report_survey *survey)
{
    const struct mv_dmarc_found *found = survey->choice.found;

    if (survey->dns != MV_REPORT_DNS_ALL || survey->choice.discovery == MV_DMARC_DNS_ERROR)
        return;
    survey->published = MV_PUBLISHED_NOTHING;
    if (found == NULL)
        return;
    survey->record = &found->record;
    survey->record_domain = found->domain;
    survey->published = mv_bytes_equal(found->domain, survey->domain) ? MV_PUBLISHED_HERE : MV_PUBLISHED_ABOVE;
}

static enum mv_code find_senders(struct mv_report_survey *survey)
{
    static const struct mv_arg_texts none = {.count = 0};
    const struct mv_arg_texts *vouched = survey->vouched == NULL ? &none : survey->vouched;
    const struct mv_arg_texts *disowned = survey->disowned == NULL ? &none : survey->disowned;
    const struct mv_stage_sender_settings settings = {
        .domain = survey->domain,
        .now_secs = survey->now_secs,
        .quiet_days = MV_STAGE_QUIET_DAYS,
        .steady_days = MV_STAGE_STEADY_DAYS,
        .disowned = disowned->items,
        .disowned_count = disowned->count,
        .vouched = vouched->items,
        .vouched_count = vouched->count,
    };
    enum mv_code code = mv_stage_senders_find(survey->lookup->arena, survey->sources, survey->facts,
                                              survey->source_count, &settings, &survey->senders,
                                              &survey->sender_count);

    for (size_t i = 0; i < survey->sender_count && code == MV_OK; i++)
        if (survey->senders[i].blocks)
            survey->legitimate += mv_stage_sender_failed(&survey->senders[i]);
    return code;
}

static enum mv_code advise(struct mv_report_survey *survey)
{
    struct mv_arena *arena = survey->lookup->arena;
    const struct mv_stage_input input = {
        .record = survey->record,
        .now_secs = survey->now_secs,
        .evidence = survey->evidence,
        .senders = survey->senders,
        .sender_count = survey->sender_count,
    };
    const char *address = mv_arena_printf(arena, "dmarc-reports@%.*s", MV_ARG(survey->domain));
    struct mv_stage_settings settings;

    if (survey->published != MV_PUBLISHED_NOTHING && survey->published != MV_PUBLISHED_HERE)
        return MV_OK;
    mv_stage_settings_default(&settings);
    settings.domain = survey->domain;
    if (address == NULL || !mv_dmarc_address_uri(arena, mv_bytes_str(address), &settings.rua))
        return MV_ERR_MEMORY;
    return mv_stage_advise(arena, &input, &settings, &survey->advice);
}

enum mv_exit mv_report_survey_judge(struct mv_report_survey *survey)
{
    enum mv_code code = MV_OK;

    survey->totals = mv_evidence_totals(survey->evidence);
    survey->sources = mv_evidence_sources(survey->evidence, &survey->source_count);
    survey->facts = mv_arena_array(survey->lookup->arena, survey->source_count + 1, sizeof *survey->facts);
    if (survey->facts == NULL)
        return mv_lookup_fail_code(survey->lookup, MV_ERR_MEMORY);
    if (survey->dns != MV_REPORT_DNS_NONE)
        code = mv_lookup_run(survey->lookup, ask, survey);
    learn_record(survey);
    if (code == MV_OK)
        code = find_senders(survey);
    if (code == MV_OK)
        code = advise(survey);
    return code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(survey->lookup, code);
}
