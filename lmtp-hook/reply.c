#include "lmtp-hook/reply.h"

#include "core/base/ascii.h"

void mv_reply_init(struct mv_reply *reply)
{
    *reply = (struct mv_reply){.code = 0};
    mv_buf_init(&reply->text, MV_REPLY_MAX_BYTES);
}

void mv_reply_free(struct mv_reply *reply)
{
    mv_buf_free(&reply->text);
}

void mv_reply_reset(struct mv_reply *reply)
{
    reply->code = 0;
    reply->lines = 0;
    mv_buf_reset(&reply->text);
}

/* RFC 5321 4.2: Reply-code = %x32-35 %x30-35 %x30-39; later digits are taken as they come. */
static bool take_code(struct mv_cursor *c, unsigned *code_r)
{
    uint64_t code;

    if (!mv_bytes_to_uint(mv_cursor_take(c, 3), 599, &code) || code < 200)
        return false;
    *code_r = (unsigned)code;
    return true;
}

static void put_line(struct mv_buf *out, struct mv_bytes line)
{
    for (size_t i = 0; i < line.len; i++)
        mv_buf_putc(out, mv_ascii_is(line.data[i], MV_ASCII_CTL) && line.data[i] != '\t' ? '?' : line.data[i]);
    mv_buf_puts(out, "\r\n");
}

enum mv_reply_code mv_reply_add(struct mv_reply *reply, struct mv_bytes line)
{
    struct mv_cursor c = mv_cursor_of(line);
    unsigned code;
    int separator;

    if (!take_code(&c, &code) || (reply->lines > 0 && code != reply->code) || reply->lines == MV_REPLY_MAX_LINES)
        return MV_REPLY_BAD;
    separator = mv_cursor_next(&c);
    if (separator != '-' && separator != ' ' && separator != -1)
        return MV_REPLY_BAD;
    reply->code = code;
    reply->lines++;
    put_line(&reply->text, line);
    if (mv_buf_failed(&reply->text))
        return MV_REPLY_BAD;
    return separator == '-' ? MV_REPLY_MORE : MV_REPLY_DONE;
}

void mv_reply_set(struct mv_reply *reply, const char *line)
{
    mv_reply_reset(reply);
    mv_reply_add(reply, mv_bytes_str(line));
}

bool mv_reply_is_good(const struct mv_reply *reply)
{
    return reply->code >= 200 && reply->code < 300;
}

struct mv_bytes mv_reply_first(const struct mv_reply *reply)
{
    struct mv_bytes text = mv_buf_bytes(&reply->text);

    return mv_bytes_slice(text, 0, mv_bytes_find(text, '\r'));
}
