#include "cli/report/words.h"

#include "core/base/trace.h"
#include "core/report/page_text.h"
#include "core/text/domain.h"

#define MAX_BYTES (64 * 1024)

enum mv_code mv_report_sentence(struct mv_arena *arena, struct mv_buf *half, struct mv_bytes *sentence_r)
{
    enum mv_code code = MV_OK;

    if (half->len > 0 && mv_bytes_find(MV_BYTES(".?!"), half->data[half->len - 1]) == 3)
        mv_buf_putc(half, '.');
    if (half->len > 0 && half->data[0] >= 'a' && half->data[0] <= 'z')
        half->data[0] = (unsigned char)(half->data[0] - 'a' + 'A');
    if (mv_buf_failed(half) || !mv_arena_copy(arena, mv_buf_bytes(half), sentence_r))
        code = MV_ERR_MEMORY;
    mv_buf_free(half);
    return code;
}

static void put_when(struct mv_buf *line, int64_t secs)
{
    mv_page_put_day(line, secs);
}

static const char *domain_of(const struct mv_report_survey *survey)
{
    return (const char *)survey->domain.data; /* the arena ends it with a NUL */
}

static void put_fix(const struct mv_report_survey *survey, struct mv_buf *headline, struct mv_buf *sentence)
{
    const struct mv_stage_advice *advice = &survey->advice;

    mv_page_put_counted(headline, survey->legitimate, "message fails", "messages fail");
    mv_buf_puts(headline, " that look legitimate");
    mv_buf_puts(sentence, "mend their senders first");
    if (advice->has_next && survey->published == MV_PUBLISHED_HERE)
        mv_buf_printf(sentence, ". %s has to wait until then", mv_stage_step_text(advice->next));
}

static void put_wait(const struct mv_report_survey *survey, struct mv_buf *headline, struct mv_buf *sentence)
{
    const struct mv_stage_advice *advice = &survey->advice;

    mv_buf_printf(headline, "All is well, and it is too early for %s", mv_stage_step_text(advice->next));
    if (advice->since_secs == 0) {
        mv_buf_puts(sentence, "wait: no report has shown the present record yet");
        return;
    }
    mv_buf_puts(sentence, "wait: not before ");
    put_when(sentence, advice->until_secs);
    if (advice->unproven > 0)
        mv_buf_puts(sentence, ", and reports have to show that what DNS mends passes");
    if (advice->report_days < advice->needed_days)
        mv_buf_printf(sentence, ", and with reports of %u days (there are %u)", advice->needed_days,
                      advice->report_days);
}

static void put_verdict(const struct mv_report_survey *survey, struct mv_buf *headline, struct mv_buf *sentence)
{
    const struct mv_stage_advice *advice = &survey->advice;

    switch (advice->verdict) {
    case MV_STAGE_START:
        mv_buf_puts(headline, "No DMARC policy is published");
        mv_buf_puts(sentence, "publish this record, and come back when reports arrive");
        return;
    case MV_STAGE_NO_EVIDENCE:
        mv_buf_printf(headline, "No report of the last %u days", survey->days);
        mv_buf_printf(sentence, "no step without evidence; if none arrive, 'mailvouch dmarc lint %s' says why",
                      domain_of(survey));
        return;
    case MV_STAGE_FIX:
        put_fix(survey, headline, sentence);
        return;
    case MV_STAGE_WAIT:
        put_wait(survey, headline, sentence);
        return;
    case MV_STAGE_GO:
        mv_buf_printf(headline, "Ready for %s", mv_stage_step_text(advice->next));
        mv_buf_puts(sentence, "publish this record");
        return;
    case MV_STAGE_DONE:
        mv_buf_printf(headline, "Arrived at %s", mv_stage_step_text(advice->step));
        mv_buf_puts(sentence, "keep reading the reports: new senders fail without a sound");
        return;
    }
}

