#include "cli/report/page_model.h"

#include <stdlib.h>

#include "cli/report/words.h"
#include "core/report/page_text.h"

#define MAX_BYTES (64 * 1024)

struct filling {
    const struct mv_report_survey *survey;
    struct mv_page_source *sources;
    size_t count;
};

static enum mv_code keep_ip(struct mv_arena *arena, const struct mv_ip *ip, struct mv_bytes *text_r)
{
    struct mv_buf text;
    bool kept;

    mv_buf_init(&text, 64);
    mv_ip_print(ip, &text);
    kept = !mv_buf_failed(&text) && mv_arena_copy(arena, mv_buf_bytes(&text), text_r);
    mv_buf_free(&text);
    return kept ? MV_OK : MV_ERR_MEMORY;
}

static enum mv_page_group group_of(const struct mv_stage_sender *sender)
{
    if (sender->blocks)
        return MV_PAGE_MEND;
    return sender->remedy == MV_REMEDY_NONE ? MV_PAGE_LEAVE : MV_PAGE_WATCH;
}

static struct mv_bytes kind_of(const struct mv_stage_sender *sender)
{
    static const char *const words[] = {
        [MV_SENDER_OWN] = "own",           [MV_SENDER_PROVIDER] = "service", [MV_SENDER_STEADY] = "steady sender",
        [MV_SENDER_FORWARDER] = "forwarder", [MV_SENDER_STRANGER] = "stranger", [MV_SENDER_DISOWNED] = "not yours",
    };

    return mv_bytes_str(sender->kind < sizeof words / sizeof *words ? words[sender->kind] : "");
}

static enum mv_code put_to_do(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                              struct mv_bytes *to_do_r)
{
    struct mv_buf half;

    mv_buf_init(&half, MAX_BYTES);
    mv_stage_sender_remedy_print(sender, survey->domain, &half);
    if (half.len == 0 && !mv_buf_failed(&half))
        mv_buf_puts(&half, "nothing: you said that it is none of yours");
    return mv_report_sentence(survey->lookup->arena, &half, to_do_r);
}

static enum mv_code fill_source(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                                struct mv_page_source *source_r)
{
    enum mv_code code;

    *source_r = (struct mv_page_source){.group = group_of(sender),
                                        .name = sender->name,
                                        .kind = kind_of(sender),
                                        .host = sender->host,
                                        .header_from = sender->header_from,
                                        .addresses = sender->addresses,
                                        .messages = sender->messages,
                                        .failed = mv_stage_sender_failed(sender),
                                        .hit = sender->hit,
                                        .days = sender->days,
                                        .last_failed_secs = sender->last_failed_secs};
    code = keep_ip(survey->lookup->arena, &sender->ip, &source_r->address);
    if (code == MV_OK)
        code = put_to_do(survey, sender, &source_r->to_do);
    return code == MV_OK ? mv_report_put_faults(survey, sender, &source_r->spf, &source_r->dkim) : code;
}

/* All records at once, so that their questions travel together; what the page does not show is not asked. */
static enum mv_code find_records(struct mv_memo *memo, void *context)
{
    const struct filling *filling = context;
    enum mv_code worst = MV_OK;

    for (size_t i = 0; i < filling->count && i < MV_PAGE_MAX_SOURCES; i++) {
        enum mv_code code = mv_report_find_record(filling->survey, &filling->survey->senders[i], memo,
                                                  &filling->sources[i].record);

        if (code != MV_OK && code != MV_NEED_DNS)
            return code;
        worst = code == MV_NEED_DNS ? code : worst;
    }
    return worst;
}

static enum mv_code fill_sources(const struct mv_report_survey *survey, struct mv_page *page)
{
    struct mv_arena *arena = survey->lookup->arena;
    struct filling filling = {survey, mv_arena_array(arena, survey->sender_count + 1, sizeof *filling.sources),
                              survey->sender_count};

    if (filling.sources == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < filling.count; i++) {
        enum mv_code code = fill_source(survey, &survey->senders[i], &filling.sources[i]);

        if (code != MV_OK)
            return code;
    }
    page->sources = filling.sources;
    page->source_count = filling.count;
    return mv_lookup_run(survey->lookup, find_records, &filling);
}

static uint64_t passed_of(const struct mv_evidence_source *source)
{
    return source->messages - source->failed[MV_EVIDENCE_OWN] - source->failed[MV_EVIDENCE_BELOW];
}

static int by_messages(const void *a, const void *b)
{
    const struct mv_page_passing *one = a, *other = b;

    if (one->messages != other->messages)
        return one->messages > other->messages ? -1 : 1;
    return one->address.data < other->address.data ? -1 : 1; /* in the order of the evidence */
}

static enum mv_code fill_passing(const struct mv_report_survey *survey, struct mv_page *page)
{
    struct mv_arena *arena = survey->lookup->arena;
    struct mv_page_passing *passing = mv_arena_array(arena, survey->source_count + 1, sizeof *passing);

    if (passing == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < survey->source_count; i++) {
        const struct mv_evidence_source *source = &survey->sources[i];
        const struct mv_source_facts *facts = &survey->facts[i];
        struct mv_page_passing *row = &passing[page->passing_count];

        if (passed_of(source) == 0)
            continue;
        if (keep_ip(arena, &source->ip, &row->address) != MV_OK)
            return MV_ERR_MEMORY;
        row->messages = passed_of(source);
        row->name = facts->provider != NULL ? mv_bytes_str(facts->provider->name)
                    : facts->host.len > 0   ? facts->host
                                            : row->address;
        page->passing_count++;
    }
    if (page->passing_count > 0)
        qsort(passing, page->passing_count, sizeof *passing, by_messages);
    page->passing = passing;
    return MV_OK;
}

enum mv_code mv_report_page_fill(const struct mv_report_survey *survey, const struct mv_report_tally *tally,
                                 struct mv_page *page_r)
{
    const struct mv_evidence_totals *totals = survey->totals;
    enum mv_code code;

    *page_r = (struct mv_page){.domain = survey->domain,
                               .made_secs = survey->now_secs,
                               .window_days = survey->days,
                               .first_secs = tally->first_secs,
                               .last_secs = tally->last_secs,
                               .reports = tally->reports,
                               .messages = totals->messages,
                               .passed = totals->passed,
                               .failed = totals->failed,
                               .legitimate = survey->legitimate,
                               .unlisted = totals->unlisted,
                               .days = tally->days,
                               .day_count = tally->day_count,
                               .reporters = tally->reporters,
                               .reporter_count = tally->reporter_count};
    code = mv_report_put_stand(survey, &page_r->stand);
    if (code == MV_OK)
        code = fill_sources(survey, page_r);
    return code == MV_OK ? fill_passing(survey, page_r) : code;
}
