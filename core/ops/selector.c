#include "core/ops/selector.h"

#include <stdio.h>
#include <time.h>

#include "core/base/ascii.h"

#define MAX_HOST_BYTES 40 /* with what follows it is still a label */
#define DAY_BYTES sizeof "20261123"
#define MAX_TIME_SECS INT64_C(253402300799) /* the end of the year 9999 */

static bool is_label(struct mv_bytes host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!mv_ascii_is(host.data[i], MV_ASCII_ALNUM) && host.data[i] != '-')
            return false;
    return host.len > 0 && host.len <= MAX_HOST_BYTES && host.data[0] != '-';
}

static bool print_day(int64_t now_secs, char day[DAY_BYTES])
{
    time_t secs = (time_t)now_secs;
    struct tm tm;

    return now_secs > 0 && now_secs <= MAX_TIME_SECS && gmtime_r(&secs, &tm) != NULL &&
           strftime(day, DAY_BYTES, "%Y%m%d", &tm) == DAY_BYTES - 1;
}

static bool is_used(const struct mv_key_entries *entries, struct mv_bytes selector)
{
    for (size_t i = 0; i < entries->count; i++)
        if (mv_bytes_equal(entries->items[i].selector, selector))
            return true;
    return false;
}

static bool put(struct mv_buf *out, struct mv_bytes host, const char *day, enum mv_key_type type, unsigned number)
{
    mv_buf_reset(out);
    mv_buf_put_lower(out, host);
    mv_buf_printf(out, "-%s-%c", day, type == MV_KEY_RSA ? 'r' : 'e');
    if (number > 1)
        mv_buf_printf(out, "%u", number);
    return !mv_buf_failed(out);
}

enum mv_code mv_selector_next(struct mv_arena *arena, struct mv_bytes host, enum mv_key_type type, int64_t now_secs,
                              const struct mv_key_entries *entries, struct mv_bytes *selector_r)
{
    enum mv_code code = MV_ERR_LIMIT;
    char day[DAY_BYTES];
    struct mv_buf out;

    *selector_r = (struct mv_bytes){NULL, 0};
    if (!is_label(host) || !print_day(now_secs, day))
        return MV_ERR_USAGE;
    mv_buf_init(&out, MV_SELECTOR_MAX_BYTES);
    for (unsigned number = 1; code == MV_ERR_LIMIT && number <= MV_SELECTOR_MAX_PER_DAY; number++) {
        if (!put(&out, host, day, type, number))
            code = MV_ERR_MEMORY;
        else if (!is_used(entries, mv_buf_bytes(&out)))
            code = mv_arena_copy(arena, mv_buf_bytes(&out), selector_r) ? MV_OK : MV_ERR_MEMORY;
    }
    mv_buf_free(&out);
    return code;
}
