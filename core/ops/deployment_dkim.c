/*
 * The keys of DKIM: what verifiers find at each selector (RFC 6376 3.6, RFC 8301,
 * RFC 8463), beside what our own store says is there.
 */
#include "core/ops/deployment_run.h"

#include "core/base/base64.h"
#include "core/base/trace.h"
#include "core/dkim/key.h"
#include "core/text/taglist.h"

#define MIN_BITS 1024      /* RFC 8301 3.2: fewer must not be accepted */
#define GOOD_BITS 2048     /* RFC 8301 3.2: signers SHOULD */
#define MAX_SURE_BITS 4096 /* RFC 8301 3.2: verifiers must handle */
#define MAX_RECORD_BYTES 4096

/* One selector. */
struct key_look {
    struct mv_deployment_run *run;
    const struct mv_deployment_key *key;
    struct mv_bytes name;
    struct mv_bytes text;
    struct mv_bytes octets; /* of a key that can be used; else empty */
};

static void find(struct key_look *look, enum mv_deployment_kind kind, const char *detail)
{
    mv_findings_add(look->run->findings, &mv_deployment_kinds[kind], look->name, "%s", detail);
}

/* The record of a key, as we would write it. */
static void suggest(struct key_look *look, const struct mv_dkim_key *key)
{
    struct mv_buf text;

    mv_buf_init(&text, MAX_RECORD_BYTES);
    mv_buf_printf(&text, "v=DKIM1; k=%s;%s p=", key->type == MV_KEY_RSA ? "rsa" : "ed25519",
                  key->same_domain_only ? " t=s;" : "");
    mv_base64_encode(key->octets, &text);
    if (!mv_buf_failed(&text))
        mv_findings_suggest(look->run->findings, look->name, "TXT", mv_buf_bytes(&text));
    mv_buf_free(&text);
}

/* What is to be there, when our store knows. */
static void suggest_own(struct key_look *look)
{
    struct mv_dkim_key key = {.type = look->key->type, .octets = look->key->octets, .same_domain_only = true};

    if (key.octets.len > 0)
        suggest(look, &key);
}

/* Between its making and its publication a key of ours is missing rightly, and after its end. */
static bool is_expected(const struct mv_deployment_key *key)
{
    return !key->is_ours || key->state == MV_KEY_PUBLISHED || key->state == MV_KEY_ACTIVE ||
           key->state == MV_KEY_RETIRING;
}

static void check_missing(struct key_look *look)
{
    const struct mv_dns_answer *alias = mv_deployment_ask(look->run, look->name, MV_DNS_CNAME);

    if (!is_expected(look->key) || look->run->seen->is_parked || alias == NULL)
        return;
    if (alias->status == MV_DNS_FOUND) {
        mv_findings_add(look->run->findings, &mv_deployment_kinds[MV_DKIM_ALIAS_BROKEN], look->name, "of %.*s",
                        MV_ARG(alias->records[0].data));
        return;
    }
    find(look, MV_DKIM_MISSING, look->key->is_ours ? mv_key_state_text(look->key->state) : "");
    suggest_own(look);
}

static void check_bits(struct key_look *look, const struct mv_public_key *key)
{
    unsigned bits = mv_public_key_bits(key);
    enum mv_deployment_kind kind;

    if (mv_public_key_type(key) != MV_KEY_RSA)
        return;
    if (bits < MIN_BITS)
        kind = MV_DKIM_SHORT;
    else if (bits < GOOD_BITS)
        kind = MV_DKIM_WEAK;
    else if (bits > MAX_SURE_BITS)
        kind = MV_DKIM_LONG;
    else
        return;
    mv_findings_add(look->run->findings, &mv_deployment_kinds[kind], look->name, "%u bits", bits);
}

