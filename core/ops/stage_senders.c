#include "core/ops/stage_senders.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/trace.h"
#include "core/text/domain.h"

#define MAX_IP_BYTES 64

struct work {
    struct mv_arena *arena;
    const struct mv_stage_sender_settings *settings;
    struct mv_stage_sender *senders;
    size_t count;
};

uint64_t mv_stage_sender_failed(const struct mv_stage_sender *sender)
{
    return sender->failed[MV_EVIDENCE_OWN] + sender->failed[MV_EVIDENCE_BELOW];
}

static bool print_ip(struct mv_arena *arena, const struct mv_ip *ip, struct mv_bytes *text_r)
{
    struct mv_buf text;
    bool ok;

    mv_buf_init(&text, MAX_IP_BYTES);
    mv_ip_print(ip, &text);
    ok = !mv_buf_failed(&text) && mv_arena_copy(arena, mv_buf_bytes(&text), text_r);
    mv_buf_free(&text);
    return ok;
}

static uint64_t failed(const struct mv_evidence_source *source)
{
    return source->failed[MV_EVIDENCE_OWN] + source->failed[MV_EVIDENCE_BELOW];
}

/* "192.0.2.0/24", "192.0.2.1", or the name. */
static bool is_meant(const char *given, const struct mv_ip *ip, struct mv_bytes name)
{
    struct mv_bytes text = mv_bytes_str(given);
    size_t slash = mv_bytes_find(text, '/');
    uint64_t bits;
    struct mv_ip net;

    if (mv_bytes_equal_nocase(text, name))
        return true;
    if (!mv_ip_parse(mv_bytes_slice(text, 0, slash), &net))
        return false;
    bits = net.family == MV_IP_V4 ? 32 : 128;
    if (slash < text.len && !mv_bytes_to_uint(mv_bytes_slice(text, slash + 1, text.len), bits, &bits))
        return false;
    return mv_ip_in_prefix(ip, &net, (unsigned)bits);
}

static bool is_listed(const char *const *given, size_t count, const struct mv_ip *ip, struct mv_bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (is_meant(given[i], ip, name))
            return true;
    return false;
}

/* What people know it by: the service, a host of ours, who signs, whose bounces, else the address. */
static bool name_of(struct work *work, const struct mv_evidence_source *source, const struct mv_source_facts *facts,
                    struct mv_bytes *name_r)
{
    if (facts->provider != NULL)
        *name_r = mv_bytes_str(facts->provider->name);
    else if (facts->host.len > 0 && mv_domain_is_within(facts->host, work->settings->domain))
        *name_r = facts->host;
    else if (source->signer.len > 0)
        *name_r = source->signer;
    else if (source->spf_pass && source->spf_domain.len > 0 &&
             !mv_domain_is_within(source->spf_domain, work->settings->domain))
        *name_r = source->spf_domain;
    else
        return print_ip(work->arena, &source->ip, name_r);
    return true;
}

/* What the operator says about an address, or a name. */
static enum mv_stage_listing listing_of(const struct work *work, const struct mv_ip *ip, struct mv_bytes name)
{
    const struct mv_stage_sender_settings *settings = work->settings;

    if (is_listed(settings->disowned, settings->disowned_count, ip, name))
        return MV_STAGE_DISOWNED;
    return is_listed(settings->vouched, settings->vouched_count, ip, name) ? MV_STAGE_VOUCHED : MV_STAGE_UNLISTED;
}

static struct mv_stage_sender *find(struct work *work, enum mv_stage_listing listing, struct mv_bytes name)
{
    for (size_t i = 0; i < work->count; i++)
        if (work->senders[i].listing == listing && mv_bytes_equal_nocase(work->senders[i].name, name))
            return &work->senders[i];
    return NULL;
}

static struct mv_stage_sender *add(struct work *work, const struct mv_evidence_source *source,
                                   const struct mv_source_facts *facts, enum mv_stage_listing listing,
                                   struct mv_bytes name)
{
    struct mv_stage_sender *senders = mv_arena_grow(work->arena, work->senders, work->count, sizeof *senders);

