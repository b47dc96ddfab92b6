#include "cli/report/send_show.h"

#include <stdio.h>

#include "cli/json.h"
#include "cli/show.h"
#include "core/report/report_time.h"

#define MAX_LINE_BYTES (64 * 1024)

enum mv_send_outcome mv_send_outcome_of(enum mv_send_fate fate)
{
    if (fate == MV_SEND_GO)
        return MV_SEND_SENT;
    if (fate == MV_SEND_FAILED)
        return MV_SEND_DID_FAIL;
    return mv_send_fate_waits(fate) ? MV_SEND_LATER : MV_SEND_NOT;
}

static const char *outcome_text(const struct mv_send_show *show, enum mv_send_outcome outcome)
{
    static const char *const texts[] = {"", "failed", "later", "not"};

    if (outcome != MV_SEND_SENT)
        return texts[outcome];
    return show->mode == MV_SEND_DRY ? "would go" : show->mode == MV_SEND_TO_DIRECTORY ? "written" : "sent";
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print(struct mv_send_show *show, struct mv_buf *line)
{
    const char *text = mv_buf_cstr(line);

    if (text == NULL || fputs(text, stdout) == EOF)
        show->write_failed = true;
    mv_buf_free(line);
}

static void print_json(struct mv_send_show *show, json_t *object)
{
    if (!mv_json_print_line(object))
        show->write_failed = true;
}

static json_t *json_text(struct mv_bytes text)
{
    return text.len == 0 ? json_null() : mv_json_bytes(text);
}

static json_t *json_day(const struct mv_send_day *day)
{
    struct mv_buf text;
    json_t *json;

    mv_buf_init(&text, 64);
    mv_report_day_print(day->seen.day_secs, &text);
    json = mv_json_bytes(mv_buf_bytes(&text));
    mv_buf_free(&text);
    return json;
}

/* "example.org, 2026-11-22: 3 failures from 192.0.2.1" */
static void put_failure_title(const struct mv_send_day *day, struct mv_buf *line)
{
    mv_buf_put_escaped(line, day->seen.policy_domain);
    mv_buf_puts(line, ", ");
    mv_report_day_print(day->seen.day_secs, line);
    mv_buf_printf(line, ": %ju failure%s from ", (uintmax_t)day->seen.messages, plural(day->seen.messages));
    mv_ip_print(&day->failure->client, line);
}

/* "example.org, 2026-11-22: 41 messages, 39 passed DMARC" */
static void put_title(const struct mv_send_day *day, struct mv_buf *line)
{
    mv_buf_put_escaped(line, day->seen.policy_domain);
    mv_buf_puts(line, ", ");
    mv_report_day_print(day->seen.day_secs, line);
    mv_buf_printf(line, ": %ju message%s, %ju passed DMARC", (uintmax_t)day->seen.messages, plural(day->seen.messages),
                  (uintmax_t)day->seen.passed);
}

static void print_title(struct mv_send_show *show, const struct mv_send_day *day)
{
    struct mv_buf line;

    if (show->titled == day)
        return;
    show->titled = day;
    mv_buf_init(&line, MAX_LINE_BYTES);
    if (day->failure != NULL)
        put_failure_title(day, &line);
    else
        put_title(day, &line);
    mv_buf_putc(&line, '\n');
    print(show, &line);
}

void mv_send_show_batch(struct mv_send_show *show)
{
    show->titled = NULL;
}

static void put_why(const struct mv_send_target *target, const char *why, struct mv_buf *out)
{
    if (why != NULL)
        mv_buf_puts(out, why);
    else
        mv_send_put_fate(target, out);
}

static void print_mail_json(struct mv_send_show *show, const struct mv_send_shown_mail *mail,
                            enum mv_send_outcome outcome)
{
    const struct mv_report_piece *piece = mail->piece;
    struct mv_buf why;

    mv_buf_init(&why, MAX_LINE_BYTES);
    put_why(mail->target, mail->why, &why);
    print_json(show, json_pack("{s:i, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1,
                               "type", "mail", "domain", mv_json_bytes(mail->day->seen.policy_domain), "day",
                               json_day(mail->day), "outcome", outcome_text(show, outcome), "reason",
                               json_text(mv_buf_bytes(&why)), "uri", mv_json_bytes(mail->target->uri), "to",
                               json_text(mail->target->address), "report_id",
                               piece != NULL && mail->has_id ? mv_json_bytes(piece->report_id) : json_null(), "part",
                               piece == NULL ? json_null() : json_integer(piece->number), "records",
                               piece == NULL ? json_null() : json_integer((json_int_t)piece->records), "messages",
                               piece == NULL ? json_null() : json_integer((json_int_t)piece->messages), "bytes",
                               piece == NULL ? json_null() : json_integer((json_int_t)piece->gzip.len), "file",
                               json_text(mail->file)));
    mv_buf_free(&why);
}

static void put_piece(const struct mv_send_shown_mail *mail, struct mv_buf *line)
{
    const struct mv_report_piece *piece = mail->piece;

    mv_buf_printf(line, ": %ju row%s, %zu bytes", (uintmax_t)piece->records, plural(piece->records), piece->gzip.len);
    if (piece->more || piece->number > 1)
        mv_buf_printf(line, ", part %u", piece->number);
    if (mail->has_id) {
        mv_buf_puts(line, ", report ");
        mv_buf_put_escaped(line, piece->report_id);
    }
}

static void print_outcome(struct mv_send_show *show, const struct mv_send_day *day, enum mv_send_outcome outcome)
{
    static const enum mv_tone tones[] = {MV_TONE_GOOD, MV_TONE_BAD, MV_TONE_WARN, MV_TONE_PLAIN};
    char word[16];

    print_title(show, day);
    fputs("    ", stdout);
    snprintf(word, sizeof word, "%-8s", outcome_text(show, outcome));
    mv_show_toned(tones[outcome], word);
}

static void print_mail(struct mv_send_show *show, const struct mv_send_shown_mail *mail, enum mv_send_outcome outcome)
{
    struct mv_buf line, why;

    print_outcome(show, mail->day, outcome);
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_init(&why, MAX_LINE_BYTES);
    put_why(mail->target, mail->why, &why);
    mv_buf_puts(&line, "  to ");
    mv_buf_put_escaped(&line, mail->target->address.len > 0 ? mail->target->address : mail->target->uri);
    if (mail->piece != NULL)
        put_piece(mail, &line);
    if (mv_buf_bytes(&why).len > 0) {
        mv_buf_puts(&line, mail->piece == NULL ? ": " : "; ");
        mv_buf_put(&line, mv_buf_bytes(&why)); /* printable */
    }
    mv_buf_putc(&line, '\n');
    mv_buf_free(&why);
    print(show, &line);
}

/* Who waits for a mail, or gets none for good reason, is worth a line only to those who ask. */
static bool is_shown(const struct mv_send_show *show, enum mv_send_outcome outcome)
{
    if (show->quiet)
        return outcome == MV_SEND_DID_FAIL;
    return show->json || show->mode == MV_SEND_DRY || outcome != MV_SEND_NOT;
}

void mv_send_show_mail(struct mv_send_show *show, const struct mv_send_shown_mail *mail)
{
    enum mv_send_outcome outcome = mv_send_outcome_of(mail->target->fate);

    show->counts[outcome]++;
    if (!is_shown(show, outcome))
        return;
    if (show->json)
        print_mail_json(show, mail, outcome);
    else
        print_mail(show, mail, outcome);
}

/* What all lines about a failure begin with. */
static json_t *json_failure(const struct mv_send_day *day, const char *outcome, json_t *reason)
{
    return json_pack("{s:i, s:s, s:o, s:o, s:o, s:I, s:s, s:o}", "schema", 1, "type", "failure", "domain",
                     mv_json_bytes(day->seen.policy_domain), "day", json_day(day), "ip",
                     mv_json_ip(&day->failure->client), "failures", (json_int_t)day->seen.messages, "outcome", outcome,
                     "reason", reason);
}

static void print_failure_json(struct mv_send_show *show, const struct mv_send_shown_failure *failure,
                               enum mv_send_outcome outcome)
{
    json_t *object, *rest;
    struct mv_buf why;

    mv_buf_init(&why, MAX_LINE_BYTES);
    put_why(failure->target, failure->why, &why);
    object = json_failure(failure->day, outcome_text(show, outcome), json_text(mv_buf_bytes(&why)));
    rest = json_pack("{s:o, s:o, s:s?, s:s?}", "uri", mv_json_bytes(failure->target->uri), "to",
                     json_text(failure->target->address), "report_id", failure->report_id, "kind",
                     failure->kind == 0 ? NULL : mv_failure_kind_text(failure->kind));
    if (rest == NULL || json_object_update(object, rest) != 0)
        show->write_failed = true;
    json_decref(rest);
    print_json(show, object);
    mv_buf_free(&why);
}

static void print_failure(struct mv_send_show *show, const struct mv_send_shown_failure *failure,
                          enum mv_send_outcome outcome)
{
    const struct mv_send_target *target = failure->target;
    struct mv_buf line, why;

    print_outcome(show, failure->day, outcome);
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_init(&why, MAX_LINE_BYTES);
    put_why(target, failure->why, &why);
    mv_buf_puts(&line, "  to ");
    mv_buf_put_escaped(&line, target->address.len > 0 ? target->address : target->uri);
    if (failure->report_id != NULL)
        mv_buf_printf(&line, ": %s failure report %s", mv_failure_kind_text(failure->kind), failure->report_id);
    if (mv_buf_bytes(&why).len > 0) {
        mv_buf_puts(&line, failure->report_id == NULL ? ": " : "; ");
        mv_buf_put(&line, mv_buf_bytes(&why)); /* printable */
    }
    mv_buf_putc(&line, '\n');
    mv_buf_free(&why);
    print(show, &line);
}

void mv_send_show_failure(struct mv_send_show *show, const struct mv_send_shown_failure *failure)
{
    enum mv_send_outcome outcome = mv_send_outcome_of(failure->target->fate);

    show->counts[outcome]++;
    if (!is_shown(show, outcome))
        return;
    if (show->json)
        print_failure_json(show, failure, outcome);
    else
        print_failure(show, failure, outcome);
}

void mv_send_show_day(struct mv_send_show *show, const struct mv_send_day *day, const char *why)
{
    struct mv_buf line;

    show->days_not += day->failure == NULL ? 1 : 0;
    show->failures_not += day->failure == NULL ? 0 : day->seen.messages;
    if (!is_shown(show, MV_SEND_NOT))
        return;
    if (show->json && day->failure != NULL) {
        print_json(show, json_failure(day, "not", json_string(why)));
        return;
    }
    if (show->json) {
        print_json(show, json_pack("{s:i, s:s, s:o, s:o, s:I, s:I, s:s, s:s}", "schema", 1, "type", "day", "domain",
                                   mv_json_bytes(day->seen.policy_domain), "day", json_day(day), "messages",
                                   (json_int_t)day->seen.messages, "passed", (json_int_t)day->seen.passed, "outcome",
                                   "not", "reason", why));
        return;
    }
    print_title(show, day);
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "    not       %s\n", why);
    print(show, &line);
}

