#include "cli/domain/request.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/input.h"
#include "core/base/trace.h"
#include "core/keys/store.h"
#include "core/ops/key_record.h"
#include "core/ops/public_suffix.h"
#include "core/text/domain.h"

#define MAX_SHOWN_BYTES 200

/* What is the same for all domains. */
struct common {
    struct mv_lookup *lookup;
    const struct mv_check_given *given;
    struct mv_bytes mail_froms[MV_DEPLOYMENT_MAX_MAIL_FROMS];
    struct mv_bytes helos[MV_DEPLOYMENT_MAX_HELOS];
    struct mv_ip ips[MV_DEPLOYMENT_MAX_ADDRESSES];
    struct mv_bytes public_suffixes;
    struct mv_key_store *store; /* NULL: not looked into */
    bool store_noted;
};

static enum mv_exit refuse(const char *option, const char *typed, const char *what)
{
    struct mv_buf shown;

    mv_buf_init(&shown, 4 * MAX_SHOWN_BYTES + 1);
    mv_buf_put_escaped(&shown, mv_bytes_slice(mv_bytes_str(typed), 0, MAX_SHOWN_BYTES));
    fprintf(stderr, "mailvouch check: %s'%s' %s\n", option, mv_buf_cstr(&shown) == NULL ? "" : mv_buf_cstr(&shown),
            what);
    mv_buf_free(&shown);
    return MV_EXIT_USAGE;
}

static enum mv_exit refuse_count(const char *option, size_t most)
{
    fprintf(stderr, "mailvouch check: no more than %zu times %s; check the others in a second run\n", most, option);
    return MV_EXIT_USAGE;
}

static enum mv_exit read_mail_froms(struct common *common)
{
    const struct mv_arg_texts *texts = &common->given->mail_froms;

    if (texts->count > MV_DEPLOYMENT_MAX_MAIL_FROMS)
        return refuse_count("--mail-from", MV_DEPLOYMENT_MAX_MAIL_FROMS);
    for (size_t i = 0; i < texts->count; i++) {
        struct mv_bytes text = mv_bytes_str(texts->items[i]);
        size_t at = mv_bytes_find_last(text, '@');

        if (at < text.len)
            text = mv_bytes_slice(text, at + 1, text.len);
        if (!mv_domain_normalize(common->lookup->arena, text, &common->mail_froms[i]))
            return refuse("--mail-from ", texts->items[i], "is not the name of a domain");
    }
    return MV_EXIT_OK;
}

/* An address literal is taken as it is: a host that says it at HELO is a finding. */
static enum mv_exit read_helos(struct common *common)
{
    const struct mv_arg_texts *texts = &common->given->helos;
    struct mv_ip literal;

    if (texts->count > MV_DEPLOYMENT_MAX_HELOS)
        return refuse_count("--helo", MV_DEPLOYMENT_MAX_HELOS);
    for (size_t i = 0; i < texts->count; i++) {
        common->helos[i] = mv_bytes_str(texts->items[i]);
        if (!mv_ip_parse(common->helos[i], &literal) &&
            !mv_domain_normalize(common->lookup->arena, mv_bytes_str(texts->items[i]), &common->helos[i]))
            return refuse("--helo ", texts->items[i], "is not the name of a host");
    }
    return MV_EXIT_OK;
}

static enum mv_exit read_ips(struct common *common)
{
    const struct mv_arg_texts *texts = &common->given->ips;

    if (texts->count > MV_DEPLOYMENT_MAX_ADDRESSES)
        return refuse_count("--ip", MV_DEPLOYMENT_MAX_ADDRESSES);
    for (size_t i = 0; i < texts->count; i++)
        if (!mv_ip_parse(mv_bytes_str(texts->items[i]), &common->ips[i]))
            return refuse("--ip ", texts->items[i], "is not an IPv4 or IPv6 address");
    return MV_EXIT_OK;
}

/* "S" is of every domain, "S._domainkey.D" of D alone. *selector_r is empty when it is of another domain. */
static bool read_selector(struct mv_arena *arena, const char *typed, struct mv_bytes domain,
                          struct mv_bytes *selector_r)
{
    struct mv_bytes between = MV_BYTES("._domainkey."), name;

