/* RFC 8617 5.1: what we seal verifies, says what was found, and is not made where it must not be. */
#include "core/auth/seal.h"

#include <stdio.h>
#include <string.h>

#include "core/arc/verify.h"
#include "core/text/message.h"
#include "tests/unit/dkim_test_run.h"
#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (64 * 1024 * 1024)
#define FROM "From: Alice <alice@example.com>\r\nSubject: x\r\n"
#define BODY "\r\nHello\r\n"
#define OURS "Authentication-Results: mx.example; "

static struct mv_buf message, sealed, why;

static void set_up(void)
{
    mv_buf_init(&message, DKIM_TEST_MAX_BYTES);
    mv_buf_init(&sealed, DKIM_TEST_MAX_BYTES);
    mv_buf_init(&why, 1000);
}

static void tear_down(void)
{
    mv_buf_free(&message);
    mv_buf_free(&sealed);
    mv_buf_free(&why);
}

static void put_pem(enum test_key_id id, struct mv_buf *out)
{
    mv_buf_printf(out, "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", test_key_of(id)->pkcs8);
}

/* The message with its set, or the reason. */
static void seal(enum test_key_id id, const char *names, size_t piece)
{
    struct mv_seal_request request = {.authserv_id = MV_BYTES("mx.example"), .domain = MV_BYTES("Example.net"),
                                      .selector = MV_BYTES("sel"), .names = mv_bytes_str(names), .pem_name = "key.pem",
                                      .now_secs = DKIM_TEST_NOW};
    struct mv_error error = {0};
    struct mv_seal *one;
    struct mv_buf pem;

    mv_buf_reset(&sealed);
    mv_buf_reset(&why);
    mv_buf_init(&pem, 20000);
    put_pem(id, &pem);
    request.pem = mv_buf_bytes(&pem);
    ck_assert_msg(mv_seal_begin(&request, &one, &error) == MV_OK, "%s", error.text);
    for (size_t at = 0; at < message.len; at += piece)
        ck_assert_int_eq(mv_seal_feed(one, mv_bytes_slice(mv_buf_bytes(&message), at, at + piece)), MV_OK);
    ck_assert_int_eq(mv_seal_end(one), MV_OK);
    ck_assert((mv_seal_reason(one) == NULL) == (mv_seal_fields(one).len > 0));
    if (mv_seal_reason(one) != NULL)
        mv_buf_puts(&why, mv_seal_reason(one));
    mv_buf_put(&sealed, mv_seal_fields(one));
    mv_buf_put(&sealed, mv_buf_bytes(&message));
    mv_seal_free(&one);
    ck_assert_ptr_null(one);
    mv_buf_free(&pem);
}

static void answer(struct mv_memo *memo, const struct mv_dns_question *question, enum test_key_id id)
{
    struct mv_dns_record record;
    struct mv_dns_answer reply = {.status = MV_DNS_FOUND, .ttl_secs = 300, .count = 1, .records = &record};
    struct mv_buf text;

    mv_buf_init(&text, 10000);
    dkim_test_record(id == TEST_ED25519 ? "v=DKIM1; k=ed25519; p={p}" : "v=DKIM1; p={p}", id, &text);
    record = (struct mv_dns_record){.data = mv_buf_bytes(&text)};
    ck_assert_int_eq(mv_memo_answer(memo, question, &reply), MV_OK);
    mv_buf_free(&text);
}

/* What our verifier says of the sealed message, all keys being this one. */
static enum mv_arc_code verify(enum test_key_id id)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_dkim_bodies *bodies = mv_dkim_bodies_new(arena);
    struct mv_arc_verifier *verifier = mv_arc_verifier_new(arena, bodies);
    struct mv_dkim_options options = {.now_secs = DKIM_TEST_NOW};
    struct mv_reader *reader = mv_reader_new(arena);
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dns_question question;
    const struct mv_field *fields;
    enum mv_arc_code code;
    struct mv_bytes body;
    size_t count;

    ck_assert_int_eq(mv_reader_feed(reader, mv_buf_bytes(&sealed), &body), MV_OK);
    ck_assert_int_eq(mv_reader_end(reader), MV_OK);
    fields = mv_reader_fields(reader, &count);
    ck_assert_int_eq(mv_arc_verifier_header(verifier, &options, fields, count), MV_OK);
    mv_dkim_bodies_feed(bodies, body);
    ck_assert_int_eq(mv_dkim_bodies_end(bodies), MV_OK);
    while (mv_arc_verifier_run(verifier, memo, NULL) == MV_NEED_DNS)
        while (mv_memo_next_question(memo, &question))
            answer(memo, &question, id);
    code = mv_arc_verifier_result(verifier)->code;
    ck_assert(code != MV_ARC_PASS || mv_arc_verifier_result(verifier)->author_signed);
    mv_arc_verifier_free(&verifier);
    mv_dkim_bodies_free(&bodies);
    mv_arena_free(&arena);
    return code;
}

