#include "mv-config.h"

#include "core/report/failure_write.h"

#include <inttypes.h>

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/report/mail_field.h"
#include "core/report/report_mail_names.h"
#include "core/report/report_time.h"
#include "core/text/domain.h"

#define MAX_WORD_BYTES 900 /* stands on a line of its own, which has at most 998 (RFC 5322 2.1.1) */

static size_t kind_number(enum mv_failure_kind kind)
{
    return kind == MV_FAILURE_DMARC ? 0 : kind == MV_FAILURE_DKIM ? 1 : 2;
}

static bool is_printable(struct mv_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] != ' ' && !mv_ascii_is(text.data[i], MV_ASCII_VCHAR))
            return false;
    return text.len <= MAX_WORD_BYTES;
}

static bool words_fit(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    while (mv_cursor_left(&c) > 0) {
        if (mv_cursor_take_until(&c, ' ').len > MAX_WORD_BYTES)
            return false;
        mv_cursor_accept(&c, ' ');
    }
    return mv_bytes_all(text, MV_ASCII_VCHAR | MV_ASCII_WSP);
}

static void put_words(struct mv_mail_line *line, struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes word = mv_cursor_take_until(&c, ' ');

        mv_cursor_accept(&c, ' ');
        if (word.len > 0)
            mv_mail_put_word(line, word);
    }
}

static void put_field(struct mv_buf *out, const char *name, struct mv_bytes value)
{
    struct mv_mail_line line = mv_mail_begin_field(out, name);

    put_words(&line, value);
    mv_mail_end_field(&line);
}

static void put_text_field(struct mv_buf *out, const char *name, const char *value)
{
    put_field(out, name, mv_bytes_str(value));
}

static void put_boundary(struct mv_buf *out, const struct mv_failure_mail *mail, const char *end)
{
    mv_buf_puts(out, "\r\n--=_");
    mv_buf_put(out, mail->report_id);
    mv_buf_puts(out, end);
}

static const char *kind_name(enum mv_failure_kind kind)
{
    return kind == MV_FAILURE_DMARC ? "DMARC" : kind == MV_FAILURE_DKIM ? "DKIM" : "SPF";
}

static void put_header(struct mv_buf *out, const struct mv_failure_mail *mail)
{
    struct mv_mail_line line;
    struct mv_bytes domain = mv_bytes_slice(mail->from, mv_bytes_find_last(mail->from, '@') + 1, mail->from.len);

    mv_mail_put_from(out, mail->from_name, mail->from);
    line = mv_mail_begin_field(out, "To");
    mv_mail_put_word(&line, mail->to);
    mv_mail_end_field(&line);
    line = mv_mail_begin_field(out, "Subject"); /* RFC 5965 2: that of the mail, which is redacted, as a forward */
    put_words(&line, MV_BYTES("FW: redacted:"));
    mv_mail_put_word(&line, mv_bytes_str(kind_name(mail->kind)));
    put_words(&line, MV_BYTES("failure report for"));
    mv_mail_put_word(&line, mail->line->author_domain);
    mv_mail_end_field(&line);
    mv_buf_puts(out, "Date: ");
    mv_report_date_print(mail->now_secs, out);
    mv_buf_printf(out, "\r\nMessage-ID: <%.*s@%.*s>\r\n", MV_ARG(mail->report_id), MV_ARG(domain));
    mv_buf_puts(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                     "Content-Type: multipart/report; report-type=feedback-report;\r\n boundary=\"=_");
    mv_buf_put(out, mail->report_id);
    mv_buf_puts(out, "\"\r\n");
}

/* "dkim, spf"; "none": each gave an aligned pass (RFC 9991 4). */
static const char *missing_text(const struct mv_failure_line *line)
{
    switch (line->missing) {
    case MV_FAILURE_DKIM | MV_FAILURE_SPF:
        return "dkim, spf";
    case MV_FAILURE_DKIM:
        return "dkim";
    case MV_FAILURE_SPF:
        return "spf";
    default:
        return "none";
    }
}

/* RFC 6591 3.2.2 */
static const char *delivery_text(enum mv_action action)
{
    static const char *const texts[] = {
        [MV_ACTION_NONE] = "delivered", [MV_ACTION_QUARANTINE] = "spam", [MV_ACTION_REJECT] = "reject",
    };

    return (size_t)action < sizeof texts / sizeof *texts ? texts[action] : "other";
}

