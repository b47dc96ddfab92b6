/*
 * The configuration: one INI file and the *.conf files of the directory conf.d beside it,
 * read by libinih, checked once, constant after that.
 *
 * A setting that is missing has its default; a file that is missing at the
 * default place is an empty file.  Everything else that is wrong (unknown
 * section or key, a key twice in one file, bad value, unreadable file, a file
 * that anybody may write, a line that libinih would cut) is MV_ERR_CONFIG with
 * file, line, what is wrong and what would be right.
 *
 * How it is written:
 *   - "[section]", "key = value"; lines that begin with "#" or ";" are comments,
 *     and so is what follows " ;" behind a value.  "-" and "_" in keys are the same.
 *   - Files of conf.d come after the main file, in the order of their names'
 *     bytes.  A later file's value replaces an earlier one's, also a list's.
 *   - Lists are separated by commas or white space.  They go on in the lines
 *     below that begin with white space; a value with nothing is the empty list.
 *   - A time has its unit: "2500ms", "20s", "2min", "12h", "14d".
 *   - "[domain example.org]" makes example.org one of our domains and holds what
 *     is to be different there; for all else it is as in [sign], also where
 *     [sign] comes later.
 *   - libinih reads lines of up to about 200 bytes: longer ones are an error.
 */
#ifndef MV_CONFIG_CONFIG_H
#define MV_CONFIG_CONFIG_H

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/config/senders.h"
#include "core/text/ip.h"

#define MV_CONFIG_DEFAULT_PATH MV_SYSCONFDIR "/mailvouch/mailvouch.conf" /* configure: /etc */
#define MV_CONFIG_MAX_FILE_BYTES (1024 * 1024)
#define MV_CONFIG_MAX_LIST_ITEMS 1000
#define MV_CONFIG_MAX_FILES 100 /* in conf.d */
#define MV_CONFIG_MAX_DOMAINS 2000 /* of our own */
#define MV_CONFIG_MAX_PATH_BYTES 255

struct mv_config;

struct mv_config_list {
    const struct mv_bytes *items;
    size_t count;
};

struct mv_network {
    struct mv_ip ip; /* bits behind the prefix are zero */
    unsigned prefix_bits;
};

struct mv_config_networks {
    const struct mv_network *items;
    size_t count;
};

struct mv_config_users {
    const struct mv_sender_rule *items; /* a user's stand together, as written */
    size_t count;
};

/* Where a server listens or is reached (endpoint.h). */
struct mv_endpoint {
    struct mv_bytes path; /* of a Unix socket, then a NUL not counted; empty: TCP */
    struct mv_ip ip;
    unsigned port;
};

struct mv_config_endpoints {
    const struct mv_endpoint *items;
    size_t count;
};

/* One list of names and networks, sorted into two. */
struct mv_config_forwarders {
    struct mv_config_list domains;
    struct mv_config_networks networks;
};

/* [policy] reject: what a DMARC failure under an effective policy of reject leads to. */
enum mv_reject_mode {
    MV_REJECT_UNLESS_INDIRECT, /* refused, unless it came by a known indirect way */
    MV_REJECT_ALWAYS,
    MV_REJECT_NEVER /* quarantined at most */
};
enum mv_temperror_mode { MV_TEMPERROR_DEFER, MV_TEMPERROR_ACCEPT };
enum mv_invalid_from_mode { MV_INVALID_FROM_REJECT, MV_INVALID_FROM_QUARANTINE, MV_INVALID_FROM_ACCEPT };

/* [sign] canonicalization, header/body (RFC 6376 3.4). */
enum mv_sign_canon {
    MV_SIGN_RELAXED_RELAXED,
    MV_SIGN_RELAXED_SIMPLE,
    MV_SIGN_SIMPLE_RELAXED,
    MV_SIGN_SIMPLE_SIMPLE
};
enum mv_foreign_from_mode { MV_FOREIGN_FROM_REFUSE, MV_FOREIGN_FROM_UNSIGNED };
enum mv_sign_error_mode { MV_SIGN_ERROR_DEFER, MV_SIGN_ERROR_SEND };

/* How the records of keys come into DNS. */
enum mv_publish_mode { MV_PUBLISH_MANUAL, MV_PUBLISH_NSUPDATE, MV_PUBLISH_HOOK };
/* Which keys a domain has on each host: RFC 8463 with RSA beside it, or RSA alone. */
enum mv_key_types { MV_KEY_TYPES_BOTH, MV_KEY_TYPES_RSA };

