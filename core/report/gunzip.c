#include "core/report/gunzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define OUTPUT_BYTES 16384
#define GZIP_WINDOW (15 + 16) /* the largest window, and gzip's header alone */

enum gunzip_state { IN_MEMBER, BETWEEN, AFTER_LAST };

struct mv_gunzip {
    struct mv_flow flow;
    z_stream stream;
    enum gunzip_state state;
    enum mv_code code;
    struct mv_error error;
    uint64_t packed, unpacked;
    unsigned char output[OUTPUT_BYTES];
};

struct mv_gunzip *mv_gunzip_new(const struct mv_flow *flow)
{
    struct mv_gunzip *g = calloc(1, sizeof *g);

    if (g == NULL)
        return NULL;
    g->flow = *flow;
    if (inflateInit2(&g->stream, GZIP_WINDOW) == Z_OK)
        return g;
    free(g);
    return NULL;
}

void mv_gunzip_free(struct mv_gunzip **gunzip)
{
    if (*gunzip == NULL)
        return;
    inflateEnd(&(*gunzip)->stream);
    free(*gunzip);
    *gunzip = NULL;
}

static enum mv_code fail(struct mv_gunzip *g, int problem)
{
    if (problem == Z_MEM_ERROR)
        return mv_error_set(&g->error, MV_ERR_MEMORY, "no memory");
    return mv_error_set(&g->error, MV_ERR_SYNTAX, "the gzip data are damaged");
}

static enum mv_code hand_on(struct mv_gunzip *g)
{
    size_t len = OUTPUT_BYTES - g->stream.avail_out;
    enum mv_code code;

    g->unpacked += len;
    code = mv_unpack_check(g->packed - g->stream.avail_in, g->unpacked, &g->error);
    if (code != MV_OK || len == 0)
        return code;
    code = g->flow.feed(g->flow.to, mv_bytes_of(g->output, len));
    return code == MV_OK ? MV_OK : mv_error_set(&g->error, code, "%s", mv_code_text(code));
}

/* One call of inflate(), and what it made. */
static enum mv_code inflate_some(struct mv_gunzip *g)
{
    enum mv_code code;
    int result;

    g->stream.next_out = g->output;
    g->stream.avail_out = OUTPUT_BYTES;
    result = inflate(&g->stream, Z_NO_FLUSH);
    code = hand_on(g); /* also what came before a fault, so that it is the same in any split */
    if (code != MV_OK)
        return code;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return fail(g, result);
    if (result == Z_STREAM_END)
        g->state = BETWEEN;
    return MV_OK;
}

/* Another member, or bytes that mean nothing (RFC 1952 2.2; some mail programs add some). */
static enum mv_code begin_member(struct mv_gunzip *g)
{
    if (g->stream.next_in[0] != 0x1f) {
        g->state = AFTER_LAST;
        return MV_OK;
    }
    g->state = IN_MEMBER;
    return inflateReset(&g->stream) == Z_OK ? MV_OK : fail(g, Z_DATA_ERROR);
}

enum mv_code mv_gunzip_feed(struct mv_gunzip *g, struct mv_bytes packed, struct mv_error *error)
{
    g->stream.next_in = (unsigned char *)packed.data;
    g->stream.avail_in = (uInt)packed.len;
    g->packed += packed.len;
    while (g->code == MV_OK && g->state != AFTER_LAST) {
        if (g->state == BETWEEN && g->stream.avail_in == 0)
            break;
        g->code = g->state == BETWEEN ? begin_member(g) : inflate_some(g);
        if (g->state == IN_MEMBER && g->stream.avail_in == 0 && g->stream.avail_out > 0)
            break;
    }
    if (g->code != MV_OK && error != NULL)
        *error = g->error;
    return g->code;
}

enum mv_code mv_gunzip_end(struct mv_gunzip *g, struct mv_error *error)
{
    if (g->code == MV_OK && g->state == IN_MEMBER)
        g->code = mv_error_set(&g->error, MV_ERR_SYNTAX, "the gzip data end too early");
    if (g->code != MV_OK && error != NULL)
        *error = g->error;
    return g->code;
}
