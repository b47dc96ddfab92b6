#include "exim-dlfunc/feed.h"

#include "exim-dlfunc/wire.h"

/* Of the body, read at once: little at first, since most messages are short and memory is fresh in each process. */
#define MV_FIRST_PIECE_BYTES 4096
#define MV_PIECE_BYTES 65536
#define MV_MAX_FIELD_BYTES (4 * 1024 * 1024)

static bool next_field(enum mv_feed_view view, struct mv_wire_fields *fields, struct mv_bytes *text_r)
{
    return view == MV_FEED_AS_SENT ? mv_wire_next_field(fields, text_r) : mv_wire_next_leaving(fields, text_r);
}

static enum mv_code feed_fields(enum mv_feed_view view, const struct mv_feed_sink *sink, struct mv_buf *buf)
{
    struct mv_wire_fields fields = {.ended = false};
    struct mv_bytes field;
    enum mv_code code = MV_OK;

    while (code == MV_OK && next_field(view, &fields, &field)) {
        struct mv_wire_lines lines = {.after_cr = false};

        mv_buf_reset(buf);
        mv_wire_put_lines(&lines, field, buf);
        code = mv_buf_failed(buf) ? MV_ERR_LIMIT : sink->feed(sink->to, mv_buf_bytes(buf));
    }
    return code == MV_OK ? sink->feed(sink->to, MV_BYTES("\r\n")) : code;
}

/* What a piece will hardly exceed as CRLF lines: one octet more for each line of 32. */
static size_t with_line_ends(size_t bytes)
{
    return bytes + bytes / 32;
}

static enum mv_code feed_piece(struct mv_bytes piece, struct mv_wire_lines *lines, const struct mv_feed_sink *sink,
                               struct mv_buf *buf)
{
    mv_buf_reset(buf);
    mv_buf_reserve(buf, with_line_ends(piece.len));
    mv_wire_put_lines(lines, piece, buf);
    return mv_buf_failed(buf) ? MV_ERR_MEMORY : sink->feed(sink->to, mv_buf_bytes(buf));
}

static enum mv_code feed_body(struct mv_host_body *body, const struct mv_feed_sink *sink, struct mv_buf *piece,
                              struct mv_buf *buf, struct mv_error *error)
{
    struct mv_wire_lines lines = {.after_cr = false};
    size_t room_bytes = MV_FIRST_PIECE_BYTES;

    for (;;) {
        unsigned char *room = mv_buf_reserve(piece, room_bytes);
        ssize_t n = room == NULL ? 0 : mv_host_read_body(body, room, room_bytes);
        struct mv_bytes bytes = mv_bytes_of(room, n < 0 ? 0 : (size_t)n);
        enum mv_code code;

        if (room == NULL)
            return MV_ERR_MEMORY;
        if (n <= 0)
            return n == 0 ? sink->end(sink->to) : mv_error_set(error, MV_ERR_IO, "Exim's spool file cannot be read");
        code = body->wire_format ? sink->feed(sink->to, bytes) : feed_piece(bytes, &lines, sink, buf);
        if (code != MV_OK)
            return code;
        if (room_bytes < MV_PIECE_BYTES)
            room_bytes *= 2;
    }
}

enum mv_code mv_feed_message(enum mv_feed_view view, const struct mv_feed_sink *sink, struct mv_error *error)
{
    struct mv_host_body body;
    struct mv_buf buf = {.max_bytes = MV_MAX_FIELD_BYTES}, piece = {.max_bytes = MV_PIECE_BYTES};
    enum mv_code code;

    if (!mv_host_open_body(&body))
        return mv_error_set(error, MV_ERR_USAGE, "no message so far: this function belongs into the DATA ACL");
    code = feed_fields(view, sink, &buf);
    if (code == MV_OK)
        code = feed_body(&body, sink, &piece, &buf, error);
    mv_buf_free(&buf);
    mv_buf_free(&piece);
    return code;
}
