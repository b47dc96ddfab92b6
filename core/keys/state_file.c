#include "core/keys/state_file.h"

#include <stddef.h>

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/domain.h"

#define PRINTED_MAX_BYTES MV_KEYS_MAX_STATE_BYTES

enum kind { KIND_DOMAIN, KIND_SELECTOR, KIND_HOST, KIND_TYPE, KIND_BITS, KIND_STATE, KIND_SIGHT, KIND_SECS };

struct field {
    const char *name;
    enum kind kind;
    size_t offset; /* in struct mv_key_entry */
};

static const struct field fields[] = {
    {"domain", KIND_DOMAIN, offsetof(struct mv_key_entry, domain)},
    {"selector", KIND_SELECTOR, offsetof(struct mv_key_entry, selector)},
    {"host", KIND_HOST, offsetof(struct mv_key_entry, host)},
    {"type", KIND_TYPE, offsetof(struct mv_key_entry, type)},
    {"bits", KIND_BITS, offsetof(struct mv_key_entry, bits)},
    {"state", KIND_STATE, offsetof(struct mv_key_entry, state)},
    {"created", KIND_SECS, offsetof(struct mv_key_entry, created_secs)},
    {"published", KIND_SECS, offsetof(struct mv_key_entry, published_secs)},
    {"usable", KIND_SECS, offsetof(struct mv_key_entry, usable_secs)},
    {"active", KIND_SECS, offsetof(struct mv_key_entry, active_secs)},
    {"retiring", KIND_SECS, offsetof(struct mv_key_entry, retiring_secs)},
    {"revoked", KIND_SECS, offsetof(struct mv_key_entry, revoked_secs)},
    {"cache", KIND_SECS, offsetof(struct mv_key_entry, cache_secs)},
    {"sight", KIND_SIGHT, offsetof(struct mv_key_entry, sight)},
    {"sight_at", KIND_SECS, offsetof(struct mv_key_entry, sight_secs)},
};

#define FIELD_COUNT (sizeof fields / sizeof fields[0])

static const char *const state_words[] = {
    [MV_KEY_CREATED] = "created",   [MV_KEY_PUBLISHED] = "published", [MV_KEY_ACTIVE] = "active",
    [MV_KEY_RETIRING] = "retiring", [MV_KEY_REVOKED] = "revoked",
};
static const char *const sight_words[] = {
    [MV_SIGHT_UNKNOWN] = "unknown",
    [MV_SIGHT_SHOWN] = "shown",
    [MV_SIGHT_MISSING] = "missing",
    [MV_SIGHT_OTHER] = "other",
};
static const char *const type_words[] = {[MV_KEY_RSA] = "rsa", [MV_KEY_ED25519] = "ed25519"};

#define WORDS(table) table, sizeof(table) / sizeof(table)[0]

static const char *word_of(const char *const *words, size_t count, size_t index)
{
    return index < count ? words[index] : NULL;
}

const char *mv_key_state_text(enum mv_key_state state)
{
    const char *word = word_of(WORDS(state_words), state);

    return word == NULL ? "?" : word;
}

const char *mv_key_sight_text(enum mv_key_sight sight)
{
    const char *word = word_of(WORDS(sight_words), sight);

    return word == NULL ? "?" : word;
}

static bool find_word(const char *const *words, size_t count, struct mv_bytes text, size_t *index_r)
{
    for (size_t i = 0; i < count; i++) {
        if (mv_bytes_equal(text, mv_bytes_str(words[i]))) {
            *index_r = i;
            return true;
        }
    }
    return false;
}

/* What mv_domain_normalize() would leave as it is, without an arena. */
static bool is_normal_name(struct mv_bytes name, size_t max_bytes)
{
    if (name.len > max_bytes || !mv_domain_is_askable(name))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = name.data[i];

        if (byte != '.' && (!mv_ascii_is(byte, MV_ASCII_LDH) || byte != mv_ascii_lower(byte)))
            return false;
    }
    return true;
}

