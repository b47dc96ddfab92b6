/* The hand-over from border to mailbox: what is believed, and all that is not. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text/message.h"
#include "tests/unit/handover_site.h"
#include "tests/unit/unit.h"

#define DAY (24 * 60 * 60)
#define MAX_BYTES 65536

static const char message[] =
    "Received: from client.example by mx.example.org; Thu, 26 Nov 2026 00:00:00 +0000\r\n"
    "From: Alice <alice@example.com>\r\n"
    "To: bob@example.org\r\n"
    "Reply-To: alice@example.com\r\n"
    "Date: Thu, 26 Nov 2026 00:00:00 +0000\r\n"
    "Message-ID: <one@example.com>\r\n"
    "Subject: the meeting\r\n"
    " of tomorrow\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "X-Other: x\r\n"
    "\r\n"
    "Hello Bob,\r\n"
    "\r\n"
    "see you  there.\r\n";

static struct mv_buf handed; /* the message as the border leaves it */

static void begin(void)
{
    site_open("");
    site_use_key("key-one", 1);
    mv_buf_init(&handed, MAX_BYTES);
    site_border(mv_bytes_str(message), SITE_GENUINE_IP, SITE_NOW_SECS, &handed);
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&handed), "\r\nMailvouch-Result: v=1; t=1795651200; k=key-one; "
                                                       "id=mx.example.org;"));
}

static void end(void)
{
    mv_buf_free(&handed);
    site_close();
}

/* The first place of from becomes to. */
static void replace(struct mv_buf *text, const char *from, const char *to, struct mv_buf *out)
{
    const char *at = strstr(mv_buf_cstr(text), from);

    ck_assert_msg(at != NULL, "there is no \"%s\" in %s", from, mv_buf_cstr(text));
    mv_buf_put(out, mv_bytes_of(text->data, (size_t)(at - (const char *)text->data)));
    mv_buf_puts(out, to);
    mv_buf_puts(out, at + strlen(from));
}

static void check_code(const char *name, struct mv_bytes text, size_t step, int64_t now_secs,
                       enum mv_handover_code code)
{
    struct mv_msg *msg = site_read(text, step, now_secs);
    const struct mv_handover *handover = mv_msg_handover_result(msg);

    ck_assert_msg(handover->code == code, "%s, by %zu: %s (%s)", name, step, mv_handover_code_text(handover->code),
                  handover->why == NULL ? "" : handover->why);
    ck_assert_msg((handover->why == NULL) == (code == MV_HANDOVER_VALID || code == MV_HANDOVER_ABSENT), "%s", name);
    ck_assert_msg(code == MV_HANDOVER_VALID || (handover->action == MV_ACTION_NONE && handover->authserv_id.len == 0),
                  "%s: facts", name);
    mv_msg_free(&msg);
}