/* The policy is not known, or not set here: what reports say alone. */
static void put_reports_alone(const struct mv_report_survey *survey, struct mv_buf *headline, struct mv_buf *sentence)
{
    bool begins;

    if (survey->totals->messages == 0)
        mv_buf_printf(headline, "No report of the last %u days", survey->days);
    else if (survey->legitimate > 0)
        put_fix(survey, headline, sentence);
    else
        mv_buf_puts(headline, "No mail fails that looks legitimate");
    begins = sentence->len == 0;
    mv_buf_puts(sentence, begins ? "" : ". ");
    if (survey->published == MV_PUBLISHED_ABOVE)
        mv_buf_printf(sentence, "%se record of %.*s speaks for this domain; its next step is on the page of that one",
                      begins ? "th" : "Th", MV_ARG(survey->record_domain));
    else
        mv_buf_printf(sentence, "%sich policy is published was not learned; 'mailvouch dmarc stage --kept %s' says "
                      "what is next", begins ? "wh" : "Wh", domain_of(survey));
}

static enum mv_code add_note(const struct mv_report_survey *survey, struct mv_page_stand *stand, struct mv_buf *half)
{
    if (stand->note_count == MV_PAGE_MAX_NOTES) {
        mv_buf_free(half);
        return MV_OK;
    }
    return mv_report_sentence(survey->lookup->arena, half, &stand->notes[stand->note_count++]);
}

static enum mv_code note(const struct mv_report_survey *survey, struct mv_page_stand *stand, const char *text)
{
    struct mv_buf half;

    mv_buf_init(&half, MAX_BYTES);
    mv_buf_puts(&half, text);
    return add_note(survey, stand, &half);
}

/* "With p=quarantine; t=y, 40 messages of 2 senders would have been quarantined or rejected, 40 of them legitimate" */
static enum mv_code note_impact(const struct mv_report_survey *survey, struct mv_page_stand *stand, const char *begin,
                                const struct mv_stage_impact *impact, const char *verb)
{
    uint64_t count = mv_page_sum(impact->quarantined, impact->rejected);
    struct mv_buf half;

    mv_buf_init(&half, MAX_BYTES);
    mv_buf_puts(&half, begin);
    if (count == 0)
        mv_buf_puts(&half, "no message");
    else
        mv_page_put_counted(&half, count, "message", "messages");
    mv_buf_printf(&half, " of this mail %s quarantined or rejected", verb);
    if (count > 0 && impact->legitimate == 0)
        mv_buf_puts(&half, ", none of them of a sender that looks legitimate");
    if (impact->legitimate > 0) {
        mv_buf_puts(&half, ", ");
        mv_page_put_count(&half, impact->legitimate);
        mv_buf_puts(&half, " of them of senders that look legitimate");
    }
    return add_note(survey, stand, &half);
}

static enum mv_code put_notes(const struct mv_report_survey *survey, struct mv_page_stand *stand)
{
    const struct mv_stage_advice *advice = &survey->advice;
    enum mv_code code = MV_OK;
    struct mv_buf begin;

    mv_buf_init(&begin, MAX_BYTES);
    if (survey->totals->messages > 0 && advice->has_next) {
        mv_buf_printf(&begin, "with %s, ", mv_stage_step_text(advice->next));
        code = mv_buf_cstr(&begin) == NULL ? MV_ERR_MEMORY
                                           : note_impact(survey, stand, mv_buf_cstr(&begin), &advice->next_impact,
                                                         "would have been");
    }
    mv_buf_free(&begin);
    if (code == MV_OK && survey->sender_count > 0 && advice->step >= MV_STAGE_QUARANTINE)
        code = note_impact(survey, stand, "with the present record, ", &advice->now_impact, "is to be");
    if (code == MV_OK && advice->open_below)
        code = note(survey, stand, "sp asks for less than p, and stays: who forges will use a name below; raise it as "
                                   "well when the reports allow it");
    if (code == MV_OK && advice->relies_on_spf)
        code = note(survey, stand, "some mail passes by SPF alone and will fail where it is forwarded: sign all of it "
                                   "before p=reject (RFC 9989 7.4)");
    if (code == MV_OK && advice->hurts_lists)
        code = note(survey, stand, "mail of your users comes through lists and forwarders, and would be lost there: a "
                                   "domain whose users post to lists stays at p=quarantine (RFC 9989 7.4)");
    return code;
}

static enum mv_code put_step(const struct mv_report_survey *survey, struct mv_page_stand *stand)
{
    const struct mv_stage_advice *advice = &survey->advice;
    struct mv_buf half;

