/*
 * Hundreds of generated lives of keys, in a world with servers that lag, are silent or go back to an older zone, a
 * wildcard, caches that keep as long as they may, and runs that are killed between any two deeds.  What must hold:
 *
 *   - no key signs before every cache in the world has to show it;
 *   - no key counts as revoked while a server shows it;
 *   - no record is asked to be withdrawn while mail signed by its key may be under way;
 *   - once there was an RSA key that signs, there always is one, and no Ed25519 key signs without one;
 *   - keys do roll, and old ones do end.
 */
#include <stdio.h>
#include <string.h>

#include "core/ops/rollover.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (1024 * 1024)
#define WORLDS 400
#define LIFE_DAYS 150
#define MAX_KEYS 64
#define MAX_SERVERS 4
#define NEVER INT64_MAX
/* Check's own macros write to a file each time. */
#define REQUIRE(holds, ...)          \
    do {                             \
        if (!(holds))                \
            ck_abort_msg(__VA_ARGS__); \
    } while (0)
#define MINUTE 60
#define HOUR 3600
#define DAY (24 * HOUR)
#define BEGIN 1000000000

/* One record at one server. */
struct showing {
    int64_t from, until;   /* in these it is shown */
    int64_t gap_from, gap_until; /* but not in these: the server goes back to an older zone */
};

struct sim_key {
    struct mv_key_entry entry;
    char selector[16];
    struct showing at[MAX_SERVERS];
    int64_t last_signature;
    bool asked_for;  /* PUBLISH was done */
    bool withdrawn;
};

struct world {
    unsigned seed;
    uint64_t state;
    int64_t now;
    struct mv_domain_settings settings;
    size_t servers;
    int64_t negative_secs;
    int64_t wildcard_secs; /* 0: there is none */
    int64_t last_run;
    struct sim_key keys[MAX_KEYS];
    size_t key_count;
    bool has_signed;
};

static unsigned draw(struct world *w, unsigned below)
{
    w->state = w->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(w->state >> 33) % below;
}

static bool is_shown(const struct showing *showing, int64_t time)
{
    return time >= showing->from && time < showing->until &&
           !(time >= showing->gap_from && time < showing->gap_until);
}

/* The last moment up to now when this server did not show it, or a time before the world when it always has. */
static int64_t last_lack(const struct showing *showing, int64_t now)
{
    if (!is_shown(showing, now))
        return now;
    return now >= showing->gap_until ? showing->gap_until - 1 : showing->from - 1;
}

static int64_t kept_secs(const struct world *w)
{
    return w->wildcard_secs > w->negative_secs ? w->wildcard_secs : w->negative_secs;
}

static struct mv_key_view look(struct world *w, const struct sim_key *key)
{
    struct mv_key_view view = {.servers = (unsigned)w->servers};
    bool dns_is_away = draw(w, 40) == 0;

    for (size_t i = 0; i < w->servers; i++) {
        if (dns_is_away || draw(w, 60) == 0) {
            view.silent++;
            continue;
        }
        view.looked = true;
        view.negative_secs = w->negative_secs;
        if (is_shown(&key->at[i], w->now)) {
            view.shown++;
        } else if (w->wildcard_secs > 0) {
            view.other++;
            view.before_secs = w->wildcard_secs;
        } else {
            view.missing++;
        }
    }
    return view.looked ? view : (struct mv_key_view){.looked = false};
}

static void publish(struct world *w, struct sim_key *key)
{
    if (key->asked_for)
        return;
    key->asked_for = true;
    for (size_t i = 0; i < w->servers; i++) {
        struct showing *showing = &key->at[i];

        showing->from = w->now + 1 + (draw(w, 3) == 0 ? draw(w, 9 * HOUR) : draw(w, 10 * MINUTE));
        /* long enough to be seen: some runs are killed, and some have no answer */
        if (draw(w, 10) == 0) {
            showing->gap_from = showing->from + draw(w, 8 * HOUR);
            showing->gap_until = showing->gap_from + 30 * HOUR + draw(w, 12 * HOUR);
        }
    }
}

