#include "cli/report/show.h"

#include <stdio.h>

#include "cli/json.h"
#include "cli/report/print.h"
#include "cli/show.h"
#include "core/base/trace.h"
#include "core/report/page_text.h"
#include "core/report/report_time.h"

#define MAX_LINE_BYTES (64 * 1024)
#define MAX_STRANGERS 3 /* on the terminal */
#define MAX_PASSING 5   /* addresses that are named */
#define MAX_JSON_PASSING 100

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* The text is escaped whole: parts of it are what strangers wrote. */
static void print_line(const char *before, struct mv_buf *text)
{
    struct mv_buf line;

    mv_buf_init(&line, 4 * MAX_LINE_BYTES + 100);
    mv_buf_puts(&line, before);
    mv_buf_put_escaped(&line, mv_buf_bytes(text));
    mv_buf_putc(&line, '\n');
    if (!mv_buf_failed(text) && mv_buf_cstr(&line) != NULL)
        fputs(mv_buf_cstr(&line), stdout);
    mv_buf_free(&line);
    mv_buf_free(text);
}

/* "96.4 %", as on the page: rounded down, so that 100 % means all, and 0.0 % none. */
static void put_share(struct mv_buf *line, uint64_t part, uint64_t whole)
{
    unsigned per_mille = mv_page_share(part, whole) / 100;

    if (part > 0 && per_mille == 0)
        mv_buf_puts(line, "less than 0.1 %");
    else
        mv_buf_printf(line, "%u.%u %%", per_mille / 10, per_mille % 10);
}

static void print_messages(const struct mv_evidence_totals *totals)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "%ju message%s: %ju passed (", (uintmax_t)totals->messages, plural(totals->messages),
                  (uintmax_t)totals->passed);
    put_share(&line, totals->passed, totals->messages);
    mv_buf_printf(&line, "), %ju failed", (uintmax_t)totals->failed);
    print_line("        ", &line);
    if (totals->unlisted > 0)
        printf("        %ju of them from more addresses than are told apart here\n", (uintmax_t)totals->unlisted);
}

static void print_totals(const struct mv_report_picture *picture)
{
    const struct mv_report_gathered *gathered = &picture->gathered;
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put(&line, picture->survey->domain);
    mv_buf_printf(&line, ": %ju report%s of the last %u days", (uintmax_t)gathered->reports, plural(gathered->reports),
                  picture->survey->days);
    if (gathered->reports > 0) {
        mv_buf_puts(&line, ", from ");
        mv_report_day_print(gathered->first_secs, &line);
        mv_buf_puts(&line, " to ");
        mv_report_day_print(gathered->last_secs, &line);
    }
    print_line("", &line);
    if (gathered->untrusted > 0)
        printf("        %ju more of unknown senders left out (--untrusted counts them)\n",
               (uintmax_t)gathered->untrusted);
    if (gathered->reports == 0)
        printf("        'mailvouch dmarc lint %s' says whether its record asks for any\n",
               (const char *)picture->survey->domain.data); /* the arena ends it with a NUL */
    else
        print_messages(picture->survey->totals);
}

static void put_traits(const struct mv_stage_sender *sender, struct mv_buf *line)
{
    mv_buf_puts(line, "at ");
    mv_ip_print(&sender->ip, line);
    if (sender->addresses > 1)
        mv_buf_printf(line, " and %zu more", sender->addresses - 1);
    if (sender->host.len > 0)
        mv_buf_printf(line, " (%.*s)", MV_ARG(sender->host));
    mv_buf_puts(line, ", From ");
    mv_buf_put(line, sender->header_from);
    if (sender->spf_domain.len > 0)
        mv_buf_printf(line, ", bounces to %.*s", MV_ARG(sender->spf_domain));
    if (sender->signer.len > 0)
        mv_buf_printf(line, ", signed by %.*s", MV_ARG(sender->signer));
    mv_buf_printf(line, ", on %u day%s, last ", sender->days, plural(sender->days));
    mv_report_day_print(sender->last_failed_secs, line);
}

