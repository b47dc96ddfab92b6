#include "core/config/reading.h"

#include <stdlib.h>

#include "core/base/trace.h"
#include "core/config/value.h"
#include "core/text/domain.h"

static int by_name(struct mv_bytes a, struct mv_bytes b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (a.data[i] != b.data[i])
            return a.data[i] < b.data[i] ? -1 : 1;
    return (a.len > b.len) - (a.len < b.len);
}

static int domains_by_name(const void *a, const void *b)
{
    const struct mv_config_domain *left = a, *right = b;

    return by_name(left->settings.name, right->settings.name);
}

static int name_to_settings(const void *key, const void *item)
{
    const struct mv_bytes *name = key;
    const struct mv_domain_settings *domain = item;

    return by_name(*name, domain->name);
}

static struct mv_config_domain *find(const struct mv_config *config, struct mv_bytes name)
{
    for (size_t i = config->domain_count; i > 0; i--) /* the last one is asked for most */
        if (mv_bytes_equal(config->domains[i - 1].settings.name, name))
            return &config->domains[i - 1];
    return NULL;
}

/* Pointers to other domains are no longer valid. */
static enum mv_code add(struct mv_config *config, struct mv_bytes name, struct mv_error *error)
{
    struct mv_config_domain *domains;

    if (mv_domain_labels(name) < 2) /* RFC 6376 3.5, d=: no public suffix and no bare host can sign */
        return mv_error_set(error, MV_ERR_CONFIG, "%.*s is no domain that can sign: it has one label only",
                            MV_ARG(name));
    if (config->domain_count == MV_CONFIG_MAX_DOMAINS)
        return mv_error_set(error, MV_ERR_CONFIG, "there are more than %d domains", MV_CONFIG_MAX_DOMAINS);
    domains = mv_arena_grow(config->arena, config->domains, config->domain_count, sizeof *domains);
    if (domains == NULL)
        return mv_config_no_memory(error);
    config->domains = domains;
    domains[config->domain_count++] = (struct mv_config_domain){.settings = {.name = name}};
    return MV_OK;
}

enum mv_code mv_config_domain_open(struct mv_config *config, struct mv_bytes written,
                                   struct mv_config_domain **domain_r, struct mv_error *error)
{
    struct mv_config_domain *domain;
    struct mv_bytes name;
    enum mv_code code = mv_domain_parse(config->arena, written, &name);

    if (code == MV_ERR_SYNTAX)
        return mv_error_set(error, MV_ERR_CONFIG, "is not a domain name behind \"domain\": write [domain example.org]");
    domain = code == MV_OK ? find(config, name) : NULL;
    if (code == MV_OK && domain == NULL) {
        code = add(config, name, error);
        domain = code == MV_OK ? &config->domains[config->domain_count - 1] : NULL;
    }
    if (code == MV_ERR_MEMORY)
        return mv_config_no_memory(error);
    if (code == MV_OK && domain->origins == NULL) {
        domain->origins = mv_arena_array(config->arena, mv_setting_count(), sizeof *domain->origins);
        if (domain->origins == NULL)
            return mv_config_no_memory(error);
    }
    *domain_r = domain;
    return code;
}

/* Sorts, and lets a name that is there twice be there once: the one with a section. */
static void sort_once(struct mv_config *config)
{
    size_t kept = 0;

    if (config->domain_count == 0)
        return;
    qsort(config->domains, config->domain_count, sizeof *config->domains, domains_by_name);
    for (size_t i = 1; i < config->domain_count; i++) {
        struct mv_config_domain *last = &config->domains[kept], *next = &config->domains[i];

        if (!mv_bytes_equal(last->settings.name, next->settings.name))
            config->domains[++kept] = *next;
        else if (next->origins != NULL)
            *last = *next;
    }
    config->domain_count = kept + 1;
}

static void inherit(struct mv_config *config, struct mv_config_domain *domain)
{
    const struct mv_setting *setting;

    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++)
        if (setting->scope == MV_SCOPE_DOMAIN && (domain->origins == NULL || domain->origins[i].file == NULL))
            mv_value_inherit(setting, &config->settings.every_domain, &domain->settings);
}

enum mv_code mv_config_domains_settle(struct mv_config *config, struct mv_error *error)
{
    const struct mv_config_list *listed = &config->settings.sign_domains;
    struct mv_domain_settings *items;
    struct mv_error detail = {0};

    for (size_t i = 0; i < listed->count; i++)
        if (add(config, listed->items[i], &detail) != MV_OK)
            return mv_error_set(error, detail.code, "domains in [sign]: %s", detail.text);
    sort_once(config);
    items = mv_arena_array(config->arena, config->domain_count, sizeof *items);
    if (items == NULL)
        return mv_config_no_memory(error);
    for (size_t i = 0; i < config->domain_count; i++) {
        inherit(config, &config->domains[i]);
        items[i] = config->domains[i].settings;
    }
    config->settings.domains = (struct mv_config_domains){items, config->domain_count};
    return MV_OK;
}

const struct mv_domain_settings *mv_config_domain_over(const struct mv_settings *settings, struct mv_bytes name)
{
    const struct mv_config_domains *domains = &settings->domains;
    const struct mv_domain_settings *found = NULL;

    for (; name.len > 0 && domains->count > 0 && found == NULL; name = mv_domain_parent(name))
        found = bsearch(&name, domains->items, domains->count, sizeof *domains->items, name_to_settings);
    return found;
}
