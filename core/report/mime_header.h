/*
 * What the reader of MIME parts needs of a header block.
 */
#ifndef MV_REPORT_MIME_HEADER_H
#define MV_REPORT_MIME_HEADER_H

#include "core/base/arena.h"
#include "core/report/transfer.h"

struct mv_mime_header {
    struct mv_bytes type;     /* "multipart/mixed", lower case, without parameters */
    struct mv_bytes boundary; /* empty: none */
    struct mv_bytes name;     /* filename of Content-Disposition, else name of Content-Type */
    enum mv_transfer_kind transfer;
    bool bad_transfer;        /* an encoding that is none of RFC 2045 */
};

/*
 * block: all fields, each with its line end, which may be LF or CRLF.  A field that stands twice counts the
 * first time; one whose parameters cannot be read loses them from there on.  Everything lives in the arena.
 */
enum mv_code mv_mime_header_parse(struct mv_arena *arena, struct mv_bytes block, struct mv_mime_header *header_r);
/*
 * The first field of that name: its value unfolded and trimmed in the arena, empty when there is none.
 * For blocks whose lines end in LF or CRLF.
 */
enum mv_code mv_mime_header_value(struct mv_arena *arena, struct mv_bytes block, struct mv_bytes name,
                                  struct mv_bytes *value_r);

#endif
