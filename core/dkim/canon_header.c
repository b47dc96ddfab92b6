#include "core/dkim/canon.h"

static unsigned is_wsp(unsigned char c)
{
    return (c == ' ') | (c == '\t');
}

/* RFC 6376 3.4.1: as it came. */
static void put_simple(const struct mv_field *field, struct mv_buf *out)
{
    mv_buf_put(out, field->raw);
    if (!mv_bytes_has_suffix_nocase(field->raw, MV_BYTES("\r\n")))
        mv_buf_put(out, MV_BYTES("\r\n"));
}

/*
 * RFC 6376 3.4.2: without folds, each run of white space one SP, none at either
 * end.  A CRLF in a value can only be that of a fold (RFC 5322 2.2.3).
 */
static size_t squeeze(struct mv_bytes value, unsigned char *out)
{
    size_t written = 0;
    unsigned after_wsp = 1;

    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = value.data[i];
        unsigned wsp = is_wsp(c);

        if (c == '\r' && i + 1 < value.len && value.data[i + 1] == '\n') {
            i++;
            continue;
        }
        out[written] = wsp ? ' ' : c;
        written += !(wsp & after_wsp);
        after_wsp = wsp;
    }
    return written > 0 && after_wsp ? written - 1 : written;
}

static void put_relaxed(const struct mv_field *field, struct mv_buf *out)
{
    unsigned char *room;

    mv_buf_put_lower(out, field->name);
    mv_buf_put(out, MV_BYTES(":"));
    room = mv_buf_reserve(out, field->value.len);
    if (room != NULL)
        mv_buf_commit(out, squeeze(field->value, room));
    mv_buf_put(out, MV_BYTES("\r\n"));
}

void mv_canon_header(enum mv_canon canon, const struct mv_field *field, struct mv_buf *out)
{
    if (canon == MV_CANON_SIMPLE)
        put_simple(field, out);
    else
        put_relaxed(field, out);
}
