#include "core/report/mail_field.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/report/utf8.h"

#define MAX_LINE_BYTES 78      /* RFC 5322 2.1.1 */
#define ENCODED_WORD_OCTETS 45 /* 72 characters with its frame, RFC 2047 2 */
#define MAX_FROM_NAME_BYTES 255

struct mv_mail_line mv_mail_begin_field(struct mv_buf *out, const char *name)
{
    size_t start = out->len;

    mv_buf_puts(out, name);
    mv_buf_putc(out, ':');
    return (struct mv_mail_line){out, out->len - start};
}

/* A word of len bytes comes: on a line of its own where it does not fit any more. None is longer than 998. */
static void begin_word(struct mv_mail_line *line, size_t len)
{
    if (line->column + 1 + len > MAX_LINE_BYTES) {
        mv_buf_puts(line->out, "\r\n");
        line->column = 0;
    }
    mv_buf_putc(line->out, ' ');
    line->column += 1 + len;
}

void mv_mail_put_word(struct mv_mail_line *line, struct mv_bytes word)
{
    begin_word(line, word.len);
    mv_buf_put(line->out, word);
}

void mv_mail_put_in_brackets(struct mv_mail_line *line, struct mv_bytes text)
{
    begin_word(line, text.len + 2);
    mv_buf_putc(line->out, '<');
    mv_buf_put(line->out, text);
    mv_buf_putc(line->out, '>');
}

void mv_mail_end_field(const struct mv_mail_line *line)
{
    mv_buf_puts(line->out, "\r\n");
}

/* RFC 5322 3.2.4 */
static void put_quoted_name(struct mv_mail_line *line, struct mv_bytes name)
{
    size_t len = name.len + 2;

    for (size_t i = 0; i < name.len; i++)
        len += name.data[i] == '"' || name.data[i] == '\\';
    begin_word(line, len);
    mv_buf_putc(line->out, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\')
            mv_buf_putc(line->out, '\\');
        mv_buf_putc(line->out, name.data[i]);
    }
    mv_buf_putc(line->out, '"');
}

static void put_encoded_word(struct mv_mail_line *line, struct mv_bytes octets)
{
    begin_word(line, strlen("=?UTF-8?B?") + (octets.len + 2) / 3 * 4 + strlen("?="));
    mv_buf_puts(line->out, "=?UTF-8?B?");
    mv_base64_encode(octets, line->out);
    mv_buf_puts(line->out, "?=");
}

/* RFC 2047: whole characters in each word (5), and "?" for what is none that can be seen. */
static void put_encoded_name(struct mv_mail_line *line, struct mv_bytes name)
{
    unsigned char octets[ENCODED_WORD_OCTETS];
    size_t len = 0;

    for (size_t at = 0; at < name.len;) {
        size_t character = mv_utf8_printable(mv_bytes_slice(name, at, name.len));
        size_t size = character == 0 ? 1 : character;

        if (len + size > sizeof octets) {
            put_encoded_word(line, mv_bytes_of(octets, len));
            len = 0;
        }
        if (character == 0)
            octets[len] = '?';
        else
            memcpy(octets + len, name.data + at, size);
        len += size;
        at += size;
    }
    put_encoded_word(line, mv_bytes_of(octets, len));
}

static bool is_plain_name(struct mv_bytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] != ' ' && !mv_ascii_is(name.data[i], MV_ASCII_VCHAR))
            return false;
    return name.len + 2 < MAX_LINE_BYTES; /* a longer one can be folded as encoded words alone */
}

void mv_mail_put_from(struct mv_buf *out, struct mv_bytes name, struct mv_bytes address)
{
    struct mv_mail_line line = mv_mail_begin_field(out, "From");

    name = mv_bytes_slice(mv_bytes_trim(name), 0, MAX_FROM_NAME_BYTES);
    if (name.len == 0)
        mv_mail_put_word(&line, address);
    else if (is_plain_name(name))
        put_quoted_name(&line, name);
    else
        put_encoded_name(&line, name);
    if (name.len > 0)
        mv_mail_put_in_brackets(&line, address);
    mv_mail_end_field(&line);
}
