#include "cli/report/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mv_delivery {
    struct mv_delivery_setup setup;
    struct mv_intake *intake;
    struct mv_arena *arena;
    struct mv_error error; /* of the store */
    struct mv_report_result *results; /* MV_DELIVERY_MAX_REPORTS */
    size_t count;
    bool is_open;       /* a report has begun */
    bool is_added;      /* and is in the store */
    bool is_begun;      /* the first bytes were seen */
    bool is_mail;
    struct mv_report_sender sender;
    char why[MV_REPORT_WHY_BYTES];
};

struct mv_delivery *mv_delivery_new(const struct mv_delivery_setup *setup)
{
    struct mv_delivery *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    d->setup = *setup;
    d->results = calloc(MV_DELIVERY_MAX_REPORTS + 1, sizeof *d->results);
    if (d->results == NULL)
        mv_delivery_free(&d);
    return d;
}

void mv_delivery_free(struct mv_delivery **delivery)
{
    if (*delivery == NULL)
        return;
    mv_intake_free(&(*delivery)->intake);
    mv_arena_free(&(*delivery)->arena);
    free((*delivery)->results);
    free(*delivery);
    *delivery = NULL;
}

static struct mv_report_result *current(struct mv_delivery *d)
{
    return &d->results[d->count];
}

static enum mv_code keep(struct mv_delivery *d, struct mv_bytes text, struct mv_bytes *kept_r)
{
    return mv_arena_copy(d->arena, text, kept_r) ? MV_OK : MV_ERR_MEMORY;
}

static enum mv_code begin_report(void *to, const struct mv_intake_item *item)
{
    struct mv_delivery *d = to;

    (void)item;
    *current(d) = (struct mv_report_result){.kind = MV_REPORT_KIND_NONE};
    d->is_open = true;
    d->is_added = false;
    return MV_OK;
}

/* The head is known: into the store with it. */
static enum mv_code add(struct mv_delivery *d, enum mv_report_kind kind, const struct mv_aggregate_head *head)
{
    struct mv_report_result *result = current(d);
    enum mv_store_state state;
    enum mv_code code = keep(d, head->org_name, &result->org);

    if (code == MV_OK)
        code = keep(d, head->policy.domain, &result->domain);
    if (code == MV_OK)
        code = keep(d, head->report_id, &result->report_id);
    result->begin_secs = head->begin_secs;
    result->end_secs = head->end_secs;
    d->is_added = true;
    if (code != MV_OK || d->setup.store == NULL)
        return code;
    return mv_report_store_add(d->setup.store, kind, head, &state, &d->error);
}

static enum mv_code take_head(void *to, const struct mv_aggregate_head *head)
{
    return add(to, MV_REPORT_AGGREGATE, head);
}

static enum mv_code take_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    struct mv_delivery *d = to;

    if (mv_aggregate_passed(record))
        current(d)->passed += record->count;
    if (d->setup.row != NULL) {
        enum mv_code code = d->setup.row(d->setup.to, head, record);

        if (code != MV_OK)
            return code;
    }
    return d->setup.store == NULL ? MV_OK : mv_report_store_record(d->setup.store, record, &d->error);
}

/* A failure report has no dates that could be relied on. */
static enum mv_code take_failure(void *to, const struct mv_failure *failure)
{
    struct mv_delivery *d = to;
    struct mv_aggregate_head head = {.report_id = mv_bytes_str(failure->id), .generator = failure->user_agent};
    enum mv_code code;

    head.policy.domain = failure->reported_domain;
    code = add(d, MV_REPORT_FAILURE, &head);
    current(d)->records = 1;
    current(d)->messages = failure->incidents;
    return code != MV_OK || d->setup.store == NULL ? code
                                                   : mv_report_store_failure(d->setup.store, failure, &d->error);
}

static enum mv_code take_tls_policy(void *to, const struct mv_tls_head *tls, const struct mv_tls_policy *policy)
{
    struct mv_delivery *d = to;
    struct mv_aggregate_head head = {.org_name = tls->organization, .contact = tls->contact,
                                     .report_id = tls->report_id, .begin_secs = tls->begin_secs,
                                     .end_secs = tls->end_secs};
    enum mv_code code = MV_OK;

    head.policy.domain = policy->domain;
    if (!d->is_added)
        code = add(d, MV_REPORT_TLS, &head);
    current(d)->records++;
    current(d)->messages += policy->succeeded + policy->failed;
    current(d)->passed += policy->succeeded;
    return code != MV_OK || d->setup.store == NULL ? code
                                                   : mv_report_store_tls_policy(d->setup.store, policy, &d->error);
}

static enum mv_code take_tls_failure(void *to, const struct mv_tls_head *head, const struct mv_tls_policy *policy,
                                     const struct mv_tls_failure *failure)
{
    struct mv_delivery *d = to;

    (void)head;
    return d->setup.store == NULL ? MV_OK
                                  : mv_report_store_tls_failure(d->setup.store, policy, failure, &d->error);
}

static enum mv_code keep_totals(struct mv_delivery *d, const struct mv_aggregate_totals *totals)
{
    struct mv_report_result *result = current(d);
    struct mv_aggregate_totals *copy;

    if (totals == NULL)
        return MV_OK;
    copy = mv_arena_alloc(d->arena, sizeof *copy);
    if (copy == NULL)
        return MV_ERR_MEMORY;
    *copy = *totals;
    result->totals = copy;
    result->records = totals->records;
    result->skipped = totals->skipped;
    result->messages = totals->messages;
    return MV_OK;
}