    if (!mv_domain_normalize(arena, mv_bytes_str(typed), &name))
        return false;
    *selector_r = name;
    for (size_t at = 0; at + between.len < name.len; at++) {
        if (!mv_bytes_equal(mv_bytes_slice(name, at, at + between.len), between))
            continue;
        *selector_r = mv_bytes_slice(name, 0, at);
        if (!mv_bytes_equal(mv_bytes_slice(name, at + between.len, name.len), domain))
            *selector_r = MV_BYTES("");
        return at > 0;
    }
    return true;
}

static struct mv_deployment_key *find_key(struct mv_deployment_key *keys, size_t count, struct mv_bytes selector)
{
    for (size_t i = 0; i < count; i++)
        if (mv_bytes_equal(keys[i].selector, selector))
            return &keys[i];
    return NULL;
}

static enum mv_exit add_given(const struct common *common, struct mv_bytes domain, struct mv_deployment_key *keys,
                              size_t *count)
{
    const struct mv_arg_texts *texts = &common->given->selectors;

    for (size_t i = 0; i < texts->count; i++) {
        struct mv_bytes selector;

        if (!read_selector(common->lookup->arena, texts->items[i], domain, &selector))
            return refuse("--selector ", texts->items[i], "is no selector; take what stands behind s= in a signature");
        if (selector.len == 0 || find_key(keys, *count, selector) != NULL)
            continue;
        if (*count == MV_DEPLOYMENT_MAX_KEYS)
            return refuse_count("--selector", MV_DEPLOYMENT_MAX_KEYS);
        keys[(*count)++] = (struct mv_deployment_key){.selector = selector};
    }
    return MV_EXIT_OK;
}

/* Who may not read the keys looks without them. */
static void note_store(struct common *common, const struct mv_error *error)
{
    if (!common->store_noted)
        fprintf(stderr, "mailvouch check: note: DNS is not compared with the keys that sign here: %s\n", error->text);
    common->store_noted = true;
}

static enum mv_exit no_memory(const struct common *common)
{
    return mv_lookup_fail_code(common->lookup, MV_ERR_MEMORY);
}

/* What its record must say; empty when the private key cannot be read. */
static enum mv_exit read_octets(struct common *common, const struct mv_key_entry *entry, struct mv_bytes *octets_r)
{
    struct mv_private_key *key = NULL;
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = mv_key_store_load(common->store, entry, &key, &error);

    if (code == MV_OK)
        code = mv_key_record_octets(common->lookup->arena, key, octets_r);
    else
        note_store(common, &error);
    mv_private_key_free(&key);
    return code == MV_ERR_MEMORY ? no_memory(common) : MV_EXIT_OK;
}

static bool is_of_interest(const struct mv_key_entry *entry, int64_t now_secs)
{
    if (entry->interrupted || entry->state == MV_KEY_CREATED)
        return false;
    return entry->state != MV_KEY_REVOKED || entry->revoked_secs > now_secs - MV_CHECK_REVOKED_SECS;
}

static enum mv_exit add_own(struct common *common, struct mv_bytes domain, struct mv_deployment_key *keys,
                            size_t *count)
{
    struct mv_key_entries entries = {NULL, 0};
    struct mv_error error = {MV_OK, ""};
    enum mv_exit result = MV_EXIT_OK;
    enum mv_code code = mv_key_store_list(common->store, common->lookup->arena, domain, &entries, &error);

    if (code == MV_ERR_MEMORY)
        return no_memory(common);
    if (code != MV_OK)
        note_store(common, &error);
    for (size_t i = 0; code == MV_OK && result == MV_EXIT_OK && i < entries.count; i++) {
        const struct mv_key_entry *entry = &entries.items[i];

        if (!is_of_interest(entry, common->given->now_secs) || *count == MV_DEPLOYMENT_MAX_KEYS)
            continue;
        keys[*count] = (struct mv_deployment_key){entry->selector, true, entry->state, entry->type, {NULL, 0}};
        if (entry->has_key)
            result = read_octets(common, entry, &keys[*count].octets);
        ++*count;
    }
    return result;
}

