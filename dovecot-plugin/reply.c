#include "dovecot-plugin/reply.h"

#include <string.h>

#include "core/base/ascii.h"

/* "5.7.1": digits may be one to three in the last two places. */
static bool is_enhanced_code(struct mv_bytes code, int class_digit)
{
    struct mv_cursor cursor = mv_cursor_of(code);
    uint64_t value;

    if (mv_cursor_next(&cursor) != class_digit || !mv_cursor_accept(&cursor, '.'))
        return false;
    if (!mv_bytes_to_uint(mv_cursor_take_until(&cursor, '.'), 999, &value) || !mv_cursor_accept(&cursor, '.'))
        return false;
    return mv_bytes_to_uint(mv_cursor_rest(&cursor), 999, &value) && code.len <= MV_ENHANCED_CODE_MAX_BYTES;
}

bool mv_reply_read(const char *line, struct mv_reply *reply_r)
{
    struct mv_cursor cursor = mv_cursor_of(mv_bytes_str(line));
    struct mv_bytes digits = mv_cursor_take_until(&cursor, ' ');
    struct mv_bytes enhanced, text;
    uint64_t status;

    if (digits.len != 3 || !mv_bytes_to_uint(digits, 599, &status) || status < 400 || !mv_cursor_accept(&cursor, ' '))
        return false;
    enhanced = mv_cursor_take_until(&cursor, ' ');
    if (!is_enhanced_code(enhanced, digits.data[0]) || !mv_cursor_accept(&cursor, ' '))
        return false;
    text = mv_cursor_rest(&cursor);
    if (mv_bytes_trim(text).len == 0 || !mv_bytes_all(text, MV_ASCII_VCHAR | MV_ASCII_WSP))
        return false;
    *reply_r = (struct mv_reply){.status = (unsigned)status, .text = (const char *)text.data};
    memcpy(reply_r->enhanced, enhanced.data, enhanced.len);
    return true;
}
