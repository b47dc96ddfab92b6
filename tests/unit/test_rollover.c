/* What is to be done about keys, as a table: what is stored and seen, and the deeds that follow. */
#include <stdio.h>
#include <string.h>

#include "core/base/trace.h"
#include "core/ops/rollover.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (4 * 1024 * 1024)
#define MAX_KEYS 4
#define NOW 1000000000
#define HOUR 3600
#define DAY (24 * HOUR)

enum world { ALL, LAGS, NOWHERE, WILD, EMPTY, DUMB, HALF_DUMB, BLIND, BROKEN, BROKEN_THERE };

/* One line of a key: all times are relative to NOW, 0: not yet. */
struct key {
    char type; /* 'r', 'e'; 'R' and 'E': of another host; 'x': interrupted */
    enum mv_key_state state;
    enum world world;
    int64_t active, usable, retiring, sight;
};

struct row {
    const char *name;
    struct key keys[MAX_KEYS];
    const char *expected; /* deeds in order, with the number of the key */
};

static struct mv_domain_settings settings;

static struct mv_key_view view_of(enum world world)
{
    static const struct mv_key_view views[] = {
        [ALL] = {.looked = true, .servers = 3, .shown = 3, .negative_secs = 2 * HOUR},
        [LAGS] = {.looked = true, .servers = 3, .shown = 2, .missing = 1, .negative_secs = 2 * HOUR},
        [NOWHERE] = {.looked = true, .servers = 3, .missing = 3, .negative_secs = 2 * HOUR},
        [WILD] = {.looked = true, .servers = 3, .other = 3, .negative_secs = 2 * HOUR, .before_secs = DAY},
        [EMPTY] = {.looked = true, .servers = 3, .revoked = 3, .negative_secs = 2 * HOUR},
        [DUMB] = {.looked = false},
        [HALF_DUMB] = {.looked = true, .servers = 3, .shown = 2, .silent = 1, .negative_secs = 2 * HOUR},
        [BLIND] = {.looked = true, .servers = 3, .missing = 2, .silent = 1, .negative_secs = 2 * HOUR},
        [BROKEN] = {.looked = true, .servers = 3, .missing = 3, .unusable = true},
        [BROKEN_THERE] = {.looked = true, .servers = 3, .other = 3, .unusable = true},
    };

    return views[world];
}

static int64_t at(int64_t relative)
{
    return relative == 0 ? 0 : NOW + relative;
}

static struct mv_key_entry entry_of(const struct key *key, size_t index)
{
    static const char *const selectors[] = {"k0", "k1", "k2", "k3"};

    return (struct mv_key_entry){
        .domain = MV_BYTES("example.org"),
        .selector = mv_bytes_str(selectors[index]),
        .host = key->type == 'R' || key->type == 'E' ? MV_BYTES("mx2") : MV_BYTES("mx1"),
        .type = key->type == 'r' || key->type == 'R' ? MV_KEY_RSA : MV_KEY_ED25519,
        .bits = 2048,
        .state = key->state,
        .created_secs = key->state == MV_KEY_CREATED && key->sight == 0 ? NOW : NOW - 200 * DAY,
        .published_secs = key->state == MV_KEY_CREATED ? 0 : NOW - 199 * DAY,
        .usable_secs = at(key->usable),
        .active_secs = at(key->active),
        .retiring_secs = at(key->retiring),
        .revoked_secs = key->state == MV_KEY_REVOKED ? NOW - DAY : 0,
        .sight = key->sight == 0 ? MV_SIGHT_UNKNOWN : MV_SIGHT_SHOWN,
        .sight_secs = at(key->sight),
        .has_key = true,
        .interrupted = key->type == 'x',
    };
}

static void put_action(const struct mv_rollover_action *action, struct mv_buf *out)
{
    mv_buf_puts(out, out->len == 0 ? "" : " ");
    mv_buf_puts(out, mv_deed_text(action->deed));
    if (action->deed == MV_DEED_CREATE)
        mv_buf_printf(out, ":%s", mv_key_type_text(action->type));
    else
        mv_buf_printf(out, ":%c", action->entry.selector.data[1]);
    if (action->deed == MV_DEED_MOVE)
        mv_buf_printf(out, ">%s", mv_key_state_text(action->entry.state));
    if (action->deed == MV_DEED_WAIT && action->when_secs > 0)
        mv_buf_printf(out, "@%lldh", (long long)(action->when_secs - NOW) / HOUR);
}

