/*
 * What is made of a delivery: by a hand-over, by an evaluation that has no DNS, by mail of one's own, and after errors.
 * Verdicts that need DNS are tests/delivery's.
 */
#include "dovecot-plugin/tagging.h"

#include <string.h>

#include "tests/unit/handover_site.h"
#include "tests/unit/unit.h"

#define MAX_BYTES 65536
#define NO_DNS "resolver = 127.0.0.1:1\ndns_deadline = 1s\ndns_try = 500ms\nreceived_by = mx.example.org\n"

#define RECEIVED(ip, with) "Received: from [" ip "] (helo=client.example)\r\n\tby mx.example.org with " with " (Exim)\r\n"
#define DOVECOT "Received: from mx.example.org ([127.0.0.1])\r\n\tby store.example.org with LMTP id x\r\n"
#define FORGED "Authentication-Results: mx.example.org; dmarc=pass header.from=bank.example\r\n"
#define MESSAGE "From: Alice <alice@example.com>\r\nMessage-ID: <1@example.com>\r\nSubject: hello\r\n"
#define BODY "Hello Bob,\r\nsee you there.\r\n"

static struct mv_tagging *tagging;
static const struct mv_tagging_result *result;
static struct mv_buf text; /* the message in hand */
static unsigned reads;

struct source {
    struct mv_cursor rest;
    bool breaks; /* in the middle */
};

static bool read_message(void *of, struct mv_bytes *piece_r)
{
    struct source *source = of;

    reads++;
    if (source->breaks && mv_cursor_left(&source->rest) < 20)
        return false;
    *piece_r = mv_cursor_take(&source->rest, mv_cursor_left(&source->rest) < 11 ? mv_cursor_left(&source->rest) : 11);
    return true;
}

static void begin(const char *settings)
{
    site_open(settings);
    site_use_key("key-one", 1);
    tagging = mv_tagging_new(site_config_path());
    ck_assert_ptr_nonnull(tagging);
    mv_tagging_prepare(tagging, SITE_NOW_SECS);
    mv_buf_init(&text, MAX_BYTES);
}

static void end(void)
{
    mv_tagging_free(&tagging);
    ck_assert_ptr_null(tagging);
    mv_buf_free(&text);
    site_close();
}

static void put(const char *message)
{
    mv_buf_reset(&text);
    mv_buf_puts(&text, message);
}

/* As the border hands it over. */
static void put_from_border(const char *ip)
{
    mv_buf_reset(&text);
    site_border(MV_BYTES(RECEIVED("192.0.2.1", "esmtp") MESSAGE "\r\n" BODY), ip, SITE_NOW_SECS, &text);
}

/* The last recipient's header becomes that of the message, as in the file that the next one gets. */
static void take_header(void)
{
    struct mv_buf tagged = {.max_bytes = MAX_BYTES};

    mv_buf_put(&tagged, result->header);
    mv_buf_put(&tagged, mv_bytes_slice(mv_buf_bytes(&text), result->header_bytes, MAX_BYTES));
    mv_buf_reset(&text);
    mv_buf_put(&text, mv_buf_bytes(&tagged));
    mv_buf_free(&tagged);
}

static void run_with(struct mv_tagging_request request, bool breaks)
{
    struct mv_bytes message = mv_buf_bytes(&text);
    struct source source = {.rest = mv_cursor_of(message), .breaks = breaks};
    const char *separator = strstr(mv_buf_cstr(&text), "\r\n\r\n");

    request.user = MV_BYTES("bob");
    request.header = mv_bytes_slice(message, 0, (size_t)(separator + 4 - mv_buf_cstr(&text)));
    request.mail_from = MV_BYTES("a@example.com");
    request.now_secs = SITE_NOW_SECS;
    request.read = read_message;
    request.source = &source;
    result = mv_tagging_run(tagging, &request);
    ck_assert_ptr_nonnull(result);
}

static void run(void)
{
    run_with((struct mv_tagging_request){.by_lmtp = true}, false);
}

/* words: separated by spaces, as the keywords are joined. */
static void expect_tags(const char *name, const char *keywords, const char *junk)
{
    struct mv_buf joined = {.max_bytes = 1000};

    for (size_t i = 0; result->keywords[i] != NULL; i++)
        mv_buf_printf(&joined, "%s%s", i == 0 ? "" : " ", result->keywords[i]);
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&joined), mv_bytes_str(keywords)), "%s: %s", name,
                  mv_buf_cstr(&joined));
    ck_assert_msg((junk == NULL) == (result->junk_mailbox == NULL) &&
                  (junk == NULL || strcmp(junk, result->junk_mailbox) == 0), "%s: junk", name);
    mv_buf_free(&joined);
}