/* RFC 5322 2.1.1: no line is longer than 998; and every line is of a field. */
static void assert_lines(void)
{
    struct mv_cursor c = mv_cursor_of(mv_buf_bytes(&sealed));

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\r');

        ck_assert_uint_le(line.len, MV_FIELD_MAX_COLUMN);
        mv_cursor_take(&c, 2);
    }
}

START_TEST(keys)
{
    static const enum test_key_id ids[] = {TEST_RSA1024, TEST_RSA2048, TEST_RSA4096, TEST_RSA8192, TEST_ED25519};

    mv_buf_puts(&message, OURS "arc=none; spf=pass smtp.mailfrom=example.com\r\n" FROM BODY);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        seal(ids[i], "", 1000);
        ck_assert_msg(verify(ids[i]) == MV_ARC_PASS, "%s", test_key_of(ids[i])->name);
        assert_lines();
    }
}
END_TEST

static const struct {
    const char *name;
    const char *text;
    const char *names;
    const char *holds; /* in the sealed message */
} rows[] = {
    {"nothing was found", FROM BODY, "", "ARC-Authentication-Results: i=1; mx.example; none\r\n"},
    {"one field", OURS "spf=pass smtp.mailfrom=a.example\r\n" FROM BODY, "",
     "i=1; mx.example;\r\n    spf=pass smtp.mailfrom=a.example\r\n"},
    {"two fields", OURS "spf=pass\r\n" OURS "dkim=fail (c) ;\r\n" FROM BODY, "", ";\r\n    spf=pass;\r\n    dkim=fail (c)\r\n"},
    {"folds are kept", OURS "\r\n  spf=pass;\r\n  dkim=none\r\n" FROM BODY, "", ";\r\n    spf=pass;\r\n  dkim=none\r\n"},
    {"the id in other letters", "authentication-results: MX.Example (x) 1; spf=pass\r\n" FROM BODY, "", "    spf=pass\r\n"},
    {"others do not count", "Authentication-Results: mx.example.net; spf=pass\r\n" FROM BODY, "", "mx.example; none\r\n"},
    {"nor do those that cannot be read", OURS "spf=pass (\r\n" FROM BODY, "", "mx.example; none\r\n"},
    {"nor a later version", "Authentication-Results: mx.example 2; spf=pass\r\n" FROM BODY, "", "mx.example; none\r\n"},
    {"nor does none", OURS "none\r\n" FROM BODY, "", "mx.example; none\r\n"},
    {"the first seal", FROM BODY, "", "cv=none; d=example.net;\r\n    i=1; s=sel; t=1700000000\r\n"},
    {"names that are given", FROM BODY, "from : Subject:x-none", "h=from:Subject:x-none;"},
    {"signatures are covered", "DKIM-Signature: v=1\r\nDKIM-Signature: v=2\r\n" FROM BODY, "",
     "DKIM-Signature:\r\n      DKIM-Signature;"},
    {"no body", FROM "\r\n", "", "cv=none"},
    {"no end of the header", FROM, "", "cv=none"},
};

START_TEST(first_sets)
{
    const size_t pieces[] = {1, 7, 100000};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t p = 0; p < 3; p++) {
            mv_buf_reset(&message);
            mv_buf_puts(&message, rows[i].text);
            seal(TEST_RSA1024, rows[i].names, pieces[p]);
            ck_assert_msg(strstr(mv_buf_cstr(&sealed), rows[i].holds) != NULL, "%s: %s%s", rows[i].name,
                          mv_buf_cstr(&sealed), mv_buf_cstr(&why));
            ck_assert_msg(verify(TEST_RSA1024) == MV_ARC_PASS, "%s: does not verify", rows[i].name);
        }
    }
}
END_TEST

