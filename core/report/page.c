#include "core/report/page.h"

#include "core/report/page_parts.h"

/* Before the style: nothing is loaded, run or sent, whatever a report may have smuggled in. */
#define POLICY "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

static void put_head(struct mv_buf *out, const struct mv_page *page)
{
    mv_buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\" />"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\" />"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />"
                     "<meta name=\"color-scheme\" content=\"light dark\" />"
                     "<meta name=\"referrer\" content=\"no-referrer\" /><meta name=\"robots\" content=\"noindex\" />"
                     "<title>DMARC of ");
    mv_page_put_plain(out, page->domain);
    mv_buf_puts(out, "</title><style>");
    mv_buf_puts(out, mv_page_style);
    mv_buf_puts(out, "</style></head>\n<body>");
}

static void put_period(struct mv_buf *out, const struct mv_page *page)
{
    mv_buf_puts(out, "<p class=\"period\">DMARC, ");
    if (page->first_secs == 0) {
        mv_buf_printf(out, "the last %u days", page->window_days);
    } else {
        mv_page_put_day(out, page->first_secs);
        mv_buf_puts(out, " to ");
        mv_page_put_day(out, page->last_secs);
    }
    mv_buf_puts(out, "</p>");
}

static void put_stand(struct mv_buf *out, const struct mv_page *page)
{
    const struct mv_page_stand *stand = &page->stand;

    mv_buf_printf(out, "<div class=\"stand%s\"><p class=\"headline\">", stand->is_urgent ? " urgent" : "");
    mv_page_put_text(out, stand->headline);
    mv_buf_puts(out, "</p>");
    if (stand->sentence.len > 0) {
        mv_buf_puts(out, "<p class=\"next\">");
        mv_page_put_text(out, stand->sentence);
        mv_buf_puts(out, "</p>");
    }
    if (stand->is_urgent && page->source_count > 0)
        mv_buf_puts(out, "<p class=\"next\"><a href=\"#mend\">What to do about each</a></p>");
    mv_page_put_record(out, &stand->record);
    if (stand->step.len > 0 || stand->note_count > 0)
        mv_buf_puts(out, "<ul>");
    for (size_t i = 0; i <= stand->note_count && i <= MV_PAGE_MAX_NOTES; i++) {
        struct mv_bytes text = i == 0 ? stand->step : stand->notes[i - 1];

        if (text.len == 0)
            continue;
        mv_buf_puts(out, "<li>");
        mv_page_put_text(out, text);
        mv_buf_puts(out, "</li>");
    }
    if (stand->step.len > 0 || stand->note_count > 0)
        mv_buf_puts(out, "</ul>");
    mv_buf_puts(out, "</div>");
}

static void begin_sum(struct mv_buf *out, const char *title, const char *class)
{
    mv_buf_printf(out, "<div><dt>%s</dt><dd%s>", title, class);
}

static void put_sums(struct mv_buf *out, const struct mv_page *page)
{
    begin_sum(out, "Messages", "");
    mv_page_put_count(out, page->messages);
    mv_buf_puts(out, "<small>in ");
    mv_page_put_counted(out, page->reports, "report", "reports");
    mv_buf_puts(out, "</small></dd></div>");
    begin_sum(out, "Passed", "");
    mv_page_put_share(out, page->passed, page->messages);
    mv_buf_puts(out, "<small>");
    mv_page_put_counted(out, page->passed, "message", "messages");
    mv_buf_puts(out, "</small></dd></div>");
    begin_sum(out, "Failed", "");
    mv_page_put_count(out, page->failed);
    mv_buf_puts(out, "<small>");
    mv_page_put_share(out, page->failed, page->messages);
    mv_buf_puts(out, "</small></dd></div>");
    begin_sum(out, "To mend", page->legitimate > 0 ? " class=\"fail\"" : "");
    mv_page_put_count(out, page->legitimate);
    mv_buf_puts(out, "<small>failed, of senders that look legitimate</small></dd></div>");
}

static void put_header(struct mv_buf *out, const struct mv_page *page)
{
    mv_buf_puts(out, "<header>");
    put_period(out, page);
    mv_buf_puts(out, "<h1>");
    mv_page_put_text(out, page->domain);
    mv_buf_puts(out, "</h1>");
    put_stand(out, page);
    if (page->messages > 0) {
        mv_buf_puts(out, "<dl class=\"sums\">");
        put_sums(out, page);
        mv_buf_puts(out, "</dl>");
    }
    mv_buf_puts(out, "</header>");
}

/* What was left out. */
static void put_missing(struct mv_buf *out, const struct mv_page *page)
{
    if (page->untrusted == 0 && page->refused == 0 && page->unlisted == 0)
        return;
    mv_buf_puts(out, "<p>");
    if (page->untrusted > 0) {
        mv_page_put_counted(out, page->untrusted, "report", "reports");
        mv_buf_puts(out, " in mails of unknown senders left out. ");
    }
    if (page->refused > 0) {
        mv_page_put_counted(out, page->refused, "report", "reports");
        mv_buf_puts(out, " could not be read, or not whole, and left out. ");
    }
    if (page->unlisted > 0) {
        mv_page_put_counted(out, page->unlisted, "message", "messages");
        mv_buf_puts(out, " of more addresses than are told apart: counted in the sums alone. ");
    }
    mv_buf_puts(out, "</p>");
}

static void put_footer(struct mv_buf *out, const struct mv_page *page)
{
    mv_buf_puts(out, "<footer><p>Made by ");
    mv_page_put_text(out, page->maker);
    mv_buf_puts(out, " on ");
    mv_page_put_day(out, page->made_secs);
    mv_buf_printf(out, " from aggregate reports (RFC 9990) of the last %u days about ", page->window_days);
    mv_page_put_text(out, page->domain);
    mv_buf_puts(out, " and the names below it. A report that covers more than one day counts on its middle one. "
                     "Whose an address is comes from DNS; reports say what receivers saw, and are not always right. "
                     "This page is one file and loads nothing.</p>");
    put_missing(out, page);
    mv_buf_puts(out, "</footer>");
}

void mv_page_render(const struct mv_page *page, struct mv_buf *out)
{
    put_head(out, page);
    put_header(out, page);
    mv_buf_puts(out, "<main>");
    mv_page_put_days(out, page);
    mv_page_put_sources(out, page);
    mv_page_put_remedies(out, page);
    mv_page_put_passing(out, page);
    mv_page_put_reporters(out, page);
    mv_page_put_failures(out, page);
    mv_page_put_tls(out, page);
    mv_buf_puts(out, "</main>");
    put_footer(out, page);
    mv_buf_puts(out, "</body></html>\n");
}
