#include "core/dkim/sign.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "core/dkim/signature.h"
#include "core/text/message.h"
#include "tests/unit/dkim_sign_run.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define FROM "From: Alice <alice@example.com>\r\n"

static struct mv_buf message; /* to be signed */
static struct mv_buf made;    /* the fields */

static void set_up(void)
{
    mv_buf_init(&message, DKIM_TEST_MAX_BYTES);
    mv_buf_init(&made, DKIM_TEST_MAX_BYTES);
}

static void tear_down(void)
{
    dkim_sign_forget_keys();
    mv_buf_free(&message);
    mv_buf_free(&made);
}

static const struct {
    const char *name;
    const char *text;
    const char *reason;
} refused[] = {
    {"nothing at all", "", "no From"},
    {"no header", "\r\nbody\r\n", "no From"},
    {"no From", "To: x@example.net\r\n\r\nx\r\n", "no From"},
    {"From in the body", "To: x@example.net\r\n\r\nFrom: x@example.com\r\n", "no From"},
    {"two From", FROM FROM "\r\nx\r\n", "more than one From"},
    {"two From, far apart", FROM "To: x\r\nX-A: b\r\nfrom: y@example.org\r\n\r\nx\r\n", "more than one From"},
    {"two From, a space before the colon", FROM "From : y@example.org\r\n\r\nx\r\n", "and its colon"},
    {"two Sender", FROM "Sender: x\r\nSender: x\r\n\r\nx\r\n", "more than one Sender"},
    {"two Reply-To", FROM "Reply-To: x\r\nreply-to: x\r\n\r\nx\r\n", "more than one Reply-To"},
    {"two To", FROM "To: x\r\nTO: x\r\n\r\nx\r\n", "more than one To"},
    {"two Cc", FROM "Cc: x\r\ncc: x\r\n\r\nx\r\n", "more than one Cc"},
    {"two Subject", FROM "Subject: x\r\nSubject:\r\n\r\nx\r\n", "more than one Subject"},
    {"two Date", FROM "Date: x\r\nDate: x\r\n\r\nx\r\n", "more than one Date"},
    {"two Message-ID", FROM "Message-ID: x\r\nMessage-Id: x\r\n\r\nx\r\n", "more than one Message-ID"},
    {"two In-Reply-To", FROM "In-Reply-To: x\r\nIn-Reply-To: y\r\n\r\nx\r\n", "more than one In-Reply-To"},
    {"two References", FROM "References: x\r\nReferences: x\r\n\r\nx\r\n", "more than one References"},
    {"two MIME-Version", FROM "MIME-Version: 1.0\r\nMime-Version: 1.0\r\n\r\nx\r\n", "more than one MIME-Version"},
    {"two Content-Type", FROM "Content-Type: x\r\nContent-type: x\r\n\r\nx\r\n", "more than one Content-Type"},
    {"two Content-Transfer-Encoding", FROM "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
     "more than one Content-Transfer-Encoding"},
    {"three of a kind", FROM "Date: x\r\nDate: x\r\nDate: x\r\n\r\n", "more than one Date"},
    {"bare CR in the header", FROM "Subject: a\rb\r\n\r\nx\r\n", "CR without LF"},
    {"bare LF in the header", FROM "Subject: a\nb\r\n\r\nx\r\n", "LF without CR"},
    {"bare LF ends the header", FROM "Subject: a\n\nx\r\n", "LF without CR"},
    {"all line ends bare LF", "From: x@example.com\nTo: y@example.net\n\nbody\n", "LF without CR"},
    {"CR CR LF in the header", FROM "Subject: a\r\r\n\r\nx\r\n", "CR without LF"},
    {"space before the colon of From", "From : a@example.com\r\n\r\nx\r\n", "and its colon"},
    {"tab before the colon of a field not signed", FROM "X-Odd\t: x\r\n\r\nx\r\n", "and its colon"},
    {"fold before the colon", FROM "X-Odd\r\n : x\r\n\r\nx\r\n", "no field"},
    {"no field", FROM "this is no field\r\n\r\nx\r\n", "no field"},
    {"mbox line", "From alice@example.com Tue Nov 14\r\n" FROM "\r\nx\r\n", "no field"},
    {"empty name", FROM ": x\r\n\r\nx\r\n", "no field"},
    {"continuation first", " x\r\n" FROM "\r\nx\r\n", "no field"},
    {"8-bit name", FROM "S\xc3\xbc" "bject: x\r\n\r\nx\r\n", "no field"},
    {"body: bare LF", FROM "\r\na\nb\r\n", "LF without CR in the body"},
    {"body: bare LF first", FROM "\r\n\n", "LF without CR in the body"},
    {"body: bare LF last", FROM "\r\na\n", "LF without CR in the body"},
    {"body: LF LF", FROM "\r\na\r\n\n", "LF without CR in the body"},
    {"body: bare CR", FROM "\r\na\rb\r\n", "CR without LF in the body"},
    {"body: bare CR last", FROM "\r\na\r", "CR without LF in the body"},
    {"body: a CR alone", FROM "\r\n\r", "CR without LF in the body"},
    {"body: CR CR LF", FROM "\r\na\r\r\n", "CR without LF in the body"},
    {"body: LF CR", FROM "\r\na\n\r\n", "LF without CR in the body"},
};

