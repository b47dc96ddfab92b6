#include "mv-config.h"

#include "cli/report/send_day.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/report/send_gate.h"
#include "cli/report/send_mail.h"
#include "core/base/trace.h"
#include "core/report/report_build.h"
#include "core/report/report_mail.h"

#define DAY_SECS 86400
#define MAX_FILE_NAME_BYTES 1024
#define MAX_ERROR_BYTES 200

/* What is needed while one day's report is made. */
struct making {
    struct mv_send_run *run;
    struct mv_send_day *day;
    struct mv_report_build *build;
    bool has_id;
    bool waits;
    struct piece *pieces; /* in their order */
    uint64_t messages;    /* of the rows that were read */
};

/* Held until all rows have been read: the store cannot be asked before. */
struct piece {
    struct piece *next;
    struct mv_report_piece piece;
    struct mv_buf gzip;
    char report_id[MV_REPORT_ID_BYTES + 1];
};

static enum mv_code let_go(struct making *making, const struct mv_outbox_key *key, struct mv_send_letter *letter,
                           struct mv_send_target *target, struct mv_error *why)
{
    struct mv_send_run *run = making->run;
    struct mv_send_passing passing = {.key = key, .report_id = letter->piece->report_id};
    struct mv_buf text;
    enum mv_code code;

    if (run->mode == MV_SEND_DRY)
        return MV_OK;
    mv_buf_init(&text, MV_SEND_MAX_MAIL_BYTES);
    letter->target = target;
    code = mv_send_letter_print(run, letter, &text);
    passing.text = mv_buf_bytes(&text);
    if (code == MV_OK && run->mode == MV_SEND_TO_DIRECTORY)
        code = mv_send_letter_write(run, letter, passing.text);
    else if (code == MV_OK)
        code = mv_send_gate_pass(run, &passing, target, &making->waits, why);
    mv_buf_free(&text);
    return code;
}

static enum mv_code run_target(struct making *making, const struct mv_report_piece *piece, size_t number,
                               struct mv_bytes file_name)
{
    struct mv_send_run *run = making->run;
    struct mv_send_day *day = making->day;
    struct mv_send_target target = day->targets[number - 1];
    struct mv_outbox_key key = {day->seen.policy_domain, day->seen.day_secs, piece->number, target.address};
    struct mv_send_letter letter = {day, &target, piece, file_name, number};
    struct mv_send_shown_mail shown = {day, &target, piece, making->has_id, file_name, NULL};
    struct mv_error why = {MV_OK, ""};
    enum mv_code code = MV_OK;

    if (run->ended)
        target.fate = MV_SEND_STOPPED;
    else if (run->mode != MV_SEND_TO_DIRECTORY)
        code = mv_send_gate_ask(run, &key, &target);
    if (code == MV_OK && target.fate == MV_SEND_GO)
        code = mv_send_gate_take(run, MV_SEND_AGGREGATE_REPORT, &target);
    if (code == MV_OK && target.fate == MV_SEND_GO)
        code = let_go(making, &key, &letter, &target, &why);
    if (code != MV_OK)
        return code;
    if (target.fate == MV_SEND_FAILED)
        shown.why = why.text;
    else
        making->waits = making->waits || mv_send_fate_waits(target.fate);
    mv_send_show_mail(run->show, &shown);
    return MV_OK;
}

/* One piece, to all who may have it. */
static enum mv_code run_piece(struct making *making, const struct mv_report_piece *piece)
{
    struct mv_send_day *day = making->day;
    struct mv_buf name;
    enum mv_code code;

    mv_buf_init(&name, MAX_FILE_NAME_BYTES);
    code = mv_report_file_name(mv_send_receiver(making->run->plan->settings), day->seen.policy_domain,
                               day->seen.day_secs, day->seen.day_secs + DAY_SECS - 1, piece->report_id, &name);
    if (code != MV_OK)
        mv_error_set(&making->run->error, code, "a report cannot be named: %s", mv_code_text(code));
    for (size_t i = 0; i < day->target_count && code == MV_OK; i++)
        if (day->targets[i].fate == MV_SEND_GO)
            code = run_target(making, piece, i + 1, mv_buf_bytes(&name));
    mv_buf_free(&name);
    return code;
}