static bool header_has(const char *what)
{
    struct mv_buf header = {.max_bytes = 3 * MV_HEADER_MAX_BYTES};
    bool found;

    mv_buf_put(&header, result->header);
    found = strstr(mv_buf_cstr(&header), what) != NULL;
    mv_buf_free(&header);
    return found;
}

static void expect(const char *name, const char *log, const char *has, const char *has_not)
{
    ck_assert_msg(strstr(result->log, log) != NULL, "%s: log: %s", name, result->log);
    ck_assert_msg(has == NULL || header_has(has), "%s: no %s in\n%.*s", name, has, (int)result->header.len,
                  (const char *)result->header.data);
    ck_assert_msg(has_not == NULL || !header_has(has_not), "%s: %s in\n%.*s", name, has_not, (int)result->header.len,
                  (const char *)result->header.data);
}

/* --- by the hand-over --- */

static const struct {
    const char *name;
    const char *settings; /* of [dovecot] */
    const char *ip;
    const char *keywords;
    const char *junk;
} handed[] = {
    {"genuine", "", SITE_GENUINE_IP, "$AuthPass", NULL},
    {"forged", "", SITE_FORGER_IP, "$AuthFail $Phishing", "Junk"},
    {"no keyword", "keyword_pass =\n", SITE_GENUINE_IP, "", NULL},
    {"other keywords", "keyword_fail = A\nkeyword_phishing = B\n", SITE_FORGER_IP, "A B", "Junk"},
    {"just one", "keyword_fail =\n", SITE_FORGER_IP, "$Phishing", "Junk"},
    {"other mailbox", "junk_mailbox = Spam mail\n", SITE_FORGER_IP, "$AuthFail $Phishing", "Spam mail"},
    {"mailbox in UTF-8", "junk_mailbox = Unerw\xc3\xbcnscht\n", SITE_FORGER_IP, "$AuthFail $Phishing",
     "Unerw\xc3\xbcnscht"},
    {"no mailbox", "junk_mailbox =\n", SITE_FORGER_IP, "$AuthFail $Phishing", NULL},
};

START_TEST(test_handed_over)
{
    for (size_t i = 0; i < sizeof handed / sizeof handed[0]; i++) {
        struct mv_buf settings = {.max_bytes = 1000};

        mv_buf_printf(&settings, "%s[dovecot]\n%s", NO_DNS, handed[i].settings);
        begin(mv_buf_cstr(&settings));
        put_from_border(handed[i].ip);
        run();
        expect(handed[i].name, "user=bob from=a@example.com handover=valid by=mx.example.org author=example.com",
               "Authentication-Results: mx.example.org;", "Mailvouch-Result");
        expect_tags(handed[i].name, handed[i].keywords, handed[i].junk);
        ck_assert_msg(header_has("Mailvouch-Disposition: quarantine\r\n") == (strcmp(handed[i].ip, SITE_FORGER_IP) == 0),
                      "%s: disposition", handed[i].name);
        ck_assert_int_eq(result->level, MV_TAGGING_INFO);
        ck_assert(result->junk_create);
        mv_buf_free(&settings);
        end();
    }
}
END_TEST

/* A message with LF from the store, and with what Dovecot puts on top, is the one that the border saw. */
START_TEST(test_handed_over_below_dovecots_fields)
{
    struct mv_buf whole = {.max_bytes = MAX_BYTES};

    begin(NO_DNS);
    put_from_border(SITE_GENUINE_IP);
    mv_buf_printf(&whole, "Return-Path: <a@example.com>\r\nDelivered-To: bob\r\n%s%s", DOVECOT, mv_buf_cstr(&text));
    put(mv_buf_cstr(&whole));
    mv_buf_free(&whole);
    run();
    expect("below", "handover=valid", "Delivered-To: bob", "Mailvouch-Result");
    expect_tags("below", "$AuthPass", NULL);
    end();
}
END_TEST

/* --- without one, or with a bad one; DNS does not answer --- */

