/*
 * White space between the tags of an XML document: a third of what reporters write, and expat takes it in pieces.
 *
 * Removed is what stands between ">" and "<" and is white space alone, where both are in the same chunk.  In a report
 * that is never a value; within CDATA, a comment or an attribute, where it may be part of one, it is lost as well.
 * Lines can still be told: of a place in what is left, mv_xml_gap_lines() says how many were removed before it.
 */
#ifndef MV_REPORT_XML_GAPS_H
#define MV_REPORT_XML_GAPS_H

#include <stdint.h>

#include "core/base/bytes.h"

/* What is left of the chunk: in room, which has chunk.len bytes, or chunk itself; and how many line feeds are not. */
struct mv_bytes mv_xml_gaps_close(struct mv_bytes chunk, unsigned char *room, uint64_t *lines_r);
/* How many line feeds were removed of the chunk before the byte that is at offset of what is left. */
uint64_t mv_xml_gap_lines(struct mv_bytes chunk, uint64_t offset);

#endif
