/*
 * Where the store of reports is: what the command line says, else the configuration.
 */
#ifndef MV_CLI_REPORT_PLACE_H
#define MV_CLI_REPORT_PLACE_H

#include "core/config/config.h"

/* A path or an address, as mv_db_open() takes it; borrowed from one of the two. given NULL: not said. */
const char *mv_report_place(const struct mv_report_settings *settings, const char *given);

#endif
