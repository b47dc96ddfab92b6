#include "cli/dmarc/reports.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/input.h"
#include "cli/report/gather.h"
#include "core/base/trace.h"
#include "core/report/intake.h"
#include "core/report/mbox.h"
#include "core/text/domain.h"

struct reading {
    const char *command;
    const char *path; /* of the file in hand */
    struct mv_arena *arena;
    struct mv_bytes domain;
    struct mv_evidence *evidence;
    struct mv_dmarc_reports *totals;
    struct mv_bytes *seen; /* organisation, a zero byte, report id */
    size_t seen_count;
    bool *whole; /* of each report of the file: it can be relied on */
    size_t whole_count;
    size_t next; /* report of the file */
    bool counts; /* the report in hand: whole, about the domain, and new */
};

/* What is not of this pass, or no aggregate report. */
static enum mv_code ignore_begin(void *to, const struct mv_intake_item *item)
{
    (void)to;
    (void)item;
    return MV_OK;
}

static enum mv_code ignore_head(void *to, const struct mv_aggregate_head *head)
{
    (void)to;
    (void)head;
    return MV_OK;
}

static enum mv_code ignore_record(void *to, const struct mv_aggregate_head *head,
                                  const struct mv_aggregate_record *record)
{
    (void)to;
    (void)head;
    (void)record;
    return MV_OK;
}

static enum mv_code ignore_failure(void *to, const struct mv_failure *failure)
{
    (void)to;
    (void)failure;
    return MV_OK;
}

static enum mv_code ignore_tls_policy(void *to, const struct mv_tls_head *head, const struct mv_tls_policy *policy)
{
    (void)to;
    (void)head;
    (void)policy;
    return MV_OK;
}

static enum mv_code ignore_tls_failure(void *to, const struct mv_tls_head *head, const struct mv_tls_policy *policy,
                                       const struct mv_tls_failure *failure)
{
    (void)failure;
    return ignore_tls_policy(to, head, policy);
}

static enum mv_code ignore_end(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                               const struct mv_aggregate_totals *totals)
{
    (void)to;
    (void)item;
    (void)fault;
    (void)totals;
    return MV_OK;
}

/* First pass: nothing of half a report is evidence, and only its end says whether it is whole. */
static enum mv_code note_end(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                             const struct mv_aggregate_totals *totals)
{
    struct reading *reading = to;
    bool *whole;

    (void)totals;
    if (fault->code != MV_OK) {
        reading->totals->unreadable++;
        fprintf(stderr, "mailvouch %s: %s is left out: %s\n", reading->command, reading->path, fault->text);
    }
    if (item->kind != MV_REPORT_AGGREGATE)
        return MV_OK;
    whole = mv_arena_grow(reading->arena, reading->whole, reading->whole_count, sizeof *whole);
    if (whole == NULL)
        return MV_ERR_MEMORY;
    reading->whole = whole;
    whole[reading->whole_count++] = fault->code == MV_OK;
    return MV_OK;
}

static enum mv_code take_begin(void *to, const struct mv_intake_item *item)
{
    struct reading *reading = to;

    reading->counts = false;
    if (item->kind == MV_REPORT_AGGREGATE) {
        reading->counts = reading->next < reading->whole_count && reading->whole[reading->next];
        reading->next++;
    }
    return MV_OK;
}

/* The same organisation and id once more: a mail that came twice. */
static bool is_seen(const struct reading *reading, struct mv_bytes key, const struct mv_aggregate_head *head)
{
    for (size_t i = 0; i < reading->seen_count && head->report_id.len > 0; i++)
        if (mv_bytes_equal(reading->seen[i], key))
            return true;
    return false;
}

/* Is the report about the domain, and new? */
static enum mv_code take_head(void *to, const struct mv_aggregate_head *head)
{
    struct reading *reading = to;
    const struct mv_bytes parts[] = {head->org_name, mv_bytes_of("", 1), head->report_id};
    struct mv_bytes key, *seen;

