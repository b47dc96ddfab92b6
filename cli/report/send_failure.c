#include "cli/report/send_failure.h"

#include <stdio.h>
#include <string.h>

#include "cli/report/send_gate.h"
#include "cli/report/send_mail.h"
#include "core/base/trace.h"
#include "core/keys/redaction_key.h"
#include "core/report/failure_read.h"
#include "core/report/failure_write.h"
#include "core/report/report_mail.h"

#define HOUR_SECS 3600
#define DAY_SECS 86400
#define MAX_CASES 2 /* at once: each may have MV_DMARC_MAX_URIS addresses to ask DNS about */
#define KINDS_ROOM 4 /* more than MV_FAILURE_KINDS: numbers of a case in the outbox */

struct sending {
    struct mv_send_run *run;
    struct mv_ledger_failure at; /* the last case that was read */
    struct mv_ledger_failure cases[MAX_CASES]; /* of plan->days */
};

/* One mail. */
struct mail {
    const struct mv_send_day *day;
    struct mv_send_target target;
    enum mv_failure_kind kind;
    struct mv_outbox_key key;
    size_t number; /* of the address, from 1 on */
    char report_id[MV_REPORT_ID_BYTES + 1];
};

static enum mv_code make_key(struct mv_send_run *run)
{
    const char *directory = (const char *)run->plan->settings->report.evidence_directory.data;
    unsigned char key[MV_REDACTION_KEY_BYTES];
    enum mv_code code;

    if (!mv_send_random(key, sizeof key))
        return mv_error_set(&run->error, MV_ERR_IO, "the system gives no random bytes");
    code = mv_redaction_key_make(directory, key, &run->error);
    explicit_bzero(key, sizeof key);
    return code;
}

/* What is due */

static void begin_case(const struct mv_send_plan *plan, const struct mv_ledger_failure *failure,
                       const struct mv_failure_line *line, struct mv_send_day *day)
{
    *day = (struct mv_send_day){
        .seen = {.policy_domain = line->policy_domain,
                 .day_secs = failure->hour_secs - failure->hour_secs % DAY_SECS,
                 .record = line->record,
                 .messages = failure->incidents},
        .failure = line,
    };
    if (!mv_dmarc_record_parse(line->record, &day->record))
        day->verdict = MV_SEND_NO_RECORD;
    else if (day->record.ruf_count == 0 || day->record.psd == MV_DMARC_PSD_YES) /* RFC 9991 2 */
        day->verdict = MV_SEND_NO_RUA;
    else if (failure->hour_secs + HOUR_SECS < plan->now_secs - MV_SEND_FAILURE_AGE_SECS)
        day->verdict = MV_SEND_TOO_OLD_FAILURE;
    else /* RFC 9991 2: each of them is to be tried */
        mv_send_plan_list(plan, day, day->record.ruf, day->record.ruf_count, MV_DMARC_MAX_URIS);
}

/* A line that cannot be read was taken by another version: nothing can be told of it. */
static enum mv_code take_case(struct sending *sending, const struct mv_ledger_failure *failure)
{
    struct mv_send_run *run = sending->run;
    struct mv_send_plan *plan = run->plan;
    struct mv_failure_line *line = mv_arena_alloc(plan->arena, sizeof *line);
    enum mv_code code;

    if (line == NULL)
        return mv_error_set(&run->error, MV_ERR_MEMORY, "no memory");
    code = mv_failure_line_parse(failure->line, plan->arena, line, &run->error);
    if (code == MV_ERR_SYNTAX) {
        mv_error_clear(&run->error);
        return run->mode == MV_SEND_FOR_REAL
                   ? mv_ledger_settle_failure(plan->ledger, failure->id, plan->now_secs, &run->error)
                   : MV_OK;
    }
    if (code != MV_OK || (plan->domain.len > 0 && !mv_bytes_equal(plan->domain, line->policy_domain)))
        return code;
    sending->cases[plan->count] = *failure;
    begin_case(plan, failure, line, &plan->days[plan->count++]);
    return MV_OK;
}

static enum mv_code gather(struct sending *sending)
{
    struct mv_send_run *run = sending->run;
    struct mv_send_plan *plan = run->plan;
    int64_t before = plan->now_secs - MV_SEND_FAILURE_WAIT_SECS - HOUR_SECS + 1;
    bool found = true;
    enum mv_code code = MV_OK;