static void run_keys(const char *name, const struct key *keys, bool configured, int64_t now_secs, struct mv_buf *out)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_key_entry entries[MAX_KEYS];
    struct mv_key_view views[MAX_KEYS];
    struct mv_rollover in = {.host = MV_BYTES("mx1"), .settings = &settings, .configured = configured,
                             .preflight_secs = 2 * DAY, .now_secs = now_secs, .views = views};
    struct mv_rollover_actions actions;
    size_t count = 0;

    for (; count < MAX_KEYS && keys[count].type != '\0'; count++) {
        entries[count] = entry_of(&keys[count], count);
        views[count] = view_of(keys[count].world);
    }
    in.entries = (struct mv_key_entries){entries, count};
    ck_assert_msg(mv_rollover_decide(arena, &in, &actions) == MV_OK, "%s", name);
    for (size_t i = 0; i < actions.count; i++)
        put_action(&actions.items[i], out);
    mv_arena_free(&arena);
}

static void set_settings(enum mv_publish_mode publish)
{
    settings = (struct mv_domain_settings){
        .name = MV_BYTES("example.org"),
        .expire_secs = 10 * DAY,
        .key_types = MV_KEY_TYPES_BOTH,
        .rsa_bits = 2048,
        .roll_every_secs = 90 * DAY,
        .publish_wait_secs = HOUR,
        .retire_after_secs = 14 * DAY,
        .publish = publish,
    };
}

static void check_rows(const struct row *rows, size_t count, bool configured)
{
    for (size_t i = 0; i < count; i++) {
        struct mv_buf out;

        mv_buf_init(&out, 4096);
        run_keys(rows[i].name, rows[i].keys, configured, NOW, &out);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(rows[i].expected)), "%s: '%.*s' not '%s'",
                      rows[i].name, MV_ARG(mv_buf_bytes(&out)), rows[i].expected);
        mv_buf_free(&out);
    }
}

/* A pair that signs and has nothing to do. */
#define QUIET(type) {type, MV_KEY_ACTIVE, ALL, -10 * DAY, 0, 0, -HOUR}
#define QUIET_PAIR QUIET('e'), QUIET('r')

