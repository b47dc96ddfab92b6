#include "core/dmarc/walk.h"

#include "core/text/domain.h"

#define LABELS_AFTER_JUMP 7 /* RFC 9989 4.10 step 4: a name of 8 labels and more goes on with its last 7 */

size_t mv_dmarc_walk_names(struct mv_bytes start, struct mv_bytes names_r[MV_DMARC_MAX_QUERIES])
{
    size_t labels = mv_domain_labels(start);
    size_t count = 0;

    if (labels == 0)
        return 0;
    names_r[count++] = start;
    labels = labels > LABELS_AFTER_JUMP ? LABELS_AFTER_JUMP : labels - 1;
    for (; labels > 0; labels--)
        names_r[count++] = mv_domain_suffix(start, labels);
    return count;
}

static struct mv_bytes query_name(struct mv_arena *arena, struct mv_bytes domain)
{
    return mv_bytes_str(mv_arena_printf(arena, "_dmarc.%.*s", MV_ARG(domain)));
}

void mv_dmarc_walk_prefetch(struct mv_arena *arena, struct mv_bytes start, struct mv_memo *memo)
{
    struct mv_bytes names[MV_DMARC_MAX_QUERIES];
    size_t count = mv_dmarc_walk_names(start, names);

    for (size_t i = 0; i < count; i++) {
        struct mv_bytes name = query_name(arena, names[i]);

        if (name.len > 0)
            mv_memo_prefetch(memo, name, MV_DNS_TXT);
    }
}

/* RFC 9989 4.10: the one DMARC record among the TXT records. With several all are discarded, as if there were none. */
static size_t read_records(const struct mv_dns_answer *answer, struct mv_dmarc_record *record_r)
{
    size_t count = 0;

    for (size_t i = 0; i < answer->count; i++) {
        struct mv_dmarc_record record;

        if (!mv_dmarc_record_parse(answer->records[i].data, &record))
            continue;
        if (count++ == 0)
            *record_r = record;
    }
    return count;
}

/* RFC 9989 11.8: else a top-level domain's plain record would be the Organizational Domain of all below it. Ours. */
static enum mv_dmarc_psd effective_psd(const struct mv_dmarc_record *record, struct mv_bytes domain,
                                       bool suffix_hardening)
{
    if (suffix_hardening && record->psd == MV_DMARC_PSD_UNKNOWN && mv_domain_labels(domain) == 1)
        return MV_DMARC_PSD_YES;
    return record->psd;
}

static void trace_answer(struct mv_trace *trace, const struct mv_dns_answer *answer, struct mv_bytes domain,
                         size_t records, const struct mv_dmarc_found *found)
{
    if (records == 1) {
        mv_trace_note(trace, "RFC 9989 4.10", "_dmarc.%.*s: %.*s", MV_ARG(domain), MV_ARG(found->record.text));
        if (found->psd != found->record.psd)
            mv_trace_note(trace, "RFC 9989 11.8", "%.*s is a top-level domain: its record is read as psd=y",
                          MV_ARG(domain));
    } else if (records > 1) {
        mv_trace_note(trace, "RFC 9989 4.10", "_dmarc.%.*s: %zu DMARC records, so all are ignored; publish only one",
                      MV_ARG(domain), records);
    } else if (answer->status == MV_DNS_FOUND) {
        mv_trace_note(trace, "RFC 9989 4.10", "_dmarc.%.*s: text, but no DMARC record (it must begin with v=DMARC1)",
                      MV_ARG(domain));
    } else {
        mv_trace_note(trace, mv_dns_is_error(answer->status) ? "RFC 9989 5.3.6" : "RFC 9989 4.10", "_dmarc.%.*s: %s",
                      MV_ARG(domain), mv_dns_status_text(answer->status));
    }
}

/* Returns whether the walk goes on. */
static bool take_answer(struct mv_dmarc_walk *walk, struct mv_bytes domain, const struct mv_dns_answer *answer,
                        bool suffix_hardening, struct mv_trace *trace)
{
    struct mv_dmarc_found *found = &walk->found[walk->found_count];
    size_t records = 0;

    if (walk->name_count == 0)
        walk->start_status = answer->status;
    walk->names[walk->name_count++] = domain;
    if (mv_dns_is_error(answer->status))
        walk->error = answer->status;
    else
        records = read_records(answer, &found->record);
    if (records == 1) {
        found->domain = domain;
        found->psd = effective_psd(&found->record, domain, suffix_hardening);
        walk->found_count++;
    }
    trace_answer(trace, answer, domain, records, found);
    return walk->error == MV_DNS_FOUND && (records != 1 || found->psd == MV_DMARC_PSD_UNKNOWN);
}

/* RFC 9989 4.10.2, over the records from the longest name to the shortest. */
static struct mv_bytes select_org_domain(const struct mv_dmarc_walk *walk)
{
    for (size_t i = 0; i < walk->found_count; i++) {
        const struct mv_dmarc_found *found = &walk->found[i];

        if (found->psd == MV_DMARC_PSD_NO)
            return found->domain;
        if (found->psd == MV_DMARC_PSD_YES && !mv_bytes_equal(found->domain, walk->start))
            return mv_domain_suffix(walk->start, mv_domain_labels(found->domain) + 1);
    }
    return walk->found_count == 0 ? walk->start : walk->found[walk->found_count - 1].domain;
}

enum mv_code mv_dmarc_walk_run(struct mv_arena *arena, struct mv_bytes start, bool suffix_hardening,
                               struct mv_memo *memo, struct mv_trace *trace, struct mv_dmarc_walk *walk_r)
{
    struct mv_bytes names[MV_DMARC_MAX_QUERIES];
    size_t count = mv_dmarc_walk_names(start, names);

    *walk_r = (struct mv_dmarc_walk){.start = start};
    for (size_t i = 0; i < count; i++) {
        struct mv_bytes name = query_name(arena, names[i]);
        const struct mv_dns_answer *answer;

        if (name.len == 0)
            return MV_ERR_MEMORY;
        answer = mv_memo_ask(memo, name, MV_DNS_TXT);
        if (answer == NULL)
            return mv_memo_miss(memo);
        if (!take_answer(walk_r, names[i], answer, suffix_hardening, trace))
            break;
    }
    if (walk_r->error != MV_DNS_FOUND)
        return MV_OK;
    walk_r->org_domain = select_org_domain(walk_r);
    mv_trace_note(trace, "RFC 9989 4.10.2", "%.*s belongs to the Organizational Domain %.*s", MV_ARG(start),
                  MV_ARG(walk_r->org_domain));
    return MV_OK;
}

const struct mv_dmarc_found *mv_dmarc_walk_find(const struct mv_dmarc_walk *walk, struct mv_bytes domain)
{
    for (size_t i = 0; i < walk->found_count; i++)
        if (mv_bytes_equal(walk->found[i].domain, domain))
            return &walk->found[i];
    return NULL;
}
