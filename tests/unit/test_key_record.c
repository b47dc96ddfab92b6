/* Records of keys as text, selectors, and a server's records beside a key. */
#include <stdio.h>
#include <string.h>

#include "core/base/base64.h"
#include "core/base/trace.h"
#include "core/dkim/key.h"
#include "core/ops/key_match.h"
#include "core/ops/key_record.h"
#include "core/ops/selector.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (4 * 1024 * 1024)
/* 23 November 2026, 12:00 UTC */
#define NOON 1795435200

static struct mv_arena *arena;

static void set_up(void)
{
    arena = mv_arena_new(MAX_BYTES);
}

static void tear_down(void)
{
    mv_arena_free(&arena);
}

static struct mv_key_record record_of(enum mv_key_type type, unsigned bits)
{
    struct mv_private_key *key;
    struct mv_key_record record;

    ck_assert_int_eq(mv_private_key_generate(type, bits, &key), MV_OK);
    ck_assert_int_eq(mv_key_record_make(arena, MV_BYTES("s1"), MV_BYTES("example.org"), key, 600, &record), MV_OK);
    mv_private_key_free(&key);
    return record;
}

/* What we publish is what our verifier reads (RFC 6376 3.6.1, RFC 8463 4.2). */
START_TEST(test_own_reader)
{
    static const struct {
        enum mv_key_type type;
        unsigned bits;
    } keys[] = {{MV_KEY_RSA, 1024}, {MV_KEY_RSA, 2048}, {MV_KEY_RSA, 4096}, {MV_KEY_ED25519, 0}};

    set_up();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct mv_key_record record = record_of(keys[i].type, keys[i].bits);
        struct mv_public_key *public;
        struct mv_dkim_key key;
        const char *reason;

        ck_assert(mv_bytes_equal(record.name, MV_BYTES("s1._domainkey.example.org")));
        ck_assert_int_eq(mv_dkim_key_parse(arena, record.text, &key), MV_DKIM_KEY_OK);
        ck_assert(key.type == keys[i].type && key.sha256_allowed && key.for_email && !key.testing &&
                  key.same_domain_only);
        ck_assert_int_eq(mv_public_key_new(key.type, key.octets, &public, &reason), MV_OK);
        ck_assert(keys[i].bits == 0 || mv_public_key_bits(public) == keys[i].bits);
        mv_public_key_free(&public);
    }
    tear_down();
}
END_TEST

/* The strings of every style, joined, are the text: what is checked is what people copy. */
static void assert_strings(const char *printed, struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(printed));
    struct mv_buf joined;

    mv_buf_init(&joined, 8192);
    while (mv_cursor_take_until(&c, '"').len < 8192 && mv_cursor_accept(&c, '"')) {
        struct mv_bytes string = mv_cursor_take_until(&c, '"');

        ck_assert(string.len > 0 && string.len <= MV_TXT_STRING_MAX_BYTES && mv_cursor_accept(&c, '"'));
        mv_buf_put(&joined, string);
    }
    ck_assert(mv_bytes_equal(mv_buf_bytes(&joined), text));
    mv_buf_free(&joined);
}

START_TEST(test_styles)
{
    static const unsigned sizes[] = {1024, 2048, 4096};

    set_up();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct mv_key_record record = record_of(MV_KEY_RSA, sizes[i]);
        struct mv_buf bind, oneline, provider, json;

        mv_buf_init(&bind, 8192);
        mv_buf_init(&oneline, 8192);
        mv_buf_init(&provider, 8192);
        mv_buf_init(&json, 8192);
        mv_key_record_print(&record, MV_BYTES("example.org"), MV_RECORD_BIND, &bind);
        mv_key_record_print(&record, MV_BYTES("example.org"), MV_RECORD_ONELINE, &oneline);
        mv_key_record_print(&record, MV_BYTES("example.org"), MV_RECORD_PROVIDER, &provider);
        mv_key_record_print(&record, MV_BYTES("example.org"), MV_RECORD_JSON, &json);
        assert_strings(mv_buf_cstr(&bind), record.text);
        assert_strings(mv_buf_cstr(&oneline), record.text);
        ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&bind), "s1._domainkey.example.org. 600 IN TXT (\n    \"v=DKIM1"));
        ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&bind), "\" )\n"));
        ck_assert_ptr_eq(strchr(mv_buf_cstr(&oneline), '\n'), mv_buf_cstr(&oneline) + oneline.len - 1);
        ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&provider), "Host:  s1._domainkey\nType:  TXT\nTTL:   600\nValue: v="));
        ck_assert_ptr_null(strchr(mv_buf_cstr(&provider), '"'));
        ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&json), "\"name\":\"s1._domainkey.example.org\",\"type\":\"TXT\""));
        mv_buf_free(&bind);
        mv_buf_free(&oneline);
        mv_buf_free(&provider);
        mv_buf_free(&json);
    }
    tear_down();
}
END_TEST

