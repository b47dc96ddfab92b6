/*
 * The table of all settings: what there is to configure, once.
 *
 * Reading, defaults, limits, "config show", the example file and the manual
 * page all come from it.  A new setting is a member of struct mv_settings and a row;
 * one that may differ from domain to domain, a member of struct mv_domain_settings and
 * a row of section "sign" with MV_SCOPE_DOMAIN.
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
    MV_SETTING_SECS,       /* unsigned */
    MV_SETTING_YESNO,      /* bool */
    MV_SETTING_WORD,       /* an enum, numbered as in words */
    MV_SETTING_PATH,       /* struct mv_bytes: an absolute path, then a NUL not counted; empty only by default */
    MV_SETTING_USERS,      /* struct mv_config_users */
    MV_SETTING_LABEL,      /* struct mv_bytes: letters, digits and hyphens of one DNS label; may be empty */
    MV_SETTING_ENDPOINTS,  /* struct mv_config_endpoints */
    MV_SETTING_ATOM,       /* struct mv_bytes: as written, a part of a local part (RFC 5321 4.1.2); may be empty */
    MV_SETTING_TEXT,       /* struct mv_bytes: as written, UTF-8 without control characters; may be empty */
    MV_SETTING_ADDRESS     /* struct mv_bytes: LOCAL@DOMAIN, a dot-atom and a domain, normalised; may be empty */
};

enum mv_setting_scope {
    MV_SCOPE_SITE = 0, /* holds once; offset is in struct mv_settings */
    MV_SCOPE_DOMAIN    /* in [sign] for all our domains, in [domain NAME] for one; in struct mv_domain_settings */
};

struct mv_setting {
    const char *section;
    const char *key;
    enum mv_setting_type type;
    enum mv_setting_scope scope;
    size_t offset;
    const char *default_text; /* as it would be written */
    unsigned min, max;        /* of UINT, MSECS and SECS, and of the bytes of a LABEL, ATOM or TEXT */
    const char *words[5];     /* of WORD, ends in NULL */
    const char *meaning;
};

/* Sections that stand in a file of their own. */
struct mv_settings_part {
    const struct mv_setting *rows;
    size_t count;
};
extern const struct mv_settings_part mv_settings_lmtp;
extern const struct mv_settings_part mv_settings_dovecot;
extern const struct mv_settings_part mv_settings_report;

/* NULL past the end. */
const struct mv_setting *mv_setting_at(size_t index);
size_t mv_setting_count(void);
#define MV_SETTING_DOMAIN_SECTION "domain" /* a pseudo section: the rows of MV_SCOPE_DOMAIN */

/* "-" and "_" are the same. NULL when there is none; *index_r is the row. */
const struct mv_setting *mv_setting_find(struct mv_bytes section, struct mv_bytes key, size_t *index_r);
bool mv_setting_is_list(const struct mv_setting *setting);
bool mv_setting_has_section(struct mv_bytes section);
/* The sections of the table in order, without MV_SETTING_DOMAIN_SECTION; NULL past the end. */
const char *mv_setting_section_at(size_t index);

/* The section (the key of that section) that is spelt most like what was written, or NULL. */
const char *mv_setting_nearest_section(struct mv_bytes written);
const char *mv_setting_nearest_key(struct mv_bytes section, struct mv_bytes written);
/* The section that has this key, or NULL. */
const char *mv_setting_section_of(struct mv_bytes key);

#endif