    if (senders == NULL)
        return NULL;
    work->senders = senders;
    senders[work->count] = (struct mv_stage_sender){.listing = listing,
                                                    .name = name,
                                                    .provider = facts->provider,
                                                    .ip = source->ip,
                                                    .host = facts->host,
                                                    .header_from = source->header_from,
                                                    .spf_domain = source->spf_domain,
                                                    .spf_pass = source->spf_pass,
                                                    .spf = facts->spf};
    return &senders[work->count++];
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void count(struct mv_stage_sender *sender, const struct mv_evidence_source *source)
{
    sender->addresses++;
    sender->messages += source->messages;
    for (size_t i = 0; i < MV_EVIDENCE_AUTHORS; i++)
        sender->failed[i] += source->failed[i];
    sender->hit += source->hit;
    sender->forwarded += source->forwarded;
    sender->day_bits |= source->day_bits;
    sender->days = (unsigned)__builtin_popcountll(sender->day_bits);
    sender->last_failed_secs = later(sender->last_failed_secs, source->last_failed_secs);
    sender->last_passed_secs = later(sender->last_passed_secs, source->last_passed_secs);
    if (sender->signer.len == 0)
        sender->signer = source->signer;
    if (sender->own_signer.len > 0 || source->own_signer.len == 0)
        return;
    sender->own_selector_passes = source->own_selector_passes;
    sender->own_signer = source->own_signer;
    sender->own_selector = source->own_selector;
}

static enum mv_code take(struct work *work, const struct mv_evidence_source *source,
                         const struct mv_source_facts *facts)
{
    enum mv_stage_listing listing;
    struct mv_stage_sender *sender;
    struct mv_bytes name;

    if (failed(source) == 0)
        return MV_OK;
    if (!name_of(work, source, facts, &name))
        return MV_ERR_MEMORY;
    listing = listing_of(work, &source->ip, name);
    sender = find(work, listing, name);
    if (sender == NULL)
        sender = add(work, source, facts, listing, name);
    if (sender == NULL)
        return MV_ERR_MEMORY;
    count(sender, source);
    return MV_OK;
}

/* An address without failing mail may be the new one of a service that was mended. */
static enum mv_code learn_passed(struct work *work, const struct mv_evidence_source *source,
                                 const struct mv_source_facts *facts)
{
    struct mv_bytes name;

    if (failed(source) > 0 || !facts->looked)
        return MV_OK;
    if (!name_of(work, source, facts, &name))
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < work->count; i++)
        if (mv_bytes_equal_nocase(work->senders[i].name, name))
            work->senders[i].last_passed_secs = later(work->senders[i].last_passed_secs, source->last_passed_secs);
    return MV_OK;
}

static bool has_foreign_bounces(const struct mv_stage_sender *sender, struct mv_bytes domain)
{
    return sender->spf_pass && sender->spf_domain.len > 0 && !mv_domain_is_within(sender->spf_domain, domain);
}

/*
 * The reporter says so; or a signature with a key of ours that passes elsewhere broke under way, and the bounces are of
 * somebody who stands in between: a list or a forwarder.
 */
static bool looks_forwarded(const struct mv_stage_sender *sender, struct mv_bytes domain)
{
    return 2 * sender->forwarded > mv_stage_sender_failed(sender) ||
           (sender->own_selector_passes && has_foreign_bounces(sender, domain) && sender->provider == NULL &&
            sender->spf != MV_SPF_PASS);
}

/* Who signs, or has SPF of its own, can be found by name: half the days are enough to ask about it. */
static unsigned days_of_a_habit(const struct mv_stage_sender *sender, const struct mv_stage_sender_settings *settings)
{
    bool has_name = sender->signer.len > 0 || has_foreign_bounces(sender, settings->domain);

    return has_name ? (settings->steady_days + 1) / 2 : settings->steady_days;
}