bool mv_key_domain_is_normal(struct mv_bytes domain)
{
    return is_normal_name(domain, MV_DOMAIN_MAX_BYTES);
}

bool mv_selector_is_normal(struct mv_bytes selector)
{
    return is_normal_name(selector, MV_SELECTOR_MAX_BYTES);
}

static bool is_normal(enum kind kind, struct mv_bytes name)
{
    if (kind == KIND_SELECTOR)
        return mv_selector_is_normal(name);
    return kind == KIND_HOST ? is_normal_name(name, MV_KEYS_MAX_HOST_BYTES) : mv_key_domain_is_normal(name);
}

static bool take_number(struct mv_bytes value, uint64_t max, uint64_t *number_r)
{
    /* one way to write a number: what we print is what we read */
    if (value.len > 1 && value.data[0] == '0')
        return false;
    return mv_bytes_to_uint(value, max, number_r);
}

static enum mv_code take_value(struct mv_arena *arena, const struct field *field, struct mv_bytes value, void *member)
{
    uint64_t number = 0;
    size_t index = 0;
    bool good = false;

    switch (field->kind) {
    case KIND_DOMAIN:
    case KIND_SELECTOR:
    case KIND_HOST:
        if (!is_normal(field->kind, value))
            return MV_ERR_SYNTAX;
        return mv_arena_copy(arena, value, member) ? MV_OK : MV_ERR_MEMORY;
    case KIND_TYPE:
        good = find_word(WORDS(type_words), value, &index);
        *(enum mv_key_type *)member = (enum mv_key_type)index;
        break;
    case KIND_STATE:
        good = find_word(WORDS(state_words), value, &index);
        *(enum mv_key_state *)member = (enum mv_key_state)index;
        break;
    case KIND_SIGHT:
        good = find_word(WORDS(sight_words), value, &index);
        *(enum mv_key_sight *)member = (enum mv_key_sight)index;
        break;
    case KIND_BITS:
        good = take_number(value, MV_RSA_MAX_BITS, &number);
        *(unsigned *)member = (unsigned)number;
        break;
    case KIND_SECS:
        good = take_number(value, MV_KEYS_MAX_TIME_SECS, &number);
        *(int64_t *)member = (int64_t)number;
        break;
    }
    return good ? MV_OK : MV_ERR_SYNTAX;
}

static const struct field *find_field(struct mv_bytes name, unsigned *bit_r)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (mv_bytes_equal(name, mv_bytes_str(fields[i].name))) {
            *bit_r = 1u << i;
            return &fields[i];
        }
    }
    return NULL;
}

static enum mv_code take_line(struct mv_arena *arena, struct mv_bytes line, unsigned number, unsigned *seen,
                              struct mv_key_entry *entry, struct mv_error *error)
{
    size_t equals = mv_bytes_find(line, '=');
    unsigned bit = 0;
    const struct field *field = find_field(mv_bytes_trim(mv_bytes_slice(line, 0, equals)), &bit);
    enum mv_code code;

    if (equals == line.len || field == NULL)
        return mv_error_set(error, MV_ERR_SYNTAX, "line %u: is none that belongs there", number);
    if ((*seen & bit) != 0)
        return mv_error_set(error, MV_ERR_SYNTAX, "line %u: a second %s", number, field->name);
    *seen |= bit;
    code = take_value(arena, field, mv_bytes_trim(mv_bytes_slice(line, equals + 1, line.len)),
                      (char *)entry + field->offset);
    if (code == MV_ERR_SYNTAX)
        return mv_error_set(error, code, "line %u: %s has a value that it cannot have", number, field->name);
    return code == MV_OK ? MV_OK : mv_error_set(error, code, "no memory");
}

