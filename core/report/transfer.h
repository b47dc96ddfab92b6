/*
 * Content-Transfer-Encoding (RFC 2045 6), line by line.
 *
 * What does not belong there is passed over: characters in base64 that are none of its own, and an "=" in
 * quoted-printable that begins nothing stays as it is (RFC 2045 6.7 (1), 6.8).  Whoever relies on the bytes has a
 * checksum of his own, or a grammar.
 */
#ifndef MV_REPORT_TRANSFER_H
#define MV_REPORT_TRANSFER_H

#include "core/base/buf.h"
#include "core/base/error.h"

enum mv_transfer_kind { MV_TRANSFER_IDENTITY, MV_TRANSFER_BASE64, MV_TRANSFER_QUOTED_PRINTABLE };

/* Zero it and set the kind. */
struct mv_transfer {
    enum mv_transfer_kind kind;
    unsigned bits;         /* base64: not yet handed on */
    unsigned bit_count;
    bool ended;            /* base64: "=" was seen */
    struct mv_bytes break_before; /* the line end that belongs to the next line, or to the boundary behind it */
};

/* "base64", "quoted-printable", "7bit", "8bit", "binary" and nothing, in any case; false for others. */
bool mv_transfer_find(struct mv_bytes word, enum mv_transfer_kind *kind_r);
/*
 * Appends what the line says.  line has no line end; ending is the one that it had: "", "\n" or
 * "\r\n", a literal.  A line that comes in pieces has the ending "" but for the last.
 * MV_ERR_MEMORY.
 */
enum mv_code mv_transfer_line(struct mv_transfer *transfer, struct mv_bytes line, struct mv_bytes ending,
                              struct mv_buf *out);

#endif
