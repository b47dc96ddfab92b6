/* Parts of mails (RFC 2045, RFC 2046). */
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/report/mime.h"
#include "tests/unit/unit.h"

static enum mv_code begin(void *to, const struct mv_mime_part *part, bool *wanted_r)
{
    mv_buf_puts(to, "{");
    mv_buf_put(to, part->type);
    mv_buf_puts(to, ",");
    mv_buf_put(to, part->name);
    mv_buf_printf(to, "%s%s", part->in_report ? ",report" : "", part->in_attached_mail ? ",attached" : "");
    *wanted_r = !mv_bytes_equal(part->type, MV_BYTES("text/html"));
    mv_buf_puts(to, *wanted_r ? ":" : "}");
    return MV_OK;
}

static enum mv_code data(void *to, struct mv_bytes bytes)
{
    mv_buf_put(to, bytes);
    return MV_OK;
}

static enum mv_code end(void *to, enum mv_code fault)
{
    mv_buf_puts(to, fault == MV_OK ? "}" : "!}");
    return MV_OK;
}

#define MULTI(type) "Content-Type: multipart/" type "; boundary=\"b b\"\n\n"

static const struct {
    const char *name, *mail, *parts;
} rows[] = {
    {"nothing", "", "{text/plain,:}"},
    {"no header", "\nhello\n", "{text/plain,:hello}"},
    {"no body", "Subject: x\n", "{text/plain,:}"},
    {"plain", "Subject: x\n\na\n\nb\n", "{text/plain,:a\n\nb}"},
    {"type in capitals, with comment", "content-type: (c) Text/XML ; charset=utf-8\n\nx", "{text/xml,:x}"},
    {"base64", "Content-Transfer-Encoding: BASE64\n\naGVs\nbG8=\nignored!\n", "{text/plain,:hello}"},
    {"base64 without padding", "Content-Transfer-Encoding: base64\n\naGVsbG8\n", "{text/plain,:hello}"},
    {"base64 with other characters in it (RFC 2045 6.8)",
     "Content-Transfer-Encoding: base64\n\n-aG\xe9Vs*\t bG\x01" "8\x80!=\nignored\n", "{text/plain,:hello}"},
    {"base64 with a footer behind its padding", "Content-Transfer-Encoding: base64\n\naGVsbG8=\n-- \nList info\n",
     "{text/plain,:hello}"},
    {"base64 that is none", "Content-Transfer-Encoding: base64\n\n****\n", "{text/plain,:}"},
    {"base64 of nothing but padding", "Content-Transfer-Encoding: base64\n\n==\n", "{text/plain,:}"},
    {"quoted-printable (RFC 2045 6.7)",
     "Content-Transfer-Encoding: quoted-printable\n\na=3Db =\nc  \nd=e=C3=A9=\n", "{text/plain,:a=b c\nd=e\xc3\xa9}"},
    {"unknown encoding", "Content-Transfer-Encoding: uuencode\n\nx\n", "{text/plain,:!}"},
    {"file names", "Content-Type: application/gzip; name=\"a.gz\"\nContent-Disposition: attachment;\n filename=\"b\\\"!c.gz\"\n\nx",
     "{application/gzip,b\"!c.gz:x}"},
    {"name of the type", "Content-Type: application/gzip;\n\tname=a!b.gz\n\nx", "{application/gzip,a!b.gz:x}"},
    {"multipart (RFC 2046 5.1.1)",
     MULTI("mixed") "preamble\n--b b\n\none\n--b b\t \nContent-Type: text/html\n\ntwo\n--b b--\nepilogue\n--b b\nx",
     "{text/plain,:one}{text/html,}"},
    {"parts without a body", MULTI("mixed") "--b b\n--b b\nX: 1\n--b b--\n", ""},
    {"the line end before the boundary is the boundary's", MULTI("mixed") "--b b\n\none\n\n--b b--\n",
     "{text/plain,:one\n}"},
    {"never closed", MULTI("mixed") "--b b\n\none\n", "{text/plain,:one}"},
    {"the inner one never closed",
     MULTI("mixed") "--b b\nContent-Type: multipart/x; boundary=i\n\n--i\n\nin\n--b b\n\nout\n--i\n\nno part\n--b b--\n",
     "{text/plain,:in}{text/plain,:out\n--i\n\nno part}"},
    {"boundary that begins like another",
     MULTI("mixed") "--b b\nContent-Type: multipart/x; boundary=\"b b2\"\n\n--b b2\n\nin\n--b b2--\n--b b\n\nout\n--b b--",
     "{text/plain,:in}{text/plain,:out}"},
    {"no boundary", "Content-Type: multipart/mixed\n\n--\n\nx\n", ""},
    {"report: the mail in it is left alone",
     "Content-Type: multipart/report; report-type=feedback-report; boundary=\"b b\"\n\n--b b\n\nhi\n--b b\n"
     "Content-Type: message/feedback-report\n\nFeedback-Type: x\n--b b\nContent-Type: message/rfc822\n\n"
     "Content-Type: application/gzip\n\nevil\n--b b--\n",
     "{text/plain,,report:hi}{message/feedback-report,,report:Feedback-Type: x}"},
    {"attached mail", MULTI("mixed") "--b b\nContent-Type: message/rfc822\n\nContent-Type: application/zip\n\nx\n--b b\n\ny\n--b b--\n",
     "{application/zip,,attached:x}{text/plain,:y}"},
    {"mail attached to an attached mail",
     MULTI("mixed") "--b b\nContent-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nX: 1\n\nx\n--b b--\n", ""},
};

