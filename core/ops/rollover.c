#include "core/ops/rollover.h"

#include "core/base/trace.h"

#define KEY_TYPES 2

struct decider {
    struct mv_arena *arena;
    const struct mv_rollover *in;
    struct mv_rollover_action *items;
    size_t count;
    bool failed;             /* no memory */
    struct mv_rollover_action nowhere; /* what is then written to */
};

int64_t mv_rollover_flight_secs(const struct mv_domain_settings *settings)
{
    return (int64_t)settings->retire_after_secs + settings->expire_secs;
}

int64_t mv_rollover_withdraw_secs(const struct mv_domain_settings *settings, const struct mv_key_entry *entry)
{
    return entry->active_secs == 0 ? entry->retiring_secs
                                   : entry->retiring_secs + mv_rollover_flight_secs(settings);
}

const char *mv_key_type_text(enum mv_key_type type)
{
    return type == MV_KEY_RSA ? "rsa" : "ed25519";
}

const char *mv_deed_text(enum mv_deed deed)
{
    static const char *const texts[] = {
        [MV_DEED_CREATE] = "create",     [MV_DEED_DISCARD] = "discard", [MV_DEED_SAVE] = "save",
        [MV_DEED_MOVE] = "move",         [MV_DEED_PUBLISH] = "publish", [MV_DEED_WITHDRAW] = "withdraw",
        [MV_DEED_DESTROY] = "destroy",   [MV_DEED_ALARM] = "alarm",     [MV_DEED_WAIT] = "wait",
    };

    return texts[deed];
}

static bool all_show(const struct mv_key_view *view)
{
    return view->looked && view->servers > 0 && view->shown == view->servers;
}

/* A record is there that may be ours. */
static bool is_there(const struct mv_key_view *view)
{
    return view->shown > 0 || (view->unusable && view->other > 0);
}

/* No server shows it, and each has said so. */
static bool is_gone(const struct mv_key_view *view)
{
    return view->looked && view->servers > 0 && view->silent == 0 && !is_there(view);
}

static bool is_denied(const struct mv_key_view *view)
{
    return view->missing > 0 || view->other > 0 || view->revoked > 0;
}

enum mv_key_sight mv_key_view_sight(const struct mv_key_view *view)
{
    if (view->unusable)
        return MV_SIGHT_UNKNOWN;
    if (view->other > 0 || view->revoked > 0)
        return MV_SIGHT_OTHER;
    if (view->missing > 0)
        return MV_SIGHT_MISSING;
    return all_show(view) ? MV_SIGHT_SHOWN : MV_SIGHT_UNKNOWN;
}

static struct mv_rollover_action *add(struct decider *d, enum mv_deed deed, const struct mv_key_entry *entry,
                                      const char *why)
{
    struct mv_rollover_action *grown = mv_arena_grow(d->arena, d->items, d->count, sizeof *grown);

    if (grown == NULL || d->failed) {
        d->failed = true;
        return &d->nowhere;
    }
    d->items = grown;
    grown[d->count] = (struct mv_rollover_action){.deed = deed, .why = mv_bytes_str(why)};
    if (entry != NULL) {
        grown[d->count].entry = *entry;
        grown[d->count].type = entry->type;
        grown[d->count].from = entry->state;
    }
    return &grown[d->count++];
}

static void add_because(struct decider *d, enum mv_deed deed, const struct mv_key_entry *entry, const char *what,
                        struct mv_bytes fault)
{
    const char *why = fault.len == 0 ? what : mv_arena_printf(d->arena, "%s: %.*s", what, MV_ARG(fault));

    d->failed = d->failed || why == NULL;
    add(d, deed, entry, why);
}

