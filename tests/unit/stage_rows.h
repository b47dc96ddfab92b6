/*
 * Evidence for the tests of core/ops/stage*: rows as lines.
 *
 *   "DAY IP COUNT FROM WORD..."    WORD: "spf" "dkim" (aligned), "spf=DOMAIN" "dkim=DOMAIN" (passes), "bounce=DOMAIN" and
 *                                  "broken=DOMAIN" (fails), "list", "hit", "by=REPORTER"; "p=STEP": the step by number
 *
 * Reports are of one day, and day 0 begins at STAGE_ROWS_BEGIN.
 */
#ifndef MV_TESTS_STAGE_ROWS_H
#define MV_TESTS_STAGE_ROWS_H

#include "core/ops/evidence.h"

#define STAGE_ROWS_BEGIN 1780272000

void stage_rows_add(struct mv_evidence *evidence, const char *line);

#endif
