/* Keys and files that are not as they should be: mail waits, and the log says what to do. */
#include "tests/unit/signer_site.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define DOMAIN "example.org"
#define MESSAGE MV_BYTES("From: alice@example.org\r\nSubject: x\r\n\r\nhello\r\n")
#define NOBODY 65534
#define HOUR 3600
#define DAY 86400
#define MAX_KEYS 4
#define DEFERRAL "451 4.7.5 Your message was not sent because it cannot be signed at the moment; please try again later"

#define RSA(selector, state, sight, age) {DOMAIN, selector, "mx1", MV_KEY_RSA, state, sight, age, DAY}
#define ED(selector, state, sight, age) {DOMAIN, selector, "mx1", MV_KEY_ED25519, state, sight, age, DAY}

/* Which keys there are, and with which selectors it is signed; NULL: deferred. */
static const struct {
    const char *name;
    const char *config;
    struct site_key keys[MAX_KEYS];
    const char *selectors;
    const char *says; /* in the log */
} states[] = {
    {"both", "", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR), ED("e", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR)}, "r,e",
     "result=signed"},
    {"RSA alone", "", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR)}, "r", "result=signed"},
    {"Ed25519 alone", "", {ED("e", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR)}, "e",
     "result=signed: no RSA key signs beside this one"},
    {"in the course of a rollover", "",
     {RSA("old", MV_KEY_RETIRING, MV_SIGHT_SHOWN, HOUR), RSA("new", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR),
      RSA("next", MV_KEY_PUBLISHED, MV_SIGHT_SHOWN, HOUR), RSA("made", MV_KEY_CREATED, MV_SIGHT_UNKNOWN, 0)},
     "new", "result=signed"},
    {"the later one of two", "",
     {{DOMAIN, "a", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR, HOUR},
      {DOMAIN, "b", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR, DAY}}, "a", "result=signed"},
    {"the earlier one, where DNS does not show the later", "",
     {{DOMAIN, "a", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_MISSING, HOUR, HOUR},
      {DOMAIN, "b", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR, DAY}}, "b",
     "result=signed: key a: a name server of example.org does not show it"},
    {"our host's", "",
     {{DOMAIN, "other", "mx2", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR, HOUR},
      RSA("r", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR)}, "r", "result=signed"},
    {"seen two days ago", "", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 2 * DAY)}, "r", "result=signed"},
    {"seen long ago, and that is well", "preflight = 0s\n", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 900 * DAY)}, "r",
     "result=signed"},
    {"never seen, and that is well", "preflight = 0s\n", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_UNKNOWN, 0)}, "r",
     "result=signed"},
    {"Ed25519 is not shown beside RSA", "",
     {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR), ED("e", MV_KEY_ACTIVE, MV_SIGHT_OTHER, HOUR)}, "r",
     "result=signed: key e: a name server of example.org shows something else: \"mailvouch key check example.org\""},
    {"RSA is not shown beside Ed25519", "",
     {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_MISSING, HOUR), ED("e", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR)}, NULL,
     "result=deferred: key r: a name server of example.org does not show it: \"mailvouch key check example.org\""},
    {"missing", "", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_MISSING, HOUR)}, NULL, "key r: a name server of example.org does"},
    {"missing never signs", "preflight = 0s\n", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_MISSING, HOUR)}, NULL, "does not show"},
    {"another key is shown", "", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_OTHER, HOUR)}, NULL, "shows something else"},
    {"another never signs", "preflight = 0s\n", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_OTHER, HOUR)}, NULL,
     "shows something else"},
    {"DNS is down for days", "", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 2 * DAY + 1)}, NULL,
     "key r: DNS was not seen to show it in the last 48 hours ([sign] preflight): is the timer"},
    {"never seen", "", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_UNKNOWN, 0)}, NULL, "key r: DNS was not seen to show it"},
    {"Ed25519 alone, missing", "", {ED("e", MV_KEY_ACTIVE, MV_SIGHT_MISSING, HOUR)}, NULL, "key e: a name server"},
    {"no key", "", {{0}}, NULL, "example.org has no active key in /tmp/"},
    {"created", "", {RSA("r", MV_KEY_CREATED, MV_SIGHT_UNKNOWN, 0)}, NULL,
     "no key of example.org is active yet on host mx1: \"mailvouch key status example.org\" tells"},
    {"published", "", {RSA("r", MV_KEY_PUBLISHED, MV_SIGHT_SHOWN, HOUR)}, NULL, "is active yet on host mx1"},
    {"retiring", "", {RSA("r", MV_KEY_RETIRING, MV_SIGHT_SHOWN, HOUR)}, NULL, "has no active key"},
    {"revoked", "", {RSA("r", MV_KEY_REVOKED, MV_SIGHT_MISSING, HOUR)}, NULL, "has no active key"},
    {"another host's", "", {{DOMAIN, "r", "mx2", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR, HOUR}}, NULL,
     "example.org has no key of host mx1, only of others such as mx2: \"mailvouch key new example.org\""},
    {"missing, and mail is to be sent", "on_error = send\n", {RSA("r", MV_KEY_ACTIVE, MV_SIGHT_MISSING, HOUR)}, "",
     "domain=example.org result=unsigned: key r: a name server"},
    {"no key, and mail is to be sent", "on_error = send\n", {{0}}, "", "result=unsigned: example.org has no active"},
};

