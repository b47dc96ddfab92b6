#include "core/config/config.h"

#include <unistd.h>

#include "core/base/trace.h"
#include "core/config/file.h"
#include "core/config/ini.h"
#include "core/config/value.h"
#include "core/text/domain.h"

#define MAX_MEMORY_BYTES (256 * 1024 * 1024) /* MV_CONFIG_MAX_FILES of full size, and what is read from them */
#define MAX_ITEM_BYTES (1024 * 1024)         /* one value as text */
#define MAX_HOST_NAME_BYTES 256
#define MAX_SHOWN_BYTES 60                   /* of an unknown key or section */

/* Where a setting has its value from. */
struct origin {
    const char *file; /* NULL: the default */
    unsigned line;
    unsigned file_number;
};

struct mv_config {
    struct mv_arena *arena;
    struct mv_settings settings;
    struct origin *origins; /* both as long as the table */
    struct mv_config_item *items;
};

struct reading {
    struct mv_config *config;
    unsigned file_number; /* from 1 */
};

static enum mv_code no_memory(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_MEMORY, "no memory for the configuration");
}

static enum mv_code refuse_section(const struct mv_ini_line *line, struct mv_error *error)
{
    const char *nearest = mv_setting_nearest_section(line->section);
    struct mv_bytes shown = mv_bytes_slice(line->section, 0, MAX_SHOWN_BYTES);

    if (line->section.len == 0)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s:%u: a key outside of all sections: write [server] or [policy] above it", line->file,
                            line->number);
    if (nearest == NULL)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s:%u: there is no section [%.*s]; \"mailvouch config show\" prints all", line->file,
                            line->number, MV_ARG(shown));
    return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: there is no section [%.*s]; did you mean [%s]?", line->file,
                        line->number, MV_ARG(shown), nearest);
}

static enum mv_code refuse_key(const struct mv_ini_line *line, struct mv_error *error)
{
    const char *elsewhere = mv_setting_section_of(line->key);
    const char *nearest = mv_setting_nearest_key(line->section, line->key);
    struct mv_bytes shown = mv_bytes_slice(line->key, 0, MAX_SHOWN_BYTES);

    if (elsewhere != NULL)
        return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: %.*s does not belong to [%.*s]: put it under [%s]",
                            line->file, line->number, MV_ARG(shown), MV_ARG(line->section), elsewhere);
    if (nearest == NULL)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s:%u: there is no setting '%.*s' in [%.*s]; \"mailvouch config show\" prints all",
                            line->file, line->number, MV_ARG(shown), MV_ARG(line->section));
    return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: there is no setting '%.*s' in [%.*s]; did you mean %s?",
                        line->file, line->number, MV_ARG(shown), MV_ARG(line->section), nearest);
}

/* The line's setting, which now comes from here; NULL when there is none, or it is not allowed here. */
static const struct mv_setting *find_setting(const struct reading *reading, const struct mv_ini_line *line,
                                             struct mv_error *error)
{
    size_t index = 0;
    const struct mv_setting *setting = mv_setting_find(line->section, line->key, &index);
    struct origin *origin;

    if (setting == NULL && !mv_setting_has_section(line->section)) {
        refuse_section(line, error);
        return NULL;
    }
    if (setting == NULL) {
        refuse_key(line, error);
        return NULL;
    }
    origin = &reading->config->origins[index];
    if (!line->continued && origin->file_number == reading->file_number) {
        mv_error_set(error, MV_ERR_CONFIG, "%s:%u: %s is set a second time in this file, first in line %u: keep one",
                     line->file, line->number, setting->key, origin->line);
        return NULL;
    }
    if (!line->continued)
        *origin = (struct origin){line->file, line->number, reading->file_number};
    return setting;
}

static enum mv_code take_line(void *context, const struct mv_ini_line *line, struct mv_error *error)
{
    const struct reading *reading = context;
    const struct mv_setting *setting = find_setting(reading, line, error);
    struct mv_error detail = {0};
    enum mv_code code;

    if (setting == NULL)
        return MV_ERR_CONFIG;
    code = mv_value_set(reading->config->arena, setting, line->value,
                        line->continued ? MV_VALUE_MORE : MV_VALUE_WHOLE, &reading->config->settings, &detail);
    if (code != MV_OK)
        return mv_error_set(error, code, "%s:%u: %s = %s", line->file, line->number, setting->key, detail.text);
    return MV_OK;
}

static enum mv_code set_defaults(struct mv_config *config, struct mv_error *error)
{
    const struct mv_setting *setting;

    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++) {
        enum mv_code code = mv_value_set(config->arena, setting, mv_bytes_str(setting->default_text), MV_VALUE_WHOLE,
                                         &config->settings, error);

        if (code != MV_OK)
            return code;
    }
    return MV_OK;
}

/* Everything at its default. */
static enum mv_code config_new(struct mv_config **config_r, struct mv_error *error)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_config *config = arena == NULL ? NULL : mv_arena_alloc(arena, sizeof *config);
    enum mv_code code = MV_ERR_MEMORY;

    if (config != NULL) {
        config->arena = arena;
        config->origins = mv_arena_array(arena, mv_setting_count(), sizeof *config->origins);
        config->items = mv_arena_array(arena, mv_setting_count(), sizeof *config->items);
    }
    if (config == NULL || config->origins == NULL || config->items == NULL)
        no_memory(error);
    else
        code = set_defaults(config, error);
    if (code != MV_OK) {
        mv_arena_free(&arena);
        return code;
    }
    *config_r = config;
    return MV_OK;
}