/* A chain that goes on, up to its end. */
START_TEST(fifty)
{
    mv_buf_puts(&message, FROM BODY);
    for (unsigned i = 1; i <= 50; i++) {
        seal(TEST_RSA1024, "", 100000);
        ck_assert_str_eq(mv_buf_cstr(&why), "");
        ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&sealed), i == 1 ? "cv=none" : "cv=pass"));
        mv_buf_reset(&message);
        if (i == 1)
            mv_buf_puts(&message, OURS "arc=pass\r\n");
        mv_buf_put(&message, mv_buf_bytes(&sealed));
    }
    ck_assert_int_eq(verify(TEST_RSA1024), MV_ARC_PASS);
    seal(TEST_RSA1024, "", 100000);
    ck_assert_str_eq(mv_buf_cstr(&why), "there are 50 ARC sets already");
}
END_TEST

#define CHAIN "ARC-Seal: i=1; cv=none; b=AAAA\r\nARC-Message-Signature: i=1; b=AAAA\r\nARC-Authentication-Results: i=1; x; none\r\n"

/* RFC 8617 5.1.2: what failed is said, in a seal that covers its own set alone, so it verifies by itself. */
static const struct {
    const char *name;
    const char *text;
    const char *holds;
} failed[] = {
    {"failed here", OURS "arc=fail\r\n" CHAIN FROM BODY, "cv=fail; d=example.net;\r\n    i=2;"},
    {"none here, but there are fields", OURS "arc=none\r\n" CHAIN FROM BODY, "cv=fail; d=example.net;\r\n    i=2;"},
    {"two opinions", OURS "arc=pass\r\n" OURS "arc=fail\r\n" CHAIN FROM BODY, "cv=fail; d=example.net;\r\n    i=2;"},
    {"pass is said, but the structure is broken", OURS "arc=pass\r\nARC-Seal: i=7; cv=pass\r\n" FROM BODY,
     "cv=fail; d=example.net;\r\n    i=8;"},
    {"an instance is missing", OURS "arc=fail\r\nARC-Seal: cv=none\r\nARC-Seal: i=2; cv=pass\r\n" FROM BODY,
     "cv=fail; d=example.net;\r\n    i=3;"},
};

START_TEST(failed_chains)
{
    for (size_t i = 0; i < sizeof failed / sizeof failed[0]; i++) {
        mv_buf_reset(&message);
        mv_buf_puts(&message, failed[i].text);
        seal(TEST_RSA1024, "", 100000);
        ck_assert_msg(strstr(mv_buf_cstr(&sealed), failed[i].holds) != NULL, "%s: %s%s", failed[i].name,
                      mv_buf_cstr(&sealed), mv_buf_cstr(&why));
        ck_assert_msg(verify(TEST_RSA1024) != MV_ARC_PASS, "%s: passes", failed[i].name);
    }
}
END_TEST

static const struct {
    const char *name;
    const char *text;
    const char *says;
} refused[] = {
    {"ended", OURS "arc=fail\r\nARC-Seal: i=2; cv=fail\r\n" CHAIN FROM BODY, "the newest ARC-Seal says"},
    {"ended, nothing known", "ARC-Seal: i=2; cv=fail\r\n" CHAIN FROM BODY, "the newest ARC-Seal says"},
    {"a chain that nobody judged", CHAIN FROM BODY, "no Authentication-Results field of ours"},
    {"judged by another", "Authentication-Results: x.example; arc=pass\r\n" CHAIN FROM BODY,
     "no Authentication-Results field of ours"},
    {"judged in words that cannot be read", OURS "arc=pass (\r\n" CHAIN FROM BODY,
     "no Authentication-Results field of ours"},
    {"judged, but not there", OURS "arc=pass\r\n" FROM BODY, "an ARC chain that is not there"},
    {"judged bad, but not there", OURS "arc=fail\r\n" FROM BODY, "an ARC chain that is not there"},
    {"no From", "Subject: x\r\n" BODY, "From"},
    {"two From", FROM FROM BODY, "more than one From"},
    {"bare LF in the header", "X: a\nb\r\n" FROM BODY, "LF without CR"},
    {"a line that is no field", "nothing\r\n" FROM BODY, "field"},
    {"bare LF in the body", FROM "\r\na\nb\r\n", "LF"},
    {"bare CR in the body", FROM "\r\na\rb\r\n", "CR"},
    {"empty", "", "From"},
};

