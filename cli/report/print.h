/*
 * What was read, for people and for programs.
 */
#ifndef MV_CLI_REPORT_PRINT_H
#define MV_CLI_REPORT_PRINT_H

#include <jansson.h>

#include "cli/report/delivery.h"

enum mv_report_format { MV_FORMAT_TEXT, MV_FORMAT_JSON };

/*
 * One paragraph, or one line of JSON:
 * {"schema":1,"type":"report","kind","file","part","organization","domain","report_id","begin","end","records",
 *  "skipped","messages","passed","outcome","fault","sender":{"trust","domain","why"},"notes":[{"note","element",
 *  "count","line"}]}
 */
bool mv_report_print_result(enum mv_report_format format, const char *file, const struct mv_report_result *result,
                            const struct mv_report_sender *sender, const char *why);
/*
 * One line: "192.0.2.1  12  fail  example.org  ...", or JSON:
 * {"schema":1,"type":"record","source","count","disposition","dkim","spf","header_from","envelope_from",
 *  "reasons":[...],"auth_dkim":[...],"auth_spf":{...} or null}
 */
bool mv_report_print_record(enum mv_report_format format, const struct mv_aggregate_record *record);
/* A time as in "begin"; 0, which is none, is null. NULL without memory. */
json_t *mv_report_json_time(int64_t secs);

#endif
