#include "core/ops/exim_file.h"

#include <unistd.h>

#include "core/base/trace.h"
#include "core/keys/files.h"

#define MAX_FILE_BYTES (4 * 1024 * 1024)
#define LOCK_WAIT_MSECS 30000 /* writers hold it for moments */

static bool signs(const struct mv_key_entry *entry, struct mv_bytes host)
{
    return entry->state == MV_KEY_ACTIVE && entry->sight == MV_SIGHT_SHOWN && entry->has_key && !entry->interrupted &&
           mv_bytes_equal(entry->host, host);
}

/* Of several keys of one type the one that came last. */
static bool is_newest(const struct mv_key_entries *entries, const struct mv_key_entry *entry, struct mv_bytes host)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct mv_key_entry *other = &entries->items[i];

        if (signs(other, host) && other->type == entry->type && other->active_secs > entry->active_secs)
            return false;
    }
    return true;
}

static void put_domain(const struct mv_settings *settings, struct mv_bytes domain,
                       const struct mv_key_entries *entries, struct mv_buf *out)
{
    size_t listed = 0;

    mv_buf_printf(out, "%.*s: domain=%.*s selectors=", MV_ARG(domain), MV_ARG(domain));
    for (int type = MV_KEY_RSA; type <= MV_KEY_ED25519; type++) {
        for (size_t i = 0; i < entries->count; i++) {
            const struct mv_key_entry *entry = &entries->items[i];

            if ((int)entry->type == type && signs(entry, settings->sign_host) &&
                is_newest(entries, entry, settings->sign_host))
                mv_buf_printf(out, "%s%.*s", listed++ == 0 ? "" : ":", MV_ARG(entry->selector));
        }
    }
    mv_buf_printf(out, "%s directory=%.*s/%.*s\n", listed == 0 ? "none" : "", MV_ARG(settings->keys_directory),
                  MV_ARG(domain));
}

/* One domain whose keys cannot be read stops no other. */
static enum mv_code put_all(struct mv_arena *arena, const struct mv_settings *settings,
                            const struct mv_key_store *store, struct mv_buf *out)
{
    mv_buf_puts(out, "# Written by \"mailvouch key auto\", and replaced whole; see mailvouch-key(1).\n");
    for (size_t i = 0; i < settings->domains.count; i++) {
        struct mv_key_entries entries = {NULL, 0};
        struct mv_bytes domain = settings->domains.items[i].name;

        if (mv_key_store_list(store, arena, domain, &entries, NULL) == MV_ERR_MEMORY)
            return MV_ERR_MEMORY;
        put_domain(settings, domain, &entries, out);
    }
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

static bool is_current(const struct mv_keys_dir *dir, const char *name, struct mv_bytes content)
{
    struct mv_buf old;
    bool same;

    mv_buf_init(&old, MAX_FILE_BYTES);
    same = mv_keys_dir_has(dir, name) && mv_keys_file_read(dir, name, MV_KEYS_PUBLIC, &old, NULL) == MV_OK &&
           mv_bytes_equal(mv_buf_bytes(&old), content);
    mv_buf_free(&old);
    return same;
}

/* With the lock, so that what is written is not older than what is there. */
static enum mv_code replace(struct mv_arena *arena, const struct mv_settings *settings,
                            const struct mv_key_store *store, const struct mv_keys_dir *dir, const char *name,
                            struct mv_error *error)
{
    struct mv_buf content;
    enum mv_code code;

    mv_buf_init(&content, MAX_FILE_BYTES);
    code = put_all(arena, settings, store, &content);
    if (code != MV_OK)
        (void)mv_error_set(error, code, "no memory for the file for Exim");
    else if (!is_current(dir, name, mv_buf_bytes(&content)))
        code = mv_keys_file_replace(dir, name, mv_buf_bytes(&content), MV_EXIM_FILE_MODE, error);
    mv_buf_free(&content);
    return code;
}

static enum mv_code refresh(struct mv_arena *arena, const struct mv_settings *settings,
                            const struct mv_key_store *store, const char *directory, const char *name,
                            struct mv_error *error)
{
    const char *lock = mv_arena_printf(arena, ".%s.lock", name);
    struct mv_keys_dir dir = {.fd = -1};
    int fd = -1;
    enum mv_code code = lock == NULL ? MV_ERR_MEMORY : mv_keys_dir_make(directory, error);

    if (code == MV_OK)
        code = mv_keys_dir_open(directory, &dir, error);
    if (code != MV_OK)
        return code;
    if (dir.fd < 0)
        return mv_error_set(error, MV_ERR_IO, "%s: is gone", directory);
    code = mv_keys_dir_lock(&dir, lock, LOCK_WAIT_MSECS, &fd, error);
    if (code == MV_OK) {
        code = replace(arena, settings, store, &dir, name, error);
        close(fd);
    }
    mv_keys_dir_close(&dir);
    return code;
}

enum mv_code mv_exim_file_refresh(struct mv_arena *arena, const struct mv_settings *settings,
                                  const struct mv_key_store *store, struct mv_error *error)
{
    struct mv_bytes path = settings->exim_keys;
    size_t slash = mv_bytes_find_last(path, '/');
    const char *directory = mv_arena_str(arena, mv_bytes_slice(path, 0, slash == 0 ? 1 : slash));
    const char *name = mv_arena_str(arena, mv_bytes_slice(path, slash + 1, path.len));

    if (path.len == 0)
        return MV_OK;
    if (directory == NULL || name == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory for the file for Exim");
    return refresh(arena, settings, store, directory, name, error);
}
