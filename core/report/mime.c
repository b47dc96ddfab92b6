#include "core/report/mime.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/report/mime_header.h"

#define ARENA_BYTES (4 * MV_MIME_MAX_HEADER_BYTES)

enum mime_mode {
    IN_HEADER,
    IN_LEAF,
    IN_NOTHING /* before the first part, behind the last one, or in a leaf that is not wanted */
};

/* What holds for the parts of a multipart. */
struct context {
    bool in_report;
    bool in_attached_mail;
};

struct multipart {
    unsigned char boundary[MV_MIME_MAX_BOUNDARY_BYTES];
    size_t boundary_len;
    struct context context;
};

struct mv_mime {
    struct mv_mime_sink sink;
    enum mv_code code;
    struct mv_error error;
    enum mime_mode mode;
    struct context context; /* of the part that is being read */
    struct multipart open[MV_MIME_MAX_DEPTH];
    size_t depth;
    size_t parts;
    struct mv_buf header;
    struct mv_buf decoded;
    struct mv_transfer transfer;
    enum mv_code fault; /* of the leaf */
    bool line_goes_on;  /* the last piece was no whole line */
    size_t line_len;
    unsigned char line[MV_MIME_MAX_LINE_BYTES];
};

struct mv_mime *mv_mime_new(const struct mv_mime_sink *sink)
{
    struct mv_mime *m = calloc(1, sizeof *m);

    if (m == NULL)
        return NULL;
    m->sink = *sink;
    mv_buf_init(&m->header, MV_MIME_MAX_HEADER_BYTES);
    mv_buf_init(&m->decoded, 4 * MV_MIME_MAX_LINE_BYTES);
    return m;
}

void mv_mime_free(struct mv_mime **mime)
{
    if (*mime == NULL)
        return;
    mv_buf_free(&(*mime)->header);
    mv_buf_free(&(*mime)->decoded);
    free(*mime);
    *mime = NULL;
}

static void take_code(struct mv_mime *m, enum mv_code code, const char *sentence)
{
    if (code != MV_OK && m->code == MV_OK)
        m->code = mv_error_set(&m->error, code, "%s", sentence == NULL ? mv_code_text(code) : sentence);
}

static void end_leaf(struct mv_mime *m)
{
    if (m->mode == IN_LEAF)
        take_code(m, m->sink.end(m->sink.to, m->fault), NULL);
    m->mode = IN_NOTHING;
}

static void begin_leaf(struct mv_mime *m, const struct mv_mime_header *header)
{
    struct mv_mime_part part = {header->type, header->name, m->context.in_report, m->context.in_attached_mail};
    bool wanted = false;

    take_code(m, m->sink.begin(m->sink.to, &part, &wanted), NULL);
    m->transfer = (struct mv_transfer){.kind = header->transfer};
    m->fault = header->bad_transfer ? MV_ERR_SYNTAX : MV_OK;
    m->mode = wanted ? IN_LEAF : IN_NOTHING;
}

static void begin_multipart(struct mv_mime *m, const struct mv_mime_header *header)
{
    struct multipart *multipart = &m->open[m->depth];

    m->mode = IN_NOTHING;
    if (m->depth == MV_MIME_MAX_DEPTH) {
        take_code(m, MV_ERR_LIMIT, "more than 8 multiparts within each other");
        return;
    }
    if (header->boundary.len == 0 || header->boundary.len > MV_MIME_MAX_BOUNDARY_BYTES)
        return;
    memcpy(multipart->boundary, header->boundary.data, header->boundary.len);
    multipart->boundary_len = header->boundary.len;
    multipart->context = m->context;
    if (mv_bytes_equal(header->type, MV_BYTES("multipart/report")))
        multipart->context.in_report = true;
    m->depth++;
}

static void begin_attached(struct mv_mime *m)
{
    m->mode = IN_NOTHING;
    if (m->context.in_report || m->context.in_attached_mail)
        return;
    m->context.in_attached_mail = true;
    m->mode = IN_HEADER;
}

/* The empty line behind the header. */
static void begin_body(struct mv_mime *m)
{
    struct mv_arena *arena = mv_arena_new(ARENA_BYTES);
    struct mv_mime_header header;
    enum mv_code code = MV_ERR_MEMORY;

    if (arena != NULL && !mv_buf_failed(&m->header))
        code = mv_mime_header_parse(arena, mv_buf_bytes(&m->header), &header);
    mv_buf_reset(&m->header);
    if (code != MV_OK)
        take_code(m, code, NULL);
    else if (++m->parts > MV_MIME_MAX_PARTS)
        take_code(m, MV_ERR_LIMIT, "more than 1000 parts");
    else if (mv_bytes_has_prefix_nocase(header.type, MV_BYTES("multipart/")))
        begin_multipart(m, &header);
    else if (mv_bytes_equal(header.type, MV_BYTES("message/rfc822")))
        begin_attached(m);
    else
        begin_leaf(m, &header);
    mv_arena_free(&arena);
}

