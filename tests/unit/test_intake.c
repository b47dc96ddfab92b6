/* Files and mails that bring reports: what is read, and what is refused. */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "core/base/base64.h"
#include "core/report/gunzip.h"
#include "core/report/intake.h"
#include "core/report/zip.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (512 * 1024 * 1024)
#define XML \
    "<feedback><report_metadata><org_name>R</org_name><report_id>1</report_id><date_range><begin>1</begin><end>2</end>" \
    "</date_range></report_metadata><policy_published><domain>a.example</domain></policy_published><record><row>" \
    "<source_ip>192.0.2.1</source_ip><count>3</count></row><identifiers><header_from>a.example</header_from>" \
    "</identifiers></record></feedback>"
#define TLS \
    "{\"organization-name\":\"R\",\"date-range\":{\"start-datetime\":\"2026-11-22T00:00:00Z\",\"end-datetime\":" \
    "\"2026-11-22T23:59:59Z\"},\"contact-info\":\"a@r.example\",\"report-id\":\"7\",\"policies\":[{\"policy\":{" \
    "\"policy-type\":\"sts\",\"policy-domain\":\"a.example\"},\"summary\":{\"total-successful-session-count\":5," \
    "\"total-failure-session-count\":\"2\"},\"failure-details\":[{\"result-type\":\"certificate-expired\"," \
    "\"sending-mta-ip\":\"192.0.2.7\",\"receiving-mx-hostname\":\"mx.a.example\",\"failed-session-count\":2}]}]}"
#define AFRF \
    "Feedback-Type: auth-failure\nVersion: 1\nUser-Agent: x/1\nAuth-Failure: DMARC\nIdentity-Alignment: dkim, spf\n" \
    "Reported-Domain: A.example\nOriginal-Mail-From: <b@c.example>\nSource-IP: 192.0.2.9\nIncidents: 4\n"

struct seen {
    struct mv_buf text;
    enum mv_code begin_code, record_code;
};

static enum mv_code begin(void *to, const struct mv_intake_item *item)
{
    struct seen *seen = to;

    mv_buf_printf(&seen->text, "[%s", mv_report_kind_text(item->kind));
    return seen->begin_code;
}

static enum mv_code head(void *to, const struct mv_aggregate_head *h)
{
    struct seen *seen = to;

    mv_buf_putc(&seen->text, ' ');
    mv_buf_put(&seen->text, h->policy.domain);
    return MV_OK;
}

static enum mv_code record(void *to, const struct mv_aggregate_head *h, const struct mv_aggregate_record *r)
{
    struct seen *seen = to;

    (void)h;
    mv_buf_printf(&seen->text, " %llu", (unsigned long long)r->count);
    return seen->record_code;
}

static enum mv_code failure(void *to, const struct mv_failure *f)
{
    struct seen *seen = to;

    mv_buf_printf(&seen->text, " %.*s %.*s %.*s %llu %.*s ", (int)f->reported_domain.len, f->reported_domain.data,
                  (int)f->auth_failure.len, f->auth_failure.data, (int)f->identity_alignment.len,
                  f->identity_alignment.data, (unsigned long long)f->incidents, (int)f->mail_from_domain.len,
                  f->mail_from_domain.data);
    mv_ip_print(&f->source, &seen->text);
    ck_assert_uint_eq(strlen(f->id), 64);
    return MV_OK;
}

static enum mv_code tls_policy(void *to, const struct mv_tls_head *h, const struct mv_tls_policy *p)
{
    struct seen *seen = to;

    mv_buf_printf(&seen->text, " %.*s %lld %.*s+%llu-%llu", (int)h->report_id.len, h->report_id.data,
                  (long long)h->begin_secs, (int)p->domain.len, p->domain.data, (unsigned long long)p->succeeded,
                  (unsigned long long)p->failed);
    return MV_OK;
}

static enum mv_code tls_failure(void *to, const struct mv_tls_head *h, const struct mv_tls_policy *p,
                                const struct mv_tls_failure *f)
{
    struct seen *seen = to;

    (void)h;
    (void)p;
    mv_buf_printf(&seen->text, " %.*s:%llu@", (int)f->result.len, f->result.data, (unsigned long long)f->count);
    mv_ip_print(&f->sending, &seen->text);
    return MV_OK;
}

