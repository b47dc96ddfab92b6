#include "core/dns/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/dns/name.h"

#define WAYS 4 /* a question has so many places */
#define SETS (MV_DNS_CACHE_MAX_ENTRIES / WAYS)

/* One allocation: the entry, its records, and behind them all bytes. */
struct entry {
    uint32_t hash;
    int64_t expires_secs;
    struct mv_dns_question question;
    struct mv_dns_answer answer;
    struct mv_dns_record records[];
};

struct mv_dns_cache {
    pthread_mutex_t lock;
    unsigned max_secs;
    struct entry *entries[SETS][WAYS];
};

struct mv_dns_cache *mv_dns_cache_new(unsigned max_secs)
{
    struct mv_dns_cache *cache = calloc(1, sizeof *cache);

    if (cache == NULL)
        return NULL;
    cache->max_secs = max_secs;
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void mv_dns_cache_free(struct mv_dns_cache **cache)
{
    if (*cache == NULL)
        return;
    for (size_t set = 0; set < SETS; set++)
        for (size_t way = 0; way < WAYS; way++)
            free((*cache)->entries[set][way]);
    pthread_mutex_destroy(&(*cache)->lock);
    free(*cache);
    *cache = NULL;
}

/* FNV-1a */
static uint32_t hash_of(const struct mv_dns_question *question)
{
    struct mv_bytes name = mv_dns_name_undotted(question->name);
    uint32_t hash = 2166136261u ^ (uint32_t)question->type;

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ mv_ascii_lower(name.data[i])) * 16777619u;
    return hash ^ hash >> 16;
}

static bool is_for(const struct entry *entry, const struct mv_dns_question *question, uint32_t hash)
{
    return entry != NULL && entry->hash == hash && entry->question.type == question->type &&
           mv_bytes_equal_nocase(entry->question.name, mv_dns_name_undotted(question->name));
}

static const struct entry *find(struct mv_dns_cache *cache, const struct mv_dns_question *question, int64_t now_secs)
{
    uint32_t hash = hash_of(question);
    struct entry **set = cache->entries[hash % SETS];

    for (size_t way = 0; way < WAYS; way++)
        if (is_for(set[way], question, hash))
            return set[way]->expires_secs > now_secs ? set[way] : NULL;
    return NULL;
}

bool mv_dns_cache_answer(struct mv_dns_cache *cache, struct mv_memo *memo, const struct mv_dns_question *question,
                         int64_t now_secs)
{
    const struct entry *entry;
    bool answered = false;

    pthread_mutex_lock(&cache->lock);
    entry = find(cache, question, now_secs);
    if (entry != NULL) {
        struct mv_dns_answer answer = entry->answer;
        int64_t left_secs = entry->expires_secs - now_secs;

        if (answer.ttl_secs > left_secs)
            answer.ttl_secs = (uint32_t)left_secs;
        answered = mv_memo_answer(memo, question, &answer) == MV_OK;
    }
    pthread_mutex_unlock(&cache->lock);
    return answered;
}

/* 0: not at all. */
static int64_t life_secs(const struct mv_dns_cache *cache, const struct mv_dns_answer *answer)
{
    uint32_t secs = answer->ttl_secs;

    if (mv_dns_is_error(answer->status))
        return 0;
    if (answer->status != MV_DNS_FOUND)
        secs = answer->negative_secs < MV_DNS_CACHE_MAX_NEGATIVE_SECS ? answer->negative_secs
                                                                      : MV_DNS_CACHE_MAX_NEGATIVE_SECS;
    return secs < cache->max_secs ? secs : cache->max_secs;
}

static size_t bytes_of(const struct mv_dns_question *question, const struct mv_dns_answer *answer)
{
    size_t bytes = sizeof(struct entry) + question->name.len;

    for (size_t i = 0; i < answer->count && bytes <= MV_DNS_CACHE_MAX_ANSWER_BYTES; i++)
        bytes += sizeof(struct mv_dns_record) + answer->records[i].data.len + answer->records[i].rdata.len;
    return bytes;
}

static struct mv_bytes put(unsigned char **at, struct mv_bytes b)
{
    struct mv_bytes copy = mv_bytes_of(*at, b.len);

    if (b.len > 0)
        memcpy(*at, b.data, b.len);
    *at += b.len;
    return copy;
}

/* NULL when it is too large, or without memory. */
static struct entry *entry_new(const struct mv_dns_question *question, const struct mv_dns_answer *answer)
{
    size_t bytes = bytes_of(question, answer);
    struct entry *entry = bytes > MV_DNS_CACHE_MAX_ANSWER_BYTES ? NULL : malloc(bytes);
    unsigned char *at;

    if (entry == NULL)
        return NULL;
    at = (unsigned char *)(entry->records + answer->count);
    entry->hash = hash_of(question);
    entry->question = (struct mv_dns_question){put(&at, mv_dns_name_undotted(question->name)), question->type};
    entry->answer = *answer;
    entry->answer.records = entry->records;
    for (size_t i = 0; i < answer->count; i++) {
        entry->records[i] = answer->records[i];
        entry->records[i].data = put(&at, answer->records[i].data);
        entry->records[i].rdata = put(&at, answer->records[i].rdata);
    }
    return entry;
}

/* The place of an older answer to the same question, else an empty one, else that of what expires first. */
static struct entry **place_for(struct mv_dns_cache *cache, const struct entry *entry)
{
    struct entry **set = cache->entries[entry->hash % SETS], **place = &set[0];

    for (size_t way = 0; way < WAYS; way++) {
        if (is_for(set[way], &entry->question, entry->hash))
            return &set[way];
        if (*place != NULL && (set[way] == NULL || set[way]->expires_secs < (*place)->expires_secs))
            place = &set[way];
    }
    return place;
}

void mv_dns_cache_keep(struct mv_dns_cache *cache, const struct mv_dns_question *question,
                       const struct mv_dns_answer *answer, int64_t now_secs)
{
    int64_t secs = life_secs(cache, answer);
    struct entry *entry = secs == 0 ? NULL : entry_new(question, answer), **place;

    if (entry == NULL)
        return;
    entry->expires_secs = now_secs + secs;
    pthread_mutex_lock(&cache->lock);
    place = place_for(cache, entry);
    free(*place);
    *place = entry;
    pthread_mutex_unlock(&cache->lock);
}
