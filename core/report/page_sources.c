#include "core/report/page_parts.h"

#define MAX_KINDS 4   /* of senders that are told why nothing is to be done */
#define LEAVE_OPEN 5  /* of those about whom nothing is to be done; the others are folded up */

static const struct {
    const char *title, *words, *action;
} groups[MV_PAGE_GROUPS] = {
    [MV_PAGE_MEND] = {"To mend", "looks like mail of the domain, and fails", "Mend it"},
    [MV_PAGE_WATCH] = {"Mended", "later reports have to show it", "Wait for it"},
    [MV_PAGE_LEAVE] = {"Not in your hands", "forwarders, strangers, forgers", "Nothing"},
};

static size_t shown_of(const struct mv_page *page)
{
    return page->source_count > MV_PAGE_MAX_SOURCES ? MV_PAGE_MAX_SOURCES : page->source_count;
}

static enum mv_page_group group_of(const struct mv_page_source *source)
{
    return source->group < MV_PAGE_GROUPS ? source->group : MV_PAGE_LEAVE;
}

/* "#mend-3", or what is said of all that nothing can be done about */
static void put_target(struct mv_buf *out, const struct mv_page_source *source, size_t index)
{
    if (group_of(source) == MV_PAGE_LEAVE)
        mv_buf_puts(out, "leave");
    else
        mv_buf_printf(out, "mend-%zu", index + 1);
}

static void put_who(struct mv_buf *out, const struct mv_page_source *source)
{
    mv_page_put_text(out, source->name);
    mv_buf_puts(out, "<span class=\"quiet\">");
    mv_page_put_text(out, source->kind);
    if (!mv_bytes_equal(source->address, source->name)) {
        mv_buf_puts(out, ", ");
        mv_page_put_text(out, source->address);
    }
    if (source->addresses > 1)
        mv_buf_printf(out, " and %zu more", source->addresses - 1);
    if (source->host.len > 0 && !mv_bytes_equal(source->host, source->name)) {
        mv_buf_puts(out, ", ");
        mv_page_put_text(out, source->host);
    }
    mv_buf_puts(out, "</span>");
}

static void put_why(struct mv_buf *out, const struct mv_page_source *source)
{
    mv_page_put_text(out, source->spf);
    mv_buf_puts(out, "<br />");
    mv_page_put_text(out, source->dkim);
    mv_buf_puts(out, "<span class=\"quiet\">From ");
    mv_page_put_text(out, source->header_from);
    mv_buf_printf(out, ", on %u day%s", source->days, source->days == 1 ? "" : "s");
    if (source->last_failed_secs > 0) {
        mv_buf_puts(out, ", last ");
        mv_page_put_day(out, source->last_failed_secs);
    }
    if (source->hit > 0) {
        mv_buf_puts(out, "; ");
        mv_page_put_count(out, source->hit);
        mv_buf_puts(out, " quarantined or rejected");
    }
    mv_buf_puts(out, "</span>");
}

static void put_share_bar(struct mv_buf *out, uint64_t failed, uint64_t most)
{
    unsigned share = mv_page_share(failed, most);

    mv_buf_printf(out, "<svg height=\"3\" aria-hidden=\"true\"><rect width=\"%u.%03u%%\" height=\"3\" /></svg>",
                  share / 1000, share % 1000);
}

static void put_source(struct mv_buf *out, const struct mv_page *page, size_t index, uint64_t most)
{
    const struct mv_page_source *source = &page->sources[index];

    mv_buf_puts(out, "<tr><th scope=\"row\" class=\"who\">");
    put_who(out, source);
    mv_buf_puts(out, "</th><td class=\"fails\"><b>");
    mv_page_put_count(out, source->failed);
    mv_buf_puts(out, "</b> <small>of ");
    mv_page_put_count(out, source->messages);
    mv_buf_puts(out, "</small>");
    put_share_bar(out, source->failed, most);
    mv_buf_puts(out, "</td><td class=\"why\">");
    put_why(out, source);
    mv_buf_puts(out, "</td><td class=\"do\"><a href=\"#");
    put_target(out, source, index);
    mv_buf_printf(out, "\">%s</a></td></tr>", groups[group_of(source)].action);
}

