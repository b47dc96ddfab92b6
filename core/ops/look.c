#include "core/ops/keeper.h"

#include "core/base/trace.h"
#include "core/dkim/key.h"

/* What is looked for, and whose it is. */
struct wanted {
    struct mv_sight_request *requests;
    size_t *owners; /* index of the entry */
    size_t count;
};

static bool is_looked_at(const struct mv_keeper *keeper, const struct mv_key_entry *entry)
{
    return !entry->interrupted && entry->state != MV_KEY_REVOKED &&
           mv_bytes_equal(entry->host, keeper->settings->sign_host);
}

/* The octets stay empty where the private key cannot be read; *sight then says why. */
static enum mv_code read_want(const struct mv_keeper *keeper, struct mv_arena *arena, const struct mv_key_entry *entry,
                              struct mv_key_want *want, struct mv_sight *sight)
{
    struct mv_private_key *key = NULL;
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = mv_key_store_load(keeper->store, entry, &key, &error);

    *want = (struct mv_key_want){.type = entry->type};
    if (code == MV_OK)
        code = mv_key_record_octets(arena, key, &want->octets);
    mv_private_key_free(&key);
    if (code == MV_ERR_MEMORY)
        return code;
    if (code != MV_OK) {
        sight->view.unusable = true;
        if (!mv_arena_copy(arena, mv_bytes_str(error.text), &sight->view.fault))
            return MV_ERR_MEMORY;
    }
    return MV_OK;
}

static enum mv_code collect(const struct mv_keeper *keeper, struct mv_arena *arena, struct mv_bytes domain,
                            const struct mv_key_entries *entries, struct mv_sight *sights, struct wanted *wanted)
{
    wanted->requests = mv_arena_array(arena, entries->count, sizeof *wanted->requests);
    wanted->owners = mv_arena_array(arena, entries->count, sizeof *wanted->owners);
    if (wanted->requests == NULL || wanted->owners == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < entries->count && wanted->count < MV_SIGHT_MAX_KEYS; i++) {
        struct mv_sight_request *request = &wanted->requests[wanted->count];

        if (!is_looked_at(keeper, &entries->items[i]))
            continue;
        wanted->owners[wanted->count++] = i;
        if (!mv_dkim_key_name(arena, entries->items[i].selector, domain, &request->name) ||
            read_want(keeper, arena, &entries->items[i], &request->want, &sights[i]) != MV_OK)
            return MV_ERR_MEMORY;
    }
    return MV_OK;
}

/* What DNS showed, beside what is wrong with the private key. */
static void merge(struct mv_sight *sight, const struct mv_sight *found)
{
    struct mv_bytes fault = sight->view.fault;
    bool unusable = sight->view.unusable;

    *sight = *found;
    sight->view.unusable = unusable;
    if (unusable)
        sight->view.fault = fault;
}

enum mv_code mv_keeper_look(const struct mv_keeper *keeper, struct mv_arena *arena, struct mv_bytes domain,
                            const struct mv_key_entries *entries, struct mv_sight *sights_r)
{
    struct mv_inquirer inquirer = {
        .arena = arena,
        .resolver = keeper->resolver,
        .port = keeper->port,
        .try_msecs = keeper->settings->dns_try_msecs,
        .deadline_msecs = mv_resolver_now_msecs() + MV_KEEPER_DNS_DEADLINE_MSECS,
    };
    struct wanted wanted = {.count = 0};
    struct mv_sight *found;
    enum mv_code code;

    for (size_t i = 0; i < entries->count; i++)
        sights_r[i] = (struct mv_sight){.view.looked = false};
    code = collect(keeper, arena, domain, entries, sights_r, &wanted);
    found = mv_arena_array(arena, wanted.count, sizeof *found);
    if (code == MV_OK && found == NULL)
        code = MV_ERR_MEMORY;
    if (code == MV_OK)
        code = mv_sight_look(&inquirer, domain, wanted.requests, wanted.count, found);
    for (size_t k = 0; code == MV_OK && k < wanted.count; k++)
        merge(&sights_r[wanted.owners[k]], &found[k]);
    return code;
}
