/* Names of reports, addresses of mailto URIs, and the mail: as it is printed, and as our own reader takes it. */
#include <string.h>

#include "core/report/gzip.h"
#include "core/report/intake.h"
#include "core/report/report_mail.h"
#include "core/report/report_time.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (16 * 1024 * 1024)
#define MAX_HEADER_LINE 998 /* RFC 5322 2.1.1 */
#define NAME_253 \
    "a23456789012345678901234567890123456789012345678901234567890.a23456789012345678901234567890123456789012345678901" \
    "234567890.a23456789012345678901234567890123456789012345678901234567890.a2345678901234567890123456789012345678901" \
    "23456789012345678.example.org"
#define XML \
    "<feedback><report_metadata><org_name>R</org_name><report_id>1</report_id><date_range><begin>1</begin><end>2</end>" \
    "</date_range></report_metadata><policy_published><domain>a.example</domain></policy_published><record><row>" \
    "<source_ip>192.0.2.1</source_ip><count>3</count></row><identifiers><header_from>a.example</header_from>" \
    "</identifiers></record></feedback>"

static const struct {
    const char *uri, *address; /* NULL: refused */
} uris[] = {
    {"mailto:dmarc@example.com", "dmarc@example.com"},
    {"MAILTO:DMARC@Example.COM", "DMARC@example.com"},
    {"mailto:a.b+c@example.com", "a.b+c@example.com"},
    {"mailto:a%2Bb@example.com", "a+b@example.com"},
    {"mailto:a%21b@example.com", "a!b@example.com"},
    {"mailto:a%25b@example.com", "a%b@example.com"},
    {"mailto:%64marc%40example.com", "dmarc@example.com"},
    {"mailto:a@example.com.", "a@example.com"},
    {"mailto:a@b%C3%BCcher.example", "a@xn--bcher-kva.example"},
    {"mailto:a@_x.example.com", "a@_x.example.com"},
    {"mailto:%22john%20doe%22@example.com", "\"john doe\"@example.com"},
    {"mailto:%22a%5C%22b%22@example.com", "\"a\\\"b\"@example.com"},
    {"mailto:%22a,b@c%22@example.com", "\"a,b@c\"@example.com"},
    /* RFC 6068 2: fields of the mail, which nobody has to say what it is but us */
    {"mailto:a@example.com?subject=x", "a@example.com"},
    {"mailto:a@example.com?bcc=victim@example.net", "a@example.com"},
    {"mailto:a@example.com?", "a@example.com"},
    {"", NULL},
    {"mailto:", NULL},
    {"mailto", NULL},
    {"dmarc@example.com", NULL},
    {"https://example.com/dmarc", NULL},
    {"mailto://a@example.com", "//a@example.com"},
    {" mailto:a@example.com", NULL},
    {"mailto: a@example.com", NULL},
    {"mailto:a@example.com ", NULL},
    {"mailto:?to=a@example.com", NULL},
    {"mailto:example.com", NULL},
    {"mailto:@example.com", NULL},
    {"mailto:a@", NULL},
    {"mailto:a@b@example.com", NULL},
    /* several addresses */
    {"mailto:a@example.com,b@example.net", NULL},
    {"mailto:a@example.com%2Cb@example.net", NULL},
    {"mailto:a@example.com%20b@example.net", NULL},
    {"mailto:a@example.com;b@example.net", NULL},
    /* what would end a line, or an address */
    {"mailto:a%0D%0ABcc:%20b%40example.net%0D%0Ac@example.com", NULL},
    {"mailto:a@example.com%0D%0ABcc:%20b@example.net", NULL},
    {"mailto:a%0A@example.com", NULL},
    {"mailto:a%0D@example.com", NULL},
    {"mailto:a%00@example.com", NULL},
    {"mailto:a%09b@example.com", NULL},
    {"mailto:%22a%0D%0A%20b%22@example.com", NULL},
    {"mailto:%22a%5C%0Ab%22@example.com", NULL},
    {"mailto:%22%22@example.com", NULL},
    {"mailto:%22a@example.com", NULL},
    {"mailto:%22a%22b@example.com", NULL},
    {"mailto:%22a%22b%22@example.com", NULL},
    {"mailto:%22a%5C%22@example.com", NULL},
    {"mailto:%3Ca@example.com%3E", NULL},
    {"mailto:a(b)@example.com", NULL},
    {"mailto:a@example.com(b)", NULL},
    {"mailto:x:a@example.com", NULL},
    {"mailto:a%20b@example.com", NULL},
    {"mailto:.a@example.com", NULL},
    {"mailto:a.@example.com", NULL},
    {"mailto:a..b@example.com", NULL},
    {"mailto:%C3%A4@example.com", NULL}, /* needs SMTPUTF8 */
    {"mailto:%FF@example.com", NULL},
    {"mailto:a@%FF.example.com", NULL},
    {"mailto:a%4@example.com", NULL},
    {"mailto:a%4g@example.com", NULL},
    {"mailto:a@example.com%", NULL},
    {"mailto:a@example..com", NULL},
    {"mailto:a@-!.example.com", NULL},
    /* no name of a domain that is somebody's */
    {"mailto:root@localhost", NULL},
    {"mailto:a@127.0.0.1", NULL},
    {"mailto:a@[127.0.0.1]", NULL},
    {"mailto:a@com", NULL},
    {"mailto:a234567890123456789012345678901234567890123456789012345678901234@example.com",
     "a234567890123456789012345678901234567890123456789012345678901234@example.com"},
    {"mailto:a2345678901234567890123456789012345678901234567890123456789012345@example.com", NULL},
    {"mailto:a@" NAME_253, NULL},
};