static void withdraw(struct world *w, struct sim_key *key)
{
    REQUIRE(key->last_signature == 0 ||
                      w->now >= key->last_signature + w->settings.retire_after_secs + w->settings.expire_secs,
                  "world %u: %s is withdrawn %lld s after its last signature", w->seed, key->selector,
                  (long long)(w->now - key->last_signature));
    if (key->withdrawn)
        return;
    key->withdrawn = true;
    for (size_t i = 0; i < w->servers; i++)
        key->at[i].until = w->now + 1 + draw(w, 9 * HOUR);
}

static void create(struct world *w, enum mv_key_type type)
{
    struct sim_key *key = &w->keys[w->key_count];

    REQUIRE(w->key_count < MAX_KEYS, "world %u: too many keys", w->seed);
    *key = (struct sim_key){.entry = {.domain = MV_BYTES("example.org"), .host = MV_BYTES("mx1"), .type = type,
                                      .bits = 2048, .state = MV_KEY_CREATED, .created_secs = w->now, .has_key = true}};
    snprintf(key->selector, sizeof key->selector, "k%03zu", w->key_count);
    key->entry.selector = mv_bytes_str(key->selector);
    for (size_t i = 0; i < w->servers; i++)
        key->at[i] = (struct showing){NEVER, NEVER, NEVER, NEVER};
    w->key_count++;
}

/* A server that loses a key which signs already is an accident that nobody can foresee. */
static void check_may_sign(const struct world *w, const struct sim_key *key)
{
    for (size_t i = 0; i < w->servers; i++) {
        struct showing showing = key->at[i];

        if (showing.gap_from >= key->entry.active_secs)
            showing.gap_from = showing.gap_until = NEVER;
        REQUIRE(w->now >= last_lack(&showing, w->now) + kept_secs(w),
                      "world %u: %s signs while a cache may say that it is not there (server %zu)", w->seed,
                      key->selector, i);
    }
}

static struct sim_key *key_of(struct world *w, const struct mv_key_entry *entry)
{
    for (size_t i = 0; i < w->key_count; i++)
        if (mv_bytes_equal(w->keys[i].entry.selector, entry->selector))
            return &w->keys[i];
    return NULL;
}

static void store(struct world *w, const struct mv_rollover_action *action)
{
    struct sim_key *key = key_of(w, &action->entry);

    key->entry = action->entry;
    key->entry.selector = mv_bytes_str(key->selector);
    if (action->deed == MV_DEED_MOVE && action->entry.state == MV_KEY_ACTIVE)
        check_may_sign(w, key);
    for (size_t i = 0; action->deed == MV_DEED_MOVE && action->entry.state == MV_KEY_REVOKED && i < w->servers; i++)
        REQUIRE(!is_shown(&key->at[i], w->now), "world %u: %s is revoked, and server %zu shows it", w->seed,
                key->selector, i);
}

/* Between any two deeds messages are signed. */
static void sign_with_all(struct world *w)
{
    unsigned rsa = 0, ed25519 = 0;

    for (size_t i = 0; i < w->key_count; i++) {
        struct sim_key *key = &w->keys[i];

        if (key->entry.state != MV_KEY_ACTIVE)
            continue;
        check_may_sign(w, key);
        key->last_signature = w->now;
        rsa += key->entry.type == MV_KEY_RSA;
        ed25519 += key->entry.type == MV_KEY_ED25519;
    }
    w->has_signed = w->has_signed || rsa > 0;
    REQUIRE(rsa > 0 || !w->has_signed, "world %u: no RSA key signs any more", w->seed);
    REQUIRE(rsa > 0 || ed25519 == 0, "world %u: Ed25519 alone", w->seed);
}

static void do_deed(struct world *w, const struct mv_rollover_action *action)
{
    switch (action->deed) {
    case MV_DEED_CREATE:
        create(w, action->type);
        break;
    case MV_DEED_SAVE:
    case MV_DEED_MOVE:
        store(w, action);
        break;
    case MV_DEED_PUBLISH:
        publish(w, key_of(w, &action->entry));
        break;
    case MV_DEED_WITHDRAW:
        withdraw(w, key_of(w, &action->entry));
        break;
    case MV_DEED_DESTROY:
        key_of(w, &action->entry)->entry.has_key = false;
        break;
    case MV_DEED_ALARM:
    case MV_DEED_WAIT:
    case MV_DEED_DISCARD:
        break;
    }
    sign_with_all(w);
}

