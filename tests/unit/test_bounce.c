/* Bounces: which mail, and whether for good (RFC 3464, RFC 3463). */
#include "core/report/bounce.h"

#include "core/base/trace.h"
#include "tests/unit/unit.h"

#define TOKEN "abcdefghijk23456"
#define TO "To: dmarc+" TOKEN "@example.org\n"
#define REPORT "Content-Type: multipart/report; report-type=delivery-status;\n boundary=b\n"
#define STATUS(text) "--b\nContent-Type: text/plain\n\nAction: none of this\n--b\nContent-Type: message/delivery-status\n\n" \
                     "Reporting-MTA: dns; mx.example\n\n" text "--b--\n"

static const struct row {
    const char *name;
    const char *message;
    enum mv_bounce_kind kind;
    size_t tokens;
    const char *status;
} rows[] = {
    {"no such address", TO REPORT "\n" STATUS("Final-Recipient: rfc822; d@a.example\nAction: failed\nStatus: 5.1.1\n"),
     MV_BOUNCE_FOR_GOOD, 1, "5.1.1"},
    {"not wanted, in CRLF and capitals", "TO: DMARC+ABCDEFGHIJK23456@EXAMPLE.ORG\r\nCONTENT-TYPE: multipart/report; "
     "report-type=DELIVERY-STATUS; boundary=b\r\n\r\n--b\r\nCONTENT-TYPE: MESSAGE/DELIVERY-STATUS\r\n\r\nACTION: Failed\r\n"
     "STATUS: 5.7.1 (policy)\r\n--b--\r\n", MV_BOUNCE_FOR_GOOD, 1, "5.7.1"},
    {"a full mailbox", TO REPORT "\n" STATUS("Action: failed\nStatus: 5.2.2\n"), MV_BOUNCE_SOFT, 1, "5.2.2"},
    {"given up", TO REPORT "\n" STATUS("Action: failed\nStatus: 4.4.7\n"), MV_BOUNCE_SOFT, 1, "4.4.7"},
    {"no status", TO REPORT "\n" STATUS("Action: failed\n"), MV_BOUNCE_SOFT, 1, ""},
    {"two recipients, the worse", TO REPORT "\n" STATUS("Action: failed\nStatus: 5.2.2\n\nAction: failed\nStatus: 5.1.1\n"),
     MV_BOUNCE_FOR_GOOD, 1, "5.1.1"},
    {"a status that is none", TO REPORT "\n" STATUS("Action: failed\nStatus: 5.1.\n"), MV_BOUNCE_SOFT, 1, ""},
    {"by Exim, in words", "Envelope-to: dmarc+" TOKEN "@example.org\nX-Failed-Recipients: d@a.example\n\nWords\n",
     MV_BOUNCE_SOFT, 1, ""},
    {"by qmail, in words", "Delivered-To: dmarc+" TOKEN "@example.org\nFrom: MAILER-DAEMON@a.example\n\nHi. This is\n",
     MV_BOUNCE_SOFT, 1, ""},
    {"in several fields", "Delivered-To: dmarc+" TOKEN "@example.org\nX-Original-To: dmarc+" TOKEN "@example.org\n" TO REPORT
     "\n" STATUS("Action: failed\n"), MV_BOUNCE_SOFT, 1, ""},
    {"a token in a fold", "To:\n dmarc+" TOKEN "@example.org\n" REPORT "\n" STATUS("Action: failed\n"), MV_BOUNCE_SOFT, 1, ""},
    {"behind another plus", "To: a+b+" TOKEN "@example.org\n" REPORT "\n" STATUS("Action: failed\n"), MV_BOUNCE_SOFT, 1, ""},
    {"two of ours", TO "Delivered-To: dmarc+abcdefghijk23457@example.org\n" REPORT "\n" STATUS("Action: failed\n"),
     MV_BOUNCE_SOFT, 2, ""},
    /* What is no bounce */
    {"delayed", TO REPORT "\n" STATUS("Action: delayed\nStatus: 4.4.1\n"), MV_BOUNCE_DELAYED, 1, "4.4.1"},
    {"delivered", TO REPORT "\n" STATUS("Action: delivered\nStatus: 2.0.0\n"), MV_BOUNCE_DELAYED, 1, "2.0.0"},
    {"a holiday note", TO "From: d@a.example\nAuto-Submitted: auto-replied\n\nI am away\nStatus: 5.1.1\nAction: failed\n",
     MV_BOUNCE_NONE, 1, ""},
    {"spam", TO "From: x@spam.example\nSubject: X-Failed-Recipients: none\n\nBuy\n", MV_BOUNCE_NONE, 1, ""},
    {"a token of other letters", "To: dmarc+abcdefghijk2345_@example.org\n" REPORT "\n" STATUS("Action: failed\n"),
     MV_BOUNCE_SOFT, 0, ""},
    {"a short token", "To: dmarc+abc@example.org\n" REPORT "\n" STATUS("Action: failed\n"), MV_BOUNCE_SOFT, 0, ""},
    {"a long token", "To: dmarc+" TOKEN "7@example.org\n" REPORT "\n" STATUS("Action: failed\n"), MV_BOUNCE_SOFT, 0, ""},
    {"a token in the body", "To: d@example.org\n" REPORT "\n" TO STATUS("Action: failed\n"), MV_BOUNCE_SOFT, 0, ""},
    {"a token in Subject", "Subject: dmarc+" TOKEN "@example.org\n\n", MV_BOUNCE_NONE, 0, ""},
    {"nothing", "", MV_BOUNCE_NONE, 0, ""},
    {"no header block", "\n\n", MV_BOUNCE_NONE, 0, ""},
    {"a header block alone, without a last line end", "From: mailer-daemon\nTo: dmarc+" TOKEN "@e", MV_BOUNCE_SOFT, 1, ""},
};

START_TEST(bounces)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_bounce bounce;

        mv_bounce_read(mv_bytes_str(rows[i].message), &bounce);
        ck_assert_msg(bounce.kind == rows[i].kind, "%s: %d", rows[i].name, (int)bounce.kind);
        ck_assert_msg(bounce.token_count == rows[i].tokens, "%s: %zu", rows[i].name, bounce.token_count);
        ck_assert_msg(bounce.token_count == 0 || mv_bytes_equal_nocase(bounce.tokens[0], MV_BYTES(TOKEN)) ||
                          bounce.token_count == 2, "%s", rows[i].name);
        ck_assert_msg(mv_bytes_equal(bounce.status, mv_bytes_str(rows[i].status)), "%s: %.*s", rows[i].name,
                      MV_ARG(bounce.status));
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {bounces};

    return unit_run("bounce", tests, sizeof tests / sizeof *tests);
}
