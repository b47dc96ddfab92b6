#include "core/crypto/key_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct mv_public_key *key; /* NULL: free */
    unsigned char *octets;
    size_t octets_len;
    uint64_t used; /* the clock below, at the last use */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry entries[MV_KEY_CACHE_MAX];
static uint64_t uses;

static bool holds(const struct entry *entry, enum mv_key_type type, struct mv_bytes octets)
{
    return entry->key != NULL && mv_public_key_type(entry->key) == type &&
           mv_bytes_equal(mv_bytes_of(entry->octets, entry->octets_len), octets);
}

static struct mv_public_key *find(enum mv_key_type type, struct mv_bytes octets)
{
    for (size_t i = 0; i < MV_KEY_CACHE_MAX; i++) {
        if (holds(&entries[i], type, octets)) {
            entries[i].used = ++uses;
            return mv_public_key_ref(entries[i].key);
        }
    }
    return NULL;
}

static void drop(struct entry *entry)
{
    mv_public_key_free(&entry->key);
    free(entry->octets);
    *entry = (struct entry){0};
}

/* Without memory the key is simply not kept. */
static void keep(struct mv_public_key *key, struct mv_bytes octets)
{
    struct entry *oldest = &entries[0];
    unsigned char *copy = malloc(octets.len);

    if (copy == NULL)
        return;
    memcpy(copy, octets.data, octets.len);
    for (size_t i = 1; i < MV_KEY_CACHE_MAX; i++)
        if (entries[i].used < oldest->used)
            oldest = &entries[i];
    drop(oldest);
    *oldest = (struct entry){mv_public_key_ref(key), copy, octets.len, ++uses};
}

enum mv_code mv_key_cache_get(enum mv_key_type type, struct mv_bytes octets, struct mv_public_key **key_r,
                              const char **reason_r)
{
    enum mv_code code;

    *reason_r = NULL;
    pthread_mutex_lock(&lock);
    *key_r = find(type, octets);
    pthread_mutex_unlock(&lock);
    if (*key_r != NULL)
        return MV_OK;
    code = mv_public_key_new(type, octets, key_r, reason_r);
    if (code != MV_OK)
        return code;
    pthread_mutex_lock(&lock);
    keep(*key_r, octets); /* two threads that miss at once may keep it twice: harmless */
    pthread_mutex_unlock(&lock);
    return MV_OK;
}

void mv_key_cache_clear(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MV_KEY_CACHE_MAX; i++)
        if (entries[i].key != NULL)
            drop(&entries[i]);
    pthread_mutex_unlock(&lock);
}