static void begin_table(struct mv_buf *out, enum mv_page_group group)
{
    mv_buf_printf(out, "<table class=\"cards%s\"><thead><tr><th scope=\"col\" class=\"who\">Sender</th>"
                       "<th scope=\"col\" class=\"fails\">Failed</th><th scope=\"col\" class=\"why\">How it fails</th>"
                       "<th scope=\"col\" class=\"do\">To do</th></tr></thead><tbody>",
                  group == MV_PAGE_MEND ? "" : " rest");
}

static size_t count_of(const struct mv_page *page, enum mv_page_group group)
{
    size_t count = 0;

    for (size_t i = 0; i < shown_of(page); i++)
        count += group_of(&page->sources[i]) == group ? 1 : 0;
    return count;
}

static void put_group(struct mv_buf *out, const struct mv_page *page, enum mv_page_group group, uint64_t most)
{
    size_t count = count_of(page, group), put = 0;
    bool is_folded = group == MV_PAGE_LEAVE && count > LEAVE_OPEN + 1;

    if (count == 0)
        return;
    mv_buf_printf(out, "<h3>%s<span class=\"quiet\">%s</span></h3>", groups[group].title, groups[group].words);
    begin_table(out, group);
    for (size_t i = 0; i < shown_of(page); i++) {
        if (group_of(&page->sources[i]) != group)
            continue;
        if (is_folded && put++ == LEAVE_OPEN) {
            mv_buf_printf(out, "</tbody></table><details><summary>%zu more</summary>", count - LEAVE_OPEN);
            begin_table(out, group);
        }
        put_source(out, page, i, most);
    }
    mv_buf_puts(out, is_folded ? "</tbody></table></details>" : "</tbody></table>");
}

/* What the limit left out, and what was not even told apart. */
static void put_rest(struct mv_buf *out, const struct mv_page *page)
{
    uint64_t messages = 0;
    size_t shown = shown_of(page);

    for (size_t i = shown; i < page->source_count; i++)
        messages = mv_page_sum(messages, page->sources[i].failed);
    if (page->source_count == shown)
        return;
    mv_buf_puts(out, "<p class=\"quiet\">And ");
    mv_page_put_counted(out, page->source_count - shown, "more sender", "more senders");
    mv_buf_puts(out, ", with ");
    mv_page_put_counted(out, messages, "failed message", "failed messages");
    mv_buf_puts(out, ".</p>");
}

static uint64_t most_failed(const struct mv_page *page)
{
    uint64_t most = 0;

    for (size_t i = 0; i < shown_of(page); i++)
        if (page->sources[i].failed > most)
            most = page->sources[i].failed;
    return most;
}

void mv_page_put_sources(struct mv_buf *out, const struct mv_page *page)
{
    uint64_t most = most_failed(page);

    if (page->source_count == 0)
        return;
    mv_buf_puts(out, "<section id=\"sources\"><h2>Who fails</h2><p class=\"quiet\">Senders with mail that fails DMARC, "
                     "those with most of it first. Whose they are is a judgement, not knowledge.</p>");
    for (int group = 0; group < MV_PAGE_GROUPS; group++)
        put_group(out, page, (enum mv_page_group)group, most);
    put_rest(out, page);
    mv_buf_puts(out, "</section>");
}

static void put_term(struct mv_buf *out, const char *label)
{
    mv_buf_printf(out, "<dt>%s</dt><dd>", label);
}

static bool is_too_long(struct mv_bytes value)
{
    return value.len > MV_PAGE_MAX_RECORD_CHARS;
}

static void put_value(struct mv_buf *out, struct mv_bytes value)
{
    if (is_too_long(value)) {
        mv_buf_puts(out, "a text of ");
        mv_page_put_count(out, value.len);
        mv_buf_puts(out, " bytes, too long to show");
        return;
    }
    mv_buf_puts(out, "<code><bdi>");
    mv_page_put_part(out, value);
    mv_buf_puts(out, "</bdi></code>");
}