static void header_line(struct mv_mime *m, struct mv_bytes line, struct mv_bytes ending)
{
    if (line.len == 0 && !m->line_goes_on) {
        begin_body(m);
        return;
    }
    mv_buf_put(&m->header, line);
    mv_buf_put(&m->header, ending);
    if (mv_buf_failed(&m->header))
        take_code(m, MV_ERR_LIMIT, "a header of more than 256 KiB");
}

static void leaf_line(struct mv_mime *m, struct mv_bytes line, struct mv_bytes ending)
{
    if (m->fault != MV_OK)
        return;
    mv_buf_reset(&m->decoded);
    m->fault = mv_transfer_line(&m->transfer, line, ending, &m->decoded);
    if (mv_buf_bytes(&m->decoded).len > 0)
        take_code(m, m->sink.data(m->sink.to, mv_buf_bytes(&m->decoded)), NULL);
}

/* RFC 2046 5.1.1: "--" boundary ["--"] and white space. The innermost one that fits. */
static bool is_delimiter(struct mv_mime *m, struct mv_bytes line)
{
    if (m->line_goes_on || line.len < 2 || line.data[0] != '-' || line.data[1] != '-')
        return false;
    for (size_t i = m->depth; i-- > 0;) {
        struct multipart *multipart = &m->open[i];
        struct mv_bytes rest = mv_bytes_slice(line, 2 + multipart->boundary_len, line.len);
        bool closes = rest.len >= 2 && rest.data[0] == '-' && rest.data[1] == '-';

        if (!mv_bytes_equal(mv_bytes_slice(line, 2, 2 + multipart->boundary_len),
                            mv_bytes_of(multipart->boundary, multipart->boundary_len)))
            continue;
        if (!closes && mv_bytes_trim(rest).len > 0)
            continue;
        end_leaf(m);
        mv_buf_reset(&m->header);
        m->depth = closes ? i : i + 1;
        m->mode = closes ? IN_NOTHING : IN_HEADER;
        m->context = multipart->context;
        return true;
    }
    return false;
}

static void take_line(struct mv_mime *m, struct mv_bytes line, struct mv_bytes ending)
{
    if (is_delimiter(m, line))
        ;
    else if (m->mode == IN_HEADER)
        header_line(m, line, ending);
    else if (m->mode == IN_LEAF)
        leaf_line(m, line, ending);
    m->line_goes_on = ending.len == 0;
}

/* A line with its "\n", or MV_MIME_MAX_LINE_BYTES of one; a CR that may belong to the end waits. */
static void flush_line(struct mv_mime *m, bool is_end)
{
    struct mv_bytes line = mv_bytes_of(m->line, m->line_len), ending = MV_BYTES("");
    size_t kept = 0;

    if (line.len > 0 && line.data[line.len - 1] == '\n') {
        bool has_cr = line.len > 1 && line.data[line.len - 2] == '\r';

        ending = has_cr ? MV_BYTES("\r\n") : MV_BYTES("\n");
        line.len -= ending.len;
    } else if (!is_end && line.len > 1 && line.data[line.len - 1] == '\r') {
        kept = 1;
        line.len--;
    }
    m->line_len = kept;
    take_line(m, line, ending);
    if (kept > 0)
        m->line[0] = '\r';
}

enum mv_code mv_mime_feed(struct mv_mime *m, struct mv_bytes bytes, struct mv_error *error)
{
    while (bytes.len > 0 && m->code == MV_OK) {
        struct mv_bytes piece = mv_bytes_slice(bytes, 0, MV_MIME_MAX_LINE_BYTES - m->line_len);
        size_t lf = mv_bytes_find(piece, '\n');
        bool is_whole = lf < piece.len;

        piece.len = is_whole ? lf + 1 : piece.len;
        memcpy(m->line + m->line_len, piece.data, piece.len);
        m->line_len += piece.len;
        bytes = mv_bytes_slice(bytes, piece.len, bytes.len);
        if (is_whole || m->line_len == MV_MIME_MAX_LINE_BYTES)
            flush_line(m, false);
    }
    if (m->code != MV_OK && error != NULL)
        *error = m->error;
    return m->code;
}

enum mv_code mv_mime_end(struct mv_mime *m, struct mv_error *error)
{
    if (m->code == MV_OK && m->line_len > 0)
        flush_line(m, true);
    if (m->code == MV_OK && m->mode == IN_HEADER)
        begin_body(m);
    if (m->code == MV_OK)
        end_leaf(m);
    if (m->code != MV_OK && error != NULL)
        *error = m->error;
    return m->code;
}