static enum mv_code end(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                        const struct mv_aggregate_totals *totals)
{
    struct seen *seen = to;

    ck_assert(totals == NULL || item->kind == MV_REPORT_AGGREGATE);
    if (item->name.len > 0) {
        mv_buf_puts(&seen->text, " name=");
        mv_buf_put(&seen->text, item->name);
    }
    mv_buf_printf(&seen->text, "%s%s%s%s]", item->in_mail ? " mail" : "", item->in_attached_mail ? " attached" : "",
                  fault->code == MV_OK ? "" : " !", fault->text);
    return MV_OK;
}

static enum mv_code read_bytes(struct mv_bytes bytes, size_t step, struct seen *seen)
{
    struct mv_intake_sink sink = {begin, head, record, failure, tls_policy, tls_failure, end, seen};
    struct mv_intake *intake = mv_intake_new(&sink);
    enum mv_code code = MV_OK;

    mv_buf_reset(&seen->text);
    for (size_t at = 0; at < bytes.len && code == MV_OK; at += step)
        code = mv_intake_feed(intake, mv_bytes_slice(bytes, at, at + step));
    if (code == MV_OK)
        code = mv_intake_end(intake);
    mv_intake_free(&intake);
    return code;
}

/* How a row is packed, from the inside out. */
enum wrap {
    NOT = 0,
    GZ,          /* gzip */
    ZIP,         /* zip */
    ZIP2,        /* zip with the file twice */
    ZIP0,        /* zip with a directory alone */
    ZIPX,        /* zip with the file, and others that no report are, before and behind it */
    ZIPMANY,     /* zip with the file more often than reports may be read of one file */
    ZIPFULL,     /* one that no zip may have */
    LIE,         /* says that it unpacks to another size */
    CUT,         /* without its last 8 bytes */
    FLIP,        /* one bit in the middle is another */
    FLIPSUM,     /* one bit of gzip's checksum is another */
    TRAIL,       /* zeros behind it */
    MAIL,        /* as an attachment in base64 */
    BINARY,      /* as an attachment, as it is */
    TWICE,       /* one behind the other */
    TEXTPART,    /* as text/plain, quoted */
    FORWARD      /* the mail attached to another */
};

static void put_gzip(struct mv_bytes in, struct mv_buf *out)
{
    z_stream z = {0};
    unsigned char *room = mv_buf_reserve(out, compressBound(in.len) + 64);

    ck_assert_ptr_nonnull(room);
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)in.data;
    z.avail_in = (uInt)in.len;
    z.next_out = room;
    z.avail_out = (uInt)(compressBound(in.len) + 64);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    mv_buf_commit(out, z.total_out);
    deflateEnd(&z);
}

static void put_entry(struct archive *archive, const char *name, struct mv_bytes content)
{
    struct archive_entry *entry = archive_entry_new();
    bool is_directory = name[strlen(name) - 1] == '/';

    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, is_directory ? AE_IFDIR : AE_IFREG);
    archive_entry_set_size(entry, (la_int64_t)content.len);
    archive_entry_set_perm(entry, 0644);
    ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    if (!is_directory)
        ck_assert_int_eq(archive_write_data(archive, content.data, content.len), (la_ssize_t)content.len);
    archive_entry_free(entry);
}

static void put_zip(struct mv_bytes in, enum wrap wrap, struct mv_buf *out)
{
    static const unsigned files[] = {[ZIP] = 1, [ZIP2] = 2, [ZIP0] = 0, [ZIPX] = 1, [ZIPMANY] = MV_INTAKE_MAX_REPORTS,
                                     [ZIPFULL] = MV_ZIP_MAX_ENTRIES + 1};
    struct archive *archive = archive_write_new();
    size_t room = (in.len * 2 + 300) * (files[wrap] + 1) + 65536, used = 0;
    unsigned char *memory = mv_buf_reserve(out, room);

    ck_assert_int_eq(archive_write_set_format_zip(archive), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_open_memory(archive, memory, room, &used), ARCHIVE_OK);
    if (wrap != ZIPMANY && wrap != ZIPFULL)
        put_entry(archive, "dir/", MV_BYTES(""));
    if (wrap == ZIPX)
        put_entry(archive, "__MACOSX/._r.xml", MV_BYTES("\0\5\26\7\0\2\0\0"));
    for (unsigned i = 0; i < files[wrap]; i++)
        put_entry(archive, "../../etc/r.xml", in);
    if (wrap == ZIPX) {
        put_entry(archive, "empty", MV_BYTES(""));
        put_entry(archive, "read.me", MV_BYTES("Dear reader: this is not it"));
    }
    archive_write_close(archive);
    archive_write_free(archive);
    mv_buf_commit(out, used);
}

