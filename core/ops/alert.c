#include "core/ops/alert.h"

#include <string.h>

#include "core/text/domain.h"

#define NEAR_BITS_V4 24 /* addresses of one network are taken for one sender */
#define NEAR_BITS_V6 48

struct finding {
    struct mv_arena *arena;
    const struct mv_alert_input *input;
    struct mv_alert *alerts;
    size_t count;
    uint64_t explained; /* failing messages of senders that are told */
    uint64_t strange;   /* of those too small to be told */
    size_t strangers;
};

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t times(uint64_t a, uint64_t factor)
{
    return a > UINT64_MAX / factor ? UINT64_MAX : a * factor;
}

static unsigned per_mille(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : part >= whole ? 1000 : (unsigned)((double)part / (double)whole * 1000);
}

static struct mv_alert *add(struct finding *finding, enum mv_alert_what what, uint64_t size, bool begins)
{
    struct mv_alert *alerts = mv_arena_grow(finding->arena, finding->alerts, finding->count, sizeof *alerts);

    if (alerts == NULL)
        return NULL;
    finding->alerts = alerts;
    alerts[finding->count] = (struct mv_alert){.what = what, .size = size, .begins = begins};
    return &alerts[finding->count++];
}

static bool is_foreign(const struct finding *finding, struct mv_bytes domain)
{
    return domain.len > 0 && !mv_domain_is_within(domain, finding->input->domain);
}

/* Services change their addresses; then the network, who signs or where bounces go tells that it is the same. */
static bool is_same(const struct finding *finding, const struct mv_stage_sender *sender,
                    const struct mv_evidence_source *source)
{
    if (mv_ip_in_prefix(&source->ip, &sender->ip, sender->ip.family == MV_IP_V4 ? NEAR_BITS_V4 : NEAR_BITS_V6))
        return true;
    if (sender->signer.len > 0 && mv_bytes_equal_nocase(source->signer, sender->signer))
        return true;
    return sender->spf_pass && source->spf_pass && is_foreign(finding, sender->spf_domain) &&
           mv_bytes_equal_nocase(source->spf_domain, sender->spf_domain);
}

/* What it did before. */
static void look_back(const struct finding *finding, const struct mv_stage_sender *sender, uint64_t *messages_r,
                      uint64_t *passed_r)
{
    const struct mv_alert_input *input = finding->input;

    *messages_r = *passed_r = 0;
    for (size_t i = 0; i < input->base_source_count; i++) {
        const struct mv_evidence_source *source = &input->base_sources[i];
        uint64_t failed = sum(source->failed[MV_EVIDENCE_OWN], source->failed[MV_EVIDENCE_BELOW]);

        if (!is_same(finding, sender, source))
            continue;
        *messages_r = sum(*messages_r, source->messages);
        *passed_r = sum(*passed_r, source->messages - failed);
    }
}

static bool put_who(struct finding *finding, struct mv_bytes name, struct mv_bytes *who_r)
{
    struct mv_buf text;
    bool kept;

    mv_buf_init(&text, 4 * name.len + 1);
    mv_buf_put_escaped(&text, name);
    kept = !mv_buf_failed(&text) &&
           mv_arena_copy(finding->arena, mv_bytes_slice(mv_buf_bytes(&text), 0, MV_ALERT_MAX_WHO_BYTES), who_r);
    mv_buf_free(&text);
    return kept;
}

/* Nothing can be done about forwarders; what DNS mends, or is mended, needs no word. */
static bool is_of_interest(const struct mv_stage_sender *sender)
{
    return sender->blocks || sender->kind == MV_SENDER_STRANGER;
}

/* A fall needs no word of its own where its reason has, or had, one. */
static void explain(struct finding *finding, const struct mv_alert *alert)
{
    const struct mv_alert_input *input = finding->input;

    if (alert->begins || (input->was_told != NULL && input->was_told(input->to, alert)))
        finding->explained = sum(finding->explained, alert->size);
}

static enum mv_code find_sender(struct finding *finding, const struct mv_stage_sender *sender)
{
    uint64_t failed = mv_stage_sender_failed(sender), threshold = finding->input->threshold, messages, passed;
    struct mv_alert *alert;

