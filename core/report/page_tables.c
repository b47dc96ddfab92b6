#include "core/report/page_parts.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void begin(struct mv_buf *out, const char *id, const char *title, const char *words)
{
    mv_buf_printf(out, "<section id=\"%s\"><h2>%s</h2><p class=\"quiet\">%s</p><table><thead><tr>", id, title, words);
}

enum align { WORDS, NUMBERS };

static void put_head(struct mv_buf *out, enum align align, const char *title)
{
    mv_buf_printf(out, "<th scope=\"col\"%s>%s</th>", align == NUMBERS ? " class=\"n\"" : "", title);
}

static void begin_rows(struct mv_buf *out)
{
    mv_buf_puts(out, "</tr></thead><tbody>");
}

static void end(struct mv_buf *out)
{
    mv_buf_puts(out, "</tbody></table></section>");
}

static void put_name_cell(struct mv_buf *out, struct mv_bytes text)
{
    mv_buf_puts(out, "<th scope=\"row\">");
    mv_page_put_text(out, text);
    mv_buf_puts(out, "</th>");
}

static void put_text_cell(struct mv_buf *out, struct mv_bytes text)
{
    mv_buf_puts(out, "<td>");
    mv_page_put_text(out, text);
    mv_buf_puts(out, "</td>");
}

static void put_count_cell(struct mv_buf *out, uint64_t count)
{
    mv_buf_puts(out, "<td class=\"n\">");
    mv_page_put_count(out, count);
    mv_buf_puts(out, "</td>");
}

static void put_share_cell(struct mv_buf *out, uint64_t part, uint64_t whole)
{
    mv_buf_puts(out, "<td class=\"n\">");
    mv_page_put_share(out, part, whole);
    mv_buf_puts(out, "</td>");
}

/* "and 12 more, with 300 messages" */
static void put_rest(struct mv_buf *out, unsigned columns, size_t rows, uint64_t count, const char *one,
                     const char *many)
{
    mv_buf_printf(out, "<tr class=\"more\"><td colspan=\"%u\">and %zu more, with ", columns, rows);
    mv_page_put_counted(out, count, one, many);
    mv_buf_puts(out, "</td></tr>");
}

void mv_page_put_passing(struct mv_buf *out, const struct mv_page *page)
{
    size_t shown = least(page->passing_count, MV_PAGE_MAX_PASSING);
    uint64_t rest = 0;

    if (page->passing_count == 0)
        return;
    begin(out, "passing", "What passes", "Addresses whose mail passes DMARC, those with most of it first.");
    put_head(out, WORDS, "Sender");
    put_head(out, WORDS, "Address");
    put_head(out, NUMBERS, "Passed");
    begin_rows(out);
    for (size_t i = 0; i < shown; i++) {
        mv_buf_puts(out, "<tr>");
        put_name_cell(out, page->passing[i].name);
        put_text_cell(out, page->passing[i].address);
        put_count_cell(out, page->passing[i].messages);
        mv_buf_puts(out, "</tr>");
    }
    for (size_t i = shown; i < page->passing_count; i++)
        rest = mv_page_sum(rest, page->passing[i].messages);
    if (page->passing_count > shown)
        put_rest(out, 3, page->passing_count - shown, rest, "message", "messages");
    end(out);
}

static void put_reporter(struct mv_buf *out, const struct mv_page_reporter *reporter)
{
    mv_buf_puts(out, "<tr>");
    put_name_cell(out, reporter->name);
    put_count_cell(out, reporter->reports);
    put_count_cell(out, reporter->messages);
    put_share_cell(out, reporter->passed, reporter->messages);
    mv_buf_puts(out, "<td class=\"n wide\">");
    mv_page_put_day(out, reporter->last_secs);
    mv_buf_puts(out, "</td></tr>");
}