    plan->count = 0;
    while (code == MV_OK && plan->count < MAX_CASES) {
        code = mv_ledger_next_failure(plan->ledger, before, plan->arena, &sending->at, &found, &run->error);
        if (code == MV_OK && found)
            code = take_case(sending, &sending->at);
        if (!found)
            break;
    }
    return code;
}

/* The mails of a case */

/* The same for the same line and report, so that a mail that leaves again is known. */
static enum mv_code make_id(struct mv_send_run *run, const struct mv_ledger_failure *failure, struct mail *mail)
{
    unsigned char mark[MV_LEDGER_MARK_BYTES];
    struct mv_buf text;
    enum mv_code code = MV_ERR_MEMORY;

    mv_buf_init(&text, 2 * MV_FAILURE_MAX_LINE_BYTES);
    mv_buf_puts(&text, mv_failure_kind_text(mail->kind));
    mv_buf_put(&text, failure->line);
    if (!mv_buf_failed(&text))
        code = mv_ledger_mark(mv_buf_bytes(&text), mark);
    mv_buf_free(&text);
    if (code != MV_OK)
        return mv_error_set(&run->error, code, "%s", mv_code_text(code));
    mv_report_id_make(mail->key.day_secs, mark, mail->report_id);
    return MV_OK;
}

static enum mv_code print_mail(struct mv_send_run *run, struct mail *mail, struct mv_buf *out)
{
    const struct mv_report_settings *report = &run->plan->settings->report;
    struct mv_failure_mail failure = {
        .from = report->address,
        .from_name = report->organization,
        .to = mail->target.address,
        .report_id = mv_bytes_str(mail->report_id),
        .contact = report->contact,
        .now_secs = run->plan->now_secs,
        .kind = mail->kind,
        .incidents = mail->day->seen.messages,
        .line = mail->day->failure,
    };
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MV_FAILURE_MAX_MAIL_BYTES);
    code = mv_failure_mail_print(&failure, &text);
    if (code == MV_ERR_USAGE) {
        mail->target.fate = MV_SEND_NO_MAIL;
        code = MV_OK;
    } else if (code == MV_OK) {
        code = mv_post_sign(run->post, mv_buf_bytes(&text), out, &run->error);
    } else {
        mv_error_set(&run->error, code, "a failure report cannot be put into a mail: %s", mv_code_text(code));
    }
    mv_buf_free(&text);
    return code;
}

static enum mv_code write_mail(struct mv_send_run *run, const struct mail *mail, struct mv_bytes text)
{
    char name[MV_REPORT_ID_BYTES + 32];

    snprintf(name, sizeof name, "%s-%zu.eml", mail->report_id, mail->number);
    return mv_send_write(run, mv_bytes_str(name), text);
}

static enum mv_code let_go(struct mv_send_run *run, struct mail *mail, bool *waits, struct mv_error *why)
{
    struct mv_send_passing passing = {.key = &mail->key, .report_id = mv_bytes_str(mail->report_id)};
    struct mv_buf text;
    enum mv_code code;

    if (run->mode == MV_SEND_DRY)
        return MV_OK;
    mv_buf_init(&text, MV_SEND_MAX_MAIL_BYTES);
    code = print_mail(run, mail, &text);
    passing.text = mv_buf_bytes(&text);
    if (code == MV_OK && mail->target.fate == MV_SEND_GO)
        code = run->mode == MV_SEND_TO_DIRECTORY ? write_mail(run, mail, passing.text)
                                                 : mv_send_gate_pass(run, &passing, &mail->target, waits, why);
    mv_buf_free(&text);
    return code;
}

static enum mv_code run_mail(struct mv_send_run *run, struct mail *mail, bool *waits)
{
    struct mv_send_shown_failure shown = {mail->day, &mail->target, mail->kind, mail->report_id, NULL};
    struct mv_error why = {MV_OK, ""};
    enum mv_code code = MV_OK;

