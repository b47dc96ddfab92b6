#include "core/config/reading.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/config/value.h"
#include "core/text/domain.h"

#define MAX_SHOWN_BYTES 60 /* of an unknown key or section */

enum mv_code mv_config_no_memory(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_MEMORY, "no memory for the configuration");
}

void *mv_config_values_of(struct mv_config *config, const struct mv_setting *setting)
{
    return setting->scope == MV_SCOPE_DOMAIN ? (void *)&config->settings.every_domain : &config->settings;
}

static bool looks_like_domain(struct mv_bytes text)
{
    return mv_bytes_find(text, '.') < text.len && mv_bytes_find(text, ' ') == text.len;
}

static enum mv_code refuse_section(const struct mv_ini_line *line, struct mv_error *error)
{
    const char *nearest = mv_setting_nearest_section(line->section);
    struct mv_bytes shown = mv_bytes_slice(line->section, 0, MAX_SHOWN_BYTES);

    if (mv_bytes_equal_nocase(line->section, MV_BYTES(MV_SETTING_DOMAIN_SECTION)))
        return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: [domain] needs a name: [domain example.org]", line->file,
                            line->number);
    if (nearest == NULL && looks_like_domain(line->section))
        return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: there is no section [%.*s]; did you mean [domain %.*s]?",
                            line->file, line->number, MV_ARG(shown), MV_ARG(shown));
    if (nearest == NULL)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s:%u: there is no section [%.*s]; \"mailvouch config show\" prints all", line->file,
                            line->number, MV_ARG(shown));
    return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: there is no section [%.*s]; did you mean [%s]?", line->file,
                        line->number, MV_ARG(shown), nearest);
}

static enum mv_code refuse_key(const struct mv_ini_line *line, struct mv_bytes section, struct mv_error *error)
{
    const char *elsewhere = mv_setting_section_of(line->key);
    const char *nearest = mv_setting_nearest_key(section, line->key);
    struct mv_bytes shown = mv_bytes_slice(line->key, 0, MAX_SHOWN_BYTES);
    struct mv_bytes written = mv_bytes_slice(line->section, 0, MAX_SHOWN_BYTES);

    if (elsewhere != NULL)
        return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: %.*s does not belong to [%.*s]: put it under [%s]",
                            line->file, line->number, MV_ARG(shown), MV_ARG(written), elsewhere);
    if (nearest == NULL)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s:%u: there is no setting '%.*s' in [%.*s]; \"mailvouch config show\" prints all",
                            line->file, line->number, MV_ARG(shown), MV_ARG(written));
    return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: there is no setting '%.*s' in [%.*s]; did you mean %s?",
                        line->file, line->number, MV_ARG(shown), MV_ARG(written), nearest);
}

/* "domain example.org" has a name, "server" has none. */
static bool split_section(struct mv_bytes section, struct mv_bytes *name_r)
{
    struct mv_cursor c = mv_cursor_of(section);

    if (!mv_cursor_accept_nocase(&c, MV_BYTES(MV_SETTING_DOMAIN_SECTION)) ||
        mv_cursor_take_while(&c, MV_ASCII_WSP).len == 0)
        return false;
    *name_r = mv_bytes_trim(mv_cursor_rest(&c));
    return true;
}

static enum mv_code open_section(struct mv_config_reading *reading, const struct mv_ini_line *line,
                                 struct mv_error *error)
{
    struct mv_error detail = {0};
    struct mv_bytes name;
    enum mv_code code;

    reading->domain = NULL;
    if (!split_section(line->section, &name))
        return mv_setting_has_section(line->section) ? MV_OK : refuse_section(line, error);
    code = mv_config_domain_open(reading->config, name, &reading->domain, &detail);
    if (code != MV_OK)
        return mv_error_set(error, code, "%s:%u: [%.*s]: %s", line->file, line->number,
                            MV_ARG(mv_bytes_slice(line->section, 0, MAX_SHOWN_BYTES)), detail.text);
    return MV_OK;
}

/* The line's setting, which now comes from here; NULL when there is none, or it is not allowed here. */
static const struct mv_setting *find_setting(const struct mv_config_reading *reading, const struct mv_ini_line *line,
                                             struct mv_error *error)
{
    struct mv_bytes section = reading->domain == NULL ? line->section : MV_BYTES(MV_SETTING_DOMAIN_SECTION);
    size_t index = 0;
    const struct mv_setting *setting = mv_setting_find(section, line->key, &index);
    struct mv_config_origin *origin;

    if (setting == NULL) {
        refuse_key(line, section, error);
        return NULL;
    }
    origin = reading->domain == NULL ? &reading->config->origins[index] : &reading->domain->origins[index];
    if (!line->continued && origin->file_number == reading->file_number) {
        mv_error_set(error, MV_ERR_CONFIG, "%s:%u: %s is set a second time in this file, first in line %u: keep one",
                     line->file, line->number, setting->key, origin->line);
        return NULL;
    }
    if (!line->continued)
        *origin = (struct mv_config_origin){line->file, line->number, reading->file_number};
    return setting;
}

enum mv_code mv_config_take_line(void *context, const struct mv_ini_line *line, struct mv_error *error)
{
    struct mv_config_reading *reading = context;
    const struct mv_setting *setting;
    struct mv_error detail = {0};
    enum mv_code code;
    void *values;

    if (line->section.len == 0)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s:%u: a key outside of all sections: write [server], [policy] or [sign] above it",
                            line->file, line->number);
    if (line->opens_section)
        return open_section(reading, line, error);
    setting = find_setting(reading, line, error);
    if (setting == NULL)
        return MV_ERR_CONFIG;
    values = reading->domain == NULL ? mv_config_values_of(reading->config, setting) : &reading->domain->settings;
    code = mv_value_set(reading->config->arena, setting, line->value, line->continued ? MV_VALUE_MORE : MV_VALUE_WHOLE,
                        values, &detail);
    if (code != MV_OK)
        return mv_error_set(error, code, "%s:%u: %s = %s", line->file, line->number, setting->key, detail.text);
    return MV_OK;
}
