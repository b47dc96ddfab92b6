/* RFC 6590: what is told of a header block, and what never is. */
#include "core/auth/redaction.h"

#include <stdio.h>
#include <string.h>

#include "core/text/message.h"
#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (8 * 1024 * 1024)
#define MAX_TEXT_BYTES (64 * 1024)
#define H "000000000000000000000000" /* stands for any hash in what is expected */

static const struct mv_redaction redaction = {
    .key = {(const unsigned char *)"0123456789abcdef0123456789abcdef", 32},
    .scope = {(const unsigned char *)"example.com", 11},
};

static struct mv_arena *arena;
static struct mv_buf out;

static void setup(void)
{
    arena = mv_arena_new(MAX_MEMORY_BYTES);
    ck_assert_ptr_nonnull(arena);
    mv_buf_init(&out, MAX_TEXT_BYTES);
}

static void teardown(void)
{
    mv_buf_free(&out);
    mv_arena_free(&arena);
}

static const char *redact(const char *header)
{
    struct mv_reader *reader = mv_reader_new(arena);
    const struct mv_field *fields;
    struct mv_bytes body;
    size_t count;

    mv_buf_reset(&out);
    ck_assert_int_eq(mv_reader_feed(reader, mv_bytes_str(header), &body), MV_OK);
    ck_assert_int_eq(mv_reader_end(reader), MV_OK);
    fields = mv_reader_fields(reader, &count);
    ck_assert_int_eq(mv_redact_header(arena, &redaction, fields, count, &out), MV_OK);
    return mv_buf_cstr(&out);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Hashes, which are what stands before "@", become zeros. */
static void hide_hashes(char *text)
{
    for (char *at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@')) {
        size_t n = 0;

        while (n < MV_REDACTED_BYTES && at - text > (long)n && is_hex(at[-1 - (long)n]))
            n++;
        ck_assert_msg(n == MV_REDACTED_BYTES || n == 0, "%s", text);
        for (; n > 0; n--)
            at[-(long)n] = '0';
    }
}

static const struct row {
    const char *name, *header, *redacted;
} rows[] = {
    {"an address", "From: alice@example.com\r\n", "From: " H "@example.com\r\n"},
    {"a name", "From: \"Alice A.\" <alice@example.com>\r\n", "From: " H "@example.com\r\n"},
    {"a name that is an address", "From: \"bob@example.org\" <alice@example.com>\r\n", "From: " H "@example.com\r\n"},
    {"a comment", "From: alice@example.com (bob@example.org)\r\n", "From: " H "@example.com\r\n"},
    {"a quoted local part", "To: \"alice b\"@example.com\r\n", "To: " H "@example.com\r\n"},
    {"a loose one", "From: Example, Inc. <alice@example.com>\r\n", "From: " H "@example.com\r\n"},
    {"several", "Cc: a@example.com, b@example.org\r\n", "Cc: " H "@example.com, " H "@example.org\r\n"},
    {"a group", "To: all: a@example.com;\r\n", "To: " H "@example.com\r\n"},
    {"a domain in capitals", "Sender: alice@EXAMPLE.com\r\n", "Sender: " H "@example.com\r\n"},
    {"a U-label", "Reply-To: a@b\xc3\xbc" "cher.example\r\n", "Reply-To: " H "@xn--bcher-kva.example\r\n"},
    {"no address", "To: alice\r\n", "To: redacted\r\n"},
    {"no recipients", "To: undisclosed-recipients:;\r\n", "To: redacted\r\n"},
    {"a domain literal", "From: alice@[192.0.2.1]\r\n", "From: redacted\r\n"},
    {"the name in other letters", "fROM: a@example.com\r\n", "From: " H "@example.com\r\n"},
    {"two of them", "From: a@example.com\r\nFrom: b@example.com\r\n",
     "From: " H "@example.com\r\nFrom: " H "@example.com\r\n"},

    {"Return-Path", "Return-Path: <alice@example.com>\r\n", "Return-Path: <" H "@example.com>\r\n"},
    {"the null path", "Return-Path: <>\r\n", "Return-Path: <>\r\n"},
    {"no path", "Return-Path: alice\r\n", "Return-Path: <>\r\n"},
    {"Message-ID", "Message-ID: <alice.1@example.com>\r\n", "Message-ID: <" H "@example.com>\r\n"},
    {"Message-ID without domain", "Message-ID: <alice>\r\n", ""},
    {"Message-ID of two", "Message-ID: <alice@x> <bob@example.com>\r\n", "Message-ID: <" H "@example.com>\r\n"},
    {"Subject", "Subject: Alice, call bob@example.org\r\n", "Subject: redacted\r\n"},
    {"Date", "Date: Thu, 26 Nov 2026 12:00:00 +0100 (CET)\r\n", "Date: Thu, 26 Nov 2026 12:00:00 +0100 (CET)\r\n"},
    {"Date with more in it", "Date: Thu, 26 Nov 2026 12:00:00 +0100 (Alice)\r\n", ""},
    {"Date that begins like one", "Date: Thu,alice@example.com\r\n", ""},
    {"MIME", "MIME-Version: 1.0\r\nContent-Type: Text/HTML; charset=utf-8; name=\"alice@example.com.html\"\r\n"
     "Content-Transfer-Encoding: base64\r\n",
     "MIME-Version: 1.0\r\nContent-Type: Text/HTML\r\nContent-Transfer-Encoding: base64\r\n"},
    {"no MIME", "MIME-Version: alice\r\nContent-Type: alice/x\r\nContent-Transfer-Encoding: alice\r\n", ""},
    {"a subtype that is none", "Content-Type: text/alice@example.com\r\n", ""},

    {"DKIM-Signature",
     "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.com; s=s1;\r\n i=alice@m.example.com; h=From:To;"
     " l=5; t=1;\r\n x=2; q=dns/txt; z=From:alice@example.com|To:bob; bh=YQ==; b=YWJj\r\n ZGVm\r\n",
     "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.com; s=s1;\r\n    i=" H
     "@m.example.com; h=From:To; l=5; t=1; x=2;\r\n    q=dns/txt; bh=YQ==; b=YWJjZGVm;\r\n"},
    {"i= without local part", "DKIM-Signature: d=example.com; i=@example.com\r\n",
     "DKIM-Signature: d=example.com; i=@example.com;\r\n"},
    {"tags that hold addresses", "DKIM-Signature: v=1; d=alice@example.com; s=a\"b; i=alice; r=alice\r\n",
     "DKIM-Signature: v=1;\r\n"},
    {"no tags", "DKIM-Signature: alice\r\n", ""},

    {"Received by Postfix",
     "Received: from mail.example.com (mail.example.com [192.0.2.1])\r\n\tby mx.example.org (Postfix) with ESMTPS id "
     "4F1A2B\r\n\tfor <alice@example.org>; Thu, 26 Nov 2026 12:00:00 +0000 (UTC)\r\n",
     "Received: from mail.example.com (mail.example.com [192.0.2.1])\r\n    by mx.example.org with ESMTPS id 4F1A2B\r\n"
     "    for " H "@example.org ; Thu, 26 Nov 2026 12:00:00 +0000\r\n    (UTC)\r\n"},
    {"Received by Exim",
     "Received: from [192.0.2.1] (port=5 helo=pc-of-alice) by mx.example.org with esmtpsa (TLS1.3) (Exim 4.96)\r\n "
     "(envelope-from <alice@example.com>) id 1abcde-0001-XY for bob@example.org; Thu, 26 Nov 2026 12:00:00 +0000\r\n",
     "Received: from [192.0.2.1] by mx.example.org with esmtpsa id 1abcde-0001-XY\r\n    for " H
     "@example.org ; Thu, 26 Nov 2026 12:00:00 +0000\r\n"},
    {"Exim's client", "Received: from alices-pc ([2001:db8::1]:1234 helo=alice) by mx.example.org\r\n",
     "Received: from redacted ([2001:db8::1]) by mx.example.org\r\n"},
    {"a logged in user", "Received: from a.example ([192.0.2.1]) (Authenticated sender: alice) by b.example\r\n",
     "Received: from a.example ([192.0.2.1]) by b.example\r\n"},
    {"a user with a dot", "Received: from a.example (alice.b) by b.example (alice.b [192.0.2.1] x)\r\n",
     "Received: from a.example by b.example ([192.0.2.1])\r\n"},
    {"identd", "Received: from a.example (alice@a.example [192.0.2.1]) by b.example\r\n",
     "Received: from a.example ([192.0.2.1]) by b.example\r\n"},
    {"for without domain", "Received: by b.example for alice; Thu, 26 Nov 2026 12:00:00 +0000\r\n",
     "Received: by b.example for redacted ; Thu, 26 Nov 2026 12:00:00 +0000\r\n"},
    {"for a quoted one", "Received: by b.example for <\"alice; id b\"@example.org>\r\n",
     "Received: by b.example for redacted\r\n"},
    {"for two", "Received: by b.example for <alice@example.org>,<bob@example.org>\r\n",
     "Received: by b.example for redacted\r\n"},
    {"by hand", "Received: from alice by local with alice id alice@b for alice (alice\r\n",
     "Received: from redacted by redacted with redacted id redacted for redacted\r\n"},
    {"nothing of it", "Received: alice\r\n", ""},

    {"all else", "X-Original-To: alice@example.org\r\nDelivered-To: alice@example.org\r\nReferences: <alice@x>\r\n"
     "In-Reply-To: <alice@example.com>\r\nAuthentication-Results: x; spf=pass smtp.mailfrom=alice@example.com\r\n"
     "List-Unsubscribe: <mailto:alice@example.com>\r\nResent-From: alice@example.com\r\nBcc: alice@example.com\r\n"
     "ARC-Seal: i=1; d=example.com\r\nComments: alice\r\nno field at all\r\n", ""},
};

START_TEST(kept_fields)
{
    const struct row *row = &rows[_i];
    char text[4096];

    snprintf(text, sizeof text, "%s", redact(row->header) == NULL ? "" : redact(row->header));
    hide_hashes(text);
    ck_assert_msg(strcmp(text, row->redacted) == 0, "%s: got\n%s", row->name, text);
    ck_assert_msg(strstr(text, "alice") == NULL, "%s", row->name);
}
END_TEST

static const char *hash_of(const struct mv_redaction *r, const char *local_part, const char *domain)
{
    mv_buf_reset(&out);
    ck_assert_int_eq(mv_redact_address(r, mv_bytes_str(local_part), mv_bytes_str(domain), &out), MV_OK);
    return mv_arena_str(arena, mv_buf_bytes(&out));
}

/* Equal addresses are equal, for one owner and one site; nothing else is. */
START_TEST(hashes)
{
    struct mv_redaction other_owner = redaction, other_site = redaction;
    const char *hash = hash_of(&redaction, "alice", "example.org");

    other_owner.scope = MV_BYTES("example.net");
    other_site.key = MV_BYTES("0123456789abcdef0123456789abcdeg");
    ck_assert_uint_eq(strlen(hash), MV_REDACTED_BYTES + strlen("@example.org"));
    ck_assert_str_eq(hash, hash_of(&redaction, "ALICE", "example.org"));
    ck_assert_str_ne(hash, hash_of(&redaction, "alicf", "example.org"));
    ck_assert_int_ne(memcmp(hash, hash_of(&redaction, "alice", "example.net"), MV_REDACTED_BYTES), 0);
    ck_assert_str_ne(hash, hash_of(&other_owner, "alice", "example.org"));
    ck_assert_str_ne(hash, hash_of(&other_site, "alice", "example.org"));
}
END_TEST

/* The whole is bounded, and whole fields are left out. */
START_TEST(limits)
{
    static char header[512 * 1024];
    size_t len = 0, fields = 0;
    const char *text;

    for (int i = 0; i < 5000; i++)
        len += (size_t)snprintf(header + len, sizeof header - len, "To: user%d@a-rather-long-domain-name.example\r\n", i);
    text = redact(header);
    for (const char *at = text; (at = strstr(at, "To: ")) != NULL; at++)
        fields++;
    ck_assert(fields > 50 && fields <= 100 && strlen(text) <= MV_REDACTION_MAX_HEADER_BYTES);
    len = (size_t)snprintf(header, sizeof header, "To: x@example.org");
    for (int i = 0; i < 99; i++)
        len += (size_t)snprintf(header + len, sizeof header - len, ", user%d@%060d.%060d.example.org", i, i, i);
    snprintf(header + len, sizeof header - len, "\r\nDate: 26 Nov 2026\r\n");
    ck_assert_msg(strncmp(redact(header), "Date: 26 Nov 2026\r\n", 6) == 0, "%s", redact(header));
    memset(header, 'a', 70000);
    snprintf(header + 70000, sizeof header - 70000, "@example.org\r\n");
    memcpy(header, "From: ", 6);
    ck_assert_uint_eq(strlen(redact(header)), 0);
    for (len = 0; len < 300000;)
        len += (size_t)snprintf(header + len, sizeof header - len,
                                "Received: from mail.example.com ([192.0.2.1]) by mx.example.org with ESMTPS id 1\r\n");
    ck_assert_uint_le(strlen(redact(header)), MV_REDACTION_MAX_HEADER_BYTES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("redaction");
    TCase *tcase = tcase_create("redaction");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, kept_fields, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tcase, hashes);
    tcase_add_test(tcase, limits);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