static void print_sender(const struct mv_report_picture *picture, const struct mv_stage_sender *sender)
{
    uint64_t failed = mv_stage_sender_failed(sender);
    struct mv_buf line;

    putchar('\n');
    mv_show_toned(sender->blocks ? MV_TONE_BAD : MV_TONE_PLAIN, "fails  ");
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put(&line, sender->name);
    mv_buf_printf(&line, " (%s): %ju of %ju message%s", mv_stage_sender_kind_text(sender->kind), (uintmax_t)failed,
                  (uintmax_t)sender->messages, plural(sender->messages));
    if (sender->hit > 0)
        mv_buf_printf(&line, ", %ju quarantined or rejected", (uintmax_t)sender->hit);
    print_line(" ", &line);
    mv_buf_init(&line, MAX_LINE_BYTES);
    put_traits(sender, &line);
    print_line("        ", &line);
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_stage_sender_remedy_print(sender, picture->survey->domain, &line);
    if (mv_buf_bytes(&line).len > 0)
        print_line("        to do: ", &line);
    else
        mv_buf_free(&line);
}

/* Of strangers, who are many, the first few. */
static void print_senders(const struct mv_report_picture *picture)
{
    size_t strangers = 0;
    uint64_t messages = 0;

    for (size_t i = 0; i < picture->survey->sender_count; i++) {
        const struct mv_stage_sender *sender = &picture->survey->senders[i];

        if (sender->kind == MV_SENDER_STRANGER && ++strangers > MAX_STRANGERS)
            messages += mv_stage_sender_failed(sender);
        else
            print_sender(picture, sender);
    }
    if (strangers > MAX_STRANGERS)
        printf("\nfails   %zu more strangers: %ju messages (--json has them all)\n", strangers - MAX_STRANGERS,
               (uintmax_t)messages);
}

static uint64_t passed_of(const struct mv_evidence_source *source)
{
    return source->messages - source->failed[MV_EVIDENCE_OWN] - source->failed[MV_EVIDENCE_BELOW];
}

/* The next one of those that pass most; they stand by what fails. NULL: no more. */
static const struct mv_evidence_source *next_passing(const struct mv_report_picture *picture,
                                                     const struct mv_evidence_source *last)
{
    const struct mv_evidence_source *best = NULL;

    for (size_t i = 0; i < picture->survey->source_count; i++) {
        const struct mv_evidence_source *source = &picture->survey->sources[i];
        bool is_behind = last == NULL || passed_of(source) < passed_of(last) ||
                         (passed_of(source) == passed_of(last) && source > last);

        if (passed_of(source) > 0 && is_behind && (best == NULL || passed_of(source) > passed_of(best)))
            best = source;
    }
    return best;
}

static void print_passing(const struct mv_report_picture *picture)
{
    const struct mv_evidence_source *source = NULL;
    size_t count = 0;
    struct mv_buf line;

    for (size_t i = 0; i < picture->survey->source_count; i++)
        count += passed_of(&picture->survey->sources[i]) > 0 ? 1 : 0;
    if (count == 0)
        return;
    putchar('\n');
    mv_show_toned(MV_TONE_GOOD, "passes ");
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "%ju message%s of %zu address%s:", (uintmax_t)picture->survey->totals->passed,
                  plural(picture->survey->totals->passed), count, count == 1 ? "" : "es");
    for (size_t i = 0; i < MAX_PASSING && (source = next_passing(picture, source)) != NULL; i++) {
        mv_buf_puts(&line, i == 0 ? " " : ", ");
        mv_ip_print(&source->ip, &line);
        mv_buf_printf(&line, " %ju", (uintmax_t)passed_of(source));
    }
    if (count > MAX_PASSING)
        mv_buf_printf(&line, " and %zu more", count - MAX_PASSING);
    print_line(" ", &line);
}

