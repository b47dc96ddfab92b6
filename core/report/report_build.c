#include "core/report/report_build.h"

#include <stdlib.h>

#include "core/report/aggregate_write.h"
#include "core/report/gzip.h"
#include "core/report/report_mail.h"

/* The texts of a record, each byte five ("&amp;"), and its tags, 250 bytes for each signature. */
#define MAX_ROW_BYTES (5 * MV_AGGREGATE_MAX_RECORD_TEXT_BYTES + 256 * (MV_AGGREGATE_MAX_DKIM + 16))
#define MAX_FRAME_BYTES 65536 /* what stands around the rows */

struct mv_report_build {
    struct mv_report_build_sink sink;
    struct mv_aggregate_head head;
    uint8_t random[8];
    size_t max_gzip_bytes;
    enum mv_code code;
    struct mv_gzip *gzip;
    struct mv_buf row, frame;
    struct mv_buf packed;
    bool open; /* a piece is being made */
    char id[MV_REPORT_ID_BYTES + 1];
    struct mv_report_piece piece; /* number, records, messages of the one that is being made */
    uint64_t xml_bytes;
};

/* The ids of the pieces count on from the first. */
static void next_id(struct mv_report_build *b)
{
    mv_report_id_make(b->head.begin_secs, b->random, b->id);
    for (size_t i = sizeof b->random; i-- > 0 && ++b->random[i] == 0;)
        ;
    b->head.report_id = mv_bytes_of(b->id, MV_REPORT_ID_BYTES);
}

enum mv_code mv_report_build_new(const struct mv_aggregate_head *head, const uint8_t random[8], size_t max_gzip_bytes,
                                 const struct mv_report_build_sink *sink, struct mv_report_build **build_r)
{
    struct mv_report_build *b;
    enum mv_code code;

    *build_r = NULL;
    if (max_gzip_bytes < MV_REPORT_MIN_GZIP_BYTES)
        return MV_ERR_USAGE;
    b = calloc(1, sizeof *b);
    if (b == NULL)
        return MV_ERR_MEMORY;
    b->head = *head;
    b->sink = *sink;
    b->max_gzip_bytes = max_gzip_bytes;
    for (size_t i = 0; i < sizeof b->random; i++)
        b->random[i] = random[i];
    mv_buf_init(&b->row, MAX_ROW_BYTES);
    mv_buf_init(&b->frame, MAX_FRAME_BYTES);
    mv_buf_init(&b->packed, max_gzip_bytes);
    b->gzip = mv_gzip_new();
    next_id(b);
    code = b->gzip == NULL ? MV_ERR_MEMORY : mv_aggregate_write_begin(&b->head, &b->frame);
    if (code != MV_OK)
        mv_report_build_free(&b);
    *build_r = b;
    return code;
}

void mv_report_build_free(struct mv_report_build **build)
{
    struct mv_report_build *b = *build;

    if (b == NULL)
        return;
    mv_gzip_free(&b->gzip);
    mv_buf_free(&b->row);
    mv_buf_free(&b->frame);
    mv_buf_free(&b->packed);
    free(b);
    *build = NULL;
}

static enum mv_code pack(struct mv_report_build *b, const struct mv_buf *xml)
{
    b->xml_bytes += xml->len;
    return mv_gzip_feed(b->gzip, mv_buf_bytes(xml), &b->packed);
}

static enum mv_code begin_piece(struct mv_report_build *b)
{
    enum mv_code code;

    if (b->piece.number > 0)
        next_id(b);
    b->piece = (struct mv_report_piece){.report_id = b->head.report_id, .number = b->piece.number + 1};
    b->xml_bytes = 0;
    b->open = true;
    mv_gzip_reset(b->gzip);
    mv_buf_reset(&b->packed);
    mv_buf_reset(&b->frame);
    code = mv_aggregate_write_begin(&b->head, &b->frame);
    return code == MV_OK ? pack(b, &b->frame) : code;
}

static enum mv_code end_piece(struct mv_report_build *b, bool more)
{
    enum mv_code code;

    mv_buf_reset(&b->frame);
    code = mv_aggregate_write_end(&b->frame);
    if (code == MV_OK)
        code = pack(b, &b->frame);
    if (code == MV_OK)
        code = mv_gzip_end(b->gzip, &b->packed);
    if (code != MV_OK)
        return code;
    b->open = false;
    b->piece.gzip = mv_buf_bytes(&b->packed);
    b->piece.more = more;
    return b->sink.piece(b->sink.to, &b->piece);
}

/* Would it pass a limit with the row that waits? What gzip has not yet written is counted at its worst. */
static bool is_full(const struct mv_report_build *b)
{
    uint64_t xml_bytes = b->xml_bytes + b->row.len;
    size_t gzip_bytes = b->packed.len + mv_gzip_rest_bytes(b->gzip) + b->row.len + b->row.len / 1000 + 64;

    return gzip_bytes > b->max_gzip_bytes || xml_bytes > MV_REPORT_MAX_XML_BYTES ||
           (xml_bytes > MV_REPORT_RATIO_FROM_BYTES && xml_bytes / MV_REPORT_MAX_RATIO > b->packed.len) ||
           b->piece.records == MV_AGGREGATE_MAX_RECORDS;
}

static enum mv_code add_row(struct mv_report_build *b, uint64_t messages)
{
    enum mv_code code = MV_OK;

    if (b->open && is_full(b))
        code = end_piece(b, true);
    if (code == MV_OK && !b->open)
        code = begin_piece(b);
    if (code == MV_OK)
        code = pack(b, &b->row);
    b->piece.records++;
    b->piece.messages += messages;
    return code;
}

enum mv_code mv_report_build_record(struct mv_report_build *b, const struct mv_aggregate_record *record)
{
    enum mv_code code;

    if (b->code != MV_OK)
        return b->code;
    mv_buf_reset(&b->row);
    code = mv_aggregate_write_record(record, &b->row);
    if (code == MV_ERR_USAGE)
        return code;
    b->code = code == MV_OK ? add_row(b, record->count) : code;
    return b->code;
}

enum mv_code mv_report_build_end(struct mv_report_build *b)
{
    if (b->code == MV_OK && b->open)
        b->code = end_piece(b, false);
    return b->code;
}