/* What happens to the message on its way, or is done to it. */
static const struct {
    const char *name;
    const char *from;
    const char *to;
    enum mv_handover_code code;
} changes[] = {
    /* what servers do */
    {"nothing", "X-Other", "X-Other", MV_HANDOVER_VALID},
    {"fields on top", "Authentication-Results:",
     "Return-Path: <a@example.com>\r\nDelivered-To: bob\r\nReceived: from x by y; z\r\nAuthentication-Results:",
     MV_HANDOVER_VALID},
    {"an empty line more at the end", "see you  there.\r\n", "see you  there.\r\n\r\n\r\n", MV_HANDOVER_VALID},
    {"no line end at the end", "see you  there.\r\n", "see you  there.", MV_HANDOVER_VALID},
    {"folded anew", "Subject: the meeting\r\n of tomorrow", "Subject: the\r\n\tmeeting of  tomorrow", MV_HANDOVER_VALID},
    {"names in other case", "\r\nSubject:", "\r\nSUBJECT:", MV_HANDOVER_VALID},
    {"other results of strangers", "X-Other: x", "Authentication-Results: other.example; dkim=fail", MV_HANDOVER_VALID},
    {"what is not covered", "X-Other: x", "X-Other: y", MV_HANDOVER_VALID},
    {"the field folded anew", "; k=key-one; ", ";\r\n\tk=key-one;  ", MV_HANDOVER_VALID},
    {"another field of that name, of strangers", "X-Other: x", "Mailvouch-Result: v=1; h=x", MV_HANDOVER_VALID},
    {"two of strangers on top", "Authentication-Results:",
     "Mailvouch-Result: x\r\nMailvouch-Result: y=1\r\nAuthentication-Results:", MV_HANDOVER_VALID},
    /* the message */
    {"From", "Alice <alice@example.com>", "Alice <alice@example.net>", MV_HANDOVER_WRONG},
    {"the name in From", "Alice <", "Bank <", MV_HANDOVER_WRONG},
    {"a second From above", "From: Alice", "From: Bank <b@bank.example>\r\nFrom: Alice", MV_HANDOVER_WRONG},
    {"a second From below", "X-Other: x", "From: Bank <b@bank.example>", MV_HANDOVER_WRONG},
    {"From twice", "X-Other: x", "From: Alice <alice@example.com>", MV_HANDOVER_WRONG},
    {"a From that is no field of ours", "X-Other: x", "From\r\n : Bank <b@bank.example>", MV_HANDOVER_WRONG},
    {"a From behind a bare LF", "X-Other: x", "X-Other: x\nFrom: Bank <b@bank.example>", MV_HANDOVER_WRONG},
    {"no From", "From: Alice <alice@example.com>\r\n", "", MV_HANDOVER_WRONG},
    {"From and Subject in one", "\r\nSubject: the meeting", "\r\nX-Subject: the meeting", MV_HANDOVER_WRONG},
    {"Sender", "X-Other: x", "Sender: x@example.net", MV_HANDOVER_WRONG},
    {"Reply-To", "Reply-To: alice@", "Reply-To: mallory@", MV_HANDOVER_WRONG},
    {"a second Reply-To", "X-Other: x", "Reply-To: mallory@example.net", MV_HANDOVER_WRONG},
    {"Date", "26 Nov 2026 00:00:00 +0000\r\nMessage-ID", "27 Nov 2026 00:00:00 +0000\r\nMessage-ID",
     MV_HANDOVER_WRONG},
    {"Message-ID", "<one@", "<two@", MV_HANDOVER_WRONG},
    {"Subject", "tomorrow", "today", MV_HANDOVER_WRONG},
    {"a second Subject", "X-Other: x", "Subject: pay", MV_HANDOVER_WRONG},
    {"Content-Type", "text/plain", "text/html", MV_HANDOVER_WRONG},
    {"Content-Transfer-Encoding", "X-Other: x", "Content-Transfer-Encoding: base64", MV_HANDOVER_WRONG},
    {"the body", "see you", "see me", MV_HANDOVER_WRONG},
    {"more body", "there.\r\n", "there.\r\nPay now.\r\n", MV_HANDOVER_WRONG},
    {"no body", "Hello Bob,\r\n\r\nsee you  there.\r\n", "", MV_HANDOVER_WRONG},
    {"body into header", "\r\n\r\nHello", "\r\nHello:", MV_HANDOVER_WRONG},
    /* the results */
    {"Authentication-Results altered", "dmarc=pass", "dmarc=fail", MV_HANDOVER_WRONG},
    {"Authentication-Results of ours added", "X-Other: x",
     "Authentication-Results: mx.example.org; dmarc=pass header.from=bank.example", MV_HANDOVER_WRONG},
    {"one that might be ours added", "X-Other: x",
     "Authentication-Results: \"mx.example.org\" 1 ; = dmarc=pass header.from=bank.example", MV_HANDOVER_WRONG},
    {"Authentication-Results of another name", "Authentication-Results: mx.example.org",
     "Authentication-Results: mx.example.net", MV_HANDOVER_WRONG},
    {"Authentication-Results gone", "Authentication-Results:", "X-Results:", MV_HANDOVER_WRONG},
    /* the field */
    {"disposition", "disposition=none", "disposition=quarantine", MV_HANDOVER_WRONG},
    {"dmarc", "dmarc=pass; policy", "dmarc=none; policy", MV_HANDOVER_WRONG},
    {"policy", "policy=quarantine", "policy=none", MV_HANDOVER_WRONG},
    {"from", "; from=example.com;", "; from=example.net;", MV_HANDOVER_WRONG},
    {"spf", "spf=pass; dkim", "spf=none; dkim", MV_HANDOVER_WRONG},
    {"time", "t=1795651200", "t=1795651201", MV_HANDOVER_WRONG},
    {"id", "id=mx.example.org;", "id=mx.example.net;", MV_HANDOVER_WRONG},
    {"canonicalisation", "c=simple", "c=relaxed", MV_HANDOVER_WRONG},
    {"reason", "reason=DMARC", "reason=dmarc", MV_HANDOVER_WRONG},
    {"a tag more", "v=1;", "v=1; x=1;", MV_HANDOVER_WRONG},
    {"a space in a word", "; from=example.com;", "; from=example .com;", MV_HANDOVER_MALFORMED},
    {"order", "v=1; t=1795651200;", "t=1795651200; v=1;", MV_HANDOVER_WRONG},
    {"key", "k=key-one", "k=key-two", MV_HANDOVER_UNKNOWN_KEY},
    {"no such field", "Mailvouch-Result:", "X-Result:", MV_HANDOVER_ABSENT},
    {"version", "v=1;", "v=2;", MV_HANDOVER_MALFORMED},
    {"no version", "v=1;", "", MV_HANDOVER_MALFORMED},
    {"two of a tag", "v=1;", "v=1; v=1;", MV_HANDOVER_MALFORMED},
    {"two of a tag that differ", "dmarc=pass; policy", "dmarc=pass; dmarc=fail; policy", MV_HANDOVER_MALFORMED},
    {"no time", "t=1795651200;", "", MV_HANDOVER_MALFORMED},
    {"time that is none", "t=1795651200;", "t=-1795651200;", MV_HANDOVER_MALFORMED},
    {"time of more digits", "t=1795651200;", "t=17956512000000000000000;", MV_HANDOVER_MALFORMED},
    {"a word that is not known", "disposition=none", "disposition=maybe", MV_HANDOVER_MALFORMED},
    {"no author tag", "; from=example.com;", ";", MV_HANDOVER_MALFORMED},
    {"bad percent", "reason=DMARC", "reason=%4DMARC", MV_HANDOVER_WRONG},
    {"broken percent", "reason=DMARC", "reason=%ZZMARC", MV_HANDOVER_MALFORMED},
    {"a line end in percent", "reason=DMARC", "reason=%0D%0AMARC", MV_HANDOVER_MALFORMED},
    {"h is not the last", "\r\n    h=", "\r\n    x=1; h=", MV_HANDOVER_WRONG},
    {"an empty id", "id=mx.example.org;", "id=;", MV_HANDOVER_MALFORMED},
};