/* Where the size stands, half of it. */
static void lie(struct mv_bytes in, struct mv_buf *out)
{
    size_t size = sizeof XML - 1, lies = 0;

    mv_buf_put(out, in);
    for (size_t i = 0; i + 4 <= in.len; i++)
        if (out->data[i] == (size & 255) && out->data[i + 1] == size >> 8 && out->data[i + 2] == 0 && out->data[i + 3] == 0) {
            out->data[i] = (unsigned char)(size / 2);
            out->data[i + 1] = (unsigned char)(size / 2 >> 8);
            lies++;
        }
    ck_assert_uint_ge(lies, 1);
}

static void put_mail(struct mv_bytes in, enum wrap wrap, struct mv_buf *out)
{
    mv_buf_printf(out, "From: a@r.example\nContent-Type: multipart/mixed; boundary=b%zu\n\n--b%zu\n\nhello\n--b%zu\n",
                  in.len, in.len, in.len);
    if (wrap == FORWARD)
        mv_buf_puts(out, "Content-Type: message/rfc822\n\n");
    else if (wrap == TEXTPART)
        mv_buf_puts(out, "Content-Type: text/plain\n\n");
    else
        mv_buf_printf(out, "Content-Type: application/octet-stream; name=r.bin\nContent-Transfer-Encoding: %s\n\n",
                      wrap == MAIL ? "base64" : "binary");
    if (wrap == MAIL)
        mv_base64_encode(in, out);
    else
        mv_buf_put(out, in);
    mv_buf_printf(out, "\n--b%zu--\n", in.len);
}

static void wrap_up(struct mv_bytes in, enum wrap wrap, struct mv_buf *out)
{
    switch (wrap) {
    case GZ:
        put_gzip(in, out);
        break;
    case ZIP:
    case ZIP2:
    case ZIP0:
    case ZIPX:
    case ZIPMANY:
    case ZIPFULL:
        put_zip(in, wrap, out);
        break;
    case LIE:
        lie(in, out);
        break;
    case CUT:
        mv_buf_put(out, mv_bytes_slice(in, 0, in.len - 9));
        break;
    case FLIP:
    case FLIPSUM:
        mv_buf_put(out, in);
        out->data[wrap == FLIP ? in.len / 2 : in.len - 6] ^= 1;
        break;
    case TRAIL:
        mv_buf_put(out, in);
        mv_buf_put(out, mv_bytes_of("\0\0\0\0", 4));
        break;
    case TWICE:
        mv_buf_put(out, in);
        mv_buf_put(out, in);
        break;
    case MAIL:
    case BINARY:
    case TEXTPART:
    case FORWARD:
        put_mail(in, wrap, out);
        break;
    case NOT:
        break;
    }
}