void mv_page_put_reporters(struct mv_buf *out, const struct mv_page *page)
{
    size_t shown = least(page->reporter_count, MV_PAGE_MAX_REPORTERS);
    uint64_t rest = 0;

    if (page->reporter_count == 0)
        return;
    begin(out, "reporters", "Who reports", "Receivers that sent aggregate reports about this domain.");
    put_head(out, WORDS, "Reporter");
    put_head(out, NUMBERS, "Reports");
    put_head(out, NUMBERS, "Messages");
    put_head(out, NUMBERS, "Pass rate");
    mv_buf_puts(out, "<th scope=\"col\" class=\"n wide\">Last day</th>");
    begin_rows(out);
    for (size_t i = 0; i < shown; i++)
        put_reporter(out, &page->reporters[i]);
    for (size_t i = shown; i < page->reporter_count; i++)
        rest = mv_page_sum(rest, page->reporters[i].messages);
    if (page->reporter_count > shown)
        put_rest(out, 5, page->reporter_count - shown, rest, "message", "messages");
    end(out);
}

void mv_page_put_failures(struct mv_buf *out, const struct mv_page *page)
{
    size_t shown = least(page->failure_count, MV_PAGE_MAX_OTHERS);
    uint64_t rest = 0;

    if (page->failure_count == 0)
        return;
    begin(out, "failures", "Failure reports", "Single messages that receivers reported when they failed.");
    put_head(out, WORDS, "What failed");
    put_head(out, WORDS, "From domain");
    put_head(out, WORDS, "Address");
    put_head(out, NUMBERS, "Messages");
    begin_rows(out);
    for (size_t i = 0; i < shown; i++) {
        mv_buf_puts(out, "<tr>");
        put_name_cell(out, page->failures[i].kind);
        put_text_cell(out, page->failures[i].domain);
        put_text_cell(out, page->failures[i].address);
        put_count_cell(out, page->failures[i].incidents);
        mv_buf_puts(out, "</tr>");
    }
    for (size_t i = shown; i < page->failure_count; i++)
        rest = mv_page_sum(rest, page->failures[i].incidents);
    if (page->failure_count > shown)
        put_rest(out, 4, page->failure_count - shown, rest, "message", "messages");
    end(out);
}

static void put_tls_faults(struct mv_buf *out, const struct mv_page *page)
{
    size_t shown = least(page->tls_fault_count, MV_PAGE_MAX_OTHERS);
    uint64_t rest = 0;

    if (page->tls_fault_count == 0)
        return;
    mv_buf_puts(out, "<table><thead><tr>");
    put_head(out, WORDS, "What failed");
    put_head(out, WORDS, "Mail server");
    put_head(out, NUMBERS, "Sessions");
    begin_rows(out);
    for (size_t i = 0; i < shown; i++) {
        mv_buf_puts(out, "<tr>");
        put_name_cell(out, page->tls_faults[i].result);
        put_text_cell(out, page->tls_faults[i].mx);
        put_count_cell(out, page->tls_faults[i].sessions);
        mv_buf_puts(out, "</tr>");
    }
    for (size_t i = shown; i < page->tls_fault_count; i++)
        rest = mv_page_sum(rest, page->tls_faults[i].sessions);
    if (page->tls_fault_count > shown)
        put_rest(out, 3, page->tls_fault_count - shown, rest, "session", "sessions");
    mv_buf_puts(out, "</tbody></table>");
}

void mv_page_put_tls(struct mv_buf *out, const struct mv_page *page)
{
    size_t shown = least(page->tls_count, MV_PAGE_MAX_OTHERS);
    uint64_t rest = 0;

    if (page->tls_count == 0)
        return;
    begin(out, "tls", "Mail to this domain over TLS", "What senders report of their sessions with its mail servers "
                                                      "(TLS-RPT).");
    put_head(out, WORDS, "Policy domain");
    put_head(out, WORDS, "Policy");
    put_head(out, NUMBERS, "Succeeded");
    put_head(out, NUMBERS, "Failed");
    begin_rows(out);
    for (size_t i = 0; i < shown; i++) {
        mv_buf_puts(out, "<tr>");
        put_name_cell(out, page->tls[i].domain);
        put_text_cell(out, page->tls[i].type);
        put_count_cell(out, page->tls[i].succeeded);
        put_count_cell(out, page->tls[i].failed);
        mv_buf_puts(out, "</tr>");
    }
    for (size_t i = shown; i < page->tls_count; i++)
        rest = mv_page_sum(rest, mv_page_sum(page->tls[i].succeeded, page->tls[i].failed));
    if (page->tls_count > shown)
        put_rest(out, 4, page->tls_count - shown, rest, "session", "sessions");
    mv_buf_puts(out, "</tbody></table>");
    put_tls_faults(out, page);
    mv_buf_puts(out, "</section>");
}