START_TEST(changed)
{
    struct mv_buf text;

    begin();
    mv_buf_init(&text, MAX_BYTES);
    replace(&handed, changes[_i].from, changes[_i].to, &text);
    check_code(changes[_i].name, mv_buf_bytes(&text), MAX_BYTES, SITE_NOW_SECS + DAY, changes[_i].code);
    check_code(changes[_i].name, mv_buf_bytes(&text), 1, SITE_NOW_SECS + DAY, changes[_i].code);
    check_code(changes[_i].name, mv_buf_bytes(&text), 7, SITE_NOW_SECS + DAY, changes[_i].code);
    mv_buf_free(&text);
    end();
}
END_TEST

/* Both fields of one message on another. */
START_TEST(replayed)
{
    struct mv_buf other, text;
    size_t fields;

    begin();
    mv_buf_init(&other, MAX_BYTES);
    mv_buf_init(&text, MAX_BYTES);
    fields = handed.len - strlen(message);
    mv_buf_put(&text, mv_bytes_slice(mv_buf_bytes(&handed), 0, fields));
    mv_buf_puts(&text, "From: Alice <alice@example.com>\r\nSubject: pay\r\n\r\nPay now.\r\n");
    check_code("replayed", mv_buf_bytes(&text), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_WRONG);
    /* each proves its own message, also when the second stands on top of the first */
    site_border(mv_buf_bytes(&text), SITE_GENUINE_IP, SITE_NOW_SECS, &other);
    check_code("one of its own beside", mv_buf_bytes(&other), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_WRONG);
    mv_buf_free(&other);
    mv_buf_free(&text);
    end();
}
END_TEST

