/* The reader sees the same in any split, loses no byte, and misses no bare CR, LF or NUL. */
#include "core/text/message.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

struct reading {
    struct mv_arena *arena;
    struct mv_reader *reader;
    struct mv_buf header; /* the fields, one after the other */
    struct mv_buf names;
    struct mv_buf body;
};

static void read_message(struct reading *r, struct mv_bytes message, size_t step)
{
    const struct mv_field *fields;
    size_t count;

    r->arena = mv_arena_new(FUZZ_MAX_BYTES);
    r->reader = mv_reader_new(r->arena);
    mv_buf_init(&r->header, FUZZ_MAX_BYTES);
    mv_buf_init(&r->names, FUZZ_MAX_BYTES);
    mv_buf_init(&r->body, FUZZ_MAX_BYTES);
    for (size_t at = 0; at < message.len; at += step) {
        struct mv_bytes body;

        if (mv_reader_feed(r->reader, mv_bytes_slice(message, at, at + step), &body) != MV_OK)
            break;
        mv_buf_put(&r->body, body);
    }
    if (mv_reader_end(r->reader) != MV_OK)
        return;
    fields = mv_reader_fields(r->reader, &count);
    for (size_t i = 0; i < count; i++) {
        mv_buf_put(&r->header, fields[i].raw);
        mv_buf_put(&r->names, fields[i].name);
        mv_buf_putc(&r->names, ':');
    }
}

static void end_reading(struct reading *r)
{
    mv_buf_free(&r->header);
    mv_buf_free(&r->names);
    mv_buf_free(&r->body);
    mv_arena_free(&r->arena);
}

/* Bytes of the header block, the empty line not included, found in the plainest way. */
static size_t header_len(struct mv_bytes message)
{
    static const char crlf_crlf[] = "\r\n\r\n";

    if (message.len >= 2 && memcmp(message.data, "\r\n", 2) == 0)
        return 0;
    for (size_t i = 0; i + 4 <= message.len; i++)
        if (memcmp(message.data + i, crlf_crlf, 4) == 0)
            return i + 2;
    return message.len;
}

static unsigned bare_bytes(struct mv_bytes header)
{
    unsigned defects = 0;

    for (size_t i = 0; i < header.len; i++) {
        unsigned char c = header.data[i];

        if (c == '\0')
            defects |= MV_DEFECT_NUL;
        if (c == '\r' && (i + 1 == header.len || header.data[i + 1] != '\n'))
            defects |= MV_DEFECT_BARE_CR;
        if (c == '\n' && (i == 0 || header.data[i - 1] != '\r'))
            defects |= MV_DEFECT_BARE_LF;
    }
    return defects;
}

static void check_whole(const struct reading *r, struct mv_bytes message)
{
    size_t end = header_len(message);
    unsigned defects = mv_reader_defects(r->reader);
    bool separated = (defects & MV_DEFECT_NO_SEPARATOR) == 0;

    fuzz_require(mv_bytes_equal(mv_buf_bytes(&r->header), mv_bytes_slice(message, 0, end)));
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&r->body), mv_bytes_slice(message, end + 2, message.len)));
    fuzz_require(separated == (message.len - end >= 2));
    fuzz_require((defects & (MV_DEFECT_BARE_CR | MV_DEFECT_BARE_LF | MV_DEFECT_NUL)) ==
                 bare_bytes(mv_bytes_slice(message, 0, end)));
}

static void require_same(const struct reading *a, const struct reading *b)
{
    fuzz_require(mv_reader_defects(a->reader) == mv_reader_defects(b->reader));
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&a->header), mv_buf_bytes(&b->header)));
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&a->names), mv_buf_bytes(&b->names)));
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&a->body), mv_buf_bytes(&b->body)));
}

/* The first byte says how long the pieces are. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes message = mv_bytes_slice(mv_bytes_of(data, size), 1, size);
    size_t steps[] = {1, size == 0 ? 2 : 2 + data[0]};
    struct reading whole;

    read_message(&whole, message, message.len + 1);
    if (mv_reader_end(whole.reader) == MV_OK)
        check_whole(&whole, message);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct reading pieces;

        read_message(&pieces, message, steps[i]);
        fuzz_require(mv_reader_end(whole.reader) == mv_reader_end(pieces.reader));
        require_same(&whole, &pieces);
        end_reading(&pieces);
    }
    end_reading(&whole);
    return 0;
}
