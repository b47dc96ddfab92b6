#include "core/auth/key_sets.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/trace.h"
#include "core/base/stamp.h"
#include "core/keys/store.h"

#define MAX_SET_BYTES (256 * 1024)
#define MAX_LISTING_BYTES (8 * 1024 * 1024) /* of MV_KEYS_MAX_PER_DOMAIN entries */
#define MAX_ACTIVE 16                       /* of one domain and host; older ones are not looked at */

/* One active key of ours. */
struct held_key {
    struct mv_key_entry entry;
    struct mv_private_key *key; /* NULL: could not be read */
    const char *fault;          /* why */
};

/* What one domain has. */
struct key_set {
    struct mv_arena *arena; /* NULL: nothing is held */
    struct mv_stamp stamp;
    bool settled;
    struct held_key keys[MAX_ACTIVE]; /* the one that became active last comes first */
    size_t count;
    size_t waiting;        /* created or published, of this host */
    const char *elsewhere; /* a host that has active keys while this one has none, or NULL */
};

struct mv_key_sets {
    const struct mv_settings *settings;
    struct mv_key_store *store;
    struct key_set *sets; /* beside settings->domains */
};

struct mv_key_sets *mv_key_sets_new(const struct mv_settings *settings)
{
    struct mv_key_sets *sets = calloc(1, sizeof *sets);

    if (sets == NULL)
        return NULL;
    sets->settings = settings;
    sets->sets = calloc(settings->domains.count + 1, sizeof *sets->sets);
    if (sets->sets == NULL ||
        mv_key_store_open((const char *)settings->keys_directory.data, &sets->store) != MV_OK)
        mv_key_sets_free(&sets);
    return sets;
}

static void drop(struct key_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        mv_private_key_free(&set->keys[i].key);
    mv_arena_free(&set->arena);
    *set = (struct key_set){.arena = NULL};
}

void mv_key_sets_free(struct mv_key_sets **sets)
{
    if (*sets == NULL)
        return;
    for (size_t i = 0; (*sets)->sets != NULL && i < (*sets)->settings->domains.count; i++)
        drop(&(*sets)->sets[i]);
    free((*sets)->sets);
    mv_key_store_close(&(*sets)->store);
    free(*sets);
    *sets = NULL;
}

static bool copy_entry(struct mv_arena *arena, const struct mv_key_entry *from, struct mv_key_entry *to)
{
    *to = *from;
    return mv_arena_copy(arena, from->domain, &to->domain) && mv_arena_copy(arena, from->selector, &to->selector) &&
           mv_arena_copy(arena, from->host, &to->host);
}

/* MV_ERR_MEMORY only: a key that cannot be read is held with its fault. */
static enum mv_code load(const struct mv_key_sets *sets, struct key_set *set, struct held_key *held)
{
    struct mv_error error = {0};

    if (mv_key_store_load(sets->store, &held->entry, &held->key, &error) == MV_OK)
        return MV_OK;
    if (error.code == MV_ERR_MEMORY)
        return MV_ERR_MEMORY;
    set->settled = false;
    held->fault = mv_arena_str(set->arena, mv_bytes_str(error.text));
    return held->fault == NULL ? MV_ERR_MEMORY : MV_OK;
}

/* Keeps the order by the time of becoming active; of equals the later selector, which carries a date, comes first. */
static enum mv_code hold(const struct mv_key_sets *sets, struct key_set *set, const struct mv_key_entry *entry)
{
    struct held_key held = {.key = NULL};
    size_t at = set->count;
    enum mv_code code;

    if (set->count == MAX_ACTIVE && set->keys[MAX_ACTIVE - 1].entry.active_secs > entry->active_secs)
        return MV_OK;
    if (!copy_entry(set->arena, entry, &held.entry))
        return MV_ERR_MEMORY;
    code = load(sets, set, &held);
    if (code != MV_OK)
        return code;
    if (set->count == MAX_ACTIVE)
        mv_private_key_free(&set->keys[--at].key);
    else
        set->count++;
    for (; at > 0 && set->keys[at - 1].entry.active_secs <= entry->active_secs; at--)
        set->keys[at] = set->keys[at - 1];
    set->keys[at] = held;
    return MV_OK;
}

static enum mv_code sort_in(const struct mv_key_sets *sets, struct key_set *set, const struct mv_key_entry *entry)
{
    bool ours = mv_bytes_equal(entry->host, sets->settings->sign_host);

