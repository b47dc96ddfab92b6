#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/ascii.h"

#define MV_INPUT_BLOCK_BYTES 65536

enum line_ends { LINE_ENDS_UNKNOWN, LINE_ENDS_LF, LINE_ENDS_CRLF };

struct feeder {
    const struct mv_input_sink *sink;
    size_t split_bytes;
    enum line_ends line_ends;
    bool after_cr;
    bool at_start;     /* nothing fed yet */
    bool skipping;     /* inside the mbox "From " line */
    struct mv_buf converted;
};

static enum mv_code feed_split(struct feeder *feeder, struct mv_bytes bytes)
{
    size_t step = feeder->split_bytes == 0 ? bytes.len : feeder->split_bytes;

    for (size_t at = 0; at < bytes.len; at += step) {
        enum mv_code code = feeder->sink->feed(feeder->sink->to, mv_bytes_slice(bytes, at, at + step));

        if (code != MV_OK)
            return code;
    }
    return MV_OK;
}

/* Each LF that has no CR before it becomes CRLF. */
static enum mv_code feed_lf_text(struct feeder *feeder, struct mv_bytes bytes)
{
    struct mv_cursor c = mv_cursor_of(bytes);

    mv_buf_reset(&feeder->converted);
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');

        mv_buf_put(&feeder->converted, line);
        if (line.len > 0)
            feeder->after_cr = line.data[line.len - 1] == '\r';
        if (!mv_cursor_accept(&c, '\n'))
            break;
        mv_buf_puts(&feeder->converted, feeder->after_cr ? "\n" : "\r\n");
        feeder->after_cr = false;
    }
    if (mv_buf_failed(&feeder->converted))
        return MV_ERR_MEMORY;
    return feed_split(feeder, mv_buf_bytes(&feeder->converted));
}

/* The line that mbox puts in front; "From : x" is a field with the white space that RFC 5322 4.5 allows. */
static bool is_mbox_line(struct mv_bytes block)
{
    struct mv_cursor c = mv_cursor_of(block);

    if (!mv_bytes_equal(mv_cursor_take(&c, sizeof "From " - 1), MV_BYTES("From ")))
        return false;
    mv_cursor_take_while(&c, MV_ASCII_WSP);
    return mv_cursor_peek(&c) != ':';
}

/* The first block decides; one without any LF is fed as it is. */
static void detect(struct feeder *feeder, struct mv_bytes block)
{
    size_t lf = mv_bytes_find(block, '\n');

    feeder->at_start = false;
    feeder->skipping = is_mbox_line(block);
    feeder->line_ends = LINE_ENDS_CRLF;
    if (lf < block.len && (lf == 0 || block.data[lf - 1] != '\r'))
        feeder->line_ends = LINE_ENDS_LF;
}

static enum mv_code feed_block(struct feeder *feeder, struct mv_bytes block)
{
    if (feeder->at_start)
        detect(feeder, block);
    if (feeder->skipping) {
        size_t lf = mv_bytes_find(block, '\n');

        feeder->skipping = lf == block.len;
        block = mv_bytes_slice(block, lf + 1, block.len);
    }
    return feeder->line_ends == LINE_ENDS_LF ? feed_lf_text(feeder, block) : feed_split(feeder, block);
}

/* From the message's first byte on. */
static enum mv_code feed_in_blocks(struct feeder *feeder, struct mv_bytes message)
{
    enum mv_code code = MV_OK;

    feeder->skipping = false;
    for (size_t at = 0; code == MV_OK && at < message.len; at += MV_INPUT_BLOCK_BYTES)
        code = feed_block(feeder, mv_bytes_slice(message, at, at + MV_INPUT_BLOCK_BYTES));
    return code;
}

static enum mv_exit cannot_read(const char *command, const char *path)
{
    int problem = errno;

    fprintf(stderr, "mailvouch %s: cannot read %s: %s\n", command, path, strerror(problem));
    return problem == EACCES || problem == EPERM ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
}

static FILE *open_input(const char *path)
{
    return strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
}

static void close_input(FILE *file)
{
    if (file != stdin)
        fclose(file);
}

static enum mv_exit end_message(const char *command, const char *path, enum mv_code code, struct feeder *feeder)
{
    if (code == MV_OK)
        code = feeder->sink->end(feeder->sink->to);
    if (code != MV_OK)
        fprintf(stderr, "mailvouch %s: %s: %s\n", command, path, mv_code_text(code));
    return mv_exit_of_code(code);
}

static enum mv_exit feed_file(const char *command, const char *path, FILE *file, struct feeder *feeder)
{
    static unsigned char block[MV_INPUT_BLOCK_BYTES];
    enum mv_code code = MV_OK;
    size_t n = 0;

    while (code == MV_OK && (n = fread(block, 1, sizeof block, file)) > 0)
        code = feed_block(feeder, mv_bytes_of(block, n));
    if (ferror(file))
        return cannot_read(command, path);
    return end_message(command, path, code, feeder);
}

static enum mv_code feed_msg(void *to, struct mv_bytes bytes)
{
    return mv_msg_feed(to, bytes);
}

static enum mv_code end_msg(void *to)
{
    return mv_msg_end(to);
}

enum mv_exit mv_input_feed(const char *command, const char *path, size_t split_bytes, struct mv_msg *msg)
{
    struct mv_input_sink sink = {feed_msg, end_msg, msg};
    struct feeder feeder = {.sink = &sink, .split_bytes = split_bytes, .at_start = true};
    FILE *file = open_input(path);
    enum mv_exit result;

    if (file == NULL)
        return cannot_read(command, path);
    mv_buf_init(&feeder.converted, 2 * MV_INPUT_BLOCK_BYTES);
    result = feed_file(command, path, file, &feeder);
    mv_buf_free(&feeder.converted);
    close_input(file);
    return result;
}

enum mv_exit mv_input_feed_text(const char *command, const char *path, struct mv_bytes text, size_t split_bytes,
                                const struct mv_input_sink *sink, struct mv_bytes *message_r, bool *is_lf_r)
{
    struct feeder feeder = {.sink = sink, .split_bytes = split_bytes};
    enum mv_code code;

    detect(&feeder, text);
    *is_lf_r = feeder.line_ends == LINE_ENDS_LF;
    *message_r = feeder.skipping ? mv_bytes_slice(text, mv_bytes_find(text, '\n') + 1, text.len) : text;
    mv_buf_init(&feeder.converted, 2 * MV_INPUT_BLOCK_BYTES);
    code = text.len == 0 ? MV_OK : feed_in_blocks(&feeder, *message_r);
    mv_buf_free(&feeder.converted);
    return end_message(command, path, code, &feeder);
}

enum mv_exit mv_input_read_file(const char *command, const char *path, struct mv_buf *out)
{
    static unsigned char block[MV_INPUT_BLOCK_BYTES];
    FILE *file = open_input(path);
    bool broken;
    size_t n;

    if (file == NULL)
        return cannot_read(command, path);
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        mv_buf_put(out, mv_bytes_of(block, n));
    broken = ferror(file) != 0;
    close_input(file);
    if (broken)
        return cannot_read(command, path);
    if (!mv_buf_failed(out))
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch %s: %s is larger than %zu bytes\n", command, path, out->max_bytes);
    return MV_EXIT_INPUT;
}