/* What a policy would do to the mail of the window: DMARC failures are quarantined or rejected. */
static void print_next(const struct mv_report_picture *picture)
{
    const struct mv_evidence_totals *totals = picture->survey->totals;
    uint64_t legitimate = picture->survey->legitimate;
    struct mv_buf line;

    if (totals->messages == 0)
        return;
    mv_buf_init(&line, MAX_LINE_BYTES);
    if (totals->failed == 0) {
        mv_buf_puts(&line, "p=quarantine or p=reject would have hit none of this mail");
    } else {
        mv_buf_printf(&line, "p=quarantine or p=reject hits %ju message%s (", (uintmax_t)totals->failed,
                      plural(totals->failed));
        put_share(&line, totals->failed, totals->messages);
        mv_buf_printf(&line, "), %ju of them of senders that look legitimate", (uintmax_t)legitimate);
    }
    putchar('\n');
    print_line("next    ", &line);
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "'mailvouch dmarc stage %.*s' says when it is time", MV_ARG(picture->survey->domain));
    print_line("        ", &line);
}

bool mv_report_show(const struct mv_report_picture *picture)
{
    print_totals(picture);
    print_senders(picture);
    print_passing(picture);
    print_next(picture);
    return fflush(stdout) == 0;
}

static json_t *json_sender(const struct mv_report_picture *picture, const struct mv_stage_sender *s)
{
    struct mv_buf remedy;
    json_t *json;

    mv_buf_init(&remedy, MAX_LINE_BYTES);
    mv_stage_sender_remedy_print(s, picture->survey->domain, &remedy);
    json = json_pack("{s:o, s:s, s:s, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:i, s:o}", "name",
                     mv_json_bytes(s->name), "kind", mv_stage_sender_kind_text(s->kind), "remedy",
                     mv_stage_sender_remedy_text(s->remedy), "to_do", mv_json_bytes(mv_buf_bytes(&remedy)),
                     "legitimate", s->blocks, "messages", (json_int_t)s->messages, "failed",
                     (json_int_t)mv_stage_sender_failed(s), "hit", (json_int_t)s->hit, "forwarded",
                     (json_int_t)s->forwarded, "addresses", (json_int_t)s->addresses, "ip", mv_json_ip(&s->ip), "host",
                     mv_json_bytes(s->host), "header_from", mv_json_bytes(s->header_from), "spf_domain",
                     mv_json_bytes(s->spf_domain), "signer", mv_json_bytes(s->signer), "days", (int)s->days, "last",
                     mv_report_json_time(s->last_failed_secs));
    mv_buf_free(&remedy);
    return json;
}

static json_t *json_senders(const struct mv_report_picture *picture)
{
    json_t *list = json_array();

    for (size_t i = 0; i < picture->survey->sender_count; i++)
        json_array_append_new(list, json_sender(picture, &picture->survey->senders[i]));
    return list;
}

static json_t *json_passing(const struct mv_report_picture *picture)
{
    const struct mv_evidence_source *source = NULL;
    json_t *list = json_array();

    for (size_t i = 0; i < MAX_JSON_PASSING && (source = next_passing(picture, source)) != NULL; i++)
        json_array_append_new(list, json_pack("{s:o, s:I}", "ip", mv_json_ip(&source->ip), "messages",
                                              (json_int_t)passed_of(source)));
    return list;
}

json_t *mv_report_json(const struct mv_report_picture *picture)
{
    const struct mv_evidence_totals *totals = picture->survey->totals;

    return json_pack("{s:o, s:i, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "domain",
                     mv_json_bytes(picture->survey->domain), "days", (int)picture->survey->days, "reports",
                     (json_int_t)picture->gathered.reports, "untrusted", (json_int_t)picture->gathered.untrusted,
                     "refused", (json_int_t)picture->gathered.refused, "begin",
                     mv_report_json_time(picture->gathered.first_secs), "end",
                     mv_report_json_time(picture->gathered.last_secs), "messages", (json_int_t)totals->messages,
                     "passed", (json_int_t)totals->passed, "failed", (json_int_t)totals->failed, "unlisted",
                     (json_int_t)totals->unlisted, "legitimate",
                     (json_int_t)picture->survey->legitimate, "failing", json_senders(picture), "passing",
                     json_passing(picture));
}
