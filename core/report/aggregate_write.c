#include "mv-config.h"

#include "core/report/aggregate_write.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/report/report_time.h"
#include "core/report/utf8.h"
#include "core/text/lexer.h"

#define NAMESPACE "urn:ietf:params:xml:ns:dmarc-2.0"
#define MAX_EMAIL_BYTES 320 /* as core/report/aggregate_schema.c reads it */
/* All other texts of a record are at most 64 KiB, and a reader takes MV_AGGREGATE_MAX_RECORD_TEXT_BYTES. */
#define MAX_HUMAN_BYTES (48 * 1024)

/* What XML has other signs for. */
static struct mv_bytes escaped(unsigned char c)
{
    switch (c) {
    case '&':
        return MV_BYTES("&amp;");
    case '<':
        return MV_BYTES("&lt;");
    case '>':
        return MV_BYTES("&gt;");
    case '\t':
    case '\r':
    case '\n':
        return MV_BYTES(" ");
    default:
        return MV_BYTES("?");
    }
}

static bool is_plain(unsigned char c)
{
    return c >= ' ' && c < 0x7f && c != '&' && c != '<' && c != '>';
}

static size_t plain_run(struct mv_bytes text)
{
    size_t len = 0;

    while (len < text.len && is_plain(text.data[len]))
        len++;
    return len;
}

/* At most max bytes as the reader counts them, which is before escaping. */
static void put_escaped(struct mv_buf *out, struct mv_bytes text, size_t max)
{
    size_t at = 0, used = 0;

    text = mv_bytes_trim(text);
    while (at < text.len && used < max) {
        size_t run = plain_run(mv_bytes_slice(text, at, at + max - used));
        size_t character;

        if (run > 0) {
            mv_buf_put(out, mv_bytes_slice(text, at, at + run));
            at += run;
            used += run;
            continue;
        }
        character = mv_utf8_printable(mv_bytes_slice(text, at, text.len));
        if (character > max - used)
            break;
        if (character > 1)
            mv_buf_put(out, mv_bytes_slice(text, at, at + character));
        else
            mv_buf_put(out, escaped(text.data[at]));
        at += character > 0 ? character : 1;
        used += character > 0 ? character : 1;
    }
}

static void put_indent(struct mv_buf *out, size_t depth)
{
    mv_buf_put(out, mv_bytes_slice(MV_BYTES("            "), 0, 2 * depth));
}

static void open_element(struct mv_buf *out, size_t depth, const char *name)
{
    put_indent(out, depth);
    mv_buf_putc(out, '<');
    mv_buf_puts(out, name);
    mv_buf_putc(out, '>');
}

static void close_element(struct mv_buf *out, const char *name)
{
    mv_buf_puts(out, "</");
    mv_buf_puts(out, name);
    mv_buf_puts(out, ">\n");
}

static void begin_group(struct mv_buf *out, size_t depth, const char *name)
{
    open_element(out, depth, name);
    mv_buf_putc(out, '\n');
}

static void end_group(struct mv_buf *out, size_t depth, const char *name)
{
    put_indent(out, depth);
    close_element(out, name);
}

static void put_text(struct mv_buf *out, size_t depth, const char *name, struct mv_bytes text, size_t max)
{
    open_element(out, depth, name);
    put_escaped(out, text, max);
    close_element(out, name);
}

static void put_word(struct mv_buf *out, size_t depth, const char *name, const char *word)
{
    open_element(out, depth, name);
    mv_buf_puts(out, word);
    close_element(out, name);
}

static void put_number(struct mv_buf *out, size_t depth, const char *name, uint64_t number)
{
    open_element(out, depth, name);
    mv_buf_printf(out, "%llu", (unsigned long long)number);
    close_element(out, name);
}

