/*
 * The parts of a mail (RFC 2045, RFC 2046), streaming: each leaf is handed out
 * decoded, and none is kept.
 *
 *   mv_mime_new(&sink)
 *   mv_mime_feed(mime, bytes, &error) ...   any split; lines end in CRLF or LF
 *   mv_mime_end(mime, &error)
 *
 * For each leaf the sink gets begin, data as often as there is some, end.  A leaf
 * whose begin says that it is not wanted is gone over.  A code other than MV_OK
 * from the sink ends the reading and is passed on.
 *
 * A multipart that is never closed ends with the mail.  Refused with MV_ERR_LIMIT is what is past a limit
 * below; a leaf that cannot be decoded ends with the code of its fault, and the mail goes on.
 *
 * An attached mail (message/rfc822) is gone into, once, unless it is part of a
 * multipart/report: there it is the mail that the report is about, and what it
 * carries is from whoever sent that one.
 */
#ifndef MV_REPORT_MIME_H
#define MV_REPORT_MIME_H

#include "core/base/error.h"

#define MV_MIME_MAX_DEPTH 8               /* multiparts within each other */
#define MV_MIME_MAX_PARTS 1000            /* of one mail */
#define MV_MIME_MAX_HEADER_BYTES (256 * 1024) /* of the mail, or of a part */
#define MV_MIME_MAX_BOUNDARY_BYTES 200    /* RFC 2046 5.1.1 has 70 */
#define MV_MIME_MAX_LINE_BYTES 4096       /* longer ones are read in pieces */

struct mv_mime_part {
    struct mv_bytes type; /* lower case; "text/plain" where there is none (RFC 2045 5.2) */
    struct mv_bytes name; /* of the file, as written; may be empty */
    bool in_report;       /* within a multipart/report */
    bool in_attached_mail;
};

struct mv_mime_sink {
    enum mv_code (*begin)(void *to, const struct mv_mime_part *part, bool *wanted_r);
    enum mv_code (*data)(void *to, struct mv_bytes bytes);
    /* fault: MV_OK, or why the leaf is not whole. */
    enum mv_code (*end)(void *to, enum mv_code fault);
    void *to;
};

struct mv_mime;

/* sink is copied. NULL without memory. */
struct mv_mime *mv_mime_new(const struct mv_mime_sink *sink);
enum mv_code mv_mime_feed(struct mv_mime *mime, struct mv_bytes bytes, struct mv_error *error);
enum mv_code mv_mime_end(struct mv_mime *mime, struct mv_error *error);
void mv_mime_free(struct mv_mime **mime);

#endif
