/*
 * The bytes of an XML document as UTF-8, whatever it is written in (XML 1.0 4.3.3, Appendix F): UTF-8, UTF-16 of either
 * order, ISO-8859-1 and windows-1252.
 *
 *   while (bytes.len > 0)
 *       ... mv_xml_text_next(&text, &bytes, room, &replaced)
 *   mv_xml_text_end(&text, room, &replaced)
 *
 * UTF-16 is what has a byte order mark, or a NUL beside its first "<".  The declaration alone makes no UTF-16, since
 * programs write one into documents that are UTF-8; and ISO-8859-1 is read as windows-1252, as browsers do, since that
 * is what is written by that name.  What is declared as anything else is UTF-8.
 *
 * What is no character of the encoding becomes "?", and is counted.
 */
#ifndef MV_REPORT_XML_TEXT_H
#define MV_REPORT_XML_TEXT_H

#include "core/report/utf8.h"

#define MV_XML_TEXT_PIECE_BYTES 16384        /* that are taken at once */
#define MV_XML_TEXT_MAX_DECLARATION_BYTES 256 /* the declaration has to end within them */
#define MV_XML_TEXT_ROOM_BYTES (MV_XML_TEXT_PIECE_BYTES + MV_UTF8_MAX_PENDING)

enum mv_xml_encoding {
    MV_XML_UNDECIDED,
    MV_XML_UTF8,
    MV_XML_WINDOWS_1252,
    MV_XML_UTF16_LE,
    MV_XML_UTF16_BE
};

/* Zero it to begin. */
struct mv_xml_text {
    enum mv_xml_encoding encoding;
    unsigned char held[MV_XML_TEXT_MAX_DECLARATION_BYTES]; /* until it is decided */
    size_t held_len;
    struct mv_utf8 utf8;
    bool has_odd; /* UTF-16: one byte of two */
    unsigned char odd;
    unsigned high; /* UTF-16: a surrogate whose other half has not come; 0: none */
};

/* Does a document in UTF-16 begin like that? */
bool mv_xml_text_is_utf16(struct mv_bytes begin);
/*
 * Takes some of *bytes, which moves on, and says what is whole of it: in room, which has MV_XML_TEXT_ROOM_BYTES, or
 * borrowed from *bytes.
 */
struct mv_bytes mv_xml_text_next(struct mv_xml_text *text, struct mv_bytes *bytes, unsigned char *room,
                                 size_t *replaced_r);
/* What was held because more could have come. */
struct mv_bytes mv_xml_text_end(struct mv_xml_text *text, unsigned char *room, size_t *replaced_r);

#endif