START_TEST(refuse)
{
    struct mv_dkim_signing_options options = dkim_sign_dual();

    mv_buf_puts(&message, refused[_i].text);
    for (size_t piece = 0; piece < 4; piece++) {
        struct dkim_sign_outcome outcome;

        mv_buf_reset(&made);
        outcome = dkim_sign_run(&options, mv_buf_bytes(&message), piece, &made);
        ck_assert_msg(outcome.code == MV_ERR_SYNTAX, "%s: %d", refused[_i].name, outcome.code);
        ck_assert_msg(outcome.reason != NULL && strstr(outcome.reason, refused[_i].reason) != NULL, "%s: %s",
                      refused[_i].name, outcome.reason);
        ck_assert_uint_eq(mv_buf_bytes(&made).len, 0);
    }
}
END_TEST

#define TEXT(after_from) {(const unsigned char *)FROM after_from, sizeof(FROM after_from) - 1}

START_TEST(refuse_nul)
{
    static const struct {
        const char *name;
        struct mv_bytes text;
    } rows[] = {
        {"in a field", TEXT("Subject: a\0b\r\n\r\nx\r\n")},
        {"first in the body", TEXT("\r\n\0x\r\n")},
        {"last in the body", TEXT("\r\nx\r\n\0")},
        {"between CR and LF", TEXT("\r\nx\r\0\n")},
    };
    struct mv_dkim_signing_options options = dkim_sign_dual();

    mv_buf_put(&message, rows[_i].text);
    for (size_t piece = 0; piece < 4; piece++)
        ck_assert_msg(dkim_sign_run(&options, mv_buf_bytes(&message), piece, &made).code == MV_ERR_SYNTAX, "%s",
                      rows[_i].name);
    ck_assert_uint_eq(mv_buf_bytes(&made).len, 0);
}
END_TEST

/* At every place of a long body, in any split: blocks and pieces have edges. */
START_TEST(refuse_anywhere)
{
    static const unsigned char bad[] = {'\0', '\r', '\n'};
    struct mv_dkim_signing_options options = dkim_sign_dual();
    size_t body_at;

    options.keys++;
    options.key_count = 1;
    mv_buf_puts(&message, FROM "\r\n");
    body_at = mv_buf_bytes(&message).len;
    for (int i = 0; i < 12; i++)
        mv_buf_puts(&message, "The quick brown fox jumps over the lazy dog.\r\n");
    ck_assert_int_eq(dkim_sign_run(&options, mv_buf_bytes(&message), 0, &made).code, MV_OK);
    for (size_t at = body_at; at < message.len; at++) {
        unsigned char kept = message.data[at];

        if (kept == bad[_i]) /* the CR or the LF of a line end */
            continue;
        message.data[at] = bad[_i];
        for (size_t piece = 0; piece < 200; piece += 67)
            ck_assert_msg(dkim_sign_run(&options, mv_buf_bytes(&message), piece, &made).code == MV_ERR_SYNTAX,
                          "octet %d at %zu", bad[_i], at);
        message.data[at] = kept;
    }
}
END_TEST

