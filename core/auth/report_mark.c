#include "core/auth/report_mark.h"

#include "core/base/ascii.h"
#include "core/base/base64.h"

#define MAX_WORD_BYTES 75 /* RFC 2047 2 */

/* The words may be folded apart. */
static bool is_plain_subject(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(value);

    if (!mv_cursor_accept_nocase(&c, MV_BYTES("Report")))
        return false;
    while (mv_cursor_peek(&c) == ' ' || mv_cursor_peek(&c) == '\t' || mv_cursor_peek(&c) == '\r' ||
           mv_cursor_peek(&c) == '\n')
        mv_cursor_next(&c);
    return mv_cursor_accept_nocase(&c, MV_BYTES("Domain:"));
}

/* RFC 2047 4.2 */
static void decode_q(struct mv_bytes text, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(text);

    while (mv_cursor_left(&c) > 0) {
        int byte = mv_cursor_next(&c);

        if (byte == '=') {
            int high = mv_ascii_hex_value(mv_cursor_next(&c)), low = mv_ascii_hex_value(mv_cursor_next(&c));

            if (high < 0 || low < 0)
                return;
            byte = high << 4 | low;
        }
        mv_buf_putc(out, byte == '_' ? ' ' : (unsigned char)byte);
    }
}

/* Some encode what needs no encoding: the first word of it holds the mark. */
static bool is_encoded_subject(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(value);
    struct mv_bytes encoding, text;
    struct mv_buf decoded;
    bool is_it;

    if (!mv_cursor_accept_nocase(&c, MV_BYTES("=?")))
        return false;
    mv_cursor_take_until(&c, '?');
    mv_cursor_accept(&c, '?');
    encoding = mv_cursor_take_until(&c, '?');
    mv_cursor_accept(&c, '?');
    text = mv_cursor_take_until(&c, '?');
    if (text.len > MAX_WORD_BYTES)
        return false;
    mv_buf_init(&decoded, MAX_WORD_BYTES);
    if (mv_bytes_equal_nocase(encoding, MV_BYTES("B")))
        mv_base64_decode(text, &decoded);
    else if (mv_bytes_equal_nocase(encoding, MV_BYTES("Q")))
        decode_q(text, &decoded);
    is_it = is_plain_subject(mv_buf_bytes(&decoded));
    mv_buf_free(&decoded);
    return is_it;
}

static bool is_aggregate_subject(struct mv_bytes value)
{
    value = mv_bytes_trim(value);
    return is_plain_subject(value) || is_encoded_subject(value);
}

static bool is_feedback_type(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_trim(value));

    if (!mv_cursor_accept_nocase(&c, MV_BYTES("multipart/report")))
        return false;
    for (; mv_cursor_left(&c) > 0; mv_cursor_next(&c))
        if (mv_bytes_has_prefix_nocase(mv_cursor_rest(&c), MV_BYTES("feedback-report")))
            return true;
    return false;
}

bool mv_fields_mark_report(const struct mv_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((mv_field_is(&fields[i], MV_BYTES("Subject")) && is_aggregate_subject(fields[i].value)) ||
            (mv_field_is(&fields[i], MV_BYTES("Content-Type")) && is_feedback_type(fields[i].value)))
            return true;
    return false;
}
