#include "cli/dmarc/reports.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/input.h"
#include "core/base/trace.h"
#include "core/report/aggregate.h"
#include "core/text/domain.h"

#define PCT_OF_A_TEST "0" /* RFC 7489: hold back by one step (core/ops/stage_step.h) */

struct reading {
    const char *command;
    struct mv_arena *arena;
    struct mv_bytes domain;
    struct mv_evidence *evidence;
    struct mv_dmarc_reports *totals;
    struct mv_bytes *seen; /* organisation, a zero byte, report id */
    size_t seen_count;
    bool counts; /* the report in hand: whole, about the domain, and new */
};

static enum mv_code ignore_record(void *to, const struct mv_aggregate_head *head,
                                  const struct mv_aggregate_record *record)
{
    (void)to;
    (void)head;
    (void)record;
    return MV_OK;
}

/* Is the report about the domain, and not the same once more? */
static enum mv_code look_at_head(void *to, const struct mv_aggregate_head *head)
{
    struct reading *reading = to;
    const struct mv_bytes parts[] = {head->org_name, mv_bytes_of("", 1), head->report_id};
    struct mv_bytes key, *seen;

    reading->counts = mv_domain_is_within(head->policy.domain, reading->domain);
    if (!reading->counts) {
        reading->totals->foreign++;
        return MV_OK;
    }
    if (!mv_arena_join(reading->arena, parts, 3, &key))
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < reading->seen_count && head->report_id.len > 0; i++)
        if (mv_bytes_equal(reading->seen[i], key)) {
            reading->counts = false;
            reading->totals->repeated++;
            return MV_OK;
        }
    seen = mv_arena_grow(reading->arena, reading->seen, reading->seen_count, sizeof *seen);
    if (seen == NULL)
        return MV_ERR_MEMORY;
    reading->seen = seen;
    seen[reading->seen_count++] = key;
    return MV_OK;
}

static enum mv_code ignore_head(void *to, const struct mv_aggregate_head *head)
{
    (void)to;
    (void)head;
    return MV_OK;
}

/* Of an enforcing policy it matters whether it was tried out; old reporters say that by pct, some by nothing. */
static enum mv_stage_step step_of(const struct mv_aggregate_policy *policy)
{
    bool test = policy->testing == MV_REPORT_YES || mv_bytes_equal(policy->pct, MV_BYTES(PCT_OF_A_TEST));

    switch (policy->p) {
    case MV_REPORT_P_ABSENT:
    case MV_REPORT_P_NONE:
        return MV_STAGE_MONITOR;
    case MV_REPORT_P_QUARANTINE:
    case MV_REPORT_P_REJECT:
        break;
    }
    if (policy->testing == MV_REPORT_YESNO_ABSENT && policy->pct.len == 0)
        return MV_STAGE_STEPS;
    return mv_stage_step_of(policy->p == MV_REPORT_P_REJECT ? MV_DMARC_P_REJECT : MV_DMARC_P_QUARANTINE, test);
}

static enum mv_dmarc_policy done(enum mv_report_disposition disposition)
{
    if (disposition == MV_REPORT_DISPOSITION_REJECT)
        return MV_DMARC_P_REJECT;
    return disposition == MV_REPORT_DISPOSITION_QUARANTINE ? MV_DMARC_P_QUARANTINE : MV_DMARC_P_NONE;
}

static bool is_forwarded(const struct mv_aggregate_record *record)
{
    for (size_t i = 0; i < record->reason_count; i++) {
        enum mv_report_override type = record->reasons[i].type;

        if (type == MV_REPORT_FORWARDED || type == MV_REPORT_TRUSTED_FORWARDER || type == MV_REPORT_MAILING_LIST)
            return true;
    }
    return false;
}

static enum mv_code take_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    struct reading *reading = to;
    struct mv_evidence_dkim dkim[MV_AGGREGATE_MAX_DKIM];
    struct mv_evidence_row row = {
        .source = record->source,
        .count = record->count,
        .begin_secs = head->begin_secs,
        .end_secs = head->end_secs,
        .reporter = head->org_name,
        .header_from = record->header_from,
        .disposition = done(record->disposition),
        .dkim_aligned = record->dkim_aligned == MV_REPORT_ALIGNED_PASS,
        .spf_aligned = record->spf_aligned == MV_REPORT_ALIGNED_PASS,
        .forwarded = is_forwarded(record),
        .spf_domain = record->spf.domain,
        .spf_pass = record->has_spf && record->spf.result == MV_REPORT_AUTH_PASS,
        .dkim = dkim,
        .dkim_count = record->dkim_count,
        .published = step_of(&head->policy),
    };

    for (size_t i = 0; i < record->dkim_count; i++)
        dkim[i] = (struct mv_evidence_dkim){record->dkim[i].domain, record->dkim[i].selector,
                                            record->dkim[i].result == MV_REPORT_AUTH_PASS};
    return mv_evidence_add(reading->evidence, &row);
}