    if (!reading->counts)
        return MV_OK;
    reading->counts = false;
    if (!mv_domain_is_within(head->policy.domain, reading->domain)) {
        reading->totals->foreign++;
        return MV_OK;
    }
    if (!mv_arena_join(reading->arena, parts, 3, &key))
        return MV_ERR_MEMORY;
    if (is_seen(reading, key, head)) {
        reading->totals->repeated++;
        return MV_OK;
    }
    seen = mv_arena_grow(reading->arena, reading->seen, reading->seen_count, sizeof *seen);
    if (seen == NULL)
        return MV_ERR_MEMORY;
    reading->seen = seen;
    seen[reading->seen_count++] = key;
    reading->totals->reports++;
    reading->counts = true;
    return MV_OK;
}

static enum mv_code take_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    struct reading *reading = to;

    return reading->counts ? mv_report_to_evidence(reading->evidence, head, record) : MV_OK;
}

/* One mail after the other, each with an intake of its own. */
struct unpacking {
    const struct mv_intake_sink *sink;
    struct mv_intake *intake;
};

static enum mv_code begin_mail(void *to)
{
    struct unpacking *unpacking = to;

    unpacking->intake = mv_intake_new(unpacking->sink);
    return unpacking->intake == NULL ? MV_ERR_MEMORY : MV_OK;
}

static enum mv_code feed_mail(void *to, struct mv_bytes bytes)
{
    return mv_intake_feed(((struct unpacking *)to)->intake, bytes);
}

static enum mv_code end_mail(void *to)
{
    struct unpacking *unpacking = to;
    enum mv_code code = mv_intake_end(unpacking->intake);

    mv_intake_free(&unpacking->intake);
    return code;
}

static enum mv_code pass_mbox(struct unpacking *unpacking, struct mv_bytes bytes)
{
    const struct mv_mbox_sink sink = {begin_mail, feed_mail, end_mail, unpacking};
    struct mv_mbox *mbox = mv_mbox_new(&sink);
    enum mv_code code = MV_ERR_MEMORY;

    if (mbox != NULL)
        code = mv_mbox_feed(mbox, bytes);
    if (code == MV_OK)
        code = mv_mbox_end(mbox);
    mv_mbox_free(&mbox);
    return code;
}

static enum mv_code pass(const struct mv_intake_sink *sink, struct mv_bytes bytes)
{
    struct unpacking unpacking = {sink, NULL};
    enum mv_code code;

    if (mv_mbox_is(bytes)) {
        code = pass_mbox(&unpacking, bytes);
    } else {
        code = begin_mail(&unpacking);
        if (code == MV_OK)
            code = feed_mail(&unpacking, bytes);
        if (code == MV_OK)
            code = end_mail(&unpacking);
    }
    mv_intake_free(&unpacking.intake);
    return code;
}

static enum mv_code take_file(struct reading *reading, struct mv_bytes bytes)
{
    const struct mv_intake_sink look = {ignore_begin,      ignore_head,        ignore_record, ignore_failure,
                                        ignore_tls_policy, ignore_tls_failure, note_end,      reading};
    const struct mv_intake_sink take = {take_begin,        take_head,          take_record, ignore_failure,
                                        ignore_tls_policy, ignore_tls_failure, ignore_end,  reading};
    enum mv_code code;

    reading->whole_count = 0;
    reading->next = 0;
    code = pass(&look, bytes);
    return code == MV_OK && reading->whole_count > 0 ? pass(&take, bytes) : code;
}

static enum mv_exit read_file(struct reading *reading, const char *path)
{
    struct mv_buf text;
    enum mv_exit result;
    enum mv_code code;

    reading->path = path;
    mv_buf_init(&text, MV_AGGREGATE_MAX_BYTES);
    result = mv_input_read_file(reading->command, path, &text);
    if (result == MV_EXIT_OK) {
        reading->totals->files++;
        code = take_file(reading, mv_buf_bytes(&text));
        if (code != MV_OK) {
            fprintf(stderr, "mailvouch %s: %s: %s\n", reading->command, path, mv_code_text(code));
            result = mv_exit_of_code(code);
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
