#include "cli/report/alert_show.h"

#include <stdio.h>

#include "cli/json.h"
#include "cli/report/words.h"
#include "core/base/trace.h"
#include "core/report/report_time.h"

#define MAX_BYTES (64 * 1024)

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void put_per_mille(struct mv_buf *out, unsigned per_mille)
{
    mv_buf_printf(out, "%u.%u %%", per_mille / 10, per_mille % 10);
}

static void put_sender(const struct mv_alert *alert, enum mv_alert_turn turn, struct mv_buf *out)
{
    const struct mv_stage_sender *sender = alert->sender;

    mv_buf_put(out, sender->name);
    mv_buf_printf(out, " (%s", mv_stage_sender_kind_text(sender->kind));
    if (sender->addresses > 1)
        mv_buf_printf(out, ", %zu addresses", sender->addresses);
    mv_buf_puts(out, ", ");
    mv_ip_print(&sender->ip, out);
    mv_buf_puts(out, turn == MV_ALERT_AGAIN      ? ") still fails"
                     : turn == MV_ALERT_WORSE    ? ") fails more than before"
                     : alert->used_to_pass       ? ") passed before, and fails now"
                                                 : ") is new, and fails");
    mv_buf_printf(out, ": %ju of %ju message%s", (uintmax_t)alert->size, (uintmax_t)sender->messages,
                  plural(sender->messages));
}

static void put_headline(const struct mv_alert *alert, enum mv_alert_turn turn, struct mv_buf *out)
{
    switch (alert->what) {
    case MV_ALERT_SENDER:
        put_sender(alert, turn, out);
        break;
    case MV_ALERT_STRANGERS:
        mv_buf_printf(out, "%zu senders that look like strangers use the name%s: %ju messages that fail",
                      alert->senders,
                      turn == MV_ALERT_WORSE   ? ", more than before"
                      : turn == MV_ALERT_AGAIN ? " still"
                                               : "", (uintmax_t)alert->size);
        break;
    case MV_ALERT_RATE:
        mv_buf_puts(out, turn == MV_ALERT_AGAIN ? "the pass rate is still down, from " : "the pass rate fell from ");
        put_per_mille(out, alert->base_per_mille);
        mv_buf_puts(out, " to ");
        put_per_mille(out, alert->recent_per_mille);
        break;
    case MV_ALERT_SILENCE:
        mv_buf_puts(out, "no report since ");
        mv_report_day_print(alert->last_secs, out);
        mv_buf_printf(out, ", %ju days ago; before that they kept coming", (uintmax_t)alert->size);
        return;
    case MV_ALERT_WHATS:
        return;
    }
    mv_buf_printf(out, ", in the last %d days", MV_ALERT_RECENT_DAYS);
}

static void put_to_do(const struct mv_report_watch *watch, const struct mv_alert *alert, struct mv_buf *out)
{
    struct mv_bytes domain = watch->survey.domain;

    switch (alert->what) {
    case MV_ALERT_SENDER:
        mv_stage_sender_remedy_print(alert->sender, domain, out);
        return;
    case MV_ALERT_STRANGERS:
        mv_buf_printf(out, "look with 'mailvouch report show %.*s' whether one of them is yours; what is not, a policy "
                      "of p=quarantine or p=reject keeps out", MV_ARG(domain));
        return;
    case MV_ALERT_RATE:
        mv_buf_printf(out, "'mailvouch report show %.*s' ranks what fails, and says what mends it", MV_ARG(domain));
        return;
    case MV_ALERT_SILENCE:
        mv_buf_printf(out, "see that the mailbox of rua takes mail and that 'mailvouch report read' runs; "
                      "'mailvouch dmarc lint %.*s' says whether the record still asks for reports", MV_ARG(domain));
        return;
    case MV_ALERT_WHATS:
        return;
    }
}

/* Escaped whole: parts of it are what strangers wrote. */
static enum mv_code print_line(const char *before, struct mv_buf *text)
{
    struct mv_buf line;
    enum mv_code code = MV_ERR_MEMORY;

    mv_buf_init(&line, 4 * MAX_BYTES + 100);
    mv_buf_puts(&line, before);
    mv_buf_put_escaped(&line, mv_buf_bytes(text));
    if (!mv_buf_failed(text) && mv_buf_cstr(&line) != NULL) {
        puts(mv_buf_cstr(&line));
        code = MV_OK;
    }
    mv_buf_free(&line);
    mv_buf_free(text);
    return code;
}

enum mv_code mv_report_alert_show(const struct mv_report_watch *watch, const struct mv_alert *alert,
                                  enum mv_alert_turn turn)
{
    struct mv_bytes spf, dkim;
    struct mv_buf line;
    enum mv_code code;

    mv_buf_init(&line, MAX_BYTES);
    mv_buf_printf(&line, "%.*s: ", MV_ARG(watch->survey.domain));
    put_headline(alert, turn, &line);
    code = print_line("", &line);
    if (code == MV_OK && alert->what == MV_ALERT_SENDER) {
        code = mv_report_put_faults(&watch->survey, alert->sender, &spf, &dkim);
        mv_buf_init(&line, MAX_BYTES);
        if (code == MV_OK) {
            mv_buf_printf(&line, "%.*s; %.*s", MV_ARG(spf), MV_ARG(dkim));
            code = print_line("        ", &line);
        }
    }
    if (code != MV_OK)
        return code;
    mv_buf_init(&line, MAX_BYTES);
    put_to_do(watch, alert, &line);
    return print_line("        to do: ", &line);
}

static const char *turn_text(enum mv_alert_turn turn)
{
    static const char *const texts[] = {"silent", "first", "worse", "again"};

    return turn < sizeof texts / sizeof *texts ? texts[turn] : "";
}

static json_t *json_of(void (*put)(const struct mv_alert *alert, enum mv_alert_turn turn, struct mv_buf *out),
                       const struct mv_alert *alert, enum mv_alert_turn turn)
{
    struct mv_buf text;
    json_t *json;

    mv_buf_init(&text, MAX_BYTES);
    put(alert, turn, &text);
    json = mv_json_bytes(mv_buf_bytes(&text));
    mv_buf_free(&text);
    return json;
}

static json_t *json_to_do(const struct mv_report_watch *watch, const struct mv_alert *alert)
{
    struct mv_buf text;
    json_t *json;

    mv_buf_init(&text, MAX_BYTES);
    put_to_do(watch, alert, &text);
    json = mv_json_bytes(mv_buf_bytes(&text));
    mv_buf_free(&text);
    return json;
}

json_t *mv_report_alert_json(const struct mv_report_watch *watch, const struct mv_alert *alert,
                             enum mv_alert_turn turn)
{
    json_t *json = json_pack("{s:o, s:s, s:s, s:o, s:I, s:o, s:o}", "domain", mv_json_bytes(watch->survey.domain),
                             "what", mv_alert_what_text(alert->what), "turn", turn_text(turn), "who",
                             alert->sender == NULL ? json_null() : mv_json_bytes(alert->sender->name), "size",
                             (json_int_t)alert->size, "sentence", json_of(put_headline, alert, turn), "to_do",
                             json_to_do(watch, alert));

    if (json != NULL && alert->sender != NULL)
        json_object_set_new(json, "remedy", json_string(mv_stage_sender_remedy_text(alert->sender->remedy)));
    return json;
}
