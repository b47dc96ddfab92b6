#include "core/dkim/canon.h"

#include <string.h>

#include "core/dkim/canon_scan.h"

/*
 * Everything up to the last text of the input can be handed on at once: only
 * line ends and white space after it may still be dropped.  So each piece of
 * input is cut into text (which has its own lines, blank ones too, but ends
 * in text) and a blank tail, of which three things are remembered: how many CRLFs,
 * whether white space follows them, and whether it ends in a CR.
 */

#define OWN_BLOCK_BYTES (8 * 1024)
/* From here on octets go to the sink as they lie in the input: a call costs more than a copy of fewer. */
#define MIN_SLICE_BYTES 1024
/* Looked through and handed on before more is read, so that it is still near the CPU when it is hashed. */
#define MAX_SLICE_BLOCKS (4 * 1024 / MV_CANON_BLOCK_BYTES)
/* Where something had to change, more will: so much is squeezed before the next look for clean blocks. */
#define SQUEEZE_BLOCKS (1024 / MV_CANON_BLOCK_BYTES)

struct mv_canon_body {
    enum mv_canon canon;
    const struct mv_canon_scan *scan;
    mv_canon_sink *sink;
    void *context;
    uint64_t held_line_ends;
    bool held_wsp; /* relaxed only */
    bool held_cr;  /* a CR whose next octet has not come */
    bool has_text;
    size_t used;
    unsigned char *block; /* of OWN_BLOCK_BYTES, and one block more */
};

static bool is_wsp(unsigned char c)
{
    return c == ' ' || c == '\t';
}

struct mv_canon_body *mv_canon_body_new_with(struct mv_arena *arena, enum mv_canon canon,
                                             const struct mv_canon_scan *scan, mv_canon_sink *sink, void *context)
{
    struct mv_canon_body *body = mv_arena_alloc(arena, sizeof(*body));

    if (body == NULL)
        return NULL;
    body->block = mv_arena_room(arena, OWN_BLOCK_BYTES + MV_CANON_BLOCK_BYTES);
    if (body->block == NULL)
        return NULL;
    body->canon = canon;
    body->scan = scan;
    body->sink = sink;
    body->context = context;
    return body;
}

struct mv_canon_body *mv_canon_body_new(struct mv_arena *arena, enum mv_canon canon, mv_canon_sink *sink, void *context)
{
    return mv_canon_body_new_with(arena, canon, mv_canon_scan_at(0), sink, context);
}

static void flush(struct mv_canon_body *body)
{
    if (body->used > 0)
        body->sink(body->context, mv_bytes_of(body->block, body->used));
    body->used = 0;
}

static void put(struct mv_canon_body *body, struct mv_bytes octets)
{
    if (octets.len == 0)
        return;
    if (octets.len >= MIN_SLICE_BYTES || octets.len > OWN_BLOCK_BYTES - body->used)
        flush(body);
    if (octets.len >= MIN_SLICE_BYTES) {
        body->sink(body->context, octets);
        return;
    }
    memcpy(body->block + body->used, octets.data, octets.len);
    body->used += octets.len;
}

#define CRLF_8 "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
#define CRLF_64 CRLF_8 CRLF_8 CRLF_8 CRLF_8 CRLF_8 CRLF_8 CRLF_8 CRLF_8
#define CRLF_512 CRLF_64 CRLF_64 CRLF_64 CRLF_64 CRLF_64 CRLF_64 CRLF_64 CRLF_64

static void put_line_ends(struct mv_canon_body *body, uint64_t count)
{
    static const unsigned char line_ends[] = CRLF_512 CRLF_512 CRLF_512 CRLF_512;
    const uint64_t most = (sizeof(line_ends) - 1) / 2;

    while (count > 0) {
        size_t n = (size_t)(count < most ? count : most);

        put(body, mv_bytes_of(line_ends, n * 2));
        count -= n;
    }
}

/* text follows what is held, so nothing of it was the end of the body. */
static void release(struct mv_canon_body *body, struct mv_bytes text)
{
    bool line_end = text.len > 1 && text.data[0] == '\r' && text.data[1] == '\n';

    put_line_ends(body, body->held_line_ends);
    if (body->held_wsp && !line_end && !is_wsp(text.data[0]))
        put(body, MV_BYTES(" "));
    body->held_line_ends = 0;
    body->held_wsp = false;
    body->has_text = true;
}

/* Squeezes blocks into our own block. */
static void put_squeezed(struct mv_canon_body *body, const unsigned char *in, size_t blocks)
{
    if (blocks * MV_CANON_BLOCK_BYTES > OWN_BLOCK_BYTES - body->used)
        flush(body);
    body->used += body->scan->squeeze(in, blocks, body->block + body->used);
}

/* The end of the text, up to two blocks: padded with text, which is taken off again. */
static void put_last_squeezed(struct mv_canon_body *body, struct mv_bytes text)
{
    const size_t blocks = (text.len + MV_CANON_BLOCK_BYTES - 1) / MV_CANON_BLOCK_BYTES;
    unsigned char padded[3 * MV_CANON_BLOCK_BYTES];

    memcpy(padded, text.data, text.len);
    memset(padded + text.len, 'x', sizeof(padded) - text.len);
    put_squeezed(body, padded, blocks);
    body->used -= blocks * MV_CANON_BLOCK_BYTES - text.len;
}

