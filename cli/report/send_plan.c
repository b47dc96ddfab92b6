#include "cli/report/send_plan.h"

#include "core/base/trace.h"
#include "core/report/report_mail.h"
#include "core/report/report_time.h"
#include "core/text/domain.h"

#define DAY_SECS 86400

#define MAX_DUE_BYTES (MV_SEND_MAX_DUE * (MV_DMARC_MAX_RECORD_BYTES + 1024))

struct gathering {
    struct mv_send_plan *plan;
    uint64_t skip;
    bool full;
};

static enum mv_code take_day(void *to, const struct mv_ledger_day *seen)
{
    struct gathering *gathering = to;
    struct mv_send_plan *plan = gathering->plan;
    struct mv_ledger_day *due = &plan->due[plan->due_count];

    if ((plan->domain.len > 0 && !mv_bytes_equal(plan->domain, seen->policy_domain)) ||
        (plan->has_day && seen->day_secs != plan->day_secs))
        return MV_OK;
    if (gathering->skip > 0) {
        gathering->skip--;
        return MV_OK;
    }
    if (plan->due_count == MV_SEND_MAX_DUE) {
        gathering->full = true;
        return MV_ERR_LIMIT;
    }
    *due = *seen;
    plan->due_count++;
    return mv_arena_copy(plan->due_arena, seen->policy_domain, &due->policy_domain) &&
                   mv_arena_copy(plan->due_arena, seen->record, &due->record)
               ? MV_OK
               : MV_ERR_MEMORY;
}

static enum mv_code read_due(struct mv_send_plan *plan, uint64_t skip, struct mv_error *error)
{
    struct gathering gathering = {plan, skip, false};
    int64_t before = (plan->now_secs - MV_SEND_WAIT_SECS) / DAY_SECS * DAY_SECS;
    enum mv_code code = MV_ERR_MEMORY;

    mv_send_plan_end(plan);
    plan->due_arena = mv_arena_new(MAX_DUE_BYTES);
    if (plan->due_arena != NULL)
        plan->due = mv_arena_array(plan->due_arena, MV_SEND_MAX_DUE, sizeof *plan->due);
    if (plan->due != NULL)
        code = mv_ledger_due(plan->ledger, before, take_day, &gathering, error);
    if (gathering.full)
        code = MV_OK;
    if (code != MV_OK && error->code != code)
        mv_error_set(error, code, "%s", mv_code_text(code));
    return code;
}

static bool is_too_old(const struct mv_send_plan *plan, const struct mv_send_day *day)
{
    return !plan->has_day && day->seen.day_secs + DAY_SECS < plan->now_secs - MV_SEND_MAX_AGE_DAYS * DAY_SECS;
}

/* RFC 9990 3.5: in order; RFC 9989 4.7: other schemes are passed over. */
static enum mv_send_fate first_fate(const struct mv_send_plan *plan, struct mv_send_target *target, bool may_be_taken)
{
    if (!mv_bytes_has_prefix_nocase(target->uri, MV_BYTES("mailto:")))
        return MV_SEND_NOT_MAILTO;
    if (!mv_report_mail_address(plan->arena, target->uri, &target->address))
        return MV_SEND_BAD_ADDRESS;
    return may_be_taken ? MV_SEND_GO : MV_SEND_TOO_MANY;
}

void mv_send_plan_list(const struct mv_send_plan *plan, struct mv_send_day *day, const struct mv_bytes *uris,
                       size_t count, size_t most)
{
    size_t taken = 0;

    for (size_t i = 0; i < count; i++) {
        struct mv_send_target *target = &day->targets[day->target_count++];

        target->uri = uris[i];
        target->fate = first_fate(plan, target, taken < most);
        taken += target->fate == MV_SEND_GO ? 1 : 0;
    }
}

static void begin_day(const struct mv_send_plan *plan, struct mv_send_day *day)
{
    if (!mv_dmarc_record_parse(day->seen.record, &day->record))
        day->verdict = MV_SEND_NO_RECORD;
    else if (day->record.rua_count == 0)
        day->verdict = MV_SEND_NO_RUA; /* RFC 9989 4.7: then reports must not be sent */
    else if (is_too_old(plan, day))
        day->verdict = MV_SEND_TOO_OLD;
    else if (day->seen.messages == day->seen.reports)
        day->verdict = MV_SEND_ONLY_REPORTS;
    else
        mv_send_plan_list(plan, day, day->record.rua, day->record.rua_count, MV_SEND_MAX_TARGETS);
}

