/* A page: what it shows, what it leaves out, and that what strangers write stays text. */
#include "core/report/page.h"
#include "core/report/page_text.h"
#include "tests/unit/page_reading.h"
#include "tests/unit/unit.h"

#include <string.h>

#define DAY 86400
#define NOW (INT64_C(1795305600) + 3600) /* 2026-11-22 */

static struct mv_buf out;
static struct page_reading reading;

static void render(const struct mv_page *page)
{
    mv_buf_init(&out, MV_PAGE_MAX_BYTES);
    mv_page_render(page, &out);
    ck_assert(!mv_buf_failed(&out));
    page_read(mv_buf_bytes(&out), &reading);
    ck_assert_msg(reading.fault == NULL, "%s", reading.fault);
    mv_buf_putc(&reading.text, '\0');
}

static bool shows(const char *text)
{
    return strstr((const char *)reading.text.data, text) != NULL;
}

static void done(void)
{
    page_reading_free(&reading);
    mv_buf_free(&out);
}

static struct mv_page empty_page(void)
{
    return (struct mv_page){.domain = MV_BYTES("shop.example"), .maker = MV_BYTES("mailvouch 0"), .made_secs = NOW,
                            .window_days = 30,
                            .stand = {.headline = MV_BYTES("No reports"), .sentence = MV_BYTES("Wait.")}};
}

START_TEST(test_empty)
{
    struct mv_page page = empty_page();

    render(&page);
    ck_assert(shows("shop.example") && shows("No reports") && shows("Wait.") && shows("the last 30 days"));
    ck_assert(shows("22\xc2\xa0Nov\xc2\xa0" "2026"));
    ck_assert_uint_eq(reading.rows, 0);
    ck_assert(!shows("Who fails") && !shows("Day by day") && !shows("TLS") && !shows("To mend"));
    done();
}
END_TEST

static const struct {
    const char *name, *text, *shown;
} texts[] = {
    {"plain", "mail.example", "mail.example"},
    {"markup", "<script>alert(1)</script>&\"'", "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"},
    {"control", "a\x01" "b\x1b[31m\x7f", "a[U+0001]b[U+001B][31m[U+007F]"},
    {"line ends", "a\tb\r\nc", "a b  c"},
    {"C1", "a\xc2\x85" "b\xc2\x9b", "a[U+0085]b[U+009B]"},
    {"bidi", "\xe2\x80\xaegpj.exe\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f", "[U+202E]gpj.exe[U+2066][U+061C][U+200F]"},
    {"zero width", "a\xe2\x80\x8b" "b\xef\xbb\xbf\xe2\x81\xa0\xc2\xad", "a[U+200B]b[U+FEFF][U+2060][U+00AD]"},
    {"line separators", "\xe2\x80\xa8\xe2\x80\xa9", "[U+2028][U+2029]"},
    {"fillers", "\xe3\x85\xa4\xe2\xa0\x80\xe1\x85\x9f", "[U+3164][U+2800][U+115F]"},
    {"tags", "\xf3\xa0\x81\x81\xf3\xa0\x84\x80", "[U+E0041][U+E0100]"},
    {"noncharacters", "\xef\xbf\xbe\xef\xb7\x90", "[U+FFFE][U+FDD0]"},
    {"private use", "\xee\x80\x80\xf4\x8f\xbf\xbd", "[U+E000][U+10FFFD]"},
    {"marks that pile up", "e\xcc\x81\xcc\x81\xcc\x81x\xcc\x81", "e\xcc\x81\xcc\x81[U+0301]x\xcc\x81"},
    {"letters of the world", "\xc3\xa9\xd7\x90\xe6\xbc\xa2\xf0\x9f\x93\xac", "\xc3\xa9\xd7\x90\xe6\xbc\xa2\xf0\x9f\x93\xac"},
    {"no UTF-8", "a\xff\x80\xc3", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"overlong", "\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"empty", "", ""},
};

START_TEST(test_texts)
{
    struct mv_buf text;
    char nul[] = "a\0b";

    mv_buf_init(&text, 10000);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        mv_buf_reset(&text);
        mv_page_put_plain(&text, mv_bytes_str(texts[i].text));
        ck_assert_msg(strcmp(mv_buf_cstr(&text), texts[i].shown) == 0, "%s: %s", texts[i].name, mv_buf_cstr(&text));
    }
    mv_buf_reset(&text);
    mv_page_put_plain(&text, mv_bytes_of(nul, 3));
    ck_assert_str_eq(mv_buf_cstr(&text), "a[U+0000]b");
    mv_buf_free(&text);
}
END_TEST

