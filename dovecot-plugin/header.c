#include "dovecot-plugin/header.h"

#include "core/base/ascii.h"

/* Every LF that has no CR before it becomes CRLF. */
static void put_as_crlf(struct mv_bytes raw, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(raw);

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');

        if (mv_cursor_left(&c) == 0) {
            mv_buf_put(out, line);
            return;
        }
        mv_cursor_take(&c, 1);
        mv_buf_put(out, line);
        mv_buf_puts(out, line.len > 0 && line.data[line.len - 1] == '\r' ? "\n" : "\r\n");
    }
}

static bool ends_in_cr(struct mv_bytes text)
{
    return text.len > 0 && text.data[text.len - 1] == '\r';
}

/* CRLF becomes LF, but not behind a bare CR: with that, LF would be CRLF again, and perhaps the end of the header. */
static void put_as_lf(struct mv_bytes text, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(text);

    while (mv_cursor_left(&c) > 0) {
        mv_buf_put(out, mv_cursor_take_until(&c, '\r'));
        if (mv_cursor_left(&c) > 0 && mv_cursor_peek_at(&c, 1) == '\n' && !ends_in_cr(mv_buf_bytes(out)))
            mv_cursor_take(&c, 1);
        else
            mv_buf_put(out, mv_cursor_take(&c, 1));
    }
}

static bool ends_first_line_in_lf(struct mv_bytes raw)
{
    size_t lf = mv_bytes_find(raw, '\n');

    return lf < raw.len && (lf == 0 || raw.data[lf - 1] != '\r');
}

/* A line with its end. */
static struct mv_bytes take_line(struct mv_cursor *c)
{
    struct mv_cursor start = *c;

    mv_cursor_take_until(c, '\n');
    mv_cursor_take(c, mv_cursor_left(c) > 0 ? 1 : 0);
    return mv_cursor_since(c, &start);
}

static bool is_continuation(const struct mv_cursor *c)
{
    return mv_cursor_peek(c) == ' ' || mv_cursor_peek(c) == '\t';
}

/* Moves over one field. false: over the empty line instead. */
static bool take_field(struct mv_cursor *c, struct mv_bytes *field_r)
{
    struct mv_cursor start = *c;

    if (mv_bytes_equal(take_line(c), MV_BYTES("\r\n")))
        return false;
    while (is_continuation(c))
        take_line(c);
    *field_r = mv_cursor_since(c, &start);
    return true;
}

/* The cursor stays behind what was taken. whole: nothing of the block is missing. */
static enum mv_code split_fields(struct mv_arena *arena, struct mv_cursor *c, bool whole, struct mv_header *header)
{
    struct mv_field *fields = NULL;

    while (mv_cursor_left(c) > 0) {
        struct mv_cursor start = *c;
        struct mv_bytes field;

        if (!take_field(c, &field)) {
            header->separated = true;
            break;
        }
        if (header->count == MV_HEADER_MAX_FIELDS || (!whole && mv_cursor_left(c) == 0)) {
            header->cut = true;
            *c = start;
            break;
        }
        fields = mv_arena_grow(arena, fields, header->count, sizeof *fields);
        if (fields == NULL)
            return MV_ERR_MEMORY;
        fields[header->count++] = mv_field_split(field);
    }
    header->fields = fields;
    return MV_OK;
}

/* Of raw, what taken was made of. */
static size_t count_used(struct mv_bytes raw, struct mv_bytes taken, bool all)
{
    struct mv_cursor from = mv_cursor_of(taken), to = mv_cursor_of(raw), start = to;

    if (all)
        return raw.len;
    while (mv_cursor_left(&from) > 0) {
        take_line(&from);
        take_line(&to);
    }
    return mv_cursor_since(&to, &start).len;
}

enum mv_code mv_header_split(struct mv_arena *arena, struct mv_bytes raw, struct mv_header *header_r)
{
    bool whole = raw.len <= MV_HEADER_MAX_BYTES;
    enum mv_code code = MV_ERR_MEMORY;
    struct mv_cursor c, start;
    struct mv_bytes block;
    struct mv_buf crlf;

    *header_r = (struct mv_header){.with_lf = ends_first_line_in_lf(raw)};
    raw = mv_bytes_slice(raw, 0, MV_HEADER_MAX_BYTES);
    mv_buf_init(&crlf, 2 * MV_HEADER_MAX_BYTES);
    put_as_crlf(raw, &crlf);
    if (!mv_buf_failed(&crlf) && mv_arena_copy(arena, mv_buf_bytes(&crlf), &block)) {
        c = start = mv_cursor_of(block);
        code = split_fields(arena, &c, whole, header_r);
        header_r->used_bytes = count_used(raw, mv_cursor_since(&c, &start), mv_cursor_left(&c) == 0);
    }
    mv_buf_free(&crlf);
    return code;
}

static void put(const struct mv_header *header, struct mv_bytes text, struct mv_buf *out)
{
    if (header->with_lf)
        put_as_lf(text, out);
    else
        mv_buf_put(out, text);
}

static bool continues(const struct mv_field *field, const struct mv_buf *out)
{
    return mv_buf_bytes(out).len > 0 && field->name.len == 0 && field->raw.len > 0 &&
           mv_ascii_is(field->raw.data[0], MV_ASCII_WSP);
}

unsigned mv_header_put(const struct mv_header *header, struct mv_bytes tags, mv_header_keeps *keeps,
                       const void *context, struct mv_buf *out)
{
    unsigned removed = 0;

    put(header, tags, out);
    for (size_t i = 0; i < header->count; i++) {
        if (!keeps(context, &header->fields[i]) || continues(&header->fields[i], out))
            removed++;
        else
            put(header, header->fields[i].raw, out);
    }
    if (header->separated || header->cut)
        put(header, MV_BYTES("\r\n"), out);
    return removed;
}