START_TEST(test_addresses)
{
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
        struct mv_arena *arena = mv_arena_new(MAX_BYTES);
        struct mv_bytes address;
        bool taken = mv_report_mail_address(arena, mv_bytes_str(uris[i].uri), &address);

        ck_assert_msg(taken == (uris[i].address != NULL), "%s: %s", uris[i].uri, taken ? "taken" : "refused");
        ck_assert_msg(mv_bytes_equal(address, mv_bytes_str(uris[i].address)), "%s: %.*s", uris[i].uri,
                      (int)address.len, address.data);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(test_ids)
{
    static const struct {
        int64_t secs;
        uint8_t random[8];
        const char *id;
    } rows[] = {
        {1795305600, {0}, "20261122aaaaaaaaaaaa"},
        {1795391999, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "20261122777777777777"},
        {1795392000, {0, 0, 0, 0, 0, 0, 0, 33}, "20261123aaaaaaaaaabb"},
        {0, {0x0f, 0x80, 0, 0, 0, 0, 0, 0}, "197001017aaaaaaaaaaa"},
        {253402300799, {0xf0, 0, 0, 0, 0, 0, 0, 0}, "99991231aaaaaaaaaaaa"},
        {-1, {0}, "19700101aaaaaaaaaaaa"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char id[MV_REPORT_ID_BYTES + 1];

        mv_report_id_make(rows[i].secs, rows[i].random, id);
        ck_assert_str_eq(id, rows[i].id);
    }
}
END_TEST

START_TEST(test_file_names)
{
    static const struct {
        const char *receiver, *domain, *id;
        int64_t begin_secs, end_secs;
        const char *name; /* NULL: refused */
    } rows[] = {
        {"mx.receiver.example", "example.com", "20261122abcdefghijkl", 1795305600, 1795391999,
         "mx.receiver.example!example.com!1795305600!1795391999!20261122abcdefghijkl.xml.gz"},
        {"r", "_x.example.com", "1", 0, 0, "r!_x.example.com!0!0!1.xml.gz"},
        {"", "example.com", "1", 0, 0, NULL},
        {"r", "", "1", 0, 0, NULL},
        {"r", "example.com", "", 0, 0, NULL},
        {"r", "example.com", "1.2", 0, 0, NULL}, /* RFC 9990 3.5.2: unique-id is letters and digits */
        {"r", "example.com", "1", 2, 1, NULL},
        {"r", "example.com", "1", -1, 1, NULL},
        {"r", "../../etc/passwd", "1", 0, 0, NULL},
        {"a/b", "example.com", "1", 0, 0, NULL},
        {"r", "a!b", "1", 0, 0, NULL},
        {"r", "a\"b", "1", 0, 0, NULL},
        {"r", "a b", "1", 0, 0, NULL},
        {"r", "a\nb", "1", 0, 0, NULL},
        {"r", "a..b", "1", 0, 0, NULL},
        {"r", "b\xc3\xbc.example", "1", 0, 0, NULL},
    };
    struct mv_buf out;

    mv_buf_init(&out, MAX_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum mv_code code;

        mv_buf_reset(&out);
        code = mv_report_file_name(mv_bytes_str(rows[i].receiver), mv_bytes_str(rows[i].domain), rows[i].begin_secs,
                                   rows[i].end_secs, mv_bytes_str(rows[i].id), &out);
        ck_assert_msg(code == (rows[i].name == NULL ? MV_ERR_USAGE : MV_OK), "row %zu", i);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(rows[i].name)), "row %zu", i);
    }
    mv_buf_free(&out);
    mv_buf_init(&out, 20);
    ck_assert_int_eq(mv_report_file_name(MV_BYTES("r.example"), MV_BYTES("a.example"), 1, 2, MV_BYTES("1"), &out),
                     MV_ERR_MEMORY);
    mv_buf_free(&out);
}
END_TEST

