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

/* Both tags of an element: the first where its line begins, the second where it ends. */
struct element {
    struct mv_bytes open, close;
};

#define ELEMENT(indent, name) \
    ((struct element){MV_BYTES(indent "<" name ">"), MV_BYTES("</" name ">\n")})

static void put_text(struct mv_buf *out, struct element element, struct mv_bytes text, size_t max)
{
    mv_buf_put(out, element.open);
    put_escaped(out, text, max);
    mv_buf_put(out, element.close);
}

static void put_word(struct mv_buf *out, struct element element, const char *word)
{
    mv_buf_put(out, element.open);
    mv_buf_puts(out, word);
    mv_buf_put(out, element.close);
}

static void put_number(struct mv_buf *out, struct element element, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    mv_buf_put(out, element.open);
    mv_buf_put(out, mv_bytes_of(digits + at, sizeof digits - at));
    mv_buf_put(out, element.close);
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
static bool is_plain_in_name(unsigned char c)
{
    return is_plain(c) && c != ' ' && c != '@';
}

static size_t plain_run_of_name(struct mv_bytes name)
{
    size_t len = 0;

    while (len < name.len && is_plain_in_name(name.data[len]))
        len++;
    return len;
}

static void put_name(struct mv_buf *out, struct element element, struct mv_bytes name)
{
    mv_buf_put(out, element.open);
    name = bare_name(name);
    while (name.len > 0) {
        size_t len = plain_run_of_name(name);

        mv_buf_put_lower(out, mv_bytes_slice(name, 0, len));
        name = mv_bytes_slice(name, len, name.len);
        if (name.len == 0)
            break;
        len = mv_utf8_printable(name);
        if (len > 1)
            mv_buf_put(out, mv_bytes_slice(name, 0, len));
        else
            mv_buf_putc(out, '?');
        name = mv_bytes_slice(name, len > 1 ? len : 1, name.len);
    }
    mv_buf_put(out, element.close);
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
    struct mv_bytes generator = MV_BYTES("mailvouch/" PACKAGE_VERSION);

    mv_buf_puts(out, "  <report_metadata>\n");
    put_text(out, ELEMENT("    ", "org_name"), head->org_name, MV_AGGREGATE_MAX_ID_BYTES);
    put_text(out, ELEMENT("    ", "email"), head->email, MAX_EMAIL_BYTES);
    if (!is_empty(head->contact))
        put_text(out, ELEMENT("    ", "extra_contact_info"), head->contact, MV_AGGREGATE_MAX_COMMENT_BYTES);
    put_text(out, ELEMENT("    ", "report_id"), head->report_id, MV_AGGREGATE_MAX_ID_BYTES);
    mv_buf_puts(out, "    <date_range>\n");
    put_number(out, ELEMENT("      ", "begin"), (uint64_t)head->begin_secs);
    put_number(out, ELEMENT("      ", "end"), (uint64_t)head->end_secs);
    mv_buf_puts(out, "    </date_range>\n");
    if (!is_empty(head->error))
        put_text(out, ELEMENT("    ", "error"), head->error, MV_AGGREGATE_MAX_COMMENT_BYTES);
    put_text(out, ELEMENT("    ", "generator"), is_empty(head->generator) ? generator : head->generator,
             MV_AGGREGATE_MAX_ID_BYTES);
    mv_buf_puts(out, "  </report_metadata>\n");
}

static void put_policy_word(struct mv_buf *out, struct element element, const char *found, const char *otherwise)
{
    const char *word = found[0] == '\0' ? otherwise : found;

    if (word[0] != '\0')
        put_word(out, element, word);
}

/* RFC 9990 3.1.1.5: what was found, or the default of a tag that is absent; sp and np have none but p. */
static void put_policy(struct mv_buf *out, const struct mv_aggregate_policy *policy)
{
    mv_buf_puts(out, "  <policy_published>\n");
    put_name(out, ELEMENT("    ", "domain"), policy->domain);
    put_policy_word(out, ELEMENT("    ", "discovery_method"), mv_report_discovery_text(policy->discovery), "");
    put_policy_word(out, ELEMENT("    ", "p"), mv_report_policy_text(policy->p), "none");
    put_policy_word(out, ELEMENT("    ", "sp"), mv_report_policy_text(policy->sp), "");
    put_policy_word(out, ELEMENT("    ", "np"), mv_report_policy_text(policy->np), "");
    put_text(out, ELEMENT("    ", "fo"), is_empty(policy->fo) ? MV_BYTES("0") : policy->fo, MV_AGGREGATE_MAX_ID_BYTES);
    put_policy_word(out, ELEMENT("    ", "adkim"), mv_report_alignment_text(policy->adkim), "r");
    put_policy_word(out, ELEMENT("    ", "aspf"), mv_report_alignment_text(policy->aspf), "r");
    put_word(out, ELEMENT("    ", "testing"), policy->testing == MV_REPORT_YES ? "y" : "n");
    mv_buf_puts(out, "  </policy_published>\n");
}

enum mv_code mv_aggregate_write_begin(const struct mv_aggregate_head *head, struct mv_buf *out)
{
    if (!is_sayable_head(head))
        return MV_ERR_USAGE;
    mv_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feedback xmlns=\"" NAMESPACE "\">\n");
    put_word(out, ELEMENT("  ", "version"), "1.0");
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

    mv_buf_puts(out, "        <reason>\n");
    put_word(out, ELEMENT("          ", "type"), word);
    if (is_old || has_comment) {
        const char *between = is_old && has_comment ? ": " : "";

        mv_buf_puts(out, "          <comment>");
        mv_buf_puts(out, old);
        mv_buf_puts(out, between);
        put_escaped(out, reason->comment, MV_AGGREGATE_MAX_COMMENT_BYTES - strlen(old) - strlen(between));
        mv_buf_puts(out, "</comment>\n");
    }
    mv_buf_puts(out, "        </reason>\n");
}