static const struct {
    const char *name;
    const char *header;
    const char *log;
    const char *has, *has_not;
} judged[] = {
    {"by a stranger", RECEIVED("203.0.113.9", "esmtp") FORGED MESSAGE, "handover=absent",
     "dmarc=temperror", "bank.example"},
    {"client below Dovecot's field", DOVECOT RECEIVED("203.0.113.9", "esmtp") MESSAGE, "client=203.0.113.9", "spf=", NULL},
    {"only one such field is Dovecot's", DOVECOT DOVECOT RECEIVED("203.0.113.9", "esmtp") MESSAGE, "client=unknown",
     NULL, "spf="},
    {"client by LMTP", DOVECOT RECEIVED("203.0.113.9", "LMTP") MESSAGE, "client=203.0.113.9", "spf=", NULL},
    {"another server's field", "Received: from [203.0.113.9] (helo=x) by mx.other.example with esmtp\r\n"
     RECEIVED("192.0.2.1", "esmtp") MESSAGE, "client=unknown", NULL, "spf="},
    {"without a client nothing is held against it", MESSAGE, "dmarc=unknown", "dkim=none", "dmarc="},
    {"hand-over of a stranger", "Mailvouch-Result: v=1; nonsense\r\n" RECEIVED("203.0.113.9", "esmtp") MESSAGE,
     "handover=malformed", "dmarc=temperror", "Mailvouch-Result"},
    {"other fields of ours", "mailvouch-disposition : quarantine\r\nMailvouch-Client: addr=127.0.0.1\r\n" MESSAGE,
     "removed=2", "dkim=none", "ailvouch-"},
    {"results of others", "Authentication-Results: mx.other.example; spf=pass\r\n" MESSAGE, "handover=absent",
     "mx.other.example; spf=pass", NULL},
    {"one's own users", RECEIVED("203.0.113.9", "esmtpsa") FORGED MESSAGE, "skip=authenticated removed=1", "From: ",
     "Authentication-Results"},
    {"one's own machine", RECEIVED("127.0.0.1", "esmtp") FORGED MESSAGE, "skip=local removed=1", "From: ",
     "Authentication-Results"},
    {"a trusted server", RECEIVED("198.51.100.7", "esmtp") FORGED MESSAGE, "skip=trusted", "bank.example", NULL},
};

START_TEST(test_judged)
{
    begin(NO_DNS "trusted_mtas = 198.51.100.7\n");
    for (size_t i = 0; i < sizeof judged / sizeof judged[0]; i++) {
        put(judged[i].header);
        mv_buf_puts(&text, "\r\n" BODY);
        run();
        expect(judged[i].name, judged[i].log, judged[i].has, judged[i].has_not);
        expect_tags(judged[i].name, "", NULL);
    }
    end();
}
END_TEST

START_TEST(test_altered)
{
    begin(NO_DNS);
    put_from_border(SITE_FORGER_IP);
    mv_buf_puts(&text, "More.\r\n");
    run();
    expect("altered", "handover=wrong", "dmarc=temperror", "dmarc=fail");
    expect_tags("altered", "", NULL);
    end();
}
END_TEST

/* --- several recipients --- */

START_TEST(test_recipients_of_one_message)
{
    const struct mv_tagging_request first = {.session = MV_BYTES("s1")};
    const struct mv_tagging_request later = {.session = MV_BYTES("s1"), .is_tagged = true};

    begin(NO_DNS);
    put_from_border(SITE_FORGER_IP);
    run_with(first, false);
    take_header();
    reads = 0;
    /* between them the configuration changes: it counts for the next message */
    site_write_config("[server]\nauthserv_id = mx.example.com\n[dovecot]\ntag = no\n");
    ck_assert(!mv_tagging_is_default(tagging, SITE_NOW_SECS));
    for (int i = 0; i < 3; i++) {
        run_with(later, false);
        expect("later", "handover=valid", NULL, NULL);
        ck_assert_uint_eq(result->header.len, 0);
        ck_assert_ptr_null(strstr(result->log, "removed="));
        expect_tags("later", "$AuthFail $Phishing", "Junk");
    }
    ck_assert_uint_eq(reads, 0);
    end();
}
END_TEST

/* One session, two messages: a client that names its sessions may use a name again. */
START_TEST(test_another_message)
{
    const struct mv_tagging_request request = {.session = MV_BYTES("s1")};

    begin(NO_DNS);
    put_from_border(SITE_FORGER_IP);
    run_with(request, false);
    put(RECEIVED("203.0.113.9", "esmtp") "From: Alice <alice@example.com>\r\nMessage-ID: <2@example.com>\r\n\r\n" BODY);
    run_with(request, false);
    expect("another", "handover=absent", "dmarc=temperror", NULL);
    reads = 0;
    run_with((struct mv_tagging_request){.session = MV_BYTES("s2")}, false);
    ck_assert_uint_gt(reads, 0);
    reads = 0;
    run(); /* no session: nothing can be told */
    ck_assert_uint_gt(reads, 0);
    end();
}
END_TEST