static const struct {
    const char *name;
    const char *settings;
    int64_t age_secs;
    enum mv_handover_code code;
} ages[] = {
    {"at once", "", 0, MV_HANDOVER_VALID},
    {"five days", "", 5 * DAY, MV_HANDOVER_VALID},
    {"a second more", "", 5 * DAY + 1, MV_HANDOVER_EXPIRED},
    {"a year", "", 365 * DAY, MV_HANDOVER_EXPIRED},
    {"an hour of an hour", "handover_max_age = 1h\n", 3600, MV_HANDOVER_VALID},
    {"more than an hour of an hour", "handover_max_age = 1h\n", 3601, MV_HANDOVER_EXPIRED},
    {"the other clock is ahead", "", -MV_HANDOVER_MAX_SKEW_SECS, MV_HANDOVER_VALID},
    {"the other clock is too far ahead", "", -MV_HANDOVER_MAX_SKEW_SECS - 1, MV_HANDOVER_EXPIRED},
    {"tomorrow", "", -DAY, MV_HANDOVER_EXPIRED},
};

START_TEST(aged)
{
    begin();
    site_open(ages[_i].settings);
    check_code(ages[_i].name, mv_buf_bytes(&handed), MAX_BYTES, SITE_NOW_SECS + ages[_i].age_secs, ages[_i].code);
    end();
}
END_TEST

/* The file of the mailbox server; the border made the field with key-one, number 1. */
static const struct {
    const char *name;
    const char *first, *first_id;
    unsigned first_number;
    const char *second, *second_id;
    unsigned second_number;
    enum mv_handover_code code;
} rings[] = {
    {"the same", "sign", "key-one", 1, NULL, NULL, 0, MV_HANDOVER_VALID},
    {"a new one was added", "sign", "key-one", 1, "accept", "key-two", 2, MV_HANDOVER_VALID},
    {"the new one signs", "accept", "key-one", 1, "sign", "key-two", 2, MV_HANDOVER_VALID},
    {"the old one was dropped", "sign", "key-two", 2, NULL, NULL, 0, MV_HANDOVER_UNKNOWN_KEY},
    {"another under its id", "sign", "key-one", 2, NULL, NULL, 0, MV_HANDOVER_WRONG},
    {"it under another id", "sign", "key-two", 1, NULL, NULL, 0, MV_HANDOVER_UNKNOWN_KEY},
    {"another under its id beside it", "sign", "key-one", 2, "accept", "key-two", 1, MV_HANDOVER_WRONG},
    {"no file", NULL, NULL, 0, NULL, NULL, 0, MV_HANDOVER_UNKNOWN_KEY},
    {"two that sign", "sign", "key-one", 1, "sign", "key-two", 2, MV_HANDOVER_UNKNOWN_KEY},
    {"none that signs", "accept", "key-one", 1, NULL, NULL, 0, MV_HANDOVER_UNKNOWN_KEY},
};

START_TEST(keys)
{
    struct mv_buf text;

    begin();
    mv_buf_init(&text, MAX_BYTES);
    if (rings[_i].first != NULL)
        site_put_key(&text, rings[_i].first, rings[_i].first_id, rings[_i].first_number);
    if (rings[_i].second != NULL)
        site_put_key(&text, rings[_i].second, rings[_i].second_id, rings[_i].second_number);
    site_write_keys(text.len == 0 ? NULL : mv_buf_cstr(&text));
    check_code(rings[_i].name, mv_buf_bytes(&handed), MAX_BYTES, SITE_NOW_SECS, rings[_i].code);
    mv_buf_free(&text);
    end();
}
END_TEST