static void wait_until(struct decider *d, const struct mv_key_entry *entry, int64_t when_secs, const char *why)
{
    add(d, MV_DEED_WAIT, entry, why)->when_secs = when_secs;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool is_ours(const struct decider *d, const struct mv_key_entry *entry)
{
    return !entry->interrupted && mv_bytes_equal(entry->host, d->in->host);
}

/* The key of this type that signs, or shall: of several the one that came last. NULL when there is none. */
static const struct mv_key_entry *current_of(const struct decider *d, enum mv_key_type type, size_t *index_r)
{
    const struct mv_key_entry *newest = NULL;

    for (size_t i = 0; i < d->in->entries.count; i++) {
        const struct mv_key_entry *entry = &d->in->entries.items[i];

        if (!is_ours(d, entry) || entry->type != type || entry->state != MV_KEY_ACTIVE)
            continue;
        if (newest != NULL && (entry->active_secs < newest->active_secs ||
                               (entry->active_secs == newest->active_secs &&
                                entry->created_secs < newest->created_secs)))
            continue;
        newest = entry;
        *index_r = i;
    }
    return newest;
}

static bool has_current(const struct decider *d, enum mv_key_type type)
{
    size_t index;

    return current_of(d, type, &index) != NULL;
}

static bool is_pending(const struct decider *d, enum mv_key_type type)
{
    for (size_t i = 0; i < d->in->entries.count; i++) {
        const struct mv_key_entry *entry = &d->in->entries.items[i];

        if (is_ours(d, entry) && entry->type == type &&
            (entry->state == MV_KEY_CREATED || entry->state == MV_KEY_PUBLISHED))
            return true;
    }
    return false;
}

static bool is_wanted(const struct decider *d, enum mv_key_type type)
{
    return type == MV_KEY_RSA || d->in->settings->key_types == MV_KEY_TYPES_BOTH;
}

static bool is_automatic(const struct decider *d)
{
    return d->in->settings->publish != MV_PUBLISH_MANUAL;
}

/* The entry with what was seen of it now. */
static struct mv_key_entry seen(const struct decider *d, const struct mv_key_entry *entry,
                                const struct mv_key_view *view)
{
    struct mv_key_entry updated = *entry;

    if (mv_key_view_sight(view) == MV_SIGHT_UNKNOWN)
        return updated;
    updated.sight = mv_key_view_sight(view);
    updated.sight_secs = d->in->now_secs;
    return updated;
}

static void save(struct decider *d, const struct mv_key_entry *before, const struct mv_key_entry *after)
{
    if (before->sight != after->sight || before->sight_secs != after->sight_secs ||
        before->cache_secs != after->cache_secs)
        add(d, MV_DEED_SAVE, after, "");
}

static void move(struct decider *d, struct mv_key_entry entry, enum mv_key_state from, const char *why)
{
    struct mv_rollover_action *action = add(d, MV_DEED_MOVE, &entry, why);

    action->from = from;
    action->when_secs = d->in->now_secs;
}

static int64_t within_cache(int64_t secs)
{
    return secs > MV_CACHE_MAX_SECS ? MV_CACHE_MAX_SECS : secs;
}

/* RFC 2308 5: what was answered before the key was there stays in caches for so long. */
static void note_caches(struct mv_key_entry *entry, const struct mv_key_view *view)
{
    if (view->looked)
        entry->cache_secs = within_cache(larger(entry->cache_secs, larger(view->negative_secs, view->before_secs)));
}

/* DNS gave no answer: that passes, or it does not. */
static void tell_of_silence(struct decider *d, const struct mv_key_entry *entry, const struct mv_key_view *view)
{
    int64_t since_secs = entry->sight_secs > 0 ? entry->sight_secs : entry->created_secs;
    int64_t patience_secs = MV_DNS_PATIENCE_SECS;

    if (d->in->preflight_secs > 0 && d->in->preflight_secs / 2 < patience_secs)
        patience_secs = d->in->preflight_secs / 2;
    add_because(d, d->in->now_secs - since_secs > patience_secs ? MV_DEED_ALARM : MV_DEED_WAIT, entry,
                "until every server of the zone answers", view->fault);
}

/* What comes between a key and its next step, but for time and the record itself. false when nothing does. */
static bool tell_of_hindrance(struct decider *d, const struct mv_key_entry *entry, const struct mv_key_view *view)
{
    if (view->unusable)
        add_because(d, MV_DEED_ALARM, entry, "its private key cannot be used", view->fault);
    else if (!view->looked)
        tell_of_silence(d, entry, view);
    return view->unusable || !view->looked;
}

static void retire(struct decider *d, struct mv_key_entry entry, const char *why)
{
    enum mv_key_state from = entry.state;

    entry.state = MV_KEY_RETIRING;
    entry.retiring_secs = d->in->now_secs;
    move(d, entry, from, why);
}

static void decide_created(struct decider *d, const struct mv_key_entry *entry, const struct mv_key_view *view)
{
    struct mv_key_entry updated = seen(d, entry, view);

    note_caches(&updated, view);
    if (all_show(view)) {
        if (entry->cache_secs == 0) /* nobody looked before it was there */
            updated.cache_secs = larger(updated.cache_secs, MV_CACHE_UNSEEN_SECS);
        updated.state = MV_KEY_PUBLISHED;
        updated.published_secs = d->in->now_secs;
        updated.usable_secs = d->in->now_secs + larger(updated.cache_secs, d->in->settings->publish_wait_secs);
        move(d, updated, MV_KEY_CREATED, "all servers of the zone show it");
        return;
    }
    /* stored before its record is published: what a cache may have kept until then */
    save(d, entry, &updated);
    if (tell_of_hindrance(d, &updated, view))
        return;
    if (is_automatic(d) ? is_denied(view) : view->shown == 0)
        add_because(d, MV_DEED_PUBLISH, &updated, "its record is not in DNS", view->fault);
    else
        add_because(d, MV_DEED_WAIT, &updated, "until all servers of the zone show it", view->fault);
}

static bool may_sign(const struct decider *d, const struct mv_key_entry *entry)
{
    return entry->type == MV_KEY_RSA || has_current(d, MV_KEY_RSA);
}

static void decide_published(struct decider *d, const struct mv_key_entry *entry, const struct mv_key_view *view)
{
    struct mv_key_entry updated = seen(d, entry, view);

    if (is_denied(view) && !view->unusable) {
        /* caches may now have learned that it is not there: all begins anew */
        note_caches(&updated, view);
        updated.state = MV_KEY_CREATED;
        updated.published_secs = updated.usable_secs = 0;
        move(d, updated, MV_KEY_PUBLISHED, "not every server of the zone shows it any more");
        return;
    }
    if (d->in->now_secs >= entry->usable_secs && all_show(view) && may_sign(d, entry)) {
        updated.state = MV_KEY_ACTIVE;
        updated.active_secs = d->in->now_secs;
        move(d, updated, MV_KEY_PUBLISHED, "all servers show it, and no cache can still say that it is not there");
        return;
    }
    save(d, entry, &updated);
    if (view->unusable)
        (void)tell_of_hindrance(d, &updated, view);
    else if (d->in->now_secs < entry->usable_secs)
        wait_until(d, &updated, entry->usable_secs, "until no cache can say any more that it is not there");
    else if (!all_show(view))
        tell_of_silence(d, &updated, view);
    else
        wait_until(d, &updated, 0, "until an RSA key of this host signs");
}

/* What is wrong with a record that has to be there, and what can be done about it. */
static void tell_of_record(struct decider *d, const struct mv_key_entry *entry, const struct mv_key_view *view)
{
    if (tell_of_hindrance(d, entry, view))
        return;
    if (is_denied(view))
        add_because(d, MV_DEED_ALARM, entry,
                    entry->state == MV_KEY_ACTIVE
                        ? "signs, but not every server of the zone shows it"
                        : "mail signed by it is in flight, but not every server of the zone shows it",
                    view->fault);
    else if (!all_show(view))
        tell_of_silence(d, entry, view);
    /* a record of somebody else's at its name is not overwritten */
    if (view->missing > 0 && view->other == 0 && view->revoked == 0)
        add_because(d, MV_DEED_PUBLISH, entry, "its record is not in DNS", view->fault);
}

static const char *reason_to_roll(const struct decider *d, const struct mv_key_entry *current)
{
    const struct mv_domain_settings *settings = d->in->settings;

    if (settings->roll_every_secs > 0 && d->in->now_secs - current->active_secs >= settings->roll_every_secs)
        return "the key in use has signed for long enough";
    if (current->type == MV_KEY_RSA && current->bits < settings->rsa_bits)
        return "the key in use is shorter than rsa_bits";
    return NULL;
}

static void decide_active(struct decider *d, const struct mv_key_entry *entry, const struct mv_key_view *view)
{
    struct mv_key_entry updated = seen(d, entry, view);
    size_t index = 0;
    const struct mv_key_entry *current = current_of(d, entry->type, &index);

    if (current != entry && all_show(&d->in->views[index])) {
        retire(d, updated, "a newer key signs");
        return;
    }
    if (d->in->configured && !is_wanted(d, entry->type) && has_current(d, MV_KEY_RSA)) {
        retire(d, updated, "key_types has no such keys any more");
        return;
    }
    save(d, entry, &updated);
    tell_of_record(d, &updated, view);
    if (current == entry && d->in->configured && d->in->settings->roll_every_secs > 0 && !is_pending(d, entry->type) &&
        reason_to_roll(d, entry) == NULL)
        wait_until(d, &updated, entry->active_secs + d->in->settings->roll_every_secs, "until the next key is made");
}

static void decide_retiring(struct decider *d, const struct mv_key_entry *entry, const struct mv_key_view *view)
{
    struct mv_key_entry updated = seen(d, entry, view);
    int64_t withdraw_secs = mv_rollover_withdraw_secs(d->in->settings, entry);

    if (d->in->now_secs < withdraw_secs) {
        save(d, entry, &updated);
        tell_of_record(d, &updated, view);
        wait_until(d, &updated, withdraw_secs, "until no mail signed by it is in flight");
        return;
    }
    if (is_gone(view)) {
        updated.state = MV_KEY_REVOKED;
        updated.revoked_secs = d->in->now_secs;
        move(d, updated, MV_KEY_RETIRING, "no server of the zone shows it any more");
        return;
    }
    save(d, entry, &updated);
    if (is_there(view))
        add(d, MV_DEED_WITHDRAW, &updated, "no mail signed by it is in flight");
    else
        tell_of_silence(d, &updated, view);
}

static void decide_entry(struct decider *d, const struct mv_key_entry *entry, const struct mv_key_view *view)
{
    bool begun = entry->state == MV_KEY_CREATED || entry->state == MV_KEY_PUBLISHED;

    if (begun && d->in->configured && !is_wanted(d, entry->type)) {
        retire(d, *entry, "key_types has no such keys any more");
        return;
    }
    switch (entry->state) {
    case MV_KEY_CREATED:
        decide_created(d, entry, view);
        return;
    case MV_KEY_PUBLISHED:
        decide_published(d, entry, view);
        return;
    case MV_KEY_ACTIVE:
        decide_active(d, entry, view);
        return;
    case MV_KEY_RETIRING:
        decide_retiring(d, entry, view);
        return;
    case MV_KEY_REVOKED:
        if (entry->has_key)
            add(d, MV_DEED_DESTROY, entry, "it is of no use any more");
        return;
    }
}

static void decide_new(struct decider *d, enum mv_key_type type)
{
    size_t index = 0;
    const struct mv_key_entry *current = current_of(d, type, &index);
    const char *why = current == NULL ? "the domain has no such key of this host" : reason_to_roll(d, current);

    if (is_wanted(d, type) && why != NULL && !is_pending(d, type))
        add(d, MV_DEED_CREATE, NULL, why)->type = type;
}

/* Something in the entry is later than now. */
static bool is_ahead(const struct decider *d, const struct mv_key_entry *entry)
{
    int64_t latest = larger(larger(entry->created_secs, entry->published_secs),
                            larger(larger(entry->active_secs, entry->retiring_secs),
                                   larger(entry->revoked_secs, entry->sight_secs)));

    return latest > d->in->now_secs + MV_CLOCK_SLACK_SECS;
}

static const struct mv_key_entry *from_the_future(const struct decider *d)
{
    for (size_t i = 0; i < d->in->entries.count; i++)
        if (is_ours(d, &d->in->entries.items[i]) && is_ahead(d, &d->in->entries.items[i]))
            return &d->in->entries.items[i];
    return NULL;
}

static void decide_all(struct decider *d)
{
    const struct mv_key_entry *ahead = from_the_future(d);

    if (ahead != NULL) {
        add(d, MV_DEED_ALARM, ahead, "what is stored is later than the clock of this host says: nothing is done");
        return;
    }
    for (size_t i = 0; i < d->in->entries.count; i++) {
        const struct mv_key_entry *entry = &d->in->entries.items[i];

        if (entry->interrupted)
            add(d, MV_DEED_DISCARD, entry, "its making was interrupted");
        else if (is_ours(d, entry))
            decide_entry(d, entry, &d->in->views[i]);
    }
    for (int type = 0; d->in->configured && type < KEY_TYPES; type++)
        decide_new(d, (enum mv_key_type)type);
}

enum mv_code mv_rollover_decide(struct mv_arena *arena, const struct mv_rollover *rollover,
                                struct mv_rollover_actions *actions_r)
{
    struct decider d = {.arena = arena, .in = rollover};

    decide_all(&d);
    *actions_r = (struct mv_rollover_actions){d.items, d.failed ? 0 : d.count};
    return d.failed ? MV_ERR_MEMORY : MV_OK;
}