/* A state has its time; a key that signs was seen before. NULL when all is well. */
static const char *contradiction(const struct mv_key_entry *entry)
{
    if (entry->created_secs == 0)
        return "no time of creation";
    if (entry->type == MV_KEY_RSA && entry->bits == 0)
        return "an RSA key of no bits";
    switch (entry->state) {
    case MV_KEY_CREATED:
        return NULL;
    case MV_KEY_PUBLISHED:
        return entry->published_secs > 0 && entry->usable_secs > 0 ? NULL : "published, but no time when";
    case MV_KEY_ACTIVE:
        return entry->active_secs > 0 ? NULL : "active, but no time since when";
    case MV_KEY_RETIRING:
        return entry->retiring_secs > 0 ? NULL : "retiring, but no time since when";
    case MV_KEY_REVOKED:
        return entry->revoked_secs > 0 ? NULL : "revoked, but no time when";
    }
    return "no such state";
}

enum mv_code mv_state_file_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_key_entry *entry_r,
                                 struct mv_error *error)
{
    struct mv_cursor c = mv_cursor_of(text);
    unsigned seen = 0;
    const char *fault;

    *entry_r = (struct mv_key_entry){.state = MV_KEY_CREATED};
    if (text.len > MV_KEYS_MAX_STATE_BYTES)
        return mv_error_set(error, MV_ERR_SYNTAX, "longer than %d bytes", MV_KEYS_MAX_STATE_BYTES);
    for (unsigned number = 1; mv_cursor_left(&c) > 0; number++) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');
        enum mv_code code;

        if (!mv_cursor_accept(&c, '\n'))
            return mv_error_set(error, MV_ERR_SYNTAX, "line %u: does not end", number);
        if (line.len == 0 || line.data[0] == '#')
            continue;
        code = take_line(arena, line, number, &seen, entry_r, error);
        if (code != MV_OK)
            return code;
    }
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if ((seen & 1u << i) == 0)
            return mv_error_set(error, MV_ERR_SYNTAX, "has no line for %s", fields[i].name);
    fault = contradiction(entry_r);
    return fault == NULL ? MV_OK : mv_error_set(error, MV_ERR_SYNTAX, "contradicts itself: %s", fault);
}

static bool put_value(const struct field *field, const void *member, struct mv_buf *out)
{
    const char *word = NULL;

    switch (field->kind) {
    case KIND_DOMAIN:
    case KIND_SELECTOR:
    case KIND_HOST:
        mv_buf_put(out, *(const struct mv_bytes *)member);
        return is_normal(field->kind, *(const struct mv_bytes *)member);
    case KIND_TYPE:
        word = word_of(WORDS(type_words), *(const enum mv_key_type *)member);
        break;
    case KIND_STATE:
        word = word_of(WORDS(state_words), *(const enum mv_key_state *)member);
        break;
    case KIND_SIGHT:
        word = word_of(WORDS(sight_words), *(const enum mv_key_sight *)member);
        break;
    case KIND_BITS:
        mv_buf_printf(out, "%u", *(const unsigned *)member);
        return *(const unsigned *)member <= MV_RSA_MAX_BITS;
    case KIND_SECS:
        mv_buf_printf(out, "%lld", (long long)*(const int64_t *)member);
        return *(const int64_t *)member >= 0 && *(const int64_t *)member <= MV_KEYS_MAX_TIME_SECS;
    }
    mv_buf_puts(out, word == NULL ? "" : word);
    return word != NULL;
}

enum mv_code mv_state_file_print(const struct mv_key_entry *entry, struct mv_buf *out, struct mv_error *error)
{
    const char *fault = contradiction(entry);

    if (fault != NULL)
        return mv_error_set(error, MV_ERR_USAGE, "the state of a key contradicts itself: %s", fault);
    mv_buf_puts(out, "# Written by mailvouch key, and replaced whole. Times are seconds since 1970, 0: not yet.\n");
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        mv_buf_printf(out, "%s = ", fields[i].name);
        if (!put_value(&fields[i], (const char *)entry + fields[i].offset, out))
            return mv_error_set(error, MV_ERR_USAGE, "a key's %s cannot be written", fields[i].name);
        mv_buf_putc(out, '\n');
    }
    return mv_buf_failed(out) ? mv_error_set(error, MV_ERR_MEMORY, "no memory for the state of a key") : MV_OK;
}
