#include "core/ops/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "core/text/domain.h"

#define SLOTS 65536 /* of the table of addresses: more than twice as many as there can be */

struct mv_evidence {
    struct mv_arena *arena;
    struct mv_bytes domain;
    int64_t now_secs;
    int64_t window_begin_secs;
    struct mv_evidence_source *sources;
    size_t count;
    uint32_t *slots; /* index + 1; 0: empty */
    struct mv_evidence_totals totals;
    uint64_t window_days;                                         /* bits */
    struct mv_evidence_dkim selectors[MV_EVIDENCE_MAX_SELECTORS]; /* of the domain, that pass */
    size_t selector_count;
    unsigned char steps[MV_EVIDENCE_MAX_DAYS]; /* bits of the steps that were seen, by days before now */
    int64_t ends[MV_EVIDENCE_MAX_DAYS];        /* of the first report that ended, of those that began on the day */
};

struct mv_evidence *mv_evidence_new(struct mv_arena *arena, struct mv_bytes domain, int64_t now_secs,
                                    unsigned window_days)
{
    struct mv_evidence *evidence = mv_arena_alloc(arena, sizeof *evidence);

    if (evidence == NULL)
        return NULL;
    if (window_days > MV_EVIDENCE_MAX_WINDOW_DAYS)
        window_days = MV_EVIDENCE_MAX_WINDOW_DAYS;
    evidence->arena = arena;
    evidence->domain = domain;
    evidence->now_secs = now_secs;
    evidence->window_begin_secs = now_secs - (int64_t)window_days * MV_DAY_SECS;
    evidence->slots = mv_arena_array(arena, SLOTS, sizeof *evidence->slots);
    return evidence->slots == NULL ? NULL : evidence;
}

/* FNV-1a: addresses come from reports, and whoever picks them to collide gains a slow report. */
static size_t slot_of(const struct mv_ip *ip)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < sizeof ip->octets; i++)
        hash = (hash ^ ip->octets[i]) * 16777619U;
    return (hash ^ (hash >> 16)) % SLOTS;
}

