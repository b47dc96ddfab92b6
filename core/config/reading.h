/*
 * A configuration while it is read: which line has set what.
 * Private to core/config.
 */
#ifndef MV_CONFIG_READING_H
#define MV_CONFIG_READING_H

#include "core/base/arena.h"
#include "core/base/stamp.h"
#include "core/config/config.h"
#include "core/config/ini.h"
#include "core/config/settings.h"

/* Where a setting has its value from. */
struct mv_config_origin {
    const char *file; /* NULL: the default; of a domain: as in [sign] */
    unsigned line;
    unsigned file_number;
};

/* One [domain NAME], or an item of [sign] domains. */
struct mv_config_domain {
    struct mv_domain_settings settings;
    struct mv_config_origin *origins; /* as long as the table; NULL: all as in [sign] */
};

/* A file as it was just before it was read. */
struct mv_config_stamp {
    const char *path;
    struct mv_stamp stamp;
};

struct mv_config {
    struct mv_arena *arena;
    struct mv_settings settings;
    struct mv_config_origin *origins; /* as long as the table */
    struct mv_config_domain *domains; /* in order of appearance, at the end by name */
    size_t domain_count;
    struct mv_config_item *items;
    size_t item_count;
    struct mv_config_stamp *stamps; /* of all that was read, missing files and the directory included */
    size_t stamp_count;
};

struct mv_config_reading {
    struct mv_config *config;
    unsigned file_number;             /* from 1 */
    struct mv_config_domain *domain;  /* of the section that is being read, or NULL */
};

/* Takes one line into the configuration that context, a struct mv_config_reading, is about. */
mv_ini_handler mv_config_take_line;
/* The struct that the setting's member is in. */
void *mv_config_values_of(struct mv_config *config, const struct mv_setting *setting);
enum mv_code mv_config_no_memory(struct mv_error *error);

/* The domain that was written, made when it is new. MV_ERR_CONFIG: *error says why not, without file and line. */
enum mv_code mv_config_domain_open(struct mv_config *config, struct mv_bytes written,
                                   struct mv_config_domain **domain_r, struct mv_error *error);
/* When all is read: the items of [sign] domains join in, what a domain does not set is as in [sign], by name. */
enum mv_code mv_config_domains_settle(struct mv_config *config, struct mv_error *error);
/* The texts that mv_config_at() hands out. */
enum mv_code mv_config_describe(struct mv_config *config, struct mv_error *error);

#endif