static enum mv_code read_mail(struct mv_bytes mail, size_t step, struct mv_buf *out, struct mv_error *error)
{
    struct mv_mime_sink sink = {begin, data, end, out};
    struct mv_mime *mime = mv_mime_new(&sink);
    enum mv_code code = MV_OK;

    mv_buf_reset(out);
    for (size_t at = 0; at < mail.len && code == MV_OK; at += step)
        code = mv_mime_feed(mime, mv_bytes_slice(mail, at, at + step), error);
    if (code == MV_OK)
        code = mv_mime_end(mime, error);
    mv_mime_free(&mime);
    return code;
}

static void with_crlf(const char *text, struct mv_buf *out)
{
    for (; *text != '\0'; text++)
        mv_buf_puts(out, *text == '\n' ? "\r\n" : (char[]){*text, '\0'});
}

/* With LF and CRLF, in any split. */
START_TEST(test_rows)
{
    struct mv_buf out, mail, expect;
    struct mv_error error;

    mv_buf_init(&out, 1 << 20);
    mv_buf_init(&mail, 1 << 20);
    mv_buf_init(&expect, 1 << 20);
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof *rows); i++) {
        mv_buf_reset(&mail);
        mv_buf_reset(&expect);
        if (i % 2 == 0) {
            mv_buf_puts(&mail, rows[i / 2].mail);
            mv_buf_puts(&expect, rows[i / 2].parts);
        } else {
            with_crlf(rows[i / 2].mail, &mail);
            with_crlf(rows[i / 2].parts, &expect);
        }
        for (size_t step = 1; step < 9; step += 2) {
            ck_assert_int_eq(read_mail(mv_buf_bytes(&mail), step, &out, &error), MV_OK);
            ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_buf_bytes(&expect)), "%s (%zu, %zu): %s",
                          rows[i / 2].name, i % 2, step, mv_buf_cstr(&out));
        }
    }
    mv_buf_free(&out);
    mv_buf_free(&mail);
    mv_buf_free(&expect);
}
END_TEST

static const struct {
    const char *name, *head, *text;
    unsigned times;
    enum mv_code code;
} large[] = {
    {"long header", "X: ", "0123456789", 30000, MV_ERR_LIMIT},
    {"many fields", "", "X: 0123456789\n", 30000, MV_ERR_LIMIT},
    {"many parts", MULTI("mixed"), "--b b\n\nx\n", 1001, MV_ERR_LIMIT},
    {"parts, but not too many", MULTI("mixed"), "--b b\n\nx\n", 998, MV_OK},
    {"one long line", "Content-Transfer-Encoding: base64\n\n", "AAAA", 100000, MV_OK},
    {"a boundary that is too long", "Content-Type: multipart/mixed; boundary=", "0123456789", 100, MV_OK},
};

START_TEST(test_limits)
{
    struct mv_buf out, mail;

    mv_buf_init(&out, 1 << 22);
    mv_buf_init(&mail, 1 << 22);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        struct mv_error error = {MV_OK, ""};
        enum mv_code code;

        mv_buf_reset(&mail);
        mv_buf_puts(&mail, large[i].head);
        for (unsigned k = 0; k < large[i].times; k++)
            mv_buf_puts(&mail, large[i].text);
        code = read_mail(mv_buf_bytes(&mail), 10000, &out, &error);
        ck_assert_msg(code == large[i].code && code == error.code, "%s: %d, %s", large[i].name, code, error.text);
    }
    mv_buf_free(&out);
    mv_buf_free(&mail);
}
END_TEST

START_TEST(test_depth)
{
    struct mv_buf out, mail;
    struct mv_error error = {MV_OK, ""};

    mv_buf_init(&out, 1 << 20);
    mv_buf_init(&mail, 1 << 20);
    for (int i = 0; i < MV_MIME_MAX_DEPTH + 1; i++)
        mv_buf_printf(&mail, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    ck_assert_int_eq(read_mail(mv_buf_bytes(&mail), 100, &out, &error), MV_ERR_LIMIT);
    mv_buf_free(&out);
    mv_buf_free(&mail);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_limits, test_depth};

    return unit_run("mime", tests, sizeof tests / sizeof *tests);
}
