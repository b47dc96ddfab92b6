/*
 * Keeps the keys of a domain: looks at them in DNS, decides (core/ops/rollover.h),
 * does what was decided, and tells it in lines.
 *
 *   mv_keeper_domains()   all domains that there is something to do for
 *   mv_keeper_finish()    before the first domain: the file for Exim is current
 *   mv_keeper_domain()    for each
 *   mv_keeper_finish()    again, when keys have changed
 *
 * Every change is one file that is replaced whole, in an order that leaves keys
 * usable at every moment, so that the process may be killed anywhere and another
 * run goes on.
 */
#ifndef MV_OPS_KEEPER_H
#define MV_OPS_KEEPER_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/dns/resolver.h"
#include "core/keys/store.h"
#include "core/ops/key_record.h"
#include "core/ops/rollover.h"
#include "core/ops/sight.h"

#define MV_KEEPER_LOCK_WAIT_MSECS 60000
#define MV_KEEPER_DNS_DEADLINE_MSECS 30000 /* for one domain */

enum mv_keeper_mode { MV_KEEPER_DO, MV_KEEPER_TELL };

struct mv_keeper {
    const struct mv_settings *settings;
    struct mv_key_store *store;
    struct mv_resolver *resolver;
    unsigned port;        /* of name servers: MV_DNS_PORT */
    int64_t now_secs;     /* at the moment of now_msecs */
    int64_t now_msecs;    /* CLOCK_MONOTONIC */
    bool withdraws;       /* false: the file for Exim could not be written, and may name old keys */
};

enum mv_keeper_grade {
    MV_GRADE_NOTE,    /* was done, or will be */
    MV_GRADE_PERSON,  /* somebody has to do something for it to go on */
    MV_GRADE_TROUBLE, /* could not be done now; the next run tries again */
    MV_GRADE_ALARM    /* mail is not signed, or is about not to be */
};

struct mv_keeper_event {
    enum mv_deed deed;
    enum mv_keeper_grade grade;
    struct mv_bytes selector; /* may be empty */
    enum mv_key_state from;   /* of MOVE */
    enum mv_key_state to;
    int64_t when_secs;        /* of WAIT; 0: not known */
    struct mv_bytes text;     /* printable, one line */
};

/* A key as it is now, with what DNS showed of it. */
struct mv_kept_key {
    struct mv_key_entry entry;
    struct mv_sight sight;
    bool ours; /* of this host */
};

struct mv_keeper_report {
    struct mv_bytes domain;
    bool configured;
    const struct mv_keeper_event *events;
    size_t event_count;
    const struct mv_kept_key *keys;
    size_t key_count;
};

/* Of [sign], and those that have keys. By name. */
enum mv_code mv_keeper_domains(const struct mv_keeper *keeper, struct mv_arena *arena,
                               const struct mv_bytes **domains_r, size_t *count_r, struct mv_error *error);
/*
 * The report is filled in as far as things went, also on an error: MV_ERR_LIMIT
 * when another process is at work on the domain.  TELL changes nothing, takes no
 * lock, and asks DNS all the same.
 */
enum mv_code mv_keeper_domain(const struct mv_keeper *keeper, struct mv_arena *arena, struct mv_bytes domain,
                              enum mv_keeper_mode mode, struct mv_keeper_report *report_r, struct mv_error *error);
enum mv_code mv_keeper_finish(const struct mv_keeper *keeper, struct mv_arena *arena, struct mv_error *error);

/* What holds for the domain: its own settings, or those of every domain. */
const struct mv_domain_settings *mv_keeper_settings(const struct mv_settings *settings, struct mv_bytes domain,
                                                    bool *configured_r);
/* With the lock: makes a key and stores it. MV_ERR_LIMIT when there are too many, or the names would be too long. */
enum mv_code mv_keeper_create(const struct mv_keeper *keeper, struct mv_arena *arena, struct mv_bytes domain,
                              enum mv_key_type type, unsigned rsa_bits, struct mv_key_entry *entry_r,
                              struct mv_error *error);
/* Looks at every key that is not revoked. views has one for each entry. */
enum mv_code mv_keeper_look(const struct mv_keeper *keeper, struct mv_arena *arena, struct mv_bytes domain,
                            const struct mv_key_entries *entries, struct mv_sight *sights_r);

#endif
