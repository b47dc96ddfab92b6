#include "core/config/reading.h"

#include "core/base/trace.h"
#include "core/config/value.h"

#define MAX_ITEM_BYTES (1024 * 1024) /* one value as text */

static const char *source_text(struct mv_config *config, const struct mv_config_origin *origin)
{
    if (origin->file == NULL)
        return "default";
    return mv_arena_printf(config->arena, "%s:%u", origin->file, origin->line);
}

static bool describe_value(struct mv_config *config, const struct mv_setting *setting, const void *values,
                           const struct mv_config_origin *origin, struct mv_config_item *item_r)
{
    struct mv_buf text;
    bool failed;

    mv_buf_init(&text, MAX_ITEM_BYTES);
    mv_value_print(setting, values, &text);
    item_r->key = setting->key;
    item_r->meaning = setting->meaning;
    item_r->value = mv_arena_str(config->arena, mv_buf_bytes(&text));
    item_r->source = source_text(config, origin);
    failed = mv_buf_failed(&text) || item_r->value == NULL || item_r->source == NULL;
    mv_buf_free(&text);
    return !failed;
}

/* What a domain does not set is described as in [sign]: the first items are those of the table. */
static bool describe_domain(struct mv_config *config, const struct mv_config_domain *domain)
{
    const char *section = mv_arena_printf(config->arena, "%s %.*s", MV_SETTING_DOMAIN_SECTION,
                                          MV_ARG(domain->settings.name));
    const struct mv_setting *setting;

    for (size_t i = 0; section != NULL && (setting = mv_setting_at(i)) != NULL; i++) {
        struct mv_config_item *item;

        if (setting->scope != MV_SCOPE_DOMAIN)
            continue;
        item = &config->items[config->item_count++];
        *item = config->items[i];
        if (domain->origins != NULL && domain->origins[i].file != NULL &&
            !describe_value(config, setting, &domain->settings, &domain->origins[i], item))
            return false;
        item->section = section;
    }
    return section != NULL;
}

enum mv_code mv_config_describe(struct mv_config *config, struct mv_error *error)
{
    size_t most = mv_setting_count() * (1 + config->domain_count);
    const struct mv_setting *setting;

    config->items = mv_arena_array(config->arena, most, sizeof *config->items);
    if (config->items == NULL)
        return mv_config_no_memory(error);
    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++) {
        if (!describe_value(config, setting, mv_config_values_of(config, setting), &config->origins[i],
                            &config->items[i]))
            return mv_config_no_memory(error);
        config->items[i].section = setting->section;
    }
    config->item_count = mv_setting_count();
    for (size_t i = 0; i < config->domain_count; i++)
        if (!describe_domain(config, &config->domains[i]))
            return mv_config_no_memory(error);
    return MV_OK;
}

bool mv_config_at(const struct mv_config *config, size_t index, struct mv_config_item *item_r)
{
    if (index >= config->item_count)
        return false;
    *item_r = config->items[index];
    return true;
}