/* --- errors of ours --- */

START_TEST(test_message_that_breaks_off)
{
    begin(NO_DNS);
    put(FORGED MESSAGE "\r\n" BODY);
    run_with((struct mv_tagging_request){.by_lmtp = true}, true);
    expect("breaks off", "not tagged: the message cannot be read", "From: Alice", "Authentication-Results");
    ck_assert_int_eq(result->level, MV_TAGGING_ERROR);
    expect_tags("breaks off", "", NULL);
    end();
}
END_TEST

START_TEST(test_broken_configuration)
{
    begin(NO_DNS);
    mv_tagging_free(&tagging);
    site_write_config("nonsense\n");
    tagging = mv_tagging_new(site_config_path());
    ck_assert(mv_tagging_is_default(tagging, SITE_NOW_SECS));
    put("Authentication-Results: other.example; spf=pass\r\n" FORGED MESSAGE "\r\n" BODY);
    run();
    expect("broken", "not tagged, \"mailvouch config check\" tells more: ", "From: Alice", "Authentication-Results");
    ck_assert_int_eq(result->level, MV_TAGGING_ERROR);
    expect_tags("broken", "", NULL);
    site_open(NO_DNS); /* mended */
    run();
    expect("mended", "handover=absent", "other.example", "bank.example");
    site_write_config("nonsense\n");
    run();
    expect("broken again", "the old one holds: ", "other.example", "bank.example");
    ck_assert_int_eq(result->level, MV_TAGGING_WARNING);
    end();
}
END_TEST

START_TEST(test_keys_that_cannot_be_used)
{
    begin(NO_DNS);
    put_from_border(SITE_FORGER_IP);
    site_write_keys("nonsense\n");
    run();
    expect("keys", "hand-overs cannot be checked: ", "dmarc=temperror", "dmarc=fail");
    ck_assert_int_eq(result->level, MV_TAGGING_WARNING);
    end();
}
END_TEST

START_TEST(test_header_that_is_cut)
{
    begin(NO_DNS);
    put(MESSAGE);
    mv_buf_free(&text);
    mv_buf_init(&text, 2 * MV_HEADER_MAX_BYTES);
    for (size_t i = 0; i < MV_HEADER_MAX_FIELDS; i++)
        mv_buf_puts(&text, "A: 1\r\n");
    mv_buf_puts(&text, FORGED "\r\n" BODY);
    run();
    expect("cut", "the header is cut short: ", NULL, "bank.example");
    ck_assert_int_eq(result->level, MV_TAGGING_WARNING);
    ck_assert_uint_eq(result->header_bytes, MV_HEADER_MAX_FIELDS * 6);
    end();
}
END_TEST

START_TEST(test_no_memory_at_the_start)
{
    begin(NO_DNS);
    mv_tagging_free(&tagging);
    put(MESSAGE "\r\n" BODY);
    run();
    expect("no memory", "not tagged: out of memory", NULL, NULL);
    ck_assert_uint_eq(result->header.len, 0);
    ck_assert_int_eq(result->level, MV_TAGGING_ERROR);
    expect_tags("no memory", "", NULL);
    mv_tagging_prepare(tagging, SITE_NOW_SECS);
    ck_assert(mv_tagging_is_default(tagging, SITE_NOW_SECS));
    end();
}
END_TEST

/* What a stranger wrote is escaped in the log. */
START_TEST(test_log_is_one_printable_line)
{
    struct mv_tagging_request request = {.user = MV_BYTES("b\no\x1b" "b"), .mail_from = MV_BYTES("a\r\nb@x"),
                                         .header = MV_BYTES("From: x\r\n\r\n"), .now_secs = SITE_NOW_SECS,
                                         .read = read_message};
    struct source source = {.rest = mv_cursor_of(MV_BYTES("From: x\r\n\r\n"))};

    begin(NO_DNS);
    request.source = &source;
    result = mv_tagging_run(tagging, &request);
    ck_assert_ptr_nonnull(strstr(result->log, "user=b\\x0ao\\x1bb from=a\\x0d\\x0ab@x"));
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_handed_over,
                                  test_handed_over_below_dovecots_fields,
                                  test_judged,
                                  test_altered,
                                  test_recipients_of_one_message,
                                  test_another_message,
                                  test_message_that_breaks_off,
                                  test_broken_configuration,
                                  test_keys_that_cannot_be_used,
                                  test_header_that_is_cut,
                                  test_no_memory_at_the_start,
                                  test_log_is_one_printable_line};

    return unit_run("dovecot_recipients", tests, sizeof tests / sizeof tests[0]);
}