/* One engine sees each change of the file; without a file it makes nothing, and says nothing. */
START_TEST(file_changes)
{
    struct mv_buf none;

    begin();
    mv_buf_init(&none, MAX_BYTES);
    check_code("first", mv_buf_bytes(&handed), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_VALID);
    site_write_keys(NULL);
    check_code("gone", mv_buf_bytes(&handed), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_UNKNOWN_KEY);
    ck_assert_ptr_null(mv_engine_handover_fault(site_engine()));
    site_border(mv_bytes_str(message), SITE_GENUINE_IP, SITE_NOW_SECS, &none);
    ck_assert_ptr_null(strstr(mv_buf_cstr(&none), "Mailvouch"));
    site_write_keys("nonsense\n");
    check_code("nonsense", mv_buf_bytes(&handed), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_UNKNOWN_KEY);
    ck_assert_ptr_nonnull(strstr(mv_engine_handover_fault(site_engine()), "line 1"));
    ck_assert_ptr_null(strstr(mv_engine_handover_fault(site_engine()), "nonsense"));
    site_use_key("key-one", 1);
    check_code("again", mv_buf_bytes(&handed), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_VALID);
    ck_assert_ptr_null(mv_engine_handover_fault(site_engine()));
    ck_assert_int_eq(chmod(site_keys_path(), 0644), 0);
    check_code("for all to read", mv_buf_bytes(&handed), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_UNKNOWN_KEY);
    ck_assert_ptr_nonnull(strstr(mv_engine_handover_fault(site_engine()), "everybody may read this secret"));
    ck_assert_int_eq(chmod(site_keys_path(), 0660), 0);
    check_code("for the group to write", mv_buf_bytes(&handed), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_UNKNOWN_KEY);
    ck_assert_int_eq(chmod(site_keys_path(), 0640), 0);
    check_code("repaired", mv_buf_bytes(&handed), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_VALID);
    mv_buf_free(&none);
    end();
}
END_TEST

/* The mailbox server knows the verdict as the border reached it, and can still judge by itself. */
START_TEST(facts)
{
    const struct mv_handover *handover;
    struct mv_msg *msg;
    struct mv_buf forged;

    begin();
    msg = site_read(mv_buf_bytes(&handed), 100, SITE_NOW_SECS + 60);
    handover = mv_msg_handover_result(msg);
    ck_assert_int_eq(handover->code, MV_HANDOVER_VALID);
    ck_assert_int_eq(handover->made_secs, SITE_NOW_SECS);
    ck_assert_int_eq(handover->action, MV_ACTION_NONE);
    ck_assert_int_eq(handover->dmarc, MV_DMARC_PASS);
    ck_assert_int_eq(handover->policy, MV_DMARC_P_QUARANTINE);
    ck_assert_int_eq(handover->spf, MV_SPF_PASS);
    ck_assert_int_eq(handover->dkim, MV_DKIM_NONE);
    ck_assert_int_eq(handover->arc, MV_ARC_NONE);
    ck_assert_int_eq((int)handover->field_count, 1);
    ck_assert(mv_bytes_equal(handover->author_domain, MV_BYTES("example.com")));
    ck_assert(mv_bytes_equal(handover->authserv_id, MV_BYTES("mx.example.org")));
    ck_assert(mv_bytes_equal(handover->key_id, MV_BYTES("key-one")));
    ck_assert(mv_bytes_equal(handover->reason, MV_BYTES("DMARC passed for example.com")));
    mv_msg_free(&msg);
    mv_buf_init(&forged, MAX_BYTES);
    site_border(mv_bytes_str(message), SITE_FORGER_IP, SITE_NOW_SECS, &forged);
    msg = site_read(mv_buf_bytes(&forged), 100, SITE_NOW_SECS + 60);
    handover = mv_msg_handover_result(msg);
    ck_assert_int_eq(handover->code, MV_HANDOVER_VALID);
    ck_assert_int_eq(handover->action, MV_ACTION_QUARANTINE);
    ck_assert_int_eq(handover->dmarc, MV_DMARC_FAIL);
    ck_assert_int_eq(handover->spf, MV_SPF_FAIL);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK); /* without the client: by DKIM alone */
    ck_assert_int_eq(mv_msg_verdict(msg)->dmarc.code, MV_DMARC_FAIL);
    mv_msg_free(&msg);
    mv_buf_free(&forged);
    end();
}
END_TEST

