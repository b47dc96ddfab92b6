/*
 * The parts of a page, from the top down.  Only core/report/page*.c includes this.
 */
#ifndef MV_REPORT_PAGE_PARTS_H
#define MV_REPORT_PAGE_PARTS_H

#include "core/report/page.h"
#include "core/report/page_text.h"

/* The style sheet: no "&" and no "<", so that it is text in HTML and in XML. */
extern const char mv_page_style[];

/* What is published, and what is to be; the new part is marked. Nothing without a name. */
void mv_page_put_record(struct mv_buf *out, const struct mv_page_record *record);
/* Volume and pass rate of each day, as bars, as a line and as a table. */
void mv_page_put_days(struct mv_buf *out, const struct mv_page *page);
/* Who fails; each leads to what mends it in mv_page_put_remedies(). */
void mv_page_put_sources(struct mv_buf *out, const struct mv_page *page);
void mv_page_put_remedies(struct mv_buf *out, const struct mv_page *page);
/* Each is nothing where its list is empty. */
void mv_page_put_passing(struct mv_buf *out, const struct mv_page *page);
void mv_page_put_reporters(struct mv_buf *out, const struct mv_page *page);
void mv_page_put_failures(struct mv_buf *out, const struct mv_page *page);
void mv_page_put_tls(struct mv_buf *out, const struct mv_page *page);

#endif
