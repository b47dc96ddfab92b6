#include "core/keys/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/trace.h"
#include "core/keys/place.h"
#include "core/keys/state_file.h"

#define MAX_DOMAINS 10000
#define FILES_PER_KEY 2

static enum mv_code no_memory(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_MEMORY, "no memory for keys");
}

enum mv_code mv_key_store_open(const char *directory, struct mv_key_store **store_r)
{
    struct mv_key_store *store = calloc(1, sizeof *store);

    *store_r = NULL;
    if (store == NULL)
        return MV_ERR_MEMORY;
    store->lock_fd = -1;
    mv_buf_init(&store->locked_domain, MV_KEYS_MAX_PATH_BYTES);
    store->directory = strdup(directory);
    *store_r = store;
    if (store->directory == NULL)
        mv_key_store_close(store_r);
    return *store_r == NULL ? MV_ERR_MEMORY : MV_OK;
}

void mv_key_store_close(struct mv_key_store **store)
{
    if (*store == NULL)
        return;
    mv_key_store_unlock(*store);
    mv_buf_free(&(*store)->locked_domain);
    free((*store)->directory);
    free(*store);
    *store = NULL;
}

const char *mv_key_store_directory(const struct mv_key_store *store)
{
    return store->directory;
}

static bool is_directory(const struct mv_keys_dir *dir, struct mv_bytes name)
{
    struct stat st;

    return fstatat(dir->fd, (const char *)name.data, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

enum mv_code mv_key_store_domains(const struct mv_key_store *store, struct mv_arena *arena,
                                  const struct mv_bytes **domains_r, size_t *count_r, struct mv_error *error)
{
    const struct mv_bytes *names;
    struct mv_bytes *domains;
    struct mv_keys_dir base;
    enum mv_code code = mv_keys_dir_open(store->directory, &base, error);
    size_t count = 0;

    *domains_r = NULL;
    *count_r = 0;
    if (code != MV_OK || base.fd < 0)
        return code;
    code = mv_keys_dir_names(&base, arena, MAX_DOMAINS, &names, &count, error);
    domains = mv_arena_array(arena, count, sizeof *domains);
    if (code == MV_OK && domains == NULL)
        code = no_memory(error);
    for (size_t i = 0; code == MV_OK && i < count; i++)
        if (mv_key_domain_is_normal(names[i]) && is_directory(&base, names[i]))
            domains[(*count_r)++] = names[i];
    *domains_r = domains;
    mv_keys_dir_close(&base);
    return code;
}

static bool without_suffix(struct mv_bytes name, struct mv_bytes suffix, struct mv_bytes *stem_r)
{
    size_t stem = name.len < suffix.len ? 0 : name.len - suffix.len;

    *stem_r = mv_bytes_slice(name, 0, stem);
    return mv_bytes_equal(mv_bytes_slice(name, stem, name.len), suffix) && mv_selector_is_normal(*stem_r);
}

static enum mv_code read_state(const struct mv_key_place *place, struct mv_arena *arena, struct mv_bytes domain,
                               struct mv_bytes selector, const char *name, struct mv_key_entry *entry_r,
                               struct mv_error *error)
{
    struct mv_error fault = {MV_OK, ""};
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MV_KEYS_MAX_STATE_BYTES + 1);
    code = mv_keys_file_read(&place->dir, name, MV_KEYS_PUBLIC, &text, error);
    if (code == MV_ERR_LIMIT)
        code = MV_ERR_CONFIG;
    if (code == MV_OK) {
        code = mv_state_file_parse(arena, mv_buf_bytes(&text), entry_r, &fault);
        if (code == MV_OK && (!mv_bytes_equal(entry_r->domain, domain) ||
                              !mv_bytes_equal(entry_r->selector, selector)))
            code = mv_error_set(&fault, MV_ERR_SYNTAX, "speaks of another key");
        if (code != MV_OK)
            code = mv_error_set(error, code == MV_ERR_SYNTAX ? MV_ERR_CONFIG : code,
                                "%s/%s: %s: bring the file back from a backup, or move it and its .pem away",
                                place->dir.path, name, fault.text);
    }
    mv_buf_free(&text);
    return code;
}

static bool has_file(const struct mv_key_place *place, struct mv_arena *arena, struct mv_bytes selector,
                     const char *suffix)
{
    const char *name = mv_arena_printf(arena, "%.*s%s", MV_ARG(selector), suffix);

    return name != NULL && mv_keys_dir_has(&place->dir, name);
}

/* The selector stays empty where the file is none of a key, or the key's other one. */
static enum mv_code take_file(const struct mv_key_place *place, struct mv_arena *arena, struct mv_bytes domain,
                              struct mv_bytes name, struct mv_key_entry *entry_r, struct mv_error *error)
{
    struct mv_bytes selector;
    enum mv_code code = MV_OK;

    *entry_r = (struct mv_key_entry){.state = MV_KEY_CREATED};
    if (without_suffix(name, MV_BYTES(".state"), &selector)) {
        code = read_state(place, arena, domain, selector, (const char *)name.data, entry_r, error);
        entry_r->has_key = code == MV_OK && has_file(place, arena, selector, ".pem");
        return code;
    }
    /* without a state: what a writer leaves that was killed in between */
    if (without_suffix(name, MV_BYTES(".pem"), &selector) && !has_file(place, arena, selector, ".state")) {
        entry_r->selector = selector;
        entry_r->has_key = entry_r->interrupted = true;
        if (!mv_arena_copy(arena, domain, &entry_r->domain))
            return mv_error_set(error, MV_ERR_MEMORY, "no memory for keys");
    }
    return code;
}

static enum mv_code list_place(const struct mv_key_place *place, struct mv_arena *arena, struct mv_bytes domain,
                               struct mv_key_entries *entries_r, struct mv_error *error)
{
    const struct mv_bytes *names;
    struct mv_key_entry *items;
    size_t files = 0;
    enum mv_code code = mv_keys_dir_names(&place->dir, arena, FILES_PER_KEY * MV_KEYS_MAX_PER_DOMAIN, &names, &files,
                                          error);

    if (code != MV_OK)
        return code;
    items = mv_arena_array(arena, files, sizeof *items);
    if (items == NULL)
        return no_memory(error);
    entries_r->items = items;
    for (size_t i = 0; code == MV_OK && i < files; i++) {
        code = take_file(place, arena, domain, names[i], &items[entries_r->count], error);
        if (items[entries_r->count].selector.len > 0)
            entries_r->count++;
    }
    return code;
}

static int by_selector(const void *a, const void *b)
{
    const struct mv_key_entry *first = a, *second = b;
    struct mv_bytes left = first->selector, right = second->selector;
    size_t common = left.len < right.len ? left.len : right.len;
    int order = memcmp(left.data, right.data, common);

    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

enum mv_code mv_key_store_list(const struct mv_key_store *store, struct mv_arena *arena, struct mv_bytes domain,
                               struct mv_key_entries *entries_r, struct mv_error *error)
{
    struct mv_key_entries found = {NULL, 0};
    struct mv_key_place place;
    enum mv_code code = mv_key_place_open(store, domain, &place, error);

    if (code == MV_OK && place.dir.fd >= 0)
        code = list_place(&place, arena, domain, &found, error);
    if (found.count > 1)
        qsort((void *)found.items, found.count, sizeof *found.items, by_selector);
    *entries_r = code == MV_OK ? found : (struct mv_key_entries){NULL, 0};
    mv_key_place_close(&place);
    return code;
}
