#include "core/keys/handover_file.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/base/trace.h"
#include "core/crypto/digest.h"
#include "core/keys/files.h"
#include "core/keys/state_file.h"

#define ID_HASH_OCTETS 3
#define LOCK_SUFFIX ".lock"

static const char *const role_words[] = {[MV_HANDOVER_SIGNS] = "sign", [MV_HANDOVER_ACCEPTED] = "accept"};

static const char comment[] =
    "# Keys of the hand-over, by \"mailvouch handover-key\". Secret: the hosts that share it get it as it is.\n";

void mv_handover_keys_wipe(struct mv_handover_keys *keys)
{
    explicit_bzero(keys, sizeof *keys);
}

static void wipe(struct mv_buf *secret)
{
    if (secret->data != NULL)
        explicit_bzero(secret->data, secret->size);
    mv_buf_free(secret);
}

const struct mv_handover_key *mv_handover_keys_signer(const struct mv_handover_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->keys[i].role == MV_HANDOVER_SIGNS)
            return &keys->keys[i];
    return NULL;
}

const struct mv_handover_key *mv_handover_keys_find(const struct mv_handover_keys *keys, struct mv_bytes id)
{
    for (size_t i = 0; i < keys->count; i++)
        if (mv_bytes_equal(id, mv_bytes_str(keys->keys[i].id)))
            return &keys->keys[i];
    return NULL;
}

static bool take_role(struct mv_bytes word, enum mv_handover_role *role_r)
{
    for (size_t i = 0; i < sizeof role_words / sizeof *role_words; i++) {
        if (mv_bytes_equal(word, mv_bytes_str(role_words[i]))) {
            *role_r = (enum mv_handover_role)i;
            return true;
        }
    }
    return false;
}

static bool take_id(struct mv_bytes word, char id_r[MV_HANDOVER_MAX_ID_BYTES + 1])
{
    if (word.len == 0 || word.len > MV_HANDOVER_MAX_ID_BYTES || !mv_bytes_all(word, MV_ASCII_LDH))
        return false;
    memcpy(id_r, word.data, word.len);
    id_r[word.len] = '\0';
    return true;
}

static bool take_secret(struct mv_bytes word, unsigned char secret_r[MV_HANDOVER_SECRET_BYTES])
{
    struct mv_buf octets;
    bool taken;

    mv_buf_init(&octets, MV_HANDOVER_SECRET_BYTES);
    taken = mv_buf_reserve(&octets, MV_HANDOVER_SECRET_BYTES) != NULL && mv_base64_decode(word, &octets) &&
            octets.len == MV_HANDOVER_SECRET_BYTES;
    if (taken)
        memcpy(secret_r, octets.data, MV_HANDOVER_SECRET_BYTES);
    wipe(&octets);
    return taken;
}

static struct mv_bytes take_word(struct mv_cursor *line)
{
    struct mv_bytes word = mv_cursor_take_until(line, ' ');

    while (mv_cursor_accept(line, ' '))
        continue;
    return word;
}

/* NULL, or what is wrong. */
static const char *parse_line(struct mv_bytes text, struct mv_handover_key *key_r)
{
    struct mv_cursor line = mv_cursor_of(text);
    uint64_t since = 0;

    if (!take_role(take_word(&line), &key_r->role))
        return "begins with neither \"sign\" nor \"accept\"";
    if (!take_id(take_word(&line), key_r->id))
        return "the id of the key is not 1 to 32 letters, digits and hyphens";
    if (!mv_bytes_to_uint(take_word(&line), MV_KEYS_MAX_TIME_SECS, &since))
        return "the third word is no time";
    key_r->since_secs = (int64_t)since;
    if (!take_secret(take_word(&line), key_r->secret))
        return "the secret is not 32 octets in base64";
    return mv_cursor_left(&line) > 0 ? "something stands behind the secret" : NULL;
}

/* NULL, or why the key cannot stand beside those that are there. */
static const char *add_parsed(struct mv_handover_keys *keys, const struct mv_handover_key *key)
{
    if (keys->count == MV_HANDOVER_MAX_KEYS)
        return "there are two keys already";
    if (mv_handover_keys_find(keys, mv_bytes_str(key->id)) != NULL)
        return "another key has the same id";
    if (key->role == MV_HANDOVER_SIGNS && mv_handover_keys_signer(keys) != NULL)
        return "another key signs already";
    keys->keys[keys->count++] = *key;
    return NULL;
}

static const char *take_line(struct mv_bytes line, struct mv_handover_keys *keys)
{
    struct mv_handover_key key = {.since_secs = 0};
    const char *fault;

    if (line.len == 0 || line.data[0] == '#')
        return NULL;
    fault = parse_line(line, &key);
    if (fault == NULL)
        fault = add_parsed(keys, &key);
    explicit_bzero(&key, sizeof key);
    return fault;
}

