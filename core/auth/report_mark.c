#include "core/auth/report_mark.h"

/* The words may be folded apart. */
static bool is_aggregate_subject(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_trim(value));

    if (!mv_cursor_accept_nocase(&c, MV_BYTES("Report")))
        return false;
    while (mv_cursor_peek(&c) == ' ' || mv_cursor_peek(&c) == '\t' || mv_cursor_peek(&c) == '\r' ||
           mv_cursor_peek(&c) == '\n')
        mv_cursor_next(&c);
    return mv_cursor_accept_nocase(&c, MV_BYTES("Domain:"));
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
