/*
 * expat, and where it is in the document. From 2.9 on the functions that tell so in a long are deprecated.
 */
#ifndef MV_REPORT_XML_H
#define MV_REPORT_XML_H

#include <stdint.h>

#include <expat.h>

#if XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION < 9
static inline uint64_t mv_xml_line(XML_Parser parser)
{
    return XML_GetCurrentLineNumber(parser);
}

static inline int64_t mv_xml_offset(XML_Parser parser)
{
    return XML_GetCurrentByteIndex(parser);
}

static inline uint64_t mv_xml_token_bytes(XML_Parser parser)
{
    return (uint64_t)XML_GetCurrentByteCount(parser);
}
#else
static inline uint64_t mv_xml_line(XML_Parser parser)
{
    return XML_GetCurrentLineNumber64(parser);
}

static inline int64_t mv_xml_offset(XML_Parser parser)
{
    return XML_GetCurrentByteIndex64(parser);
}

static inline uint64_t mv_xml_token_bytes(XML_Parser parser)
{
    return (uint64_t)XML_GetCurrentByteCount64(parser);
}
#endif

#endif
