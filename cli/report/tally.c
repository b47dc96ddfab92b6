#include "cli/report/tally.h"

#include <stdlib.h>

#include "core/ops/evidence.h"
#include "core/report/page_text.h"
#include "core/text/domain.h"

static int64_t window_begin(const struct mv_report_tally *tally)
{
    return tally->now_secs - (int64_t)tally->window_days * MV_DAY_SECS;
}

void mv_report_tally_begin(struct mv_report_tally *tally)
{
    int64_t begin = window_begin(tally), first = begin < 0 ? 0 : begin / MV_DAY_SECS;

    tally->first_day_secs = first * MV_DAY_SECS;
    tally->day_count = (size_t)(tally->now_secs / MV_DAY_SECS - first) + 1;
    if (tally->day_count > MV_PAGE_MAX_DAYS)
        tally->day_count = MV_PAGE_MAX_DAYS;
    for (size_t i = 0; i < tally->day_count; i++)
        tally->days[i] = (struct mv_page_day){.secs = tally->first_day_secs + (int64_t)i * MV_DAY_SECS};
}

/* As core/ops/evidence.h has it: what ended in the window, and had begun by now. */
static bool is_in_window(const struct mv_report_tally *tally, const struct mv_aggregate_head *head)
{
    return head->end_secs >= window_begin(tally) && head->begin_secs <= tally->now_secs;
}

static enum mv_code find_reporter(struct mv_report_tally *tally, struct mv_bytes name)
{
    struct mv_page_reporter *reporters;

    for (size_t i = 0; i < tally->reporter_count; i++)
        if (mv_bytes_equal_nocase(tally->reporters[i].name, name)) {
            tally->current = &tally->reporters[i];
            return MV_OK;
        }
    if (tally->reporter_count == MV_TALLY_MAX_REPORTERS)
        return find_reporter(tally, tally->reporters[MV_TALLY_MAX_REPORTERS - 1].name);
    if (tally->reporter_count == MV_TALLY_MAX_REPORTERS - 1)
        name = MV_BYTES("others");
    reporters = mv_arena_grow(tally->arena, tally->reporters, tally->reporter_count, sizeof *reporters);
    if (reporters == NULL)
        return MV_ERR_MEMORY;
    tally->reporters = reporters;
    tally->current = &reporters[tally->reporter_count++];
    *tally->current = (struct mv_page_reporter){.reports = 0};
    return mv_arena_copy(tally->arena, name, &tally->current->name) ? MV_OK : MV_ERR_MEMORY;
}

static enum mv_code take_report(void *to, const struct mv_stored_report *report)
{
    struct mv_report_tally *tally = to;
    const struct mv_aggregate_head *head = &report->head;
    enum mv_code code;

    tally->current = NULL;
    if (!is_in_window(tally, head))
        return MV_OK;
    code = find_reporter(tally, head->org_name);
    if (code != MV_OK)
        return code;
    if (tally->reports++ == 0 || head->begin_secs < tally->first_secs)
        tally->first_secs = head->begin_secs;
    if (head->end_secs > tally->last_secs)
        tally->last_secs = head->end_secs;
    tally->current->reports++;
    if (head->end_secs > tally->current->last_secs)
        tally->current->last_secs = head->end_secs;
    return MV_OK;
}

/* The day of the middle of the report, or the nearest one there is. */
static struct mv_page_day *day_of(struct mv_report_tally *tally, const struct mv_aggregate_head *head)
{
    int64_t middle = head->begin_secs + (head->end_secs - head->begin_secs) / 2;
    int64_t day = (middle - tally->first_day_secs) / MV_DAY_SECS;

    if (day < 0)
        day = 0;
    return &tally->days[day >= (int64_t)tally->day_count ? tally->day_count - 1 : (size_t)day];
}

static enum mv_code take_record(void *to, const struct mv_stored_report *report,
                                const struct mv_aggregate_record *record)
{
    struct mv_report_tally *tally = to;
    struct mv_page_day *day;

    if (tally->current == NULL || !mv_domain_is_within(record->header_from, tally->domain))
        return MV_OK;
    day = day_of(tally, &report->head);
    tally->current->messages = mv_page_sum(tally->current->messages, record->count);
    if (mv_aggregate_passed(record)) {
        day->passed = mv_page_sum(day->passed, record->count);
        tally->current->passed = mv_page_sum(tally->current->passed, record->count);
    } else {
        day->failed = mv_page_sum(day->failed, record->count);
    }
    return MV_OK;
}

struct mv_report_reader mv_report_tally_reader(struct mv_report_tally *tally)
{
    return (struct mv_report_reader){take_report, take_record, tally};
}

static int by_messages(const void *a, const void *b)
{
    const struct mv_page_reporter *one = a, *other = b;
    size_t shorter = one->name.len < other->name.len ? one->name.len : other->name.len;

    if (one->messages != other->messages)
        return one->messages > other->messages ? -1 : 1;
    for (size_t i = 0; i < shorter; i++)
        if (one->name.data[i] != other->name.data[i])
            return one->name.data[i] < other->name.data[i] ? -1 : 1;
    return one->name.len < other->name.len ? -1 : one->name.len > other->name.len ? 1 : 0;
}

void mv_report_tally_end(struct mv_report_tally *tally)
{
    const struct mv_page_day *last = &tally->days[tally->day_count - 1];

    if (tally->reporter_count > 0)
        qsort(tally->reporters, tally->reporter_count, sizeof *tally->reporters, by_messages);
    if (tally->day_count > 1 && last->passed == 0 && last->failed == 0)
        tally->day_count--;
}