static const struct row automatic[] = {
    {"nothing yet", {{0}}, "create:rsa create:ed25519"},
    {"just made", {{'e', MV_KEY_CREATED, DUMB, 0, 0, 0, 0}, {'r', MV_KEY_CREATED, DUMB, 0, 0, 0, 0}},
     "wait:0 wait:1"},
    {"not in DNS", {{'e', MV_KEY_CREATED, NOWHERE, 0, 0, 0, -HOUR}, QUIET('r')}, "save:0 publish:0 save:1 wait:1@1920h"},
    {"a secondary lags", {{'e', MV_KEY_CREATED, LAGS, 0, 0, 0, -HOUR}, QUIET('r')},
     "save:0 publish:0 save:1 wait:1@1920h"},
    {"a wildcard answers", {{'e', MV_KEY_CREATED, WILD, 0, 0, 0, -HOUR}, QUIET('r')},
     "save:0 publish:0 save:1 wait:1@1920h"},
    {"one server is silent", {{'e', MV_KEY_CREATED, HALF_DUMB, 0, 0, 0, -HOUR}, QUIET('r')},
     "save:0 wait:0 save:1 wait:1@1920h"},
    {"DNS is away", {{'e', MV_KEY_CREATED, DUMB, 0, 0, 0, -HOUR}, QUIET('r')}, "wait:0 save:1 wait:1@1920h"},
    {"DNS is away for long", {{'e', MV_KEY_CREATED, DUMB, 0, 0, 0, -2 * DAY}, QUIET('r')},
     "alarm:0 save:1 wait:1@1920h"},
    {"all show it", {{'e', MV_KEY_CREATED, ALL, 0, 0, 0, -HOUR}, QUIET('r')}, "move:0>published save:1 wait:1@1920h"},
    {"its private key is gone", {{'e', MV_KEY_CREATED, BROKEN, 0, 0, 0, -HOUR}, QUIET('r')},
     "alarm:0 save:1 wait:1@1920h"},
    {"published, caches may not know", {{'e', MV_KEY_PUBLISHED, ALL, 0, HOUR, 0, -HOUR}, QUIET('r')},
     "save:0 wait:0@1h save:1 wait:1@1920h"},
    {"published, one second early", {{'e', MV_KEY_PUBLISHED, ALL, 0, 1, 0, -HOUR}, QUIET('r')},
     "save:0 wait:0@0h save:1 wait:1@1920h"},
    {"published, time is up", {{'e', MV_KEY_PUBLISHED, ALL, 0, -1, 0, -HOUR}, QUIET('r')},
     "move:0>active save:1 wait:1@1920h"},
    {"published, time is up, one server is silent", {{'e', MV_KEY_PUBLISHED, HALF_DUMB, 0, -1, 0, -HOUR}, QUIET('r')},
     "wait:0 save:1 wait:1@1920h"},
    {"published, time is up, DNS is away", {{'e', MV_KEY_PUBLISHED, DUMB, 0, -1, 0, -HOUR}, QUIET('r')},
     "wait:0 save:1 wait:1@1920h"},
    {"published, and gone again", {{'e', MV_KEY_PUBLISHED, LAGS, 0, -1, 0, -HOUR}, QUIET('r')},
     "move:0>created save:1 wait:1@1920h"},
    {"published, and replaced", {{'e', MV_KEY_PUBLISHED, WILD, 0, HOUR, 0, -HOUR}, QUIET('r')},
     "move:0>created save:1 wait:1@1920h"},
    {"published, and emptied", {{'e', MV_KEY_PUBLISHED, EMPTY, 0, HOUR, 0, -HOUR}, QUIET('r')},
     "move:0>created save:1 wait:1@1920h"},
    {"published, private key gone", {{'e', MV_KEY_PUBLISHED, BROKEN_THERE, 0, -1, 0, -HOUR}, QUIET('r')},
     "alarm:0 save:1 wait:1@1920h"},
    {"RFC 8463: never Ed25519 alone",
     {{'e', MV_KEY_PUBLISHED, ALL, 0, -1, 0, -HOUR}, {'r', MV_KEY_PUBLISHED, ALL, 0, HOUR, 0, -HOUR}},
     "save:0 wait:0 save:1 wait:1@1h"},
    {"the RSA key of another host does not count",
     {{'e', MV_KEY_PUBLISHED, ALL, 0, -1, 0, -HOUR}, {'r', MV_KEY_PUBLISHED, ALL, 0, HOUR, 0, -HOUR},
      {'R', MV_KEY_ACTIVE, ALL, -DAY, 0, 0, -HOUR}}, "save:0 wait:0 save:1 wait:1@1h"},
    {"RSA may be alone",
     {{'e', MV_KEY_PUBLISHED, ALL, 0, HOUR, 0, -HOUR}, {'r', MV_KEY_PUBLISHED, ALL, 0, -1, 0, -HOUR}},
     "save:0 wait:0@1h move:1>active"},
    {"all is well", {QUIET_PAIR}, "save:0 wait:0@1920h save:1 wait:1@1920h"},
    {"another host's keys are left alone",
     {{'E', MV_KEY_ACTIVE, NOWHERE, -200 * DAY, 0, 0, -HOUR}, {'R', MV_KEY_CREATED, NOWHERE, 0, 0, 0, -HOUR}},
     "create:rsa create:ed25519"},
    {"time to roll", {QUIET('e'), {'r', MV_KEY_ACTIVE, ALL, -90 * DAY, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 create:rsa"},
    {"an hour before", {QUIET('e'), {'r', MV_KEY_ACTIVE, ALL, -90 * DAY + HOUR, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1h"},
    {"time to roll, and one is on the way",
     {QUIET('e'), {'r', MV_KEY_ACTIVE, ALL, -91 * DAY, 0, 0, -HOUR}, {'r', MV_KEY_CREATED, LAGS, 0, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 save:2 publish:2"},
    {"the newer key signs: the older one stops",
     {QUIET('e'), {'r', MV_KEY_ACTIVE, ALL, -91 * DAY, 0, 0, -HOUR}, {'r', MV_KEY_ACTIVE, ALL, -1, 0, 0, -HOUR}},
     "save:0 wait:0@1920h move:1>retiring save:2 wait:2@2159h"},
    {"the newer key has gone from DNS: the older one goes on",
     {QUIET('e'), {'r', MV_KEY_ACTIVE, ALL, -91 * DAY, 0, 0, -HOUR}, {'r', MV_KEY_ACTIVE, LAGS, -1, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 save:2 alarm:2 publish:2 wait:2@2159h"},
    {"the newer key cannot be seen: the older one goes on",
     {QUIET('e'), {'r', MV_KEY_ACTIVE, ALL, -91 * DAY, 0, 0, -HOUR}, {'r', MV_KEY_ACTIVE, HALF_DUMB, -1, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:2 wait:2@2159h"},
    {"active, and gone from one server", {QUIET('e'), {'r', MV_KEY_ACTIVE, LAGS, -DAY, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 alarm:1 publish:1 wait:1@2136h"},
    {"active, and another record in its place", {QUIET('e'), {'r', MV_KEY_ACTIVE, WILD, -DAY, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 alarm:1 wait:1@2136h"},
    {"active, and emptied", {QUIET('e'), {'r', MV_KEY_ACTIVE, EMPTY, -DAY, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 alarm:1 wait:1@2136h"},
    {"active, gone from one and silent another", {QUIET('e'), {'r', MV_KEY_ACTIVE, BLIND, -DAY, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 alarm:1 publish:1 wait:1@2136h"},
    {"active, DNS is away", {QUIET('e'), {'r', MV_KEY_ACTIVE, DUMB, -DAY, 0, 0, -HOUR}},
     "save:0 wait:0@1920h wait:1 wait:1@2136h"},
    {"active, DNS is away for half of preflight", {QUIET('e'), {'r', MV_KEY_ACTIVE, DUMB, -9 * DAY, 0, 0, -DAY - 1}},
     "save:0 wait:0@1920h alarm:1 wait:1@1944h"},
    {"active, private key gone", {QUIET('e'), {'r', MV_KEY_ACTIVE, BROKEN_THERE, -DAY, 0, 0, -HOUR}},
     "save:0 wait:0@1920h alarm:1 wait:1@2136h"},
    {"retiring, mail in flight", {QUIET_PAIR, {'r', MV_KEY_RETIRING, ALL, -99 * DAY, 0, -23 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h save:2 wait:2@24h"},
    {"retiring, and gone too early", {QUIET_PAIR, {'r', MV_KEY_RETIRING, NOWHERE, -99 * DAY, 0, -23 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h save:2 alarm:2 publish:2 wait:2@24h"},
    {"retiring, time is up", {QUIET_PAIR, {'r', MV_KEY_RETIRING, ALL, -99 * DAY, 0, -24 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h save:2 withdraw:2"},
    {"retiring, one second early", {QUIET_PAIR, {'r', MV_KEY_RETIRING, ALL, -99 * DAY, 0, 1 - 24 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h save:2 wait:2@0h"},
    {"withdrawn, a secondary lags", {QUIET_PAIR, {'r', MV_KEY_RETIRING, LAGS, -99 * DAY, 0, -25 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h save:2 withdraw:2"},
    {"withdrawn, one server is silent", {QUIET_PAIR, {'r', MV_KEY_RETIRING, BLIND, -99 * DAY, 0, -25 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h save:2 wait:2"},
    {"withdrawn, DNS is away", {QUIET_PAIR, {'r', MV_KEY_RETIRING, DUMB, -99 * DAY, 0, -25 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h wait:2"},
    {"withdrawn everywhere", {QUIET_PAIR, {'r', MV_KEY_RETIRING, NOWHERE, -99 * DAY, 0, -25 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h move:2>revoked"},
    {"emptied everywhere", {QUIET_PAIR, {'r', MV_KEY_RETIRING, EMPTY, -99 * DAY, 0, -25 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h move:2>revoked"},
    {"a wildcard is left", {QUIET_PAIR, {'r', MV_KEY_RETIRING, WILD, -99 * DAY, 0, -25 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h move:2>revoked"},
    {"private key gone, a record is there",
     {QUIET_PAIR, {'r', MV_KEY_RETIRING, BROKEN_THERE, -99 * DAY, 0, -25 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h withdraw:2"},
    {"private key gone, no record", {QUIET_PAIR, {'r', MV_KEY_RETIRING, BROKEN, -99 * DAY, 0, -25 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h move:2>revoked"},
    {"given up before it signed", {QUIET_PAIR, {'r', MV_KEY_RETIRING, LAGS, 0, 0, -1, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h save:2 withdraw:2"},
    {"revoked", {QUIET_PAIR, {'r', MV_KEY_REVOKED, DUMB, -99 * DAY, 0, -50 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h destroy:2"},
    {"interrupted", {QUIET_PAIR, {'x', MV_KEY_CREATED, DUMB, 0, 0, 0, 0}},
     "save:0 wait:0@1920h save:1 wait:1@1920h discard:2"},
    {"the clock went back", {QUIET('e'), {'r', MV_KEY_ACTIVE, ALL, HOUR, 0, 0, -HOUR}}, "alarm:1"},
    {"the clock went back a little", {QUIET('e'), {'r', MV_KEY_ACTIVE, ALL, 200, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@2160h"},
};

static const struct row manual[] = {
    {"not in DNS", {{'e', MV_KEY_CREATED, NOWHERE, 0, 0, 0, -HOUR}, QUIET('r')}, "save:0 publish:0 save:1 wait:1@1920h"},
    {"a secondary lags: nothing for a person to do", {{'e', MV_KEY_CREATED, LAGS, 0, 0, 0, -HOUR}, QUIET('r')},
     "save:0 wait:0 save:1 wait:1@1920h"},
    {"gone while it signs", {QUIET('e'), {'r', MV_KEY_ACTIVE, NOWHERE, -DAY, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 alarm:1 publish:1 wait:1@2136h"},
    {"time is up", {QUIET_PAIR, {'r', MV_KEY_RETIRING, ALL, -99 * DAY, 0, -24 * DAY, -HOUR}},
     "save:0 wait:0@1920h save:1 wait:1@1920h save:2 withdraw:2"},
};

static const struct row unconfigured[] = {
    {"nothing yet", {{0}}, ""},
    {"old keys go on", {{'r', MV_KEY_ACTIVE, ALL, -500 * DAY, 0, 0, -HOUR}}, "save:0"},
    {"what retires is withdrawn", {{'r', MV_KEY_RETIRING, ALL, -99 * DAY, 0, -24 * DAY, -HOUR}}, "save:0 withdraw:0"},
};

static const struct row rsa_alone[] = {
    {"nothing yet", {{0}}, "create:rsa"},
    {"Ed25519 keys stop", {QUIET_PAIR}, "move:0>retiring save:1 wait:1@1920h"},
    {"those that were begun too", {{'e', MV_KEY_CREATED, NOWHERE, 0, 0, 0, -HOUR}, QUIET('r')},
     "move:0>retiring save:1 wait:1@1920h"},
    {"but not while nothing else signs", {QUIET('e'), {'r', MV_KEY_CREATED, LAGS, 0, 0, 0, -HOUR}},
     "save:0 wait:0@1920h save:1 publish:1"},
};

START_TEST(test_automatic)
{
    set_settings(MV_PUBLISH_NSUPDATE);
    check_rows(automatic, sizeof automatic / sizeof *automatic, true);
    set_settings(MV_PUBLISH_HOOK);
    check_rows(automatic, sizeof automatic / sizeof *automatic, true);
}
END_TEST

START_TEST(test_manual)
{
    set_settings(MV_PUBLISH_MANUAL);
    check_rows(manual, sizeof manual / sizeof *manual, true);
}
END_TEST

START_TEST(test_unconfigured)
{
    set_settings(MV_PUBLISH_NSUPDATE);
    check_rows(unconfigured, sizeof unconfigured / sizeof *unconfigured, false);
}
END_TEST

START_TEST(test_rsa_alone)
{
    set_settings(MV_PUBLISH_NSUPDATE);
    settings.key_types = MV_KEY_TYPES_RSA;
    check_rows(rsa_alone, sizeof rsa_alone / sizeof *rsa_alone, true);
}
END_TEST

START_TEST(test_settings)
{
    static const struct row longer = {"longer keys", {QUIET_PAIR}, "save:0 wait:0@1920h save:1 create:rsa"};
    static const struct row never = {"never", {{'e', MV_KEY_ACTIVE, ALL, -999 * DAY, 0, 0, -HOUR},
                                               {'r', MV_KEY_ACTIVE, ALL, -999 * DAY, 0, 0, -HOUR}}, "save:0 save:1"};
    static const struct row for_ever = {
        "signatures that hold for ever", {QUIET_PAIR, {'r', MV_KEY_RETIRING, ALL, -99 * DAY, 0, -13 * DAY, -HOUR}},
        "save:0 wait:0@1920h save:1 wait:1@1920h save:2 wait:2@24h"};

    set_settings(MV_PUBLISH_NSUPDATE);
    settings.rsa_bits = 3072;
    check_rows(&longer, 1, true);
    set_settings(MV_PUBLISH_NSUPDATE);
    settings.roll_every_secs = 0;
    check_rows(&never, 1, true);
    set_settings(MV_PUBLISH_NSUPDATE);
    settings.expire_secs = 0;
    check_rows(&for_ever, 1, true);
}
END_TEST

/* How long caches may say something else, and that it is not forgotten from one look to the next. */
static const struct {
    const char *name;
    enum world world;
    int64_t remembered;
    int64_t publish_wait;
    int64_t usable; /* from NOW */
} waits[] = {
    {"never looked at before", ALL, 0, HOUR, DAY},
    {"negative answers (RFC 2308)", ALL, HOUR, HOUR, 2 * HOUR},
    {"the wait that is set", ALL, HOUR, 5 * HOUR, 5 * HOUR},
    {"a wildcard that was there", ALL, DAY, HOUR, DAY},
    {"longer than any cache keeps it", ALL, MV_CACHE_MAX_SECS + DAY, HOUR, MV_CACHE_MAX_SECS},
};

START_TEST(test_usable)
{
    set_settings(MV_PUBLISH_NSUPDATE);
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        struct mv_arena *arena = mv_arena_new(MAX_BYTES);
        struct key key = {'r', MV_KEY_CREATED, waits[i].world, 0, 0, 0, -HOUR};
        struct mv_key_entry entry = entry_of(&key, 0);
        struct mv_key_view view = view_of(waits[i].world);
        struct mv_rollover in = {.host = MV_BYTES("mx1"), .settings = &settings, .configured = true, .now_secs = NOW,
                                 .entries = {&entry, 1}, .views = &view};
        struct mv_rollover_actions actions;

        settings.publish_wait_secs = (unsigned)waits[i].publish_wait;
        entry.cache_secs = waits[i].remembered;
        ck_assert_int_eq(mv_rollover_decide(arena, &in, &actions), MV_OK);
        ck_assert_int_eq(actions.items[0].deed, MV_DEED_MOVE);
        ck_assert_msg(actions.items[0].entry.usable_secs - NOW == waits[i].usable, "%s: %lld", waits[i].name,
                      (long long)(actions.items[0].entry.usable_secs - NOW));
        ck_assert_int_eq(actions.items[0].entry.published_secs, NOW);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(test_what_was_there_is_remembered)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct key key = {'r', MV_KEY_CREATED, WILD, 0, 0, 0, 0};
    struct mv_key_entry entry = entry_of(&key, 0);
    struct mv_key_view view = view_of(WILD);
    struct mv_rollover in = {.host = MV_BYTES("mx1"), .settings = &settings, .configured = true, .now_secs = NOW,
                             .entries = {&entry, 1}, .views = &view};
    struct mv_rollover_actions actions;

    set_settings(MV_PUBLISH_NSUPDATE);
    ck_assert_int_eq(mv_rollover_decide(arena, &in, &actions), MV_OK);
    ck_assert(actions.items[0].deed == MV_DEED_SAVE && actions.items[0].entry.cache_secs == DAY);
    ck_assert(actions.items[0].entry.sight == MV_SIGHT_OTHER && actions.items[0].entry.sight_secs == NOW);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_sight)
{
    static const enum mv_key_sight sights[] = {
        [ALL] = MV_SIGHT_SHOWN,     [LAGS] = MV_SIGHT_MISSING,      [NOWHERE] = MV_SIGHT_MISSING,
        [WILD] = MV_SIGHT_OTHER,    [EMPTY] = MV_SIGHT_OTHER,       [DUMB] = MV_SIGHT_UNKNOWN,
        [BLIND] = MV_SIGHT_MISSING, [HALF_DUMB] = MV_SIGHT_UNKNOWN, [BROKEN] = MV_SIGHT_UNKNOWN,
        [BROKEN_THERE] = MV_SIGHT_UNKNOWN,
    };

    for (int world = ALL; world <= BROKEN_THERE; world++) {
        struct mv_key_view view = view_of((enum world)world);

        ck_assert_msg(mv_key_view_sight(&view) == sights[world], "world %d", world);
    }
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_arena *arena = mv_arena_new(0);
    struct mv_rollover in = {.host = MV_BYTES("mx1"), .settings = &settings, .configured = true, .now_secs = NOW};
    struct mv_rollover_actions actions;

    set_settings(MV_PUBLISH_NSUPDATE);
    ck_assert_int_eq(mv_rollover_decide(arena, &in, &actions), MV_ERR_MEMORY);
    ck_assert_int_eq(actions.count, 0);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_automatic, test_manual, test_unconfigured, test_rsa_alone, test_settings,
                                  test_usable, test_what_was_there_is_remembered, test_sight, test_no_memory};

    return unit_run("rollover", tests, sizeof tests / sizeof *tests);
}
