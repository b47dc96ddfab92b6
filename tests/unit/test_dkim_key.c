#include "core/dkim/key.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct mv_arena *arena;

static void set_up(void)
{
    arena = mv_arena_new(4 * 1024 * 1024);
}

static void tear_down(void)
{
    mv_arena_free(&arena);
}

/* What a good record allows, by default all. */
enum { NO_SHA256 = 1, NO_EMAIL = 2, TESTING = 4, SAME_DOMAIN = 8, ED25519 = 16 };

static const struct {
    const char *name;
    const char *text;
    enum mv_dkim_key_code code;
    unsigned flags;
} rows[] = {
    {"usual", "v=DKIM1; k=rsa; p=AQID", MV_DKIM_KEY_OK, 0},
    {"p= alone (3.6.1)", "p=AQID", MV_DKIM_KEY_OK, 0},
    {"no v=", "k=rsa; p=AQID", MV_DKIM_KEY_OK, 0},
    {"Ed25519 (RFC 8463 4)", "v=DKIM1; k=ed25519; p=AQID", MV_DKIM_KEY_OK, ED25519},
    {"final semicolon", "v=DKIM1; p=AQID;", MV_DKIM_KEY_OK, 0},
    {"spaces around = and ;", " v = DKIM1 ; p = AQID ; ", MV_DKIM_KEY_OK, 0},
    {"white space inside p=", "v=DKIM1; p=AQ ID", MV_DKIM_KEY_OK, 0},
    {"tabs and line ends inside p=", "v=DKIM1; p=A\tQ\r\nI D", MV_DKIM_KEY_OK, 0},
    {"zone file escapes", "v=DKIM1\\; k=rsa\\; p=AQID", MV_DKIM_KEY_OK, 0},
    {"zone file escapes to the end", "v=DKIM1\\; t=y\\; p=AQID\\;", MV_DKIM_KEY_OK, TESTING},
    {"unknown tags", "v=DKIM1; g=*; zz=1; p=AQID", MV_DKIM_KEY_OK, 0},
    {"notes", "v=DKIM1; n=this=20is the key; p=AQID", MV_DKIM_KEY_OK, 0},
    {"h=sha256", "v=DKIM1; h=sha256; p=AQID", MV_DKIM_KEY_OK, 0},
    {"h=sha1:sha256", "v=DKIM1; h=sha1:sha256; p=AQID", MV_DKIM_KEY_OK, 0},
    {"h= with spaces", "v=DKIM1; h=sha1 : sha256 ; p=AQID", MV_DKIM_KEY_OK, 0},
    {"h=sha1", "v=DKIM1; h=sha1; p=AQID", MV_DKIM_KEY_OK, NO_SHA256},
    {"h= empty", "v=DKIM1; h=; p=AQID", MV_DKIM_KEY_OK, NO_SHA256},
    {"h=sha2561", "v=DKIM1; h=sha2561; p=AQID", MV_DKIM_KEY_OK, NO_SHA256},
    {"h=SHA256 (3.2: case-sensitive)", "v=DKIM1; h=SHA256; p=AQID", MV_DKIM_KEY_OK, NO_SHA256},
    {"s=*", "v=DKIM1; s=*; p=AQID", MV_DKIM_KEY_OK, 0},
    {"s=email", "v=DKIM1; s=email; p=AQID", MV_DKIM_KEY_OK, 0},
    {"s=other:email", "v=DKIM1; s=other:email; p=AQID", MV_DKIM_KEY_OK, 0},
    {"s=tlsrpt (RFC 8460)", "v=DKIM1; s=tlsrpt; p=AQID", MV_DKIM_KEY_OK, NO_EMAIL},
    {"s= empty", "v=DKIM1; s=; p=AQID", MV_DKIM_KEY_OK, NO_EMAIL},
    {"t=y", "v=DKIM1; t=y; p=AQID", MV_DKIM_KEY_OK, TESTING},
    {"t=s", "v=DKIM1; t=s; p=AQID", MV_DKIM_KEY_OK, SAME_DOMAIN},
    {"t=y:s", "v=DKIM1; t=y : s; p=AQID", MV_DKIM_KEY_OK, TESTING | SAME_DOMAIN},
    {"t= with unknown flags", "v=DKIM1; t=x:ys:y y; p=AQID", MV_DKIM_KEY_OK, 0},
    {"t= empty", "v=DKIM1; t=; p=AQID", MV_DKIM_KEY_OK, 0},

    {"empty", "", MV_DKIM_KEY_FOREIGN, 0},
    {"some text", "hello world", MV_DKIM_KEY_FOREIGN, 0},
    {"SPF", "v=spf1 include:example.com -all", MV_DKIM_KEY_FOREIGN, 0},
    {"DMARC, which has a p= too", "v=DMARC1; p=none; rua=mailto:a@example.com", MV_DKIM_KEY_FOREIGN, 0},
    {"TLSRPT", "v=TLSRPTv1; rua=mailto:a@example.com", MV_DKIM_KEY_FOREIGN, 0},
    {"a verification token", "google-site-verification=abcdefg", MV_DKIM_KEY_FOREIGN, 0},
    {"neither v= nor p=", "k=rsa; t=y", MV_DKIM_KEY_FOREIGN, 0},
    {"P= is another tag", "k=rsa; P=AQID", MV_DKIM_KEY_FOREIGN, 0},

    {"v=DKIM2", "v=DKIM2; p=AQID", MV_DKIM_KEY_VERSION, 0},
    {"v=DKIM", "v=DKIM; p=AQID", MV_DKIM_KEY_VERSION, 0},
    {"v=DKIM10", "v=DKIM10; p=AQID", MV_DKIM_KEY_VERSION, 0},
    {"v=dkim1 (3.6.1: exactly)", "v=dkim1; p=AQID", MV_DKIM_KEY_VERSION, 0},
    {"v=\"DKIM1\"", "v=\"DKIM1\"; p=AQID", MV_DKIM_KEY_VERSION, 0},
    {"v= empty", "v=; p=AQID", MV_DKIM_KEY_VERSION, 0},
    {"v=1", "v=1; p=AQID", MV_DKIM_KEY_VERSION, 0},
    {"v= not first (3.6.1)", "p=AQID; v=DKIM1", MV_DKIM_KEY_VERSION, 0},
    {"v= second (3.6.1)", "k=rsa; v=DKIM1; p=AQID", MV_DKIM_KEY_VERSION, 0},
    {"no p=", "v=DKIM1; k=rsa", MV_DKIM_KEY_NO_DATA, 0},
    {"revoked (3.6.1)", "v=DKIM1; p=", MV_DKIM_KEY_REVOKED, 0},
    {"revoked, with white space", "v=DKIM1; p= ;", MV_DKIM_KEY_REVOKED, 0},
    {"revoked, in test mode", "v=DKIM1; t=y; p=", MV_DKIM_KEY_REVOKED, TESTING},
    {"k=dsa", "v=DKIM1; k=dsa; p=AQID", MV_DKIM_KEY_TYPE, 0},
    {"k= empty", "v=DKIM1; k=; p=AQID", MV_DKIM_KEY_TYPE, 0},
    {"k=RSA (3.2: case-sensitive)", "v=DKIM1; k=RSA; p=AQID", MV_DKIM_KEY_TYPE, 0},
    {"k=rsa-sha256", "v=DKIM1; k=rsa-sha256; p=AQID", MV_DKIM_KEY_TYPE, 0},
    {"p= without padding", "v=DKIM1; p=AQ", MV_DKIM_KEY_BASE64, 0},
    {"p= with a foreign byte", "v=DKIM1; p=AQ*D", MV_DKIM_KEY_BASE64, 0},
    {"p= in the URL alphabet", "v=DKIM1; p=AQ-_", MV_DKIM_KEY_BASE64, 0},
    {"p= in quotes", "v=DKIM1; p=\"AQID\"", MV_DKIM_KEY_BASE64, 0},
    {"p= as PEM", "v=DKIM1; p=-----BEGIN PUBLIC KEY-----AQID", MV_DKIM_KEY_BASE64, 0},
    {"the whole record in quotes", "\"v=DKIM1; k=rsa; p=AQID\"", MV_DKIM_KEY_SYNTAX, 0},
    {"two p= (3.2)", "v=DKIM1; p=AQID; p=AQID", MV_DKIM_KEY_SYNTAX, 0},
    {"two v= (3.2)", "v=DKIM1; v=DKIM1; p=AQID", MV_DKIM_KEY_SYNTAX, 0},
    {"an item without =", "v=DKIM1; rsa; p=AQID", MV_DKIM_KEY_SYNTAX, 0},
    {"an empty item", "v=DKIM1;; p=AQID", MV_DKIM_KEY_SYNTAX, 0},
    {"a control byte", "v=DKIM1; n=\x01; p=AQID", MV_DKIM_KEY_SYNTAX, 0},
    {"commas", "v=DKIM1, k=rsa, p=AQID", MV_DKIM_KEY_VERSION, 0},
};

