#include "cli/dmarc/show_stage.h"

#include <stdio.h>

#include "cli/dmarc/show.h"
#include "cli/show.h"
#include "cli/show_findings.h"
#include "core/base/trace.h"
#include "core/report/report_time.h"

#define MAX_LINE_BYTES (64 * 1024)
#define MAX_NAMED 5     /* senders in a sentence */
#define MAX_STRANGERS 3 /* in the list */

static void put_day(struct mv_buf *line, int64_t secs)
{
    mv_report_day_print(secs, line);
}

static void print_line(const char *word, struct mv_buf *line)
{
    mv_dmarc_show_line(word, mv_buf_bytes(line));
    mv_buf_free(line);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_step(const struct mv_dmarc_stage *stage)
{
    const struct mv_stage_advice *advice = &stage->advice;
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_puts(&line, mv_stage_step_text(advice->step));
    if (advice->since_secs > 0) {
        mv_buf_puts(&line, ", since ");
        put_day(&line, advice->since_secs);
        mv_buf_printf(&line, ", with reports of %u day%s", advice->report_days, plural(advice->report_days));
    } else if (advice->step != MV_STAGE_NOTHING) {
        mv_buf_puts(&line, "; no report has shown it yet");
    }
    print_line("step", &line);
}

static void print_evidence(const struct mv_dmarc_stage *stage)
{
    const struct mv_evidence_totals *totals = mv_evidence_totals(stage->input.evidence);
    const struct mv_stage_advice *advice = &stage->advice;
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "%ju messages in reports of %u of the last %u days: %ju passed, %ju failed",
                  (uintmax_t)totals->messages, totals->days, stage->window_days, (uintmax_t)totals->passed,
                  (uintmax_t)totals->failed);
    print_line("mail", &line);
    if (totals->failed == 0)
        return;
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line,
                  "of the failed: %ju of legitimate senders, %ju of mended ones, %ju forwarded, %ju of strangers",
                  (uintmax_t)(advice->blocking + advice->unproven), (uintmax_t)advice->mended,
                  (uintmax_t)advice->forwarded, (uintmax_t)advice->strange);
    print_line("", &line);
}

static enum mv_tone tone_of(const struct mv_stage_sender *sender)
{
    return sender->blocks ? MV_TONE_BAD : MV_TONE_PLAIN;
}

static void put_traits(const struct mv_stage_sender *sender, struct mv_buf *line)
{
    mv_buf_puts(line, "From ");
    mv_buf_put(line, sender->header_from);
    mv_buf_puts(line, ", at ");
    mv_ip_print(&sender->ip, line);
    if (sender->addresses > 1)
        mv_buf_printf(line, " and %zu more", sender->addresses - 1);
    if (sender->host.len > 0)
        mv_buf_printf(line, " (%.*s)", MV_ARG(sender->host));
    if (sender->spf_domain.len > 0)
        mv_buf_printf(line, ", bounces to %.*s", MV_ARG(sender->spf_domain));
    if (sender->signer.len > 0)
        mv_buf_printf(line, ", signed by %.*s", MV_ARG(sender->signer));
    mv_buf_printf(line, ", on %u day%s, last ", sender->days, plural(sender->days));
    put_day(line, sender->last_failed_secs);
}

static void print_sender(const struct mv_dmarc_stage *stage, const struct mv_stage_sender *sender)
{
    struct mv_buf line;

    mv_show_toned(tone_of(sender), sender->blocks ? "fails   " : "        ");
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put_escaped(&line, sender->name);
    printf(" %s (%s): %ju message%s\n", mv_buf_cstr(&line) == NULL ? "" : mv_buf_cstr(&line),
           mv_stage_sender_kind_text(sender->kind), (uintmax_t)mv_stage_sender_failed(sender),
           plural(mv_stage_sender_failed(sender)));
    mv_buf_free(&line);
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_puts(&line, "  ");
    put_traits(sender, &line);
    print_line("", &line);
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_puts(&line, "  ");
    mv_stage_sender_remedy_print(sender, stage->domain, &line);
    if (line.len > 2)
        print_line("", &line);
    else
        mv_buf_free(&line);
}

/* Those that block first; of strangers, who are many, the first few. */
static void print_senders(const struct mv_dmarc_stage *stage)
{
    size_t strangers = 0;
    uint64_t messages = 0;

    for (size_t i = 0; i < stage->input.sender_count; i++)
        if (stage->input.senders[i].blocks)
            print_sender(stage, &stage->input.senders[i]);
    for (size_t i = 0; i < stage->input.sender_count; i++) {
        const struct mv_stage_sender *sender = &stage->input.senders[i];

        if (sender->blocks)
            continue;
        if (sender->kind == MV_SENDER_STRANGER && ++strangers > MAX_STRANGERS)
            messages += mv_stage_sender_failed(sender);
        else
            print_sender(stage, sender);
    }
    if (strangers > MAX_STRANGERS)
        printf("         and %zu more strangers: %ju messages (--json has them all)\n", strangers - MAX_STRANGERS,
               (uintmax_t)messages);
}

/* "; legitimate: Mailjet 300, 192.0.2.7 100 and 2 more" */
static void put_losers(const struct mv_dmarc_stage *stage, struct mv_buf *line)
{
    size_t named = 0, more = 0;

    for (size_t i = 0; i < stage->input.sender_count; i++) {
        const struct mv_stage_sender *sender = &stage->input.senders[i];

        if (!sender->blocks && !sender->unproven)
            continue;
        if (named++ < MAX_NAMED)
            mv_buf_printf(line, "%s%.*s %ju", named == 1 ? "; legitimate: " : ", ", MV_ARG(sender->name),
                          (uintmax_t)mv_stage_sender_failed(sender));
        else
            more++;
    }
    if (more > 0)
        mv_buf_printf(line, " and %zu more", more);
    if (named == 0)
        mv_buf_puts(line, "; none of a legitimate sender");
}

