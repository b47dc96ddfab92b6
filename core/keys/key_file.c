#include "core/keys/place.h"

#include <string.h>

#include "core/base/trace.h"
#include "core/keys/state_file.h"

#define NAME_BYTES (MV_SELECTOR_MAX_BYTES + sizeof ".state")

/* The names of a key's two files. */
struct names {
    char pem[NAME_BYTES];
    char state[NAME_BYTES];
};

static enum mv_code name_files(struct mv_bytes selector, struct names *names_r, struct mv_error *error)
{
    if (!mv_selector_is_normal(selector))
        return mv_error_set(error, MV_ERR_USAGE, "not the normal form of a selector");
    memcpy(names_r->pem, selector.data, selector.len);
    memcpy(names_r->state, selector.data, selector.len);
    memcpy(names_r->pem + selector.len, ".pem", sizeof ".pem");
    memcpy(names_r->state + selector.len, ".state", sizeof ".state");
    return MV_OK;
}

static enum mv_code check_kind(const struct mv_key_place *place, const char *name, const struct mv_key_entry *entry,
                               const struct mv_private_key *key, struct mv_error *error)
{
    if (mv_private_key_type(key) == entry->type &&
        (entry->type != MV_KEY_RSA || mv_private_key_bits(key) == entry->bits))
        return MV_OK;
    return mv_error_set(error, MV_ERR_CONFIG,
                        "%s/%s: is another key than the state file beside it speaks of: " MV_KEYS_GET_BACK,
                        place->dir.path, name);
}

static enum mv_code read_key(const struct mv_key_place *place, const char *name, const struct mv_key_entry *entry,
                             struct mv_buf *pem, struct mv_private_key **key_r, struct mv_error *error)
{
    const char *reason = "";
    enum mv_code code = mv_keys_file_read(&place->dir, name, MV_KEYS_SECRET, pem, error);

    if (code == MV_ERR_LIMIT)
        return mv_error_set(error, MV_ERR_CONFIG, "%s/%s: is too large for a private key", place->dir.path, name);
    if (code != MV_OK)
        return code;
    code = mv_private_key_read(mv_buf_bytes(pem), key_r, &reason);
    if (code == MV_ERR_SYNTAX)
        return mv_error_set(error, MV_ERR_CONFIG, "%s/%s: is no private key that can be used: %s: " MV_KEYS_GET_BACK,
                            place->dir.path, name, reason);
    if (code != MV_OK)
        return mv_error_set(error, code, "%s/%s: %s", place->dir.path, name, mv_code_text(code));
    code = check_kind(place, name, entry, *key_r, error);
    if (code != MV_OK)
        mv_private_key_free(key_r);
    return code;
}

/* Only what the buffer holds was ever written: its memory is asked for once. */
static void wipe(struct mv_buf *secret)
{
    if (secret->data != NULL)
        explicit_bzero(secret->data, secret->size);
    mv_buf_free(secret);
}

static enum mv_code open_existing(const struct mv_key_store *store, struct mv_bytes domain,
                                  struct mv_key_place *place_r, struct mv_error *error)
{
    enum mv_code code = mv_key_place_open(store, domain, place_r, error);

    if (code == MV_OK && place_r->dir.fd < 0)
        return mv_error_set(error, MV_ERR_IO, "%s: there is no such directory", mv_buf_cstr(&place_r->path));
    return code;
}

enum mv_code mv_key_store_load(const struct mv_key_store *store, const struct mv_key_entry *entry,
                               struct mv_private_key **key_r, struct mv_error *error)
{
    struct mv_key_place place = {.dir = {.fd = -1}};
    struct names names;
    struct mv_buf pem;
    enum mv_code code = name_files(entry->selector, &names, error);

    *key_r = NULL;
    if (code != MV_OK)
        return code;
    mv_buf_init(&pem, MV_PRIVATE_KEY_MAX_PEM_BYTES + 1);
    code = open_existing(store, entry->domain, &place, error);
    if (code == MV_OK)
        code = read_key(&place, names.pem, entry, &pem, key_r, error);
    wipe(&pem);
    mv_key_place_close(&place);
    return code;
}