static enum mv_stage_sender_kind kind_of(const struct mv_stage_sender *sender,
                                         const struct mv_stage_sender_settings *settings)
{
    if (sender->listing == MV_STAGE_DISOWNED)
        return MV_SENDER_DISOWNED;
    if (sender->listing == MV_STAGE_VOUCHED)
        return MV_SENDER_OWN;
    if (looks_forwarded(sender, settings->domain))
        return MV_SENDER_FORWARDER;
    if (sender->spf == MV_SPF_PASS || mv_domain_is_within(sender->host, settings->domain))
        return MV_SENDER_OWN;
    if (sender->provider != NULL)
        return MV_SENDER_PROVIDER;
    if (sender->own_signer.len > 0)
        return MV_SENDER_OWN;
    return sender->days >= days_of_a_habit(sender, settings) ? MV_SENDER_STEADY : MV_SENDER_STRANGER;
}

static bool has_own_bounces(const struct mv_stage_sender *sender, struct mv_bytes domain)
{
    return sender->spf_domain.len == 0 || mv_domain_is_within(sender->spf_domain, domain);
}

/*
 * Its mail passed after the last that failed.  An address may have several machines behind it, and one of them may
 * rest: so it takes some quiet days as well.
 */
static bool is_mended(const struct mv_stage_sender *sender, const struct mv_stage_sender_settings *settings)
{
    return sender->last_passed_secs > sender->last_failed_secs &&
           settings->now_secs - sender->last_failed_secs >= (int64_t)settings->quiet_days * MV_DAY_SECS;
}

static enum mv_stage_sender_remedy remedy_of(const struct mv_stage_sender *sender,
                                             const struct mv_stage_sender_settings *settings)
{
    struct mv_bytes domain = settings->domain;

    if (sender->kind >= MV_SENDER_FORWARDER)
        return MV_REMEDY_NONE;
    if (is_mended(sender, settings))
        return MV_REMEDY_MENDED;
    if (sender->spf == MV_SPF_PASS && has_own_bounces(sender, domain))
        return MV_REMEDY_WAIT;
    if (sender->own_signer.len > 0)
        return MV_REMEDY_KEY;
    if (sender->spf == MV_SPF_PASS)
        return MV_REMEDY_ENVELOPE;
    if (sender->provider != NULL)
        return has_own_bounces(sender, domain) && sender->provider->include[0] != '\0' ? MV_REMEDY_INCLUDE
                                                                                       : MV_REMEDY_PROVIDER;
    if (sender->kind == MV_SENDER_OWN)
        return MV_REMEDY_ADDRESS;
    return MV_REMEDY_FIND_OUT;
}

static int by_failed(const void *a, const void *b)
{
    uint64_t one = mv_stage_sender_failed(a), other = mv_stage_sender_failed(b);

    if (one != other)
        return one > other ? -1 : 1;
    return memcmp(((const struct mv_stage_sender *)a)->ip.octets, ((const struct mv_stage_sender *)b)->ip.octets,
                  sizeof((const struct mv_stage_sender *)a)->ip.octets);
}

enum mv_code mv_stage_senders_find(struct mv_arena *arena, const struct mv_evidence_source *sources,
                                   const struct mv_source_facts *facts, size_t source_count,
                                   const struct mv_stage_sender_settings *settings, struct mv_stage_sender **senders_r,
                                   size_t *count_r)
{
    struct work work = {.arena = arena, .settings = settings};

    for (size_t i = 0; i < source_count; i++) {
        enum mv_code code = take(&work, &sources[i], &facts[i]);

        if (code != MV_OK)
            return code;
    }
    for (size_t i = 0; i < source_count; i++)
        if (learn_passed(&work, &sources[i], &facts[i]) != MV_OK)
            return MV_ERR_MEMORY;
    if (work.count > 0)
        qsort(work.senders, work.count, sizeof *work.senders, by_failed);
    for (size_t i = 0; i < work.count; i++) {
        struct mv_stage_sender *sender = &work.senders[i];

        sender->kind = kind_of(sender, settings);
        sender->remedy = remedy_of(sender, settings);
        sender->unproven = sender->remedy == MV_REMEDY_WAIT;
        sender->blocks = sender->remedy > MV_REMEDY_WAIT;
    }
    *senders_r = work.senders;
    *count_r = work.count;
    return MV_OK;
}

const char *mv_stage_sender_kind_text(enum mv_stage_sender_kind kind)
{
    static const char *const texts[] = {"own", "provider", "steady", "forwarder", "stranger", "disowned"};

    return kind < sizeof texts / sizeof *texts ? texts[kind] : "";
}