static const struct site_result *sign_at(int64_t now_secs)
{
    struct mv_sign_request request = {.user = MV_BYTES("alice@example.org"), .now_secs = now_secs};

    return site_sign(&request, MESSAGE, 0);
}

static void configure(const char *more)
{
    char text[1200];

    snprintf(text, sizeof text, "domains = " DOMAIN "\n%s", more);
    site_configure(text);
}

START_TEST(test_states)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        const struct site_result *result;

        site_begin();
        for (size_t k = 0; k < MAX_KEYS && states[i].keys[k].domain != NULL; k++)
            site_add_key(&states[i].keys[k], SITE_NOW_SECS);
        configure(states[i].config);
        result = sign_at(SITE_NOW_SECS);
        if (states[i].selectors == NULL) {
            ck_assert_msg(result->action == MV_SIGN_DEFERRED, "%s: %s", states[i].name, result->log);
            ck_assert_str_eq(result->reply, DEFERRAL);
        } else {
            ck_assert_msg(mv_bytes_equal(result->selectors, mv_bytes_str(states[i].selectors)), "%s: %s",
                          states[i].name, result->log);
            ck_assert_msg(result->action == (*states[i].selectors == '\0' ? MV_SIGN_UNSIGNED : MV_SIGN_SIGNED),
                          "%s: %s", states[i].name, result->log);
        }
        ck_assert_msg(strstr(result->log, states[i].says) != NULL, "%s: %s", states[i].name, result->log);
        site_end();
    }
}
END_TEST

static void chmod_to(const char *name, unsigned mode)
{
    ck_assert_msg(chmod(site_path(name), mode) == 0, "%s: %s", name, strerror(errno));
}

static void expect_deferred(const char *name, int64_t now_secs, const char *says)
{
    const struct site_result *result = sign_at(now_secs);

    ck_assert_msg(result->action == MV_SIGN_DEFERRED, "%s: %s", name, result->log);
    ck_assert_str_eq(result->reply, DEFERRAL);
    ck_assert_msg(strstr(result->log, says) != NULL, "%s: %s", name, result->log);
    ck_assert_uint_eq(result->fields.len, 0);
}

static void expect_signed(const char *name, int64_t now_secs, const char *selectors)
{
    const struct site_result *result = sign_at(now_secs);

    ck_assert_msg(result->action == MV_SIGN_SIGNED, "%s: %s", name, result->log);
    ck_assert_msg(mv_bytes_equal(result->selectors, mv_bytes_str(selectors)), "%s: %s", name, result->log);
}

static const struct site_key good = RSA("r", MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR);