#define ROWS "[aggregate a.example 3"
#define TLS_ROWS "[tls 7 1795305600 a.example+5-2 certificate-expired:2@192.0.2.7"
#define IN_ZIP " name=../../etc/r.xml"
static const struct {
    const char *name, *text;
    enum wrap wraps[5];
    const char *expect;
} rows[] = {
    {"XML", XML, {NOT}, ROWS "]"},
    {"XML behind a byte order mark", "\xef\xbb\xbf\n" XML, {NOT}, ROWS "]"},
    {"gzip", XML, {GZ}, ROWS "]"},
    {"gzip, bytes behind it", XML, {GZ, TRAIL}, ROWS "]"},
    {"gzip in two members", XML, {GZ, TWICE}, ROWS "]"},
    {"gzip in gzip", XML, {GZ, GZ}, ROWS "]"},
    {"zip", XML, {ZIP}, ROWS IN_ZIP "]"},
    {"gzip in zip", XML, {GZ, ZIP}, ROWS IN_ZIP "]"},
    {"zip of two reports", XML, {ZIP2}, ROWS IN_ZIP "]" ROWS IN_ZIP "]"},
    {"zip of a report and others", XML, {ZIPX}, ROWS IN_ZIP "]"},
    {"zip in zip", XML, {ZIP2, ZIP}, ROWS IN_ZIP "]" ROWS IN_ZIP "]"},
    {"mail with zip of two reports", TLS, {ZIP2, MAIL}, TLS_ROWS IN_ZIP " mail]" TLS_ROWS IN_ZIP " mail]"},
    {"JSON", TLS, {NOT}, TLS_ROWS "]"},
    {"JSON with a domain in capitals",
     "{\"date-range\":{\"start-datetime\":\"2026-11-22T00:00:00Z\",\"end-datetime\":\"2026-11-22T00:00:00Z\"},"
     "\"policies\":[{\"policy\":{\"policy-domain\":\" A.Example.\"}},{\"policy\":{\"policy-domain\":\"B\"}}]}", {NOT},
     "[tls  1795305600 a.example+0-0  1795305600 b+0-0]"},
    {"JSON behind a byte order mark", "\xef\xbb\xbf" TLS, {NOT},
     TLS_ROWS "]"},
    {"JSON in gzip", TLS, {GZ}, TLS_ROWS "]"},
    {"mail", XML, {MAIL}, ROWS " name=r.bin mail]"},
    {"mail with gzip", XML, {GZ, MAIL}, ROWS " name=r.bin mail]"},
    {"mail with zip", XML, {ZIP, MAIL}, ROWS IN_ZIP " mail]"},
    {"mail with gzip as it is", XML, {GZ, BINARY}, ROWS " name=r.bin mail]"},
    {"forwarded mail", XML, {GZ, MAIL, FORWARD}, ROWS " name=r.bin mail attached]"},
    {"mail that is the report", "Content-Type: application/xml\nSubject: x\n\n" XML, {NOT}, ROWS " mail]"},
    {"failure report", "Content-Type: message/feedback-report\n\n" AFRF, {NOT},
     "[failure a.example dmarc dkim, spf 4 c.example 192.0.2.9 mail]"},
    {"incidents that are none (RFC 5965 3.2)",
     "Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nDKIM-Domain: b.example\nIncidents: 0\n", {NOT},
     "[failure b.example   1   mail]"},
    {"incidents of more than 32 bits",
     "Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nDKIM-Domain: b.example\nIncidents: 4294967296\n",
     {NOT}, "[failure b.example   1   mail]"},
    {"incidents of 32 bits, an address of IPv6",
     "Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nDKIM-Domain: b.example\nIncidents: 4294967295\n"
     "Source-IP: [IPv6:2001:DB8::9]\n", {NOT}, "[failure b.example   4294967295  2001:db8::9 mail]"},
    {"failure report without anything but a domain",
     "Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nDKIM-Domain: b.example\n", {NOT},
     "[failure b.example   1   mail]"},
    /* refused */
    {"nothing", "", {NOT}, " !empty]"},
    {"words", "hello world", {NOT}, " !neither a report nor gzip, zip or a mail]"},
    {"bytes", "\x01\x02\x03", {NOT}, " !neither a report nor gzip, zip or a mail]"},
    {"empty gzip", "", {GZ}, " !empty]"},
    {"gzip of words", "hello", {GZ}, " !neither a report nor gzip, zip or a mail]"},
    {"gzip cut", XML, {GZ, CUT}, "[aggregate a.example 3 !the gzip data end too early]"},
    {"gzip damaged", XML, {GZ, FLIPSUM}, ROWS " !the gzip data are damaged]"},
    {"gzip header alone", "\x1f\x8b\x08", {NOT}, " !the gzip data end too early]"},
    {"gzip of a method that is none", "\x1f\x8b\x09\x01\x01\x01\x01\x01\x01\x01\x01", {NOT}, " !the gzip data are damaged]"},
    {"gzip in gzip in gzip in gzip", XML, {GZ, GZ, GZ, GZ}, " !too many archives within each other]"},
    {"zip of a directory", XML, {ZIP0}, " !no file in the zip file]"},
    {"zip of words", "hello", {ZIP2}, " !no report in this zip file]"},
    {"mail with zip of words", "hello", {ZIPX, MAIL}, " name=r.bin mail !no report in this zip file]"},
    {"zip of two that are damaged", "<feedback>", {ZIP2},
     "[aggregate" IN_ZIP " !line 1: the report ends before its end][aggregate" IN_ZIP " !line 1: the report ends before its end]"},
    {"zip of too many", "x", {ZIPFULL}, " !more than 1000 entries in the zip file]"},
    {"zip that lies of sizes", XML, {ZIP, LIE}, "!the zip file is damaged, encrypted or of an unknown method]"},
    {"zip in zip in zip in zip", XML, {ZIP, ZIP, ZIP, ZIP},
     IN_ZIP " !too many archives within each other]"},
    {"zip damaged", XML, {ZIP, FLIP}, "!the zip file is damaged, encrypted or of an unknown method]"},
    {"zip header alone", "PK\x03\x04", {NOT}, " !the zip file is damaged, encrypted or of an unknown method]"},
    {"other XML", "<html/>", {NOT},
     "[aggregate !line 1: this is no aggregate report: its root is not <feedback> of a namespace that is known]"},
    {"JSON that is none", "{\"a\":", {NOT}, "[tls !line 1: this is no JSON]"},
    {"JSON with a member twice", "{\"a\":1,\"a\":2}", {NOT}, "[tls !line 1: this is no JSON]"},
    {"JSON of something else", "{\"a\":1}", {NOT}, "[tls !no TLS report: its date-range cannot be read]"},
    {"TLS report without policies",
     "{\"date-range\":{\"start-datetime\":\"2026-11-22T00:00:00Z\",\"end-datetime\":\"2026-11-22T00:00:00Z\"}}", {NOT},
     "[tls !no TLS report: it has no policies]"},
    {"TLS report of a domain that is a dot",
     "{\"date-range\":{\"start-datetime\":\"2026-11-22T00:00:00Z\",\"end-datetime\":\"2026-11-22T00:00:00Z\"},"
     "\"policies\":[{\"policy\":{\"policy-domain\":\".\"}}]}", {NOT}, "[tls !a policy without policy-domain]"},
    {"TLS report that ends before it begins",
     "{\"date-range\":{\"start-datetime\":\"2026-11-22T00:00:00Z\",\"end-datetime\":\"2026-11-21T00:00:00Z\"},"
     "\"policies\":[{}]}", {NOT}, "[tls !the report ends before it begins]"},
    {"TLS report with a count below nothing",
     "{\"date-range\":{\"start-datetime\":\"2026-11-22T00:00:00Z\",\"end-datetime\":\"2026-11-22T00:00:00Z\"},"
     "\"policies\":[{\"policy\":{\"policy-domain\":\"a.example\"},\"summary\":{\"total-failure-session-count\":-1}}]}",
     {NOT}, "[tls !a summary with what is no count]"},
    {"mail without a report", "Subject: hi\n\nhello\n", {NOT}, " mail !no report in this mail]"},
    {"mail with a file that is none", "hello world", {MAIL}, " mail !no report in this mail]"},
    {"report in the text of a mail", XML, {TEXTPART}, " mail !no report in this mail]"},
    {"forwarded twice", XML, {MAIL, FORWARD, FORWARD}, " mail !no report in this mail]"},
    {"abuse report", "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n", {NOT},
     "[failure mail !a feedback report, but of another type than auth-failure]"},
    {"failure report without domain", "Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\n", {NOT},
     "[failure mail !a failure report that names no domain]"},
    {"part of an encoding that is none",
     "Content-Type: application/xml\nContent-Transfer-Encoding: uuencode\n\n" XML, {NOT},
     " mail !the part of the mail is not encoded as it says]"},
    {"part that is no base64",
     "Content-Type: application/xml\nContent-Transfer-Encoding: base64\n\n****\n", {NOT},
     " mail !no report in this mail]"},
    {"part that stops being base64",
     "Content-Type: application/xml\nContent-Transfer-Encoding: base64\n\n"
     "PGZlZWRiYWNrPjxhLz48YS8+PGEvPjxhLz48YS8+PGEvPjxhLz48YS8+PGEvPjxhLz48YS8+PGEvPjxhLz48YS8+\n*\n", {NOT},
     "[aggregate mail !line 1: the report ends before its end]"},
    {"gzip in base64 that lost a character", "Content-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n"
     "H4sIAAAAAAAAAwsqyi8uVXDJz03MzFMI1TfUMzRSCEpNzs9LyUyBAgC1dZu5HgAAAA*\n", {NOT},
     " mail !the gzip data are damaged]"},
};