/* A name of a domain, or of a selector, without what readers take off: white space, the final dot. */
static struct mv_bytes bare_name(struct mv_bytes name)
{
    name = mv_bytes_slice(mv_bytes_trim(name), 0, MV_AGGREGATE_MAX_DOMAIN_BYTES);
    while (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    return name;
}

/* Some readers, ours among them, take the domain out of an address where they find one. */
static unsigned char name_byte(unsigned char c)
{
    return is_plain(c) && c != ' ' && c != '@' ? mv_ascii_lower(c) : '?';
}

static void put_name(struct mv_buf *out, size_t depth, const char *element, struct mv_bytes name)
{
    open_element(out, depth, element);
    name = bare_name(name);
    for (size_t at = 0; at < name.len;) {
        size_t character = mv_utf8_printable(mv_bytes_slice(name, at, name.len));

        if (character > 1)
            mv_buf_put(out, mv_bytes_slice(name, at, at + character));
        else
            mv_buf_putc(out, name_byte(name.data[at]));
        at += character > 1 ? character : 1;
    }
    close_element(out, element);
}

static bool is_dot_atom(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    return text.len > 0 && mv_lex_dot_atom(&c).len == text.len;
}

/* RFC 9990 3.5.1 */
static bool is_report_id(struct mv_bytes id)
{
    size_t at = mv_bytes_find(id, '@');

    if (id.len > MV_AGGREGATE_MAX_ID_BYTES || !mv_bytes_all(id, MV_ASCII_VCHAR))
        return false;
    return is_dot_atom(mv_bytes_slice(id, 0, at)) &&
           (at == id.len || is_dot_atom(mv_bytes_slice(id, at + 1, id.len)));
}

static bool is_empty(struct mv_bytes text)
{
    return mv_bytes_trim(text).len == 0;
}

static bool is_sayable_head(const struct mv_aggregate_head *head)
{
    return !is_empty(head->org_name) && !is_empty(head->email) && is_report_id(head->report_id) &&
           bare_name(head->policy.domain).len > 0 && head->begin_secs >= 0 && head->begin_secs <= head->end_secs &&
           head->end_secs <= MV_REPORT_MAX_SECS;
}

static enum mv_code answer(const struct mv_buf *out)
{
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

/* RFC 9990 3.1.1.3, in its order. */
static void put_metadata(struct mv_buf *out, const struct mv_aggregate_head *head)
{
    begin_group(out, 1, "report_metadata");
    put_text(out, 2, "org_name", head->org_name, MV_AGGREGATE_MAX_ID_BYTES);
    put_text(out, 2, "email", head->email, MAX_EMAIL_BYTES);
    if (!is_empty(head->contact))
        put_text(out, 2, "extra_contact_info", head->contact, MV_AGGREGATE_MAX_COMMENT_BYTES);
    put_text(out, 2, "report_id", head->report_id, MV_AGGREGATE_MAX_ID_BYTES);
    begin_group(out, 2, "date_range");
    put_number(out, 3, "begin", (uint64_t)head->begin_secs);
    put_number(out, 3, "end", (uint64_t)head->end_secs);
    end_group(out, 2, "date_range");
    if (!is_empty(head->error))
        put_text(out, 2, "error", head->error, MV_AGGREGATE_MAX_COMMENT_BYTES);
    put_text(out, 2, "generator", is_empty(head->generator) ? MV_BYTES("mailvouch/" PACKAGE_VERSION) : head->generator,
             MV_AGGREGATE_MAX_ID_BYTES);
    end_group(out, 1, "report_metadata");
}

static void put_policy_word(struct mv_buf *out, const char *name, const char *found, const char *otherwise)
{
    const char *word = found[0] == '\0' ? otherwise : found;

    if (word[0] != '\0')
        put_word(out, 2, name, word);
}

/* RFC 9990 3.1.1.5: what was found, or the default of a tag that is absent; sp and np have none but p. */
static void put_policy(struct mv_buf *out, const struct mv_aggregate_policy *policy)
{
    begin_group(out, 1, "policy_published");
    put_name(out, 2, "domain", policy->domain);
    put_policy_word(out, "discovery_method", mv_report_discovery_text(policy->discovery), "");
    put_policy_word(out, "p", mv_report_policy_text(policy->p), "none");
    put_policy_word(out, "sp", mv_report_policy_text(policy->sp), "");
    put_policy_word(out, "np", mv_report_policy_text(policy->np), "");
    put_text(out, 2, "fo", is_empty(policy->fo) ? MV_BYTES("0") : policy->fo, MV_AGGREGATE_MAX_ID_BYTES);
    put_policy_word(out, "adkim", mv_report_alignment_text(policy->adkim), "r");
    put_policy_word(out, "aspf", mv_report_alignment_text(policy->aspf), "r");
    put_word(out, 2, "testing", policy->testing == MV_REPORT_YES ? "y" : "n");
    end_group(out, 1, "policy_published");
}

enum mv_code mv_aggregate_write_begin(const struct mv_aggregate_head *head, struct mv_buf *out)
{
    if (!is_sayable_head(head))
        return MV_ERR_USAGE;
    mv_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feedback xmlns=\"" NAMESPACE "\">\n");
    put_word(out, 1, "version", "1.0");
    put_metadata(out, head);
    put_policy(out, &head->policy);
    return answer(out);
}

/* RFC 9990 3.1.6 has neither of the two words that are only of RFC 7489. */
static void put_reason(struct mv_buf *out, const struct mv_aggregate_reason *reason)
{
    bool is_old = reason->type == MV_REPORT_FORWARDED || reason->type == MV_REPORT_SAMPLED_OUT;
    bool is_other = is_old || reason->type == MV_REPORT_OVERRIDE_ABSENT;
    const char *word = mv_report_override_text(is_other ? MV_REPORT_OTHER : reason->type);
    const char *old = is_old ? mv_report_override_text(reason->type) : "";
    bool has_comment = !is_empty(reason->comment);

    begin_group(out, 4, "reason");
    put_word(out, 5, "type", word);
    if (is_old || has_comment) {
        const char *between = is_old && has_comment ? ": " : "";

        open_element(out, 5, "comment");
        mv_buf_puts(out, old);
        mv_buf_puts(out, between);
        put_escaped(out, reason->comment, MV_AGGREGATE_MAX_COMMENT_BYTES - strlen(old) - strlen(between));
        close_element(out, "comment");
    }
    end_group(out, 4, "reason");
}

static void put_row(struct mv_buf *out, const struct mv_aggregate_record *record)
{
    const char *disposition = mv_report_disposition_text(record->disposition);

    begin_group(out, 2, "row");
    open_element(out, 3, "source_ip");
    mv_ip_print(&record->source, out);
    close_element(out, "source_ip");
    put_number(out, 3, "count", record->count);
    begin_group(out, 3, "policy_evaluated");
    put_word(out, 4, "disposition", disposition[0] == '\0' ? "none" : disposition);
    put_word(out, 4, "dkim", record->dkim_aligned == MV_REPORT_ALIGNED_PASS ? "pass" : "fail");
    put_word(out, 4, "spf", record->spf_aligned == MV_REPORT_ALIGNED_PASS ? "pass" : "fail");
    for (size_t i = 0; i < record->reason_count && i < MV_AGGREGATE_MAX_REASONS; i++)
        put_reason(out, &record->reasons[i]);
    end_group(out, 3, "policy_evaluated");
    end_group(out, 2, "row");
}

static void put_identifiers(struct mv_buf *out, const struct mv_aggregate_record *record)
{
    begin_group(out, 2, "identifiers");
    put_name(out, 3, "header_from", record->header_from);
    if (record->has_envelope_from)
        put_name(out, 3, "envelope_from", record->envelope_from);
    if (bare_name(record->envelope_to).len > 0)
        put_name(out, 3, "envelope_to", record->envelope_to);
    end_group(out, 2, "identifiers");
}

/* Left out where there is no more room. */
static void put_human(struct mv_buf *out, struct mv_bytes text, size_t *room)
{
    size_t len = mv_bytes_trim(text).len;

    len = len < MV_AGGREGATE_MAX_COMMENT_BYTES ? len : MV_AGGREGATE_MAX_COMMENT_BYTES;
    if (len == 0 || len > *room)
        return;
    *room -= len;
    put_text(out, 4, "human_result", text, MV_AGGREGATE_MAX_COMMENT_BYTES);
}

/* Softfail is of SPF alone. */
static const char *result_word(enum mv_report_auth result, enum mv_report_auth softfail)
{
    const char *word = mv_report_auth_text(result == MV_REPORT_AUTH_SOFTFAIL ? softfail : result);

    return word[0] == '\0' ? "none" : word;
}

static void put_dkim(struct mv_buf *out, const struct mv_aggregate_dkim *dkim, size_t *room)
{
    begin_group(out, 3, "dkim");
    put_name(out, 4, "domain", dkim->domain);
    put_name(out, 4, "selector", dkim->selector);
    put_word(out, 4, "result", result_word(dkim->result, MV_REPORT_AUTH_FAIL));
    put_human(out, dkim->human_result, room);
    end_group(out, 3, "dkim");
}

/* RFC 9990 3.1.1.13: the MAIL FROM identity alone. */
static void put_spf(struct mv_buf *out, const struct mv_aggregate_spf *spf, size_t *room)
{
    begin_group(out, 3, "spf");
    put_name(out, 4, "domain", spf->domain);
    if (spf->scope == MV_REPORT_MFROM)
        put_word(out, 4, "scope", "mfrom");
    put_word(out, 4, "result", result_word(spf->result, MV_REPORT_AUTH_SOFTFAIL));
    put_human(out, spf->human_result, room);
    end_group(out, 3, "spf");
}

static void put_auth_results(struct mv_buf *out, const struct mv_aggregate_record *record)
{
    size_t room = MAX_HUMAN_BYTES;

    begin_group(out, 2, "auth_results");
    for (size_t i = 0; i < record->dkim_count && i < MV_AGGREGATE_MAX_DKIM; i++)
        put_dkim(out, &record->dkim[i], &room);
    if (record->has_spf && record->spf.scope != MV_REPORT_HELO)
        put_spf(out, &record->spf, &room);
    end_group(out, 2, "auth_results");
}

enum mv_code mv_aggregate_write_record(const struct mv_aggregate_record *record, struct mv_buf *out)
{
    if (record->source.family == MV_IP_NONE || record->count == 0 || record->count > MV_AGGREGATE_MAX_COUNT ||
        bare_name(record->header_from).len == 0)
        return MV_ERR_USAGE;
    begin_group(out, 1, "record");
    put_row(out, record);
    put_identifiers(out, record);
    put_auth_results(out, record);
    end_group(out, 1, "record");
    return answer(out);
}

enum mv_code mv_aggregate_write_end(struct mv_buf *out)
{
    mv_buf_puts(out, "</feedback>\n");
    return answer(out);
}
