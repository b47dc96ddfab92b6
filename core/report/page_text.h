/*
 * Texts and numbers in a page.  Nothing reaches it but by these, and by constants.
 */
#ifndef MV_REPORT_PAGE_TEXT_H
#define MV_REPORT_PAGE_TEXT_H

#include "core/base/buf.h"

/*
 * A text of a stranger, in an element or in a quoted attribute: markup is escaped; control and format
 * characters, and more than MV_PAGE_MAX_MARKS combining marks in a row, are shown by number (a tab or line end is a
 * space); what is no UTF-8 is U+FFFD; cut at MV_PAGE_MAX_TEXT_CHARS, and ends in an ellipsis then.
 */
void mv_page_put_plain(struct mv_buf *out, struct mv_bytes text);
/* The same in an element of its own, so that letters that run to the left turn nothing around them. */
void mv_page_put_text(struct mv_buf *out, struct mv_bytes text);
/* A part of a record: not cut; the caller has seen to it that it is no longer than MV_PAGE_MAX_RECORD_CHARS bytes. */
void mv_page_put_part(struct mv_buf *out, struct mv_bytes text);
/* "12,345" */
void mv_page_put_count(struct mv_buf *out, uint64_t count);
/* "12,345 messages", "1 message" */
void mv_page_put_counted(struct mv_buf *out, uint64_t count, const char *one, const char *many);
/* "8,500", "12 k", "3.4 M" */
void mv_page_put_short(struct mv_buf *out, uint64_t count);
/* "96.4 %", rounded down, so that 100 % means all; "< 0.1 %", so that 0.0 % means none. whole 0: a dash. */
void mv_page_put_share(struct mv_buf *out, uint64_t part, uint64_t whole);
/* "22 Nov 2026" */
void mv_page_put_day(struct mv_buf *out, int64_t secs);
/* "22 Nov" */
void mv_page_put_short_day(struct mv_buf *out, int64_t secs);
#define MV_PAGE_FULL_SHARE 100000u /* thousandths of a per cent */
/* part of whole, up to MV_PAGE_FULL_SHARE, which is all; without overflow. */
unsigned mv_page_share(uint64_t part, uint64_t whole);
/* a + b, or the most there is. */
uint64_t mv_page_sum(uint64_t a, uint64_t b);

#endif