static unsigned flags_of(const struct mv_dkim_key *key)
{
    return (key->sha256_allowed ? 0u : NO_SHA256) | (key->for_email ? 0u : NO_EMAIL) | (key->testing ? TESTING : 0u) |
           (key->same_domain_only ? SAME_DOMAIN : 0u) | (key->type == MV_KEY_ED25519 ? ED25519 : 0u);
}

START_TEST(parse_rows)
{
    struct mv_dkim_key key;
    enum mv_dkim_key_code code = mv_dkim_key_parse(arena, mv_bytes_str(rows[_i].text), &key);

    ck_assert_msg(code == rows[_i].code, "%s: %s", rows[_i].name, mv_dkim_key_code_text(code));
    ck_assert_msg(mv_dkim_key_is_shaped(mv_bytes_str(rows[_i].text)) == (code != MV_DKIM_KEY_FOREIGN), "%s",
                  rows[_i].name);
    if (code == MV_DKIM_KEY_OK) {
        ck_assert_msg(flags_of(&key) == rows[_i].flags, "%s: flags %u", rows[_i].name, flags_of(&key));
        ck_assert_msg(mv_bytes_equal(key.octets, MV_BYTES("\1\2\3")), "%s", rows[_i].name);
    }
    if ((rows[_i].flags & TESTING) != 0)
        ck_assert_msg(key.testing, "%s", rows[_i].name);
}
END_TEST