static void build(const char *text, const enum wrap *wraps, struct mv_buf *bytes)
{
    struct mv_buf before;

    mv_buf_reset(bytes);
    mv_buf_puts(bytes, text);
    for (size_t k = 0; k < 5 && wraps[k] != NOT; k++) {
        before = *bytes;
        mv_buf_init(bytes, MAX_BYTES);
        wrap_up(mv_buf_bytes(&before), wraps[k], bytes);
        mv_buf_free(&before);
        ck_assert(!mv_buf_failed(bytes));
    }
}

START_TEST(test_rows)
{
    struct seen seen = {.begin_code = MV_OK};
    struct mv_buf bytes;

    mv_buf_init(&seen.text, 1 << 20);
    mv_buf_init(&bytes, MAX_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        build(rows[i].text, rows[i].wraps, &bytes);
        for (size_t step = 1; step < 20000; step = step * 10 + 3) {
            ck_assert_msg(read_bytes(mv_buf_bytes(&bytes), step, &seen) == MV_OK, "%s", rows[i].name);
            ck_assert_msg(strstr(mv_buf_cstr(&seen.text), rows[i].expect) != NULL, "%s (%zu): %s", rows[i].name, step,
                          mv_buf_cstr(&seen.text));
            if (rows[i].expect[0] != '!')
                ck_assert_msg(strlen(mv_buf_cstr(&seen.text)) == strlen(rows[i].expect), "%s (%zu): %s", rows[i].name,
                              step, mv_buf_cstr(&seen.text));
        }
    }
    mv_buf_free(&seen.text);
    mv_buf_free(&bytes);
}
END_TEST

