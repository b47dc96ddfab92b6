#include "cli/report/print.h"

#include <stdio.h>

#include "cli/json.h"
#include "cli/show.h"
#include "core/base/buf.h"
#include "core/report/report_time.h"

#define MAX_LINE_BYTES (1024 * 1024)
#define MAX_TIME_BYTES 64

static const char *outcome_text(enum mv_report_outcome outcome)
{
    static const char *const texts[] = {"read", "stored", "seen before", "refused"};

    return texts[outcome];
}

static bool print_line(struct mv_buf *line)
{
    const char *text = mv_buf_cstr(line);
    bool written = text != NULL && fputs(text, stdout) != EOF;

    mv_buf_free(line);
    return written;
}

static void put_bytes(struct mv_buf *line, const char *before, struct mv_bytes text)
{
    mv_buf_puts(line, before);
    if (text.len == 0)
        mv_buf_puts(line, "(unnamed)");
    mv_buf_put_escaped(line, text);
}

static void put_days(struct mv_buf *line, const struct mv_report_result *result)
{
    if (result->end_secs == 0)
        return;
    mv_buf_puts(line, ", ");
    mv_report_day_print(result->begin_secs, line);
    if (result->begin_secs / 86400 == result->end_secs / 86400)
        return;
    mv_buf_puts(line, " to ");
    mv_report_day_print(result->end_secs, line);
}

static void put_notes(struct mv_buf *line, const struct mv_aggregate_totals *totals)
{
    for (size_t i = 0; i < MV_NOTE_COUNT; i++) {
        const struct mv_aggregate_noted *noted = &totals->notes[i];

        if (noted->count == 0)
            continue;
        mv_buf_printf(line, "    salvaged: %s%s%s%s, %llu, first in line %llu\n",
                      mv_aggregate_note_text((enum mv_aggregate_note)i), *noted->element == '\0' ? "" : " (",
                      noted->element, *noted->element == '\0' ? "" : ")", (unsigned long long)noted->count,
                      (unsigned long long)noted->first_line);
    }
}

static void put_sender(struct mv_buf *line, const struct mv_report_sender *sender, const char *why)
{
    if (sender->trust == MV_TRUST_MAIL) {
        put_bytes(line, "    sent by ", sender->domain);
        mv_buf_puts(line, "\n");
    } else if (sender->trust == MV_TRUST_NONE) {
        mv_buf_puts(line, "    untrusted: ");
        mv_buf_put_escaped(line, mv_bytes_str(why));
        mv_buf_puts(line, "\n");
    }
}

static void put_counts(struct mv_buf *line, const struct mv_report_result *result)
{
    const char *plural = result->messages == 1 ? "" : "s";

    mv_buf_printf(line, ": %llu %s%s", (unsigned long long)result->messages,
                  result->kind == MV_REPORT_TLS ? "session" : "message", plural);
    if (result->kind == MV_REPORT_FAILURE)
        return;
    mv_buf_printf(line, ", %llu passed; %llu record%s", (unsigned long long)result->passed,
                  (unsigned long long)result->records, result->records == 1 ? "" : "s");
}

static bool print_text(const char *file, const struct mv_report_result *result, const struct mv_report_sender *sender,
                       const char *why)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put_escaped(&line, mv_bytes_str(file));
    if (result->name.len > 0)
        put_bytes(&line, ": ", result->name);
    mv_buf_printf(&line, ": %s", outcome_text(result->outcome));
    if (result->outcome == MV_OUTCOME_REFUSED) {
        mv_buf_puts(&line, ": ");
        mv_buf_put_escaped(&line, mv_bytes_str(result->fault));
        mv_buf_putc(&line, '\n');
        return print_line(&line);
    }
    mv_buf_printf(&line, "\n    %s report on ", mv_report_kind_text(result->kind));
    mv_buf_put_escaped(&line, result->domain);
    put_bytes(&line, " by ", result->org);
    put_days(&line, result);
    put_counts(&line, result);
    if (result->skipped > 0)
        mv_buf_printf(&line, ", %llu more skipped", (unsigned long long)result->skipped);
    mv_buf_puts(&line, "\n");
    put_sender(&line, sender, why);
    if (result->totals != NULL)
        put_notes(&line, result->totals);
    return print_line(&line);
}

json_t *mv_report_json_time(int64_t secs)
{
    struct mv_buf text;
    json_t *json;

    if (secs == 0)
        return json_null();
    mv_buf_init(&text, MAX_TIME_BYTES);
    mv_report_time_print(secs, &text);
    json = mv_json_bytes(mv_buf_bytes(&text));
    mv_buf_free(&text);
    return json;
}

static json_t *json_notes(const struct mv_aggregate_totals *totals)
{
    json_t *list = json_array();

    for (size_t i = 0; i < MV_NOTE_COUNT && totals != NULL; i++)
        if (totals->notes[i].count > 0)
            json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I}", "note",
                                                  mv_aggregate_note_text((enum mv_aggregate_note)i), "element",
                                                  totals->notes[i].element, "count", (json_int_t)totals->notes[i].count,
                                                  "line", (json_int_t)totals->notes[i].first_line));
    return list;
}