START_TEST(test_strings)
{
    static const struct {
        size_t len;
        size_t quotes;
    } rows[] = {{1, 2}, {255, 2}, {256, 4}, {510, 4}, {511, 6}};
    unsigned char text[511];

    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_buf out;
        size_t quotes = 0;

        mv_buf_init(&out, 1024);
        mv_key_record_put_strings(mv_bytes_of(text, rows[i].len), " ", &out);
        for (size_t k = 0; k < out.len; k++)
            quotes += out.data[k] == '"';
        ck_assert_msg(quotes == rows[i].quotes, "%zu bytes: %zu quotes", rows[i].len, quotes);
        mv_buf_free(&out);
    }
}
END_TEST

static const struct {
    const char *name;
    const char *host;
    enum mv_key_type type;
    int64_t now;
    const char *used[4];
    enum mv_code code;
    const char *selector;
} selectors[] = {
    {"the first", "mx1", MV_KEY_RSA, NOON, {NULL}, MV_OK, "mx1-20261123-r"},
    {"Ed25519", "mx1", MV_KEY_ED25519, NOON, {NULL}, MV_OK, "mx1-20261123-e"},
    {"capitals", "MX1", MV_KEY_RSA, NOON, {NULL}, MV_OK, "mx1-20261123-r"},
    {"the day of UTC", "mx1", MV_KEY_RSA, NOON + 12 * 3600 - 1, {NULL}, MV_OK, "mx1-20261123-r"},
    {"the next day", "mx1", MV_KEY_RSA, NOON + 12 * 3600, {NULL}, MV_OK, "mx1-20261124-r"},
    {"a second one", "mx1", MV_KEY_RSA, NOON, {"mx1-20261123-r"}, MV_OK, "mx1-20261123-r2"},
    {"a third one", "mx1", MV_KEY_RSA, NOON, {"mx1-20261123-r", "mx1-20261123-r2"}, MV_OK, "mx1-20261123-r3"},
    {"the other type's does not count", "mx1", MV_KEY_RSA, NOON, {"mx1-20261123-e"}, MV_OK, "mx1-20261123-r"},
    {"another host's does not count", "mx1", MV_KEY_RSA, NOON, {"mx2-20261123-r"}, MV_OK, "mx1-20261123-r"},
    {"no host", "", MV_KEY_RSA, NOON, {NULL}, MV_ERR_USAGE, ""},
    {"two labels", "mx1.example", MV_KEY_RSA, NOON, {NULL}, MV_ERR_USAGE, ""},
    {"a hyphen first", "-mx1", MV_KEY_RSA, NOON, {NULL}, MV_ERR_USAGE, ""},
    {"a path", "../x", MV_KEY_RSA, NOON, {NULL}, MV_ERR_USAGE, ""},
    {"41 bytes", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", MV_KEY_RSA, NOON, {NULL}, MV_ERR_USAGE, ""},
    {"before 1970", "mx1", MV_KEY_RSA, -1, {NULL}, MV_ERR_USAGE, ""},
    {"after 9999", "mx1", MV_KEY_RSA, INT64_MAX, {NULL}, MV_ERR_USAGE, ""},
};

START_TEST(test_selectors)
{
    set_up();
    for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++) {
        struct mv_key_entry used[4] = {{.interrupted = false}};
        struct mv_key_entries entries = {used, 0};
        struct mv_bytes selector;
        enum mv_code code;

        for (; entries.count < 4 && selectors[i].used[entries.count] != NULL; entries.count++)
            used[entries.count].selector = mv_bytes_str(selectors[i].used[entries.count]);
        code = mv_selector_next(arena, mv_bytes_str(selectors[i].host), selectors[i].type, selectors[i].now, &entries,
                                &selector);
        ck_assert_msg(code == selectors[i].code, "%s: %s", selectors[i].name, mv_code_text(code));
        ck_assert_msg(mv_bytes_equal(selector, mv_bytes_str(selectors[i].selector)), "%s: '%.*s'", selectors[i].name,
                      MV_ARG(selector));
    }
    tear_down();
}
END_TEST

START_TEST(test_a_day_of_many)
{
    static struct mv_key_entry used[MV_SELECTOR_MAX_PER_DAY];
    struct mv_key_entries entries = {used, 0};
    struct mv_bytes one_more;

    set_up();
    for (; entries.count < MV_SELECTOR_MAX_PER_DAY; entries.count++)
        ck_assert_int_eq(mv_selector_next(arena, MV_BYTES("mx1"), MV_KEY_RSA, NOON, &entries,
                                          &used[entries.count].selector), MV_OK);
    ck_assert(mv_bytes_equal(used[98].selector, MV_BYTES("mx1-20261123-r99")));
    ck_assert_int_eq(mv_selector_next(arena, MV_BYTES("mx1"), MV_KEY_RSA, NOON, &entries, &one_more), MV_ERR_LIMIT);
    tear_down();
}
END_TEST