static struct mv_report_mail plain_mail(void)
{
    return (struct mv_report_mail){
        .from = MV_BYTES("dmarc-reports@receiver.example"),
        .to = MV_BYTES("dmarc@example.com"),
        .receiver = MV_BYTES("receiver.example"),
        .policy_domain = MV_BYTES("example.com"),
        .report_id = MV_BYTES("20261122abcdefghijkl"),
        .begin_secs = 1795305600,
        .end_secs = 1795391999,
        .now_secs = 1795394096,
        .messages = 412,
        .records = 1,
        .file_name = MV_BYTES("receiver.example!example.com!1795305600!1795391999!20261122abcdefghijkl.xml.gz"),
        .gzip = MV_BYTES("\x1f\x8b\x08 and so on, for more than one line of base64, which has 57 octets of it"),
    };
}

START_TEST(test_word_for_word)
{
    static const char expected[] =
        "From: \"Receiver, \\\"Ltd\\\"\" <dmarc-reports@receiver.example>\r\n"
        "To: dmarc@example.com\r\n"
        "Subject: Report Domain: example.com Submitter: receiver.example Report-ID:\r\n"
        " <20261122abcdefghijkl>\r\n"
        "Date: Mon, 23 Nov 2026 00:34:56 +0000\r\n"
        "Message-ID: <20261122abcdefghijkl@receiver.example>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed;\r\n"
        " boundary=\"=_20261122abcdefghijkl\"\r\n"
        "\r\n"
        "--=_20261122abcdefghijkl\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "This is a DMARC aggregate report (RFC 9990), made by a program.\r\n"
        "\r\n"
        "  Mail of:   example.com\r\n"
        "  seen by:   receiver.example\r\n"
        "  from:      2026-11-22T00:00:00Z\r\n"
        "  until:     2026-11-22T23:59:59Z\r\n"
        "  messages:  412, in 1 row\r\n"
        "  report:    20261122abcdefghijkl\r\n"
        "\r\n"
        "It tells which servers sent mail in the name of this domain, and whether that\r\n"
        "mail was authenticated. It is attached: XML, compressed with gzip.\r\n"
        "\r\n"
        "It goes where the tag \"rua\" of the DMARC record of this domain says, the TXT\r\n"
        "record at\r\n"
        "  _dmarc.example.com\r\n"
        "To get no more reports, have this address taken out of it:\r\n"
        "  dmarc@example.com\r\n"
        "\r\n"
        "--=_20261122abcdefghijkl\r\n"
        "Content-Type: application/gzip\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment;\r\n"
        " filename=\"receiver.example!example.com!1795305600!1795391999!20261122abcdefghijkl.xml.gz\"\r\n"
        "\r\n"
        "H4sIIGFuZCBzbyBvbiwgZm9yIG1vcmUgdGhhbiBvbmUgbGluZSBvZiBiYXNlNjQsIHdoaWNoIGhh\r\n"
        "cyA1NyBvY3RldHMgb2YgaXQ=\r\n"
        "\r\n"
        "--=_20261122abcdefghijkl--\r\n";
    struct mv_report_mail mail = plain_mail();
    struct mv_buf out;

    mail.from_name = MV_BYTES(" Receiver, \"Ltd\" ");
    mv_buf_init(&out, MAX_BYTES);
    ck_assert_int_eq(mv_report_mail_print(&mail, &out), MV_OK);
    ck_assert_str_eq(mv_buf_cstr(&out), expected);
    mv_buf_reset(&out);
    mail.part = 2;
    mail.records = 2;
    ck_assert_int_eq(mv_report_mail_print(&mail, &out), MV_OK);
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&out), "412, in 2 rows\r\n"));
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&out), "part:      2; the others come as reports of their own\r\n"));
    mv_buf_free(&out);
}
END_TEST