START_TEST(every_code_has_its_own_words)
{
    for (int i = 0; i <= MV_DKIM_KEY_MEMORY; i++)
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(mv_dkim_key_code_text((enum mv_dkim_key_code)i),
                             mv_dkim_key_code_text((enum mv_dkim_key_code)j));
}
END_TEST

START_TEST(limits)
{
    struct mv_dkim_key key;
    struct mv_buf text;

    mv_buf_init(&text, 200000);
    mv_buf_puts(&text, "v=DKIM1; p=");
    for (int i = 0; i < MV_DKIM_MAX_KEY_OCTETS / 3; i++)
        mv_buf_puts(&text, "AAAA");
    mv_buf_puts(&text, "AA==");
    ck_assert_int_eq(mv_dkim_key_parse(arena, mv_buf_bytes(&text), &key), MV_DKIM_KEY_OK);
    ck_assert_uint_eq(key.octets.len, MV_DKIM_MAX_KEY_OCTETS);
    mv_buf_truncate(&text, text.len - 4);
    mv_buf_puts(&text, "AAA=");
    ck_assert_int_eq(mv_dkim_key_parse(arena, mv_buf_bytes(&text), &key), MV_DKIM_KEY_BASE64);
    while (text.len < 65000) /* the longest TXT record */
        mv_buf_puts(&text, "AAAA");
    ck_assert_int_eq(mv_dkim_key_parse(arena, mv_buf_bytes(&text), &key), MV_DKIM_KEY_SYNTAX);
    mv_buf_free(&text);
}
END_TEST

START_TEST(names)
{
    struct mv_bytes name;

    ck_assert(mv_dkim_key_name(arena, MV_BYTES("a.b"), MV_BYTES("example.com"), &name));
    ck_assert(mv_bytes_equal(name, MV_BYTES("a.b._domainkey.example.com")));
}
END_TEST

/* RFC 6376 6.1.2: what fits what */
static const struct {
    const char *name;
    struct mv_dkim_key key;
    enum mv_key_type type;
    const char *auid_domain;
    const char *says; /* NULL: fits */
} pairs[] = {
    {"RSA", {.type = MV_KEY_RSA, .sha256_allowed = true, .for_email = true}, MV_KEY_RSA, "a.com", NULL},
    {"Ed25519", {.type = MV_KEY_ED25519, .sha256_allowed = true, .for_email = true}, MV_KEY_ED25519, "a.com", NULL},
    {"i= below d=", {.type = MV_KEY_RSA, .sha256_allowed = true, .for_email = true}, MV_KEY_RSA, "b.a.com", NULL},
    {"t=s and i= in d=",
     {.type = MV_KEY_RSA, .sha256_allowed = true, .for_email = true, .same_domain_only = true},
     MV_KEY_RSA,
     "a.com",
     NULL},
    {"t=s and i= below d=",
     {.type = MV_KEY_RSA, .sha256_allowed = true, .for_email = true, .same_domain_only = true},
     MV_KEY_RSA,
     "b.a.com",
     "t=s"},
    {"RSA key, Ed25519 signature",
     {.type = MV_KEY_RSA, .sha256_allowed = true, .for_email = true},
     MV_KEY_ED25519,
     "a.com",
     "type"},
    {"Ed25519 key, RSA signature",
     {.type = MV_KEY_ED25519, .sha256_allowed = true, .for_email = true},
     MV_KEY_RSA,
     "a.com",
     "type"},
    {"h= without sha256", {.type = MV_KEY_RSA, .for_email = true}, MV_KEY_RSA, "a.com", "h="},
    {"s= without email", {.type = MV_KEY_RSA, .sha256_allowed = true}, MV_KEY_RSA, "a.com", "s="},
    {"h= comes before s=", {.type = MV_KEY_RSA}, MV_KEY_RSA, "a.com", "h="},
};

START_TEST(mismatches)
{
    struct mv_dkim_signature signature = {
        .key_type = pairs[_i].type,
        .sdid = MV_BYTES("a.com"),
        .auid_domain = mv_bytes_str(pairs[_i].auid_domain),
    };
    const char *section, *reason = mv_dkim_key_mismatch(&pairs[_i].key, &signature, &section);

    ck_assert_msg((reason == NULL) == (pairs[_i].says == NULL), "%s: %s", pairs[_i].name, reason);
    if (reason != NULL) {
        ck_assert_msg(strstr(reason, pairs[_i].says) != NULL, "%s: %s", pairs[_i].name, reason);
        ck_assert_msg(strncmp(section, "RFC 6376", 8) == 0, "%s", pairs[_i].name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_key");
    TCase *tc = tcase_create("dkim_key");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, parse_rows, 0, ROWS(rows));
    tcase_add_test(tc, every_code_has_its_own_words);
    tcase_add_test(tc, limits);
    tcase_add_test(tc, names);
    tcase_add_loop_test(tc, mismatches, 0, ROWS(pairs));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