/* [lmtp]: what mailvouch-lmtpd does beside judging. */
enum mv_lmtp_access { MV_LMTP_ACCESS_OWNER, MV_LMTP_ACCESS_GROUP, MV_LMTP_ACCESS_ALL };
enum mv_lmtp_on_reject { MV_LMTP_REJECT_TAG, MV_LMTP_REJECT_REFUSE };
enum mv_lmtp_on_tempfail { MV_LMTP_TEMPFAIL_TAG, MV_LMTP_TEMPFAIL_DEFER };
enum mv_lmtp_log { MV_LMTP_LOG_STDERR, MV_LMTP_LOG_SYSLOG };

struct mv_lmtp_settings {
    struct mv_config_endpoints listen;
    enum mv_lmtp_access listen_access;
    struct mv_config_endpoints next_hop; /* tried in this order */
    struct mv_config_networks trusted_networks;
    bool client_field;
    enum mv_lmtp_on_reject on_reject;
    enum mv_lmtp_on_tempfail on_tempfail;
    struct mv_bytes junk_detail; /* "+Junk"; empty: none */
    struct mv_bytes spam_field;  /* "X-Spam-Flag"; empty: none */
    unsigned max_connections;
    unsigned max_recipients;
    unsigned max_message_mib;
    unsigned spool_memory_kib;
    struct mv_bytes spool_directory;
    unsigned idle_timeout_secs;
    unsigned session_timeout_secs;
    unsigned next_hop_timeout_secs;
    enum mv_lmtp_log log;
    struct mv_config_endpoints statistics;
};

/* [dovecot]: what the plugin for deliveries does with a verdict. */
enum mv_without_client { MV_WITHOUT_CLIENT_PASS_ONLY, MV_WITHOUT_CLIENT_JUDGE };

struct mv_dovecot_settings {
    bool tag;                          /* users for whom Dovecot says nothing */
    struct mv_bytes keyword_pass;      /* these, as junk_mailbox, have a NUL behind them; empty: none */
    struct mv_bytes keyword_fail;
    struct mv_bytes keyword_phishing;
    struct mv_bytes junk_mailbox;
    bool junk_create;
    enum mv_without_client without_client;
};

/* [report]: what is told to the owners of other domains. */
struct mv_report_settings {
    bool evidence;
    struct mv_bytes evidence_directory;
    struct mv_bytes store; /* as mv_db_open() takes it, then a NUL not counted */
    unsigned keep_days;
    bool send;
    struct mv_bytes address; /* the domain normalised; empty: none */
    struct mv_bytes organization;
    struct mv_bytes contact;
    struct mv_bytes bounce_address; /* empty: the null sender */
    struct mv_bytes sendmail;
    bool only_wanted;
    unsigned max_per_day;
    unsigned max_per_destination;
    struct mv_config_list never_to;
    bool failure;
    unsigned failure_per_hour;
};

/* What [sign] sets for every domain of ours, and [domain NAME] for one. */
struct mv_domain_settings {
    struct mv_bytes name; /* normalised; empty in every_domain */
    enum mv_sign_canon canonicalization;
    unsigned expire_secs; /* x= is t= and this; 0: no x= */
    /* "mailvouch key" */
    enum mv_key_types key_types;
    unsigned rsa_bits;
    unsigned roll_every_secs;       /* 0: never by itself */
    unsigned publish_wait_secs;     /* at least this long from "all servers show it" to the first signature */
    unsigned retire_after_secs;     /* from the last signature to the withdrawal, beside expire_secs */
    enum mv_publish_mode publish;
    unsigned record_ttl_secs;
    struct mv_bytes update_servers; /* for nsupdate; empty: it finds the primary server itself */
    struct mv_bytes update_key;     /* file with the TSIG key; empty: none */
    struct mv_bytes publish_hook;
};

struct mv_config_domains {
    const struct mv_domain_settings *items; /* by the bytes of their names */
    size_t count;
};

/*
 * Plain values, read-only for everybody; strings and lists live as long as the mv_config.
 * Domains in lists are normalised. The table in settings.c names, limits, defaults and explains each.
 */