/* One decision, of which *life deeds are done. true when there was a step among them. */
static bool one_pass(struct world *w, const struct mv_key_view *views, unsigned *life)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_key_entry entries[MAX_KEYS];
    struct mv_rollover in = {.host = MV_BYTES("mx1"), .settings = &w->settings, .configured = true,
                             .preflight_secs = 2 * DAY, .now_secs = w->now, .entries = {entries, w->key_count},
                             .views = views};
    struct mv_rollover_actions actions;
    bool stepped = false;

    for (size_t i = 0; i < w->key_count; i++)
        entries[i] = w->keys[i].entry;
    REQUIRE(mv_rollover_decide(arena, &in, &actions) == MV_OK, "world %u: no decision", w->seed);
    for (size_t i = 0; i < actions.count && *life > 0; i++, --*life) {
        do_deed(w, &actions.items[i]);
        stepped = stepped || actions.items[i].deed == MV_DEED_CREATE || actions.items[i].deed == MV_DEED_MOVE;
    }
    mv_arena_free(&arena);
    return stepped;
}

static void run(struct world *w)
{
    struct mv_key_view views[MAX_KEYS];
    unsigned life = draw(w, 4) == 0 ? draw(w, 6) : 1000;
    size_t known = 0;

    memset(views, 0, sizeof views);
    for (unsigned pass = 0; pass == 0 || life > 0; pass++) {
        REQUIRE(pass < 8, "world %u: comes to no rest", w->seed);
        for (; known < w->key_count; known++)
            if (w->keys[known].entry.state != MV_KEY_REVOKED)
                views[known] = look(w, &w->keys[known]);
        if (!one_pass(w, views, &life))
            return;
    }
}

static void begin(struct world *w, unsigned seed)
{
    static const int64_t negatives[] = {5 * MINUTE, HOUR, 3 * HOUR, DAY};

    *w = (struct world){.seed = seed, .state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1, .now = BEGIN};
    w->settings = (struct mv_domain_settings){.publish = MV_PUBLISH_NSUPDATE, .rsa_bits = 2048};
    w->settings.key_types = draw(w, 4) == 0 ? MV_KEY_TYPES_RSA : MV_KEY_TYPES_BOTH;
    w->settings.roll_every_secs = (10 + draw(w, 30)) * DAY;
    w->settings.publish_wait_secs = draw(w, 3) * HOUR;
    w->settings.retire_after_secs = (1 + draw(w, 14)) * DAY;
    w->settings.expire_secs = draw(w, 14) * DAY;
    w->servers = 1 + draw(w, MAX_SERVERS);
    w->negative_secs = negatives[draw(w, 4)];
    w->wildcard_secs = draw(w, 4) == 0 ? negatives[draw(w, 4)] : 0;
}

static size_t count_state(const struct world *w, enum mv_key_state state)
{
    size_t n = 0;

    for (size_t i = 0; i < w->key_count; i++)
        n += w->keys[i].entry.state == state;
    return n;
}

START_TEST(test_lives)
{
    static struct world w;
    size_t revoked = 0;

    for (unsigned seed = 1; seed <= WORLDS; seed++) {
        begin(&w, seed);
        while (w.now < BEGIN + (int64_t)LIFE_DAYS * DAY) {
            run(&w);
            w.now += 10 * MINUTE + draw(&w, 2 * HOUR);
            sign_with_all(&w);
        }
        REQUIRE(w.key_count >= 3 && count_state(&w, MV_KEY_ACTIVE) >= 1, "world %u: keys do not roll", seed);
        revoked += count_state(&w, MV_KEY_REVOKED);
    }
    REQUIRE(revoked > 2 * WORLDS, "only %zu keys ended", revoked);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_lives};

    return unit_run("rollover_property", tests, sizeof tests / sizeof *tests);
}