static bool is_same_ip(const struct mv_ip *a, const struct mv_ip *b)
{
    return a->family == b->family && memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

/* The octets that the family does not use are made zero. */
static struct mv_ip clean(const struct mv_ip *ip)
{
    struct mv_ip copy = {.family = ip->family};

    memcpy(copy.octets, ip->octets, ip->family == MV_IP_V4 ? 4 : 16);
    return copy;
}

/* *source_r is NULL when there are too many. */
static enum mv_code find(struct mv_evidence *evidence, const struct mv_ip *ip, struct mv_evidence_source **source_r)
{
    struct mv_ip key = clean(ip);
    size_t slot = slot_of(&key);
    struct mv_evidence_source *sources;

    *source_r = NULL;
    for (; evidence->slots[slot] != 0; slot = (slot + 1) % SLOTS)
        if (is_same_ip(&evidence->sources[evidence->slots[slot] - 1].ip, &key)) {
            *source_r = &evidence->sources[evidence->slots[slot] - 1];
            return MV_OK;
        }
    if (evidence->count == MV_EVIDENCE_MAX_SOURCES)
        return MV_OK;
    sources = mv_arena_grow(evidence->arena, evidence->sources, evidence->count, sizeof *sources);
    if (sources == NULL)
        return MV_ERR_MEMORY;
    evidence->sources = sources;
    sources[evidence->count] = (struct mv_evidence_source){.ip = key};
    *source_r = &sources[evidence->count++];
    evidence->slots[slot] = (uint32_t)evidence->count;
    return MV_OK;
}

static bool keep(struct mv_evidence *evidence, struct mv_bytes text, struct mv_bytes *kept)
{
    return kept->len > 0 || text.len == 0 || mv_arena_copy(evidence->arena, text, kept);
}

static bool count_reporter(struct mv_evidence *evidence, struct mv_evidence_source *source, struct mv_bytes reporter)
{
    for (unsigned i = 0; i < source->reporters; i++)
        if (mv_bytes_equal_nocase(source->reporter_names[i], reporter))
            return true;
    if (source->reporters == MV_EVIDENCE_MAX_REPORTERS)
        return true;
    return mv_arena_copy(evidence->arena, reporter, &source->reporter_names[source->reporters++]);
}

static bool keep_foreign_signer(struct mv_evidence *evidence, struct mv_evidence_source *source,
                                const struct mv_evidence_row *row)
{
    for (size_t i = 0; i < row->dkim_count; i++)
        if (row->dkim[i].pass && !mv_domain_is_within(row->dkim[i].domain, evidence->domain))
            return keep(evidence, row->dkim[i].domain, &source->signer);
    return true;
}

static bool keep_signers(struct mv_evidence *evidence, struct mv_evidence_source *source,
                         const struct mv_evidence_row *row)
{
    bool ok = keep_foreign_signer(evidence, source, row);

    for (size_t i = 0; i < row->dkim_count; i++) {
        const struct mv_evidence_dkim *dkim = &row->dkim[i];

        if (mv_domain_is_within(dkim->domain, evidence->domain) && !dkim->pass && source->own_signer.len == 0) {
            ok = keep(evidence, dkim->domain, &source->own_signer) && ok;
            ok = keep(evidence, dkim->selector, &source->own_selector) && ok;
        }
    }
    return ok;
}

static bool is_known_selector(const struct mv_evidence *evidence, struct mv_bytes domain, struct mv_bytes selector)
{
    for (size_t i = 0; i < evidence->selector_count; i++)
        if (mv_bytes_equal_nocase(evidence->selectors[i].domain, domain) &&
            mv_bytes_equal_nocase(evidence->selectors[i].selector, selector))
            return true;
    return false;
}

/* The keys of the domain that are in use: a signature of one of them was good when it was made. */
static enum mv_code learn_selectors(struct mv_evidence *evidence, const struct mv_evidence_row *row)
{
    for (size_t i = 0; i < row->dkim_count; i++) {
        const struct mv_evidence_dkim *dkim = &row->dkim[i];
        struct mv_evidence_dkim *kept;

        if (!dkim->pass || evidence->selector_count == MV_EVIDENCE_MAX_SELECTORS ||
            !mv_domain_is_within(dkim->domain, evidence->domain) ||
            is_known_selector(evidence, dkim->domain, dkim->selector))
            continue;
        kept = &evidence->selectors[evidence->selector_count];
        if (!mv_arena_copy(evidence->arena, dkim->domain, &kept->domain) ||
            !mv_arena_copy(evidence->arena, dkim->selector, &kept->selector))
            return MV_ERR_MEMORY;
        evidence->selector_count++;
    }
    return MV_OK;
}

/* The days of the window are bits, the first day is bit 0. */
static uint64_t day_bit(const struct mv_evidence *evidence, const struct mv_evidence_row *row)
{
    int64_t day = (row->begin_secs - evidence->window_begin_secs) / MV_DAY_SECS;

    return day < 0 ? 1 : (uint64_t)1 << (day > 63 ? 63 : day);
}

static unsigned count_bits(uint64_t bits)
{
    return (unsigned)__builtin_popcountll(bits);
}

static enum mv_code add_failed(struct mv_evidence *evidence, struct mv_evidence_source *source,
                               const struct mv_evidence_row *row)
{
    bool own = mv_bytes_equal_nocase(row->header_from, evidence->domain);

    source->failed[own ? MV_EVIDENCE_OWN : MV_EVIDENCE_BELOW] += row->count;
    source->forwarded += row->forwarded ? row->count : 0;
    source->hit += row->disposition > MV_DMARC_P_NONE ? row->count : 0;
    source->day_bits |= day_bit(evidence, row);
    source->days = count_bits(source->day_bits);
    if (row->end_secs > source->last_failed_secs)
        source->last_failed_secs = row->end_secs;
    if (source->spf_domain.len == 0)
        source->spf_pass = row->spf_pass;
    if (!keep(evidence, row->header_from, &source->header_from) ||
        !keep(evidence, row->spf_domain, &source->spf_domain) || !keep_signers(evidence, source, row) ||
        !count_reporter(evidence, source, row->reporter))
        return MV_ERR_MEMORY;
    return MV_OK;
}

static enum mv_code add_to_source(struct mv_evidence *evidence, const struct mv_evidence_row *row, bool passed)
{
    struct mv_evidence_source *source;
    enum mv_code code = find(evidence, &row->source, &source);

    if (code != MV_OK)
        return code;
    if (source == NULL) {
        evidence->totals.unlisted += row->count;
        return MV_OK;
    }
    source->messages += row->count;
    if (!passed)
        return add_failed(evidence, source, row);
    if (row->begin_secs > source->last_passed_secs)
        source->last_passed_secs = row->begin_secs;
    return keep_foreign_signer(evidence, source, row) ? MV_OK : MV_ERR_MEMORY;
}

static void see_step(struct mv_evidence *evidence, const struct mv_evidence_row *row)
{
    int64_t day = (evidence->now_secs - row->begin_secs) / MV_DAY_SECS;

    if (day >= MV_EVIDENCE_MAX_DAYS || row->published >= MV_STAGE_STEPS)
        return;
    evidence->steps[day] |= (unsigned char)(1U << row->published);
    if (evidence->ends[day] == 0 || row->end_secs < evidence->ends[day])
        evidence->ends[day] = row->end_secs;
}

static enum mv_code count_row(struct mv_evidence *evidence, const struct mv_evidence_row *row)
{
    struct mv_evidence_totals *totals = &evidence->totals;
    bool passed = row->dkim_aligned || row->spf_aligned;

    totals->messages += row->count;
    totals->reports_rows++;
    totals->spf_only += passed && !row->dkim_aligned ? row->count : 0;
    if (passed)
        totals->passed += row->count;
    else
        totals->failed += row->count;
    if (row->end_secs > totals->last_secs)
        totals->last_secs = row->end_secs;
    evidence->window_days |= day_bit(evidence, row);
    totals->days = count_bits(evidence->window_days);
    if (learn_selectors(evidence, row) != MV_OK)
        return MV_ERR_MEMORY;
    return add_to_source(evidence, row, passed);
}

/* Reports may claim any number: past the limit nothing more is counted, and no sum of what was counted passes it. */
enum mv_code mv_evidence_add(struct mv_evidence *evidence, const struct mv_evidence_row *row)
{
    uint64_t room = MV_EVIDENCE_MAX_MESSAGES - evidence->totals.messages;
    struct mv_evidence_row cut = *row;

    if (row->begin_secs > evidence->now_secs || !mv_domain_is_within(row->header_from, evidence->domain))
        return MV_OK;
    see_step(evidence, row);
    if (row->end_secs < evidence->window_begin_secs)
        return MV_OK;
    cut.count = row->count < room ? row->count : room;
    return count_row(evidence, &cut);
}

static uint64_t failed(const struct mv_evidence_source *source)
{
    return source->failed[MV_EVIDENCE_OWN] + source->failed[MV_EVIDENCE_BELOW];
}

static int by_failed(const void *a, const void *b)
{
    const struct mv_evidence_source *one = a, *other = b;

    if (failed(one) != failed(other))
        return failed(one) > failed(other) ? -1 : 1;
    if (one->messages != other->messages)
        return one->messages > other->messages ? -1 : 1;
    return memcmp(one->ip.octets, other->ip.octets, sizeof one->ip.octets);
}

/* The table of slots is of no more use after this, and made anew. */
struct mv_evidence_source *mv_evidence_sources(struct mv_evidence *evidence, size_t *count_r)
{
    if (evidence->count > 0)
        qsort(evidence->sources, evidence->count, sizeof *evidence->sources, by_failed);
    memset(evidence->slots, 0, SLOTS * sizeof *evidence->slots);
    for (size_t i = 0; i < evidence->count; i++) {
        size_t slot = slot_of(&evidence->sources[i].ip);

        while (evidence->slots[slot] != 0)
            slot = (slot + 1) % SLOTS;
        evidence->slots[slot] = (uint32_t)(i + 1);
        evidence->sources[i].own_selector_passes = is_known_selector(evidence, evidence->sources[i].own_signer,
                                                                     evidence->sources[i].own_selector);
    }
    *count_r = evidence->count;
    return evidence->sources;
}

const struct mv_evidence_totals *mv_evidence_totals(const struct mv_evidence *evidence)
{
    return &evidence->totals;
}

int64_t mv_evidence_since(const struct mv_evidence *evidence, enum mv_stage_step step, unsigned *days_r)
{
    int64_t first = -1;

    *days_r = 0;
    for (int64_t day = 0; day < MV_EVIDENCE_MAX_DAYS; day++) {
        if (evidence->steps[day] == 0)
            continue;
        if (evidence->steps[day] != 1U << step)
            break;
        first = day;
        (*days_r)++;
    }
    return first < 0 ? 0 : evidence->ends[first];
}
