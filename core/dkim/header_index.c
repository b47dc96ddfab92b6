#include "core/dkim/header_index.h"

#include <stdlib.h>

#include "core/base/ascii.h"

#define FEW_FIELDS 40

/* A field; in the last entry of its name (the lowest in the message) also the state of that name. */
struct entry {
    struct mv_bytes name;
    uint32_t hash;
    uint32_t at;    /* in the fields */
    uint32_t first; /* entry of the highest field of this name */
    uint32_t taken;
    uint64_t run; /* in which taken counts */
};

struct mv_dkim_header_index {
    const struct mv_field *fields;
    struct entry *entries;
    size_t count;
    uint64_t run;
};

/* FNV-1a, without case. Only the order of entries hangs on it: names made to collide cost no more than others. */
static uint32_t hash_of(struct mv_bytes name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ mv_ascii_lower(name.data[i])) * 16777619u;
    return hash;
}

static int compare_names(struct mv_bytes a, struct mv_bytes b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    for (size_t i = 0; i < a.len; i++) {
        int difference = mv_ascii_lower(a.data[i]) - mv_ascii_lower(b.data[i]);

        if (difference != 0)
            return difference;
    }
    return 0;
}

static int compare_to(const struct entry *entry, uint32_t hash, struct mv_bytes name)
{
    if (entry->hash != hash)
        return entry->hash < hash ? -1 : 1;
    return compare_names(entry->name, name);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = compare_to(left, right->hash, right->name);

    if (order != 0)
        return order;
    return left->at < right->at ? -1 : 1;
}

static bool comes_after(const struct entry *a, const struct entry *b)
{
    return a->hash != b->hash ? a->hash > b->hash : compare_entries(a, b) > 0;
}

/* Most messages have few fields, and for few this is the quickest way. */
static void sort_few(struct mv_dkim_header_index *index)
{
    for (size_t i = 1; i < index->count; i++) {
        struct entry entry = index->entries[i];
        size_t to = i;

        for (; to > 0 && comes_after(&index->entries[to - 1], &entry); to--)
            index->entries[to] = index->entries[to - 1];
        index->entries[to] = entry;
    }
}

static void sort(struct mv_dkim_header_index *index)
{
    if (index->count <= FEW_FIELDS)
        sort_few(index);
    else
        qsort(index->entries, index->count, sizeof *index->entries, compare_entries);
}

/* Each entry learns where its name begins. */
static void find_first(struct mv_dkim_header_index *index)
{
    for (size_t i = 1; i < index->count; i++) {
        struct entry *entry = &index->entries[i];
        const struct entry *before = &index->entries[i - 1];

        entry->first = (uint32_t)i;
        if (before->hash == entry->hash && compare_names(before->name, entry->name) == 0)
            entry->first = before->first;
    }
}

struct mv_dkim_header_index *mv_dkim_header_index_new(struct mv_arena *arena, const struct mv_field *fields,
                                                      size_t count)
{
    struct mv_dkim_header_index *index = mv_arena_alloc(arena, sizeof *index);

    if (index == NULL)
        return NULL;
    index->fields = fields;
    index->entries = mv_arena_room(arena, count * sizeof *index->entries); /* count is limited by the reader */
    if (index->entries == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (fields[i].name.len > 0)
            index->entries[index->count++] =
                (struct entry){.name = fields[i].name, .hash = hash_of(fields[i].name), .at = (uint32_t)i};
    sort(index);
    find_first(index);
    mv_dkim_header_index_rewind(index);
    return index;
}

void mv_dkim_header_index_rewind(struct mv_dkim_header_index *index)
{
    index->run++;
}

/* The last entry of this name, or NULL. */
static struct entry *find_last(struct mv_dkim_header_index *index, struct mv_bytes name)
{
    uint32_t hash = hash_of(name);
    size_t from = 0, to = index->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare_to(&index->entries[middle], hash, name) <= 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == 0 || compare_to(&index->entries[from - 1], hash, name) != 0)
        return NULL;
    return &index->entries[from - 1];
}

const struct mv_field *mv_dkim_header_index_take(struct mv_dkim_header_index *index, struct mv_bytes name,
                                                 const struct mv_field *except)
{
    struct entry *last = find_last(index, name);
    size_t instances;

    if (last == NULL)
        return NULL;
    if (last->run != index->run) {
        last->run = index->run;
        last->taken = 0;
    }
    instances = (size_t)(last - index->entries) - last->first + 1;
    while (last->taken < instances) {
        const struct mv_field *field = &index->fields[(last - last->taken++)->at];

        if (field != except)
            return field;
    }
    return NULL;
}
