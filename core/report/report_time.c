#include "core/report/report_time.h"

#include "core/base/ascii.h"

#define DAY_SECS 86400

/* Days from 1970-01-01 in the proleptic Gregorian calendar; the year begins in March so that leap days come last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static void date_of(int64_t days, int64_t *year_r, int64_t *month_r, int64_t *day_r)
{
    int64_t since = days + 719468; /* from the year 0 on: never negative here */
    int64_t era = since / 146097;
    int64_t of_era = since % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t m = (5 * of_year + 2) / 153;

    *day_r = of_year - (153 * m + 2) / 5 + 1;
    *month_r = m < 10 ? m + 3 : m - 9;
    *year_r = year + era * 400 + (*month_r <= 2 ? 1 : 0);
}

static bool number(struct mv_cursor *c, size_t digits, uint64_t min, uint64_t max, int64_t *value_r)
{
    uint64_t value;

    if (!mv_bytes_to_uint(mv_cursor_take(c, digits), max, &value) || value < min)
        return false;
    *value_r = (int64_t)value;
    return true;
}

static void skip_fraction(struct mv_cursor *c)
{
    if (mv_cursor_accept(c, '.'))
        mv_cursor_take_while(c, MV_ASCII_DIGIT);
}

/* "Z", "+01:00", "+0100", or nothing, which is UTC */
static bool offset(struct mv_cursor *c, int64_t *secs_r)
{
    bool east = mv_cursor_peek(c) == '+';
    int64_t hours = 0, minutes = 0;

    *secs_r = 0;
    if (mv_cursor_accept_nocase(c, MV_BYTES("Z")) || mv_cursor_left(c) == 0)
        return true;
    if (!mv_cursor_accept(c, '+') && !mv_cursor_accept(c, '-'))
        return false;
    if (!number(c, 2, 0, 23, &hours))
        return false;
    mv_cursor_accept(c, ':');
    if (!number(c, 2, 0, 59, &minutes))
        return false;
    *secs_r = (east ? 60 : -60) * (hours * 60 + minutes);
    return true;
}

/* No 31st of February. */
static bool is_day(int64_t year, int64_t month, int64_t day)
{
    int64_t y, m, d;

    date_of(days_of(year, month, day), &y, &m, &d);
    return m == month && d == day;
}

static bool parse_date(struct mv_bytes text, int64_t *secs_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    int64_t year, month, day, hour, minute, second, east;

    if (!number(&c, 4, 1970, 9999, &year) || !mv_cursor_accept(&c, '-') || !number(&c, 2, 1, 12, &month) ||
        !mv_cursor_accept(&c, '-') || !number(&c, 2, 1, 31, &day) || !is_day(year, month, day))
        return false;
    if (!mv_cursor_accept_nocase(&c, MV_BYTES("T")) && !mv_cursor_accept(&c, ' '))
        return false;
    if (!number(&c, 2, 0, 23, &hour) || !mv_cursor_accept(&c, ':') || !number(&c, 2, 0, 59, &minute) ||
        !mv_cursor_accept(&c, ':') || !number(&c, 2, 0, 60, &second))
        return false;
    skip_fraction(&c);
    if (!offset(&c, &east) || mv_cursor_left(&c) > 0)
        return false;
    *secs_r = days_of(year, month, day) * DAY_SECS + hour * 3600 + minute * 60 + second - east;
    return *secs_r >= 0 && *secs_r <= MV_REPORT_MAX_SECS;
}

bool mv_report_time_parse(struct mv_bytes text, int64_t *secs_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_bytes digits = mv_cursor_take_while(&c, MV_ASCII_DIGIT);
    uint64_t secs;

    if (mv_cursor_peek(&c) == '-')
        return parse_date(text, secs_r);
    skip_fraction(&c);
    if (mv_cursor_left(&c) > 0 || !mv_bytes_to_uint(digits, MV_REPORT_MAX_SECS, &secs))
        return false;
    *secs_r = (int64_t)secs;
    return true;
}

void mv_report_day_print(int64_t secs, struct mv_buf *out)
{
    int64_t year, month, day;

    if (secs < 0 || secs > MV_REPORT_MAX_SECS)
        secs = 0;
    date_of(secs / DAY_SECS, &year, &month, &day);
    mv_buf_printf(out, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
}

void mv_report_time_print(int64_t secs, struct mv_buf *out)
{
    int of_day = secs < 0 || secs > MV_REPORT_MAX_SECS ? 0 : (int)(secs % DAY_SECS);

    mv_report_day_print(secs, out);
    mv_buf_printf(out, "T%02d:%02d:%02dZ", of_day / 3600, of_day / 60 % 60, of_day % 60);
}

void mv_report_day_digits(int64_t secs, char digits_r[8])
{
    int64_t year, month, day;
    int64_t number;

    date_of((secs < 0 || secs > MV_REPORT_MAX_SECS ? 0 : secs) / DAY_SECS, &year, &month, &day);
    number = year * 10000 + month * 100 + day;
    for (size_t i = 8; i-- > 0; number /= 10)
        digits_r[i] = (char)('0' + number % 10);
}

void mv_report_date_print(int64_t secs, struct mv_buf *out)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* 1970 began on a Thursday */
    int64_t year, month, day;
    int of_day;

    if (secs < 0 || secs > MV_REPORT_MAX_SECS)
        secs = 0;
    date_of(secs / DAY_SECS, &year, &month, &day);
    of_day = (int)(secs % DAY_SECS);
    mv_buf_printf(out, "%s, %d %s %04d %02d:%02d:%02d +0000", days[secs / DAY_SECS % 7], (int)day, months[month - 1],
                  (int)year, of_day / 3600, of_day / 60 % 60, of_day % 60);
}
