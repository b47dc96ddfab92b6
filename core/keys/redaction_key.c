#include "core/keys/redaction_key.h"

#include <string.h>

#include "core/base/base64.h"
#include "core/keys/files.h"

#define MAX_FILE_BYTES 1024
#define MAX_PATH_BYTES 4096

static const char comment[] =
    "# Key of the redaction of failure reports, by \"mailvouch report send\". Secret. Without this file a new one is "
    "made.\n";

/* Where the file is: its directory, and its name. */
struct place {
    struct mv_buf directory;
    struct mv_buf name;
};

static void place_free(struct place *place)
{
    mv_buf_free(&place->directory);
    mv_buf_free(&place->name);
}

static enum mv_code find_place(const char *evidence_directory, struct place *place_r, struct mv_error *error)
{
    struct mv_bytes path = mv_bytes_str(evidence_directory);
    size_t slash;

    mv_buf_init(&place_r->directory, MAX_PATH_BYTES);
    mv_buf_init(&place_r->name, MV_KEYS_MAX_NAME_BYTES + 1);
    while (path.len > 1 && path.data[path.len - 1] == '/')
        path.len--;
    slash = mv_bytes_find_last(path, '/');
    if (slash == path.len || path.len < 2)
        return mv_error_set(error, MV_ERR_USAGE, "%s: is no directory that a file could stand beside",
                            evidence_directory);
    mv_buf_put(&place_r->directory, mv_bytes_slice(path, 0, slash == 0 ? 1 : slash));
    mv_buf_put(&place_r->name, mv_bytes_slice(path, slash + 1, path.len));
    mv_buf_puts(&place_r->name, MV_REDACTION_KEY_SUFFIX);
    if (mv_buf_cstr(&place_r->directory) == NULL || mv_buf_cstr(&place_r->name) == NULL)
        return mv_error_set(error, MV_ERR_USAGE, "%s: the path is too long", evidence_directory);
    return MV_OK;
}

static void wipe(struct mv_buf *secret)
{
    if (secret->data != NULL)
        explicit_bzero(secret->data, secret->size);
    mv_buf_free(secret);
}

/* Comment lines, and one of base64. */
static bool parse(struct mv_bytes text, unsigned char key_r[MV_REDACTION_KEY_BYTES])
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_buf octets;
    size_t keys = 0;
    bool right = true;

    mv_buf_init(&octets, MV_REDACTION_KEY_BYTES);
    while (right && mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_bytes_trim(mv_cursor_take_until(&c, '\n'));

        mv_cursor_accept(&c, '\n');
        if (line.len == 0 || line.data[0] == '#')
            continue;
        right = ++keys == 1 && mv_buf_reserve(&octets, MV_REDACTION_KEY_BYTES) != NULL &&
                mv_base64_decode(line, &octets) && octets.len == MV_REDACTION_KEY_BYTES;
    }
    right = right && keys == 1;
    if (right)
        memcpy(key_r, octets.data, MV_REDACTION_KEY_BYTES);
    wipe(&octets);
    return right;
}

/* The buffer's memory is asked for once, so that what was read is nowhere else. */
static enum mv_code read_file(const struct mv_keys_dir *dir, const char *name,
                              unsigned char key_r[MV_REDACTION_KEY_BYTES], struct mv_error *error)
{
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MAX_FILE_BYTES);
    code = mv_keys_file_read(dir, name, MV_KEYS_REDACTION, &text, error);
    if (code == MV_OK && !parse(mv_buf_bytes(&text), key_r))
        code = mv_error_set(error, MV_ERR_CONFIG,
                            "%s/%s: is not one line of 32 octets in base64: remove it, and \"mailvouch report send\" "
                            "makes a new one",
                            dir->path, name);
    wipe(&text);
    return code;
}

enum mv_code mv_redaction_key_read(const char *evidence_directory, unsigned char key_r[MV_REDACTION_KEY_BYTES],
                                   bool *has_r, struct mv_error *error)
{
    struct mv_keys_dir dir = {.fd = -1};
    struct place place;
    enum mv_code code = find_place(evidence_directory, &place, error);

    *has_r = false;
    if (code == MV_OK)
        code = mv_keys_dir_open(mv_buf_cstr(&place.directory), &dir, error);
    if (code == MV_OK && dir.fd >= 0 && mv_keys_dir_has(&dir, mv_buf_cstr(&place.name))) {
        code = read_file(&dir, mv_buf_cstr(&place.name), key_r, error);
        *has_r = code == MV_OK;
    }
    mv_keys_dir_close(&dir);
    place_free(&place);
    return code;
}

static enum mv_code write_file(const struct mv_keys_dir *dir, const char *name,
                               const unsigned char key[MV_REDACTION_KEY_BYTES], struct mv_error *error)
{
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MAX_FILE_BYTES);
    if (mv_buf_reserve(&text, MAX_FILE_BYTES) == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory for a key");
    mv_buf_puts(&text, comment);
    mv_base64_encode(mv_bytes_of(key, MV_REDACTION_KEY_BYTES), &text);
    mv_buf_putc(&text, '\n');
    code = mv_keys_file_replace(dir, name, mv_buf_bytes(&text), MV_KEYS_FILE_MODE, error);
    wipe(&text);
    return code;
}

enum mv_code mv_redaction_key_make(const char *evidence_directory, const unsigned char key[MV_REDACTION_KEY_BYTES],
                                   struct mv_error *error)
{
    struct mv_keys_dir dir = {.fd = -1};
    struct place place;
    enum mv_code code = find_place(evidence_directory, &place, error);

    if (code == MV_OK)
        code = mv_keys_dir_make(mv_buf_cstr(&place.directory), error);
    if (code == MV_OK)
        code = mv_keys_dir_open(mv_buf_cstr(&place.directory), &dir, error);
    if (code == MV_OK && dir.fd < 0)
        code = mv_error_set(error, MV_ERR_IO, "%s: is gone again", dir.path);
    if (code == MV_OK && !mv_keys_dir_has(&dir, mv_buf_cstr(&place.name)))
        code = write_file(&dir, mv_buf_cstr(&place.name), key, error);
    mv_keys_dir_close(&dir);
    place_free(&place);
    return code;
}
