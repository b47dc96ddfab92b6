#include "cli/dmarc/show_stage.h"

#include "cli/json.h"
#include "core/base/buf.h"

#define MAX_TEXT_BYTES (64 * 1024)

static json_t *json_advice_for(const struct mv_stage_sender *sender, struct mv_bytes domain)
{
    struct mv_buf text;
    json_t *string;

    mv_buf_init(&text, MAX_TEXT_BYTES);
    mv_stage_sender_remedy_print(sender, domain, &text);
    string = mv_json_bytes(mv_buf_bytes(&text));
    mv_buf_free(&text);
    return string;
}

/* 0 is "not known". */
static json_t *json_time(int64_t secs)
{
    return secs == 0 ? json_null() : json_integer(secs);
}

static json_t *json_sender(const struct mv_stage_sender *sender, struct mv_bytes domain)
{
    json_t *object = json_pack("{s:o*, s:s, s:b, s:s, s:o*}", "name", mv_json_bytes(sender->name), "kind",
                               mv_stage_sender_kind_text(sender->kind), "blocks", sender->blocks, "remedy",
                               mv_stage_sender_remedy_text(sender->remedy), "advice", json_advice_for(sender, domain));
    json_t *facts = json_pack(
        "{s:o*, s:o*, s:I, s:s*, s:o*, s:o*, s:o*, s:o*, s:o*, s:s}", "address", mv_json_ip(&sender->ip), "host",
        mv_json_bytes(sender->host), "addresses", (json_int_t)sender->addresses, "provider",
        sender->provider == NULL ? NULL : sender->provider->name, "header_from", mv_json_bytes(sender->header_from),
        "mail_from", mv_json_bytes(sender->spf_domain), "signer", mv_json_bytes(sender->signer), "own_signer",
        mv_json_bytes(sender->own_signer), "own_selector", mv_json_bytes(sender->own_selector), "spf_now",
        mv_spf_code_text(sender->spf));
    json_t *counts = json_pack("{s:I, s:I, s:I, s:I, s:I, s:o*, s:o*}", "messages", (json_int_t)sender->messages,
                               "failed_own", (json_int_t)sender->failed[MV_EVIDENCE_OWN], "failed_below",
                               (json_int_t)sender->failed[MV_EVIDENCE_BELOW], "hit", (json_int_t)sender->hit, "days",
                               (json_int_t)sender->days, "last_failed", json_time(sender->last_failed_secs),
                               "last_passed", json_time(sender->last_passed_secs));

    json_object_update(object, facts);
    json_object_update(object, counts);
    json_decref(facts);
    json_decref(counts);
    return object;
}

static json_t *json_senders(const struct mv_dmarc_stage *stage)
{
    json_t *list = json_array();

    for (size_t i = 0; i < stage->input.sender_count; i++)
        json_array_append_new(list, json_sender(&stage->input.senders[i], stage->domain));
    return list;
}

static json_t *json_impact(const struct mv_stage_impact *impact)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "quarantined", (json_int_t)impact->quarantined, "rejected",
                     (json_int_t)impact->rejected, "senders", (json_int_t)impact->senders, "legitimate",
                     (json_int_t)impact->legitimate, "rfc7489_quarantined", (json_int_t)impact->legacy_quarantined,
                     "rfc7489_rejected", (json_int_t)impact->legacy_rejected);
}

static json_t *json_next(const struct mv_dmarc_stage *stage)
{
    const struct mv_stage_advice *advice = &stage->advice;

    if (!advice->has_next)
        return json_null();
    return json_pack("{s:s, s:{s:o*, s:s, s:o*}, s:o*, s:o*, s:b, s:b, s:b}", "step", mv_stage_step_text(advice->next),
                     "record", "name", mv_json_bytes(stage->name), "type", "TXT", "text",
                     mv_json_bytes(advice->next_record.text), "impact", json_impact(&advice->next_impact), "after_test",
                     json_impact(&advice->after_impact), "relies_on_spf", advice->relies_on_spf, "hurts_lists",
                     advice->hurts_lists, "open_below", advice->open_below);
}

static json_t *json_evidence(const struct mv_dmarc_stage *stage)
{
    const struct mv_evidence_totals *totals = mv_evidence_totals(stage->input.evidence);
    json_t *object = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o*}", "window_days", (json_int_t)stage->window_days,
                               "days", (json_int_t)totals->days, "messages", (json_int_t)totals->messages, "passed",
                               (json_int_t)totals->passed, "failed", (json_int_t)totals->failed, "spf_only",
                               (json_int_t)totals->spf_only, "last", json_time(totals->last_secs));
    json_t *files = json_pack("{s:I, s:I, s:I, s:I, s:I}", "files", (json_int_t)stage->reports.files, "reports",
                              (json_int_t)stage->reports.reports, "repeated", (json_int_t)stage->reports.repeated,
                              "foreign", (json_int_t)stage->reports.foreign, "unreadable",
                              (json_int_t)stage->reports.unreadable);

    json_object_update(object, files);
    json_decref(files);
    return object;
}

json_t *mv_dmarc_json_stage(const struct mv_dmarc_stage *stage)
{
    const struct mv_stage_advice *advice = &stage->advice;

    return json_pack(
        "{s:o*, s:s, s:s, s:o*, s:o*, s:o*, s:I, s:I, s:{s:I, s:I, s:I, s:I, s:I}, s:o*, s:o*, s:o*, s:o*}", "domain",
        mv_json_bytes(stage->domain), "verdict", mv_stage_verdict_text(advice->verdict), "step",
        mv_stage_step_text(advice->step), "record",
        stage->input.record == NULL ? json_null() : mv_json_bytes(stage->input.record->text), "since",
        json_time(advice->since_secs), "until", json_time(advice->until_secs), "report_days",
        (json_int_t)advice->report_days, "needed_days", (json_int_t)advice->needed_days, "failed", "legitimate",
        (json_int_t)advice->blocking, "mended", (json_int_t)advice->mended, "unproven", (json_int_t)advice->unproven,
        "forwarded", (json_int_t)advice->forwarded, "strange", (json_int_t)advice->strange, "evidence",
        json_evidence(stage), "senders", json_senders(stage), "now", json_impact(&advice->now_impact), "next",
        json_next(stage));
}
