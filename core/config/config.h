/*
 * The configuration: one INI file and the *.conf files of the directory conf.d beside it,
 * read by libinih, checked once, constant after that.
 *
 * A setting that is missing has its default; a file that is missing at the
 * default place is an empty file.  Everything else that is wrong (unknown
 * section or key, bad value, unreadable file, a line that libinih cut) is
 * MV_ERR_CONFIG with file, line, what is wrong and what would be right.
 */
#ifndef MV_CONFIG_CONFIG_H
#define MV_CONFIG_CONFIG_H

#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_CONFIG_DEFAULT_PATH "/etc/mailvouch/mailvouch.conf"
#define MV_CONFIG_MAX_FILE_BYTES (1024 * 1024)
#define MV_CONFIG_MAX_LIST_ITEMS 1000

struct mv_config;

struct mv_config_list {
    const struct mv_bytes *items;
    size_t count;
};

/* [policy] reject: what a DMARC failure under an effective policy of reject leads to. */
enum mv_reject_mode {
    MV_REJECT_UNLESS_INDIRECT, /* refused, unless it came by a known indirect way */
    MV_REJECT_ALWAYS,
    MV_REJECT_NEVER /* quarantined at most */
};
enum mv_temperror_mode { MV_TEMPERROR_DEFER, MV_TEMPERROR_ACCEPT };
enum mv_invalid_from_mode { MV_INVALID_FROM_REJECT, MV_INVALID_FROM_QUARANTINE, MV_INVALID_FROM_ACCEPT };

/*
 * Plain values, read-only for everybody; strings and lists live as long as the mv_config.
 * Domains in lists are normalised. The table in settings.c names, defaults and explains each.
 */
struct mv_settings {
    /* [server] */
    struct mv_bytes authserv_id;                /* RFC 8601 2.5; default: the host's name */
    struct mv_config_list authserv_id_aliases;  /* ids that are stripped like ours */
    struct mv_bytes resolver;                   /* "127.0.0.1:53, [::1]:53"; empty: resolv.conf */
    unsigned dns_deadline_msecs;                /* all waiting of one message, default 20000 (RFC 7208 4.6.4) */
    unsigned dns_try_msecs;                     /* one try at one server, default 2500 */
    struct mv_config_list local_networks;       /* CIDR; clients here are not evaluated */
    /* [policy] */
    enum mv_reject_mode reject;
    enum mv_temperror_mode on_temperror;
    enum mv_invalid_from_mode on_invalid_from;
    struct mv_config_list forwarders;           /* domains, addresses and CIDR networks of known indirect mail */
    struct mv_config_list trusted_sealers;      /* ARC sealers, domains */
    struct mv_config_list enforce_domains;      /* treated as p=reject whatever they publish */
    bool suffix_hardening;                      /* a one-label name without psd counts as psd=y, default yes */
    bool honour_pct;                            /* RFC 7489 pct, default no */
    bool ignore_test_keys;                      /* t=y keys never pass, default no */
    struct mv_config_list not_signers;          /* d= that is never accepted, RFC 6376 6.1.1 */
    unsigned min_rsa_bits;                      /* default 1024, RFC 8301 3.2 */
    unsigned max_spf_voids;                     /* default 2, RFC 7208 4.6.4 */
};

/*
 * path NULL: MV_CONFIG_DEFAULT_PATH, which may be missing.  A path given must exist.
 * Only *error tells what is wrong; *config_r is NULL then.
 */
enum mv_code mv_config_read(const char *path, struct mv_config **config_r, struct mv_error *error);
void mv_config_free(struct mv_config **config);
const struct mv_settings *mv_config_settings(const struct mv_config *config);

/* One setting for people: "config show" prints a table of these. */
struct mv_config_item {
    const char *section;
    const char *key;
    const char *value;  /* as text */
    const char *source; /* "default", or "/etc/mailvouch/mailvouch.conf:12" */
    const char *meaning;
};
/* index from 0; false past the end. Strings live as long as config. */
bool mv_config_at(const struct mv_config *config, size_t index, struct mv_config_item *item_r);

#endif
