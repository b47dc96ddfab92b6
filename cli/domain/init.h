/*
 * What "mailvouch init" works with.
 */
#ifndef MV_CLI_DOMAIN_INIT_H
#define MV_CLI_DOMAIN_INIT_H

#include "cli/args.h"
#include "cli/domain/init_files.h"
#include "cli/lookup.h"
#include "core/ops/first_records.h"
#include "core/ops/keeper.h"

#define MV_INIT_MAX_FILES 3

struct mv_init_given {
    const char *config, *dns, *save_dns, *mail_host, *rua, *etc;
    struct mv_arg_texts ips;
    bool dry_run, yes, json;
    int64_t now_secs;
};

struct mv_init_key {
    struct mv_key_entry entry;
    bool made;
    bool planned; /* --dry-run: it would be made, and has no selector yet */
};

struct mv_init {
    const struct mv_init_given *given;
    struct mv_lookup lookup;
    struct mv_bytes domain;
    struct mv_init_file files[MV_INIT_MAX_FILES];
    size_t file_count;
    bool configured; /* it is one of our domains without a file of its own */
    bool has_exim, has_dovecot;
    const struct mv_domain_settings *settings;
    struct mv_init_key keys[MV_FIRST_RECORDS_MAX_KEYS];
    size_t key_count;
    struct mv_ip ips[MV_FIRST_RECORDS_MAX_IPS];
    struct mv_first_key records_of_keys[MV_FIRST_RECORDS_MAX_KEYS];
    struct mv_first_request request;
    struct mv_first_records records;
    struct mv_error error;
};

/* init_keys.c: makes the keys that are missing, and the records of all. Says what is wrong. */
enum mv_exit mv_init_keys(struct mv_init *init);

/* init_show.c: what was done, what is to be published, and what comes next. */
void mv_init_show(const struct mv_init *init);
enum mv_exit mv_init_print_json(const struct mv_init *init);

#endif