/* Bombs: a gigabyte of white space, or of records, that packs to nothing; and JSON without end. */
START_TEST(test_bombs)
{
    static const enum wrap wraps[][5] = {{GZ}, {ZIP}, {GZ, GZ}, {GZ, ZIP}, {GZ, MAIL}};
    struct seen seen = {.begin_code = MV_OK};
    struct mv_buf text, bytes;

    mv_buf_init(&seen.text, 1 << 24);
    mv_buf_init(&text, MAX_BYTES);
    mv_buf_init(&bytes, MAX_BYTES);
    mv_buf_puts(&text, "<feedback>");
    for (size_t i = 0; i < 3 * 1024 * 1024; i++)
        mv_buf_puts(&text, "          ");
    for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++) {
        build(mv_buf_cstr(&text), wraps[i], &bytes);
        ck_assert_int_eq(read_bytes(mv_buf_bytes(&bytes), 1000, &seen), MV_OK);
        ck_assert_msg(strstr(mv_buf_cstr(&seen.text), "200 times its size") != NULL, "%zu: %s", i,
                      mv_buf_cstr(&seen.text));
    }
    mv_buf_reset(&text);
    for (size_t i = 0; i < 30 * 1024 * 1024; i++)
        mv_buf_putc(&text, ' '); /* no report: that it is a bomb is said all the same */
    for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++) {
        build(mv_buf_cstr(&text), wraps[i], &bytes);
        ck_assert_int_eq(read_bytes(mv_buf_bytes(&bytes), 1000, &seen), MV_OK);
        ck_assert_msg(mv_buf_bytes(&seen.text).len > 0, "%zu", i);
    }
    mv_buf_reset(&text);
    for (size_t i = 0; i < 600 * 1024; i++)
        mv_buf_putc(&text, '{');
    ck_assert_int_eq(read_bytes(mv_buf_bytes(&text), 1000, &seen), MV_OK);
    ck_assert_str_eq(mv_buf_cstr(&seen.text), "[tls !larger than a report of this kind may be]");
    ck_assert_int_eq(read_bytes(mv_bytes_slice(mv_buf_bytes(&text), 0, MV_TLSRPT_MAX_VALUES), 1000, &seen), MV_OK);
    ck_assert_str_eq(mv_buf_cstr(&seen.text), "[tls !line 1: this is no JSON]");
    ck_assert_int_eq(read_bytes(mv_bytes_slice(mv_buf_bytes(&text), 0, MV_TLSRPT_MAX_VALUES + 1), 1000, &seen), MV_OK);
    ck_assert_str_eq(mv_buf_cstr(&seen.text), "[tls !more than 50000 values, as no report has]");
    mv_buf_free(&seen.text);
    mv_buf_free(&text);
    mv_buf_free(&bytes);
}
END_TEST