static enum mv_code parse(struct mv_bytes xml, const struct mv_aggregate_sink *sink, struct mv_error *error)
{
    struct mv_aggregate *parser = mv_aggregate_new(sink);
    enum mv_code code = MV_ERR_MEMORY;

    if (parser != NULL)
        code = mv_aggregate_feed(parser, xml, error);
    if (code == MV_OK)
        code = mv_aggregate_end(parser, error);
    mv_aggregate_free(&parser);
    return code;
}

/* Twice: the first time for whether it is whole, since nothing of half a report is evidence. */
static enum mv_code take_report(struct reading *reading, struct mv_bytes xml, struct mv_error *error)
{
    const struct mv_aggregate_sink probe = {ignore_head, ignore_record, reading};
    const struct mv_aggregate_sink look = {look_at_head, ignore_record, reading};
    const struct mv_aggregate_sink take = {ignore_head, take_record, reading};
    enum mv_code code = parse(xml, &probe, error);

    reading->counts = false;
    if (code == MV_OK)
        code = parse(xml, &look, error);
    if (code != MV_OK || !reading->counts)
        return code;
    reading->totals->reports++;
    return parse(xml, &take, error);
}

static enum mv_exit read_file(struct reading *reading, const char *path)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_buf text;
    enum mv_exit result;
    enum mv_code code;

    mv_buf_init(&text, MV_AGGREGATE_MAX_BYTES);
    result = mv_input_read_file(reading->command, path, &text);
    if (result == MV_EXIT_OK) {
        reading->totals->files++;
        code = take_report(reading, mv_buf_bytes(&text), &error);
        if (code == MV_ERR_MEMORY) {
            fprintf(stderr, "mailvouch %s: no memory\n", reading->command);
            result = MV_EXIT_INTERNAL;
        } else if (code != MV_OK) {
            reading->totals->unreadable++;
            fprintf(stderr, "mailvouch %s: %s is left out: %s\n", reading->command, path, error.text);
        }
    }
    mv_buf_free(&text);
    return result;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum mv_exit read_entry(struct reading *reading, const char *folder, const char *name)
{
    char *path = mv_arena_printf(reading->arena, "%s/%s", folder, name);
    struct stat status;

    if (path == NULL)
        return MV_EXIT_INTERNAL;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return MV_EXIT_OK;
    return read_file(reading, path);
}

static enum mv_exit read_folder(struct reading *reading, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, by_name);
    enum mv_exit result = MV_EXIT_OK;

    if (count < 0) {
        fprintf(stderr, "mailvouch %s: cannot read %s: %s\n", reading->command, path, strerror(errno));
        return errno == EACCES ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
    }
    if (count > MV_DMARC_MAX_REPORT_FILES) {
        fprintf(stderr, "mailvouch %s: %s has more than %d files\n", reading->command, path, MV_DMARC_MAX_REPORT_FILES);
        result = MV_EXIT_INPUT;
    }
    for (int i = 0; i < count; i++) {
        if (result == MV_EXIT_OK)
            result = read_entry(reading, path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return result;
}

enum mv_exit mv_dmarc_read_reports(const char *command, struct mv_arena *arena, char **paths, size_t count,
                                   struct mv_bytes domain, struct mv_evidence *evidence,
                                   struct mv_dmarc_reports *totals_r)
{
    struct reading reading = {
        .command = command, .arena = arena, .domain = domain, .evidence = evidence, .totals = totals_r};
    enum mv_exit result = MV_EXIT_OK;

    *totals_r = (struct mv_dmarc_reports){.files = 0};
    for (size_t i = 0; i < count && result == MV_EXIT_OK; i++) {
        struct stat status;

        if (stat(paths[i], &status) == 0 && S_ISDIR(status.st_mode))
            result = read_folder(&reading, paths[i]);
        else
            result = read_file(&reading, paths[i]);
    }
    return result;
}
