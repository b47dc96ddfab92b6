#include "core/text/message.h"

#include <string.h>

#include "core/base/ascii.h"

#define FIRST_FIELDS 64
#define CHUNK_BYTES (8 * 1024)

enum state { IN_HEADER, IN_BODY, ENDED };

/*
 * Header bytes lie in chunks.  A chunk is left behind, with the complete fields
 * in it, when the next line does not fit; the field that is still open moves to
 * the new one, so every field lies in one piece and never moves once complete.
 */
struct mv_reader {
    struct mv_arena *arena;
    unsigned char *chunk;
    size_t chunk_size;
    size_t used;     /* bytes in the chunk */
    size_t field_at; /* first byte of the open field, or of the line when none is open */
    size_t line_at;  /* first byte of the open line */
    bool field_open;
    size_t header_bytes;
    struct mv_field *fields;
    size_t field_count;
    size_t fields_size;
    unsigned defects;
    enum state state;
    enum mv_code code; /* what the reader failed with */
};

struct mv_reader *mv_reader_new(struct mv_arena *arena)
{
    struct mv_reader *reader = mv_arena_alloc(arena, sizeof *reader);

    if (reader != NULL)
        reader->arena = arena;
    return reader;
}

/* Twice of what is kept, so that moving an open field costs linear time in all. */
static enum mv_code add_chunk(struct mv_reader *reader, size_t more)
{
    size_t kept = reader->used - reader->field_at;
    size_t size = kept + more > CHUNK_BYTES / 2 ? 2 * (kept + more) : CHUNK_BYTES;
    unsigned char *chunk = mv_arena_room(reader->arena, size);

    if (chunk == NULL)
        return MV_ERR_MEMORY;
    if (kept > 0)
        memcpy(chunk, reader->chunk + reader->field_at, kept);
    reader->chunk = chunk;
    reader->chunk_size = size;
    reader->used = kept;
    reader->line_at -= reader->field_at;
    reader->field_at = 0;
    return MV_OK;
}

static enum mv_code keep(struct mv_reader *reader, struct mv_bytes b)
{
    if (b.len > MV_MAX_HEADER_BYTES - reader->header_bytes)
        return MV_ERR_LIMIT;
    if (b.len > reader->chunk_size - reader->used) {
        enum mv_code code = add_chunk(reader, b.len);

        if (code != MV_OK)
            return code;
    }
    memcpy(reader->chunk + reader->used, b.data, b.len);
    reader->used += b.len;
    reader->header_bytes += b.len;
    return MV_OK;
}

static enum mv_code grow_fields(struct mv_reader *reader)
{
    size_t size = reader->fields_size == 0 ? FIRST_FIELDS : 2 * reader->fields_size;
    struct mv_field *fields = mv_arena_room(reader->arena, size * sizeof *fields);

    if (fields == NULL)
        return MV_ERR_MEMORY;
    if (reader->field_count > 0)
        memcpy(fields, reader->fields, reader->field_count * sizeof *fields);
    reader->fields = fields;
    reader->fields_size = size;
    return MV_OK;
}

static struct mv_bytes in_chunk(const struct mv_reader *reader, size_t from, size_t to)
{
    return mv_bytes_slice(mv_bytes_of(reader->chunk, reader->used), from, to);
}

/* The open field reaches up to the open line. */
static enum mv_code close_field(struct mv_reader *reader)
{
    struct mv_field field;

    if (!reader->field_open)
        return MV_OK;
    if (reader->field_count == MV_MAX_HEADER_FIELDS)
        return MV_ERR_LIMIT;
    if (reader->field_count == reader->fields_size) {
        enum mv_code code = grow_fields(reader);

        if (code != MV_OK)
            return code;
    }
    field = mv_field_split(in_chunk(reader, reader->field_at, reader->line_at));
    if (field.name.len == 0)
        reader->defects |= MV_DEFECT_NOT_A_FIELD;
    reader->fields[reader->field_count++] = field;
    reader->field_open = false;
    reader->field_at = reader->line_at;
    return MV_OK;
}