/* RFC 8601 2.5: a name that is unique for the host is the default. */
static enum mv_code use_host_name(struct mv_config *config, struct mv_error *error)
{
    char name[MAX_HOST_NAME_BYTES] = "";

    if (gethostname(name, sizeof name - 1) != 0 ||
        !mv_domain_normalize(config->arena, mv_bytes_str(name), &config->settings.authserv_id))
        return mv_error_set(error, MV_ERR_CONFIG,
                            "this host's name is not a domain name: set authserv_id in [server] of the configuration");
    return MV_OK;
}

/* What one setting alone does not tell. */
static enum mv_code check_times(const struct mv_settings *s, struct mv_error *error)
{
    if (s->dns_try_msecs <= s->dns_deadline_msecs)
        return MV_OK;
    return mv_error_set(error, MV_ERR_CONFIG,
                        "[server] dns_try (%u ms) is longer than dns_deadline (%u ms), the time for all tries: lower "
                        "the one or raise the other",
                        s->dns_try_msecs, s->dns_deadline_msecs);
}

/* The texts that mv_config_at() hands out. */
static enum mv_code describe(struct mv_config *config, struct mv_error *error)
{
    const struct mv_setting *setting;
    struct mv_buf text;
    bool failed = false;

    mv_buf_init(&text, MAX_ITEM_BYTES);
    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++) {
        const struct origin *origin = &config->origins[i];
        struct mv_config_item *item = &config->items[i];

        mv_buf_reset(&text);
        mv_value_print(setting, &config->settings, &text);
        *item = (struct mv_config_item){.section = setting->section, .key = setting->key, .meaning = setting->meaning};
        item->value = mv_arena_str(config->arena, mv_buf_bytes(&text));
        item->source = origin->file == NULL ? "default"
                                            : mv_arena_printf(config->arena, "%s:%u", origin->file, origin->line);
        failed = failed || mv_buf_failed(&text) || item->value == NULL || item->source == NULL;
    }
    mv_buf_free(&text);
    return failed ? no_memory(error) : MV_OK;
}

static enum mv_code finish(struct mv_config *config, struct mv_error *error)
{
    enum mv_code code = check_times(&config->settings, error);

    if (code == MV_OK && config->settings.authserv_id.len == 0)
        code = use_host_name(config, error);
    if (code == MV_OK)
        code = describe(config, error);
    return code;
}

static enum mv_code read_one(struct reading *reading, struct mv_bytes text, const char *name, struct mv_error *error)
{
    const char *file = mv_arena_str(reading->config->arena, mv_bytes_str(name));

    if (file == NULL)
        return no_memory(error);
    reading->file_number++;
    return mv_ini_parse(text, file, take_line, reading, error);
}

static enum mv_code read_path(struct reading *reading, const char *path, enum mv_file_must must, struct mv_error *error)
{
    struct mv_bytes text;
    enum mv_code code = mv_file_read(reading->config->arena, path, must, &text, error);

    return code == MV_OK ? read_one(reading, text, path, error) : code;
}

static enum mv_code read_all(struct mv_config *config, const char *path, enum mv_file_must must, struct mv_error *error)
{
    struct reading reading = {.config = config};
    const char *const *paths;
    size_t count;
    enum mv_code code = read_path(&reading, path, must, error);

    if (code == MV_OK)
        code = mv_file_list(config->arena, path, &paths, &count, error);
    for (size_t i = 0; code == MV_OK && i < count; i++)
        code = read_path(&reading, paths[i], MV_FILE_MUST_EXIST, error);
    return code == MV_OK ? finish(config, error) : code;
}

enum mv_code mv_config_read(const char *path, struct mv_config **config_r, struct mv_error *error)
{
    struct mv_config *config;
    enum mv_code code;

    *config_r = NULL;
    code = config_new(&config, error);
    if (code != MV_OK)
        return code;
    code = path == NULL ? read_all(config, MV_CONFIG_DEFAULT_PATH, MV_FILE_MAY_BE_MISSING, error)
                        : read_all(config, path, MV_FILE_MUST_EXIST, error);
    if (code != MV_OK) {
        mv_config_free(&config);
        return code;
    }
    *config_r = config;
    return MV_OK;
}

enum mv_code mv_config_read_text(struct mv_bytes text, const char *name, struct mv_config **config_r,
                                 struct mv_error *error)
{
    struct reading reading = {0};
    enum mv_code code;

    *config_r = NULL;
    code = config_new(&reading.config, error);
    if (code != MV_OK)
        return code;
    code = read_one(&reading, text, name, error);
    if (code == MV_OK)
        code = finish(reading.config, error);
    if (code != MV_OK) {
        mv_config_free(&reading.config);
        return code;
    }
    *config_r = reading.config;
    return MV_OK;
}

void mv_config_free(struct mv_config **config)
{
    struct mv_arena *arena = *config == NULL ? NULL : (*config)->arena;

    *config = NULL;
    mv_arena_free(&arena);
}

const struct mv_settings *mv_config_settings(const struct mv_config *config)
{
    return &config->settings;
}

bool mv_config_at(const struct mv_config *config, size_t index, struct mv_config_item *item_r)
{
    if (index >= mv_setting_count())
        return false;
    *item_r = config->items[index];
    return true;
}
