#include "cli/domain/init.h"

#include <stdio.h>

#include "core/base/trace.h"
#include "core/ops/key_record.h"

struct making {
    struct mv_init *init;
    struct mv_key_store *store;
    struct mv_keeper keeper;
    struct mv_key_entries entries;
    struct mv_error error;
};

static enum mv_exit fail(const struct making *making)
{
    fprintf(stderr, "mailvouch init: %s\n", making->error.text);
    if (making->error.code == MV_ERR_IO)
        return MV_EXIT_PERMISSION;
    return making->error.code == MV_ERR_LIMIT ? MV_EXIT_TRY_AGAIN : mv_exit_of_code(making->error.code);
}

/* One of this host that signs, or is on its way to. */
static bool has_key(const struct making *making, enum mv_key_type type)
{
    for (size_t i = 0; i < making->entries.count; i++) {
        const struct mv_key_entry *entry = &making->entries.items[i];

        if (entry->type == type && entry->has_key && !entry->interrupted && entry->state <= MV_KEY_ACTIVE &&
            mv_bytes_equal(entry->host, making->keeper.settings->sign_host))
            return true;
    }
    return false;
}

static enum mv_exit make(struct making *making, enum mv_key_type type)
{
    struct mv_init *init = making->init;
    struct mv_init_key *key = &init->keys[init->key_count];

    if (has_key(making, type) || init->key_count == MV_FIRST_RECORDS_MAX_KEYS)
        return MV_EXIT_OK;
    *key = (struct mv_init_key){.entry = {.type = type}, .planned = init->given->dry_run};
    if (!init->given->dry_run &&
        mv_keeper_create(&making->keeper, init->lookup.arena, init->domain, type, init->settings->rsa_bits,
                         &key->entry, &making->error) != MV_OK)
        return fail(making);
    key->made = !key->planned;
    init->key_count++;
    return MV_EXIT_OK;
}

static void keep(struct mv_init *init, const struct mv_key_entries *entries)
{
    for (size_t i = 0; i < entries->count && init->key_count < MV_FIRST_RECORDS_MAX_KEYS; i++)
        if (entries->items[i].has_key && !entries->items[i].interrupted && entries->items[i].state <= MV_KEY_ACTIVE)
            init->keys[init->key_count++] = (struct mv_init_key){.entry = entries->items[i]};
}

/* Under the lock of the domain, since a timer may be at work on it. */
static enum mv_exit make_all(struct making *making)
{
    struct mv_init *init = making->init;
    bool locked = false;
    enum mv_exit result = MV_EXIT_OK;

    if (!init->given->dry_run) {
        if (mv_key_store_lock(making->store, init->domain, MV_KEEPER_LOCK_WAIT_MSECS, &making->error) != MV_OK)
            return fail(making);
        locked = true;
    }
    if (mv_key_store_list(making->store, init->lookup.arena, init->domain, &making->entries, &making->error) != MV_OK)
        result = fail(making);
    if (result == MV_EXIT_OK) {
        keep(init, &making->entries);
        result = make(making, MV_KEY_RSA);
    }
    if (result == MV_EXIT_OK && init->settings->key_types == MV_KEY_TYPES_BOTH)
        result = make(making, MV_KEY_ED25519);
    if (locked)
        mv_key_store_unlock(making->store);
    return result;
}

static enum mv_exit make_record(struct making *making, const struct mv_init_key *key)
{
    struct mv_init *init = making->init;
    struct mv_private_key *private_key = NULL;
    struct mv_key_record record;
    enum mv_code code = mv_key_store_load(making->store, &key->entry, &private_key, &making->error);

    if (code == MV_OK) {
        code = mv_key_record_make(init->lookup.arena, key->entry.selector, init->domain, private_key,
                                  init->settings->record_ttl_secs, &record);
        if (code != MV_OK)
            mv_error_set(&making->error, code, "%s", mv_code_text(code));
    }
    mv_private_key_free(&private_key);
    if (code != MV_OK)
        return fail(making);
    init->records_of_keys[init->request.key_count++] = (struct mv_first_key){record.name, record.text};
    return MV_EXIT_OK;
}

enum mv_exit mv_init_keys(struct mv_init *init)
{
    const struct mv_settings *settings = init->lookup.settings;
    const char *directory = mv_arena_str(init->lookup.arena, settings->keys_directory);
    struct making making = {.init = init};
    enum mv_exit result;

    if (directory == NULL || mv_key_store_open(directory, &making.store) != MV_OK)
        return mv_lookup_fail_code(&init->lookup, MV_ERR_MEMORY);
    making.keeper = (struct mv_keeper){
        .settings = settings,
        .store = making.store,
        .resolver = init->lookup.resolver,
        .port = MV_DNS_PORT,
        .now_secs = init->given->now_secs,
        .now_msecs = mv_resolver_now_msecs(),
    };
    result = make_all(&making);
    for (size_t i = 0; result == MV_EXIT_OK && i < init->key_count; i++)
        if (!init->keys[i].planned)
            result = make_record(&making, &init->keys[i]);
    mv_key_store_close(&making.store);
    return result;
}