/* "@" stands for the p= of the key. */
static const struct {
    const char *name;
    const char *records[2];
    enum mv_key_match match;
    const char *says;
} matches[] = {
    {"as we publish it", {"v=DKIM1; k=ed25519; t=s; p=@"}, MV_MATCH_SHOWN, NULL},
    {"without v=", {"k=ed25519; p=@"}, MV_MATCH_SHOWN, NULL},
    {"with blanks and notes", {"v=DKIM1; n=hello; k=ed25519; p= @ ;"}, MV_MATCH_SHOWN, NULL},
    {"h= with sha256", {"v=DKIM1; h=sha1:sha256; k=ed25519; p=@"}, MV_MATCH_SHOWN, NULL},
    {"another key", {"v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, MV_MATCH_OTHER,
     "shows another key"},
    {"another type", {"v=DKIM1; k=rsa; p=@"}, MV_MATCH_OTHER, "shows another key"},
    {"revoked", {"v=DKIM1; k=ed25519; p="}, MV_MATCH_REVOKED, "revoked"},
    {"testing", {"v=DKIM1; k=ed25519; t=y:s; p=@"}, MV_MATCH_OTHER, "t=y"},
    {"h= without sha256", {"v=DKIM1; h=sha1; k=ed25519; p=@"}, MV_MATCH_OTHER, "sha256"},
    {"s= without email", {"v=DKIM1; s=tlsrpt; k=ed25519; p=@"}, MV_MATCH_OTHER, "email"},
    {"cut", {"v=DKIM1; k=ed25519; p=AAAA"}, MV_MATCH_OTHER, "another key"},
    {"bad base64", {"v=DKIM1; k=ed25519; p=@@"}, MV_MATCH_OTHER, "refuse"},
    {"a wrong version", {"v=DKIM2; k=ed25519; p=@"}, MV_MATCH_OTHER, "refuse"},
    {"no p=", {"v=DKIM1; k=ed25519"}, MV_MATCH_OTHER, "refuse"},
    {"SPF", {"v=spf1 -all"}, MV_MATCH_OTHER, "none of a key"},
    {"an empty record", {""}, MV_MATCH_OTHER, "none of a key"},
    {"two records, RFC 6376 3.6.2.2", {"v=DKIM1; k=ed25519; p=@", "v=DKIM1; k=ed25519; p=@"}, MV_MATCH_OTHER,
     "more than one"},
    {"beside a foreign one", {"v=DKIM1; k=ed25519; p=@", "v=spf1 -all"}, MV_MATCH_OTHER, "more than one"},
};

static struct mv_bytes fill_in(const char *text, struct mv_bytes octets)
{
    struct mv_bytes filled;
    struct mv_buf out;

    mv_buf_init(&out, 4096);
    for (; *text != '\0'; text++) {
        if (*text == '@')
            mv_base64_encode(octets, &out);
        else
            mv_buf_putc(&out, (unsigned char)*text);
    }
    ck_assert(mv_arena_copy(arena, mv_buf_bytes(&out), &filled));
    mv_buf_free(&out);
    return filled;
}

START_TEST(test_matches)
{
    struct mv_private_key *key;
    struct mv_key_want want = {.type = MV_KEY_ED25519};

    set_up();
    ck_assert_int_eq(mv_private_key_generate(MV_KEY_ED25519, 0, &key), MV_OK);
    ck_assert_int_eq(mv_key_record_octets(arena, key, &want.octets), MV_OK);
    for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
        struct mv_dns_record records[2];
        enum mv_key_match match;
        const char *why;
        size_t count = 0;

        for (; count < 2 && matches[i].records[count] != NULL; count++)
            records[count].data = fill_in(matches[i].records[count], want.octets);
        ck_assert_int_eq(mv_key_match(arena, records, count, &want, &match, &why), MV_OK);
        ck_assert_msg(match == matches[i].match, "%s: %d (%s)", matches[i].name, match, why == NULL ? "" : why);
        ck_assert_msg((why == NULL) == (matches[i].says == NULL), "%s", matches[i].name);
        ck_assert_msg(why == NULL || strstr(why, matches[i].says) != NULL, "%s: '%s'", matches[i].name, why);
    }
    mv_private_key_free(&key);
    tear_down();
}
END_TEST

/* Nothing is this key when it is not known. */
START_TEST(test_unknown_key)
{
    struct mv_dns_record record = {.data = MV_BYTES("v=DKIM1; k=ed25519; p=")};
    struct mv_key_want want = {.type = MV_KEY_ED25519};
    enum mv_key_match match;
    const char *why;

    set_up();
    ck_assert_int_eq(mv_key_match(arena, &record, 1, &want, &match, &why), MV_OK);
    ck_assert_int_eq(match, MV_MATCH_REVOKED);
    record.data = MV_BYTES("v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    ck_assert_int_eq(mv_key_match(arena, &record, 1, &want, &match, &why), MV_OK);
    ck_assert_int_eq(match, MV_MATCH_OTHER);
    tear_down();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_own_reader, test_styles, test_strings, test_selectors, test_a_day_of_many,
                                  test_matches, test_unknown_key};

    return unit_run("key_record", tests, sizeof tests / sizeof *tests);
}
