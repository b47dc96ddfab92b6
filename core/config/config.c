#include "core/config/config.h"

#include <unistd.h>

#include "core/base/trace.h"
#include "core/config/file.h"
#include "core/config/reading.h"
#include "core/config/value.h"
#include "core/text/domain.h"

#define MAX_MEMORY_BYTES (256 * 1024 * 1024) /* MV_CONFIG_MAX_FILES of full size, and what is read from them */
#define MAX_HOST_NAME_BYTES 256

static enum mv_code set_defaults(struct mv_config *config, struct mv_error *error)
{
    const struct mv_setting *setting;

    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++) {
        enum mv_code code = mv_value_set(config->arena, setting, mv_bytes_str(setting->default_text), MV_VALUE_WHOLE,
                                         mv_config_values_of(config, setting), error);

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
    }
    if (config == NULL || config->origins == NULL)
        mv_config_no_memory(error);
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

/* The first label of the host's name, where that can be part of a selector. */
static enum mv_code use_host_label(struct mv_config *config, struct mv_error *error)
{
    char name[MAX_HOST_NAME_BYTES] = "";
    size_t index;
    const struct mv_setting *setting = mv_setting_find(MV_BYTES("sign"), MV_BYTES("host"), &index);
    struct mv_error why = {0};
    struct mv_bytes label;

    if (gethostname(name, sizeof name - 1) != 0)
        name[0] = '\0';
    label = mv_bytes_slice(mv_bytes_str(name), 0, mv_bytes_find(mv_bytes_str(name), '.'));
    if (mv_value_set(config->arena, setting, label, MV_VALUE_WHOLE, &config->settings, &why) == MV_ERR_MEMORY)
        return mv_config_no_memory(error);
    if (config->settings.sign_host.len == 0 && config->settings.domains.count > 0)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "this host's name begins with no word of letters, digits and hyphens: set host in [sign] "
                            "of the configuration");
    return MV_OK;
}

/* A list is complete only when all is read. */
static enum mv_code check_users(const struct mv_config *config, struct mv_error *error)
{
    const struct mv_config_users *users = &config->settings.users;
    size_t index = 0;

    mv_setting_find(MV_BYTES("sign"), MV_BYTES("users"), &index);
    if (users->count == 0 || users->items[users->count - 1].author.len > 0)
        return MV_OK;
    return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: users = ends in a login with no address behind its \":\"",
                        config->origins[index].file, config->origins[index].line);
}

/* A path that is relative would be another for each program. */
static enum mv_code check_store(const struct mv_config *config, struct mv_error *error)
{
    struct mv_bytes store = config->settings.report.store;
    size_t index = 0;

    if (mv_bytes_has_prefix_nocase(store, MV_BYTES("/")) ||
        mv_bytes_has_prefix_nocase(store, MV_BYTES("postgresql://")) ||
        mv_bytes_has_prefix_nocase(store, MV_BYTES("postgres://")))
        return MV_OK;
    mv_setting_find(MV_BYTES("report"), MV_BYTES("store"), &index);
    return mv_error_set(error, MV_ERR_CONFIG,
                        "%s:%u: store = is to be a path that begins with \"/\", or an address that begins with "
                        "\"postgresql://\"", config->origins[index].file, config->origins[index].line);
}

static enum mv_code finish(struct mv_config *config, struct mv_error *error)
{
    enum mv_code code = check_times(&config->settings, error);

    if (code == MV_OK)
        code = check_users(config, error);
    if (code == MV_OK)
        code = check_store(config, error);
    if (code == MV_OK && config->settings.authserv_id.len == 0)
        code = use_host_name(config, error);
    if (code == MV_OK)
        code = mv_config_domains_settle(config, error);
    if (code == MV_OK && config->settings.sign_host.len == 0)
        code = use_host_label(config, error);
    if (code == MV_OK)
        code = mv_config_describe(config, error);
    return code;
}

static enum mv_code read_one(struct mv_config_reading *reading, struct mv_bytes text, const char *name,
                             struct mv_error *error)
{
    const char *file = mv_arena_str(reading->config->arena, mv_bytes_str(name));

    if (file == NULL)
        return mv_config_no_memory(error);
    reading->file_number++;
    reading->domain = NULL;
    return mv_ini_parse(text, file, mv_config_take_line, reading, error);
}

static enum mv_code take_stamp(struct mv_config *config, const char *path, struct mv_error *error)
{
    struct mv_config_stamp *stamps =
        mv_arena_grow(config->arena, config->stamps, config->stamp_count, sizeof *config->stamps);

    if (stamps == NULL)
        return mv_config_no_memory(error);
    config->stamps = stamps;
    stamps[config->stamp_count].path = mv_arena_str(config->arena, mv_bytes_str(path));
    mv_stamp_take(path, &stamps[config->stamp_count].stamp);
    return stamps[config->stamp_count++].path == NULL ? mv_config_no_memory(error) : MV_OK;
}

static enum mv_code read_path(struct mv_config_reading *reading, const char *path, enum mv_file_must must,
                              struct mv_error *error)
{
    struct mv_bytes text;
    enum mv_code code = take_stamp(reading->config, path, error);

    if (code == MV_OK)
        code = mv_file_read(reading->config->arena, path, must, MV_CONFIG_MAX_FILE_BYTES, &text, error);
    return code == MV_OK ? read_one(reading, text, path, error) : code;
}

static enum mv_code read_all(struct mv_config *config, const char *path, enum mv_file_must must,
                             struct mv_error *error)
{
    struct mv_config_reading reading = {.config = config};
    const char *const *paths, *directory;
    size_t count;
    enum mv_code code = read_path(&reading, path, must, error);

    if (code == MV_OK)
        code = mv_file_directory(config->arena, path, &directory, error);
    if (code == MV_OK)
        code = take_stamp(config, directory, error);
    if (code == MV_OK)
        code = mv_file_list(config->arena, directory, &paths, &count, error);
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
    struct mv_config_reading reading = {0};
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

bool mv_config_is_current(const struct mv_config *config, int64_t now_secs)
{
    struct mv_stamp now;

    for (size_t i = 0; i < config->stamp_count; i++) {
        const struct mv_config_stamp *read = &config->stamps[i];

        mv_stamp_take(read->path, &now);
        if (!mv_stamp_equal(&read->stamp, &now) || !mv_stamp_is_settled(&now, now_secs))
            return false;
    }
    return true;
}

const struct mv_settings *mv_config_settings(const struct mv_config *config)
{
    return &config->settings;
}
