#include "exim-dlfunc/feed.h"

#include <stdlib.h>

#include "exim-dlfunc/wire.h"

#define MV_PIECE_BYTES 65536 /* of the body, read at once */
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

static enum mv_code feed_body(struct mv_host_body *body, const struct mv_feed_sink *sink, unsigned char *piece,
                              struct mv_buf *buf, struct mv_error *error)
{
    struct mv_wire_lines lines = {.after_cr = false};
    ssize_t n;

    while ((n = mv_host_read_body(body, piece, MV_PIECE_BYTES)) > 0) {
        struct mv_bytes bytes = mv_bytes_of(piece, (size_t)n);
        enum mv_code code;

        mv_buf_reset(buf);
        if (!body->wire_format) {
            mv_wire_put_lines(&lines, bytes, buf);
            bytes = mv_buf_bytes(buf);
        }
        code = mv_buf_failed(buf) ? MV_ERR_MEMORY : sink->feed(sink->to, bytes);
        if (code != MV_OK)
            return code;
    }
    return n == 0 ? sink->end(sink->to) : mv_error_set(error, MV_ERR_IO, "Exim's spool file cannot be read");
}

enum mv_code mv_feed_message(enum mv_feed_view view, const struct mv_feed_sink *sink, struct mv_error *error)
{
    struct mv_host_body body;
    struct mv_buf buf = {.max_bytes = MV_MAX_FIELD_BYTES};
    unsigned char *piece = malloc(MV_PIECE_BYTES);
    enum mv_code code = MV_ERR_MEMORY;

    if (!mv_host_open_body(&body))
        code = mv_error_set(error, MV_ERR_USAGE, "no message so far: this function belongs into the DATA ACL");
    else if (piece != NULL)
        code = feed_fields(view, sink, &buf);
    if (code == MV_OK)
        code = feed_body(&body, sink, piece, &buf, error);
    mv_buf_free(&buf);
    free(piece);
    return code;
}