static void put_incidents(struct mv_buf *out, uint64_t incidents)
{
    if (incidents > 1)
        mv_buf_printf(out,
                      "This stands for %" PRIu64 " messages that were alike; what follows is of the\r\n"
                      "first one.\r\n\r\n",
                      incidents);
}

/* For people, who may not know why they get this. */
static void put_text(struct mv_buf *out, const struct mv_failure_mail *mail)
{
    const struct mv_failure_line *line = mail->line;

    put_boundary(out, mail, "\r\nContent-Type: text/plain; charset=us-ascii\r\n"
                            "Content-Transfer-Encoding: 7bit\r\n\r\n");
    mv_buf_printf(out, "This is a %s failure report (RFC 9991), made by a program.\r\n\r\n", kind_name(mail->kind));
    mv_buf_printf(out, "  mail of:       %.*s\r\n  came from:     ", MV_ARG(line->author_domain));
    mv_ip_print(&line->client, out);
    mv_buf_puts(out, "\r\n  at:            ");
    mv_report_time_print(line->time_secs, out);
    mv_buf_printf(out, "\r\n  seen by:       %.*s\r\n  not aligned:   %s\r\n  what was done: %s\r\n\r\n",
                  MV_ARG(line->authserv_id), missing_text(line), delivery_text(line->action));
    put_incidents(out, mail->incidents);
    mv_buf_puts(out, "Its header block is attached, redacted (RFC 6590): before the \"@\" of addresses\r\n"
                     "stands a hash, the same for the same address; names, the subject and other\r\n"
                     "fields are left out.\r\n\r\n");
    if (mail->contact.len > 0 && is_printable(mail->contact))
        mv_buf_printf(out, "Who reports: %.*s\r\n\r\n", MV_ARG(mail->contact));
    mv_buf_printf(out, "It goes where the tag \"ruf\" of the DMARC record of this domain says, the TXT\r\nrecord at\r\n"
                       "  _dmarc.%.*s\r\nTo get no more reports, have this address taken out of it:\r\n  %.*s\r\n",
                  MV_ARG(line->policy_domain), MV_ARG(mail->to));
}

static const char *auth_failure(const struct mv_failure_mail *mail)
{
    if (mail->kind == MV_FAILURE_DKIM)
        return mv_failure_signature_text(mail->line->signature);
    return mv_failure_kind_text(mail->kind);
}

/* RFC 9991 4: for a signature that would have been aligned; RFC 6591 3.2: for one that is reported itself. */
static void put_signature(struct mv_buf *out, const struct mv_failure_mail *mail)
{
    const struct mv_failure_line *line = mail->line;
    bool tells = mail->kind == MV_FAILURE_DKIM ||
                 (mail->kind == MV_FAILURE_DMARC && line->signature_aligned && (line->missing & MV_FAILURE_DKIM) != 0);
    struct mv_mail_line identity;

    if (!tells || line->signature == MV_FAILURE_NO_SIGNATURE)
        return;
    put_field(out, "DKIM-Domain", line->dkim_domain);
    identity = mv_mail_begin_field(out, "DKIM-Identity");
    if (line->dkim_identity.len > 0)
        mv_mail_put_word(&identity, line->dkim_identity);
    else
        mv_buf_printf(out, " @%.*s", MV_ARG(line->dkim_domain)); /* RFC 6376 3.5: what i= is when it is not there */
    mv_mail_end_field(&identity);
    put_field(out, "DKIM-Selector", line->dkim_selector);
}