START_TEST(not_sealed)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        for (size_t piece = 1; piece < 1000000; piece *= 1000) {
            mv_buf_reset(&message);
            mv_buf_puts(&message, refused[i].text);
            seal(TEST_RSA1024, "", piece);
            ck_assert_msg(strstr(mv_buf_cstr(&why), refused[i].says) != NULL, "%s: %s", refused[i].name,
                          mv_buf_cstr(&why));
        }
    }
}
END_TEST

static const struct {
    const char *name;
    struct mv_bytes id, domain, selector, names;
    const char *pem; /* NULL: a good one */
} requests[] = {
    {"no id", MV_BYTES(""), MV_BYTES("a.example"), MV_BYTES("s"), MV_BYTES(""), NULL},
    {"an id that needs quotes", MV_BYTES("a;b"), MV_BYTES("a.example"), MV_BYTES("s"), MV_BYTES(""), NULL},
    {"no domain", MV_BYTES("mx"), MV_BYTES(""), MV_BYTES("s"), MV_BYTES(""), NULL},
    {"a domain of one label", MV_BYTES("mx"), MV_BYTES("example"), MV_BYTES("s"), MV_BYTES(""), NULL},
    {"a domain with a fold", MV_BYTES("mx"), MV_BYTES("a\r\n.example"), MV_BYTES("s"), MV_BYTES(""), NULL},
    {"no selector", MV_BYTES("mx"), MV_BYTES("a.example"), MV_BYTES(""), MV_BYTES(""), NULL},
    {"a selector with a semicolon", MV_BYTES("mx"), MV_BYTES("a.example"), MV_BYTES("s;x"), MV_BYTES(""), NULL},
    {"names with a gap", MV_BYTES("mx"), MV_BYTES("a.example"), MV_BYTES("s"), MV_BYTES("from::to"), NULL},
    {"names with a semicolon", MV_BYTES("mx"), MV_BYTES("a.example"), MV_BYTES("s"), MV_BYTES("from:a;b"), NULL},
    {"names with a fold", MV_BYTES("mx"), MV_BYTES("a.example"), MV_BYTES("s"), MV_BYTES("fr\r\nom"), NULL},
    {"no key", MV_BYTES("mx"), MV_BYTES("a.example"), MV_BYTES("s"), MV_BYTES(""), ""},
    {"not a key", MV_BYTES("mx"), MV_BYTES("a.example"), MV_BYTES("s"), MV_BYTES(""), "-----BEGIN PRIVATE KEY-----\n"},
};

START_TEST(bad_requests)
{
    struct mv_buf pem;

    mv_buf_init(&pem, 20000);
    put_pem(TEST_RSA1024, &pem);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct mv_seal_request request = {
            .authserv_id = requests[i].id, .domain = requests[i].domain, .selector = requests[i].selector,
            .names = requests[i].names, .pem_name = "key.pem",
            .pem = requests[i].pem == NULL ? mv_buf_bytes(&pem) : mv_bytes_str(requests[i].pem)};
        struct mv_error error = {0};
        struct mv_seal *one;

        ck_assert_msg(mv_seal_begin(&request, &one, &error) != MV_OK, "%s", requests[i].name);
        ck_assert_msg(one == NULL && error.text[0] != '\0', "%s", requests[i].name);
    }
    mv_buf_free(&pem);
}
END_TEST

/* h= without From is a request that no message can fulfil. */
START_TEST(names_without_from)
{
    struct mv_seal_request request = {.authserv_id = MV_BYTES("mx"), .domain = MV_BYTES("a.example"),
                                      .selector = MV_BYTES("s"), .names = MV_BYTES("to:subject"), .pem_name = "k"};
    struct mv_error error = {0};
    struct mv_seal *one;
    struct mv_buf pem;

    mv_buf_init(&pem, 20000);
    put_pem(TEST_ED25519, &pem);
    request.pem = mv_buf_bytes(&pem);
    ck_assert_int_eq(mv_seal_begin(&request, &one, &error), MV_ERR_SYNTAX);
    ck_assert_ptr_null(one);
    mv_buf_free(&pem);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arc_seal");
    TCase *tcase = tcase_create("arc_seal");
    SRunner *runner;
    int count_failed;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, keys);
    tcase_add_test(tcase, first_sets);
    tcase_add_test(tcase, fifty);
    tcase_add_test(tcase, failed_chains);
    tcase_add_test(tcase, not_sealed);
    tcase_add_test(tcase, bad_requests);
    tcase_add_test(tcase, names_without_from);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    count_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return count_failed == 0 ? 0 : 1;
}