enum mv_code mv_send_plan_gather(struct mv_send_plan *plan, uint64_t skip, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    if (plan->due_next == plan->due_count)
        code = read_due(plan, skip, error);
    plan->count = 0;
    while (code == MV_OK && plan->count < MV_SEND_MAX_DAYS && plan->due_next < plan->due_count) {
        struct mv_send_day *day = &plan->days[plan->count++];

        *day = (struct mv_send_day){.seen = plan->due[plan->due_next++]};
        begin_day(plan, day);
    }
    return code;
}

void mv_send_plan_end(struct mv_send_plan *plan)
{
    mv_arena_free(&plan->due_arena);
    plan->due = NULL;
    plan->due_count = plan->due_next = 0;
}

enum mv_code mv_send_plan_ask(struct mv_memo *memo, void *context)
{
    struct mv_send_plan *plan = context;
    enum mv_code worst = MV_OK;

    for (size_t i = 0; i < plan->count; i++)
        for (size_t j = 0; j < plan->days[i].target_count; j++) {
            struct mv_send_target *target = &plan->days[i].targets[j];
            enum mv_code code = MV_OK;

            if (target->fate == MV_SEND_GO)
                code = mv_report_consent_check(plan->arena, plan->days[i].seen.policy_domain,
                                               plan->days[i].failure == NULL ? "rua" : "ruf", target->uri,
                                               plan->settings->suffix_hardening, memo, &target->check);
            if (code != MV_OK && worst != MV_ERR_MEMORY)
                worst = code;
        }
    return worst;
}

static enum mv_send_fate fate_of_consent(enum mv_consent consent)
{
    switch (consent) {
    case MV_CONSENT_NOT_NEEDED:
    case MV_CONSENT_GIVEN:
        return MV_SEND_GO;
    case MV_CONSENT_ELSEWHERE:
        return MV_SEND_ELSEWHERE;
    case MV_CONSENT_UNKNOWN:
        return MV_SEND_UNKNOWN;
    case MV_CONSENT_NO_HOST:
        return MV_SEND_BAD_ADDRESS;
    case MV_CONSENT_MISSING:
    case MV_CONSENT_TOO_LONG:
        break;
    }
    return MV_SEND_NO_CONSENT;
}

static bool is_never_written_to(const struct mv_send_plan *plan, struct mv_bytes host)
{
    const struct mv_config_list *never = &plan->settings->report.never_to;

    for (size_t i = 0; i < never->count; i++)
        if (mv_domain_is_within(host, never->items[i]))
            return true;
    return false;
}

static bool is_listed_before(const struct mv_send_day *day, const struct mv_send_target *target)
{
    for (const struct mv_send_target *other = day->targets; other < target; other++)
        if (other->fate != MV_SEND_TOO_MANY && mv_bytes_equal(other->address, target->address))
            return true;
    return false;
}

/* Consent first, since it may change the address (RFC 9990 4 step 7). */
static enum mv_code judge_target(struct mv_send_plan *plan, struct mv_send_day *day, struct mv_send_target *target,
                                 struct mv_error *error)
{
    target->fate = fate_of_consent(target->check.consent);
    if (target->fate == MV_SEND_GO && target->check.uri.len > 0 &&
        !mv_report_mail_address(plan->arena, target->check.uri, &target->address))
        target->fate = MV_SEND_BAD_ADDRESS;
    target->host = mv_bytes_slice(target->address, mv_bytes_find_last(target->address, '@') + 1, target->address.len);
    if (is_never_written_to(plan, target->host))
        target->fate = MV_SEND_NEVER;
    else if (target->fate == MV_SEND_GO && is_listed_before(day, target))
        target->fate = MV_SEND_TWICE;
    return target->fate == MV_SEND_GO ? mv_send_plan_judge_address(plan, target, error) : MV_OK;
}

enum mv_code mv_send_plan_judge_address(const struct mv_send_plan *plan, struct mv_send_target *target,
                                        struct mv_error *error)
{
    struct mv_outbox_address known;
    enum mv_code code = mv_outbox_address(plan->outbox, target->address, &known, error);

    if (code == MV_OK && known.suppressed_secs > plan->now_secs) {
        target->fate = MV_SEND_SUPPRESSED;
        target->until_secs = known.suppressed_secs;
    } else if (code == MV_OK && known.next_secs > plan->now_secs) {
        target->fate = MV_SEND_BACKING_OFF;
        target->until_secs = known.next_secs;
    }
    return code;
}