    mv_buf_init(&half, MAX_BYTES);
    mv_buf_printf(&half, "published is %s", mv_stage_step_text(advice->step));
    if (advice->since_secs > 0) {
        mv_buf_puts(&half, ", since ");
        put_when(&half, advice->since_secs);
        mv_buf_printf(&half, ", with reports of %u day%s", advice->report_days, advice->report_days == 1 ? "" : "s");
    } else {
        mv_buf_puts(&half, "; no report has shown it yet");
    }
    return mv_report_sentence(survey->lookup->arena, &half, &stand->step);
}

static enum mv_code put_next_record(const struct mv_report_survey *survey, struct mv_page_stand *stand)
{
    const char *name = mv_arena_printf(survey->lookup->arena, "_dmarc.%s", domain_of(survey));

    if (name == NULL)
        return MV_ERR_MEMORY;
    stand->record = (struct mv_page_record){.name = mv_bytes_str(name), .then = survey->advice.next_record.text};
    if (survey->record != NULL)
        stand->record.now = survey->record->text;
    return MV_OK;
}

enum mv_code mv_report_put_stand(const struct mv_report_survey *survey, struct mv_page_stand *stand_r)
{
    struct mv_arena *arena = survey->lookup->arena;
    bool is_known = survey->published == MV_PUBLISHED_NOTHING || survey->published == MV_PUBLISHED_HERE;
    enum mv_stage_verdict verdict = survey->advice.verdict;
    struct mv_buf headline, sentence;
    enum mv_code code, other;

    *stand_r = (struct mv_page_stand){.is_urgent = survey->legitimate > 0};
    mv_buf_init(&headline, MAX_BYTES);
    mv_buf_init(&sentence, MAX_BYTES);
    if (is_known)
        put_verdict(survey, &headline, &sentence);
    else
        put_reports_alone(survey, &headline, &sentence);
    code = mv_buf_failed(&headline) || !mv_arena_copy(arena, mv_buf_bytes(&headline), &stand_r->headline)
               ? MV_ERR_MEMORY : MV_OK;
    mv_buf_free(&headline);
    other = mv_report_sentence(arena, &sentence, &stand_r->sentence);
    if (code == MV_OK)
        code = other;
    if (code == MV_OK && is_known && (verdict == MV_STAGE_START || verdict == MV_STAGE_GO))
        code = put_next_record(survey, stand_r);
    if (code == MV_OK && survey->published == MV_PUBLISHED_HERE)
        code = put_step(survey, stand_r);
    return code == MV_OK && is_known ? put_notes(survey, stand_r) : code;
}

static void put_spf_fault(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                          struct mv_buf *out)
{
    struct mv_bytes bounces = sender->spf_domain;

    if (bounces.len == 0)
        mv_buf_puts(out, "SPF: no domain is reported");
    else if (!sender->spf_pass)
        mv_buf_printf(out, "SPF fails for %.*s", MV_ARG(bounces));
    else if (mv_domain_is_within(bounces, survey->domain))
        mv_buf_printf(out, "SPF passes for %.*s, which is not aligned", MV_ARG(bounces));
    else
        mv_buf_printf(out, "SPF passes for %.*s, another domain", MV_ARG(bounces));
}

static void put_dkim_fault(const struct mv_stage_sender *sender, struct mv_buf *out)
{
    if (sender->own_signer.len > 0)
        mv_buf_printf(out, "DKIM fails for %.*s, selector %.*s", MV_ARG(sender->own_signer),
                      MV_ARG(sender->own_selector));
    else if (sender->signer.len > 0)
        mv_buf_printf(out, "DKIM passes for %.*s, another domain", MV_ARG(sender->signer));
    else
        mv_buf_puts(out, "DKIM: no signature passes");
}

enum mv_code mv_report_put_faults(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                                  struct mv_bytes *spf_r, struct mv_bytes *dkim_r)
{
    struct mv_buf out;
    enum mv_code code = MV_OK;

    mv_buf_init(&out, MAX_BYTES);
    put_spf_fault(survey, sender, &out);
    if (mv_buf_failed(&out) || !mv_arena_copy(survey->lookup->arena, mv_buf_bytes(&out), spf_r))
        code = MV_ERR_MEMORY;
    mv_buf_reset(&out);
    put_dkim_fault(sender, &out);
    if (mv_buf_failed(&out) || !mv_arena_copy(survey->lookup->arena, mv_buf_bytes(&out), dkim_r))
        code = MV_ERR_MEMORY;
    mv_buf_free(&out);
    return code;
}
