#include "core/report/mbox.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"

struct mv_mbox {
    struct mv_mbox_sink sink;
    enum mv_code code;
    bool in_mail;
    bool goes_on;         /* the last piece was no whole line */
    struct mv_bytes held; /* an empty line that may come before the next mail; a literal */
    bool after_empty;
    bool in_from_line;
    size_t len;
    unsigned char line[MV_MBOX_MAX_LINE_BYTES];
};

bool mv_mbox_is(struct mv_bytes peek)
{
    struct mv_cursor c = mv_cursor_of(peek);

    if (!mv_bytes_equal(mv_cursor_take(&c, sizeof "From " - 1), MV_BYTES("From ")))
        return false;
    mv_cursor_take_while(&c, MV_ASCII_WSP);
    return mv_cursor_peek(&c) != ':';
}

struct mv_mbox *mv_mbox_new(const struct mv_mbox_sink *sink)
{
    struct mv_mbox *mbox = calloc(1, sizeof *mbox);

    if (mbox == NULL)
        return NULL;
    mbox->sink = *sink;
    mbox->after_empty = true;
    return mbox;
}

void mv_mbox_free(struct mv_mbox **mbox)
{
    free(*mbox);
    *mbox = NULL;
}

static void end_mail(struct mv_mbox *mbox)
{
    if (mbox->in_mail && mbox->code == MV_OK)
        mbox->code = mbox->sink.end(mbox->sink.to);
    mbox->in_mail = false;
    mbox->held = MV_BYTES("");
}

static void hand_on(struct mv_mbox *mbox, struct mv_bytes bytes)
{
    if (mbox->in_mail && bytes.len > 0 && mbox->code == MV_OK)
        mbox->code = mbox->sink.feed(mbox->sink.to, bytes);
}

static bool is_quoted_from(struct mv_bytes line)
{
    size_t quotes = 0;

    while (quotes < line.len && line.data[quotes] == '>')
        quotes++;
    return quotes > 0 && mv_bytes_equal(mv_bytes_slice(line, quotes, quotes + 5), MV_BYTES("From "));
}

static void take_line(struct mv_mbox *mbox, struct mv_bytes line)
{
    bool is_whole = line.data[line.len - 1] == '\n';
    bool begins = !mbox->goes_on;

    mbox->goes_on = !is_whole;
    mbox->in_from_line = mbox->in_from_line && !begins;
    if (mbox->in_from_line)
        return;
    if (begins && mbox->after_empty && mv_mbox_is(line)) {
        end_mail(mbox);
        mbox->after_empty = false;
        mbox->in_mail = true;
        mbox->in_from_line = true;
        mbox->code = mbox->code == MV_OK ? mbox->sink.begin(mbox->sink.to) : mbox->code;
        return;
    }
    hand_on(mbox, mbox->held);
    mbox->held = MV_BYTES("");
    mbox->after_empty = begins && is_whole && mv_bytes_trim(line).len == 0 && line.len <= 2;
    if (mbox->after_empty)
        mbox->held = line.len == 2 ? MV_BYTES("\r\n") : MV_BYTES("\n");
    else
        hand_on(mbox, begins && is_quoted_from(line) ? mv_bytes_slice(line, 1, line.len) : line);
}

enum mv_code mv_mbox_feed(struct mv_mbox *mbox, struct mv_bytes bytes)
{
    while (bytes.len > 0 && mbox->code == MV_OK) {
        struct mv_bytes piece = mv_bytes_slice(bytes, 0, MV_MBOX_MAX_LINE_BYTES - mbox->len);
        size_t lf = mv_bytes_find(piece, '\n');
        bool is_whole = lf < piece.len;

        piece.len = is_whole ? lf + 1 : piece.len;
        memcpy(mbox->line + mbox->len, piece.data, piece.len);
        mbox->len += piece.len;
        bytes = mv_bytes_slice(bytes, piece.len, bytes.len);
        if (is_whole || mbox->len == MV_MBOX_MAX_LINE_BYTES) {
            take_line(mbox, mv_bytes_of(mbox->line, mbox->len));
            mbox->len = 0;
        }
    }
    return mbox->code;
}

enum mv_code mv_mbox_end(struct mv_mbox *mbox)
{
    if (mbox->len > 0 && mbox->code == MV_OK)
        take_line(mbox, mv_bytes_of(mbox->line, mbox->len));
    mbox->len = 0;
    end_mail(mbox);
    return mbox->code;
}