struct mv_settings {
    /* [server] */
    struct mv_bytes authserv_id;               /* RFC 8601 2.5; default: the host's name */
    struct mv_config_list authserv_id_aliases; /* stripped like ours; ".example.org": it and all below */
    struct mv_bytes resolver;                  /* "127.0.0.1:53,[::1]:53"; empty: resolv.conf */
    unsigned dns_deadline_msecs;               /* all waiting of one message (RFC 7208 4.6.4) */
    unsigned dns_cache_secs;                   /* answers are kept so long at most; 0: not at all */
    unsigned dns_try_msecs;                    /* one try at one server; not above dns_deadline_msecs */
    struct mv_config_networks local_networks;  /* clients here are not evaluated */
    struct mv_config_list received_by;         /* our MTAs, whose Received fields tell the client */
    struct mv_config_networks trusted_mtas;    /* nor these, and their results are believed (RFC 8601 5) */
    struct mv_bytes handover_keys;             /* the file; core/keys/handover_file.h */
    unsigned handover_max_age_secs;            /* older ones are not believed */
    /* [policy] */
    enum mv_reject_mode reject;
    enum mv_temperror_mode on_temperror;
    enum mv_invalid_from_mode on_invalid_from;
    struct mv_config_forwarders forwarders; /* of known indirect mail */
    struct mv_config_list trusted_sealers;  /* ARC sealers, domains */
    struct mv_config_list enforce_domains;  /* treated as p=reject whatever they publish */
    bool suffix_hardening;                  /* a one-label name without psd counts as psd=y */
    bool honour_pct;                        /* RFC 7489 pct */
    bool ignore_test_keys;                  /* t=y keys never pass */
    struct mv_config_list not_signers;      /* d= that is never accepted, RFC 6376 6.1.1 */
    unsigned min_rsa_bits;                  /* RFC 8301 3.2 */
    unsigned max_spf_voids;                 /* RFC 7208 4.6.4 */
    /* [sign] */
    struct mv_config_list sign_domains;     /* as written; domains holds these, and those with a section */
    struct mv_bytes keys_directory;
    struct mv_bytes exim_keys;              /* the file for Exim's own dkim_* options; empty: none */
    struct mv_bytes sign_host;              /* whose keys sign, and the first part of their selectors */
    struct mv_config_users users;
    struct mv_bytes users_file;             /* looked through for each message; empty: none */
    struct mv_config_networks sign_networks; /* clients here may submit without a user */
    enum mv_foreign_from_mode foreign_from;
    enum mv_sign_error_mode on_sign_error;
    unsigned preflight_secs;                /* how old the last sight of a key in DNS may be; 0: any age */
    struct mv_domain_settings every_domain; /* what a domain without a section has */
    struct mv_config_domains domains;       /* all of ours, with what holds for each */
    struct mv_lmtp_settings lmtp;
    struct mv_dovecot_settings dovecot;
    struct mv_report_settings report;
};

/*
 * path NULL: MV_CONFIG_DEFAULT_PATH, which may be missing.  A path given must exist.
 * Only *error tells what is wrong; *config_r is NULL then.
 */
enum mv_code mv_config_read(const char *path, struct mv_config **config_r, struct mv_error *error);
/* The same from memory, without conf.d; name stands for the file in errors and sources. */
enum mv_code mv_config_read_text(struct mv_bytes text, const char *name, struct mv_config **config_r,
                                 struct mv_error *error);
void mv_config_free(struct mv_config **config);
/* Would mv_config_read() read the same files again? false also for files so young that it cannot be told. */
bool mv_config_is_current(const struct mv_config *config, int64_t now_secs);
const struct mv_settings *mv_config_settings(const struct mv_config *config);
/* The domain of ours that equals the (normalised) name, or the nearest one above it; NULL when there is none. */
const struct mv_domain_settings *mv_config_domain_over(const struct mv_settings *settings, struct mv_bytes name);
/* Is the address in one of the networks? false for MV_IP_NONE. */
bool mv_config_networks_hold(const struct mv_config_networks *networks, const struct mv_ip *ip);

/* One setting for people: "config show" prints a table of these; sections "domain NAME" come last. */
struct mv_config_item {
    const char *section;
    const char *key;
    const char *value;  /* as it would be written */
    const char *source; /* "default", or "/etc/mailvouch/mailvouch.conf:12"; a domain's may be that of [sign] */
    const char *meaning;
};
/* index from 0; false past the end. Strings live as long as config. */
bool mv_config_at(const struct mv_config *config, size_t index, struct mv_config_item *item_r);
/* A configuration file with every setting commented out, its default and meaning: conf/mailvouch.conf. */
void mv_config_print_example(struct mv_buf *out);
/* The sections and settings as mdoc(7), for mailvouch.conf(5). */
void mv_config_print_manual(struct mv_buf *out);

#endif
