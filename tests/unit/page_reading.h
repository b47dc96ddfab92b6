/*
 * A page read back as XML: which elements and attributes it has, where its links lead, and what its texts are.
 */
#ifndef MV_TESTS_PAGE_READING_H
#define MV_TESTS_PAGE_READING_H

#include "core/base/buf.h"

#define PAGE_MAX_IDS 1000

struct page_reading {
    const char *fault; /* NULL: well-formed; known elements and attributes alone; links lead to ids of the page */
    struct mv_buf text; /* of all elements but <style>, and of titles; decoded */
    size_t links, rows, rects;
    char ids[PAGE_MAX_IDS][32];
    size_t id_count;
    char targets[PAGE_MAX_IDS][32];
    unsigned in_style; /* private */
};

void page_read(struct mv_bytes page, struct page_reading *reading_r);
void page_reading_free(struct page_reading *reading);

#endif