static enum mv_code hold_piece(void *to, const struct mv_report_piece *piece)
{
    struct making *making = to;
    struct piece *held = calloc(1, sizeof *held), **end = &making->pieces;

    if (held == NULL)
        return MV_ERR_MEMORY;
    while (*end != NULL)
        end = &(*end)->next;
    *end = held;
    held->piece = *piece;
    mv_buf_init(&held->gzip, piece->gzip.len + 1);
    mv_buf_put(&held->gzip, piece->gzip);
    snprintf(held->report_id, sizeof held->report_id, "%.*s", MV_ARG(piece->report_id));
    held->piece.gzip = mv_buf_bytes(&held->gzip);
    held->piece.report_id = mv_bytes_str(held->report_id);
    return mv_buf_failed(&held->gzip) ? MV_ERR_MEMORY : MV_OK;
}

static void forget_pieces(struct making *making)
{
    while (making->pieces != NULL) {
        struct piece *first = making->pieces;

        making->pieces = first->next;
        mv_buf_free(&first->gzip);
        free(first);
    }
}

static enum mv_report_policy policy_of(const struct mv_dmarc_request *request)
{
    if (request->state != MV_DMARC_TAG_VALID)
        return MV_REPORT_P_ABSENT;
    return request->policy == MV_DMARC_P_REJECT       ? MV_REPORT_P_REJECT
           : request->policy == MV_DMARC_P_QUARANTINE ? MV_REPORT_P_QUARANTINE
                                                      : MV_REPORT_P_NONE;
}

/* RFC 9990 3.1.1.5: what was found, or its default where a tag is absent; sp and np have none of their own. */
static struct mv_aggregate_policy published(const struct mv_send_day *day)
{
    const struct mv_dmarc_record *record = &day->record;
    enum mv_report_policy p = policy_of(&record->p);

    return (struct mv_aggregate_policy){
        .domain = day->seen.policy_domain,
        .p = p == MV_REPORT_P_ABSENT ? MV_REPORT_P_NONE : p,
        .sp = policy_of(&record->sp),
        .np = policy_of(&record->np),
        .adkim = record->strict_dkim ? MV_REPORT_STRICT : MV_REPORT_RELAXED,
        .aspf = record->strict_spf ? MV_REPORT_STRICT : MV_REPORT_RELAXED,
        .discovery = MV_REPORT_TREEWALK,
        .testing = record->test ? MV_REPORT_YES : MV_REPORT_NO,
        .fo = record->fo.len > 0 ? record->fo : MV_BYTES("0"),
    };
}

static enum mv_code take_row(void *to, const struct mv_aggregate_record *record)
{
    struct making *making = to;
    enum mv_code code = mv_report_build_record(making->build, record);

    making->messages += record->count;
    return code == MV_ERR_USAGE ? MV_OK : code; /* a row that no report can say is left out */
}

static enum mv_code make(struct making *making, const struct mv_aggregate_head *head,
                         const uint8_t seed[MV_OUTBOX_SEED_BYTES])
{
    struct mv_send_run *run = making->run;
    struct mv_send_day *day = making->day;
    const struct mv_report_build_sink sink = {hold_piece, making};
    enum mv_code code = mv_report_build_new(head, seed, MV_REPORT_MAX_GZIP_BYTES, &sink, &making->build);

    if (code == MV_OK)
        code = mv_ledger_rows(run->plan->ledger, day->seen.policy_domain, day->seen.day_secs, take_row, making,
                              &run->error);
    if (code == MV_OK)
        code = mv_report_build_end(making->build);
    if (code != MV_OK && run->error.code == MV_OK)
        mv_error_set(&run->error, code, "a report cannot be made: %s", mv_code_text(code));
    mv_report_build_free(&making->build);
    for (const struct piece *held = making->pieces; held != NULL && code == MV_OK; held = held->next)
        code = run_piece(making, &held->piece);
    return code;
}