/* Messages that a border may meet, whatever they are: what it writes is what the mailbox server believes. */
static const struct {
    const char *name;
    const char *text;
    const char *canon;
} messages[] = {
    {"empty", "", "c=simple;"},
    {"no body", "From: a@example.com\r\n\r\n", "c=simple;"},
    {"no author", "Subject: x\r\n\r\nhello\r\n", "from=;"},
    {"two authors", "From: a@example.com\r\nFrom: b@example.net\r\n\r\nhello\r\n", "dmarc=permerror;"},
    {"a bare LF in the header", "From: a@example.com\nX: y\r\n\r\nhello\r\n", "dmarc=permerror;"},
    {"a bare LF in the body", "From: a@example.com\r\n\r\nhel\nlo\r\n", "c=simple;"},
    {"8 bit", "From: \xc3\xbc <a@example.com>\r\nSubject: \xff\r\n\r\n\xfe\r\n", "from=example.com;"},
    {"relaxed is in use",
     "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=x; h=from;\r\n bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA\r\n"
     "From: a@example.com\r\n\r\nhello   there \r\n\r\n", "c=relaxed;"},
    {"a part of relaxed is in use",
     "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; l=3; d=example.com; s=x; h=from;\r\n bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA\r\n"
     "From: a@example.com\r\n\r\nhello   there \r\n\r\n", "c=simple;"},
    {"no DMARC record", "From: a@nothing.example\r\n\r\nhello\r\n", "policy=;"},
};

START_TEST(any_message)
{
    struct mv_buf text;

    site_open("[policy]\non_invalid_from = accept\n");
    site_use_key("key-one", 1);
    mv_buf_init(&text, MAX_BYTES);
    site_border(mv_bytes_str(messages[_i].text), SITE_GENUINE_IP, SITE_NOW_SECS, &text);
    ck_assert_msg(strstr(mv_buf_cstr(&text), messages[_i].canon) != NULL, "%s: %s", messages[_i].name,
                  mv_buf_cstr(&text));
    for (size_t step = 1; step < 12; step++)
        check_code(messages[_i].name, mv_buf_bytes(&text), step, SITE_NOW_SECS, MV_HANDOVER_VALID);
    mv_buf_free(&text);
    site_close();
}
END_TEST

/* Four fields, of which the last is right: it is not looked at. */
START_TEST(too_many)
{
    struct mv_buf text;

    begin();
    mv_buf_init(&text, MAX_BYTES);
    mv_buf_puts(&text, "Mailvouch-Result: a=1\r\nMailvouch-Result: b=1\r\nMailvouch-Result: c=1\r\n");
    mv_buf_put(&text, mv_buf_bytes(&handed));
    check_code("four", mv_buf_bytes(&text), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_MALFORMED);
    mv_buf_reset(&text);
    mv_buf_puts(&text, "Mailvouch-Result: ");
    for (size_t i = 0; i < MV_HANDOVER_MAX_FIELD_BYTES; i++)
        mv_buf_putc(&text, 'x');
    mv_buf_puts(&text, "\r\n\r\n");
    check_code("long", mv_buf_bytes(&text), MAX_BYTES, SITE_NOW_SECS, MV_HANDOVER_MALFORMED);
    mv_buf_free(&text);
    end();
}
END_TEST

/* A megabyte of other results: nothing of it counts, and the message can still be judged. */
START_TEST(many_results)
{
    static const char *const kinds[] = {"Authentication-Results: other.example; dkim=pass header.d=a.example\r\n",
                                        "Authentication-Results: ((((\\\\\xc3\xbc.\"x;;;(((\"\r\n"};

    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        struct mv_msg *msg;
        struct mv_buf text;

        begin();
        mv_buf_init(&text, 2 * MV_MAX_HEADER_BYTES);
        for (size_t i = 0; i < 9000; i++)
            mv_buf_puts(&text, kinds[kind]);
        mv_buf_put(&text, mv_buf_bytes(&handed));
        msg = site_read(mv_buf_bytes(&text), 65536, SITE_NOW_SECS);
        ck_assert_msg(mv_msg_handover_result(msg)->code == MV_HANDOVER_VALID, "%s: %s", kinds[kind],
                      mv_handover_code_text(mv_msg_handover_result(msg)->code));
        ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
        mv_msg_free(&msg);
        mv_buf_free(&text);
        end();
    }
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(tcase, test, 0, sizeof(table) / sizeof(table)[0])

int main(void)
{
    Suite *suite = suite_create("handover");
    TCase *tcase = tcase_create("handover");
    SRunner *runner;
    int failed;

    LOOP(changed, changes);
    LOOP(aged, ages);
    LOOP(keys, rings);
    LOOP(any_message, messages);
    tcase_add_test(tcase, replayed);
    tcase_add_test(tcase, file_changes);
    tcase_add_test(tcase, facts);
    tcase_add_test(tcase, too_many);
    tcase_add_test(tcase, many_results);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
