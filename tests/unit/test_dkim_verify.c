#include "core/dkim/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "core/base/base64.h"
#include "tests/unit/dkim_test_run.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct mv_buf message;

static void set_up(void)
{
    mv_buf_init(&message, DKIM_TEST_MAX_BYTES);
}

static void tear_down(void)
{
    mv_buf_free(&message);
}

static void sign_plain(enum test_key_id key, enum mv_canon header, enum mv_canon body)
{
    static const char *const words[] = {"simple", "relaxed"};
    char tags[200];
    struct dkim_test_spec spec = {.key = key,
                                  .tags = tags,
                                  .names = DKIM_TEST_NAMES ":cc:Cc:reply-to",
                                  .header = header,
                                  .body = body,
                                  .body_length = DKIM_TEST_WHOLE_BODY};

    snprintf(tags, sizeof tags, "v=1; a=%s; c=%s/%s; d=example.com; s=sel",
             key == TEST_ED25519 ? "ed25519-sha256" : "rsa-sha256", words[header], words[body]);
    dkim_test_sign(&spec, mv_bytes_str(dkim_test_plain), &message);
}

START_TEST(every_key_and_canonicalisation)
{
    enum test_key_id key = (enum test_key_id)(_i / 4);
    enum mv_canon header = _i & 1 ? MV_CANON_RELAXED : MV_CANON_SIMPLE;
    enum mv_canon body = _i & 2 ? MV_CANON_RELAXED : MV_CANON_SIMPLE;
    const struct test_key *row = test_key_of(key);
    struct mv_dkim_options options = {.now_secs = DKIM_TEST_NOW, .min_rsa_bits = 1024};
    struct dkim_test_dns dns = {DKIM_TEST_KEY_NAME, NULL, MV_DNS_FOUND};
    struct dkim_test_run run;
    struct mv_buf record;

    mv_buf_init(&record, 10000);
    dkim_test_record(key == TEST_ED25519 ? "v=DKIM1; k=ed25519; p={p}" : "v=DKIM1; p={p}", key, &record);
    dns.text = mv_buf_cstr(&record);
    sign_plain(key, header, body);
    for (size_t piece = 0; piece < 3; piece++) { /* whole, byte by byte, two by two */
        dkim_test_run(&run, &options, mv_buf_bytes(&message), piece, &dns, 1);
        ck_assert_uint_eq(run.count, 1);
        ck_assert_msg(run.results[0].code == (row->bits < 1024 && key != TEST_ED25519 ? MV_DKIM_POLICY : MV_DKIM_PASS),
                      "%s, canonicalisation %d: %s", row->name, _i & 3, run.results[0].reason);
        ck_assert_msg(run.results[0].key_bits == row->bits, "%s: %u bits", row->name, run.results[0].key_bits);
        dkim_test_end(&run);
    }
    mv_buf_free(&record);
}
END_TEST

/* ---- one change to a message that verifies ---- */

enum { ALG_RSA, ALG_ED25519 };