/* Flags that take the key away from some verifiers, or from all. */
static bool check_flags(struct key_look *look, const struct mv_dkim_key *record)
{
    if (record->testing) {
        find(look, MV_DKIM_TESTING, "");
        suggest(look, record);
    }
    if (!record->sha256_allowed) {
        find(look, MV_DKIM_SHA1_ONLY, "");
        suggest(look, record);
    }
    if (!record->for_email) {
        find(look, MV_DKIM_NOT_EMAIL, "");
        suggest(look, record);
    }
    return record->sha256_allowed && record->for_email;
}

static void check_spelling(struct key_look *look, const struct mv_dkim_key *record)
{
    struct mv_tag tag;
    struct mv_cursor c = mv_cursor_of(look->text);

    if (mv_bytes_find(look->text, '\\') < look->text.len) {
        find(look, MV_DKIM_ESCAPED, "");
        suggest(look, record);
    }
    if (mv_taglist_next(&c, &tag) && !mv_bytes_equal(tag.name, MV_BYTES("v"))) {
        find(look, MV_DKIM_NO_VERSION, "");
        suggest(look, record);
    }
    if (mv_taglist_find(look->text, MV_BYTES("g"), &tag))
        find(look, MV_DKIM_GRANULARITY, "");
}

static void check_own(struct key_look *look, const struct mv_dkim_key *record)
{
    if (look->key->octets.len == 0)
        return;
    if (!mv_bytes_equal(look->key->octets, record->octets)) {
        find(look, MV_DKIM_OTHER_KEY, mv_key_state_text(look->key->state));
        suggest_own(look);
    } else if (look->key->state == MV_KEY_REVOKED) {
        find(look, MV_DKIM_STILL_SHOWN, "");
    }
}

static void check_key(struct key_look *look, const struct mv_dkim_key *record)
{
    struct mv_public_key *key = NULL;
    const char *reason = NULL;
    bool counts = check_flags(look, record);
    enum mv_code code = mv_public_key_new(record->type, record->octets, &key, &reason);

    check_spelling(look, record);
    if (code == MV_ERR_SYNTAX) {
        find(look, MV_DKIM_NOT_A_KEY, reason);
        suggest_own(look);
        return;
    }
    if (!mv_deployment_done(look->run, code))
        return;
    check_bits(look, key);
    check_own(look, record);
    counts = counts && !(mv_public_key_type(key) == MV_KEY_RSA && mv_public_key_bits(key) < MIN_BITS);
    if (counts && record->type == MV_KEY_RSA)
        look->run->seen->usable_rsa_keys++;
    if (counts && record->type == MV_KEY_ED25519)
        look->run->seen->usable_ed25519_keys++;
    look->octets = record->octets;
    mv_public_key_free(&key);
}

static void check_revoked(struct key_look *look)
{
    bool rightly = look->key->is_ours && (look->key->state == MV_KEY_REVOKED || look->key->state == MV_KEY_RETIRING);

    if (rightly || look->run->seen->is_parked)
        return;
    find(look, MV_DKIM_REVOKED, look->key->is_ours ? mv_key_state_text(look->key->state) : "");
    suggest_own(look);
}

/* A record that is refused as a whole. */
static void check_refused(struct key_look *look, enum mv_dkim_key_code code)
{
    static const enum mv_deployment_kind kinds[] = {
        [MV_DKIM_KEY_FOREIGN] = MV_DKIM_FOREIGN, [MV_DKIM_KEY_SYNTAX] = MV_DKIM_SYNTAX,
        [MV_DKIM_KEY_VERSION] = MV_DKIM_VERSION, [MV_DKIM_KEY_TYPE] = MV_DKIM_TYPE,
        [MV_DKIM_KEY_NO_DATA] = MV_DKIM_NO_DATA, [MV_DKIM_KEY_BASE64] = MV_DKIM_BASE64,
    };

    if (code == MV_DKIM_KEY_MEMORY) {
        look->run->failed = MV_ERR_MEMORY;
        return;
    }
    mv_findings_add(look->run->findings, &mv_deployment_kinds[kinds[code]], look->name, "%.*s", MV_ARG(look->text));
    suggest_own(look);
}