const char *mv_stage_sender_remedy_text(enum mv_stage_sender_remedy remedy)
{
    static const char *const texts[] = {"none", "mended",   "wait",    "provider", "include",
                                        "key",  "envelope", "address", "find-out"};

    return remedy < sizeof texts / sizeof *texts ? texts[remedy] : "";
}

static void put_address(const struct mv_stage_sender *sender, struct mv_bytes domain, struct mv_buf *out)
{
    mv_buf_printf(out, "add %s", sender->ip.family == MV_IP_V4 ? "ip4:" : "ip6:");
    mv_ip_print(&sender->ip, out);
    mv_buf_printf(out, " to the SPF record of %.*s", MV_ARG(domain));
    if (has_foreign_bounces(sender, domain))
        mv_buf_printf(out, " and give it an envelope sender there (its bounces go to %.*s)",
                      MV_ARG(sender->spf_domain));
    mv_buf_puts(out, ", or let it send through a mail server that signs");
    if (sender->addresses > 1)
        mv_buf_printf(out, " (it has %zu addresses)", sender->addresses);
}

static void put_provider(const struct mv_stage_sender *sender, struct mv_bytes domain, struct mv_buf *out)
{
    mv_buf_printf(out, "let %s sign with d=%.*s", sender->provider->name, MV_ARG(domain));
    if (sender->provider->dkim[0] != '\0')
        mv_buf_printf(out, ": %s", sender->provider->dkim);
}

/* A service that is in no table has a name, and can sign as well; a machine has an address. */
static void put_question(const struct mv_stage_sender *sender, struct mv_bytes domain, struct mv_buf *out)
{
    mv_buf_puts(out, "find out whose it is: if it is yours, ");
    if (sender->signer.len > 0)
        mv_buf_printf(out, "let it sign with d=%.*s, as it signs with d=%.*s now", MV_ARG(domain),
                      MV_ARG(sender->signer));
    else
        put_address(sender, domain, out);
    mv_buf_printf(out, "; if not, say --not-ours %.*s", MV_ARG(sender->name));
}

void mv_stage_sender_remedy_print(const struct mv_stage_sender *sender, struct mv_bytes domain, struct mv_buf *out)
{
    switch (sender->remedy) {
    case MV_REMEDY_NONE:
        if (sender->kind == MV_SENDER_FORWARDER)
            mv_buf_puts(out, "nothing can be done here: it sends on what others sent, and changes it");
        else if (sender->kind == MV_SENDER_STRANGER)
            mv_buf_puts(out, "nothing, if it is none of yours; else name it with --ours, and it has to be mended");
        return;
    case MV_REMEDY_MENDED:
        mv_buf_puts(out, "nothing more: its later mail passed");
        return;
    case MV_REMEDY_WAIT:
        mv_buf_printf(out, "SPF of %.*s lets it in today: wait for reports that show it",
                      MV_ARG(sender->spf_domain.len > 0 ? sender->spf_domain : domain));
        return;
    case MV_REMEDY_PROVIDER:
        put_provider(sender, domain, out);
        return;
    case MV_REMEDY_INCLUDE:
        mv_buf_printf(out, "add include:%s to the SPF record of %.*s, and better still ", sender->provider->include,
                      MV_ARG(sender->spf_domain.len > 0 ? sender->spf_domain : domain));
        put_provider(sender, domain, out);
        return;
    case MV_REMEDY_KEY:
        mv_buf_printf(out,
                      "its signature d=%.*s s=%.*s fails: is the key in DNS, and is nothing changed behind the signer?",
                      MV_ARG(sender->own_signer), MV_ARG(sender->own_selector));
        return;
    case MV_REMEDY_ENVELOPE:
        mv_buf_printf(
            out, "SPF lets it in, but its bounces go to %.*s: give it an envelope sender in %.*s, or sign its mail",
            MV_ARG(sender->spf_domain), MV_ARG(domain));
        return;
    case MV_REMEDY_ADDRESS:
        put_address(sender, domain, out);
        return;
    case MV_REMEDY_FIND_OUT:
        put_question(sender, domain, out);
        return;
    }
}