static json_t *json_sender(const struct mv_report_sender *sender, const char *why)
{
    return json_pack("{s:s, s:o, s:o}", "trust", mv_report_trust_text(sender->trust), "domain",
                     mv_json_bytes(sender->domain), "why", mv_json_bytes(mv_bytes_str(why)));
}

static json_t *json_result(const char *file, const struct mv_report_result *r, const struct mv_report_sender *sender,
                           const char *why)
{
    return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:s, s:o, s:o, s:o}",
                     "schema", 1, "type", "report", "kind", mv_report_kind_text(r->kind), "file",
                     mv_json_bytes(mv_bytes_str(file)), "part", mv_json_bytes(r->name), "organization",
                     mv_json_bytes(r->org), "domain", mv_json_bytes(r->domain), "report_id",
                     mv_json_bytes(r->report_id), "begin", mv_report_json_time(r->begin_secs), "end",
                     mv_report_json_time(r->end_secs), "records", (json_int_t)r->records, "skipped",
                     (json_int_t)r->skipped, "messages", (json_int_t)r->messages, "passed",
                     (json_int_t)r->passed, "outcome", outcome_text(r->outcome), "fault",
                     r->fault == NULL ? json_null() : mv_json_bytes(mv_bytes_str(r->fault)), "sender",
                     json_sender(sender, why), "notes", json_notes(r->totals));
}

bool mv_report_print_result(enum mv_report_format format, const char *file, const struct mv_report_result *result,
                            const struct mv_report_sender *sender, const char *why)
{
    return format == MV_FORMAT_JSON ? mv_json_print_line(json_result(file, result, sender, why))
                                    : print_text(file, result, sender, why);
}

static json_t *json_reasons(const struct mv_aggregate_record *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->reason_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:o}", "type", mv_report_override_text(r->reasons[i].type),
                                              "comment", mv_json_bytes(r->reasons[i].comment)));
    return list;
}

static json_t *json_dkim(const struct mv_aggregate_record *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->dkim_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o}", "result", mv_report_auth_text(r->dkim[i].result),
                                              "domain", mv_json_bytes(r->dkim[i].domain), "selector",
                                              mv_json_bytes(r->dkim[i].selector), "human_result",
                                              mv_json_bytes(r->dkim[i].human_result)));
    return list;
}

static json_t *json_spf(const struct mv_aggregate_record *r)
{
    if (!r->has_spf)
        return json_null();
    return json_pack("{s:s, s:s, s:o}", "result", mv_report_auth_text(r->spf.result), "scope",
                     mv_report_scope_text(r->spf.scope), "domain", mv_json_bytes(r->spf.domain));
}

static bool print_record_json(const struct mv_aggregate_record *r, const char *source)
{
    return mv_json_print_line(json_pack(
        "{s:i, s:s, s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "type", "record", "source", source,
        "count", (json_int_t)r->count, "disposition", mv_report_disposition_text(r->disposition), "dkim",
        mv_report_aligned_text(r->dkim_aligned), "spf", mv_report_aligned_text(r->spf_aligned), "header_from",
        mv_json_bytes(r->header_from), "envelope_from",
        r->has_envelope_from ? mv_json_bytes(r->envelope_from) : json_null(), "reasons", json_reasons(r), "auth_dkim",
        json_dkim(r), "auth_spf", json_spf(r)));
}

static bool print_record_text(const struct mv_aggregate_record *r, const char *source)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "    %-15s %6llu %-4s ", source, (unsigned long long)r->count,
                  mv_aggregate_passed(r) ? "pass" : "fail");
    mv_buf_put_escaped(&line, r->header_from);
    mv_buf_printf(&line, " disposition=%s", mv_report_disposition_text(r->disposition));
    for (size_t i = 0; i < r->dkim_count; i++) {
        mv_buf_printf(&line, " dkim=%s:", mv_report_auth_text(r->dkim[i].result));
        mv_buf_put_escaped(&line, r->dkim[i].domain);
        mv_buf_putc(&line, '/');
        mv_buf_put_escaped(&line, r->dkim[i].selector);
    }
    if (r->has_spf) {
        mv_buf_printf(&line, " spf=%s:", mv_report_auth_text(r->spf.result));
        mv_buf_put_escaped(&line, r->spf.domain);
    }
    for (size_t i = 0; i < r->reason_count; i++)
        mv_buf_printf(&line, " reason=%s", mv_report_override_text(r->reasons[i].type));
    mv_buf_putc(&line, '\n');
    return print_line(&line);
}

bool mv_report_print_record(enum mv_report_format format, const struct mv_aggregate_record *record)
{
    struct mv_buf source;
    bool written;

    mv_buf_init(&source, 64);
    mv_ip_print(&record->source, &source);
    written = mv_buf_cstr(&source) != NULL && (format == MV_FORMAT_JSON
                                                   ? print_record_json(record, mv_buf_cstr(&source))
                                                   : print_record_text(record, mv_buf_cstr(&source)));
    mv_buf_free(&source);
    return written;
}
