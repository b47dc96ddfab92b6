#include "tests/unit/signer_site.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/base64.h"

#define MAX_KEYS 8
#define TEXT_MAX_BYTES 65536

static char dir[64];
static struct mv_engine *engine;
static struct mv_key_store *store;
static struct mv_signer *signer;

/* Every key that was added, for what DNS is to show. */
static struct {
    char name[200]; /* selector._domainkey.domain */
    char record[1000];
} shown[MAX_KEYS];
static size_t shown_count;

const char *site_path(const char *name)
{
    static char path[4][300];
    static unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

void site_begin(void)
{
    strcpy(dir, "/tmp/mv-sign-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(mv_key_store_open(site_path("keys"), &store), MV_OK);
    shown_count = 0;
}

void site_end(void)
{
    char command[200];

    mv_signer_free(&signer);
    mv_engine_close(&engine);
    mv_key_store_close(&store);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

void site_write(const char *name, const char *text, unsigned mode)
{
    FILE *file = fopen(site_path(name), "w");

    ck_assert_msg(file != NULL, "%s: %s", name, strerror(errno));
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(site_path(name), mode), 0);
}

void site_configure(const char *text)
{
    struct mv_error error = {0};
    char whole[4096];

    snprintf(whole, sizeof whole, "[sign]\nkeys_directory = %s/keys\nhost = mx1\n%s", dir, text);
    site_write("m.conf", whole, 0644);
    mv_signer_free(&signer);
    mv_engine_close(&engine);
    ck_assert_msg(mv_engine_open(&engine, site_path("m.conf"), &error) == MV_OK, "%s", error.text);
}

struct mv_engine *site_engine(void)
{
    return engine;
}

static struct mv_key_entry entry_of(const struct site_key *key, int64_t now_secs)
{
    return (struct mv_key_entry){
        .domain = mv_bytes_str(key->domain),
        .selector = mv_bytes_str(key->selector),
        .host = mv_bytes_str(key->host),
        .type = key->type,
        .bits = key->type == MV_KEY_RSA ? 1024 : 256,
        .state = key->state,
        .created_secs = now_secs - 1000000,
        .published_secs = key->state >= MV_KEY_PUBLISHED ? now_secs - 900000 : 0,
        .usable_secs = key->state >= MV_KEY_PUBLISHED ? now_secs - 800000 : 0,
        .active_secs = key->state >= MV_KEY_ACTIVE ? now_secs - key->active_age_secs : 0,
        .retiring_secs = key->state >= MV_KEY_RETIRING ? now_secs - 20 : 0,
        .revoked_secs = key->state >= MV_KEY_REVOKED ? now_secs - 10 : 0,
        .sight = key->sight,
        .sight_secs = key->sight == MV_SIGHT_UNKNOWN ? 0 : now_secs - key->sight_age_secs,
    };
}

static void show(const struct site_key *key, const struct mv_private_key *private_key)
{
    struct mv_buf octets, text;

    ck_assert_uint_lt(shown_count, MAX_KEYS);
    mv_buf_init(&octets, TEXT_MAX_BYTES);
    mv_buf_init(&text, TEXT_MAX_BYTES);
    ck_assert_int_eq(mv_private_key_public_octets(private_key, &octets), MV_OK);
    mv_base64_encode(mv_buf_bytes(&octets), &text);
    snprintf(shown[shown_count].name, sizeof shown[0].name, "%s._domainkey.%s", key->selector, key->domain);
    snprintf(shown[shown_count].record, sizeof shown[0].record, "v=DKIM1; k=%s; p=%s",
             key->type == MV_KEY_RSA ? "rsa" : "ed25519", mv_buf_cstr(&text));
    shown_count++;
    mv_buf_free(&octets);
    mv_buf_free(&text);
}

static void lock(const struct site_key *key)
{
    struct mv_error error = {0};

    ck_assert_msg(mv_key_store_lock(store, mv_bytes_str(key->domain), 0, &error) == MV_OK, "%s", error.text);
}

void site_add_key(const struct site_key *key, int64_t now_secs)
{
    struct mv_key_entry entry = entry_of(key, now_secs);
    struct mv_private_key *private_key;
    struct mv_error error = {0};

    lock(key);
    ck_assert_int_eq(mv_private_key_generate(key->type, 1024, &private_key), MV_OK);
    ck_assert_msg(mv_key_store_add(store, &entry, private_key, &error) == MV_OK, "%s", error.text);
    mv_key_store_unlock(store);
    show(key, private_key);
    mv_private_key_free(&private_key);
}

void site_set_state(const struct site_key *key, int64_t now_secs)
{
    struct mv_key_entry entry = entry_of(key, now_secs);
    struct mv_error error = {0};

    lock(key);
    ck_assert_msg(mv_key_store_update(store, &entry, &error) == MV_OK, "%s", error.text);
    mv_key_store_unlock(store);
}

void site_add_good_keys(const char *domain, int64_t now_secs)
{
    const struct site_key keys[] = {
        {domain, "mx1-20261123-r", "mx1", MV_KEY_RSA, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 3600, 86400},
        {domain, "mx1-20261123-e", "mx1", MV_KEY_ED25519, MV_KEY_ACTIVE, MV_SIGHT_SHOWN, 3600, 86400},
    };

    site_add_key(&keys[0], now_secs);
    site_add_key(&keys[1], now_secs);
}

void site_serve_keys(const char *domain)
{
    struct mv_error error = {0};
    struct mv_buf json;

    mv_buf_init(&json, TEXT_MAX_BYTES);
    mv_buf_printf(&json, "{\"schema\":1,\"default\":\"NXDOMAIN\",\"answers\":[{\"name\":\"_dmarc.%s\",\"type\":\"TXT\","
                         "\"rcode\":\"NOERROR\",\"data\":[\"v=DMARC1; p=reject\"]}", domain);
    for (size_t i = 0; i < shown_count; i++)
        mv_buf_printf(&json, ",{\"name\":\"%s\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"%s\"]}",
                      shown[i].name, shown[i].record);
    mv_buf_puts(&json, "]}");
    ck_assert_msg(mv_engine_use_capture(engine, mv_buf_bytes(&json), &error) == MV_OK, "%s", error.text);
    mv_buf_free(&json);
}

const struct site_result *site_sign(const struct mv_sign_request *request, struct mv_bytes message, size_t step_bytes)
{
    static struct site_result result;
    const struct mv_sign_outcome *outcome;
    struct mv_error error = {0};
    size_t step = step_bytes == 0 ? message.len + 1 : step_bytes;

    mv_signer_free(&signer);
    ck_assert_msg(mv_signer_begin(engine, request, &signer, &error) == MV_OK, "%s", error.text);
    for (size_t at = 0; at < message.len; at += step)
        ck_assert_int_eq(mv_signer_feed(signer, mv_bytes_slice(message, at, at + step)), MV_OK);
    ck_assert_int_eq(mv_signer_end(signer), MV_OK);
    outcome = mv_signer_outcome(signer);
    result = (struct site_result){outcome->action, outcome->reply, outcome->log, outcome->reason, outcome->domain,
                                  outcome->selectors, mv_signer_fields(signer)};
    return &result;
}