enum mv_code mv_handover_file_parse(struct mv_bytes text, struct mv_handover_keys *keys_r, struct mv_error *error)
{
    struct mv_cursor c = mv_cursor_of(text);
    const char *fault = NULL;
    size_t number = 0;

    *keys_r = (struct mv_handover_keys){.count = 0};
    while (fault == NULL && mv_cursor_left(&c) > 0) {
        fault = take_line(mv_bytes_trim(mv_cursor_take_until(&c, '\n')), keys_r);
        mv_cursor_accept(&c, '\n');
        number++;
    }
    if (fault == NULL && mv_handover_keys_signer(keys_r) == NULL) {
        fault = "no key signs";
        number++;
    }
    if (fault == NULL)
        return MV_OK;
    mv_handover_keys_wipe(keys_r);
    return mv_error_set(error, MV_ERR_SYNTAX, "line %zu: %s", number, fault);
}

void mv_handover_file_print(const struct mv_handover_keys *keys, struct mv_buf *out)
{
    mv_buf_puts(out, comment);
    for (size_t i = 0; i < keys->count; i++) {
        const struct mv_handover_key *key = &keys->keys[i];

        mv_buf_printf(out, "%s %s %" PRId64 " ", role_words[key->role], key->id, key->since_secs);
        mv_base64_encode(mv_bytes_of(key->secret, sizeof key->secret), out);
        mv_buf_putc(out, '\n');
    }
}

/* A path in two. */
struct place {
    struct mv_buf directory;
    const char *name;
};

static enum mv_code split(const char *path, struct place *place_r, struct mv_error *error)
{
    struct mv_bytes whole = mv_bytes_str(path);
    size_t slash = mv_bytes_find_last(whole, '/');

    place_r->name = slash < whole.len ? path + slash + 1 : path;
    mv_buf_init(&place_r->directory, whole.len + 2);
    mv_buf_put(&place_r->directory, mv_bytes_directory(whole));
    return mv_buf_cstr(&place_r->directory) == NULL ? mv_error_set(error, MV_ERR_MEMORY, "no memory for a path")
                                                    : MV_OK;
}

/* The buffer's memory is asked for once, so that what was read is nowhere else. */
static enum mv_code read_text(const struct mv_keys_dir *dir, const char *name, struct mv_handover_keys *keys_r,
                              struct mv_error *error)
{
    struct mv_error detail = {0};
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MV_HANDOVER_MAX_FILE_BYTES);
    code = mv_keys_file_read(dir, name, MV_KEYS_SHARED, &text, error);
    if (code == MV_OK && mv_handover_file_parse(mv_buf_bytes(&text), keys_r, &detail) != MV_OK)
        code = mv_error_set(error, MV_ERR_CONFIG, "%s/%s: %s", dir->path, name, detail.text);
    wipe(&text);
    return code;
}

enum mv_code mv_handover_file_read(const char *path, struct mv_handover_keys *keys_r, struct mv_error *error)
{
    struct mv_keys_dir dir = {.fd = -1};
    struct place place;
    enum mv_code code = split(path, &place, error);

    *keys_r = (struct mv_handover_keys){.count = 0};
    if (code == MV_OK)
        code = mv_keys_dir_open(mv_buf_cstr(&place.directory), &dir, error);
    if (code == MV_OK && dir.fd >= 0 && mv_keys_dir_has(&dir, place.name))
        code = read_text(&dir, place.name, keys_r, error);
    mv_keys_dir_close(&dir);
    mv_buf_free(&place.directory);
    return code;
}

static enum mv_code open_made(const char *path, struct place *place_r, struct mv_keys_dir *dir_r,
                              struct mv_error *error)
{
    enum mv_code code = split(path, place_r, error);

    if (code == MV_OK)
        code = mv_keys_dir_make(mv_buf_cstr(&place_r->directory), error);
    if (code == MV_OK)
        code = mv_keys_dir_open(mv_buf_cstr(&place_r->directory), dir_r, error);
    if (code == MV_OK && dir_r->fd < 0)
        code = mv_error_set(error, MV_ERR_IO, "%s: is gone again", dir_r->path);
    return code;
}

enum mv_code mv_handover_file_write(const char *path, const struct mv_handover_keys *keys, struct mv_error *error)
{
    struct mv_keys_dir dir = {.fd = -1};
    struct place place = {.name = NULL};
    struct mv_buf text;
    enum mv_code code = open_made(path, &place, &dir, error);

    mv_buf_init(&text, MV_HANDOVER_MAX_FILE_BYTES);
    if (code == MV_OK && mv_buf_reserve(&text, MV_HANDOVER_MAX_FILE_BYTES) == NULL)
        code = mv_error_set(error, MV_ERR_MEMORY, "no memory for the keys");
    if (code == MV_OK) {
        mv_handover_file_print(keys, &text);
        code = mv_keys_file_replace(&dir, place.name, mv_buf_bytes(&text), MV_KEYS_FILE_MODE, error);
    }
    wipe(&text);
    mv_keys_dir_close(&dir);
    mv_buf_free(&place.directory);
    return code;
}