/* RFC 6591 4: spf-dns. A quoted string may be folded at its spaces. */
static void put_spf_record(struct mv_buf *out, const struct mv_spf_record_read *record)
{
    struct mv_mail_line line = mv_mail_begin_field(out, "SPF-DNS");
    struct mv_buf quoted;

    mv_buf_init(&quoted, 2 * MV_FAILURE_MAX_SPF_RECORDS_BYTES + sizeof "\"\"");
    mv_buf_putc(&quoted, '"');
    for (size_t i = 0; i < record->text.len; i++) {
        if (record->text.data[i] == '"' || record->text.data[i] == '\\')
            mv_buf_putc(&quoted, '\\');
        mv_buf_putc(&quoted, record->text.data[i]);
    }
    mv_buf_putc(&quoted, '"');
    put_words(&line, MV_BYTES("txt :"));
    mv_mail_put_word(&line, record->domain);
    put_words(&line, MV_BYTES(":"));
    put_words(&line, mv_buf_bytes(&quoted));
    mv_mail_end_field(&line);
    if (mv_buf_failed(&quoted))
        mv_buf_fail(out);
    mv_buf_free(&quoted);
}

static void put_spf(struct mv_buf *out, const struct mv_failure_mail *mail)
{
    const struct mv_failure_line *line = mail->line;
    bool tells = mail->kind == MV_FAILURE_SPF ||
                 (mail->kind == MV_FAILURE_DMARC && (line->missing & MV_FAILURE_SPF) != 0);

    for (size_t i = 0; i < line->spf_record_count && tells; i++)
        if (words_fit(line->spf_records[i].text) && words_fit(line->spf_records[i].domain) &&
            mv_bytes_find(line->spf_records[i].domain, ' ') == line->spf_records[i].domain.len)
            put_spf_record(out, &line->spf_records[i]);
}

static void put_feedback(struct mv_buf *out, const struct mv_failure_mail *mail)
{
    const struct mv_failure_line *line = mail->line;

    put_boundary(out, mail, "\r\nContent-Type: message/feedback-report\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
    put_text_field(out, "Feedback-Type", "auth-failure");
    put_text_field(out, "Version", "1");
    put_text_field(out, "User-Agent", "mailvouch/" PACKAGE_VERSION);
    put_text_field(out, "Auth-Failure", auth_failure(mail));
    put_field(out, "Authentication-Results", line->results[kind_number(mail->kind)]);
    put_text_field(out, "Identity-Alignment", missing_text(line));
    put_field(out, "Reported-Domain", line->author_domain);
    mv_buf_printf(out, "Original-Mail-From: <%.*s>\r\nSource-IP: ", MV_ARG(line->mail_from));
    mv_ip_print(&line->client, out);
    mv_buf_puts(out, "\r\nArrival-Date: ");
    mv_report_date_print(line->time_secs, out);
    mv_buf_printf(out, "\r\nReporting-MTA: dns; %.*s\r\nIncidents: %" PRIu64 "\r\n", MV_ARG(line->authserv_id),
                  mail->incidents < UINT32_MAX ? mail->incidents : UINT32_MAX); /* RFC 5965 3.2: 32 bits */
    put_text_field(out, "Delivery-Result", delivery_text(line->action));
    put_signature(out, mail);
    put_spf(out, mail);
}

/* A line of ours has been read by core/report/failure_read.h; what could end a line is refused here all the same. */
static bool can_be_told(const struct mv_failure_mail *mail)
{
    const struct mv_failure_line *line = mail->line;
    bool one_kind = mail->kind == MV_FAILURE_DMARC || mail->kind == MV_FAILURE_DKIM || mail->kind == MV_FAILURE_SPF;

    return one_kind && (line->wanted & (unsigned)mail->kind) != 0 && mail->incidents > 0 &&
           words_fit(line->results[kind_number(mail->kind)]) && mv_domain_is_ldh(line->author_domain) &&
           mv_domain_is_ldh(line->policy_domain) && is_printable(line->mail_from) &&
           is_printable(line->authserv_id) && is_printable(line->dkim_domain) && is_printable(line->dkim_selector) &&
           is_printable(line->dkim_identity) && line->client.family != MV_IP_NONE;
}

enum mv_code mv_failure_mail_print(const struct mv_failure_mail *mail, struct mv_buf *out)
{
    if (!mv_report_is_address(mail->from) || !mv_report_is_address(mail->to) || !mv_report_is_id(mail->report_id) ||
        !can_be_told(mail))
        return MV_ERR_USAGE;
    put_header(out, mail);
    put_text(out, mail);
    put_feedback(out, mail);
    put_boundary(out, mail, "\r\nContent-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
    mv_buf_put(out, mail->line->header);
    put_boundary(out, mail, "--\r\n");
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}