    if (entry->interrupted)
        return MV_OK;
    if (ours && entry->state == MV_KEY_ACTIVE)
        return hold(sets, set, entry);
    if (ours && (entry->state == MV_KEY_CREATED || entry->state == MV_KEY_PUBLISHED))
        set->waiting++;
    if (ours || entry->state != MV_KEY_ACTIVE || set->elsewhere != NULL)
        return MV_OK;
    set->elsewhere = mv_arena_str(set->arena, entry->host);
    return set->elsewhere == NULL ? MV_ERR_MEMORY : MV_OK;
}

static enum mv_code list(const struct mv_key_sets *sets, struct key_set *set, struct mv_bytes domain,
                         struct mv_error *error)
{
    struct mv_arena *listing = mv_arena_new(MAX_LISTING_BYTES);
    struct mv_key_entries entries;
    enum mv_code code = listing == NULL ? MV_ERR_MEMORY
                                        : mv_key_store_list(sets->store, listing, domain, &entries, error);

    for (size_t i = 0; code == MV_OK && i < entries.count; i++)
        code = sort_in(sets, set, &entries.items[i]);
    mv_arena_free(&listing);
    return code;
}

/* The stamp is taken first: what changes after it is seen with the next message. */
static enum mv_code refresh(const struct mv_key_sets *sets, struct mv_arena *arena, struct key_set *set,
                            struct mv_bytes domain, int64_t now_secs, struct mv_error *error)
{
    const char *path = mv_arena_printf(arena, "%s/%.*s", mv_key_store_directory(sets->store), MV_ARG(domain));
    struct mv_stamp stamp;
    enum mv_code code;

    if (path == NULL)
        return MV_ERR_MEMORY;
    (void)mv_stamp_take(path, &stamp); /* what is wrong shows when it is listed */
    if (set->arena != NULL && set->settled && mv_stamp_equal(&stamp, &set->stamp))
        return MV_OK;
    drop(set);
    set->arena = mv_arena_new(MAX_SET_BYTES);
    if (set->arena == NULL)
        return MV_ERR_MEMORY;
    set->stamp = stamp;
    set->settled = mv_stamp_is_settled(&stamp, now_secs);
    code = list(sets, set, domain, error);
    if (code != MV_OK)
        drop(set);
    return code;
}

/* Why it may not sign: a sentence in the arena; NULL when it may, and without memory. */
static const char *fault_of(const struct mv_key_sets *sets, struct mv_arena *arena, const struct held_key *held,
                            int64_t now_secs, bool *usable_r)
{
    const struct mv_key_entry *entry = &held->entry;
    unsigned preflight = sets->settings->preflight_secs;
    int64_t age = now_secs - entry->sight_secs;

    *usable_r = false;
    if (held->key == NULL)
        return held->fault;
    if (entry->sight == MV_SIGHT_MISSING)
        return mv_arena_printf(arena, "key %.*s: a name server of %.*s does not show it: \"mailvouch key check %.*s\"",
                               MV_ARG(entry->selector), MV_ARG(entry->domain), MV_ARG(entry->domain));
    if (entry->sight == MV_SIGHT_OTHER)
        return mv_arena_printf(arena, "key %.*s: a name server of %.*s shows something else: \"mailvouch key check "
                               "%.*s\"", MV_ARG(entry->selector), MV_ARG(entry->domain), MV_ARG(entry->domain));
    if (preflight > 0 && (entry->sight == MV_SIGHT_UNKNOWN || age > preflight))
        return mv_arena_printf(arena, "key %.*s: DNS was not seen to show it in the last %u hours ([sign] preflight): "
                               "is the timer of \"mailvouch key auto\" running, does DNS answer?",
                               MV_ARG(entry->selector), preflight / 3600);
    *usable_r = true;
    return NULL;
}