static enum mv_code end_report(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                               const struct mv_aggregate_totals *totals)
{
    struct mv_delivery *d = to;
    struct mv_report_result *result = current(d);
    bool is_whole = fault->code == MV_OK && d->is_open && d->is_added;
    enum mv_code code;

    /* A module of ours is missing: nothing is known of the report, and of the next ones as little */
    if (fault->code == MV_ERR_CONFIG) {
        d->error = *fault;
        return fault->code;
    }
    if (!d->is_open)
        *result = (struct mv_report_result){.kind = MV_REPORT_KIND_NONE};
    result->kind = item->kind;
    result->in_attached_mail = item->in_attached_mail;
    result->outcome = is_whole ? MV_OUTCOME_READ : MV_OUTCOME_REFUSED;
    code = keep(d, item->name, &result->name);
    if (code == MV_OK && !is_whole)
        result->fault = mv_arena_str(d->arena, mv_bytes_str(fault->text));
    if (code == MV_OK && !is_whole && result->fault == NULL)
        code = MV_ERR_MEMORY;
    if (code == MV_OK)
        code = keep_totals(d, totals);
    if (code == MV_OK && d->is_open && d->is_added && d->setup.store != NULL)
        code = mv_report_store_end_report(d->setup.store, is_whole ? MV_STORE_KEEP : MV_STORE_DROP, result->skipped,
                                          &d->error);
    result->is_pending = is_whole && d->setup.store != NULL;
    d->is_open = d->is_added = false;
    if (d->count == MV_DELIVERY_MAX_REPORTS)
        return mv_error_set(&d->error, MV_ERR_LIMIT, "more than %d reports in one file", MV_DELIVERY_MAX_REPORTS);
    d->count++;
    return code;
}

static enum mv_code explain(struct mv_delivery *d, enum mv_code code, struct mv_error *error)
{
    if (code == MV_OK)
        return MV_OK;
    if (d->error.code == MV_OK)
        mv_error_set(&d->error, code, "%s", mv_code_text(code));
    *error = d->error;
    if (d->setup.store != NULL)
        mv_report_store_rollback(d->setup.store);
    return code;
}

enum mv_code mv_delivery_begin(struct mv_delivery *d, struct mv_error *error)
{
    struct mv_intake_sink sink = {begin_report,  take_head,       take_record,      take_failure,
                                  take_tls_policy, take_tls_failure, end_report, d};

    mv_intake_free(&d->intake);
    mv_arena_free(&d->arena);
    mv_error_clear(&d->error);
    d->count = 0;
    d->is_open = d->is_added = d->is_begun = d->is_mail = false;
    d->sender = (struct mv_report_sender){.trust = MV_TRUST_FILE};
    d->why[0] = '\0';
    d->arena = mv_arena_new(MV_DELIVERY_MAX_MEMORY_BYTES);
    d->intake = mv_intake_new(&sink);
    if (d->arena == NULL || d->intake == NULL)
        return explain(d, MV_ERR_MEMORY, error);
    if (d->setup.store == NULL)
        return MV_OK;
    return explain(d, mv_report_store_begin(d->setup.store, d->setup.now_secs, &d->error), error);
}

enum mv_code mv_delivery_feed(struct mv_delivery *d, struct mv_bytes bytes, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    if (!d->is_begun) {
        d->is_begun = true;
        d->is_mail = mv_intake_is_mail(bytes);
        if (d->is_mail)
            code = mv_report_checker_mail(d->setup.checker);
    }
    if (code == MV_OK && d->is_mail)
        code = mv_report_checker_feed(d->setup.checker, bytes);
    if (code == MV_OK)
        code = mv_intake_feed(d->intake, bytes);
    return explain(d, code, error);
}

/* What a forwarded mail holds is known to nobody: all of the delivery counts as its worst part. */
static void judge_attached(struct mv_delivery *d)
{
    for (size_t i = 0; i < d->count; i++) {
        if (!d->results[i].in_attached_mail || d->sender.trust != MV_TRUST_MAIL)
            continue;
        d->sender = (struct mv_report_sender){.trust = MV_TRUST_NONE};
        snprintf(d->why, sizeof d->why, "a report is in a mail that was attached to this one");
    }
}

static enum mv_code commit(struct mv_delivery *d)
{
    enum mv_store_state states[MV_DELIVERY_MAX_REPORTS];
    size_t pending = 0;
    enum mv_code code;

    if (d->setup.store == NULL)
        return MV_OK;
    code = mv_report_store_commit(d->setup.store, &d->sender, states, MV_DELIVERY_MAX_REPORTS, &d->error);
    for (size_t i = 0; i < d->count && code == MV_OK; i++)
        if (d->results[i].is_pending)
            d->results[i].outcome = states[pending++] == MV_STORE_NEW ? MV_OUTCOME_STORED : MV_OUTCOME_SEEN;
    return code;
}

enum mv_code mv_delivery_end(struct mv_delivery *d, struct mv_error *error)
{
    enum mv_code code = mv_intake_end(d->intake);

    if (code == MV_OK && d->is_mail) {
        code = mv_report_checker_verdict(d->setup.checker, &d->sender, d->why);
        judge_attached(d);
    }
    if (code == MV_OK)
        code = commit(d);
    return explain(d, code, error);
}

const struct mv_report_result *mv_delivery_results(const struct mv_delivery *d, size_t *count_r)
{
    *count_r = d->count;
    return d->results;
}

const struct mv_report_sender *mv_delivery_sender(const struct mv_delivery *d, const char **why_r)
{
    *why_r = d->why;
    return &d->sender;
}
