#include "core/report/page_parts.h"

#define VOLUME_HEIGHT 168 /* of the bars, in px; numbers and days stand around them */
#define RATE_HEIGHT 64
#define FULL MV_PAGE_FULL_SHARE
#define GAP 28            /* per cent of a day's width that is left free */

/* The days that are shown: the last ones. */
static const struct mv_page_day *days_of(const struct mv_page *page, size_t *count_r)
{
    size_t count = page->day_count > MV_PAGE_MAX_DAYS ? MV_PAGE_MAX_DAYS : page->day_count;

    *count_r = count;
    return page->days + (page->day_count - count);
}

static uint64_t all_of(const struct mv_page_day *day)
{
    return mv_page_sum(day->passed, day->failed);
}

static uint64_t most_of(const struct mv_page_day *days, size_t count)
{
    uint64_t most = 0;

    for (size_t i = 0; i < count; i++)
        if (all_of(&days[i]) > most)
            most = all_of(&days[i]);
    return most;
}

/* The next of 2, 4, 10, 20, 40, ...: its half is a whole number too. */
static uint64_t round_up(uint64_t most)
{
    uint64_t unit = 1;

    while (unit < most / 10 && unit < UINT64_MAX / 100)
        unit *= 10;
    for (;; unit *= 10) {
        if (unit * 2 >= most)
            return unit * 2;
        if (unit * 4 >= most)
            return unit * 4;
        if (unit > UINT64_MAX / 100)
            return most;
        if (unit * 10 >= most)
            return unit * 10;
    }
}

/* "12.345%" of thousandths. */
static void put_x(struct mv_buf *out, unsigned share)
{
    mv_buf_printf(out, "%u.%03u%%", share / 1000, share % 1000);
}

static unsigned left_of(size_t day, size_t count)
{
    return (unsigned)(day * FULL / count);
}

static unsigned width_of(size_t count)
{
    return (unsigned)(FULL / count * (100 - GAP) / 100);
}

static unsigned middle_of(size_t day, size_t count)
{
    return left_of(day, count) + width_of(count) / 2;
}

static void put_bar(struct mv_buf *out, const char *class, unsigned left, unsigned width, unsigned top,
                    unsigned height)
{
    mv_buf_printf(out, "<rect class=\"%s\" x=\"", class);
    put_x(out, left);
    mv_buf_puts(out, "\" width=\"");
    put_x(out, width);
    mv_buf_printf(out, "\" y=\"%u\" height=\"%u\" />", top, height);
}

/* What a pointer that rests on it shows, and what is read out. */
static void put_day_title(struct mv_buf *out, const struct mv_page_day *day)
{
    mv_buf_puts(out, "<title>");
    mv_page_put_day(out, day->secs);
    mv_buf_puts(out, ": ");
    if (all_of(day) == 0) {
        mv_buf_puts(out, "no mail reported</title>");
        return;
    }
    mv_page_put_count(out, day->passed);
    mv_buf_puts(out, " passed, ");
    mv_page_put_count(out, day->failed);
    mv_buf_puts(out, " failed (");
    mv_page_put_share(out, day->passed, all_of(day));
    mv_buf_puts(out, " passed)</title>");
}

/* Pixels of a part; what is there at all has some. */
static unsigned pixels(uint64_t part, uint64_t top)
{
    unsigned height = mv_page_share(part, top) * VOLUME_HEIGHT / FULL;

    return part == 0 ? 0 : height < 2 ? 2 : height;
}

/* What fails stands on the ground, so that days compare; a line of the ground's colour keeps both apart. */
static void put_day_bars(struct mv_buf *out, const struct mv_page_day *day, size_t at, size_t count, uint64_t top)
{
    unsigned left = left_of(at, count), width = width_of(count);
    unsigned failed = pixels(day->failed, top), passed = pixels(day->passed, top);

    mv_buf_puts(out, "<g>");
    put_day_title(out, day);
    put_bar(out, "hit", left, (unsigned)(FULL / count), 0, VOLUME_HEIGHT);
    if (failed > VOLUME_HEIGHT - (passed > 0 ? 3 : 0))
        failed = VOLUME_HEIGHT - 3;
    if (failed > 0)
        put_bar(out, "fail", left, width, VOLUME_HEIGHT - failed, failed);
    if (failed > 0 && passed > 0)
        failed++;
    if (passed > VOLUME_HEIGHT - failed)
        passed = VOLUME_HEIGHT - failed;
    if (passed > 0)
        put_bar(out, "pass", left, width, VOLUME_HEIGHT - failed - passed, passed);
    mv_buf_puts(out, "</g>");
}

