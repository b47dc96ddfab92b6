/* Any texts and numbers in any place of a page: well-formed, no markup but its own, no link out of it. */
#include "core/report/page.h"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/page_reading.h"

#define MAX_ROWS 8

static struct mv_cursor input;

/* The byte in front says how many. */
static struct mv_bytes text(void)
{
    int len = mv_cursor_next(&input);

    return mv_cursor_take(&input, len < 0 ? 0 : (size_t)len);
}

/* Small, or eight bytes. */
static uint64_t number(void)
{
    int first = mv_cursor_next(&input);
    struct mv_bytes bytes;
    uint64_t value = 0;

    if (first < 255)
        return first < 0 ? 0 : (uint64_t)first;
    bytes = mv_cursor_take(&input, 8);
    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.data[i];
    return value;
}

static struct mv_page_record record(void)
{
    struct mv_page_record r = {.name = text(), .now = text(), .then = text()};

    r.new_from = (size_t)number();
    r.new_bytes = (size_t)number();
    return r;
}

static void fill_stand(struct mv_page_stand *stand)
{
    *stand = (struct mv_page_stand){.is_urgent = number() & 1, .headline = text(), .sentence = text(), .step = text(),
                                    .record = record(), .note_count = number() % (MV_PAGE_MAX_NOTES + 1)};
    for (size_t i = 0; i < stand->note_count; i++)
        stand->notes[i] = text();
}

static void fill_source(struct mv_page_source *s)
{
    *s = (struct mv_page_source){.group = (enum mv_page_group)(number() & 3), .name = text(), .kind = text(),
                                 .address = text(), .host = text(), .header_from = text(), .spf = text(),
                                 .dkim = text(), .to_do = text(), .record = record()};
    s->addresses = (size_t)number();
    s->messages = number();
    s->failed = number();
    s->hit = number();
    s->days = (unsigned)number();
    s->last_failed_secs = (int64_t)number();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static struct page_reading reading;
    struct mv_page_source sources[MAX_ROWS];
    struct mv_page_day days[MAX_ROWS];
    struct mv_page_reporter reporters[MAX_ROWS];
    struct mv_page_tls_fault faults[MAX_ROWS];
    struct mv_page_tls tls;
    struct mv_page_passing passing;
    struct mv_page_failure failure;
    struct mv_page page = {.sources = sources, .days = days, .reporters = reporters, .tls = &tls, .tls_faults = faults,
                           .passing = &passing, .failures = &failure};
    struct mv_buf out;

    input = mv_cursor_of(mv_bytes_of(data, size));
    page.domain = text();
    page.maker = text();
    fill_stand(&page.stand);
    page.made_secs = (int64_t)number();
    page.first_secs = (int64_t)number();
    page.last_secs = (int64_t)number();
    page.messages = number();
    page.passed = number();
    page.failed = page.legitimate = page.untrusted = page.refused = page.unlisted = number();
    page.source_count = number() % (MAX_ROWS + 1);
    for (size_t i = 0; i < page.source_count; i++)
        fill_source(&sources[i]);
    page.day_count = number() % (MAX_ROWS + 1);
    for (size_t i = 0; i < page.day_count; i++)
        days[i] = (struct mv_page_day){(int64_t)number(), number(), number()};
    page.reporter_count = page.tls_fault_count = number() % (MAX_ROWS + 1);
    for (size_t i = 0; i < page.reporter_count; i++) {
        reporters[i] = (struct mv_page_reporter){text(), number(), number(), number(), (int64_t)number()};
        faults[i] = (struct mv_page_tls_fault){text(), text(), number()};
    }
    tls = (struct mv_page_tls){text(), text(), number(), number()};
    passing = (struct mv_page_passing){text(), text(), number()};
    failure = (struct mv_page_failure){text(), text(), text(), number(), 0};
    page.tls_count = page.passing_count = page.failure_count = number() & 1;
    mv_buf_init(&out, MV_PAGE_MAX_BYTES);
    mv_page_render(&page, &out);
    fuzz_require(!mv_buf_failed(&out));
    page_read(mv_buf_bytes(&out), &reading);
    fuzz_require(reading.fault == NULL);
    page_reading_free(&reading);
    mv_buf_free(&out);
    return 0;
}