    if (run->ended)
        mail->target.fate = MV_SEND_STOPPED;
    else if (run->mode != MV_SEND_TO_DIRECTORY)
        code = mv_send_gate_ask(run, &mail->key, &mail->target);
    if (code == MV_OK && mail->target.fate == MV_SEND_GO)
        code = mv_send_gate_take(run, MV_SEND_FAILURE_REPORT, &mail->target);
    if (code == MV_OK && mail->target.fate == MV_SEND_GO)
        code = let_go(run, mail, waits, &why);
    if (code != MV_OK)
        return code;
    if (mail->target.fate == MV_SEND_FAILED)
        shown.why = why.text;
    else
        *waits = *waits || mv_send_fate_waits(mail->target.fate);
    mv_send_show_failure(run->show, &shown);
    return MV_OK;
}

/* An address: one mail for each report that is asked for; or why it gets none. */
static enum mv_code run_target(struct mv_send_run *run, const struct mv_ledger_failure *failure,
                               const struct mv_send_day *day, size_t index, bool *waits)
{
    const struct mv_send_target *target = &day->targets[index];
    enum mv_code code = MV_OK;

    if (target->fate != MV_SEND_GO) {
        *waits = *waits || mv_send_fate_waits(target->fate);
        mv_send_show_failure(run->show, &(struct mv_send_shown_failure){.day = day, .target = target});
        return MV_OK;
    }
    for (int bit = 0; bit < MV_FAILURE_KINDS && code == MV_OK; bit++) {
        struct mail mail = {.day = day, .target = *target, .kind = 1u << bit, .number = index + 1};

        if ((day->failure->wanted & 1u << bit) == 0)
            continue;
        mail.key = (struct mv_outbox_key){day->seen.policy_domain, day->seen.day_secs,
                                          MV_OUTBOX_FAILURE_PARTS + failure->id * KINDS_ROOM + bit, target->address};
        code = make_id(run, failure, &mail);
        if (code == MV_OK)
            code = run_mail(run, &mail, waits);
    }
    return code;
}

static enum mv_code run_case(struct mv_send_run *run, struct mv_ledger_failure *failure, struct mv_send_day *day)
{
    bool for_real = run->mode == MV_SEND_FOR_REAL, waits = false;
    enum mv_code code = MV_OK;

    if (for_real)
        code = mv_ledger_fix_failure(run->plan->ledger, failure, &run->error);
    day->seen.messages = failure->incidents;
    if (code == MV_OK && day->verdict != MV_SEND_TO_TARGETS)
        mv_send_show_day(run->show, day, mv_send_verdict_text(day->verdict));
    for (size_t i = 0; i < day->target_count && code == MV_OK && day->verdict == MV_SEND_TO_TARGETS; i++)
        code = run_target(run, failure, day, i, &waits);
    if (code == MV_OK && for_real && !waits && !run->ended)
        code = mv_ledger_settle_failure(run->plan->ledger, failure->id, run->plan->now_secs, &run->error);
    return code;
}

static enum mv_code run_batch(struct sending *sending, struct mv_lookup *lookup)
{
    struct mv_send_run *run = sending->run;
    struct mv_send_plan *plan = run->plan;
    enum mv_code code = mv_lookup_renew(lookup);

    plan->arena = lookup->arena;
    if (code == MV_OK)
        code = gather(sending);
    if (code == MV_OK)
        code = mv_lookup_run(lookup, mv_send_plan_ask, plan);
    if (code == MV_OK)
        code = mv_send_plan_judge(plan, &run->error);
    mv_send_show_batch(run->show);
    for (size_t i = 0; i < plan->count && code == MV_OK && !run->ended; i++)
        code = run_case(run, &sending->cases[i], &plan->days[i]);
    return code;
}

enum mv_code mv_send_failures(struct mv_send_run *run, struct mv_lookup *lookup)
{
    struct sending sending = {.run = run};
    uint64_t before, most = run->plan->settings->report.failure_per_hour;
    enum mv_code code = mv_outbox_count_failures(run->plan->outbox, MV_BYTES(""),
                                                 run->plan->now_secs - MV_SEND_FAILURE_CAP_SECS, &before, &run->error);

    if (code == MV_OK && run->mode == MV_SEND_FOR_REAL)
        code = make_key(run);
    run->failures_left = code == MV_OK && before < most ? most - before : 0;
    do
        code = code == MV_OK ? run_batch(&sending, lookup) : code;
    while (code == MV_OK && run->plan->count > 0 && !run->ended && !run->held && !run->failures_held &&
           !run->show->write_failed);
    if (code != MV_OK && run->error.code == MV_OK)
        mv_error_set(&run->error, code, "%s", mv_code_text(code));
    return code;
}