/* The directory of an entry, for who holds its lock. */
static enum mv_code open_locked(struct mv_key_store *store, const struct mv_key_entry *entry,
                                struct mv_key_place *place_r, struct names *names_r, struct mv_error *error)
{
    enum mv_code code = name_files(entry->selector, names_r, error);

    *place_r = (struct mv_key_place){.dir = {.fd = -1}};
    if (code != MV_OK)
        return code;
    if (store->lock_fd < 0 || !mv_bytes_equal(mv_buf_bytes(&store->locked_domain), entry->domain))
        return mv_error_set(error, MV_ERR_USAGE, "%.*s: written without its lock", MV_ARG(entry->domain));
    return open_existing(store, entry->domain, place_r, error);
}

static enum mv_code write_state(const struct mv_key_place *place, const char *name, const struct mv_key_entry *entry,
                                struct mv_error *error)
{
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MV_KEYS_MAX_STATE_BYTES);
    code = mv_state_file_print(entry, &text, error);
    if (code == MV_OK)
        code = mv_keys_file_replace(&place->dir, name, mv_buf_bytes(&text), MV_KEYS_FILE_MODE, error);
    mv_buf_free(&text);
    return code;
}

static enum mv_code write_key(const struct mv_key_place *place, const char *name, const struct mv_private_key *key,
                              struct mv_error *error)
{
    struct mv_buf pem;
    enum mv_code code;

    mv_buf_init(&pem, MV_PRIVATE_KEY_MAX_PEM_BYTES);
    /* at once, so that growing leaves no copies behind */
    code = mv_buf_reserve(&pem, MV_PRIVATE_KEY_MAX_PEM_BYTES) == NULL ? MV_ERR_MEMORY : mv_private_key_write(key, &pem);
    if (code == MV_OK)
        code = mv_keys_file_replace(&place->dir, name, mv_buf_bytes(&pem), MV_KEYS_FILE_MODE, error);
    else
        (void)mv_error_set(error, code, "%s/%s: %s", place->dir.path, name, mv_code_text(code));
    wipe(&pem);
    return code;
}

enum mv_code mv_key_store_add(struct mv_key_store *store, const struct mv_key_entry *entry,
                              const struct mv_private_key *key, struct mv_error *error)
{
    struct mv_key_place place;
    struct names names;
    enum mv_code code = open_locked(store, entry, &place, &names, error);

    if (code == MV_OK && (mv_keys_dir_has(&place.dir, names.pem) || mv_keys_dir_has(&place.dir, names.state)))
        code = mv_error_set(error, MV_ERR_USAGE, "%s: the selector %.*s was used before, and is never used again",
                            place.dir.path, MV_ARG(entry->selector));
    if (code == MV_OK)
        code = check_kind(&place, names.pem, entry, key, error);
    if (code == MV_OK)
        code = write_key(&place, names.pem, key, error);
    if (code == MV_OK)
        code = write_state(&place, names.state, entry, error);
    mv_key_place_close(&place);
    return code;
}

enum mv_code mv_key_store_update(struct mv_key_store *store, const struct mv_key_entry *entry,
                                 struct mv_error *error)
{
    struct mv_key_place place;
    struct names names;
    enum mv_code code = open_locked(store, entry, &place, &names, error);

    if (code == MV_OK && !mv_keys_dir_has(&place.dir, names.state))
        code = mv_error_set(error, MV_ERR_USAGE, "%s: there is no key %.*s", place.dir.path, MV_ARG(entry->selector));
    if (code == MV_OK)
        code = write_state(&place, names.state, entry, error);
    mv_key_place_close(&place);
    return code;
}

enum mv_code mv_key_store_destroy_key(struct mv_key_store *store, const struct mv_key_entry *entry,
                                      struct mv_error *error)
{
    struct mv_key_place place;
    struct names names;
    enum mv_code code = open_locked(store, entry, &place, &names, error);

    if (code == MV_OK && entry->state != MV_KEY_REVOKED && !entry->interrupted)
        code = mv_error_set(error, MV_ERR_USAGE, "%.*s: a key that is %s is not destroyed", MV_ARG(entry->selector),
                            mv_key_state_text(entry->state));
    if (code == MV_OK)
        code = mv_keys_file_remove(&place.dir, names.pem, error);
    mv_key_place_close(&place);
    return code;
}
