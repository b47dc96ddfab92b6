/* Points of time in reports. */
#include "core/report/report_time.h"
#include "tests/unit/unit.h"

static const struct {
    const char *text;
    int64_t secs; /* -1: refused */
} rows[] = {
    {"0", 0},
    {"1795305600", 1795305600},
    {"1795305600.000", 1795305600},
    {"253402300799", MV_REPORT_MAX_SECS},
    {"1970-01-01T00:00:00Z", 0},
    {"2026-11-22T00:00:00Z", 1795305600},
    {"2026-11-22 00:00:00", 1795305600},
    {"2026-11-22t00:00:00.5z", 1795305600},
    {"2026-11-22T02:00:00+02:00", 1795305600},
    {"2026-11-21T16:30:00-0730", 1795305600},
    {"2024-02-29T23:59:59Z", 1709251199},
    {"2000-02-29T00:00:00Z", 951782400},
    {"9999-12-31T23:59:59Z", MV_REPORT_MAX_SECS},
    {"", -1},
    {"-1", -1},
    {"+5", -1},
    {"1e9", -1},
    {"253402300800", -1},
    {"99999999999999999999", -1},
    {"12 34", -1},
    {"1969-12-31T23:59:59Z", -1},
    {"1970-01-01T00:00:00+01:00", -1},
    {"2026-02-29T00:00:00Z", -1},
    {"2100-02-29T00:00:00Z", -1},
    {"2026-13-01T00:00:00Z", -1},
    {"2026-00-01T00:00:00Z", -1},
    {"2026-11-00T00:00:00Z", -1},
    {"2026-11-31T00:00:00Z", -1},
    {"2026-11-22T24:00:00Z", -1},
    {"2026-11-22T00:60:00Z", -1},
    {"2026-11-22T00:00:61Z", -1},
    {"2026-11-22T00:00Z", -1},
    {"2026-11-22", -1},
    {"2026-11-22T00:00:00ZZ", -1},
    {"2026-11-22T00:00:00+1", -1},
    {"2026-11-22T00:00:00+24:00", -1},
    {"26-11-22T00:00:00Z", -1},
    {"yesterday", -1},
};

START_TEST(test_parse)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t secs = -1;
        bool read = mv_report_time_parse(mv_bytes_str(rows[i].text), &secs);

        ck_assert_msg(read == (rows[i].secs >= 0), "'%s' is %s", rows[i].text, read ? "read" : "refused");
        ck_assert_msg(!read || secs == rows[i].secs, "'%s' is %lld", rows[i].text, (long long)secs);
    }
}
END_TEST

/* What is printed reads the same; each day of 800 years once, at a time of day that differs. */
START_TEST(test_round_trip)
{
    struct mv_buf out;

    mv_buf_init(&out, 100);
    for (int64_t secs = 0; secs < INT64_C(800) * 366 * 86400; secs += 86400 + 61) {
        int64_t again = -1;

        mv_buf_reset(&out);
        mv_report_time_print(secs, &out);
        ck_assert(mv_report_time_parse(mv_buf_bytes(&out), &again));
        ck_assert_int_eq(secs, again);
    }
    mv_buf_reset(&out);
    mv_report_time_print(1795305600 + 3661, &out);
    ck_assert_str_eq(mv_buf_cstr(&out), "2026-11-22T01:01:01Z");
    mv_buf_reset(&out);
    mv_report_day_print(1795305600 - 1, &out);
    ck_assert_str_eq(mv_buf_cstr(&out), "2026-11-21");
    mv_buf_free(&out);
}
END_TEST

/* RFC 5322 3.3 */
START_TEST(test_date)
{
    static const struct {
        int64_t secs;
        const char *date, *digits;
    } dates[] = {
        {0, "Thu, 1 Jan 1970 00:00:00 +0000", "19700101"},
        {951782399, "Mon, 28 Feb 2000 23:59:59 +0000", "20000228"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 +0000", "20000229"},
        {1795305600 + 3661, "Sun, 22 Nov 2026 01:01:01 +0000", "20261122"},
        {MV_REPORT_MAX_SECS, "Fri, 31 Dec 9999 23:59:59 +0000", "99991231"},
        {-1, "Thu, 1 Jan 1970 00:00:00 +0000", "19700101"},
        {MV_REPORT_MAX_SECS + 1, "Thu, 1 Jan 1970 00:00:00 +0000", "19700101"},
    };
    struct mv_buf out;

    mv_buf_init(&out, 100);
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        char digits[9] = "";

        mv_buf_reset(&out);
        mv_report_date_print(dates[i].secs, &out);
        ck_assert_str_eq(mv_buf_cstr(&out), dates[i].date);
        mv_report_day_digits(dates[i].secs, digits);
        ck_assert_str_eq(digits, dates[i].digits);
    }
    mv_buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_parse, test_round_trip, test_date};

    return unit_run("report_time", tests, sizeof tests / sizeof *tests);
}