/* The ids of a run that changes nothing are those of no mail, unless they are fixed already. */
static enum mv_code fix_seed(struct making *making, uint8_t seed[MV_OUTBOX_SEED_BYTES])
{
    struct mv_send_run *run = making->run;
    const struct mv_ledger_day *seen = &making->day->seen;

    if (!mv_send_random(seed, MV_OUTBOX_SEED_BYTES))
        return mv_error_set(&run->error, MV_ERR_IO, "the system gives no random bytes");
    if (run->mode == MV_SEND_DRY)
        return mv_outbox_find_report(run->plan->outbox, seen->policy_domain, seen->day_secs, seed, &making->has_id,
                                     &run->error);
    making->has_id = true;
    return mv_outbox_report(run->plan->outbox, seen->policy_domain, seen->day_secs, run->plan->now_secs, seed,
                            &run->error);
}

static enum mv_code make_report(struct making *making)
{
    const struct mv_report_settings *report = &making->run->plan->settings->report;
    const struct mv_ledger_day *seen = &making->day->seen;
    struct mv_bytes receiver = mv_send_receiver(making->run->plan->settings);
    uint8_t seed[MV_OUTBOX_SEED_BYTES];
    char error[MAX_ERROR_BYTES];
    struct mv_aggregate_head head = {
        .org_name = report->organization.len > 0 ? report->organization : receiver,
        .email = report->address,
        .contact = report->contact,
        .begin_secs = seen->day_secs,
        .end_secs = seen->day_secs + DAY_SECS - 1,
        .policy = published(making->day),
    };
    enum mv_code code = fix_seed(making, seed);

    if (code != MV_OK)
        return code;
    if (seen->records > 1) { /* RFC 9990 3.1.2: the last one is noted */
        snprintf(error, sizeof error, "%ju different DMARC records were seen on this day; the last one is told here",
                 (uintmax_t)seen->records);
        head.error = mv_bytes_str(error);
    }
    return make(making, &head, seed);
}

/* Addresses that nothing is made for. */
static bool show_others(struct making *making)
{
    struct mv_send_day *day = making->day;
    bool goes = false;

    for (size_t i = 0; i < day->target_count; i++) {
        struct mv_send_shown_mail shown = {.day = day, .target = &day->targets[i]};

        goes = goes || day->targets[i].fate == MV_SEND_GO;
        if (day->targets[i].fate == MV_SEND_GO)
            continue;
        making->waits = making->waits || mv_send_fate_waits(day->targets[i].fate);
        mv_send_show_mail(making->run->show, &shown);
    }
    return goes;
}

static enum mv_code run_day(struct making *making)
{
    struct mv_send_run *run = making->run;
    struct mv_send_day *day = making->day;
    enum mv_code code = MV_OK;

    making->messages = day->seen.messages;
    if (day->verdict != MV_SEND_TO_TARGETS) {
        mv_send_show_day(run->show, day, mv_send_verdict_text(day->verdict));
    } else if (show_others(making)) {
        making->messages = 0;
        code = make_report(making);
        if (code == MV_OK && making->pieces == NULL)
            mv_send_show_day(run->show, day, "none of its mail has an address that a report could name");
    }
    return code;
}

enum mv_code mv_send_day_run(struct mv_send_run *run, struct mv_send_day *day, bool *waits_r)
{
    struct making making = {.run = run, .day = day};
    enum mv_code code = run_day(&making);

    *waits_r = run->mode != MV_SEND_FOR_REAL || making.waits || run->ended;
    if (code == MV_OK && !*waits_r)
        code = mv_ledger_settle(run->plan->ledger, day->seen.policy_domain, day->seen.day_secs, making.messages,
                                run->plan->now_secs, &run->error);
    forget_pieces(&making);
    return code;
}
