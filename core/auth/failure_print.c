#include "core/auth/failure_line.h"

#include <inttypes.h>

#include "core/base/ascii.h"

/* RFC 8259 7; bytes above 127 each for itself, as in the evidence. */
static void put_string(struct mv_buf *out, struct mv_bytes text)
{
    mv_buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.data[i];

        if (c == '"' || c == '\\')
            mv_buf_printf(out, "\\%c", c);
        else if (c == ' ' || mv_ascii_is(c, MV_ASCII_VCHAR))
            mv_buf_putc(out, c);
        else if (c == '\r')
            mv_buf_puts(out, "\\r");
        else if (c == '\n')
            mv_buf_puts(out, "\\n");
        else
            mv_buf_printf(out, "\\u%04x", c);
    }
    mv_buf_putc(out, '"');
}

static void put_member(struct mv_buf *out, const char *key, struct mv_bytes text)
{
    mv_buf_printf(out, ",\"%s\":", key);
    put_string(out, text);
}

static void put_kinds(struct mv_buf *out, const char *key, unsigned kinds)
{
    const char *gap = "";

    mv_buf_printf(out, ",\"%s\":[", key);
    for (unsigned bit = 0; bit < MV_FAILURE_KINDS; bit++) {
        if ((kinds & 1u << bit) == 0)
            continue;
        mv_buf_printf(out, "%s\"%s\"", gap, mv_failure_kind_text(1u << bit));
        gap = ",";
    }
    mv_buf_putc(out, ']');
}

static void put_results(struct mv_buf *out, const struct mv_failure_line *line)
{
    const char *gap = "";

    mv_buf_puts(out, ",\"res\":[");
    for (unsigned bit = 0; bit < MV_FAILURE_KINDS; bit++) {
        if ((line->wanted & 1u << bit) == 0)
            continue;
        mv_buf_puts(out, gap);
        put_string(out, line->results[bit]);
        gap = ",";
    }
    mv_buf_putc(out, ']');
}

static void put_signature(struct mv_buf *out, const struct mv_failure_line *line)
{
    if (line->signature == MV_FAILURE_NO_SIGNATURE)
        return;
    mv_buf_printf(out, ",\"dkim\":[\"%s\",", mv_failure_signature_text(line->signature));
    put_string(out, line->dkim_domain);
    mv_buf_putc(out, ',');
    put_string(out, line->dkim_selector);
    mv_buf_putc(out, ',');
    put_string(out, line->dkim_identity);
    mv_buf_printf(out, ",%d]", line->signature_aligned ? 1 : 0);
}

static void put_spf(struct mv_buf *out, const struct mv_failure_line *line)
{
    if (!line->has_spf)
        return;
    mv_buf_printf(out, ",\"spf\":[\"%s\",[", mv_spf_code_text(line->spf_result));
    for (size_t i = 0; i < line->spf_record_count; i++) {
        mv_buf_puts(out, i == 0 ? "[" : ",[");
        put_string(out, line->spf_records[i].domain);
        mv_buf_putc(out, ',');
        put_string(out, line->spf_records[i].text);
        mv_buf_putc(out, ']');
    }
    mv_buf_puts(out, "]]");
}

static void put_line(struct mv_buf *out, const struct mv_failure_line *line)
{
    mv_buf_printf(out, "{\"v\":1,\"t\":%" PRId64 ",\"ip\":\"", line->time_secs);
    mv_ip_print(&line->client, out);
    mv_buf_putc(out, '"');
    put_kinds(out, "want", line->wanted);
    put_member(out, "from", line->author_domain);
    put_member(out, "at", line->policy_domain);
    put_member(out, "rec", line->record);
    put_member(out, "mf", line->mail_from);
    put_member(out, "id", line->authserv_id);
    put_kinds(out, "miss", line->missing);
    put_results(out, line);
    put_member(out, "act", mv_bytes_str(mv_action_text(line->action)));
    put_signature(out, line);
    put_spf(out, line);
    put_member(out, "hdr", line->header);
    mv_buf_puts(out, "}\n");
}

enum mv_code mv_failure_line_print(const struct mv_failure_line *line, struct mv_buf *out)
{
    struct mv_buf text;
    enum mv_code code = MV_OK;

    mv_buf_init(&text, MV_FAILURE_MAX_LINE_BYTES);
    put_line(&text, line);
    if (mv_buf_failed(&text))
        code = MV_ERR_LIMIT;
    else
        mv_buf_put(out, mv_buf_bytes(&text));
    mv_buf_free(&text);
    return code == MV_OK && mv_buf_failed(out) ? MV_ERR_MEMORY : code;
}