/* The newest usable key of a type joins the choice; *fault_r is what is wrong with the newest of all. */
static enum mv_code choose_type(const struct mv_key_sets *sets, struct mv_arena *arena, const struct key_set *set,
                                enum mv_key_type type, int64_t now_secs, struct mv_key_choice *choice,
                                const char **fault_r)
{
    *fault_r = NULL;
    for (size_t i = 0; i < set->count; i++) {
        const struct held_key *held = &set->keys[i];
        struct mv_dkim_signing_key *chosen = &choice->keys[choice->count];
        bool usable;
        const char *fault;

        if (held->entry.type != type)
            continue;
        fault = fault_of(sets, arena, held, now_secs, &usable);
        if (usable) {
            if (!mv_arena_copy(arena, held->entry.selector, &chosen->selector))
                return MV_ERR_MEMORY;
            chosen->key = mv_private_key_ref(held->key);
            choice->count++;
            return MV_OK;
        }
        if (fault == NULL)
            return MV_ERR_MEMORY;
        if (*fault_r == NULL)
            *fault_r = fault;
    }
    return MV_OK;
}

static enum mv_code refuse_none(const struct mv_key_sets *sets, const struct key_set *set, struct mv_bytes domain,
                                struct mv_error *error)
{
    struct mv_bytes host = sets->settings->sign_host;

    if (set->waiting > 0)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "no key of %.*s is active yet on host %.*s: \"mailvouch key status %.*s\" tells what it "
                            "waits for, \"mailvouch key auto\" goes on",
                            MV_ARG(domain), MV_ARG(host), MV_ARG(domain));
    if (set->elsewhere != NULL)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%.*s has no key of host %.*s, only of others such as %s: \"mailvouch key new %.*s\" "
                            "makes one; hosts that share keys have the same host in [sign]",
                            MV_ARG(domain), MV_ARG(host), set->elsewhere, MV_ARG(domain));
    return mv_error_set(error, MV_ERR_CONFIG,
                        "%.*s has no active key in %s: \"mailvouch key status %.*s\" shows what there is, "
                        "\"mailvouch key new %.*s\" makes one",
                        MV_ARG(domain), mv_key_store_directory(sets->store), MV_ARG(domain), MV_ARG(domain));
}

static enum mv_code choose(const struct mv_key_sets *sets, struct mv_arena *arena, const struct key_set *set,
                           struct mv_bytes domain, int64_t now_secs, struct mv_key_choice *choice,
                           struct mv_error *error)
{
    const char *rsa_fault, *ed25519_fault;
    enum mv_code code = choose_type(sets, arena, set, MV_KEY_RSA, now_secs, choice, &rsa_fault);

    if (code == MV_OK && choice->count == 0 && rsa_fault != NULL)
        return mv_error_set(error, MV_ERR_CONFIG, "%s", rsa_fault);
    if (code == MV_OK)
        code = choose_type(sets, arena, set, MV_KEY_ED25519, now_secs, choice, &ed25519_fault);
    if (code != MV_OK)
        return code;
    if (choice->count == 1 && mv_private_key_type(choice->keys[0].key) == MV_KEY_ED25519)
        choice->warning = "no RSA key signs beside this one, and many receivers cannot check Ed25519 (RFC 8463)";
    else
        choice->warning = rsa_fault != NULL ? rsa_fault : ed25519_fault;
    if (choice->count > 0)
        return MV_OK;
    if (ed25519_fault != NULL)
        return mv_error_set(error, MV_ERR_CONFIG, "%s", ed25519_fault);
    return refuse_none(sets, set, domain, error);
}

enum mv_code mv_key_sets_choose(struct mv_key_sets *sets, struct mv_arena *arena, struct mv_bytes domain,
                                int64_t now_secs, struct mv_key_choice *choice_r, struct mv_error *error)
{
    const struct mv_domain_settings *settings = mv_config_domain_over(sets->settings, domain);
    struct key_set *set;
    enum mv_code code;

    *choice_r = (struct mv_key_choice){.count = 0};
    if (settings == NULL || !mv_bytes_equal(settings->name, domain))
        return mv_error_set(error, MV_ERR_USAGE, "%.*s is none of our domains", MV_ARG(domain));
    set = &sets->sets[settings - sets->settings->domains.items];
    code = refresh(sets, arena, set, domain, now_secs, error);
    if (code == MV_OK)
        code = choose(sets, arena, set, domain, now_secs, choice_r, error);
    if (code == MV_ERR_MEMORY)
        mv_error_set(error, code, "no memory for the keys");
    if (code != MV_OK)
        mv_key_choice_free(choice_r);
    return code;
}

void mv_key_choice_free(struct mv_key_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++)
        mv_private_key_free(&choice->keys[i].key);
    choice->count = 0;
}