/* "3 mails sent, 1 later, 2 addresses and 4 days get none" */
static void print_counts(struct mv_send_show *show, const char *why_ended)
{
    const uint64_t *counts = show->counts;
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "%ju mail%s %s", (uintmax_t)counts[MV_SEND_SENT], plural(counts[MV_SEND_SENT]),
                  show->mode == MV_SEND_DRY ? "would go out" : outcome_text(show, MV_SEND_SENT));
    if (counts[MV_SEND_DID_FAIL] > 0)
        mv_buf_printf(&line, ", %ju not taken", (uintmax_t)counts[MV_SEND_DID_FAIL]);
    if (counts[MV_SEND_LATER] > 0)
        mv_buf_printf(&line, ", %ju later", (uintmax_t)counts[MV_SEND_LATER]);
    if (counts[MV_SEND_NOT] > 0)
        mv_buf_printf(&line, ", %ju address%s not written to", (uintmax_t)counts[MV_SEND_NOT],
                      counts[MV_SEND_NOT] == 1 ? "" : "es");
    if (show->days_not > 0)
        mv_buf_printf(&line, ", %ju day%s that nobody is told of", (uintmax_t)show->days_not, plural(show->days_not));
    if (show->failures_not > 0)
        mv_buf_printf(&line, ", %ju failure%s that nobody is told of", (uintmax_t)show->failures_not,
                      plural(show->failures_not));
    if (why_ended != NULL) {
        mv_buf_puts(&line, "; ended early: ");
        mv_buf_puts(&line, why_ended); /* printable */
    }
    mv_buf_putc(&line, '\n');
    print(show, &line);
}

void mv_send_show_summary(struct mv_send_show *show, const char *why_ended)
{
    const uint64_t *counts = show->counts;

    if (show->json)
        print_json(show, json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "schema", 1, "type", "summary",
                                   "sent", (json_int_t)counts[MV_SEND_SENT], "failed",
                                   (json_int_t)counts[MV_SEND_DID_FAIL], "later", (json_int_t)counts[MV_SEND_LATER],
                                   "not", (json_int_t)counts[MV_SEND_NOT], "days_not", (json_int_t)show->days_not,
                                   "failures_not", (json_int_t)show->failures_not, "ended",
                                   why_ended == NULL ? json_null() : mv_json_bytes(mv_bytes_str(why_ended))));
    else if (!show->quiet)
        print_counts(show, why_ended);
    if (fflush(stdout) != 0)
        show->write_failed = true;
}
