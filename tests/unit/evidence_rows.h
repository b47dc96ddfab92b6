/*
 * Lines of evidence for tests: made by chance, and compared.
 */
#ifndef MV_TESTS_EVIDENCE_ROWS_H
#define MV_TESTS_EVIDENCE_ROWS_H

#include "core/auth/evidence_line.h"

/* A line that holds together; record and note are taken from bytes. Borrows from bytes and from statics. */
void evidence_row_make(uint64_t seed, struct mv_bytes bytes, struct mv_evidence_line *line_r);
/* NULL, or the name of what differs. */
const char *evidence_row_differs(const struct mv_evidence_line *a, const struct mv_evidence_line *b);

#endif