static enum mv_code judge_day(struct mv_send_plan *plan, struct mv_send_day *day, struct mv_error *error)
{
    uint64_t passed = 0;
    enum mv_code code = MV_OK;

    if (day->verdict != MV_SEND_TO_TARGETS)
        return MV_OK;
    if (plan->settings->report.only_wanted && day->seen.passed == 0) {
        code = mv_ledger_passed_since(plan->ledger, day->seen.policy_domain, plan->now_secs - MV_SEND_WANTED_SECS,
                                      &passed, error);
        if (code == MV_OK && passed == 0)
            day->verdict = MV_SEND_NOT_WANTED;
    }
    for (size_t i = 0; i < day->target_count && code == MV_OK && day->verdict == MV_SEND_TO_TARGETS; i++)
        if (day->targets[i].fate == MV_SEND_GO)
            code = judge_target(plan, day, &day->targets[i], error);
    return code;
}

enum mv_code mv_send_plan_judge(struct mv_send_plan *plan, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    for (size_t i = 0; i < plan->count && code == MV_OK; i++)
        code = judge_day(plan, &plan->days[i], error);
    return code;
}

bool mv_send_fate_waits(enum mv_send_fate fate)
{
    return fate >= MV_SEND_UNKNOWN;
}

static const char *fate_text(enum mv_send_fate fate)
{
    static const char *const texts[] = {
        [MV_SEND_GO] = "",
        [MV_SEND_NOT_MAILTO] = "only mailto addresses are reported to",
        [MV_SEND_BAD_ADDRESS] = "that is no address that mail can be sent to",
        [MV_SEND_TOO_MANY] = "the record has more addresses than are reported to",
        [MV_SEND_TWICE] = "the address is there before",
        [MV_SEND_NO_MAIL] = "what failed cannot be put into a mail",
        [MV_SEND_NO_CONSENT] = "the domain of the address does not agree to it: there is no TXT record at ",
        [MV_SEND_ELSEWHERE] = "the record of consent names another host, so that neither gets it: ",
        [MV_SEND_NEVER] = "never_to in [report]",
        [MV_SEND_DONE] = "it has left already",
        [MV_SEND_GIVEN_UP] = "given up after too many failures",
        [MV_SEND_SUPPRESSED] = "its reports bounced; none until ",
        [MV_SEND_UNKNOWN] = "DNS did not say whether the domain of the address agrees",
        [MV_SEND_BACKING_OFF] = "the last mail to it was not taken; not before ",
        [MV_SEND_CAP] = "max_per_day in [report]",
        [MV_SEND_CAP_HOST] = "max_per_destination in [report]",
        [MV_SEND_CAP_FAILURES] = "failure_per_hour in [report]",
        [MV_SEND_CAP_ADDRESS] = "a tenth of failure_per_hour in [report], which is what one address gets",
        [MV_SEND_LIMIT] = "--limit",
        [MV_SEND_FAILED] = "",
        [MV_SEND_STOPPED] = "the run ended before its turn",
    };

    return texts[fate];
}

void mv_send_put_fate(const struct mv_send_target *target, struct mv_buf *out)
{
    mv_buf_puts(out, fate_text(target->fate));
    if (target->fate == MV_SEND_NO_CONSENT || target->fate == MV_SEND_ELSEWHERE)
        mv_buf_put(out, target->check.name);
    if (target->fate == MV_SEND_SUPPRESSED || target->fate == MV_SEND_BACKING_OFF)
        mv_report_time_print(target->until_secs, out);
}

const char *mv_send_verdict_text(enum mv_send_verdict verdict)
{
    static const char *const texts[] = {
        [MV_SEND_TO_TARGETS] = "",
        [MV_SEND_NO_RECORD] = "its record is none of DMARC",
        [MV_SEND_NO_RUA] = "its record asks for no reports",
        [MV_SEND_TOO_OLD] = "the day was over more than 7 days ago",
        [MV_SEND_TOO_OLD_FAILURE] = "it was more than 2 days ago",
        [MV_SEND_ONLY_REPORTS] = "nothing came but reports: two who report on reports would never end",
        [MV_SEND_NOT_WANTED] = "no mail of it passed DMARC within 30 days (only_wanted in [report])",
    };

    return texts[verdict];
}