/* "would have been", or "is" and "are" */
struct verb {
    const char *singular, *plural;
};

static void print_impact(const struct mv_dmarc_stage *stage, const char *word, struct verb verb,
                         const struct mv_stage_impact *impact)
{
    uint64_t count = impact->quarantined + impact->rejected;
    const char *what = impact->quarantined == 0 ? "rejected"
                       : impact->rejected == 0  ? "quarantined"
                                                : "quarantined or rejected";
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    if (count == 0) {
        mv_buf_printf(&line, "no message of the window %s quarantined or rejected", verb.singular);
    } else {
        mv_buf_printf(&line, "%ju message%s from %zu sender%s %s %s", (uintmax_t)count, plural(count), impact->senders,
                      plural(impact->senders), count == 1 ? verb.singular : verb.plural, what);
        put_losers(stage, &line);
    }
    print_line(word, &line);
    if (impact->legacy_quarantined == impact->quarantined && impact->legacy_rejected == impact->rejected)
        return;
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "at receivers of RFC 7489: %ju quarantined, %ju rejected",
                  (uintmax_t)impact->legacy_quarantined, (uintmax_t)impact->legacy_rejected);
    print_line("", &line);
}

static void print_ahead(const struct mv_dmarc_stage *stage)
{
    static const struct verb is = {"is", "are"}, was = {"would have been", "would have been"},
                             will = {"would be", "would be"};
    const struct mv_stage_advice *advice = &stage->advice;

    if (stage->input.sender_count > 0 && advice->step >= MV_STAGE_QUARANTINE)
        print_impact(stage, "now", is, &advice->now_impact);
    if (!advice->has_next)
        return;
    mv_dmarc_show_line("next", mv_bytes_str(mv_stage_step_text(advice->next)));
    if (mv_evidence_totals(stage->input.evidence)->messages == 0)
        return;
    print_impact(stage, "", was, &advice->next_impact);
    if (advice->next_record.test)
        print_impact(stage, "then", will, &advice->after_impact);
}

static void put_wait(const struct mv_dmarc_stage *stage, struct mv_buf *line)
{
    const struct mv_stage_advice *advice = &stage->advice;

    if (advice->since_secs == 0) {
        mv_buf_puts(line, "wait: no report has shown the present record yet (or say --since, if you know better)");
        return;
    }
    mv_buf_puts(line, "wait: nothing stands in the way but time; not before ");
    put_day(line, advice->until_secs);
    if (advice->unproven > 0)
        mv_buf_puts(line, ", and reports have to show that what DNS mends passes");
    if (advice->report_days < advice->needed_days)
        mv_buf_printf(line, ", and with reports of %u days (there are %u)", advice->needed_days, advice->report_days);
}

static void put_verdict(const struct mv_dmarc_stage *stage, struct mv_buf *line)
{
    const struct mv_stage_advice *advice = &stage->advice;

    switch (advice->verdict) {
    case MV_STAGE_START:
        mv_buf_puts(line, "begin: publish this record, and come back when reports arrive");
        return;
    case MV_STAGE_NO_EVIDENCE:
        mv_buf_printf(line,
                      "no step without evidence: give the reports of the last %u days as files or directories; if "
                      "none arrive, 'mailvouch dmarc lint %.*s' says why",
                      stage->window_days, MV_ARG(stage->domain));
        return;
    case MV_STAGE_FIX:
        mv_buf_printf(line, "not yet: %ju of %ju messages come from legitimate senders that fail; mend them first",
                      (uintmax_t)advice->blocking, (uintmax_t)mv_evidence_totals(stage->input.evidence)->messages);
        return;
    case MV_STAGE_WAIT:
        put_wait(stage, line);
        return;
    case MV_STAGE_GO:
        mv_buf_puts(line, "go: publish this record");
        return;
    case MV_STAGE_DONE:
        mv_buf_puts(line, "arrived: keep reading the reports, new senders fail without a sound");
        return;
    }
}

static void print_cautions(const struct mv_stage_advice *advice)
{
    if (advice->open_below)
        mv_dmarc_show_line("note", MV_BYTES("sp asks for less than p, and stays: who forges will use a name below; "
                                            "raise it as well when the reports allow it"));
    if (advice->relies_on_spf)
        mv_dmarc_show_line("note",
                           MV_BYTES("some mail passes by SPF alone and will fail where it is forwarded: sign all "
                                    "of it before p=reject (RFC 9989 7.4)"));
    if (advice->hurts_lists)
        mv_dmarc_show_line("note", MV_BYTES("mail of your users comes through lists and forwarders, and would be lost "
                                            "there: a domain whose users post to lists stays at p=quarantine "
                                            "(RFC 9989 7.4)"));
}

void mv_dmarc_show_stage(const struct mv_dmarc_stage *stage)
{
    const struct mv_stage_advice *advice = &stage->advice;
    struct mv_buf line;

    mv_dmarc_show_line("domain", stage->domain);
    if (stage->input.record != NULL)
        mv_dmarc_show_line("record", stage->input.record->text);
    print_step(stage);
    print_evidence(stage);
    print_senders(stage);
    print_ahead(stage);
    print_cautions(advice);
    mv_buf_init(&line, MAX_LINE_BYTES);
    put_verdict(stage, &line);
    print_line("advice", &line);
    if (advice->verdict != MV_STAGE_START && advice->verdict != MV_STAGE_GO)
        return;
    fputs("publish  ", stdout);
    mv_show_record(stage->name, "TXT", advice->next_record.text);
}