/* Our own verifier reads at most so many names. */
START_TEST(too_many_names)
{
    struct mv_dkim_signing_options options = dkim_sign_dual();
    struct dkim_sign_outcome outcome;

    mv_buf_puts(&message, FROM "Autocrypt: x\r\n");
    for (int i = 0; i < MV_DKIM_MAX_SIGNED_NAMES - 12; i++)
        mv_buf_puts(&message, "List-Id: x\r\n");
    mv_buf_puts(&message, "\r\nx\r\n");
    outcome = dkim_sign_run(&options, mv_buf_bytes(&message), 0, &made);
    ck_assert_int_eq(outcome.code, MV_ERR_SYNTAX);
    ck_assert_ptr_nonnull(strstr(outcome.reason, "200"));
}
END_TEST

/* ---- the caller's own mistakes ---- */

static const struct {
    const char *name;
    size_t key_count;
    const char *sdid, *selector;
    int64_t now_secs;
    uint64_t lifetime_secs;
    enum mv_code code;
} usages[] = {
    {"as it should be", 1, "example.com", "sel", DKIM_TEST_NOW, 100, MV_OK},
    {"four keys", 4, "example.com", "sel", DKIM_TEST_NOW, 100, MV_OK},
    {"selector of two labels", 1, "example.com", "a.b", DKIM_TEST_NOW, 0, MV_OK},
    {"the last time there is (RFC 6376 3.5)", 1, "example.com", "sel", 999999999999, 0, MV_OK},
    {"no key", 0, "example.com", "sel", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"five keys", 5, "example.com", "sel", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"no domain", 1, "", "sel", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"one label (RFC 6376 3.5)", 1, "com", "sel", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"another tag in the domain", 1, "example.com; l=0", "sel", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"another line in the domain", 1, "example.com\r\nX: y", "sel", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"U-labels", 1, "b\xc3\xbc" "cher.example", "sel", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"no selector", 1, "example.com", "", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"another tag in the selector", 1, "example.com", "a;b", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"a space in the selector", 1, "example.com", "a b", DKIM_TEST_NOW, 100, MV_ERR_USAGE},
    {"before 1970", 1, "example.com", "sel", -1, 100, MV_ERR_USAGE},
    {"t= of 13 digits", 1, "example.com", "sel", 1000000000000, 0, MV_ERR_USAGE},
    {"x= of 13 digits", 1, "example.com", "sel", DKIM_TEST_NOW, 999999999999, MV_ERR_USAGE},
    {"x= overflows", 1, "example.com", "sel", DKIM_TEST_NOW, UINT64_MAX, MV_ERR_USAGE},
};

START_TEST(options_that_are_no_use)
{
    struct mv_dkim_signing_options options = dkim_sign_dual();
    struct mv_dkim_signing_key same[5];

    for (size_t i = 0; i < ROWS(same); i++)
        same[i] = (struct mv_dkim_signing_key){dkim_sign_key(TEST_ED25519), mv_bytes_str(usages[_i].selector)};
    options.sdid = mv_bytes_str(usages[_i].sdid);
    options.keys = same;
    options.key_count = usages[_i].key_count;
    options.now_secs = usages[_i].now_secs;
    options.lifetime_secs = usages[_i].lifetime_secs;
    mv_buf_puts(&message, FROM "\r\nx\r\n");
    ck_assert_msg(dkim_sign_run(&options, mv_buf_bytes(&message), 0, &made).code == usages[_i].code, "%s",
                  usages[_i].name);
    ck_assert((made.len > 0) == (usages[_i].code == MV_OK));
}
END_TEST