static const struct row {
    const char *name;
    int algorithm;
    enum test_key_id key; /* that is published; the usual one of the algorithm signs */
    const char *tags;     /* more of them */
    const char *names;
    long length;
    const char *record; /* NULL: the usual one; "-": none */
    const char *record2, *record3, *record4;
    enum mv_dns_status status;
    const char *find, *put;
    const char *append;
    int64_t later_secs;
    unsigned min_bits;
    bool strict_test;
    bool several_from;
    const char *refused;
    enum mv_dkim_code code;
    const char *rule;
    size_t questions;
    const char *says; /* in the reason */
} rows[] = {
    {"untouched", .code = MV_DKIM_PASS, .questions = 1},
    {"untouched, Ed25519", .algorithm = ALG_ED25519, .code = MV_DKIM_PASS, .questions = 1},
    {"a field above, not signed", .find = "Received:", .put = "X-Spam: no\r\nReceived:", .code = MV_DKIM_PASS,
     .questions = 1},
    {"empty lines after the body (3.4.4)", .append = "\r\n\r\n", .code = MV_DKIM_PASS, .questions = 1},
    {"spaces in the body (3.4.4)", .find = "Hello  Bob", .put = "Hello \t Bob", .code = MV_DKIM_PASS, .questions = 1},
    {"a signed field refolded (3.4.2)", .find = "To: Bob", .put = "TO:\r\n   Bob", .code = MV_DKIM_PASS,
     .questions = 1},
    {"a field on top with a signed name: the last one was signed (5.4.2)",
     .find = "Received:", .put = "Subject: other\r\nReceived:", .code = MV_DKIM_PASS, .questions = 1},

    /* 6.1.3 */
    {"body changed", .find = "Hello", .put = "Hullo", .code = MV_DKIM_FAIL, .questions = 1, .says = "body"},
    {"body longer", .append = "more\r\n", .code = MV_DKIM_FAIL, .questions = 1, .says = "body"},
    {"signed field changed", .find = "To: Bob", .put = "To: Bobby", .code = MV_DKIM_FAIL, .questions = 1,
     .says = "header field"},
    {"signed field removed", .find = "Date: Tue, 14 Nov 2023 22:13:19 +0000\r\n", .put = "", .code = MV_DKIM_FAIL,
     .questions = 1},
    {"signed field below the signed one",
     .find = "Content-Type:", .put = "To: x@example.com\r\nContent-Type:", .code = MV_DKIM_FAIL, .questions = 1},
    {"a field that was signed as absent (5.4)", .names = DKIM_TEST_NAMES ":Cc",
     .find = "Received:", .put = "Cc: x@example.com\r\nReceived:", .code = MV_DKIM_FAIL, .questions = 1},
    {"a second Subject over an oversigned one (5.4)", .names = DKIM_TEST_NAMES ":Subject",
     .find = "Received:", .put = "Subject: other\r\nReceived:", .code = MV_DKIM_FAIL, .questions = 1},
    {"List-Unsubscribe is not List-Unsubscribe-Post", .names = DKIM_TEST_NAMES ":List-Unsubscribe",
     .find = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", .put = "", .code = MV_DKIM_PASS, .questions = 1},
    {"a prefix of a signed name is another name", .names = DKIM_TEST_NAMES ":List-Unsubscribe-Post",
     .find = "List-Unsubscribe-Post:", .put = "List-Unsubscribe:", .code = MV_DKIM_FAIL, .questions = 1},
    {"the signature's own tags are signed (3.7)", .tags = "; t=1699999999", .find = "t=1699999999",
     .put = "t=1699999998", .code = MV_DKIM_FAIL, .questions = 1, .says = "header field"},
    {"bh= was exchanged", .find = "bh=", .put = "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; xbh=",
     .code = MV_DKIM_FAIL, .questions = 1, .says = "body"},
    {"another key of the same size", .key = TEST_RSA1024_E3, .code = MV_DKIM_FAIL, .questions = 1, .says = "key"},
    {"b= ends early", .find = "\r\n b=", .put = "\r\n b=AAAA; z=", .code = MV_DKIM_FAIL, .questions = 1},

    /* decided before the key: nothing is asked */
    {"a=rsa-sha1 (RFC 8301 3.1)", .find = "rsa-sha256", .put = "rsa-sha1", .code = MV_DKIM_POLICY, .rule = "sha1"},
    {"d= on the list of refused signers (6.1.1)", .refused = "example.com", .code = MV_DKIM_POLICY,
     .rule = "refused-signer"},
    {"the list holds only the parent", .refused = "com", .code = MV_DKIM_PASS, .questions = 1},
    {"expired (3.5 x=)", .tags = "; x=1699999000", .code = MV_DKIM_POLICY, .rule = "expired"},
    {"expired in 1970", .tags = "; x=0", .code = MV_DKIM_POLICY, .rule = "expired"},
    {"expired within the skew", .tags = "; x=1699999700", .code = MV_DKIM_PASS, .questions = 1},
    {"expired one second past the skew", .tags = "; x=1699999699", .code = MV_DKIM_POLICY, .rule = "expired"},
    {"not yet expired", .tags = "; t=1699999999; x=1700000001", .code = MV_DKIM_PASS, .questions = 1},
    {"made in an hour", .tags = "; t=1700003600", .code = MV_DKIM_PASS, .questions = 1},
    {"made in a day and a second", .tags = "; t=1700086401", .code = MV_DKIM_POLICY, .rule = "from-the-future"},
    {"t= of 12 digits", .tags = "; t=999999999999", .code = MV_DKIM_POLICY, .rule = "from-the-future"},
    {"several From fields (8.15)", .several_from = true, .code = MV_DKIM_POLICY, .rule = "several-from"},
    {"bare LF in the header block", .find = "To: Bob", .put = "To: \nBob", .code = MV_DKIM_POLICY,
     .rule = "malformed-header"},
    {"bare CR in the header block", .find = "To: Bob", .put = "To: \rBob", .code = MV_DKIM_POLICY,
     .rule = "malformed-header"},
    {"a line that is no field", .find = "To: Bob", .put = "no field\r\nTo: Bob", .code = MV_DKIM_POLICY,
     .rule = "malformed-header"},
    {"From is not signed (6.1.1)", .names = "To:Subject", .code = MV_DKIM_PERMERROR, .says = "From"},
    {"i= in another domain (6.1.1)", .tags = "; i=a@example.net", .code = MV_DKIM_PERMERROR},
    {"v=2", .find = "v=1", .put = "v=2", .code = MV_DKIM_NEUTRAL},
    {"unknown algorithm", .find = "rsa-sha256", .put = "rsa-md5", .code = MV_DKIM_NEUTRAL},
    {"two tags of one name", .tags = "; s=sel", .code = MV_DKIM_NEUTRAL},
    {"bh= too short", .find = "bh=", .put = "bh=AAAA; xbh=", .code = MV_DKIM_NEUTRAL, .says = "bh="},
    {"bh= longer than a hash", .find = "bh=", .put = "bh=AAAA", .code = MV_DKIM_NEUTRAL, .says = "bh="},

    /* 6.1.2: the key */
    {"no such name", .record = "-", .status = MV_DNS_NXDOMAIN, .code = MV_DKIM_PERMERROR, .questions = 1,
     .says = "no key"},
    {"no TXT record", .record = "-", .status = MV_DNS_NODATA, .code = MV_DKIM_PERMERROR, .questions = 1,
     .says = "no key"},
    {"SERVFAIL", .record = "-", .status = MV_DNS_SERVFAIL, .code = MV_DKIM_TEMPERROR, .questions = 1},
    {"REFUSED", .record = "-", .status = MV_DNS_REFUSED, .code = MV_DKIM_TEMPERROR, .questions = 1},
    {"timeout", .record = "-", .status = MV_DNS_TIMEOUT, .code = MV_DKIM_TEMPERROR, .questions = 1},
    {"question limit", .record = "-", .status = MV_DNS_LIMIT, .code = MV_DKIM_TEMPERROR, .questions = 1},
    {"a selector that DNS cannot hold", .find = "s=sel",
     .put = "s=0123456789012345678901234567890123456789012345678901234567890."
            "0123456789012345678901234567890123456789012345678901234567890."
            "0123456789012345678901234567890123456789012345678901234567890."
            "012345678901234567890123456789012345678901234567890123456789012",
     .code = MV_DKIM_PERMERROR, .says = "no key"},
    {"another TXT record", .record = "v=spf1 -all", .code = MV_DKIM_PERMERROR, .questions = 1, .says = "no key record"},
    {"revoked", .record = "v=DKIM1; p=", .code = MV_DKIM_PERMERROR, .questions = 1, .says = "revoked"},
    {"no p=", .record = "v=DKIM1; k=rsa", .code = MV_DKIM_PERMERROR, .questions = 1, .says = "p="},
    {"wrong version", .record = "v=DKIM2; p={p}", .code = MV_DKIM_PERMERROR, .questions = 1, .says = "version"},
    {"p= is not base64", .record = "v=DKIM1; p=M{p}", .code = MV_DKIM_PERMERROR, .questions = 1, .says = "base64"},
    {"p= is no key", .record = "v=DKIM1; p=AAAA", .code = MV_DKIM_PERMERROR, .questions = 1, .says = "DER"},
    {"unknown key type", .record = "v=DKIM1; k=dsa; p={p}", .code = MV_DKIM_PERMERROR, .questions = 1, .says = "type"},
    {"Ed25519 key for an RSA signature", .key = TEST_ED25519, .record = "v=DKIM1; k=ed25519; p={p}",
     .code = MV_DKIM_PERMERROR, .questions = 1, .says = "type"},
    {"RSA key for an Ed25519 signature", .algorithm = ALG_ED25519, .key = TEST_RSA2048, .record = "v=DKIM1; p={p}",
     .code = MV_DKIM_PERMERROR, .questions = 1, .says = "type"},
    {"key says h=sha1", .record = "v=DKIM1; h=sha1; p={p}", .code = MV_DKIM_PERMERROR, .questions = 1, .says = "h="},
    {"key says h=sha1:sha256", .record = "v=DKIM1; h=sha1 : sha256; p={p}", .code = MV_DKIM_PASS, .questions = 1},
    {"key says s=tlsrpt", .record = "v=DKIM1; s=tlsrpt; p={p}", .code = MV_DKIM_PERMERROR, .questions = 1,
     .says = "s="},
    {"t=s, i= in a subdomain", .tags = "; i=a@mail.example.com", .record = "v=DKIM1; t=s; p={p}",
     .code = MV_DKIM_PERMERROR, .questions = 1, .says = "t=s"},
    {"t=s, i= in the domain", .tags = "; i=a@example.com", .record = "v=DKIM1; t=s; p={p}", .code = MV_DKIM_PASS,
     .questions = 1},
    {"t=s, no i=", .record = "v=DKIM1; t=s; p={p}", .code = MV_DKIM_PASS, .questions = 1},
    {"i= in a subdomain", .tags = "; i=@mail.example.com", .code = MV_DKIM_PASS, .questions = 1},
    {"a key of 768 bits (RFC 8301 3.2)", .key = TEST_RSA768, .code = MV_DKIM_POLICY, .rule = "weak-key",
     .questions = 1},
    {"a key of 1023 bits", .key = TEST_RSA1023, .code = MV_DKIM_POLICY, .rule = "weak-key", .questions = 1},
    {"1024 bits, 2048 wanted", .min_bits = 2048, .code = MV_DKIM_POLICY, .rule = "weak-key", .questions = 1},
    {"512 bits, the configuration asks for no more", .key = TEST_RSA512, .min_bits = 512, .code = MV_DKIM_POLICY,
     .rule = "weak-key", .questions = 1},

    /* 3.6.2.2: several records */
    {"the key and another TXT record", .record = "v=spf1 -all", .record2 = "v=DKIM1; p={p}", .code = MV_DKIM_PASS,
     .questions = 1},
    {"the second key verifies", .record = "v=DKIM1; p=", .record2 = "v=DKIM1; p={p}", .code = MV_DKIM_PASS,
     .questions = 1},
    {"the third key verifies", .record = "v=DKIM1; p=", .record2 = "v=DKIM1; p=AAAA", .record3 = "p={p}",
     .code = MV_DKIM_PASS, .questions = 1},
    {"four keys", .record = "v=DKIM1; p={p}", .record2 = "v=DKIM1; p=", .record3 = "v=DKIM1; p=",
     .record4 = "v=DKIM1; p=", .code = MV_DKIM_PERMERROR, .questions = 1, .says = "more than 3"},
    {"four records, two of them keys", .record = "v=DKIM1; p={p}", .record2 = "a", .record3 = "v=DMARC1; p=none",
     .record4 = "v=DKIM1; p=", .code = MV_DKIM_PASS, .questions = 1},
    {"three wrong ones: the first is told", .record = "v=DKIM1; p=", .record2 = "v=DKIM1; p=AAAA", .record3 = "p=?",
     .code = MV_DKIM_PERMERROR, .questions = 1, .says = "revoked"},
    {"a wrong one, and one that does not match: the mismatch is told", .record = "v=DKIM1; p=",
     .record2 = "v=DKIM1; p={p}", .find = "To: Bob", .put = "To: Bobby", .code = MV_DKIM_FAIL, .questions = 1},

    /* l= (3.5, 8.2); the relaxed body has 33 octets */
    {"l= is all of the body", .tags = "; l=33", .names = DKIM_TEST_NAMES ":Content-Type", .length = 33,
     .code = MV_DKIM_PASS, .questions = 1},
    {"l= leaves octets", .tags = "; l=12", .names = DKIM_TEST_NAMES ":Content-Type", .length = 12,
     .code = MV_DKIM_POLICY, .rule = "unsigned-body", .questions = 1},
    {"l=0", .tags = "; l=0", .names = DKIM_TEST_NAMES ":Content-Type", .length = 0, .code = MV_DKIM_POLICY,
     .rule = "unsigned-body", .questions = 1},
    {"l= cuts a CRLF", .tags = "; l=11", .names = DKIM_TEST_NAMES ":Content-Type", .length = 11, .code = MV_DKIM_POLICY,
     .rule = "unsigned-body", .questions = 1},
    {"something was appended", .tags = "; l=33", .names = DKIM_TEST_NAMES ":Content-Type", .length = 33,
     .append = "more\r\n", .code = MV_DKIM_POLICY, .rule = "unsigned-body", .questions = 1},
    {"the part that l= signs was changed", .tags = "; l=12", .length = 12, .find = "Hello", .put = "Hullo",
     .code = MV_DKIM_FAIL, .questions = 1, .says = "body"},
    {"l= longer than the body", .tags = "; l=34", .length = 34, .code = MV_DKIM_PERMERROR, .questions = 1,
     .says = "longer than the body"},
    {"l= of 76 digits", .tags = "; l=9999999999999999999999999999999999999999999999999999999999999999999999999999",
     .code = MV_DKIM_PERMERROR, .questions = 1, .says = "longer than the body"},
    {"l= and Content-Type is not signed", .tags = "; l=33", .length = 33, .code = MV_DKIM_POLICY,
     .rule = "unsigned-content-type", .questions = 1},
    {"l= and a second Content-Type", .tags = "; l=33", .names = DKIM_TEST_NAMES ":Content-Type", .length = 33,
     .find = "Received:", .put = "Content-Type: text/html\r\nReceived:", .code = MV_DKIM_POLICY,
     .rule = "unsigned-content-type", .questions = 1},
    {"l= without any Content-Type", .tags = "; l=33", .length = 33, .find = "Content-Type: text/plain\r\n", .put = "",
     .code = MV_DKIM_PASS, .questions = 1},

    /* 3.6.1 t=y */
    {"test key", .record = "v=DKIM1; t=y; p={p}", .code = MV_DKIM_PASS, .questions = 1, .says = "test mode"},
    {"test key, strict", .record = "v=DKIM1; t=y; p={p}", .strict_test = true, .code = MV_DKIM_NEUTRAL, .questions = 1,
     .says = "test mode"},
    {"test key, body changed", .record = "v=DKIM1; t=s:y; p={p}", .find = "Hello", .put = "Hullo",
     .code = MV_DKIM_NEUTRAL, .questions = 1, .says = "body"},
    {"test key, header changed", .record = "v=DKIM1; t=y; p={p}", .find = "To: Bob", .put = "To: Bobby",
     .code = MV_DKIM_NEUTRAL, .questions = 1, .says = "header"},
    {"test key, policy stays policy", .tags = "; l=12", .length = 12, .record = "v=DKIM1; t=y; p={p}",
     .code = MV_DKIM_POLICY, .rule = "unsigned-body", .questions = 1},
};

static void sign_row(const struct row *row)
{
    char tags[1000];
    struct dkim_test_spec spec = {
        .key = row->algorithm == ALG_ED25519 ? TEST_ED25519 : TEST_RSA1024,
        .tags = tags,
        .names = row->names == NULL ? DKIM_TEST_NAMES : row->names,
        .header = MV_CANON_RELAXED,
        .body = MV_CANON_RELAXED,
        .body_length = row->tags != NULL && strstr(row->tags, "l=") != NULL ? row->length : DKIM_TEST_WHOLE_BODY,
    };

    if (row->key == TEST_RSA512 || row->key == TEST_RSA768 || row->key == TEST_RSA1023)
        spec.key = row->key;
    snprintf(tags, sizeof tags, "v=1; a=%s; c=relaxed/relaxed; d=example.com; s=sel%s",
             row->algorithm == ALG_ED25519 ? "ed25519-sha256" : "rsa-sha256", row->tags == NULL ? "" : row->tags);
    dkim_test_sign(&spec, mv_bytes_str(dkim_test_plain), &message);
    if (row->find != NULL)
        dkim_test_edit(&message, row->find, row->put);
    if (row->append != NULL)
        mv_buf_puts(&message, row->append);
}

static size_t make_dns(const struct row *row, struct dkim_test_dns *dns, struct mv_buf *texts)
{
    const char *const records[] = {row->record, row->record2, row->record3, row->record4};
    enum test_key_id key = row->algorithm == ALG_ED25519 && row->key == TEST_RSA1024 ? TEST_ED25519 : row->key;
    size_t count = 0;

    for (size_t i = 0; i < ROWS(records); i++) {
        const char *text = records[i];

        if (i == 0 && text == NULL)
            text = row->algorithm == ALG_ED25519 ? "v=DKIM1; k=ed25519; p={p}" : "v=DKIM1; k=rsa; p={p}";
        if (text == NULL)
            continue;
        dns[count] = (struct dkim_test_dns){DKIM_TEST_KEY_NAME, NULL, row->status};
        if (strcmp(text, "-") != 0) {
            dkim_test_record(text, key, &texts[i]);
            dns[count].text = mv_buf_cstr(&texts[i]);
        }
        count++;
    }
    return count;
}

static void check_row(const struct row *row, const struct dkim_test_run *run, size_t piece)
{
    const struct mv_dkim_result *result = &run->results[0];
    const char *reason = result->reason == NULL ? "" : result->reason;

    ck_assert_uint_eq(run->count, 1);
    ck_assert_msg(result->code == row->code, "%s (pieces of %zu): %s, %s", row->name, piece,
                  mv_dkim_code_text(result->code), reason);
    ck_assert_msg((result->rule == NULL) == (row->rule == NULL) &&
                      (row->rule == NULL || strcmp(result->rule, row->rule) == 0),
                  "%s: rule %s", row->name, result->rule == NULL ? "none" : result->rule);
    ck_assert_msg(run->questions == row->questions, "%s: %zu questions", row->name, run->questions);
    ck_assert_msg(row->says == NULL || strstr(reason, row->says) != NULL, "%s: %s", row->name, reason);
    ck_assert_msg(result->code == MV_DKIM_PASS || (result->reason != NULL), "%s: no reason", row->name);
}

START_TEST(one_change)
{
    const struct row *row = &rows[_i];
    struct mv_bytes refused = mv_bytes_str(row->refused);
    struct mv_buf texts[4];
    struct dkim_test_dns dns[4];
    struct dkim_test_run run;
    size_t count;

    for (size_t i = 0; i < 4; i++)
        mv_buf_init(&texts[i], 10000);
    sign_row(row);
    count = make_dns(row, dns, texts);
    for (size_t piece = 0; piece < 2; piece++) {
        struct mv_dkim_options options = {
            .now_secs = DKIM_TEST_NOW,
            .min_rsa_bits = row->min_bits == 0 ? 1024 : row->min_bits,
            .ignore_test_keys = row->strict_test,
            .several_from = row->several_from,
            .not_signers = &refused,
            .not_signer_count = row->refused != NULL,
        };

        dkim_test_run(&run, &options, mv_buf_bytes(&message), piece, dns, count);
        check_row(row, &run, piece);
        dkim_test_end(&run);
    }
    for (size_t i = 0; i < 4; i++)
        mv_buf_free(&texts[i]);
}
END_TEST

/* ---- RFC 6376 3.7: what is left of the signature's own field ---- */

static const struct {
    const char *name;
    const char *field; /* {b}: where the signature goes */
} fields[] = {
    {"b= last, no semicolon", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; bh={bh}; b={b}"},
    {"b= last, semicolon", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; bh={bh}; b={b};"},
    {"b= last, semicolon and white space", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; bh={bh}; b={b}; \r\n\t"},
    {"b= first", "b={b}; v=1; a=rsa-sha256; d=example.com; s=sel; h=From; bh={bh}"},
    {"b= between, folded", " v=1;\r\n a=rsa-sha256; b={b} ;\r\n\td=example.com; s=sel; h=From; bh={bh}"},
    {"white space around the value", "v=1; a=rsa-sha256; b = \r\n {b}\r\n ; d=example.com; s=sel; h=From; bh={bh}"},
    {"a tag that ends in b", "v=1; a=rsa-sha256; xb=abc; d=example.com; s=sel; h=From; bh={bh}; b={b}"},
    {"bh= before b=", "bh={bh}; b={b}; v=1; a=rsa-sha256; d=example.com; s=sel; h=From"},
};

/* The text with the one mark filled in; {b} with nothing around it once the white space next to it is gone. */
static void fill(const char *text, const char *mark, const char *put, struct mv_buf *out)
{
    const char *at = strstr(text, mark);

    mv_buf_put(out, mv_bytes_of(text, (size_t)(at - text)));
    mv_buf_puts(out, put);
    mv_buf_puts(out, at + strlen(mark));
}

static void drop_b(const char *text, struct mv_buf *out)
{
    const char *at = strstr(text, "{b}"), *from = at, *to = at + 3;

    while (strchr(" \r\n\t", from[-1]) != NULL)
        from--;
    while (*to != '\0' && strchr(" \r\n\t", *to) != NULL)
        to++;
    mv_buf_put(out, mv_bytes_of(text, (size_t)(from - text)));
    mv_buf_puts(out, to);
}

START_TEST(own_field_without_b)
{
    static const char from[] = "From: a@example.com\r\n";
    struct mv_dkim_options options = {.now_secs = DKIM_TEST_NOW, .min_rsa_bits = 1024};
    struct mv_buf with_bh, input, signature, base64, record;
    struct dkim_test_dns dns = {DKIM_TEST_KEY_NAME, NULL, MV_DNS_FOUND};
    struct dkim_test_run run;
    unsigned char hash[32];

    mv_buf_init(&with_bh, 10000);
    mv_buf_init(&input, 10000);
    mv_buf_init(&signature, 10000);
    mv_buf_init(&base64, 10000);
    mv_buf_init(&record, 10000);
    fill(fields[_i].field, "{bh}", "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=", &with_bh);
    mv_buf_puts(&input, from);
    mv_buf_puts(&input, "DKIM-Signature:");
    drop_b(mv_buf_cstr(&with_bh), &input);
    EVP_Digest(input.data, input.len, hash, NULL, EVP_sha256(), NULL);
    test_key_sign(TEST_RSA1024, hash, &signature);
    mv_base64_encode(mv_buf_bytes(&signature), &base64);
    mv_buf_puts(&message, "DKIM-Signature:");
    fill(mv_buf_cstr(&with_bh), "{b}", mv_buf_cstr(&base64), &message);
    mv_buf_puts(&message, "\r\n");
    mv_buf_puts(&message, from);
    dkim_test_record("p={p}", TEST_RSA1024, &record);
    dns.text = mv_buf_cstr(&record);
    dkim_test_run(&run, &options, mv_buf_bytes(&message), 0, &dns, 1);
    ck_assert_uint_eq(run.count, 1);
    ck_assert_msg(run.results[0].code == MV_DKIM_PASS, "%s: %s, %s", fields[_i].name,
                  mv_dkim_code_text(run.results[0].code), run.results[0].reason);
    ck_assert(mv_bytes_equal(run.results[0].value_text, mv_buf_bytes(&base64)));
    dkim_test_end(&run);
    mv_buf_free(&with_bh);
    mv_buf_free(&input);
    mv_buf_free(&signature);
    mv_buf_free(&base64);
    mv_buf_free(&record);
}
END_TEST

START_TEST(ten_lengths_in_two_canonicalisations)
{
    struct mv_dkim_options options = {0};
    struct dkim_test_run run;

    for (long i = 0; i < 8; i++) {
        char tags[20];

        snprintf(tags, sizeof tags, "; l=%ld", i * 4);
        dkim_test_sign_as(&message, "example.com", i % 2 == 0 ? MV_CANON_RELAXED : MV_CANON_SIMPLE, tags, i * 4);
    }
    dkim_test_sign_as(&message, "example.com", MV_CANON_SIMPLE, "", DKIM_TEST_WHOLE_BODY);
    dkim_test_sign_as(&message, "example.org", MV_CANON_RELAXED, "", DKIM_TEST_WHOLE_BODY);
    dkim_test_run_signed(&run, &options, mv_buf_bytes(&message));
    ck_assert_uint_eq(run.count, 10);
    ck_assert_uint_eq(run.questions, 2);
    ck_assert_uint_eq(run.wanted_rounds, 1);
    for (size_t i = 0; i < run.count; i++) {
        ck_assert_msg(run.results[i].code == (i < 2 ? MV_DKIM_PASS : MV_DKIM_POLICY), "signature %zu: %s, %s", i,
                      mv_dkim_code_text(run.results[i].code), run.results[i].reason);
        ck_assert_int_eq(run.results[i].partial_body, i >= 2);
    }
    ck_assert(mv_bytes_equal(run.results[0].sdid, MV_BYTES("example.org"))); /* in message order */
    dkim_test_end(&run);
}
END_TEST

/* A signature may list DKIM-Signature: that means the others, never itself (3.5 h=). */
START_TEST(a_signature_that_signs_another)
{
    struct mv_dkim_options options = {0};
    struct dkim_test_run run;
    struct mv_buf copy;
    struct dkim_test_spec spec = {.tags = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel",
                                  .names = "From:DKIM-Signature:DKIM-Signature",
                                  .header = MV_CANON_RELAXED,
                                  .body = MV_CANON_RELAXED,
                                  .body_length = DKIM_TEST_WHOLE_BODY};

    dkim_test_sign_as(&message, "example.com", MV_CANON_RELAXED, "", DKIM_TEST_WHOLE_BODY);
    mv_buf_init(&copy, DKIM_TEST_MAX_BYTES);
    dkim_test_sign(&spec, mv_buf_bytes(&message), &copy);
    mv_buf_free(&message);
    message = copy;
    dkim_test_run_signed(&run, &options, mv_buf_bytes(&message));
    ck_assert_uint_eq(run.count, 2);
    ck_assert_int_eq(run.results[0].code, MV_DKIM_PASS);
    ck_assert_int_eq(run.results[1].code, MV_DKIM_PASS);
    dkim_test_end(&run);
}
END_TEST

/* RFC 6376 3.4.3, 3.4.4: no body at all, and none after the separator. */
START_TEST(empty_bodies)
{
    static const char *const headers[] = {"From: a@example.com\r\n", "From: a@example.com\r\n\r\n",
                                          "From: a@example.com\r\n\r\n\r\n\r\n"};
    struct mv_dkim_options options = {0};
    struct dkim_test_run run;

    mv_buf_puts(&message, headers[_i % 3]);
    dkim_test_sign_as(&message, "example.com", _i < 3 ? MV_CANON_SIMPLE : MV_CANON_RELAXED, "", DKIM_TEST_WHOLE_BODY);
    dkim_test_run_signed(&run, &options, mv_buf_bytes(&message));
    ck_assert_int_eq(run.results[0].code, MV_DKIM_PASS);
    dkim_test_end(&run);
}
END_TEST

START_TEST(code_words)
{
    enum mv_dkim_code code;

    for (int i = MV_DKIM_NONE; i <= MV_DKIM_PERMERROR; i++) {
        ck_assert(mv_dkim_code_parse(mv_bytes_str(mv_dkim_code_text((enum mv_dkim_code)i)), &code));
        ck_assert_int_eq(code, i);
    }
    ck_assert(mv_dkim_code_parse(MV_BYTES("PASS"), &code));
    ck_assert(!mv_dkim_code_parse(MV_BYTES("passed"), &code));
    ck_assert(!mv_dkim_code_parse(MV_BYTES(""), &code));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_verify");
    TCase *tc = tcase_create("dkim_verify");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, every_key_and_canonicalisation, 0, TEST_KEY_COUNT * 4);
    tcase_add_loop_test(tc, one_change, 0, ROWS(rows));
    tcase_add_loop_test(tc, own_field_without_b, 0, ROWS(fields));
    tcase_add_test(tc, ten_lengths_in_two_canonicalisations);
    tcase_add_test(tc, a_signature_that_signs_another);
    tcase_add_loop_test(tc, empty_bodies, 0, 6);
    tcase_add_test(tc, code_words);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
