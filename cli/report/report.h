/*
 * mailvouch report: its subcommands.
 */
#ifndef MV_CLI_REPORT_REPORT_H
#define MV_CLI_REPORT_REPORT_H

#include "cli/exit_code.h"

enum mv_exit mv_report_cmd_alert(int argc, char **argv);
enum mv_exit mv_report_cmd_html(int argc, char **argv);
enum mv_exit mv_report_cmd_purge(int argc, char **argv);
enum mv_exit mv_report_cmd_import(int argc, char **argv);
enum mv_exit mv_report_cmd_read(int argc, char **argv);
enum mv_exit mv_report_cmd_bounce(int argc, char **argv);
enum mv_exit mv_report_cmd_send(int argc, char **argv);
enum mv_exit mv_report_cmd_show(int argc, char **argv);
enum mv_exit mv_report_cmd_status(int argc, char **argv);

#endif