static void put_relaxed(struct mv_canon_body *body, struct mv_bytes text)
{
    const unsigned char *at = text.data;
    /* One stays behind: what is kept depends on what follows. */
    size_t left = text.len < MV_CANON_BLOCK_BYTES ? 0 : text.len / MV_CANON_BLOCK_BYTES - 1;

    while (left > 0) {
        size_t most = left < MAX_SLICE_BLOCKS ? left : MAX_SLICE_BLOCKS;
        size_t n = body->scan->clean_blocks(at, most);

        put(body, mv_bytes_of(at, n * MV_CANON_BLOCK_BYTES));
        at += n * MV_CANON_BLOCK_BYTES;
        left -= n;
        if (n == most)
            continue;
        n = left < SQUEEZE_BLOCKS ? left : SQUEEZE_BLOCKS;
        put_squeezed(body, at, n);
        at += n * MV_CANON_BLOCK_BYTES;
        left -= n;
    }
    put_last_squeezed(body, mv_bytes_slice(text, (size_t)(at - text.data), text.len));
}

static void put_text(struct mv_canon_body *body, struct mv_bytes text)
{
    if (text.len == 0)
        return;
    release(body, text);
    if (body->canon == MV_CANON_RELAXED)
        put_relaxed(body, text);
    else
        put(body, text);
}

static bool is_blank(enum mv_canon canon, struct mv_bytes input, size_t at)
{
    unsigned char c = input.data[at];

    if (c == '\r')
        return at + 1 < input.len && input.data[at + 1] == '\n';
    if (c == '\n')
        return at > 0 && input.data[at - 1] == '\r';
    return canon == MV_CANON_RELAXED && is_wsp(c);
}

/* The length without blank octets at the end, but not below least. */
static size_t without_blanks(enum mv_canon canon, struct mv_bytes input, size_t length, size_t least)
{
    while (length > least && is_blank(canon, input, length - 1))
        length--;
    return length;
}

/* The length of the input without its blank tail. A CR at the very end may become a line end, so it is not text yet. */
static size_t text_length(const struct mv_canon_body *body, struct mv_bytes input)
{
    size_t length = input.len - (input.len > 0 && input.data[input.len - 1] == '\r');
    size_t near = length > MV_CANON_BLOCK_BYTES ? length - MV_CANON_BLOCK_BYTES : 0;

    length = without_blanks(body->canon, input, length, near);
    if (length == 0 || length > near)
        return length;
    length -= MV_CANON_BLOCK_BYTES *
              body->scan->blank_blocks(input.data + length, (length - 1) / MV_CANON_BLOCK_BYTES, body->canon);
    return without_blanks(body->canon, input, length, 0);
}

/* One line feed for each line end: the tail has no other. */
static size_t count_line_ends(struct mv_bytes tail)
{
    size_t count = 0, at = 0;

    for (; tail.len - at >= MV_CANON_BLOCK_BYTES; at += MV_CANON_BLOCK_BYTES) {
        unsigned char found = 0;

        for (size_t i = 0; i < MV_CANON_BLOCK_BYTES; i++)
            found += tail.data[at + i] == '\n';
        count += found;
    }
    for (; at < tail.len; at++)
        count += tail.data[at] == '\n';
    return count;
}

/* Holds back a tail of CRLFs, white space (relaxed), and perhaps a CR at the end. */
static void hold(struct mv_canon_body *body, struct mv_bytes tail)
{
    if (tail.len > 0 && tail.data[tail.len - 1] == '\r') {
        body->held_cr = true;
        tail.len--;
    }
    body->held_line_ends += count_line_ends(tail);
    if (tail.len > 0)
        body->held_wsp = is_wsp(tail.data[tail.len - 1]);
}

/* Now that the octet after it is known, or that none comes, the held CR is a line end or text. */
static struct mv_bytes settle_cr(struct mv_canon_body *body, struct mv_bytes input)
{
    body->held_cr = false;
    if (input.len == 0 || input.data[0] != '\n') {
        release(body, MV_BYTES("\r"));
        put(body, MV_BYTES("\r"));
        return input;
    }
    body->held_line_ends++;
    body->held_wsp = false;
    return mv_bytes_slice(input, 1, input.len);
}

void mv_canon_body_feed(struct mv_canon_body *body, struct mv_bytes input)
{
    size_t text;

    if (input.len == 0)
        return;
    if (body->held_cr)
        input = settle_cr(body, input);
    text = text_length(body, input);
    put_text(body, mv_bytes_slice(input, 0, text));
    hold(body, mv_bytes_slice(input, text, input.len));
}

void mv_canon_body_end(struct mv_canon_body *body)
{
    if (body->held_cr)
        settle_cr(body, MV_BYTES(""));
    /* RFC 6376 3.4.3: an empty body is one CRLF; 3.4.4: an empty body stays empty. */
    if (body->has_text || body->canon == MV_CANON_SIMPLE)
        put_line_ends(body, 1);
    flush(body);
}