START_TEST(called_out_of_order)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_dkim_signer *signer = mv_dkim_signer_new(arena);
    struct mv_dkim_signing_options options = dkim_sign_dual();
    struct mv_field from = mv_field_split(MV_BYTES(FROM));
    const char *reason;

    mv_dkim_signer_body(signer, MV_BYTES("x\r\n")); /* goes nowhere */
    ck_assert_int_eq(mv_dkim_signer_end(signer, &made, &reason), MV_ERR_USAGE);
    ck_assert_int_eq(mv_dkim_signer_header(signer, &options, &from, 1, MV_DEFECT_NUL, &reason), MV_ERR_SYNTAX);
    mv_dkim_signer_body(signer, MV_BYTES("x\r\n"));
    ck_assert_int_eq(mv_dkim_signer_end(signer, &made, &reason), MV_ERR_USAGE);
    ck_assert_int_eq(mv_dkim_signer_header(signer, &options, &from, 1, MV_DEFECT_NO_SEPARATOR, &reason), MV_OK);
    ck_assert_int_eq(mv_dkim_signer_header(signer, &options, &from, 1, 0, &reason), MV_ERR_USAGE);
    ck_assert_uint_eq(made.len, 0);
    ck_assert_int_eq(mv_dkim_signer_end(signer, &made, &reason), MV_OK);
    mv_dkim_signer_body(signer, MV_BYTES("x\r\n"));
    ck_assert_int_eq(mv_dkim_signer_end(signer, &made, &reason), MV_ERR_USAGE);
    mv_dkim_signer_free(&signer);
    mv_dkim_signer_free(&signer);
    mv_arena_free(&arena);
}
END_TEST

/* Freed in the middle: what lies outside the arena is given back (the sanitizer build looks). */
START_TEST(freed_before_the_end)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_dkim_signer *signer = mv_dkim_signer_new(arena);
    struct mv_dkim_signing_options options = dkim_sign_dual();
    struct mv_field from = mv_field_split(MV_BYTES(FROM));
    const char *reason;

    ck_assert_int_eq(mv_dkim_signer_header(signer, &options, &from, 1, 0, &reason), MV_OK);
    mv_dkim_signer_body(signer, MV_BYTES("x\r\n"));
    mv_dkim_signer_free(&signer);
    mv_arena_free(&arena);
}
END_TEST

/* Every arena limit, and every room for the fields, ends in MV_ERR_MEMORY or in the right fields. */
START_TEST(little_memory)
{
    struct mv_dkim_signing_options options = dkim_sign_dual();
    struct mv_field from = mv_field_split(MV_BYTES(FROM));
    const char *reason;
    size_t signed_times = 0, refused_times = 0;

    for (size_t limit = 0; limit < 64 * 1024; limit += 1024) {
        struct mv_arena *arena = mv_arena_new(limit);
        struct mv_dkim_signer *signer = arena == NULL ? NULL : mv_dkim_signer_new(arena);
        struct mv_buf out;
        enum mv_code code = MV_ERR_MEMORY;

        mv_buf_init(&out, limit / 16);
        if (signer != NULL)
            code = mv_dkim_signer_header(signer, &options, &from, 1, 0, &reason);
        if (code == MV_OK)
            code = mv_dkim_signer_end(signer, &out, &reason);
        ck_assert_msg(code == MV_OK || code == MV_ERR_MEMORY, "%zu: %d", limit, code);
        signed_times += code == MV_OK;
        refused_times += code == MV_ERR_MEMORY;
        mv_dkim_signer_free(&signer);
        mv_buf_free(&out);
        mv_arena_free(&arena);
    }
    ck_assert_uint_gt(signed_times, 5);
    ck_assert_uint_gt(refused_times, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_sign_refuse");
    TCase *tc = tcase_create("dkim_sign_refuse");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, refuse, 0, ROWS(refused));
    tcase_add_loop_test(tc, refuse_nul, 0, 4);
    tcase_add_loop_test(tc, refuse_anywhere, 0, 3);
    tcase_add_test(tc, too_many_names);
    tcase_add_loop_test(tc, options_that_are_no_use, 0, ROWS(usages));
    tcase_add_test(tc, called_out_of_order);
    tcase_add_test(tc, freed_before_the_end);
    tcase_add_test(tc, little_memory);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
