/*
 * Signing keys as files: what there is, in which state, and the keys themselves.
 *
 *   <directory>/<domain>/<selector>.pem     the private key, PKCS#8 PEM, 0640
 *   <directory>/<domain>/<selector>.state   what is known of it, "name = value" lines
 *
 * domain is normalised (A-labels), selector is a DNS name of one or more
 * labels.  A state file is only ever replaced whole (written beside, fsync,
 * rename, fsync of the directory), so a reader sees the old one or the new one,
 * and a writer may be killed at any moment.  A .pem without .state is a key in
 * state MV_KEY_CREATED that was interrupted: it is reported and never used.
 *
 * What root makes belongs to the owner of the directory above it, and to the
 * group MV_KEYS_GROUP where there is one: servers that sign are its members.
 *
 * Writers hold the lock of the domain directory (mv_key_store_lock); readers
 * need none.
 */
#ifndef MV_KEYS_STORE_H
#define MV_KEYS_STORE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/crypto/private_key.h"

#define MV_KEYS_DEFAULT_DIRECTORY "/var/lib/mailvouch/keys"
#define MV_KEYS_MAX_PER_DOMAIN 1000 /* revoked ones are kept: ten hosts fill it in a dozen years */
#define MV_KEYS_USER "mailvouch"     /* of the timers */
#define MV_KEYS_GROUP "mailvouch"    /* of files and directories, where there is such a group */
#define MV_KEYS_MAX_STATE_BYTES 4096
#define MV_SELECTOR_MAX_BYTES 120

enum mv_key_state {
    MV_KEY_CREATED,   /* made; DNS does not show it yet */
    MV_KEY_PUBLISHED, /* every authoritative server shows it; caches may still say it does not exist */
    MV_KEY_ACTIVE,    /* signs */
    MV_KEY_RETIRING,  /* signs no more; mail signed by it may be in flight */
    MV_KEY_REVOKED    /* withdrawn from DNS, or p= emptied; kept so that its selector is never used again */
};

/* The last pre-flight: the private key beside what every authoritative server returned. */
enum mv_key_sight {
    MV_SIGHT_UNKNOWN = 0, /* never looked, or DNS did not answer */
    MV_SIGHT_SHOWN,       /* all show this key */
    MV_SIGHT_MISSING,     /* at least one has no such record */
    MV_SIGHT_OTHER        /* at least one shows another key, or a record that verifiers refuse */
};

/* Times are seconds since the epoch, 0 where it has not happened. Strings live in the arena of the listing. */
struct mv_key_entry {
    struct mv_bytes domain;
    struct mv_bytes selector;
    struct mv_bytes host;       /* which host made it and signs with it */
    enum mv_key_type type;
    unsigned bits;
    enum mv_key_state state;
    int64_t created_secs;
    int64_t published_secs;     /* seen on every authoritative server */
    int64_t usable_secs;        /* not before: what caches may have kept of the name's absence is over */
    int64_t active_secs;
    int64_t retiring_secs;
    int64_t revoked_secs;
    int64_t cache_secs;         /* the longest that caches may keep what DNS said before it showed this key */
    enum mv_key_sight sight;
    int64_t sight_secs;         /* when that was looked at, with an answer */
    bool has_key;               /* the .pem is there */
    bool interrupted;           /* a .pem without .state */
};

struct mv_key_entries {
    const struct mv_key_entry *items; /* by selector */
    size_t count;
};

struct mv_key_store;

/* The directory need not exist yet. It is copied. */
enum mv_code mv_key_store_open(const char *directory, struct mv_key_store **store_r);
void mv_key_store_close(struct mv_key_store **store);
const char *mv_key_store_directory(const struct mv_key_store *store);

/*
 * Domains that have a directory, by name.  Files and directories whose names
 * are no names of domains or keys in normal form are passed over.
 *
 * Refused with MV_ERR_CONFIG, here and below: a directory that the group or
 * anybody may write, or that is a symbolic link; a state file that is no regular
 * file, that the group or anybody may write, or that does not parse.
 */
enum mv_code mv_key_store_domains(const struct mv_key_store *store, struct mv_arena *arena,
                                  const struct mv_bytes **domains_r, size_t *count_r, struct mv_error *error);
/* Keys of one domain; none when it has no directory. One bad state file refuses them all. */
enum mv_code mv_key_store_list(const struct mv_key_store *store, struct mv_arena *arena, struct mv_bytes domain,
                               struct mv_key_entries *entries_r, struct mv_error *error);
/*
 * Reads the private key.  Refused with MV_ERR_CONFIG and a sentence that says
 * what to do: a file that anybody may read, that anybody or the group may write,
 * that is no regular file, that belongs to neither root nor the owner of the
 * domain directory; unreadable: MV_ERR_IO.
 */
enum mv_code mv_key_store_load(const struct mv_key_store *store, const struct mv_key_entry *entry,
                               struct mv_private_key **key_r, struct mv_error *error);

/*
 * Exclusive over processes; waits up to wait_msecs, then MV_ERR_LIMIT.  Makes the
 * directory, 0750.  The lock is given back by unlock, or when the process ends.
 */
enum mv_code mv_key_store_lock(struct mv_key_store *store, struct mv_bytes domain, unsigned wait_msecs,
                               struct mv_error *error);
void mv_key_store_unlock(struct mv_key_store *store);
/* With the lock: a new key with its state; MV_ERR_USAGE when the selector was ever used. */
enum mv_code mv_key_store_add(struct mv_key_store *store, const struct mv_key_entry *entry,
                              const struct mv_private_key *key, struct mv_error *error);
/* With the lock: replaces the state file. */
enum mv_code mv_key_store_update(struct mv_key_store *store, const struct mv_key_entry *entry,
                                 struct mv_error *error);
/* With the lock: destroys the private key of a revoked entry and keeps its state, or that of an interrupted one. */
enum mv_code mv_key_store_destroy_key(struct mv_key_store *store, const struct mv_key_entry *entry,
                                      struct mv_error *error);

/* "created", ... and back. */
const char *mv_key_state_text(enum mv_key_state state);
const char *mv_key_sight_text(enum mv_key_sight sight);

#endif
