#include "core/dns/capture.h"

#include <stdlib.h>

#include "core/base/ascii.h"
#include "core/dns/capture_entry.h"
#include "core/dns/name.h"
#include "core/text/domain.h"

void mv_capture_free(struct mv_capture **capture)
{
    if (*capture == NULL)
        return;
    mv_arena_free(&(*capture)->arena);
    free(*capture);
    *capture = NULL;
}

/* The i-th byte from the end of a folded name; the dot sorts before all bytes, and the end before the dot. */
static int rank_from_end(struct mv_bytes name, size_t i)
{
    if (i >= name.len)
        return -2;
    return name.data[name.len - 1 - i] == '.' ? -1 : name.data[name.len - 1 - i];
}

static int compare_names(struct mv_bytes a, struct mv_bytes b)
{
    for (size_t i = 0;; i++) {
        int x = rank_from_end(a, i), y = rank_from_end(b, i);

        if (x != y)
            return x < y ? -1 : 1;
        if (i >= a.len)
            return 0;
    }
}

static int compare_questions(const struct mv_dns_question *a, const struct mv_dns_question *b)
{
    int order = compare_names(a->name, b->name);

    return order != 0 ? order : (a->type > b->type) - (a->type < b->type);
}

/* Entries that ask the same are kept in the order of the file. */
static int compare_entries(const void *a, const void *b)
{
    const struct mv_capture_entry *x = *(const struct mv_capture_entry *const *)a;
    const struct mv_capture_entry *y = *(const struct mv_capture_entry *const *)b;
    int order = compare_questions(&x->question, &y->question);

    return order != 0 ? order : (x > y) - (x < y);
}

static bool name_exists_by(const struct mv_capture_entry *entry)
{
    return entry->answer.status == MV_DNS_FOUND || entry->answer.status == MV_DNS_NODATA;
}

enum mv_code mv_capture_index(struct mv_capture *capture, struct mv_error *error)
{
    capture->sorted = mv_arena_array(capture->arena, capture->count, sizeof *capture->sorted);
    capture->existing = mv_arena_array(capture->arena, capture->count, sizeof *capture->existing);
    if (capture->sorted == NULL || capture->existing == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory for the capture");
    for (size_t i = 0; i < capture->count; i++)
        capture->sorted[i] = &capture->entries[i];
    qsort(capture->sorted, capture->count, sizeof *capture->sorted, compare_entries);

    for (size_t i = 0; i < capture->count; i++) {
        const struct mv_capture_entry *entry = capture->sorted[i];
        const struct mv_capture_entry *before = i == 0 ? NULL : capture->sorted[i - 1];

        if (before != NULL && compare_questions(&before->question, &entry->question) == 0)
            return mv_error_set(error, MV_ERR_SYNTAX, "answers[%zu]: the name and type of answers[%zu] again",
                                (size_t)(entry - capture->entries), (size_t)(before - capture->entries));
        if (name_exists_by(entry))
            capture->existing[capture->existing_count++] = entry;
    }
    return MV_OK;
}

/* The first of the sorted entries that does not come before the question. */
static size_t lower_bound(const struct mv_capture_entry *const *sorted, size_t count,
                          const struct mv_dns_question *question)
{
    size_t from = 0, to = count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare_questions(&sorted[middle]->question, question) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static const struct mv_capture_entry *find(const struct mv_capture *capture, struct mv_bytes name,
                                           enum mv_dns_type type)
{
    struct mv_dns_question question = {name, type};
    size_t at = lower_bound(capture->sorted, capture->count, &question);

    if (at == capture->count || compare_questions(&capture->sorted[at]->question, &question) != 0)
        return NULL;
    return capture->sorted[at];
}

/* RFC 8020: a name exists when it, or a name below it, has a record. */
static bool name_exists(const struct mv_capture *capture, struct mv_bytes name)
{
    struct mv_dns_question question = {name, 0};
    size_t at = lower_bound(capture->existing, capture->existing_count, &question);
    struct mv_bytes next;

    if (at == capture->existing_count)
        return false;
    next = capture->existing[at]->question.name;
    if (!mv_bytes_has_suffix_nocase(next, name))
        return false;
    return next.len == name.len || name.len == 0 || next.data[next.len - name.len - 1] == '.';
}

/* Where a name points to that has a CNAME; what a failed CNAME lookup says, it says of CNAME alone. */
static const struct mv_dns_answer *find_alias(const struct mv_capture *capture, struct mv_bytes name)
{
    const struct mv_capture_entry *entry = find(capture, name, MV_DNS_CNAME);

    return entry != NULL && entry->answer.status == MV_DNS_FOUND ? &entry->answer : NULL;
}

static void narrow(struct mv_dns_answer *answer, const struct mv_dns_answer *by)
{
    answer->secure = answer->secure && by->secure;
    answer->ttl_secs = answer->ttl_secs < by->ttl_secs ? answer->ttl_secs : by->ttl_secs;
}

static bool fold(struct mv_bytes name, unsigned char folded[MV_DOMAIN_MAX_BYTES], struct mv_bytes *folded_r)
{
    name = mv_dns_name_undotted(name);
    if (name.len > MV_DOMAIN_MAX_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++)
        folded[i] = mv_ascii_lower(name.data[i]);
    *folded_r = mv_bytes_of(folded, name.len);
    return true;
}

void mv_capture_answer(const struct mv_capture *capture, const struct mv_dns_question *question,
                       struct mv_dns_answer *answer_r)
{
    struct mv_dns_answer chain = {.secure = true, .ttl_secs = UINT32_MAX};
    unsigned char folded[MV_DOMAIN_MAX_BYTES];
    struct mv_bytes name;

    if (!fold(question->name, folded, &name)) {
        *answer_r = (struct mv_dns_answer){.status = MV_DNS_NXDOMAIN};
        return;
    }

    for (unsigned cnames = 0; cnames <= MV_CAPTURE_MAX_CNAMES; cnames++) {
        const struct mv_capture_entry *entry = find(capture, name, question->type);
        const struct mv_dns_answer *alias = entry == NULL ? find_alias(capture, name) : NULL;

        if (alias == NULL) {
            enum mv_dns_status unlisted = name_exists(capture, name) ? MV_DNS_NODATA : capture->fallback;

            *answer_r = entry != NULL ? entry->answer : (struct mv_dns_answer){.status = unlisted};
            narrow(answer_r, &chain);
            return;
        }
        narrow(&chain, alias);
        name = alias->records[0].data;
    }
    *answer_r = (struct mv_dns_answer){.status = MV_DNS_SERVFAIL};
}