static void put_row(struct mv_buf *out, const struct mv_aggregate_record *record)
{
    const char *disposition = mv_report_disposition_text(record->disposition);

    mv_buf_puts(out, "    <row>\n      <source_ip>");
    mv_ip_print(&record->source, out);
    mv_buf_puts(out, "</source_ip>\n");
    put_number(out, ELEMENT("      ", "count"), record->count);
    mv_buf_puts(out, "      <policy_evaluated>\n");
    put_word(out, ELEMENT("        ", "disposition"), disposition[0] == '\0' ? "none" : disposition);
    put_word(out, ELEMENT("        ", "dkim"), record->dkim_aligned == MV_REPORT_ALIGNED_PASS ? "pass" : "fail");
    put_word(out, ELEMENT("        ", "spf"), record->spf_aligned == MV_REPORT_ALIGNED_PASS ? "pass" : "fail");
    for (size_t i = 0; i < record->reason_count && i < MV_AGGREGATE_MAX_REASONS; i++)
        put_reason(out, &record->reasons[i]);
    mv_buf_puts(out, "      </policy_evaluated>\n    </row>\n");
}

static void put_identifiers(struct mv_buf *out, const struct mv_aggregate_record *record)
{
    mv_buf_puts(out, "    <identifiers>\n");
    put_name(out, ELEMENT("      ", "header_from"), record->header_from);
    if (record->has_envelope_from)
        put_name(out, ELEMENT("      ", "envelope_from"), record->envelope_from);
    if (bare_name(record->envelope_to).len > 0)
        put_name(out, ELEMENT("      ", "envelope_to"), record->envelope_to);
    mv_buf_puts(out, "    </identifiers>\n");
}

/* Left out where there is no more room. */
static void put_human(struct mv_buf *out, struct mv_bytes text, size_t *room)
{
    size_t len = mv_bytes_trim(text).len;

    len = len < MV_AGGREGATE_MAX_COMMENT_BYTES ? len : MV_AGGREGATE_MAX_COMMENT_BYTES;
    if (len == 0 || len > *room)
        return;
    *room -= len;
    put_text(out, ELEMENT("        ", "human_result"), text, MV_AGGREGATE_MAX_COMMENT_BYTES);
}

/* Softfail is of SPF alone. */
static const char *result_word(enum mv_report_auth result, enum mv_report_auth softfail)
{
    const char *word = mv_report_auth_text(result == MV_REPORT_AUTH_SOFTFAIL ? softfail : result);

    return word[0] == '\0' ? "none" : word;
}

static void put_dkim(struct mv_buf *out, const struct mv_aggregate_dkim *dkim, size_t *room)
{
    mv_buf_puts(out, "      <dkim>\n");
    put_name(out, ELEMENT("        ", "domain"), dkim->domain);
    put_name(out, ELEMENT("        ", "selector"), dkim->selector);
    put_word(out, ELEMENT("        ", "result"), result_word(dkim->result, MV_REPORT_AUTH_FAIL));
    put_human(out, dkim->human_result, room);
    mv_buf_puts(out, "      </dkim>\n");
}

/* RFC 9990 3.1.1.13: the MAIL FROM identity alone. */
static void put_spf(struct mv_buf *out, const struct mv_aggregate_spf *spf, size_t *room)
{
    mv_buf_puts(out, "      <spf>\n");
    put_name(out, ELEMENT("        ", "domain"), spf->domain);
    if (spf->scope == MV_REPORT_MFROM)
        put_word(out, ELEMENT("        ", "scope"), "mfrom");
    put_word(out, ELEMENT("        ", "result"), result_word(spf->result, MV_REPORT_AUTH_SOFTFAIL));
    put_human(out, spf->human_result, room);
    mv_buf_puts(out, "      </spf>\n");
}

static void put_auth_results(struct mv_buf *out, const struct mv_aggregate_record *record)
{
    size_t room = MAX_HUMAN_BYTES;

    mv_buf_puts(out, "    <auth_results>\n");
    for (size_t i = 0; i < record->dkim_count && i < MV_AGGREGATE_MAX_DKIM; i++)
        put_dkim(out, &record->dkim[i], &room);
    if (record->has_spf && record->spf.scope != MV_REPORT_HELO)
        put_spf(out, &record->spf, &room);
    mv_buf_puts(out, "    </auth_results>\n");
}

enum mv_code mv_aggregate_write_record(const struct mv_aggregate_record *record, struct mv_buf *out)
{
    if (record->source.family == MV_IP_NONE || record->count == 0 || record->count > MV_AGGREGATE_MAX_COUNT ||
        bare_name(record->header_from).len == 0)
        return MV_ERR_USAGE;
    mv_buf_puts(out, "  <record>\n");
    put_row(out, record);
    put_identifiers(out, record);
    put_auth_results(out, record);
    mv_buf_puts(out, "  </record>\n");
    return answer(out);
}

enum mv_code mv_aggregate_write_end(struct mv_buf *out)
{
    mv_buf_puts(out, "</feedback>\n");
    return answer(out);
}
