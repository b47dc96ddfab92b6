/*
 * DNS for the tests of core/ops: text of lines "NAME TYPE DATA", as in a capture
 * file (core/dns/capture.h), which it becomes: so CNAMEs lead on, and a name
 * exists when one below it does.  DATA "!TIMEOUT" (SERVFAIL, REFUSED) is that error, "-" is no
 * record of the type; TYPE "TXT/90000" has a time to live, "TXT/AD" is secure.
 */
#ifndef MV_TESTS_OPS_ZONE_H
#define MV_TESTS_OPS_ZONE_H

#include "core/dns/memo.h"

struct mv_capture;

/* Dies on a fault of the text: it is the test's. */
struct mv_capture *ops_zone_open(const char *zone);
/* Answers all open questions. */
void ops_zone_answer(const struct mv_capture *capture, struct mv_memo *memo);

typedef enum mv_code (*ops_zone_stage)(struct mv_memo *memo, void *context);
/* Runs the stage until it needs nothing more. */
enum mv_code ops_zone_run(const char *zone, struct mv_memo *memo, ops_zone_stage stage, void *context);

#endif
