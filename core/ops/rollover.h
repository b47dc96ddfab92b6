/*
 * What is to be done about the keys of one domain on one host: a pure function
 * of what is stored, what DNS showed, the settings and the time.
 *
 *   created --all servers show it--> published --caches know it--> active
 *           --a newer one is active--> retiring --mail is no more in flight,
 *           withdrawn, and no server shows it--> revoked
 *
 * Rules that hold whatever is handed in:
 *   - A key becomes active only when every server of the zone showed it just now,
 *     and after all time has passed for which a cache may keep that it was not
 *     there, or what was there instead.
 *   - Nothing is published before the name was looked at, so that it is known what
 *     caches may have kept of it.
 *   - The record of a key that has signed is asked to be withdrawn only after
 *     flight_secs since it stopped.
 *   - The last active key of a type does not stop before its successor is active
 *     and shown.
 *   - An Ed25519 key becomes active only beside an active RSA key: many do not
 *     check Ed25519 yet (RFC 8463).
 *
 * One call gives one step for each key.  The caller does the deeds in their
 * order, one after the other, stops at one that fails, and may ask again at once
 * with what is then stored; it may be killed in between: what was not done is
 * asked for again.
 */
#ifndef MV_OPS_ROLLOVER_H
#define MV_OPS_ROLLOVER_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/keys/store.h"

/* Longer than this no cache keeps anything (BIND's max-cache-ttl). */
#define MV_CACHE_MAX_SECS (7 * 24 * 3600)
/* What was at the name before its record, when nobody looked: longer than most wildcards live. */
#define MV_CACHE_UNSEEN_SECS (24 * 3600)
/* For so long DNS may fail to answer before a person is told, unless [sign] preflight is near. */
#define MV_DNS_PATIENCE_SECS (24 * 3600)
/* A clock that is this far behind what is stored is wrong. */
#define MV_CLOCK_SLACK_SECS 300

/* What the servers of the zone returned for one key. */
struct mv_key_view {
    bool looked;           /* they were asked: there is an answer of at least one */
    unsigned servers;      /* all addresses that count */
    unsigned shown;        /* this very key, and a verifier would take it */
    unsigned missing;      /* no such record */
    unsigned other;        /* another record */
    unsigned revoked;      /* p= is empty */
    unsigned silent;       /* no answer, or none that counts */
    int64_t negative_secs; /* how long a cache may keep that there is no record */
    int64_t before_secs;   /* how long a cache may keep what servers showed instead */
    bool unusable;         /* our own private key cannot be read: nothing counts as shown, all records are other ones */
    struct mv_bytes fault; /* what is wrong, as one sentence; empty when all is well */
};

struct mv_rollover {
    struct mv_bytes host;
    const struct mv_domain_settings *settings;
    bool configured; /* false: the domain is none of ours any more, no new keys are made */
    unsigned preflight_secs; /* [sign] preflight */
    int64_t now_secs;
    struct mv_key_entries entries;
    const struct mv_key_view *views; /* one for each entry */
};

enum mv_deed {
    MV_DEED_CREATE,   /* make a key of this type */
    MV_DEED_DISCARD,  /* a key whose making was interrupted: take the .pem away */
    MV_DEED_SAVE,     /* store the entry: what was seen is new */
    MV_DEED_MOVE,     /* store the entry: its state is new */
    MV_DEED_PUBLISH,  /* see to it that its record is in DNS */
    MV_DEED_WITHDRAW, /* see to it that it is not */
    MV_DEED_DESTROY,  /* the private key of a revoked one */
    MV_DEED_ALARM,    /* tell a person */
    MV_DEED_WAIT      /* nothing yet: until when_secs (0: until DNS changes) */
};

struct mv_rollover_action {
    enum mv_deed deed;
    enum mv_key_type type;
    struct mv_key_entry entry; /* as it is to be stored; selector is empty for CREATE */
    enum mv_key_state from;    /* of MOVE */
    int64_t when_secs;
    struct mv_bytes why;       /* printable */
};

struct mv_rollover_actions {
    const struct mv_rollover_action *items;
    size_t count;
};

/* Everything lives in the arena. MV_ERR_MEMORY only. */
enum mv_code mv_rollover_decide(struct mv_arena *arena, const struct mv_rollover *rollover,
                                struct mv_rollover_actions *actions_r);

/* How long mail signed by a key may be under way after it stopped: retire_after and the life of a signature. */
int64_t mv_rollover_flight_secs(const struct mv_domain_settings *settings);
/* When a retiring key may be withdrawn: at once when it never signed. */
int64_t mv_rollover_withdraw_secs(const struct mv_domain_settings *settings, const struct mv_key_entry *entry);
enum mv_key_sight mv_key_view_sight(const struct mv_key_view *view);
const char *mv_deed_text(enum mv_deed deed);
const char *mv_key_type_text(enum mv_key_type type);

#endif