static enum mv_exit make_subject(struct common *common, const char *operand, struct mv_check_subject *subject_r)
{
    struct mv_arena *arena = common->lookup->arena;
    struct mv_deployment_key *keys = mv_arena_array(arena, MV_DEPLOYMENT_MAX_KEYS, sizeof *keys);
    size_t key_count = 0;
    struct mv_bytes domain;
    enum mv_exit result = MV_EXIT_OK;

    if (!mv_domain_normalize(arena, mv_bytes_str(operand), &domain))
        return refuse("", operand, "is not the name of a domain");
    if (keys == NULL)
        return no_memory(common);
    if (common->store != NULL)
        result = add_own(common, domain, keys, &key_count);
    if (result == MV_EXIT_OK)
        result = add_given(common, domain, keys, &key_count);
    subject_r->request = (struct mv_deployment_request){
        .domain = domain,
        .is_parked = common->given->parked,
        .suffix_hardening = common->lookup->settings->suffix_hardening,
        .max_voids = common->lookup->settings->max_spf_voids,
        .now_secs = common->given->now_secs,
        .keys = keys,
        .key_count = key_count,
        .mail_froms = common->mail_froms,
        .mail_from_count = common->given->mail_froms.count,
        .helos = common->helos,
        .helo_count = common->given->helos.count,
        .ips = common->ips,
        .ip_count = common->given->ips.count,
    };
    subject_r->public_suffixes = common->public_suffixes;
    for (size_t i = 0; i < key_count; i++)
        subject_r->selectors[i] = keys[i].selector;
    return result;
}

/* What receivers of RFC 7489 know; without the list at its usual place nothing is said of them. */
static enum mv_exit read_suffixes(struct common *common)
{
    struct mv_buf text;
    enum mv_exit result = MV_EXIT_OK;

    if (access(MV_PUBLIC_SUFFIX_FILE, R_OK) != 0)
        return MV_EXIT_OK;
    mv_buf_init(&text, MV_PUBLIC_SUFFIX_MAX_BYTES);
    result = mv_input_read_file("check", MV_PUBLIC_SUFFIX_FILE, &text);
    if (result == MV_EXIT_OK && !mv_arena_copy(common->lookup->arena, mv_buf_bytes(&text), &common->public_suffixes))
        result = no_memory(common);
    mv_buf_free(&text);
    return result;
}

static enum mv_exit open_store(struct common *common)
{
    const char *directory = mv_arena_str(common->lookup->arena, common->lookup->settings->keys_directory);

    if (common->given->no_keys)
        return MV_EXIT_OK;
    if (directory == NULL || mv_key_store_open(directory, &common->store) != MV_OK)
        return no_memory(common);
    return MV_EXIT_OK;
}

enum mv_exit mv_check_subjects(struct mv_lookup *lookup, const struct mv_check_given *given, char **operands,
                               size_t count, struct mv_check_subject **subjects_r)
{
    struct common *common = mv_arena_alloc(lookup->arena, sizeof *common);
    struct mv_check_subject *subjects = mv_arena_array(lookup->arena, count, sizeof *subjects);
    enum mv_exit result;

    if (common == NULL || subjects == NULL)
        return mv_lookup_fail_code(lookup, MV_ERR_MEMORY);
    common->lookup = lookup;
    common->given = given;
    result = read_mail_froms(common);
    if (result == MV_EXIT_OK)
        result = read_helos(common);
    if (result == MV_EXIT_OK)
        result = read_ips(common);
    if (result == MV_EXIT_OK)
        result = read_suffixes(common);
    if (result == MV_EXIT_OK)
        result = open_store(common);
    for (size_t i = 0; result == MV_EXIT_OK && i < count; i++)
        result = make_subject(common, operands[i], &subjects[i]);
    mv_key_store_close(&common->store);
    *subjects_r = subjects;
    return result;
}