/* What is behind the last one that may be is said once. */
START_TEST(test_too_many)
{
    static const enum wrap wraps[][5] = {{ZIPMANY}, {ZIPMANY, MAIL}, {ZIPMANY, ZIP2}};
    struct seen seen = {.begin_code = MV_OK};
    struct mv_buf bytes;

    mv_buf_init(&seen.text, 1 << 24);
    mv_buf_init(&bytes, MAX_BYTES);
    for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++) {
        size_t ends = 0;

        build(XML, wraps[i], &bytes);
        ck_assert_int_eq(read_bytes(mv_buf_bytes(&bytes), 1000, &seen), MV_OK);
        for (const char *at = mv_buf_cstr(&seen.text); *at != '\0'; at++)
            ends += *at == ']' ? 1 : 0;
        ck_assert_uint_eq(ends, MV_INTAKE_MAX_REPORTS);
        ck_assert_msg(mv_bytes_has_suffix_nocase(mv_buf_bytes(&seen.text), MV_BYTES("the rest is not read]")), "%zu", i);
    }
    mv_buf_free(&seen.text);
    mv_buf_free(&bytes);
}
END_TEST

START_TEST(test_unpack_limits)
{
    struct mv_error error = {MV_OK, ""};

    ck_assert_int_eq(mv_unpack_check(1, MV_UNPACK_RATIO_FROM_BYTES, &error), MV_OK);
    ck_assert_int_eq(mv_unpack_check(1, MV_UNPACK_RATIO_FROM_BYTES + 1, &error), MV_ERR_LIMIT);
    ck_assert_int_eq(mv_unpack_check(MV_UNPACK_MAX_BYTES, MV_UNPACK_MAX_BYTES, &error), MV_OK);
    ck_assert_int_eq(mv_unpack_check(MV_UNPACK_MAX_BYTES, MV_UNPACK_MAX_BYTES + 1ull, &error), MV_ERR_LIMIT);
}
END_TEST

/* What fails in the sink is no fault of the report, and ends everything. */
START_TEST(test_sink)
{
    struct seen seen = {.begin_code = MV_ERR_IO};
    struct mv_buf bytes;
    static const enum wrap wraps[] = {GZ, MAIL, NOT};

    mv_buf_init(&seen.text, 1 << 20);
    mv_buf_init(&bytes, MAX_BYTES);
    build(XML, wraps, &bytes);
    ck_assert_int_eq(read_bytes(mv_buf_bytes(&bytes), 100, &seen), MV_ERR_IO);
    ck_assert_str_eq(mv_buf_cstr(&seen.text), "[aggregate");
    seen.begin_code = MV_OK;
    seen.record_code = MV_ERR_CRYPTO;
    ck_assert_int_eq(read_bytes(mv_buf_bytes(&bytes), 100, &seen), MV_ERR_CRYPTO);
    ck_assert_str_eq(mv_buf_cstr(&seen.text), ROWS);
    mv_buf_free(&seen.text);
    mv_buf_free(&bytes);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_bombs, test_too_many, test_unpack_limits, test_sink};

    return unit_run("intake", tests, sizeof tests / sizeof *tests);
}