/* RFC 2047 2, 5 (3): words of at most 75 characters, none with half a character. */
START_TEST(test_from_names)
{
    static const struct {
        const char *name, *field;
    } rows[] = {
        {"", "From: dmarc-reports@receiver.example\r\n"},
        {" \t", "From: dmarc-reports@receiver.example\r\n"},
        {"a\\b", "From: \"a\\\\b\" <dmarc-reports@receiver.example>\r\n"},
        {"victim@example.net", "From: \"victim@example.net\" <dmarc-reports@receiver.example>\r\n"},
        {"=?UTF-8?Q?a?=", "From: \"=?UTF-8?Q?a?=\" <dmarc-reports@receiver.example>\r\n"},
        {"B\xc3\xbc" "cher", "From: =?UTF-8?B?QsO8Y2hlcg==?= <dmarc-reports@receiver.example>\r\n"},
        {"a\r\nBcc: b@c.example", "From: =?UTF-8?B?YT8/QmNjOiBiQGMuZXhhbXBsZQ==?=\r\n <dmarc-reports@receiver.example>\r\n"},
        {"\xff\x1b", "From: =?UTF-8?B?Pz8=?= <dmarc-reports@receiver.example>\r\n"},
        {"A name that does not stand beside the address on one line",
         "From: \"A name that does not stand beside the address on one line\"\r\n <dmarc-reports@receiver.example>\r\n"},
        {"A name of more than a line, which is more than RFC 5322 wants a line to have, and so is folded",
         "From: =?UTF-8?B?QSBuYW1lIG9mIG1vcmUgdGhhbiBhIGxpbmUsIHdoaWNoIGlzIG1vcmUgdGhh?=\r\n"
         " =?UTF-8?B?biBSRkMgNTMyMiB3YW50cyBhIGxpbmUgdG8gaGF2ZSwgYW5kIHNvIGlzIGZv?=\r\n"
         " =?UTF-8?B?bGRlZA==?= <dmarc-reports@receiver.example>\r\n"},
        {"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
         "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
         "From: =?UTF-8?B?w6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6Q=?=\r\n"
         " =?UTF-8?B?w6Q=?= <dmarc-reports@receiver.example>\r\n"},
    };
    struct mv_buf out;

    mv_buf_init(&out, MAX_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_report_mail mail = plain_mail();

        mail.from_name = mv_bytes_str(rows[i].name);
        mv_buf_reset(&out);
        ck_assert_int_eq(mv_report_mail_print(&mail, &out), MV_OK);
        ck_assert_msg(mv_bytes_has_prefix_nocase(mv_buf_bytes(&out), mv_bytes_str(rows[i].field)),
                      "\"%s\": %.200s", rows[i].name, mv_buf_cstr(&out));
    }
    mv_buf_free(&out);
}
END_TEST

START_TEST(test_mails_refused)
{
    static const char *const bad_addresses[] = {
        "", "a", "@b.example", "a@", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "<a@b.example>",
        "a b@c.example", "a@b c.example", "a@b.example ", "\xc3\xa4@b.example", "a@b\xc3\xa4.example", "a\t@b.example"};
    static const char *const bad_names[] = {"", "a b", "a\r\nb", "a..b", "a>b", "a/b", "\xc3\xa4.example", "a@b.example"};
    static const char *const bad_ids[] = {"", "1.2", "1>", "1 2", "1\n", "1-2"};
    static const char *const bad_files[] = {"", "a\"b", "a\\b", "a/b", "a b", "a\r\nb", "\xc3\xa4"};
    struct mv_report_mail mail = plain_mail();
    struct mv_buf out;

    mv_buf_init(&out, MAX_BYTES);
#define REFUSED(member, list) \
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) { \
        mail = plain_mail(); \
        mail.member = mv_bytes_str(list[i]); \
        ck_assert_msg(mv_report_mail_print(&mail, &out) == MV_ERR_USAGE, #member " \"%s\" is taken", list[i]); \
    }
    REFUSED(from, bad_addresses)
    REFUSED(to, bad_addresses)
    REFUSED(receiver, bad_names)
    REFUSED(policy_domain, bad_names)
    REFUSED(report_id, bad_ids)
    REFUSED(file_name, bad_files)
#undef REFUSED
    mail = plain_mail();
    mail.gzip = MV_BYTES("");
    ck_assert_int_eq(mv_report_mail_print(&mail, &out), MV_ERR_USAGE);
    ck_assert_uint_eq(out.len, 0);
    mv_buf_free(&out);
    mv_buf_init(&out, 1000);
    mail = plain_mail();
    ck_assert_int_eq(mv_report_mail_print(&mail, &out), MV_ERR_MEMORY);
    mv_buf_free(&out);
}
END_TEST