    if (!is_of_interest(sender))
        return MV_OK;
    if (!sender->blocks && (failed < times(threshold, MV_ALERT_STRANGE) || finding->count == MV_ALERT_MAX_SENDERS)) {
        finding->strange = sum(finding->strange, failed);
        finding->strangers++;
        return MV_OK;
    }
    if (failed < threshold || finding->count == MV_ALERT_MAX_SENDERS)
        return MV_OK;
    look_back(finding, sender, &messages, &passed);
    alert = add(finding, MV_ALERT_SENDER, failed, false);
    if (alert == NULL || !put_who(finding, sender->name, &alert->who))
        return MV_ERR_MEMORY;
    alert->sender = sender;
    alert->used_to_pass = passed >= MV_ALERT_USED_TO_PASS && per_mille(passed, messages) >= 900;
    alert->begins = messages == 0 || alert->used_to_pass;
    explain(finding, alert);
    return MV_OK;
}

static enum mv_code find_strangers(struct finding *finding)
{
    const struct mv_alert_input *input = finding->input;
    uint64_t usual = input->base->failed / (MV_ALERT_BASE_DAYS / MV_ALERT_RECENT_DAYS);
    struct mv_alert *alert;

    if (finding->strange < times(input->threshold, MV_ALERT_STRANGE) || finding->strangers < 2)
        return MV_OK;
    alert = add(finding, MV_ALERT_STRANGERS, finding->strange, finding->strange >= times(usual, MV_ALERT_WAVE));
    if (alert == NULL)
        return MV_ERR_MEMORY;
    alert->senders = finding->strangers;
    explain(finding, alert);
    return MV_OK;
}

static enum mv_code find_fall(struct finding *finding)
{
    const struct mv_evidence_totals *recent = finding->input->recent, *base = finding->input->base;
    unsigned now = per_mille(recent->passed, recent->messages), before = per_mille(base->passed, base->messages);
    uint64_t explained = finding->explained > recent->failed ? recent->failed : finding->explained;
    struct mv_alert *alert;

    if (recent->messages < MV_ALERT_FEWEST_RECENT || base->messages < MV_ALERT_FEWEST_BASE ||
        now + MV_ALERT_FALL_PER_MILLE > before)
        return MV_OK;
    alert = add(finding, MV_ALERT_RATE, before - now,
                per_mille(recent->passed, recent->messages - explained) + MV_ALERT_FALL_PER_MILLE <= before);
    if (alert == NULL)
        return MV_ERR_MEMORY;
    alert->recent_per_mille = now;
    alert->base_per_mille = before;
    return MV_OK;
}

/* Where reports come on one day of three, three times as long may pass. */
static enum mv_code find_silence(struct finding *finding)
{
    const struct mv_alert_input *input = finding->input;
    unsigned days = input->recent->days + input->base->days, all = MV_ALERT_RECENT_DAYS + MV_ALERT_BASE_DAYS;
    int64_t last = input->recent->last_secs > input->base->last_secs ? input->recent->last_secs
                                                                     : input->base->last_secs;
    int64_t quiet = (input->now_secs - last) / MV_DAY_SECS;
    struct mv_alert *alert;

    if (days < MV_ALERT_FEWEST_REPORT_DAYS || last == 0 || quiet < MV_ALERT_QUIET_DAYS ||
        quiet * (int64_t)days < MV_ALERT_QUIET_DAYS * ((int64_t)all - quiet))
        return MV_OK;
    alert = add(finding, MV_ALERT_SILENCE, (uint64_t)quiet, true);
    if (alert == NULL)
        return MV_ERR_MEMORY;
    alert->last_secs = last;
    return MV_OK;
}

enum mv_code mv_alert_find(struct mv_arena *arena, const struct mv_alert_input *input, struct mv_alert **alerts_r,
                           size_t *count_r)
{
    struct finding finding = {.arena = arena, .input = input};
    enum mv_code code = MV_OK;

    for (size_t i = 0; i < input->sender_count && code == MV_OK; i++)
        code = find_sender(&finding, &input->senders[i]);
    if (code == MV_OK)
        code = find_strangers(&finding);
    if (code == MV_OK)
        code = find_fall(&finding);
    if (code == MV_OK)
        code = find_silence(&finding);
    *alerts_r = finding.alerts;
    *count_r = finding.count;
    return code;
}

const char *mv_alert_what_text(enum mv_alert_what what)
{
    static const char *const texts[] = {"sender", "strangers", "rate", "silence"};

    return what < sizeof texts / sizeof *texts ? texts[what] : "";
}
