/*
 * The table of all settings: what there is to configure, once.
 *
 * Reading, defaults, limits, "config show", the example file and the manual
 * page all come from it.  A new setting is a member of struct mv_settings and a row.
 */
#ifndef MV_CONFIG_SETTINGS_H
#define MV_CONFIG_SETTINGS_H

#include "core/config/config.h"

enum mv_setting_type {
    MV_SETTING_ID,         /* struct mv_bytes: a domain, or a token (RFC 8601 2.5) */
    MV_SETTING_IDS,        /* struct mv_config_list of these; a leading dot: all below */
    MV_SETTING_DOMAINS,    /* struct mv_config_list, normalised */
    MV_SETTING_NETWORKS,   /* struct mv_config_networks */
    MV_SETTING_FORWARDERS, /* struct mv_config_forwarders */
    MV_SETTING_SERVERS,    /* struct mv_bytes: addresses with optional ports, comma between */
    MV_SETTING_UINT,       /* unsigned */
    MV_SETTING_MSECS,      /* unsigned */
    MV_SETTING_YESNO,      /* bool */
    MV_SETTING_WORD        /* an enum, numbered as in words */
};

struct mv_setting {
    const char *section;
    const char *key;
    enum mv_setting_type type;
    size_t offset;            /* in struct mv_settings */
    const char *default_text; /* as it would be written */
    unsigned min, max;        /* of UINT and MSECS */
    const char *words[4];     /* of WORD, ends in NULL */
    const char *meaning;
};

/* NULL past the end. */
const struct mv_setting *mv_setting_at(size_t index);
size_t mv_setting_count(void);
/* "-" and "_" are the same. NULL when there is none; *index_r is the row. */
const struct mv_setting *mv_setting_find(struct mv_bytes section, struct mv_bytes key, size_t *index_r);
bool mv_setting_is_list(const struct mv_setting *setting);
bool mv_setting_has_section(struct mv_bytes section);
/* The sections of the table in order; NULL past the end. */
const char *mv_setting_section_at(size_t index);

/* The section (the key of that section) that is spelt most like what was written, or NULL. */
const char *mv_setting_nearest_section(struct mv_bytes written);
const char *mv_setting_nearest_key(struct mv_bytes section, struct mv_bytes written);
/* The section that has this key, or NULL. */
const char *mv_setting_section_of(struct mv_bytes key);

#endif