static void check_record(struct key_look *look)
{
    struct mv_dkim_key record;
    enum mv_dkim_key_code code = mv_dkim_key_parse(look->run->arena, look->text, &record);

    if (code == MV_DKIM_KEY_OK)
        check_key(look, &record);
    else if (code == MV_DKIM_KEY_REVOKED)
        check_revoked(look);
    else
        check_refused(look, code);
}

/* Of several records those of keys count; other TXT records beside them are passed over. */
static void check_answer(struct key_look *look, const struct mv_dns_answer *answer)
{
    size_t shaped = 0;

    look->text = answer->records[0].data;
    for (size_t i = 0; i < answer->count; i++) {
        if (!mv_dkim_key_is_shaped(answer->records[i].data))
            continue;
        if (shaped++ == 0)
            look->text = answer->records[i].data;
    }
    if (shaped > 1)
        mv_findings_add(look->run->findings, &mv_deployment_kinds[MV_DKIM_MANY_RECORDS], look->name, "%zu", shaped);
    check_record(look);
}

static void look_at(struct key_look *look)
{
    const struct mv_dns_answer *answer;

    if (!mv_dkim_key_name(look->run->arena, look->key->selector, look->run->request->domain, &look->name)) {
        look->run->failed = MV_ERR_MEMORY;
        return;
    }
    answer = mv_deployment_ask(look->run, look->name, MV_DNS_TXT);
    mv_memo_prefetch(look->run->memo, look->name, MV_DNS_CNAME);
    if (answer == NULL)
        return;
    if (mv_dns_is_error(answer->status)) {
        look->run->keys_unknown = true;
        find(look, MV_DKIM_UNANSWERED, mv_dns_status_text(answer->status));
        return;
    }
    if (answer->status == MV_DNS_FOUND)
        check_answer(look, answer);
    else
        check_missing(look);
}

static void compare(const struct key_look *looks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            if (looks[i].octets.len > 0 && mv_bytes_equal(looks[i].octets, looks[k].octets))
                mv_findings_add(looks[i].run->findings, &mv_deployment_kinds[MV_DKIM_SHARED_KEY], looks[i].name,
                                "also at %.*s", MV_ARG(looks[k].name));
}

/* What a name that nobody made answers. Where mail is sent no key may be there. */
static void check_wildcard(struct mv_deployment_run *run)
{
    struct mv_bytes name = mv_deployment_name(run, MV_DEPLOYMENT_PROBE "._domainkey", run->request->domain);
    const struct mv_dns_answer *answer = mv_deployment_ask(run, name, MV_DNS_TXT);

    if (answer == NULL || answer->status != MV_DNS_FOUND || run->seen->is_parked)
        return;
    for (size_t i = 0; i < answer->count; i++) {
        struct mv_dkim_key record;

        if (mv_dkim_key_parse(run->arena, answer->records[i].data, &record) == MV_DKIM_KEY_OK) {
            mv_findings_add(run->findings, &mv_deployment_kinds[MV_DKIM_WILDCARD], run->request->domain, "%.*s",
                            MV_ARG(answer->records[i].data));
            return;
        }
    }
}

void mv_deployment_dkim(struct mv_deployment_run *run)
{
    const struct mv_deployment_request *request = run->request;
    size_t count = request->key_count < MV_DEPLOYMENT_MAX_KEYS ? request->key_count : MV_DEPLOYMENT_MAX_KEYS;
    struct key_look *looks = mv_arena_array(run->arena, count, sizeof *looks);

    check_wildcard(run);
    if (looks == NULL) {
        run->failed = MV_ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        looks[i] = (struct key_look){.run = run, .key = &request->keys[i]};
        look_at(&looks[i]);
    }
    compare(looks, count);
    if (count == 0 && !run->seen->is_parked)
        mv_deployment_say(run, MV_DKIM_NO_SELECTOR, request->domain);
    if (run->seen->usable_ed25519_keys > 0 && run->seen->usable_rsa_keys == 0 && !run->waits && !run->keys_unknown)
        mv_deployment_say(run, MV_DKIM_ONLY_ED25519, request->domain);
}