static void put_grid(struct mv_buf *out, unsigned y, const char *class)
{
    mv_buf_printf(out, "<line class=\"%s\" x1=\"0\" x2=\"100%%\" y1=\"%u.5\" y2=\"%u.5\" />", class, y, y);
}

static void put_scale(struct mv_buf *out, unsigned y, uint64_t value)
{
    put_grid(out, y, y == VOLUME_HEIGHT ? "base" : "grid");
    mv_buf_printf(out, "<text x=\"-10\" y=\"%u\" text-anchor=\"end\">", y + 4);
    mv_page_put_short(out, value);
    mv_buf_puts(out, "</text>");
}

/* The first, the last, and on wide screens some between, under the middle of their bars. */
static void put_dates(struct mv_buf *out, const struct mv_page_day *days, size_t count, unsigned y)
{
    size_t step = count > 45 ? 14 : count > 12 ? 7 : count > 6 ? 2 : 1;

    for (size_t i = 0; i < count; i++) {
        bool is_first = i == 0, is_last = i + 1 == count;

        if (!is_first && !is_last && (i % step != 0 || count - 1 - i < (step + 1) / 2))
            continue;
        mv_buf_printf(out, "<text%s x=\"", is_first || is_last ? "" : " class=\"wide\"");
        put_x(out, is_first ? 0 : is_last ? left_of(i, count) + width_of(count) : middle_of(i, count));
        mv_buf_printf(out, "\" y=\"%u\" text-anchor=\"%s\">", y,
                      is_first ? "start" : is_last ? "end" : "middle");
        mv_page_put_short_day(out, days[i].secs);
        mv_buf_puts(out, "</text>");
    }
}

static void put_volume(struct mv_buf *out, const struct mv_page_day *days, size_t count)
{
    uint64_t most = most_of(days, count), top = round_up(most < 2 ? 2 : most);

    mv_buf_printf(out,
                  "<div class=\"plot\"><svg role=\"img\" aria-labelledby=\"volume-title volume-words\" height=\"%u\">"
                  "<title id=\"volume-title\">Messages of each day</title><desc id=\"volume-words\">Stacked bars, one "
                  "for each day: mail that failed below, mail that passed above it. The most on one day are ",
                  VOLUME_HEIGHT + 26);
    mv_page_put_count(out, most);
    mv_buf_puts(out, ". The numbers are in the table below.</desc>");
    put_scale(out, 0, top);
    put_scale(out, VOLUME_HEIGHT / 2, top / 2);
    for (size_t i = 0; i < count; i++)
        put_day_bars(out, &days[i], i, count, top);
    put_scale(out, VOLUME_HEIGHT, 0);
    put_dates(out, days, count, VOLUME_HEIGHT + 22);
    mv_buf_puts(out, "</svg></div>");
}

/* The worst day, as a share; FULL where there is no mail. */
static unsigned worst_of(const struct mv_page_day *days, size_t count)
{
    unsigned worst = FULL;

    for (size_t i = 0; i < count; i++) {
        unsigned share = mv_page_share(days[i].passed, all_of(&days[i]));

        if (all_of(&days[i]) > 0 && share < worst)
            worst = share;
    }
    return worst;
}

/* Where the scale begins, in per cent: as near as the worst day lets it. */
static unsigned floor_of(unsigned worst)
{
    static const unsigned floors[] = {99, 95, 90, 80, 50};

    for (size_t i = 0; i < sizeof floors / sizeof *floors; i++)
        if (worst >= floors[i] * 1000)
            return floors[i];
    return 0;
}

/* Tenths of a pixel from the top. */
static unsigned rate_y(const struct mv_page_day *day, unsigned floor)
{
    unsigned share = mv_page_share(day->passed, all_of(day)), span = FULL - floor * 1000;

    return (FULL - share) * RATE_HEIGHT * 10 / span;
}