/* Each is repaired without touching the directory, and without a restart. */
START_TEST(test_key_files)
{
    site_begin();
    site_add_key(&good, SITE_NOW_SECS);
    configure("");
    expect_signed("good", SITE_NOW_SECS, "r");
    chmod_to("keys/example.org/r.pem", 0644);
    expect_deferred("everybody may read it", SITE_NOW_SECS, "/r.pem: everybody may read this private key");
    chmod_to("keys/example.org/r.pem", 0660);
    expect_deferred("the group may write it", SITE_NOW_SECS, "/r.pem: others may write it");
    chmod_to("keys/example.org/r.pem", 0640);
    expect_signed("repaired", SITE_NOW_SECS, "r");
    ck_assert_int_eq(rename(site_path("keys/example.org/r.pem"), site_path("keys/example.org/.gone")), 0);
    expect_deferred("gone", SITE_NOW_SECS, "/r.pem: cannot read it: No such file or directory: bring it back");
    site_write("keys/example.org/r.pem", "-----BEGIN NOTHING-----\n", 0640);
    expect_deferred("garbage", SITE_NOW_SECS, "/r.pem: is no private key that can be used");
    ck_assert_int_eq(rename(site_path("keys/example.org/.gone"), site_path("keys/example.org/r.pem")), 0);
    expect_signed("back", SITE_NOW_SECS, "r");
    site_write("keys/example.org/r.state", "garbage\n", 0640);
    expect_deferred("state is garbage", SITE_NOW_SECS, "/r.state");
    site_set_state(&good, SITE_NOW_SECS);
    expect_signed("state repaired", SITE_NOW_SECS, "r");
    chmod_to("keys/example.org", 0777);
    expect_deferred("everybody may put keys there", SITE_NOW_SECS, "others may put keys there");
    chmod_to("keys/example.org", 0750);
    expect_signed("directory repaired", SITE_NOW_SECS, "r");
    site_end();
}
END_TEST

/* Only root can become somebody who may not read; the other cases run for everybody. */
START_TEST(test_unreadable)
{
    if (geteuid() != 0)
        return;
    site_begin();
    site_add_key(&good, SITE_NOW_SECS);
    configure("");
    chmod_to("", 0755);
    chmod_to("keys", 0755);
    chmod_to("keys/example.org", 0755);
    chmod_to("keys/example.org/r.pem", 0600);
    ck_assert_int_eq(seteuid(NOBODY), 0);
    expect_deferred("not for this user", SITE_NOW_SECS, "/r.pem: user nobody may not read it: put the user into");
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chown(site_path("keys/example.org/r.pem"), NOBODY, 0), 0);
    expect_deferred("another owner", SITE_NOW_SECS, "/r.pem: belongs to user number 65534");
    ck_assert_int_eq(chown(site_path("keys/example.org/r.pem"), 0, 0), 0);
    expect_signed("repaired", SITE_NOW_SECS, "r");
    site_end();
}
END_TEST

/* Held parsed while the directory stays as it is, read anew when a key is rolled. */
START_TEST(test_held)
{
    static const struct site_key second = {DOMAIN, "s", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, HOUR, HOUR};
    struct site_key first = good;
    int64_t later = (int64_t)time(NULL) + 60; /* by then the directory has settled */

    site_begin();
    site_add_key(&first, later);
    configure("");
    expect_signed("first", later, "r");
    site_write("keys/example.org/r.pem", "written over in place: the directory does not change", 0640);
    expect_signed("held", later, "r");
    expect_deferred("its sight grows old", later + 3 * DAY, "DNS was not seen to show it");
    expect_signed("held still", later, "r");
    site_add_key(&second, later);
    expect_signed("rolled", later, "s");
    first.state = MV_KEY_RETIRING;
    site_set_state(&first, later);
    expect_signed("the first one retires", later, "s");
    ck_assert_int_eq(rename(site_path("keys/example.org"), site_path("keys/away")), 0);
    expect_deferred("directory gone", later, "has no active key");
    ck_assert_int_eq(rename(site_path("keys/away"), site_path("keys/example.org")), 0);
    expect_signed("directory back", later, "s");
    site_end();
}
END_TEST

