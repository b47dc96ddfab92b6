#include "core/report/xml_gaps.h"

#include <string.h>

#include "core/base/ascii.h"

struct gap {
    size_t begin, end; /* both the length where there is none any more */
    size_t lines;
};

/* The next from that byte on. */
static struct gap next_gap(struct mv_bytes chunk, size_t from)
{
    while (from < chunk.len) {
        const unsigned char *at = memchr(chunk.data + from, '>', chunk.len - from);
        struct gap gap = {.lines = 0};

        if (at == NULL)
            break;
        gap.begin = gap.end = (size_t)(at - chunk.data) + 1;
        while (gap.end < chunk.len && mv_ascii_is(chunk.data[gap.end], MV_ASCII_FWS))
            gap.lines += chunk.data[gap.end++] == '\n' ? 1 : 0;
        if (gap.end > gap.begin && gap.end < chunk.len && chunk.data[gap.end] == '<')
            return gap;
        from = gap.end;
    }
    return (struct gap){chunk.len, chunk.len, 0};
}

struct mv_bytes mv_xml_gaps_close(struct mv_bytes chunk, unsigned char *room, uint64_t *lines_r)
{
    struct gap gap = next_gap(chunk, 0);
    size_t from = 0, len = 0;

    *lines_r = 0;
    if (gap.begin == chunk.len)
        return chunk;
    while (from < chunk.len) {
        memcpy(room + len, chunk.data + from, gap.begin - from);
        len += gap.begin - from;
        from = gap.end;
        *lines_r += gap.lines;
        gap = next_gap(chunk, from);
    }
    return mv_bytes_of(room, len);
}

uint64_t mv_xml_gap_lines(struct mv_bytes chunk, uint64_t offset)
{
    struct gap gap = next_gap(chunk, 0);
    uint64_t removed = 0, lines = 0;

    while (gap.begin < chunk.len && gap.begin - removed <= offset) {
        lines += gap.lines;
        removed += gap.end - gap.begin;
        gap = next_gap(chunk, gap.end);
    }
    return lines;
}