/* The longest of everything. */
START_TEST(test_line_lengths)
{
    struct mv_report_mail mail = plain_mail();
    struct mv_buf out, name;
    struct mv_bytes text;
    struct mv_cursor c;

    mail.policy_domain = mail.receiver = MV_BYTES(NAME_253);
    ck_assert_uint_eq(mail.receiver.len, 253);
    mv_buf_init(&name, MAX_BYTES);
    ck_assert_int_eq(mv_report_file_name(mail.receiver, mail.policy_domain, mail.begin_secs, mail.end_secs,
                                         mail.report_id, &name), MV_OK);
    mail.file_name = mv_buf_bytes(&name);
    mv_buf_init(&out, MAX_BYTES);
    ck_assert_int_eq(mv_report_mail_print(&mail, &out), MV_OK);
    text = mv_buf_bytes(&out);
    for (c = mv_cursor_of(text); mv_cursor_left(&c) > 0;) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');

        ck_assert(mv_cursor_accept(&c, '\n') && line.len > 0 && line.data[line.len - 1] == '\r');
        ck_assert_msg(line.len - 1 <= MAX_HEADER_LINE, "%.*s", (int)line.len, line.data);
        /* Only where such a name stands is one longer than it should be. */
        ck_assert_msg(line.len - 1 <= 78 || line.len > mail.receiver.len, "%.*s", (int)line.len, line.data);
    }
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&out), ";\r\n filename*0=\"a23456789012345"));
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&out), ".xml.gz\"\r\n\r\n"));
    mv_buf_free(&out);
    mv_buf_free(&name);
}
END_TEST

static enum mv_code begin_item(void *to, const struct mv_intake_item *item)
{
    mv_buf_puts(to, mv_report_kind_text(item->kind));
    return MV_OK;
}

static enum mv_code take_head(void *to, const struct mv_aggregate_head *head)
{
    (void)to;
    (void)head;
    return MV_OK;
}

static enum mv_code take_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    (void)head;
    mv_buf_printf(to, " %llu ", (unsigned long long)record->count);
    return MV_OK;
}

static enum mv_code end_item(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                             const struct mv_aggregate_totals *totals)
{
    (void)totals;
    mv_buf_put(to, item->name);
    mv_buf_puts(to, fault->text);
    return MV_OK;
}

START_TEST(test_read_back)
{
    struct mv_report_mail mail = plain_mail();
    struct mv_gzip *gzip = mv_gzip_new();
    struct mv_buf packed, out, seen;
    struct mv_intake_sink sink = {.begin = begin_item, .head = take_head, .record = take_record, .end = end_item,
                                  .to = &seen};
    struct mv_intake *intake = mv_intake_new(&sink);

    mv_buf_init(&packed, MAX_BYTES);
    mv_buf_init(&out, MAX_BYTES);
    mv_buf_init(&seen, MAX_BYTES);
    ck_assert_int_eq(mv_gzip_feed(gzip, MV_BYTES(XML), &packed), MV_OK);
    ck_assert_int_eq(mv_gzip_end(gzip, &packed), MV_OK);
    mail.gzip = mv_buf_bytes(&packed);
    ck_assert_int_eq(mv_report_mail_print(&mail, &out), MV_OK);
    ck_assert_int_eq(mv_intake_feed(intake, mv_buf_bytes(&out)), MV_OK);
    ck_assert_int_eq(mv_intake_end(intake), MV_OK);
    ck_assert_str_eq(mv_buf_cstr(&seen), "aggregate 3 receiver.example!example.com!1795305600!1795391999!"
                                         "20261122abcdefghijkl.xml.gz");
    mv_intake_free(&intake);
    mv_gzip_free(&gzip);
    mv_buf_free(&packed);
    mv_buf_free(&out);
    mv_buf_free(&seen);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {test_addresses, test_ids, test_file_names, test_word_for_word, test_from_names,
                            test_mails_refused, test_line_lengths, test_read_back};

    return unit_run("report_mail", tests, sizeof tests / sizeof *tests);
}