/* The open line, whose line end is not in content, is complete. */
static enum mv_code end_line(struct mv_reader *reader, struct mv_bytes content)
{
    if (mv_bytes_find(content, '\r') < content.len)
        reader->defects |= MV_DEFECT_BARE_CR; /* RFC 5322 2.2 */
    if (!reader->field_open || !mv_ascii_is(content.data[0], MV_ASCII_WSP)) { /* RFC 5322 2.2.3: else a fold */
        enum mv_code code = close_field(reader);

        if (code != MV_OK)
            return code;
        reader->field_open = true;
    }
    reader->line_at = reader->used;
    return MV_OK;
}

/* An LF has come. */
static enum mv_code end_line_at_lf(struct mv_reader *reader)
{
    struct mv_bytes line = in_chunk(reader, reader->line_at, reader->used);

    if (line.len < 2 || line.data[line.len - 2] != '\r') {
        reader->defects |= MV_DEFECT_BARE_LF; /* RFC 5322 2.2: it ends no line */
        return MV_OK;
    }
    if (line.len > 2)
        return end_line(reader, mv_bytes_slice(line, 0, line.len - 2));
    reader->state = IN_BODY; /* RFC 5322 2.1: the empty line */
    return close_field(reader);
}

/* Takes all up to the next LF, or all there is. */
static enum mv_code feed_header(struct mv_reader *reader, struct mv_cursor *c)
{
    struct mv_cursor start = *c;
    enum mv_code code;
    bool has_lf;

    mv_cursor_take_until(c, '\n');
    has_lf = mv_cursor_accept(c, '\n');
    code = keep(reader, mv_cursor_since(c, &start));
    return code == MV_OK && has_lf ? end_line_at_lf(reader) : code;
}

enum mv_code mv_reader_feed(struct mv_reader *reader, struct mv_bytes input, struct mv_bytes *body_r)
{
    struct mv_cursor c = mv_cursor_of(input), start = c;
    struct mv_bytes header;

    *body_r = mv_bytes_str(NULL);
    if (reader->code == MV_OK && reader->state == ENDED)
        return MV_ERR_USAGE;
    while (reader->code == MV_OK && reader->state == IN_HEADER && mv_cursor_left(&c) > 0)
        reader->code = feed_header(reader, &c);
    header = mv_cursor_since(&c, &start);
    if (mv_bytes_find(header, '\0') < header.len)
        reader->defects |= MV_DEFECT_NUL; /* RFC 5322 4.1: obsolete, and the end of the text for many readers */
    if (reader->code == MV_OK)
        *body_r = mv_cursor_rest(&c);
    return reader->code;
}

enum mv_code mv_reader_end(struct mv_reader *reader)
{
    if (reader->code == MV_OK && reader->state == IN_HEADER) {
        struct mv_bytes line = in_chunk(reader, reader->line_at, reader->used);

        reader->defects |= MV_DEFECT_NO_SEPARATOR;
        if (line.len > 0)
            reader->code = end_line(reader, line);
        if (reader->code == MV_OK)
            reader->code = close_field(reader);
    }
    reader->state = ENDED;
    return reader->code;
}

bool mv_reader_header_done(const struct mv_reader *reader)
{
    return reader->state != IN_HEADER;
}

const struct mv_field *mv_reader_fields(const struct mv_reader *reader, size_t *count_r)
{
    *count_r = reader->field_count;
    return reader->fields;
}

unsigned mv_reader_defects(const struct mv_reader *reader)
{
    return reader->defects;
}

const char *mv_defect_text(enum mv_defect defect)
{
    switch (defect) {
    case MV_DEFECT_BARE_CR:
        return "a CR without LF in the header";
    case MV_DEFECT_BARE_LF:
        return "an LF without CR in the header";
    case MV_DEFECT_NUL:
        return "a NUL byte in the header";
    case MV_DEFECT_NOT_A_FIELD:
        return "a header line that is no field";
    case MV_DEFECT_NO_SEPARATOR:
        return "no empty line after the header";
    }
    return "unknown";
}
