#include "core/report/gzip.h"

#include <stdlib.h>
#include <zlib.h>

#define OUTPUT_BYTES 16384
#define INPUT_BYTES (1024u * 1024) /* handed to zlib at once */
#define GZIP_WINDOW (15 + 16)      /* the largest window, and gzip's header alone */
#define MEMORY_LEVEL 8
/*
 * What zlib holds back of any input: a window that is not yet looked at, 64 KiB, and a block of at most 16,384 symbols
 * of 6 bytes.
 */
#define MAX_REST_BYTES (256u * 1024)

struct mv_gzip {
    z_stream stream;
    unsigned char output[OUTPUT_BYTES];
};

struct mv_gzip *mv_gzip_new(void)
{
    struct mv_gzip *g = calloc(1, sizeof *g);

    if (g == NULL)
        return NULL;
    if (deflateInit2(&g->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) ==
        Z_OK)
        return g;
    free(g);
    return NULL;
}

void mv_gzip_free(struct mv_gzip **gzip)
{
    if (*gzip == NULL)
        return;
    deflateEnd(&(*gzip)->stream);
    free(*gzip);
    *gzip = NULL;
}

void mv_gzip_reset(struct mv_gzip *g)
{
    deflateReset(&g->stream);
}

/* All output that there is now. */
static enum mv_code run(struct mv_gzip *g, struct mv_bytes bytes, int flush, struct mv_buf *out)
{
    g->stream.next_in = (unsigned char *)bytes.data;
    g->stream.avail_in = (uInt)bytes.len;
    do {
        g->stream.next_out = g->output;
        g->stream.avail_out = OUTPUT_BYTES;
        if (deflate(&g->stream, flush) == Z_STREAM_ERROR)
            return MV_ERR_USAGE;
        mv_buf_put(out, mv_bytes_of(g->output, OUTPUT_BYTES - g->stream.avail_out));
    } while (g->stream.avail_out == 0);
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

enum mv_code mv_gzip_feed(struct mv_gzip *g, struct mv_bytes bytes, struct mv_buf *out)
{
    enum mv_code code = MV_OK;

    for (size_t at = 0; at < bytes.len && code == MV_OK; at += INPUT_BYTES)
        code = run(g, mv_bytes_slice(bytes, at, at + INPUT_BYTES), Z_NO_FLUSH, out);
    return code;
}

enum mv_code mv_gzip_end(struct mv_gzip *g, struct mv_buf *out)
{
    return run(g, MV_BYTES(""), Z_FINISH, out);
}

size_t mv_gzip_rest_bytes(const struct mv_gzip *g)
{
    size_t whole = deflateBound((z_stream *)&g->stream, g->stream.total_in) - g->stream.total_out;

    return whole < MAX_REST_BYTES ? whole : MAX_REST_BYTES;
}
