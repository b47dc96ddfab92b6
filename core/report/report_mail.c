#include "core/report/report_mail.h"

#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/report/mail_field.h"
#include "core/report/report_mail_names.h"
#include "core/report/report_time.h"
#include "core/text/domain.h"

#define BASE64_LINE_OCTETS 57     /* 76 characters, RFC 2045 6.8 */
#define MAX_QUOTED_NAME_BYTES 200 /* of a file; longer ones are continued, RFC 2231 3, which not everybody reads */
#define CONTINUED_NAME_BYTES 56

/* RFC 9990 3.5.2 */
static void put_subject(struct mv_buf *out, const struct mv_report_mail *mail)
{
    struct mv_mail_line line = mv_mail_begin_field(out, "Subject");

    mv_mail_put_word(&line, MV_BYTES("Report"));
    mv_mail_put_word(&line, MV_BYTES("Domain:"));
    mv_mail_put_word(&line, mail->policy_domain);
    mv_mail_put_word(&line, MV_BYTES("Submitter:"));
    mv_mail_put_word(&line, mail->receiver);
    mv_mail_put_word(&line, MV_BYTES("Report-ID:"));
    mv_mail_put_in_brackets(&line, mail->report_id);
    mv_mail_end_field(&line);
}

static void put_boundary(struct mv_buf *out, const struct mv_report_mail *mail, const char *end)
{
    mv_buf_puts(out, "\r\n--=_");
    mv_buf_put(out, mail->report_id);
    mv_buf_puts(out, end);
}

static void put_header(struct mv_buf *out, const struct mv_report_mail *mail)
{
    struct mv_mail_line line;

    mv_mail_put_from(out, mail->from_name, mail->from);
    line = mv_mail_begin_field(out, "To");
    mv_mail_put_word(&line, mail->to);
    mv_mail_end_field(&line);
    put_subject(out, mail);
    mv_buf_puts(out, "Date: ");
    mv_report_date_print(mail->now_secs, out);
    mv_buf_puts(out, "\r\n");
    mv_buf_puts(out, "Message-ID: <"); /* never folded: not everybody reads one that is */
    mv_buf_put(out, mail->report_id);
    mv_buf_putc(out, '@');
    mv_buf_put(out, mail->receiver);
    mv_buf_puts(out, ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                     "Content-Type: multipart/mixed;\r\n boundary=\"=_");
    mv_buf_put(out, mail->report_id);
    mv_buf_puts(out, "\"\r\n");
}

static void put_fact(struct mv_buf *out, const char *name, struct mv_bytes value)
{
    mv_buf_puts(out, "  ");
    mv_buf_puts(out, name);
    mv_buf_put(out, value);
    mv_buf_puts(out, "\r\n");
}

static void put_time(struct mv_buf *out, const char *name, int64_t secs)
{
    mv_buf_puts(out, name);
    mv_report_time_print(secs, out);
    mv_buf_puts(out, "\r\n");
}

/* For people, who may not know why they get this. */
static void put_text(struct mv_buf *out, const struct mv_report_mail *mail)
{
    put_boundary(out, mail, "\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
                            "This is a DMARC aggregate report (RFC 9990), made by a program.\r\n\r\n");
    put_fact(out, "Mail of:   ", mail->policy_domain);
    put_fact(out, "seen by:   ", mail->receiver);
    put_time(out, "  from:      ", mail->begin_secs);
    put_time(out, "  until:     ", mail->end_secs);
    mv_buf_printf(out, "  messages:  %llu, in %llu row%s\r\n", (unsigned long long)mail->messages,
                  (unsigned long long)mail->records, mail->records == 1 ? "" : "s");
    put_fact(out, "report:    ", mail->report_id);
    if (mail->part > 0)
        mv_buf_printf(out, "  part:      %u; the others come as reports of their own\r\n", mail->part);
    mv_buf_puts(out, "\r\nIt tells which servers sent mail in the name of this domain, and whether that\r\n"
                     "mail was authenticated. It is attached: XML, compressed with gzip.\r\n\r\n"
                     "It goes where the tag \"rua\" of the DMARC record of this domain says, the TXT\r\nrecord at\r\n"
                     "  _dmarc.");
    mv_buf_put(out, mail->policy_domain);
    mv_buf_puts(out, "\r\nTo get no more reports, have this address taken out of it:\r\n  ");
    mv_buf_put(out, mail->to);
    mv_buf_puts(out, "\r\n");
}

/* RFC 2183 2.3; over-long ones by RFC 2231 3. */
static void put_file_name(struct mv_buf *out, struct mv_bytes name)
{
    if (name.len <= MAX_QUOTED_NAME_BYTES) {
        mv_buf_puts(out, ";\r\n filename=\"");
        mv_buf_put(out, name);
        mv_buf_puts(out, "\"");
        return;
    }
    for (unsigned i = 0; (size_t)i * CONTINUED_NAME_BYTES < name.len; i++) {
        size_t from = (size_t)i * CONTINUED_NAME_BYTES;

        mv_buf_printf(out, ";\r\n filename*%u=\"", i);
        mv_buf_put(out, mv_bytes_slice(name, from, from + CONTINUED_NAME_BYTES));
        mv_buf_puts(out, "\"");
    }
}

static void put_attachment(struct mv_buf *out, const struct mv_report_mail *mail)
{
    put_boundary(out, mail, "\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n"
                            "Content-Disposition: attachment");
    put_file_name(out, mail->file_name);
    mv_buf_puts(out, "\r\n\r\n");
    for (size_t at = 0; at < mail->gzip.len; at += BASE64_LINE_OCTETS) {
        mv_base64_encode(mv_bytes_slice(mail->gzip, at, at + BASE64_LINE_OCTETS), out);
        mv_buf_puts(out, "\r\n");
    }
}

static bool is_file_name(struct mv_bytes name)
{
    return name.len > 0 && mv_bytes_all(name, MV_ASCII_VCHAR) && mv_bytes_find(name, '"') == name.len &&
           mv_bytes_find(name, '\\') == name.len && mv_bytes_find(name, '/') == name.len;
}

enum mv_code mv_report_mail_print(const struct mv_report_mail *mail, struct mv_buf *out)
{
    if (!mv_report_is_address(mail->from) || !mv_report_is_address(mail->to) || !mv_domain_is_ldh(mail->receiver) ||
        !mv_domain_is_ldh(mail->policy_domain) || !mv_report_is_id(mail->report_id) ||
        !is_file_name(mail->file_name) || mail->gzip.len == 0)
        return MV_ERR_USAGE;
    put_header(out, mail);
    put_text(out, mail);
    put_attachment(out, mail);
    put_boundary(out, mail, "--\r\n");
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}