static const struct {
    const char *name;
    const char *text; /* of the users_file; NULL: there is none */
    unsigned mode;
    const char *config;
    enum mv_sign_action action;
    const char *says;
} users_files[] = {
    {"permits", "alice@example.org: self\n", 0644, "users =\n", MV_SIGN_SIGNED, "result=signed"},
    {"permits beside users", "alice@example.org: example.org\n", 0644, "users = bob: self\n", MV_SIGN_SIGNED, ""},
    {"for another", "bob@example.org: self\n", 0644, "users =\n", MV_SIGN_REFUSED, "is for this login"},
    {"other address", "alice@example.org: sales@example.org\n", 0644, "users =\n", MV_SIGN_REFUSED, "lets this login"},
    {"fault of another", "bob: a..b\nalice@example.org: self\n", 0644, "users =\n", MV_SIGN_SIGNED, ""},
    {"fault of his", "bob: self\nalice@example.org: a..b\n", 0644, "users =\n", MV_SIGN_DEFERRED,
     "/users:2: is neither an address, a domain, self nor * (\"mailvouch config check\" reads all lines)"},
    {"fault of his, and mail is to be sent", "alice@example.org: a..b\n", 0644, "users =\non_error = send\n",
     MV_SIGN_UNSIGNED, "result=unsigned: /tmp/"},
    {"fault, but users permits", "alice@example.org: a..b\n", 0644, "", MV_SIGN_SIGNED, ""},
    {"missing", NULL, 0, "users =\n", MV_SIGN_DEFERRED, "/users: there is no such file"},
    {"missing, but users permits", NULL, 0, "", MV_SIGN_SIGNED, ""},
    {"everybody may write it", "alice@example.org: self\n", 0666, "users =\n", MV_SIGN_DEFERRED,
     "/users: everybody may write it"},
};

START_TEST(test_users_files)
{
    for (size_t i = 0; i < sizeof users_files / sizeof users_files[0]; i++) {
        const struct site_result *result;
        char text[1000];

        site_begin();
        site_add_key(&good, SITE_NOW_SECS);
        if (users_files[i].text != NULL)
            site_write("users", users_files[i].text, users_files[i].mode);
        snprintf(text, sizeof text, "users_file = %s\n%s", site_path("users"), users_files[i].config);
        configure(text);
        result = sign_at(SITE_NOW_SECS);
        ck_assert_msg(result->action == users_files[i].action, "%s: %s", users_files[i].name, result->log);
        ck_assert_msg(strstr(result->log, users_files[i].says) != NULL, "%s: %s", users_files[i].name, result->log);
        site_end();
    }
}
END_TEST

START_TEST(test_users_file_changes)
{
    int64_t later = (int64_t)time(NULL) + 60;
    char text[1000];

    site_begin();
    site_add_key(&good, later);
    site_write("users", "alice@example.org: self\n", 0644);
    snprintf(text, sizeof text, "users =\nusers_file = %s\n", site_path("users"));
    configure(text);
    expect_signed("permitted", later, "r");
    site_write("users", "bob: self\n", 0644);
    ck_assert_int_eq(sign_at(later)->action, MV_SIGN_REFUSED);
    ck_assert_int_eq(unlink(site_path("users")), 0);
    expect_deferred("gone", later, "there is no such file");
    site_write("users", "alice@example.org: self\n", 0644);
    expect_signed("back", later, "r");
    chmod_to("users", 0666);
    expect_deferred("everybody may write it now", later, "everybody may write it");
    site_end();
}
END_TEST

START_TEST(test_no_domains)
{
    site_begin();
    site_configure("");
    expect_deferred("no domains", SITE_NOW_SECS, "no domain of ours is configured: set domains in [sign]");
    site_configure("on_error = send\n");
    ck_assert_int_eq(sign_at(SITE_NOW_SECS)->action, MV_SIGN_UNSIGNED);
    site_end();
}
END_TEST

/* Times that no t= can hold are a fault of ours. */
START_TEST(test_time_out_of_bounds)
{
    site_begin();
    site_add_key(&good, SITE_NOW_SECS);
    configure("preflight = 0s\n");
    expect_deferred("before 1970", -1, "out of bounds");
    expect_deferred("too late", 1000000000000, "out of bounds");
    site_end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_states,      test_key_files,          test_unreadable, test_held,
                                  test_users_files, test_users_file_changes, test_no_domains, test_time_out_of_bounds};

    return unit_run("signer keys", tests, sizeof tests / sizeof tests[0]);
}
