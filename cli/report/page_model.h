/*
 * A survey and a tally as the model of a page (core/report/page.h).
 */
#ifndef MV_CLI_REPORT_PAGE_MODEL_H
#define MV_CLI_REPORT_PAGE_MODEL_H

#include "cli/report/survey.h"
#include "cli/report/tally.h"

/*
 * Fills all but what is about other kinds of reports.  Asks DNS for the records that are to be changed.  Texts live
 * in the arena of the lookup.  MV_ERR_MEMORY, or what DNS came to.
 */
enum mv_code mv_report_page_fill(const struct mv_report_survey *survey, const struct mv_report_tally *tally,
                                 struct mv_page *page_r);

#endif