static void put_new_value(struct mv_buf *out, const struct mv_page_record *record)
{
    struct mv_bytes then = record->then;
    size_t from = record->new_from > then.len ? then.len : record->new_from;
    size_t to = record->new_bytes > then.len - from ? then.len : from + record->new_bytes;

    if (is_too_long(then) || from == to) {
        put_value(out, then);
        return;
    }
    mv_buf_puts(out, "<code><bdi>");
    mv_page_put_part(out, mv_bytes_slice(then, 0, from));
    mv_buf_puts(out, "<ins>");
    mv_page_put_part(out, mv_bytes_slice(then, from, to));
    mv_buf_puts(out, "</ins>");
    mv_page_put_part(out, mv_bytes_slice(then, to, then.len));
    mv_buf_puts(out, "</bdi></code>");
}

void mv_page_put_record(struct mv_buf *out, const struct mv_page_record *record)
{
    if (record->name.len == 0)
        return;
    mv_buf_puts(out, "<dl class=\"record\">");
    put_term(out, "TXT record at");
    put_value(out, record->name);
    mv_buf_puts(out, "</dd>");
    if (record->now.len > 0 || record->then.len == 0) {
        put_term(out, "Published now");
        if (record->now.len > 0)
            put_value(out, record->now);
        else
            mv_buf_puts(out, "nothing");
        mv_buf_puts(out, "</dd>");
    }
    if (record->then.len > 0) {
        put_term(out, record->now.len == 0 ? "Publish" : "Publish instead");
        put_new_value(out, record);
        mv_buf_puts(out, "</dd>");
    }
    mv_buf_puts(out, "</dl>");
}

static void put_remedy(struct mv_buf *out, const struct mv_page_source *source, size_t index)
{
    mv_buf_puts(out, "<article id=\"");
    put_target(out, source, index);
    mv_buf_puts(out, "\"><h3>");
    mv_page_put_text(out, source->name);
    mv_buf_puts(out, "</h3><p class=\"quiet\">");
    mv_page_put_count(out, source->failed);
    mv_buf_puts(out, " of ");
    mv_page_put_counted(out, source->messages, "message", "messages");
    mv_buf_puts(out, source->messages == 1 ? " fails, at " : " fail, at ");
    mv_page_put_text(out, source->address);
    mv_buf_puts(out, "</p><p>");
    mv_page_put_text(out, source->to_do);
    mv_buf_puts(out, "</p>");
    mv_page_put_record(out, &source->record);
    mv_buf_puts(out, "</article>");
}

/* Each kind of sender once. */
static void put_leave(struct mv_buf *out, const struct mv_page *page)
{
    struct mv_bytes kinds[MAX_KINDS];
    size_t count = 0;

    for (size_t i = 0; i < shown_of(page); i++) {
        const struct mv_page_source *source = &page->sources[i];
        size_t known = 0;

        if (group_of(source) != MV_PAGE_LEAVE)
            continue;
        while (known < count && !mv_bytes_equal(kinds[known], source->kind))
            known++;
        if (known < count || count == MAX_KINDS)
            continue;
        if (count == 0)
            mv_buf_puts(out, "<article id=\"leave\"><h3>Nothing to mend</h3>");
        kinds[count++] = source->kind;
        mv_buf_puts(out, "<p>");
        mv_page_put_text(out, source->kind);
        mv_buf_puts(out, ": ");
        mv_page_put_text(out, source->to_do);
        mv_buf_puts(out, "</p>");
    }
    if (count > 0)
        mv_buf_puts(out, "</article>");
}

void mv_page_put_remedies(struct mv_buf *out, const struct mv_page *page)
{
    if (page->source_count == 0)
        return;
    mv_buf_puts(out, "<section id=\"mend\"><h2>What to do</h2>");
    for (size_t i = 0; i < shown_of(page); i++)
        if (group_of(&page->sources[i]) == MV_PAGE_MEND)
            put_remedy(out, &page->sources[i], i);
    for (size_t i = 0; i < shown_of(page); i++)
        if (group_of(&page->sources[i]) == MV_PAGE_WATCH)
            put_remedy(out, &page->sources[i], i);
    put_leave(out, page);
    mv_buf_puts(out, "</section>");
}