START_TEST(test_long_texts)
{
    char letters[2 * MV_PAGE_MAX_TEXT_CHARS + 1];
    struct mv_buf text;

    for (size_t i = 0; i < MV_PAGE_MAX_TEXT_CHARS; i++)
        memcpy(letters + 2 * i, "\xc3\xa9", 2);
    mv_buf_init(&text, 10000);
    mv_page_put_plain(&text, mv_bytes_of(letters, 2 * MV_PAGE_MAX_TEXT_CHARS));
    ck_assert_uint_eq(mv_buf_bytes(&text).len, 2 * MV_PAGE_MAX_TEXT_CHARS);
    letters[2 * MV_PAGE_MAX_TEXT_CHARS] = 'x';
    mv_buf_reset(&text);
    mv_page_put_plain(&text, mv_bytes_of(letters, sizeof letters));
    ck_assert(mv_bytes_has_suffix_nocase(mv_buf_bytes(&text), MV_BYTES("\xc3\xa9\xe2\x80\xa6")));
    mv_buf_free(&text);
}
END_TEST

static void put_short_word(struct mv_buf *text, uint64_t n)
{
    mv_page_put_short(text, n);
}

static void put_share_word(struct mv_buf *text, uint64_t n)
{
    mv_page_put_share(text, n, UINT64_MAX);
}

static const struct {
    void (*put)(struct mv_buf *text, uint64_t n);
    uint64_t number;
    const char *shown;
} numbers[] = {
    {mv_page_put_count, 0, "0"},
    {mv_page_put_count, 999, "999"},
    {mv_page_put_count, 1000, "1,000"},
    {mv_page_put_count, 1002003, "1,002,003"},
    {mv_page_put_count, UINT64_MAX, "18,446,744,073,709,551,615"},
    {put_short_word, 0, "0"},
    {put_short_word, 9999, "9,999"},
    {put_short_word, 10000, "10\xc2\xa0k"},
    {put_short_word, 12500, "12.5\xc2\xa0k"},
    {put_short_word, 999999, "999\xc2\xa0k"},
    {put_short_word, 1000000, "1\xc2\xa0M"},
    {put_short_word, UINT64_MAX, "18.4\xc2\xa0" "E"},
    {put_share_word, 0, "0.0\xc2\xa0%"},
    {put_share_word, UINT64_MAX / 3, "33.3\xc2\xa0%"},
    {put_share_word, UINT64_MAX - 1, "99.9\xc2\xa0%"},
    {put_share_word, UINT64_MAX, "100\xc2\xa0%"},
    {put_share_word, 1, "&lt;\xc2\xa0" "0.1\xc2\xa0%"},
    {put_share_word, UINT64_MAX / 1001, "&lt;\xc2\xa0" "0.1\xc2\xa0%"},
    {put_share_word, UINT64_MAX / 999, "0.1\xc2\xa0%"},
};

START_TEST(test_numbers)
{
    struct mv_buf text;

    mv_buf_init(&text, 1000);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        mv_buf_reset(&text);
        numbers[i].put(&text, numbers[i].number);
        ck_assert_str_eq(mv_buf_cstr(&text), numbers[i].shown);
    }
    mv_buf_reset(&text);
    mv_page_put_share(&text, 99999, 100000);
    mv_page_put_share(&text, 1, 0);
    ck_assert_str_eq(mv_buf_cstr(&text), "99.9\xc2\xa0%\xe2\x80\x93");
    ck_assert_uint_eq(mv_page_sum(UINT64_MAX, 1), UINT64_MAX);
    mv_buf_free(&text);
}
END_TEST