enum mv_code mv_handover_file_lock(const char *path, unsigned wait_msecs, int *fd_r, struct mv_error *error)
{
    struct mv_keys_dir dir = {.fd = -1};
    struct place place = {.name = NULL};
    struct mv_buf name;
    enum mv_code code = open_made(path, &place, &dir, error);

    *fd_r = -1;
    mv_buf_init(&name, MV_KEYS_MAX_NAME_BYTES + 1);
    if (code == MV_OK) {
        mv_buf_printf(&name, ".%s" LOCK_SUFFIX, place.name);
        code = mv_buf_cstr(&name) == NULL ? mv_error_set(error, MV_ERR_USAGE, "%s: the name is too long", path)
                                          : mv_keys_dir_lock(&dir, mv_buf_cstr(&name), wait_msecs, fd_r, error);
    }
    mv_buf_free(&name);
    mv_keys_dir_close(&dir);
    mv_buf_free(&place.directory);
    return code;
}

/* "20261126-5f0c2a": what is told of the secret is a part of its hash. */
static enum mv_code make_id(const unsigned char secret[MV_HANDOVER_SECRET_BYTES], int64_t now_secs,
                            char id_r[MV_HANDOVER_MAX_ID_BYTES + 1])
{
    struct mv_digest *digest = mv_digest_new();
    unsigned char hash[MV_SHA256_BYTES];
    enum mv_code code = digest == NULL ? MV_ERR_CRYPTO : MV_OK;
    time_t now = (time_t)now_secs;
    struct mv_buf id;
    struct tm day;

    mv_buf_init(&id, MV_HANDOVER_MAX_ID_BYTES + 1);
    if (code == MV_OK) {
        mv_digest_update(digest, mv_bytes_of(secret, MV_HANDOVER_SECRET_BYTES));
        code = mv_digest_final(digest, hash);
    }
    mv_digest_free(&digest);
    if (code == MV_OK && gmtime_r(&now, &day) == NULL)
        code = MV_ERR_USAGE;
    if (code == MV_OK) {
        mv_buf_printf(&id, "%04d%02d%02d-", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
        for (size_t i = 0; i < ID_HASH_OCTETS; i++)
            mv_buf_printf(&id, "%02x", hash[i]);
        if (!take_id(mv_buf_bytes(&id), id_r))
            code = MV_ERR_MEMORY;
    }
    mv_buf_free(&id);
    return code;
}

enum mv_code mv_handover_keys_add(struct mv_handover_keys *keys,
                                  const unsigned char secret[MV_HANDOVER_SECRET_BYTES], int64_t now_secs,
                                  struct mv_error *error)
{
    struct mv_handover_key *key = &keys->keys[keys->count];
    char id[MV_HANDOVER_MAX_ID_BYTES + 1] = "";
    enum mv_code code;

    if (keys->count == MV_HANDOVER_MAX_KEYS)
        return mv_error_set(error, MV_ERR_LIMIT, "there are two keys already: one has to go first");
    code = make_id(secret, now_secs, id);
    if (code != MV_OK)
        return mv_error_set(error, code, "no id for the key: %s", mv_code_text(code));
    if (mv_handover_keys_find(keys, mv_bytes_str(id)) != NULL)
        return mv_error_set(error, MV_ERR_USAGE, "another key has the same id: try again");
    key->role = keys->count == 0 ? MV_HANDOVER_SIGNS : MV_HANDOVER_ACCEPTED;
    key->since_secs = now_secs;
    memcpy(key->id, id, sizeof id);
    memcpy(key->secret, secret, sizeof key->secret);
    keys->count++;
    return MV_OK;
}

enum mv_code mv_handover_keys_use(struct mv_handover_keys *keys, int64_t now_secs, struct mv_error *error)
{
    if (keys->count < MV_HANDOVER_MAX_KEYS)
        return mv_error_set(error, MV_ERR_USAGE, "there is no second key that could sign from now on");
    for (size_t i = 0; i < keys->count; i++) {
        struct mv_handover_key *key = &keys->keys[i];

        key->role = key->role == MV_HANDOVER_SIGNS ? MV_HANDOVER_ACCEPTED : MV_HANDOVER_SIGNS;
        key->since_secs = now_secs;
    }
    return MV_OK;
}

enum mv_code mv_handover_keys_drop(struct mv_handover_keys *keys, struct mv_error *error)
{
    size_t at = 0;

    while (at < keys->count && keys->keys[at].role == MV_HANDOVER_SIGNS)
        at++;
    if (at == keys->count)
        return mv_error_set(error, MV_ERR_USAGE, "there is no second key that could go");
    keys->keys[at] = keys->keys[keys->count - 1];
    keys->count--;
    explicit_bzero(&keys->keys[keys->count], sizeof keys->keys[keys->count]);
    return MV_OK;
}