static void put_rate_line(struct mv_buf *out, const struct mv_page_day *days, size_t count, unsigned floor)
{
    size_t last = count;

    for (size_t i = 0; i < count; i++) {
        unsigned y = rate_y(&days[i], floor);

        if (all_of(&days[i]) == 0)
            continue;
        if (last < count) {
            unsigned from = rate_y(&days[last], floor);

            mv_buf_puts(out, "<line class=\"rate\" x1=\"");
            put_x(out, middle_of(last, count));
            mv_buf_puts(out, "\" x2=\"");
            put_x(out, middle_of(i, count));
            mv_buf_printf(out, "\" y1=\"%u.%u\" y2=\"%u.%u\" />", from / 10, from % 10, y / 10, y % 10);
        }
        mv_buf_puts(out, "<g>");
        put_day_title(out, &days[i]);
        mv_buf_puts(out, "<circle class=\"dot\" r=\"2.25\" cx=\"");
        put_x(out, middle_of(i, count));
        mv_buf_printf(out, "\" cy=\"%u.%u\" /></g>", y / 10, y % 10);
        last = i;
    }
}

static void put_rate(struct mv_buf *out, const struct mv_page_day *days, size_t count)
{
    unsigned worst = worst_of(days, count), floor = floor_of(worst);

    mv_buf_printf(out,
                  "<div class=\"plot\"><svg role=\"img\" aria-labelledby=\"rate-title rate-words\" height=\"%u\">"
                  "<title id=\"rate-title\">Share of each day's mail that passed</title><desc id=\"rate-words\">A line "
                  "over the days. On the worst day ", RATE_HEIGHT + 10);
    mv_page_put_share(out, worst, FULL);
    mv_buf_puts(out, " passed.</desc>");
    put_grid(out, 0, "grid");
    mv_buf_puts(out, "<text x=\"-10\" y=\"4\" text-anchor=\"end\">100\xc2\xa0%</text>");
    put_grid(out, RATE_HEIGHT, "base");
    mv_buf_printf(out, "<text x=\"-10\" y=\"%d\" text-anchor=\"end\">%u\xc2\xa0%%</text>", RATE_HEIGHT + 4, floor);
    put_rate_line(out, days, count, floor);
    mv_buf_puts(out, "</svg></div>");
}

static void put_table(struct mv_buf *out, const struct mv_page_day *days, size_t count)
{
    mv_buf_puts(out, "<details class=\"same\"><summary>The same in numbers</summary><div class=\"scroll\">"
                     "<table><thead><tr>"
                     "<th scope=\"col\">Day (UTC)</th><th scope=\"col\" class=\"n\">Passed</th>"
                     "<th scope=\"col\" class=\"n\">Failed</th><th scope=\"col\" class=\"n\">Pass rate</th>"
                     "</tr></thead><tbody>");
    for (size_t i = count; i-- > 0;) {
        mv_buf_puts(out, "<tr><th scope=\"row\">");
        mv_page_put_day(out, days[i].secs);
        mv_buf_puts(out, "</th><td class=\"n\">");
        mv_page_put_count(out, days[i].passed);
        mv_buf_puts(out, "</td><td class=\"n\">");
        mv_page_put_count(out, days[i].failed);
        mv_buf_puts(out, "</td><td class=\"n\">");
        mv_page_put_share(out, days[i].passed, all_of(&days[i]));
        mv_buf_puts(out, "</td></tr>");
    }
    mv_buf_puts(out, "</tbody></table></div></details>");
}

void mv_page_put_days(struct mv_buf *out, const struct mv_page *page)
{
    size_t count;
    const struct mv_page_day *days = days_of(page, &count);

    if (count == 0 || most_of(days, count) == 0)
        return;
    mv_buf_puts(out, "<section id=\"days\"><h2>Day by day</h2><figure><figcaption>Messages"
                     "<span class=\"key\"></span>passed<span class=\"key fail\"></span>failed</figcaption>");
    put_volume(out, days, count);
    mv_buf_puts(out, "</figure><figure><figcaption>Pass rate</figcaption>");
    put_rate(out, days, count);
    mv_buf_puts(out, "</figure>");
    put_table(out, days, count);
    mv_buf_puts(out, "</section>");
}