/* Everything at its limit and one above. */
START_TEST(test_limits)
{
    static struct mv_page_source sources[MV_PAGE_MAX_SOURCES + 3];
    static struct mv_page_reporter reporters[MV_PAGE_MAX_REPORTERS + 1];
    static struct mv_page_passing passing[MV_PAGE_MAX_PASSING + 1];
    static struct mv_page_tls tls[MV_PAGE_MAX_OTHERS + 1];
    static struct mv_page_tls_fault faults[MV_PAGE_MAX_OTHERS + 1];
    static struct mv_page_failure failures[MV_PAGE_MAX_OTHERS + 1];
    static struct mv_page_day days[MV_PAGE_MAX_DAYS + 2];
    struct mv_page page = empty_page();

    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        sources[i] = (struct mv_page_source){.group = (enum mv_page_group)(i % MV_PAGE_GROUPS), .failed = 1,
                                             .name = MV_BYTES("n"), .kind = MV_BYTES("stranger")};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        days[i] = (struct mv_page_day){NOW + (int64_t)i * DAY, UINT64_MAX, i == 0 ? 77777 : UINT64_MAX};
    for (size_t i = 0; i <= MV_PAGE_MAX_REPORTERS; i++)
        reporters[i].messages = UINT64_MAX;
    page.sources = sources, page.source_count = sizeof sources / sizeof *sources;
    page.days = days, page.day_count = sizeof days / sizeof *days;
    page.reporters = reporters, page.reporter_count = MV_PAGE_MAX_REPORTERS + 1;
    page.passing = passing, page.passing_count = MV_PAGE_MAX_PASSING + 1;
    page.tls = tls, page.tls_count = MV_PAGE_MAX_OTHERS + 1;
    page.tls_faults = faults, page.tls_fault_count = MV_PAGE_MAX_OTHERS + 1;
    page.failures = failures, page.failure_count = MV_PAGE_MAX_OTHERS + 1;
    page.messages = page.passed = page.failed = page.legitimate = UINT64_MAX;
    page.stand.note_count = MV_PAGE_MAX_NOTES + 1;
    render(&page);
    ck_assert(shows("And 3 more senders, with 3 failed messages."));
    ck_assert(shows("and 1 more, with 18,446,744,073,709,551,615 messages"));
    ck_assert(shows("and 1 more, with 0 messages") && shows("and 1 more, with 0 sessions"));
    ck_assert(!shows("77,777"));
    ck_assert_uint_eq(reading.links, MV_PAGE_MAX_SOURCES);
    ck_assert_uint_eq(reading.rects, MV_PAGE_MAX_SOURCES + 3 * MV_PAGE_MAX_DAYS);
    done();
}
END_TEST

static const struct {
    const char *name;
    struct mv_page_record record;
    const char *shown, *not_shown;
} records[] = {
    {"new", {MV_BYTES("_dmarc.a"), MV_BYTES(""), MV_BYTES("v=DMARC1; p=none"), 0, 0},
     "Publish\nv=DMARC1; p=none", "Published now"},
    {"changed", {MV_BYTES("a"), MV_BYTES("v=spf1 -all"), MV_BYTES("v=spf1 a -all"), 7, 2},
     "Publish instead\nv=spf1 a -all", "\nnothing"},
    {"only its owner knows", {MV_BYTES("s._domainkey.a"), MV_BYTES(""), MV_BYTES(""), 0, 0},
     "Published now\nnothing", "Publish\n"},
    {"new part past the end", {MV_BYTES("a"), MV_BYTES(""), MV_BYTES("abc"), 99, 99}, "Publish\nabc", "\nnothing"},
    {"new part longer than the rest", {MV_BYTES("a"), MV_BYTES(""), MV_BYTES("abc"), 1, SIZE_MAX}, "Publish\nabc",
     "\nnothing"},
    {"new part in a character", {MV_BYTES("a"), MV_BYTES(""), MV_BYTES("\xc3\xa9"), 1, 1}, "\xef\xbf\xbd", "\xc3\xa9"},
    {"no name", {MV_BYTES(""), MV_BYTES("b"), MV_BYTES("c"), 0, 0}, "No reports", "Publish"},
};

START_TEST(test_records)
{
    static unsigned char letters[MV_PAGE_MAX_RECORD_CHARS + 1];
    struct mv_page page = empty_page();

    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        page.stand.record = records[i].record;
        render(&page);
        ck_assert_msg(shows(records[i].shown), "%s: %s", records[i].name, (const char *)reading.text.data);
        ck_assert_msg(!shows(records[i].not_shown), "%s: %s", records[i].name, (const char *)reading.text.data);
        done();
    }
    memset(letters, 'x', sizeof letters);
    page.stand.record = (struct mv_page_record){.name = MV_BYTES("a"), .then = {letters, sizeof letters}};
    render(&page);
    ck_assert(shows("a text of 4,097 bytes, too long to show") && !shows("xxx"));
    done();
}
END_TEST

/* What fails is pixels on the ground, and passes above it; one message among millions is seen. */
START_TEST(test_days)
{
    static const struct mv_page_day days[] = {{NOW - 2 * DAY, 1000000, 1}, {NOW - DAY, 0, 0}, {NOW, 0, 5}};
    struct mv_page page = empty_page();

    page.days = days;
    page.day_count = 3;
    page.messages = 1000006;
    render(&page);
    ck_assert(shows("20\xc2\xa0Nov\xc2\xa0" "2026: 1,000,000 passed, 1 failed (99.9\xc2\xa0% passed)"));
    ck_assert(shows("21\xc2\xa0Nov\xc2\xa0" "2026: no mail reported"));
    ck_assert(shows("On the worst day 0.0\xc2\xa0% passed"));
    ck_assert(strstr(mv_buf_cstr(&out), "y=\"166\" height=\"2\"") != NULL);
    ck_assert_uint_eq(reading.rects, 3 + 3);
    done();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_empty, test_texts, test_long_texts, test_numbers, test_limits, test_records,
                                  test_days};

    return unit_run("page", tests, sizeof tests / sizeof *tests);
}
