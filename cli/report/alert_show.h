/*
 * An alert in sentences, and as JSON.
 */
#ifndef MV_CLI_REPORT_ALERT_SHOW_H
#define MV_CLI_REPORT_ALERT_SHOW_H

#include <jansson.h>

#include "cli/report/watch.h"
#include "core/ops/alert_memory.h"

/* On stdout. MV_ERR_MEMORY. */
enum mv_code mv_report_alert_show(const struct mv_report_watch *watch, const struct mv_alert *alert,
                                  enum mv_alert_turn turn);
/* NULL without memory. */
json_t *mv_report_alert_json(const struct mv_report_watch *watch, const struct mv_alert *alert,
                             enum mv_alert_turn turn);

#endif
